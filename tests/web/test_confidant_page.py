"""The page behind a one-tap link: on a telephone, without an account, and deaf to whoever makes no choice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from browser import Browser
from playwright.sync_api import Page
from readerpages import Forms, dump, reachable
from website import NOON, Visitor, Website, a_desk

from alerts.domain.confidants import Confidant, ConfidantRole
from alerts.domain.deadlines import Deadline, Kind
from alerts.domain.questions import Question, What
from alerts.domain.staff import Role
from alerts.domain.times import at, on
from alerts.services import asking, confidants, deadlines, importing, questions, staffing
from alerts.store.dates import QUESTION

TOMORROW = at("2030-06-02 10:00", "Asia/Bishkek")
CASES = """
fictional: true
source: an exercise
cases:
  - code: KG-1
    country: KG
    answer: trusted-name
    agreed_by: her sister
    people:
      - {name: Aida Sample, forms: [{form: Аида Сампл, language: ru}]}
"""


class Asking:
    """A desk whose hearing is tomorrow at ten, with its lawyer (reads English) and a sister (reads Russian)."""

    def __init__(self, site: Website) -> None:
        self.site, self.app = site, site.app
        self.bek, _ = staffing.add(self.app.store, "bek@desk.example", Role.APPROVER, name="Bek", by=None, now=NOON)
        importing.cases(self.app.store, CASES, by=self.bek, now=NOON)
        self.hearing = deadlines.enter(
            self.app.store, "KG-1", Kind.HEARING, TOMORROW, by=self.bek, now=NOON - timedelta(days=9),
            court="Pervomaisky district court",
        )  # fmt: skip
        self.lawyer = self.knows(ConfidantRole.LAWYER, "en")
        self.sister = self.knows(ConfidantRole.FAMILY, "ru", phone="")
        self.app.now.now = TOMORROW.instant - timedelta(hours=14, minutes=50)
        questions.ask_due(self.app.store, self.app.queue, self.app.now())

    def knows(self, role: ConfidantRole, language: str, **given: str) -> Confidant:
        kept = {"name": "N. Sample", "email": f"{role}@example.org", "phone": "+996 555 123456"} | given
        return confidants.add(self.app.store, "KG-1", role, language=language, by=self.bek, now=NOON, **kept)

    def question(self, of: Confidant) -> Question:
        with self.app.store.read() as tx:
            return tx.questions.where(QUESTION.c.confidant_id == of.id, by=QUESTION.c.asked_at)[-1]

    def link(self, of: Confidant) -> str:
        return asking.link(self.app.vault, "http://x", self.question(of)).removeprefix("http://x")

    def date(self) -> Deadline:
        with self.app.store.read() as tx:
            return tx.deadlines.get(self.hearing.id)

    def comes(self) -> Visitor:
        visitor = self.site.visitor()
        visitor.cookies["vigil"] = staffing.offer(self.app.store, self.bek.id, self.app.now())
        return visitor


@pytest.fixture
def asks(tmp_path: Path, database_url: str) -> Iterator[Asking]:
    app = a_desk(tmp_path, database_url, VIGIL_DESK__ZONE="Asia/Bishkek")
    with Website(app) as site:
        yield Asking(site)
    app.close()


def test_the_page_is_light_runs_no_script_and_names_nobody(asks: Asking) -> None:
    for who in (asks.lawyer, asks.sister):
        answer = asks.site.visitor().get(asks.link(who))
        assert answer.status == 200 and len(answer.body) < 30_000
        assert "<script" not in answer.text and "script-src" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        title = re.findall(r"<title>(.*)</title>", answer.text)[0]
        for word in ("Aida", "Аида", "Сампл", "KG-1"):
            assert word not in answer.text and word not in title
        assert "A. S." in answer.text and " checked" not in answer.text
        sheet = re.findall(r'href="(/static/desk[^"]*)"', answer.text)[0]
        assert len(answer.body) + len(asks.site.visitor().get(sheet).body) < 30_000


def test_a_robot_that_opens_every_link_and_presses_every_button_changes_nothing(asks: Asking) -> None:
    mail = [asks.link(asks.lawyer), asks.link(asks.sister)]
    before, robot, forms = dump(asks.site), asks.site.visitor(), 0
    for link in reachable(asks.site, mail):
        for method in ("GET", "HEAD", "OPTIONS"):
            assert robot.ask(method, link).status < 500
        for method, action, fields in Forms.of(robot.get(link).text):
            forms += 1
            for sent in (fields, {}, fields | {"text": "x"}, fields | {"day": "2030-06-03"}):
                assert (robot.post(action or link, sent) if method == "post" else robot.get(action)).status < 500
    for link in mail:
        assert robot.post(link).status == 400
    assert forms >= 2
    assert dump(asks.site) == before


def test_the_lawyer_moves_the_date_and_may_think_again(asks: Asking) -> None:
    link, phone = asks.link(asks.lawyer), asks.site.visitor()
    said = phone.post(link, {"answer": "moved", "day": "2030-06-03", "hour": "09:30"})
    assert said.status == 200 and "3 June 2030, 09:30" in said.text and "is told now" in said.text
    assert asks.date().when == at("2030-06-03 09:30", "Asia/Bishkek") and asks.date().confirmed
    assert "confirmed by the lawyer" in asks.comes().get(f"/dates/{asks.hearing.id}").text
    assert "You told us on" in phone.get(link).text and "it was moved" in phone.get(link).text
    phone.post(link, {"answer": "yes"})
    assert asks.date().when == TOMORROW


def test_the_familys_date_is_checked_first(asks: Asking) -> None:
    link = asks.link(asks.sister)
    said = asks.site.visitor().post(link, {"answer": "moved", "day": "2030-06-03", "hour": "09:30"})
    assert "Мы проверим" in said.text
    assert not asks.date().confirmed
    assert "не подтверждено" in asks.comes().get("/today?lang=ru").text


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"answer": "moved", "hour": "09:30"}, "the day as well"),
        ({"answer": "yes", "day": "2030-06-03"}, "choose “moved” as well"),
        ({"answer": "moved", "day": "2030-05-01"}, "over already"),
        ({"answer": "no"}, "choose one"), ({"answer": "not then"}, "choose one"), ({"seen": "dead"}, "choose one"),
        ({"answer": "yes", "text": "x" * 501}, "at most 500"),
    ],
)  # fmt: skip
def test_a_slip_is_one_sentence_and_changes_nothing(asks: Asking, form: dict[str, str], why: str) -> None:
    before = dump(asks.site)
    answer = asks.site.visitor().post(asks.link(asks.lawyer), form)
    assert answer.status == 400 and why in answer.text
    assert dump(asks.site) == before


def test_a_changed_date_closes_the_page(asks: Asking) -> None:
    app, link = asks.app, asks.link(asks.lawyer)
    deadlines.adjourn(app.store, app.queue, ("en",), asks.hearing.id, reason="", by=asks.bek, now=app.now())
    page = asks.site.visitor().get(link)
    assert page.status == 200 and "has changed since we asked" in page.text and "<form" not in page.text
    assert asks.site.visitor().post(link, {"answer": "yes"}).status == 409


def test_every_flaw_has_the_same_words_and_guessing_is_slowed_down(asks: Asking) -> None:
    good, guesser = asks.link(asks.lawyer), asks.site.visitor()
    answers = [guesser.get(good[:-1] + letter) for letter in "xyzwv"]
    assert {a.status for a in answers} == {404} and len({a.text for a in answers}) == 1
    assert guesser.get(good + "x").status == 403
    assert guesser.get(good).status == 200


@pytest.mark.parametrize("language", ["en", "ru"])
def test_other_questions_have_pages_of_their_own(asks: Asking, language: str) -> None:
    app, ends = asks.app, on("2030-06-20", "Asia/Bishkek")
    period = deadlines.enter(app.store, "KG-1", Kind.APPEAL_END, ends, by=asks.bek, now=app.now())
    with app.store.begin() as tx:
        assert questions.remind_lawyer(tx, app.queue, period, "T-5d", app.now()) == 1
    link = f"{asks.link(asks.lawyer)}?lang={language}"
    page = asks.site.visitor().get(link).text
    assert page.count('type="radio"') == 3 and "2030" in page and " checked" not in page
    assert asks.site.visitor().post(link, {"answer": "moved", "day": "2030-06-21"}).status == 400
    assert asks.site.visitor().post(link, {"answer": "no"}).status == 200
    app.now.go_on(hours=2)
    questions.ask(app.store, app.queue, asks.sister.id, What.SEEN, by=asks.bek, now=app.now())
    link = asks.link(asks.sister)
    assert asks.site.visitor().get(link).text.count('type="radio"') == 4
    assert asks.site.visitor().post(link, {"answer": "yes"}).status == 400
    assert asks.site.visitor().post(link, {"seen": "unwell"}).status == 200
    today = asks.comes().get(f"/today?lang={language}").text
    assert ("not filed yet" if language == "en" else "ещё не подана") in today
    assert ("seen: not well" if language == "en" else "состояние плохое") in today


def test_what_they_say_is_on_today_and_goes_when_somebody_has_rung(asks: Asking) -> None:
    asks.site.visitor().post(asks.link(asks.lawyer), {"answer": "moved", "seen": "refused"})
    staff = asks.comes()
    page = staff.get("/today").text
    assert "it was moved, to when is not known" in page and "not let in" in page
    assert staff.post(f"/questions/{asks.question(asks.lawyer).id}/handled", {"back": "/today"}).location == "/today"
    assert "not let in" not in staff.get("/today").text


def test_staff_add_ask_and_end_a_confidant_on_the_case(asks: Asking) -> None:
    staff = asks.comes()
    form = {"role": "lawyer", "name": "M. Sample", "phone": "+996 555 654321", "language": "ru"}
    assert staff.post("/cases/KG-1/confidants/new", form | {"role": ""}).status == 400
    path = staff.post("/cases/KG-1/confidants/new", form).location
    assert staff.post(f"{path}/ask", {"what": "seen"}).location == path
    page = staff.get(path).text
    link = re.findall(r"http://localhost:8080(/tell/[^\s<]*)", page)[0]
    assert "sms:+996555654321" in page and "Короткий вопрос" in page
    asks.site.visitor().post(link, {"seen": "well"})
    assert "seen: well" in staff.get("/cases/KG-1").text and "seen: well" in staff.get(path).text
    assert staff.post(f"{path}/said", {}).status == 400
    assert staff.post(f"{path}/said", {"seen": "unwell"}).location == path
    assert staff.post(f"{path}/end").location == path
    assert "M. Sample" not in staff.get("/cases/KG-1").text
    assert asks.site.visitor().get(link).status == 404


@pytest.mark.parametrize(("role", "said"), [("lawyer", "is told now"), ("sister", "Мы проверим")])
def test_walk_on_a_telephone(asks: Asking, browser: Browser, role: str, said: str) -> None:
    page = browser.phone()
    page.goto(asks.site.url + asks.link(getattr(asks, role)))
    assert not page.locator("#day").is_visible() and not page.locator("input:checked").count()
    _fits(page)
    page.locator("[value=moved]").check()
    page.locator("#day").fill("2030-06-03")
    page.locator("#hour").fill("09:30")
    page.locator("[value=refused]").check()
    _fits(page)
    page.locator("main button").click()
    assert said in page.locator("main").inner_text()
    page.locator(".do a").click()
    assert page.locator(".done").is_visible() and not page.locator("input:checked").count()
    _fits(page)
    assert not browser.complaints


def test_walk_in_the_console(asks: Asking, browser: Browser) -> None:
    hand = asks.knows(ConfidantRole.OTHER, "ru", email="", name="K. Sample")
    questions.ask(asks.app.store, asks.app.queue, hand.id, What.SEEN, by=asks.bek, now=asks.app.now())
    asks.site.visitor().post(asks.link(asks.lawyer), {"answer": "moved", "seen": "refused", "text": "the van was gone"})
    cookie = {"name": "vigil", "value": asks.comes().cookies["vigil"], "url": asks.site.url}
    for language in ("en", "ru"):
        for page in (browser.desktop(), browser.phone()):
            page.context.add_cookies([cookie])
            for path in (
                "/today", "/cases/KG-1", f"/dates/{asks.hearing.id}", f"/confidants/{hand.id}",
                f"/confidants/{asks.lawyer.id}", "/cases/KG-1/confidants/new",
            ):  # fmt: skip
                page.goto(f"{asks.site.url}{path}?lang={language}")
                _fits(page)
    assert not browser.complaints


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
