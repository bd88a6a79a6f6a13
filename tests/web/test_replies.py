"""Mail from readers on the console: read, noted with one click, and nothing in it can do anything to the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mailsback import a_complaint, a_reply
from readerpages import CLEO, on_the_list, published
from website import NOON, Visitor, Website, a_desk

from alerts.domain.responses import Answer
from alerts.domain.staff import Role
from alerts.services import bounces, reading, returning, staffing
from watchers import returned

HOSTILE = '<script>alert(1)</script> "><img src=x> \u202egnp.exe\nWe may go there ourselves.'


@pytest.fixture
def site(tmp_path: Path, database_url: str) -> Iterator[Website]:
    app = a_desk(tmp_path, database_url, VIGIL_MAILBOX__URL=f"maildir:{tmp_path}")
    with Website(app) as site:
        yield site
    app.close()


def comes(site: Website, role: Role = Role.AUTHOR) -> Visitor:
    staff, _ = staffing.add(site.app.store, f"{role}@desk.example", role, now=NOON, name=role.value)
    visitor = site.visitor()
    visitor.cookies["vigil"] = staffing.offer(site.app.store, staff.id, site.app.now())
    return visitor


def arrives(site: Website, mail: bytes) -> str:
    """Answers the id of the mail that waits."""
    returning.take(site.app.store, site.app.queue, returned.parse(f"{hash(mail)}", mail), site.app.now())
    return reading.waiting(site.app.store)[-1].reply.id


def test_a_mail_is_shown_as_text_and_noted_with_one_click(site: Website) -> None:
    who, alert = on_the_list(site), published(site)
    id = arrives(site, a_reply(f"{HOSTILE}\n> Ref 7KQ4", CLEO, subject="<b>Re: Bishkek</b> Ref 7KQ4"))
    with site.app.store.begin() as tx:  # as if it had gone to them
        tx.replies.update(tx.replies.table.c.id == id, alert_id=alert.id)
    ana = comes(site)
    assert "1 mail to read" in ana.get("/today").text
    page = ana.get("/replies")
    assert page.status == 200 and "&lt;script&gt;alert(1)" in page.text and "&lt;b&gt;Re: Bishkek" in page.text
    assert "<script>alert" not in page.text and "\u202e" not in page.text and 'style="' not in page.text
    assert "We may go there ourselves." in ana.get(f"/alerts/{alert.id}").text
    assert ana.post(f"/replies/{id}", {"as": "perhaps"}).status == 400
    assert ana.post(f"/replies/{id}", {"as": "yes"}).location == "/replies"
    with site.app.store.read() as tx:
        [response] = tx.responses.where()
    assert (response.subscriber_id, response.answer) == (who.id, Answer.YES)
    assert "Nothing waits to be read" in ana.get("/replies").text
    assert ana.post(f"/replies/{id}", {"as": "yes"}).status == 409, "somebody was faster"


def test_an_auditor_reads_and_notes_nothing_and_a_stranger_reads_nothing(site: Website) -> None:
    on_the_list(site)
    id = arrives(site, a_reply("Who are you?", CLEO))
    eve = comes(site, Role.AUDITOR)
    page = eve.get("/replies").text
    assert "Who are you?" in page and "Only read" not in page
    assert eve.post(f"/replies/{id}", {"as": "read"}).status == 403
    assert site.visitor().get("/replies").location.startswith("/sign-in")
    assert site.visitor().post(f"/replies/{id}", {"as": "read"}).status == 303
    assert reading.waiting(site.app.store) != []


def test_a_mail_whose_question_is_not_known_can_only_be_read(site: Website) -> None:
    on_the_list(site)
    id = arrives(site, a_complaint(CLEO, message_id="x@desk.example"))
    ana = comes(site)
    page = ana.get("/replies").text
    assert "it is not proven, so nothing was done" in page and 'value="yes"' not in page
    assert ana.post(f"/replies/{id}", {"as": "yes"}).status == 409
    assert ana.post(f"/replies/{id}", {"as": "read"}).status == 303
    assert reading.waiting(site.app.store) == []


def test_a_storm_and_a_mailbox_that_is_shut_are_said_on_the_page(site: Website) -> None:
    people = [on_the_list(site, f"r{n}@mission.example") for n in range(10)]
    with site.app.store.begin() as tx:
        for who in people:
            bounces.rejected(tx, who.id, "550 5.1.1 no such user", NOON)
    returning.judge(site.app.store, NOON)
    claimed = returning.begin(site.app.store, "box", 0, NOON)
    assert claimed
    returning.went(site.app.store, claimed, "the IMAP server cannot be reached: no route.", NOON)
    ana = comes(site)
    page, today = ana.get("/replies").text, ana.get("/today").text
    assert "10 readers at mission.example" in page and "no route" in page
    assert "Two things cannot wait" in today and "mission.example" in today and "no route" in today
