"""The court card on the page of its date, and what readers choose beside it: in forms and in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser import Browser
from builders import a_subscriber, a_subscription
from website import NOON, Visitor, Website, a_desk

from alerts.domain import times
from alerts.domain.card import Phones
from alerts.domain.deadlines import Kind
from alerts.domain.staff import Role, Staff
from alerts.services import courtcards, deadlines, importing, staffing, subscribing
from alerts.services.links import Purpose

CASE = "cases: [{code: KG-1, country: KG, fictional: yes, answer: all-subscribers, agreed_by: her sister}]"
SOON, LATER = (times.at(f"2030-06-{day} 09:00", "Asia/Bishkek") for day in ("12", "14"))


@dataclass
class Desk:
    site: Website
    ana: Staff
    bek: Staff
    eve: Staff
    id: str

    def comes(self, staff: Staff) -> Visitor:
        visitor = self.site.visitor()
        visitor.cookies["vigil"] = staffing.offer(self.site.app.store, staff.id, NOON)
        return visitor


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    app = a_desk(tmp_path, VIGIL_DESK__ZONE="Asia/Bishkek")
    roles = {"ana": Role.AUTHOR, "bek": Role.APPROVER, "eve": Role.AUDITOR}
    ana, bek, eve = (
        staffing.add(app.store, f"{name}@desk.example", role, now=NOON, name=name.title())[0]
        for name, role in roles.items()
    )
    importing.cases(app.store, CASE, by=ana, now=NOON)
    hearing = deadlines.enter(app.store, "KG-1", Kind.HEARING, SOON, by=bek, now=NOON, court="Pervomaisky court")
    with Website(app) as site:
        yield Desk(site, ana, bek, eve, hearing.id)
    app.close()


def test_a_card_is_written_looked_at_and_taken_back(desk: Desk) -> None:
    page, ana = f"/dates/{desk.id}", desk.comes(desk.ana)
    said = {"entrance": "from the yard", "room": "4", "late": "20", "phones": "taken", "judge": "<b>B.</b>"}
    assert ana.post(f"{page}/card", said).location == page
    shown = ana.get(page).text
    assert "phones are taken at the door" in shown and "starts 20 minutes late" in shown
    assert "&lt;b&gt;B." in shown and "<b>B." not in shown
    assert "written by Ana" in shown
    assert ana.post(f"{page}/card", dict.fromkeys(said, "")).location == page
    assert "phones are taken" not in ana.get(page).text.partition("<form")[0]
    written = courtcards.read(desk.site.app.store, desk.id)
    assert written and not written.card


def test_a_slip_keeps_what_was_typed_and_changes_nothing(desk: Desk) -> None:
    refused = desk.comes(desk.ana).post(f"/dates/{desk.id}/card", {"entrance": "from the yard", "late": "soon"})
    assert refused.status == 400
    assert "are no minutes" in refused.text and 'value="from the yard"' in refused.text
    assert courtcards.read(desk.site.app.store, desk.id) is None


def test_who_only_reads_can_write_no_card(desk: Desk) -> None:
    eve = desk.comes(desk.eve)
    assert "/card" not in eve.get(f"/dates/{desk.id}").text
    assert eve.post(f"/dates/{desk.id}/card", {"entrance": "x"}).status == 403


def test_a_date_that_was_moved_asks_whether_its_card_is_still_right(desk: Desk) -> None:
    app, page, bek = desk.site.app, f"/dates/{desk.id}", desk.comes(desk.bek)
    said = {"entrance": "from the yard"}
    bek.post(f"{page}/card", said)
    assert "is it still right?" not in bek.get(page).text
    deadlines.reschedule(app.store, app.queue, app.render.languages, desk.id, LATER, reason="", by=desk.bek, now=NOON)
    assert "is it still right?" in bek.get(page).text
    assert bek.post(f"{page}/card", said).status == 303  # the same words, looked at again
    assert "is it still right?" not in bek.get(page).text


def test_a_card_is_written_and_a_reader_chooses_in_a_browser(desk: Desk, browser: Browser) -> None:
    app, site = desk.site.app, desk.site
    reader = a_subscriber("jan@mission.example", confirmed_at=NOON, created_at=NOON)
    with app.store.begin() as tx:
        tx.subscribers.add(reader)
        tx.subscriptions.add(a_subscription(reader))
    for n, page in enumerate((browser.desktop(), browser.phone())):
        session = {"name": "vigil", "value": staffing.offer(app.store, desk.ana.id, NOON), "url": site.url}
        page.context.add_cookies([session])
        page.goto(f"{site.url}/dates/{desk.id}")
        page.locator("summary", has_text="card").click()
        page.get_by_label("Entrance").fill(f"from the yard {n}")
        page.get_by_label("Telephones").select_option("taken")
        page.get_by_role("button", name="Keep the card").click()
        page.get_by_text(f"entrance from the yard {n}").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        written = courtcards.read(app.store, desk.id)
        assert written and written.card.phones is Phones.TAKEN
        page.goto(f"{site.url}/preferences/{subscribing.token(app.vault, Purpose.PREFERENCES, reader.id, NOON)}")
        if not n:
            page.get_by_text("More, if you like").click()
        page.get_by_role("combobox", name="Kyrgyzstan").select_option("the next day" if n else "in two days")
        page.get_by_label("two weeks before").set_checked(not n)
        page.get_by_role("button", name="Keep this").click()
        page.get_by_role("status").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        with app.store.read() as tx:
            found = tx.subscribers.get(reader.id)
        assert (found.reach, found.rungs) == (("KG next day", "") if n else ("KG two days", "T-14d"))
        page.get_by_role("link", name="Русский").click()
        page.get_by_text("Как скоро Вы можете быть на месте?").wait_for()
    assert browser.complaints == []
