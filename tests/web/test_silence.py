"""What we wait to hear, on the pages of a case and of today."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser import Browser
from playwright.sync_api import Page, expect
from website import NOON, Visitor, Website, a_desk

from alerts.bootstrap import App
from alerts.domain import times
from alerts.domain.deadlines import Kind
from alerts.domain.silence import Awaited, named
from alerts.domain.staff import Role, Staff
from alerts.services import deadlines, importing, silence, staffing

CASES = """
fictional: true
source: an exercise
cases:
  - code: KG-1
    country: KG
    answer: trusted-name
    agreed_by: her sister
    detention: {place: pre-trial prison No. 1, town: Bishkek}
    people:
      - {name: Aida Sample, forms: [{form: Аида Сампл, language: ru}]}
  - code: KG-2
    country: KG
    people: [{name: Kanat Sample}]
"""


@dataclass
class Desk:
    app: App
    site: Website
    ana: Staff
    eve: Staff

    def comes(self, staff: Staff) -> Visitor:
        visitor = self.site.visitor()
        visitor.cookies["vigil"] = staffing.offer(self.app.store, staff.id, self.app.now())
        return visitor

    def goes_on(self, **span: float) -> None:
        self.app.now.go_on(**span)  # type: ignore[attr-defined]
        silence.listen(self.app.store, self.app.queue, self.app.now())

    def id(self, awaited: Awaited, code: str = "KG-1") -> str:
        with self.app.store.read() as tx:
            case = next(case for case in tx.cases.where() if case.code == code)
        return named(awaited, case.id)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    app = a_desk(tmp_path, VIGIL_DESK__ZONE="Asia/Bishkek")
    ana, _ = staffing.add(app.store, "ana@desk.example", Role.AUTHOR, now=NOON, name="Ana")
    staffing.add(app.store, "bek@desk.example", Role.APPROVER, now=NOON, name="Bek")
    eve, _ = staffing.add(app.store, "eve@desk.example", Role.AUDITOR, now=NOON, name="Eve")
    importing.cases(app.store, CASES, by=ana, now=NOON)
    hold = times.at("2030-06-03 18:00", "Asia/Bishkek")
    deadlines.enter(app.store, "KG-2", Kind.HOLD, hold, by=ana, now=NOON)
    with Website(app) as site:
        desk = Desk(app, site, ana, eve)
        desk.goes_on()
        yield desk
    app.close()


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def test_a_case_says_what_is_waited_for_and_when_silence_is_an_alarm(desk: Desk) -> None:
    page = words(desk.comes(desk.ana).get("/cases/KG-1").text)
    assert "If we hear nothing" in page and "the lawyer has not seen the client" in page
    assert "no news since" in page and "who must act: whoever is at the desk" in page
    page = words(desk.comes(desk.ana).get("/cases/KG-2").text)
    assert "nothing is heard from the court" in page, "before the clock has run out"
    for reader in ("trusted", "all", "everyone"):
        assert "If we hear nothing" not in desk.comes(desk.ana).get(f"/cases/KG-1?as={reader}").text


def test_staff_say_how_often_and_who_must_act(desk: Desk) -> None:
    ana = desk.comes(desk.ana)
    form = {"seen": "yes", "days": "3", "hours": "8", "once": "", "who": desk.ana.id, "note": "sister: +996 555"}
    assert ana.post("/cases/KG-1/silence", form).location == "/cases/KG-1#silence"
    page = words(ana.get("/cases/KG-1").text)
    assert "they have not checked in" in page and "who must act: Ana" in page and "sister: +996 555" in page
    assert ana.post("/cases/KG-1/silence", {"hours": ""}).status == 303
    assert "silence raises no alarm" in words(ana.get("/cases/KG-1").text)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"hours": "eight"}, "is no number"),
        ({"once": "2030-01-01 10:00"}, "over already"),
        ({"once": "tonight"}, "is not a time"),
        ({"hours": "9999"}, "at most 90 days"),
        ({"hours": "8", "who": "nobody"}, "works here no more"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_what_was_typed(desk: Desk, form: dict[str, str], said: str) -> None:
    answer = desk.comes(desk.ana).post("/cases/KG-1/silence", form)
    assert answer.status == 400 and said in answer.text
    value = next(iter(form.values()))
    assert f'value="{value}"' in answer.text


def test_today_names_what_was_not_heard_who_must_act_and_the_next_step(desk: Desk) -> None:
    ana = desk.comes(desk.ana)
    desk.goes_on(days=8)
    ana = desk.comes(desk.ana)
    page = ana.get("/today").text
    said = words(page)
    assert "the lawyer has not seen the client" in said and "ring the lawyer" in said
    assert "since custody should have ended" in said and "unverified, ask the lawyer" in said
    assert "who must act: Ana" in said and "expired" not in said
    assert "it should be over" not in said, "one row a date"
    assert "Three things cannot wait" in page
    for code in ("KG-1", "KG-2"):
        assert ana.post(f"/silences/{desk.id(Awaited.SEEN, code)}/heard", {"back": "/today"}).location == "/today"
    with desk.app.store.read() as tx:
        [court] = tx.silences.where(tx.silences.table.c.awaited == Awaited.COURT)
    assert ana.post(f"/silences/{court.id}/later", {"back": "//evil.example"}).location == "/today"
    assert "Nothing needs you now" in ana.get("/today").text
    desk.goes_on(hours=12)
    ana = desk.comes(desk.ana)
    assert "One thing cannot wait" in ana.get("/today").text


def test_pressed_twice_it_says_that_somebody_was_faster(desk: Desk) -> None:
    desk.goes_on(days=8)
    ana, path = desk.comes(desk.ana), f"/silences/{desk.id(Awaited.SEEN)}/later"
    assert ana.post(path).status == 303
    again = ana.post(path)
    assert again.status == 409 and "somebody has put it off" in again.text


def test_an_auditor_sees_the_alarm_and_no_button(desk: Desk) -> None:
    desk.goes_on(days=8)
    eve = desk.comes(desk.eve)
    page = eve.get("/today").text
    assert "the lawyer has not seen the client" in page and "/silences/" not in page
    assert eve.post(f"/silences/{desk.id(Awaited.SEEN)}/heard").status == 403
    assert eve.post("/cases/KG-1/silence", {"hours": "8"}).status == 403


@pytest.mark.timeout(120)
def test_on_a_phone_without_a_script_the_alarm_is_answered(desk: Desk, browser: Browser) -> None:
    desk.goes_on(days=8)
    for page in (browser.desktop(java_script_enabled=False), browser.phone(java_script_enabled=False)):
        enters(desk, page)
        page.goto(f"http://localhost:{desk.site.port}/cases/KG-1")
        page.get_by_text("What is to be heard, and who must act").click()
        page.get_by_label("They check in every so many hours").fill("8")
        page.get_by_label("Who must act?").select_option("Ana")
        page.get_by_role("button", name="Keep this").nth(0).click()
        expect(page.get_by_text("they have not checked in")).to_be_visible()
    page.goto(f"http://localhost:{desk.site.port}/today")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    row = page.get_by_role("listitem").filter(has_text="Aida Sample").filter(has_text="the lawyer has not seen")
    row.get_by_role("button", name="The lawyer saw them").click()
    expect(row).to_have_count(0)
    assert browser.complaints == []


def enters(desk: Desk, page: Page) -> None:
    cookie = staffing.offer(desk.app.store, desk.ana.id, desk.app.now())
    page.context.add_cookies([{"name": "vigil", "value": cookie, "url": f"http://localhost:{desk.site.port}"}])
