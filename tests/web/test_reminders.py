"""What was missed is on Today and on the date's page, with what to do; a case's reminders are set on its page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from browser import Browser
from builders import a_case, a_person, a_subscriber, a_subscription
from website import NOON, Visitor, Website, a_desk

from alerts.bootstrap import App
from alerts.domain import times
from alerts.domain.deadlines import Kind
from alerts.domain.ladders import Fate
from alerts.domain.staff import Role, Staff
from alerts.services import deadlines, laddering, reminding, staffing
from alerts.store.dates import REMINDER
from alerts.store.tables import ALERT


class Down:
    """A desk that was down while a hearing passed."""

    def __init__(self, app: App, site: Website) -> None:
        self.app, self.site = app, site
        case = a_case()
        reader = a_subscriber("one@embassy.example", created_at=NOON)
        self.bek = Staff("bek", "bek@desk.example", "Bek", Role.APPROVER, created_at=NOON)
        with app.store.begin() as tx:
            tx.staff.add(self.bek)
            tx.cases.add(case)
            tx.people.add(a_person(case)[0])
            tx.subscribers.add(reader)
            tx.subscriptions.add(a_subscription(reader))
        when = times.at("2030-06-01 17:30", "Asia/Bishkek")
        entered = when.instant - timedelta(days=30)
        self.hearing = deadlines.enter(app.store, "KG-1", Kind.HEARING, when, by=self.bek, now=entered)
        reminding.remind(app.store, app.queue, app.render.languages, when.instant + timedelta(minutes=5))

    def comes(self) -> Visitor:
        visitor = self.site.visitor()
        visitor.cookies["vigil"] = staffing.offer(self.app.store, self.bek.id, self.app.now())
        return visitor


@pytest.fixture
def down(tmp_path: Path, database_url: str) -> Iterator[Down]:
    app = a_desk(tmp_path, database_url)
    with Website(app) as site:
        yield Down(app, site)
    app.close()


def test_what_was_missed_is_shown_and_readers_are_told_after_all(down: Down) -> None:
    bek, date = down.comes(), f"/dates/{down.hearing.id}"
    assert "Missed, needs a decision" in bek.get("/today").text
    page = bek.get(date).text
    assert "the last reminder did not go out before the date" in page and "Tell them now" in page
    assert bek.post(f"{date}/missed", {"then": ""}).status == 400
    assert bek.post(f"{date}/missed", {"then": "tell"}).status == 303
    with down.app.store.read() as tx:
        [alert] = tx.alerts.where(ALERT.c.deadline_id == down.hearing.id)
        assert (alert.audience, alert.notice and alert.notice.rung) == (1, "T+0h")
    assert "Missed, needs a decision" not in bek.get("/today").text
    assert bek.post(f"{date}/missed", {"then": "leave"}).status == 409


def test_it_may_be_left(down: Down) -> None:
    bek, date = down.comes(), f"/dates/{down.hearing.id}"
    assert bek.post(f"{date}/missed", {"then": "leave"}).status == 303
    with down.app.store.read() as tx:
        assert tx.alerts.where(ALERT.c.deadline_id == down.hearing.id) == []
        assert tx.reminders.count(REMINDER.c.fate == Fate.MISSED) == 0


def test_a_cases_reminders_are_set_on_its_page(down: Down) -> None:
    bek = down.comes()
    assert bek.post("/cases/KG-1/reminders", {"kind": "hearing", "rungs": "10d, 2d"}).status == 303
    assert "T-10d, T-2d" in bek.get("/cases/KG-1").text
    refused = bek.post("/cases/KG-1/reminders", {"kind": "hearing", "rungs": "soon"})
    assert refused.status == 400 and "is no reminder" in refused.text
    bek.post("/cases/KG-1/reminders", {"kind": "hearing", "rungs": ""})
    assert "T-10d, T-2d" not in bek.get("/cases/KG-1").text


def test_the_pages_are_no_wider_than_a_phone(down: Down, browser: Browser) -> None:
    laddering.set_own(down.app.store, "KG-1", Kind.HEARING, ["10d", "3h"], by=down.bek, now=NOON)
    secret = staffing.offer(down.app.store, down.bek.id, down.app.now())
    base = f"http://localhost:{down.site.port}"
    for language in ("en", "ru"):
        for name, page in (("desktop", browser.desktop()), ("phone", browser.phone())):
            page.context.add_cookies([{"name": "vigil", "value": secret, "url": base}])
            for room in ("today", f"dates/{down.hearing.id}", "cases/KG-1"):
                page.goto(f"{base}/{room}?lang={language}")
                page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
                assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (name, room)
