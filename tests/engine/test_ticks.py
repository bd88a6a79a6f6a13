"""Ticks that have no other home: what is forgotten, and what staff are told by mail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import an_alert
from servers import MailServer
from website import NOON, Visitor, Website, a_desk

from alerts.bootstrap import App
from alerts.domain.alerts import Edition, State
from alerts.domain.delivery import Blocked
from alerts.domain.relays import Use
from alerts.domain.responses import Answer
from alerts.domain.staff import Role
from alerts.engine import ticks
from alerts.engine.letters import send_letters
from alerts.services import importing, relays, relaysetup, responding, staffing
from alerts.services.relaysetup import Given

HEADER = "email,name,organisation,kind,language,countries,cases,topics,kinds,cadence\n"
READER = f"{HEADER}r@embassy.example,,,ngo,en,KG,,,,\n"


@pytest.fixture
def app(tmp_path: Path, database_url: str, mail_server: MailServer) -> Iterator[App]:
    app = a_desk(tmp_path, database_url, VIGIL_SMTP__URL=mail_server.url)
    yield app
    app.close()


async def test_staff_get_the_letter_through_the_relay_that_takes_mail(app: App, mail_server: MailServer) -> None:
    cleo, _ = staffing.add(app.store, "cleo@desk.example", Role.ADMIN, now=NOON)
    staffing.notices(app.store, cleo.email, True, by=cleo, now=NOON)
    relaysetup.add(app.store, app.settings, "second", "postfix", Given(sender="desk@desk.example"), by=cleo, now=NOON)
    with app.store.begin() as tx:
        blocked = Blocked("550 5.4.5 Daily user sending limit exceeded", app.now().replace(hour=18))
        relays.refused(tx, relays.get(tx, app.settings, "second"), blocked, NOON)
    await ticks.staff_told(app, NOON)
    assert await send_letters(app)
    [mail] = mail_server.messages
    assert mail.recipients == (cleo.email,)
    assert "The mail server second takes no mail from us" in mail.text and "/today" in mail.text
    await ticks.staff_told(app, NOON)
    assert not await send_letters(app)


async def test_old_hours_of_relays_and_old_answers_are_forgotten_and_counted_on_the_page(app: App) -> None:
    cleo, _ = staffing.add(app.store, "cleo@desk.example", Role.ADMIN, now=NOON)
    importing.subscribers(app.store, app.queue, READER, by=cleo, now=NOON, vetted=True)
    alert = an_alert(state=State.PUBLISHED, published_at=NOON, reference="7KQ4", case_id=None)
    with app.store.begin() as tx:
        tx.alerts.add(alert)
        tx.editions.add(Edition("e1", alert.id, 0, "en", "Bishkek: taken", body="She was taken."))
        tx.uses.add(Use("main", NOON, 7))
        responding.noted(tx, None, tx.subscribers.where()[0], alert, Answer.CALL_ME, "+996 …", NOON)
    app.now.go_on(days=61)  # type: ignore[attr-defined]
    await ticks.forgetting(app, app.now())
    with app.store.read() as tx:
        assert (tx.uses.count(), tx.responses.count()) == (0, 0)
    with Website(app) as site:
        visitor: Visitor = site.visitor()
        visitor.cookies["vigil"] = staffing.offer(app.store, cleo.id, app.now())
        page = " ".join(visitor.get(f"/alerts/{alert.id}").text.split())
    assert "Who answered is forgotten by now; how many they were: call me: 1" in page
    assert "+996" not in page and "embassy.example" not in page
