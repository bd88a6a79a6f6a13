"""Counted dates in the console: what happened and the two questions, both dates, and the answers that come later."""

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
from alerts.domain.deadlines import Kind
from alerts.domain.staff import Role, Staff
from alerts.services import importing, staffing
from alerts.store.dates import DEADLINE

CASES = """
fictional: true
source: an exercise
cases:
  - code: KZ-1
    country: KZ
    answer: trusted-name
    agreed_by: her sister
    people:
      - {name: Aida Sample, forms: [{form: Аида Сампл, language: ru}]}
      - {name: Bolot Sample}
      - {name: Nura Sample, role: relative}
    facts:
      - {text: Her sister was questioned, source: her sister, sensitive: yes}
  - code: TJ-1
    country: TJ
    answer: trusted-name
    agreed_by: his brother
    people:
      - {name: Said Sample}
    facts:
      - {text: He was tried behind closed doors, source: his brother}
"""
VERDICT = {"happened": "verdict", "day": "2030-05-30", "zone": "Asia/Almaty", "custody": "yes"}


@dataclass
class Desk:
    app: App
    site: Website
    bek: Staff
    ana: Staff

    def comes(self, staff: Staff) -> Visitor:
        visitor = self.site.visitor()
        visitor.cookies["vigil"] = staffing.offer(self.app.store, staff.id, self.app.now())
        return visitor

    def sits(self, page: Page, staff: Staff) -> None:
        secret = staffing.offer(self.app.store, staff.id, self.app.now())
        page.context.add_cookies([{"name": "vigil", "value": secret, "url": self.site.url}])

    def dates(self) -> list:
        with self.app.store.read() as tx:
            return tx.deadlines.where(by=DEADLINE.c.id)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    app = a_desk(tmp_path, VIGIL_DESK__ZONE="Asia/Bishkek")
    bek, _ = staffing.add(app.store, "bek@desk.example", Role.APPROVER, now=NOON, name="Bek")
    ana, _ = staffing.add(app.store, "ana@desk.example", Role.AUTHOR, now=NOON, name="Ana")
    importing.cases(app.store, CASES, by=bek, now=NOON)
    with Website(app) as site:
        yield Desk(app, site, bek, ana)
    app.close()


def test_a_verdict_is_counted_for_each_person_apart_and_again_once_the_copy_is_there(desk: Desk) -> None:
    bek, where = desk.comes(desk.bek), "/cases/KZ-1/counted/new"
    asks = bek.get(where).text
    assert "In custody?" in asks and "When was the copy handed over?" in asks and "Nura Sample" not in asks
    refused = bek.post(where, VERDICT)
    assert refused.status == 400 and "Say who of the case" in refused.text and 'value="2030-05-30"' in refused.text
    assert desk.dates() == []
    person = re.findall(r'name="person" value="(\w+)"', asks)[0]
    made = bek.post(where, VERDICT | {"person": person})
    assert made.status == 200 and "What the law says besides" in made.text and "KZ-CRIM-FORCE" in made.text
    [appeal] = desk.dates()
    assert (appeal.kind, appeal.person_id, f"{appeal.when.last}") == (Kind.APPEAL_END, person, "2030-06-14")
    page = bek.get(f"/dates/{appeal.id}").text
    assert "nobody has said when the copy was handed over" in page and "how this was counted" in page
    later = {"custody": "yes", "copy_day": "2030-06-05", "copy_hour": "10:00"}
    assert bek.post(f"/dates/{appeal.id}/answers", later).status == 303
    [appeal] = desk.dates()
    assert f"{appeal.outer.last}" == "2030-06-20"
    assert "at the latest 20 June 2030" in bek.get("/cases/KZ-1").text
    assert "Aida Sample ·" in re.sub("<[^>]*>", "", bek.get("/cases/KZ-1").text)
    too_early = bek.post(f"/dates/{appeal.id}/answers", {"custody": "yes", "copy_day": "2030-05-01"})
    assert too_early.status == 400 and "cannot have been handed over before" in too_early.text
    assert "Appeal period ends" not in bek.get("/cases/KZ-1?as=everyone").text


def test_what_is_only_recalled_says_so_everywhere_and_is_never_over(desk: Desk) -> None:
    ana = desk.comes(desk.ana)
    made = ana.post("/cases/TJ-1/counted/new", {"happened": "verdict", "day": "2030-05-30", "zone": "Asia/Dushanbe"})
    assert "unverified – ask the lawyer" in made.text
    assert "unverified – ask the lawyer" in ana.get("/cases/TJ-1").text
    assert "unverified – ask the lawyer" in ana.get(f"/dates/{desk.dates()[0].id}").text
    past = {"happened": "verdict", "day": "2030-03-01", "zone": "Asia/Dushanbe"}
    assert "nothing that we know says that the period is over" in ana.post("/cases/TJ-1/counted/new", past).text


def test_an_international_clock_is_set_without_a_case(desk: Desk) -> None:
    ana = desk.comes(desk.ana)
    assert "INT-OSCE" in ana.get("/counted/new").text
    assert ana.post("/counted/new", {"day": "2030-05-30", "zone": "Europe/Vienna"}).status == 400
    sent = {"rule": "INT-OSCE", "day": "2030-05-30", "zone": "Europe/Vienna", "title": "Question on a fictional case"}
    assert ana.post("/counted/new", sent).status == 200
    [answer] = desk.dates()
    assert (answer.kind, f"{answer.when.last}", answer.title) == (
        Kind.ANSWER, "2030-06-09", "Question on a fictional case",
    )  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_walk_from_the_verdict_to_how_it_was_counted(
    desk: Desk, browser: Browser, size: str, language: str, tmp_path: Path
) -> None:
    page = getattr(browser, size)()
    desk.sits(page, desk.bek)
    page.goto(f"{desk.site.url}/cases/KZ-1?lang={language}")
    page.locator('a[href="/cases/KZ-1/counted/new"]').click()
    page.locator('input[name="happened"][value="verdict"]').check(force=True)
    page.locator('input[name="day"]').fill("2030-05-30")
    page.locator('label:has(input[name="person"])').first.click()
    page.locator('input[name="custody"][value="yes"]').check(force=True)
    page.locator('input[name="copy_day"]').fill("2030-06-01")
    picture(page, f"new-{size}-{language}")
    page.locator("main form button.primary").click()
    expect(page.locator("ul.todo.dates > li")).to_have_count(1)
    picture(page, f"counted-{size}-{language}")
    page.locator("ul.todo.dates a.button").click()
    page.locator("#counted summary").first.click()
    expect(page.locator("#counted")).to_contain_text("CPC 418(1)")
    picture(page, f"date-{size}-{language}")
    page.goto(f"{desk.site.url}/cases/KZ-1")
    page.locator("ul.dates summary").first.click()
    picture(page, f"case-{size}-{language}")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing sticks out sideways"
    assert browser.complaints == []


def picture(page: Page, name: str) -> None:
    """Where VIGIL_PICTURES names a folder, what was seen is kept for people to look at."""
    import os

    if folder := os.environ.get("VIGIL_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
