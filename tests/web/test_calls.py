"""A hearing brought forward, as the desk sees it: Today, the call list, the chain on its page; two people at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import deliveries
import pytest
from browser import Browser
from website import NOON, Visitor, Website, a_desk

from alerts.bootstrap import App
from alerts.domain import times
from alerts.domain.calling import How
from alerts.domain.deadlines import Kind, State, Teller
from alerts.domain.delivery import Rejected, Sent
from alerts.domain.staff import Role, Staff
from alerts.services import calling, deadlines, importing, reminding, staffing
from alerts.store.dates import CALL

CASES = """
fictional: true
source: an exercise
cases:
  - code: KG-7
    country: KG
    answer: trusted-name
    agreed_by: her sister
    people:
      - {name: Kanat Sample}
"""
READERS = """email,name,organisation,kind,language,countries,cases,topics,kinds,cadence
one@embassy.example,Jan Example,Embassy A,diplomat,en,KG,,,,immediate
two@ngo.example,Mona Example,House B,ngo,ru,KG,,,,immediate
three@mission.example,,Mission C,diplomat,en,KG,,,,immediate
"""
ZONE = "Asia/Bishkek"
FAR, TOMORROW = times.at("2030-06-09 10:00", ZONE), times.at("2030-06-02 09:00", ZONE)


@dataclass
class Desk:
    app: App
    site: Website
    ana: Staff
    bek: Staff
    hearing: str

    def comes(self, staff: Staff) -> Visitor:
        visitor = self.site.visitor()
        visitor.cookies["vigil"] = staffing.offer(self.app.store, staff.id, self.app.now())
        return visitor

    def mails(self, *outcomes: object) -> None:
        left = list(outcomes)
        while work := deliveries.take(self.app.store, NOON):
            answers = [(mail.n, left.pop(0) if left else Sent()) for mail in work.mails]
            deliveries.record(self.app.store, work, answers, NOON)
            deliveries.finish(self.app.store, work, NOON)


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Desk]:
    app = a_desk(tmp_path, database_url, VIGIL_DESK__ZONE=ZONE)
    ana, _ = staffing.add(app.store, "ana@desk.example", Role.AUTHOR, now=NOON, name="Ana")
    bek, _ = staffing.add(app.store, "bek@desk.example", Role.APPROVER, now=NOON, name="Bek")
    importing.cases(app.store, CASES, by=ana, now=NOON)
    importing.subscribers(app.store, app.queue, READERS, by=bek, now=NOON, vetted=True)
    hearing = deadlines.enter(
        app.store, "KG-7", Kind.HEARING, FAR, by=bek, now=NOON, court="Sverdlovsk court, Bishkek", told_by=Teller.COURT
    )
    reminding.remind(app.store, app.queue, app.render.languages, NOON)
    with Website(app) as site:
        desk = Desk(app, site, ana, bek, hearing.id)
        desk.mails()
        yield desk
    app.close()


def brought_forward(desk: Desk) -> Visitor:
    bek = desk.comes(desk.bek)
    page = f"/dates/{desk.hearing}"
    seen = re.search(r'name="seen" value="(\d+)"', bek.get(page).text)[1]
    form = {
        "day": "2030-06-02", "hour": "09:00", "zone": ZONE, "court": "Pervomaisky court, Bishkek", "told_by": "lawyer",
        "reason": "the judge's holidays", "seen": seen,
    }  # fmt: skip
    assert bek.post(f"{page}/move", form).status == 303
    desk.mails(Sent(), Rejected("550 5.1.1"))
    return bek


def test_a_hearing_brought_forward_opens_a_call_list_that_is_ticked_off(desk: Desk) -> None:
    bek, page = brought_forward(desk), f"/dates/{desk.hearing}"
    today = bek.get("/today").text
    assert "Brought forward" in today and "3 people have the old date" in today
    assert "0 know · 2 mailed, silent · 1 phone only" in today and "Call list (3)" in today
    people = calling.listing(desk.app.store, desk.hearing)[1]
    assert people[0].holder.phone_only
    for number, person in enumerate(people):
        mine = {"who": person.subscriber.id, "seen": "2"}
        assert bek.post(f"{page}/calls/number", mine | {"number": f"+996 312 00000{number}"}).status == 303
        assert f"tel:+99631200000{number}" in bek.get(f"{page}/calls").text
        assert (
            bek.post(f"{page}/calls", mine).status == 422
            or "Say what came of it" in bek.post(f"{page}/calls", mine).text
        )
        assert bek.post(f"{page}/calls", mine | {"how": How.RANG if number else How.WROTE}).status == 303
    assert "Everybody knows." in bek.get(f"{page}/calls").text
    today = bek.get("/today").text
    assert "Call list" not in today and "3 know · 0 mailed, silent · 0 phone only" in today


def test_the_page_of_a_date_shows_what_it_was_and_who_said_so(desk: Desk) -> None:
    page = brought_forward(desk).get(f"/dates/{desk.hearing}").text
    assert "What it was" in page and re.search(r"<s>[^<]*9 June[^<]*10:00", page)
    assert "told by the lawyer" in page and "told by the court" in page
    assert "Sverdlovsk court" in page and "Pervomaisky court" in page


def test_a_change_on_top_of_another_is_refused_with_who_did_it_and_nothing_changes(desk: Desk) -> None:
    brought_forward(desk)
    ana, page = desk.comes(desk.ana), f"/dates/{desk.hearing}"
    for verb in ("move", "relocate", "close", "adjourn", "cancel"):
        form = {"day": "2030-06-20", "hour": "09:00", "zone": ZONE, "court": "Elsewhere", "seen": "1"}
        refused = ana.post(f"{page}/{verb}", form)
        assert (
            refused.status == 409 and "Bek moved it to 2030-06-02 09:00 Asia/Bishkek since you looked" in refused.text
        )
        assert 'name="seen" value="2"' in refused.text  # who looks again sees what stands here now
    with desk.app.store.read() as tx:
        assert tx.deadlines.get(desk.hearing).when == TOMORROW


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"day": "2030-02-30", "hour": "10:00"}, "does not exist"),
        ({"day": "2030-06-20", "hour": "10:00", "zone": "Asia/Nowhere"}, "There is no time zone"),
        ({"claim": "soon", "first": "2030-06-20", "last": "2030-06-10"}, "comes before"),
        ({"day": "2029-06-20", "hour": "10:00"}, "over already"),
        ({"day": "2030-06-09", "hour": "10:00"}, "the date it has already"),
        ({"day": "2030-06-08", "hour": "10:00", "court": "x" * 201}, "longer than 200"),
    ],
)
def test_an_impossible_date_is_refused_in_one_sentence_and_nothing_changes(desk: Desk, typed: dict, said: str) -> None:
    refused = desk.comes(desk.bek).post(f"/dates/{desk.hearing}/move", {"zone": ZONE, "seen": "1"} | typed)
    assert refused.status in (409, 422, 400) and said in refused.text
    with desk.app.store.read() as tx:
        assert (tx.deadlines.get(desk.hearing).revision, tx.was.count()) == (1, 0)


def test_once_its_time_has_passed_today_and_its_page_ask_what_happened(desk: Desk) -> None:
    brought_forward(desk)
    desk.app.now.now = TOMORROW.instant + timedelta(minutes=1)
    bek, page = desk.comes(desk.bek), f"/dates/{desk.hearing}"
    assert "it should be over: what happened?" in bek.get("/today").text
    assert "It should be over: what happened?" in bek.get(page).text
    assert bek.post(f"{page}/held", {"outcome": "adjourned at once", "seen": "2"}).status == 303
    assert "what do those who were there report?" in bek.get("/today").text
    assert bek.post(f"{page}/report", {"report": "Two came."}).status == 303
    assert "Nothing needs you now" in bek.get("/today").text
    with desk.app.store.read() as tx:
        assert tx.deadlines.get(desk.hearing).state is State.REPORTED


@pytest.mark.long
def test_in_a_browser_the_call_list_fits_a_phone_and_is_ticked_by_choosing(desk: Desk, browser: Browser) -> None:
    bek = brought_forward(desk)
    with desk.app.store.read() as tx:
        first = calling.listing(desk.app.store, desk.hearing)[1][0].subscriber.id
    calling.number(desk.app.store, first, "+996 312 000000", by=desk.bek, now=NOON)
    for page in (browser.desktop(), browser.phone()):
        page.context.add_cookies([{"name": "vigil", "value": bek.cookies["vigil"], "url": desk.site.url}])
        for room in ("/today", f"/dates/{desk.hearing}", f"/dates/{desk.hearing}/calls"):
            for language in ("en", "ru"):
                page.goto(f"{desk.site.url}{room}?lang={language}")
                assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), room
    page.goto(f"{desk.site.url}/dates/{desk.hearing}/calls?lang=en")
    page.get_by_role("button", name="Not reached").first.click()
    assert page.get_by_text("not reached at").count() == 1
    page.get_by_role("button", name="Rang: they know").first.click()
    assert "1 know" in page.inner_text("main")
    with desk.app.store.read() as tx:
        assert tx.calls.count(CALL.c.how == How.RANG) == 1
    assert browser.complaints == []


def test_of_what_is_only_expected_today_asks_for_the_date(desk: Desk) -> None:
    soon = times.between("early in June", "2030-06-03", "2030-06-08", ZONE)
    date = deadlines.enter(desk.app.store, "KG-7", Kind.VERDICT, soon, by=desk.bek, now=NOON, expected=True)
    bek = desk.comes(desk.bek)
    assert (
        "only expected" in bek.get("/cases/KG-7").text
        and "I stand for this date" not in bek.get(f"/dates/{date.id}").text
    )
    desk.app.now.now = soon.instant + timedelta(minutes=1)
    reminding.remind(desk.app.store, desk.app.queue, desk.app.render.languages, desk.app.now())
    assert "only expected: has somebody set the date?" in desk.comes(desk.bek).get("/today").text
