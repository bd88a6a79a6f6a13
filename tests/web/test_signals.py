"""The page of the news, on a real port: read, sieved, worked through without losing one's place, and undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from browser import Browser
from website import NOON, Visitor, Website, a_desk

from alerts.bootstrap import App
from alerts.domain import times
from alerts.domain.deadlines import Kind
from alerts.domain.staff import Role, Staff
from alerts.domain.triage import Handled
from alerts.domain.watching import Health, Item, Poll, Source
from alerts.services import deadlines, importing, staffing, triage, visiting
from alerts.services.ids import new_id

CASES = """
fictional: true
source: an exercise
cases:
  - code: KG-1
    country: KG
    people: [{name: Aida Sample, forms: [{form: Аида Сампл, language: ru}]}]
  - code: UZ-2
    country: UZ
    people: [{name: Sherzod Misolov}]
"""


@dataclass
class Desk:
    app: App
    site: Website
    ana: Staff
    bek: Staff
    cleo: Staff

    def comes(self, staff: Staff) -> Visitor:
        visitor = self.site.visitor()
        visitor.cookies["vigil"] = staffing.offer(self.app.store, staff.id, self.app.now())
        return visitor

    def id_of(self, title: str) -> str:
        with self.app.store.read() as tx:
            return next(signal.id for signal in tx.signals.where() if signal.title == title)


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Desk]:
    app = a_desk(tmp_path, database_url, VIGIL_DESK__ZONE="Asia/Bishkek")
    store, now = app.store, NOON
    ana, _ = staffing.add(store, "ana@desk.example", Role.AUTHOR, now=now, name="Ana")
    bek, _ = staffing.add(store, "bek@desk.example", Role.APPROVER, now=now, name="Bek")
    cleo, _ = staffing.add(store, "cleo@desk.example", Role.ADMIN, now=now, name="Cleo")
    importing.cases(store, CASES, by=ana, now=now)
    source = Source(new_id(now), "https://news.example/rss", "News", country="KG", health=Health.OK, worked_at=now)
    with store.begin() as tx:
        tx.sources.add(source)
    for minute, titles in enumerate((("Аида Сампл: 1", "Weather"), ("Sherzod Misolov: 2",), ("Sherzod Misolov: 3",))):
        items = tuple(
            Item(title, title, f"https://news.example/{title[-1]}", f"{title}, суд 9 июня 2030 в 10:00")
            for title in titles
        )
        visiting.record(store, source, Poll(items), now + timedelta(minutes=minute), [])
    with Website(app) as site:
        yield Desk(app, site, ana, bek, cleo)
    app.close()


def test_what_waits_stands_newest_first_and_the_rest_is_not_hidden(desk: Desk) -> None:
    ana = desk.comes(desk.ana)
    page = ana.get("/signals").text
    assert page.index("Misolov</mark>: 3") < page.index("Misolov</mark>: 2") < page.index("Сампл</mark>: 1")
    assert "Weather" not in page and "<mark>Аида Сампл</mark>" in page
    aside = ana.get("/signals/aside").text
    assert "Weather" in aside and "names nobody whom we follow" in aside


def test_news_of_a_case_before_court_rises_with_its_reason(desk: Desk) -> None:
    soon = times.at("2030-06-02 09:00", "Asia/Bishkek")
    deadlines.enter(desk.app.store, "KG-1", Kind.HEARING, soon, by=desk.ana, now=NOON)
    for room in ("/signals", "/today"):
        page = desk.comes(desk.ana).get(room).text
        assert page.index("Сампл</mark>: 1") < page.index("Misolov</mark>: 3")
        assert "court: tomorrow 09:00" in page


def test_the_page_is_sieved_by_case_country_tier_and_source(desk: Desk) -> None:
    ana = desk.comes(desk.ana)
    for query, ours, theirs in (
        ({"case": "UZ-2"}, "Misolov", "Сампл"), ({"case": "KG-1"}, "Сампл", "Misolov</mark>"),
        ({"country": "UZ"}, "Misolov", "Сампл"), ({"tier": "likely"}, "Nothing of that kind", "<mark>"),
        ({"source": "nobody"}, "Nothing of that kind", "<mark>"), ({"tier": "nonsense"}, "Misolov", "Only a part"),
    ):  # fmt: skip
        page = ana.get(f"/signals?{urlencode(query)}").text
        listed = page.partition("<main")[2].partition("</form></details>")[2]
        assert ours in page and theirs not in listed, query
    assert ana.get("/signals?page=0").status == 400


def test_after_a_decision_one_reads_on_where_one_was_and_can_undo_it(desk: Desk) -> None:
    ana, store = desk.comes(desk.ana), desk.app.store
    second, third = desk.id_of("Sherzod Misolov: 2"), desk.id_of("Sherzod Misolov: 3")
    form = {"back": "/signals?country=UZ&page=1&done=old", "next": second}
    answer = ana.post(f"/signals/{third}/dismiss", form)
    assert answer.location == f"/signals?country=UZ&page=1&at={second}&done={third}"
    page = ana.get(answer.location).text
    assert "Dismissed:" in page and f"/signals/{third}/back" in page and "autofocus" in page
    ana.post(f"/signals/{third}/back", {"back": "/signals?at=x"})
    assert triage.get(store, third).verdict.handled is Handled.WAITING


def test_nobody_is_sent_elsewhere_by_a_form(desk: Desk) -> None:
    third = desk.id_of("Sherzod Misolov: 3")
    form = {"back": "//evil.example/signals", "next": '"><script>'}
    location = desk.comes(desk.ana).post(f"/signals/{third}/not-them", form).location
    assert location.startswith("/today") and "<" not in location


def test_a_person_decided_is_said_with_their_name_and_what_was_used_leads_to_its_alert(desk: Desk) -> None:
    ana = desk.comes(desk.ana)
    ana.post(f"/signals/{desk.id_of('Sherzod Misolov: 2')}/not-them")
    assert "not them, says Ana" in ana.get("/signals/aside").text
    made = ana.post(f"/signals/{desk.id_of('Sherzod Misolov: 3')}/use")
    alert = made.location.partition("/edit")[0]
    assert f'href="{alert}"' in ana.get("/signals/used").text
    assert "The news from which you write" in ana.get(made.location).text
    assert ana.post(f"/signals/{desk.id_of('Sherzod Misolov: 3')}/use").status == 409


def test_one_piece_of_news_shows_all_its_text_its_names_and_its_dates(desk: Desk) -> None:
    id = desk.id_of("Аида Сампл: 1")
    ana = desk.comes(desk.ana)
    page = ana.get(f"/signals/{id}").text
    assert "written “Аида Сампл”" in page and "9 June 2030" in page and "Nobody is told of it until" in page
    [date] = triage.get(desk.app.store, id).dates
    added = ana.post(f"/signals/{id}/date", {"proposal": date.id, "case": "KG-1", "kind": "hearing"})
    assert added.location.startswith("/dates/")
    assert "was added" in ana.get(f"/signals/{id}").text
    assert ana.post(f"/signals/{id}/date", {"proposal": date.id, "case": "KG-1", "kind": "hearing"}).status == 409
    assert ana.post(f"/signals/{id}/date", {"proposal": date.id, "case": "KG-1", "kind": "party"}).status == 400
    assert ana.get("/signals/nothing").status == 404


def test_a_pasted_message_is_read_beside_an_empty_draft(desk: Desk) -> None:
    ana = desk.comes(desk.ana)
    kept = ana.post("/signals/paste", {"text": "Увезли: Аида Сампл <b>ночью</b>\nНе называйте меня."})
    page = ana.get(kept.location).text
    assert "only us" in page and "&lt;b&gt;" in page and "pasted by Ana" in page
    id = kept.location.rpartition("/")[2]
    made = ana.post(f"/signals/{id}/use", {"case": "KG-1"})
    page = ana.get(made.location).text
    assert "Не называйте" in page
    assert "Не называйте" not in page.partition("<form")[2].partition('class="seen"')[0]
    alert = made.location.partition("/edit")[0]
    assert "Nothing is written in it yet" in ana.get(alert).text and ana.get("/alerts").status == 200
    assert ana.post(f"{alert}/cancel").status == 303 and ana.get(alert).status == 200
    assert ana.post("/signals/paste", {"text": " "}).status == 400


def test_admins_write_rules_and_others_read_them(desk: Desk) -> None:
    cleo, ana = desk.comes(desk.cleo), desk.comes(desk.ana)
    rule = {"name": "courts <b>", "then": "page", "countries": "KG, UZ", "words": "суд", "starred": "yes"}
    assert cleo.post("/rules", rule).status == 303
    assert cleo.post("/rules", rule | {"name": "second", "starred": ""}).status == 303
    page = cleo.get("/rules").text
    assert "courts &lt;b&gt;" in page and "tell us at once" in page and "starred sources only" in page
    id = page.partition("/rules?id=")[2].partition("#")[0]
    assert 'value="KG, UZ"' in cleo.get(f"/rules?id={id}").text
    assert cleo.post("/rules", rule | {"id": id, "name": "first"}).status == 303
    refused = cleo.post("/rules", rule | {"name": "third", "countries": "Kyrgyzstan"})
    assert refused.status == 400 and "is not a country" in refused.text and 'value="third"' in refused.text
    assert "first" in ana.get("/rules").text and "/remove" not in ana.get("/rules").text
    assert ana.post("/rules", rule | {"name": "mine"}).status == 403
    assert ana.post(f"/rules/{id}/remove").status == 403
    assert cleo.post(f"/rules/{id}/remove").status == 303


def test_it_works_without_a_script_at_the_width_of_a_phone(desk: Desk, browser: Browser) -> None:
    page = browser.phone(java_script_enabled=False)
    base = f"http://localhost:{desk.site.port}"
    secret = staffing.offer(desk.app.store, desk.ana.id, desk.app.now())
    page.context.add_cookies([{"name": "vigil", "value": secret, "url": base}])
    for path in ("/signals", "/signals/aside", "/signals/paste", f"/signals/{desk.id_of('Аида Сампл: 1')}", "/rules"):
        page.goto(f"{base}{path}?lang=ru")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    page.goto(f"{base}/signals")
    page.locator("form[action$='/dismiss'] button").first.click()
    assert page.locator(".done-bar").is_visible() and page.locator("ul.news > li").count() == 2
    page.locator(".done-bar button").click()
    assert page.locator("ul.news > li").count() == 3
    assert browser.complaints == []


def test_a_keyboard_alone_works_through_the_list(desk: Desk, browser: Browser) -> None:
    page = browser.desktop(java_script_enabled=False)
    base = f"http://localhost:{desk.site.port}"
    secret = staffing.offer(desk.app.store, desk.ana.id, desk.app.now())
    page.context.add_cookies([{"name": "vigil", "value": secret, "url": base}])
    page.goto(f"{base}/signals")
    page.locator("form[action$='/dismiss'] button").first.focus()
    for left in (2, 1):
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.locator("ul.news > li").count() == left
        page.wait_for_selector("form[action$='/dismiss'] button:focus")
