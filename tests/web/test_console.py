"""The rooms of the staff, on a real port: each shows real data, refuses who may not, and changes nothing when read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from website import NOON, Answer, Visitor, Website, a_desk

from alerts.bootstrap import App
from alerts.domain import times
from alerts.domain.alerts import Alert, State
from alerts.domain.deadlines import Kind
from alerts.domain.staff import Role, Staff
from alerts.domain.watching import Health, Item, Poll, Source
from alerts.services import alerting, casework, deadlines, importing, staffing, visiting
from alerts.services.alerting import Text
from alerts.services.ids import new_id
from alerts.store import tables
from alerts.store.tables import metadata

HOSTILE = 'Задержана Аида Сампл <script>alert(1)</script> "><img src=x onerror=alert(2)>'
TITLE = "Bishkek: A. Sample taken, no lawyer inside – call today"
CASES = """
fictional: true
source: an exercise
cases:
  - code: KG-1
    country: KG
    answer: trusted-name
    agreed_by: her sister
    wanted: {publicity: no, missions: yes, visits: yes}
    people:
      - {name: Aida Sample, forms: [{form: Аида Сампл, language: ru}]}
      - {name: Nura Sample, role: relative}
    events:
      - {kind: arrest, date: 2030-05-31 22:40, text: Taken from home, source: her sister}
      - {kind: warned, date: {text: in spring, from: 2030-03, to: 2030-05}, text: Warned to stop}
    facts:
      - {text: Her sister was questioned, source: her sister, sensitive: yes}
    asks:
      - Ask the ministry where she is
      - {text: Make a public statement, needs: publicity}
"""
READERS = """email,name,organisation,kind,language,countries,cases,topics,kinds,cadence
one@embassy.example,One,Embassy A,diplomat,en,KG,,,,immediate
two@ngo.example,Two,House B,ngo,ru,KG;KZ,,,,daily
"""


@dataclass
class Desk:
    app: App
    site: Website
    ana: Staff
    bek: Staff
    eve: Staff
    draft: Alert
    hearing: str
    signals: list[str]

    def comes(self, staff: Staff) -> Visitor:
        visitor = self.site.visitor()
        visitor.cookies["vigil"] = staffing.offer(self.app.store, staff.id, self.app.now())
        return visitor

    def counts(self) -> dict[str, int]:
        with self.app.store.read() as tx:
            return {
                table.name: tx.conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for table in metadata.sorted_tables
            }

    def rooms(self) -> list[str]:
        id = self.draft.id
        return [
            "/today", "/signals", "/signals/aside", "/cases", "/cases?q=%D0%90%D0%B8%D0%B4%D0%B0",
            "/cases/KG-1", "/cases/KG-1?as=everyone",
            "/cases/KG-1/dates/new", "/dates/new", f"/dates/{self.hearing}", "/cases/KG-1/appeal", "/alerts",
            "/alerts?which=open", f"/alerts/{id}", f"/alerts/{id}?language=ru", f"/alerts/{id}/edit",
            f"/alerts/{id}/edit?language=de&preview=text", f"/alerts/{id}/mail?language=en", "/subscribers",
            "/subscribers?which=all", "/subscribers?address=one@embassy.example", "/settings", "/settings?check=yes",
        ]  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Desk]:
    app = a_desk(tmp_path, database_url, VIGIL_DESK__ZONE="Asia/Bishkek")
    store, now = app.store, NOON
    ana, _ = staffing.add(store, "ana@desk.example", Role.AUTHOR, now=now, name="Ana")
    bek, _ = staffing.add(store, "bek@desk.example", Role.APPROVER, now=now, name="Bek")
    eve, _ = staffing.add(store, "eve@desk.example", Role.AUDITOR, now=now, name="Eve")
    importing.cases(store, CASES, by=ana, now=now)
    importing.subscribers(store, app.queue, READERS, by=bek, now=now, vetted=True)
    importing.subscribers(store, app.queue, READERS.replace("two@", "three@"), by=bek, now=now)
    soon = times.at("2030-06-02 09:00", "Asia/Bishkek")
    hearing = deadlines.enter(store, "KG-1", Kind.HEARING, soon, by=ana, now=now, court="Pervomaisky court")
    text = Text(TITLE, "She was taken from her home.", asks=("Ask the ministry where she is",))
    draft = alerting.draft(store, "KG-1", text, language="en", by=ana, now=now)
    alerting.edition(store, draft.id, "ru", Text("Бишкек: задержана А. Сампл", "Её увезли."), by=ana, now=now)
    source = Source(new_id(now), "https://news.example/rss", "News", health=Health.OK, worked_at=now, created_at=now)
    with store.begin() as tx:
        tx.sources.add(source)
    items = (Item("1", HOSTILE, "javascript:alert(3)", "<b>x</b>", "ru"), Item("2", "Аида Сампл: суд", "", "", "ru"))
    visiting.record(store, source, Poll(items), now, [])
    with store.read() as tx:
        signals = [signal.id for signal in tx.signals.where(by=tables.SIGNAL.c.fingerprint)]
    with Website(app) as site:
        yield Desk(app, site, ana, bek, eve, draft, hearing.id, signals)
    app.close()


def test_each_room_opens_with_real_data_and_reading_changes_nothing(desk: Desk) -> None:
    visitors = [desk.comes(who) for who in (desk.ana, desk.bek, desk.eve)]
    before = desk.counts()
    for visitor in visitors:
        for room in desk.rooms():
            answer = visitor.get(room)
            assert answer.status == 200, f"{room}: {answer.status}"
            assert 'style="' not in answer.text or "/mail" in room, room
    assert desk.counts() == before


def test_no_room_opens_to_who_is_not_signed_in(desk: Desk) -> None:
    for room in desk.rooms():
        answer = desk.site.visitor().get(room)
        assert (answer.status, answer.location.partition("?")[0]) == (303, "/sign-in"), room


def test_a_room_speaks_russian(desk: Desk) -> None:
    page = desk.comes(desk.bek).get("/today?lang=ru").text
    assert "Новости о наших людях" in page and "News on our people" not in page


def test_today_says_how_many_things_cannot_wait_and_the_next_step(desk: Desk) -> None:
    bek = desk.comes(desk.bek)
    page = bek.get("/today").text
    assert "One thing cannot wait" in page and "not confirmed: nobody is told" in page
    assert "<mark>Аида Сампл</mark>" in page
    alerting.submit(desk.app.store, desk.draft.id, by=desk.ana, now=desk.app.now())
    page = bek.get("/today").text
    assert "Two things cannot wait" in page and "Read and decide" in page
    assert "Read and decide" not in desk.comes(desk.ana).get("/today").text


def test_a_hostile_headline_is_shown_as_it_was_written_and_its_link_leads_nowhere(desk: Desk) -> None:
    bek = desk.comes(desk.bek)
    for room in ("/today", "/signals"):
        page = bek.get(room).text
        assert "<script>alert" not in page and "<img" not in page and "javascript:" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    made = bek.post(f"/signals/{desk.signals[0]}/use")
    assert made.status == 303
    for path in (made.location, made.location.partition("/edit")[0]):
        page = bek.get(path).text
        assert "<script>alert" not in page and "<img" not in page and "&lt;script&gt;" in page


def test_every_form_is_refused_from_elsewhere(desk: Desk) -> None:
    bek = desk.comes(desk.bek)
    before = desk.counts()
    posts = [
        path.format(code="KG-1", id=desk.draft.id)
        for route in desk.site.site.routes
        for path, methods in _routes(route)
        if "POST" in methods and path.startswith(("/cases", "/alerts", "/dates", "/signals", "/subscribers"))
    ]
    assert len(posts) >= 25
    for path in posts:
        for headers in ({}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"}):
            assert bek.post(path, {"answer": "everyone"}, headers=headers).status == 403, path
    assert desk.counts() == before


def test_an_author_sees_no_way_to_approve_their_own_text(desk: Desk) -> None:
    ana, bek = desk.comes(desk.ana), desk.comes(desk.bek)
    page = f"/alerts/{desk.draft.id}"
    assert ana.post(f"{page}/submit").location == page
    assert f"{page}/approve" not in ana.get(page).text
    assert f"{page}/approve" in bek.get(page).text
    assert ana.post(f"{page}/approve", {"seen": _seen(bek.get(page))}).status == 403
    assert "/submit" not in desk.comes(desk.eve).get(page).text


def test_exactly_the_text_that_was_read_is_approved_and_sent(desk: Desk) -> None:
    ana, bek, page = desk.comes(desk.ana), desk.comes(desk.bek), f"/alerts/{desk.draft.id}"
    ana.post(f"{page}/submit")
    seen = _seen(bek.get(page))
    ana.post(f"{page}/edit", {"language": "en", "title": TITLE, "body": "Changed meanwhile.", "do": "ask"})
    refused = bek.post(f"{page}/approve", {"seen": seen})
    assert refused.status == 409 and "changed since you opened it" in refused.text
    assert bek.post(f"{page}/approve", {"seen": _seen(bek.get(page))}).status == 303
    assert "Send to 2 subscribers" in ana.get(page).text
    assert ana.post(f"{page}/publish", {"when": "now"}).status == 303
    assert alerting.status(desk.app.store, desk.draft.id).alert.state is State.PUBLISHING
    told = ana.get(page).text
    assert "2 still to go" in told and "one@embassy.example" not in told


def test_a_text_goes_out_later_on_the_clock_that_was_named(desk: Desk) -> None:
    ana, bek, page = desk.comes(desk.ana), desk.comes(desk.bek), f"/alerts/{desk.draft.id}"
    ana.post(f"{page}/submit")
    bek.post(f"{page}/approve", {"seen": _seen(bek.get(page))})
    later = {"when": "later", "day": "2030-06-03", "hour": "09:30", "zone": "Asia/Bishkek"}
    refused = ana.post(f"{page}/publish", later | {"zone": "Asia/Nowhere"})
    assert refused.status == 400 and "Asia/Nowhere" in refused.text and "2030-06-03" in refused.text
    assert ana.post(f"{page}/publish", later).status == 303
    at = alerting.status(desk.app.store, desk.draft.id).alert.publish_at
    assert at == times.at("2030-06-03 09:30", "Asia/Bishkek").instant


def test_what_may_be_said_is_answered_on_the_page_of_the_case(desk: Desk) -> None:
    ana = desk.comes(desk.ana)
    refused = ana.post("/cases/KG-1/say", {"answer": "everyone", "agreed_by": ""})
    assert refused.status == 400 and "Say who agreed to it" in refused.text
    assert ana.post("/cases/KG-1/say", {"answer": "everyone", "agreed_by": "she herself"}).location == "/cases/KG-1"
    assert casework.get(desk.app.store, "KG-1").answer == "everyone"
    public = ana.get("/cases/KG-1?as=everyone").text
    assert "Aida Sample" in public and "Taken from home" in public
    assert "Nura" not in public and "sister was questioned" not in public
    assert desk.comes(desk.eve).post("/cases/KG-1/say", {"answer": "only-us"}).status == 403


def test_what_may_not_be_said_or_asked_cannot_be_ticked(desk: Desk) -> None:
    ana = desk.comes(desk.ana)
    whole = casework.file(desk.app.store, "KG-1")
    page = ana.get("/cases/KG-1/appeal").text
    assert page.count(" disabled") == 2 and "only us, cannot be used" in page and "not wanted in this case" in page
    form = {"language": "en", "title": "Typed title", "body": "Typed body", "ask": whole.asks[1].id}
    refused = ana.post("/cases/KG-1/appeal", form)
    assert refused.status == 400 and "not wanted" in refused.text and "Typed body" in refused.text
    secret = next(fact for fact in whole.facts if fact.sensitive)
    assert ana.post("/cases/KG-1/appeal", form | {"ask": "", "fact": secret.id}).status == 400
    made = ana.post("/cases/KG-1/appeal", form | {"ask": whole.asks[0].id, "fact": whole.facts[0].id, "do": "save"})
    assert made.status == 303 and made.location.endswith("/edit?language=en")
    assert "Typed title" in ana.get(made.location).text


def test_a_date_is_set_confirmed_moved_and_reported(desk: Desk) -> None:
    ana, bek, page = desk.comes(desk.ana), desk.comes(desk.bek), f"/dates/{desk.hearing}"
    assert f"{page}/confirm" not in ana.get(page).text
    assert ana.post(f"{page}/confirm").status == 403
    assert bek.post(f"{page}/confirm").location == page
    wrong = {"day": "2030-02-30", "hour": "10:00", "zone": "Asia/Bishkek", "reason": "her lawyer said so"}
    refused = bek.post(f"{page}/move", wrong)
    assert refused.status == 400 and "her lawyer said so" in refused.text
    assert bek.post(f"{page}/move", wrong | {"day": "2030-06-01", "hour": "19:30"}).status == 303
    assert "Who comes?" in bek.get("/today").text
    assert bek.post(f"{page}/held", {"outcome": ""}).status == 400
    assert bek.post(f"{page}/held", {"outcome": "She was released."}).status == 303
    assert "Nothing needs you now" in bek.get("/today").text
    vague = {
        "kind": "verdict",
        "claim": "mid-June",
        "first": "2030-06-10",
        "last": "2030-06-20",
        "zone": "Asia/Bishkek",
    }
    made = ana.post("/cases/KG-1/dates/new", vague)
    assert made.status == 303 and "mid-June" in ana.get(made.location).text


def test_a_withdrawal_wants_the_person_warned_first_and_does_not_say_the_name(desk: Desk) -> None:
    ana, bek, page = desk.comes(desk.ana), desk.comes(desk.bek), f"/alerts/{desk.draft.id}"
    ana.post(f"{page}/submit")
    bek.post(f"{page}/approve", {"seen": _seen(bek.get(page))})
    bek.post(f"{page}/publish", {"when": "now"})
    assert f"{page}/withdraw" not in ana.get(page).text and f"{page}/withdraw" in bek.get(page).text
    assert bek.post(f"{page}/withdraw").status == 400
    out = bek.post(f"{page}/withdraw", {"warned": "yes"})
    assert out.status == 303
    mail = bek.get(f"{out.location}/mail?language=en")
    assert "Sample" not in mail.text and "sandbox" in (mail.headers["Content-Security-Policy"] or "")


def test_a_subscriber_is_trusted_once_we_have_spoken_to_them(desk: Desk) -> None:
    ana, bek = desk.comes(desk.ana), desk.comes(desk.bek)
    page = bek.get("/subscribers?which=waiting").text
    id = page.partition("/confirm?which=")[0].rpartition("/subscribers/")[2]
    assert "three@ngo.example" in page and "/vet" not in ana.get("/subscribers?which=all").text
    assert bek.post(f"/subscribers/{id}/confirm?which=waiting").status == 303
    assert "We have spoken to them" in bek.get("/subscribers").text
    assert ana.post(f"/subscribers/{id}/vet").status == 403
    assert bek.post(f"/subscribers/{id}/vet").status == 303
    assert bek.post(f"/subscribers/{id}/stop", {"reason": ""}).status == 400
    assert bek.post(f"/subscribers/{id}/stop", {"reason": "they asked us by phone"}).status == 303
    page = bek.get("/subscribers?which=stopped").text
    assert "they asked us by phone" in page and "suppressed" not in page
    assert (
        "/lift" not in ana.get("/subscribers?which=stopped").text and ana.post(f"/subscribers/{id}/lift").status == 403
    )
    assert bek.post(f"/subscribers/{id}/lift").status == 303
    assert "three@ngo.example" not in bek.get("/subscribers?which=stopped").text


def test_staff_decide_about_readers_who_have_been_silent(desk: Desk) -> None:
    ana, bek = desk.comes(desk.ana), desk.comes(desk.bek)
    with desk.app.store.begin() as tx:
        tx.subscribers.update(tables.SUBSCRIBER.c.confirmed_at.is_not(None), asked_at=NOON - timedelta(days=181))
        count = tx.subscribers.count(tables.SUBSCRIBER.c.confirmed_at.is_not(None))
    assert f"{count} readers have been silent" in bek.get("/subscribers?which=trusted").text
    page = bek.get("/subscribers?which=silent").text
    ids = [part.rpartition("/subscribers/")[2] for part in page.split("/keep?which=")[:-1]]
    assert len(ids) == count and "silent since" in page
    assert "/keep" not in ana.get("/subscribers?which=silent").text
    assert ana.post(f"/subscribers/{ids[0]}/keep?which=silent").status == 403
    assert bek.post(f"/subscribers/{ids[0]}/keep?which=silent").status == 303
    assert bek.post(f"/subscribers/{ids[1]}/stop?which=silent", {"reason": "silent since we asked"}).status == 303
    page = bek.get("/subscribers?which=silent").text
    assert f"/subscribers/{ids[0]}/" not in page and f"/subscribers/{ids[1]}/" not in page


def test_news_that_is_not_them_can_be_put_back(desk: Desk) -> None:
    ana, id = desk.comes(desk.ana), desk.signals[1]
    assert ana.post(f"/signals/{id}/not-them").status == 303
    assert f"/signals/{id}/use" not in ana.get("/today").text
    assert ana.post(f"/signals/{id}/use").status == 409
    assert ana.post(f"/signals/{id}/back").status == 303
    assert f"/signals/{id}/use" in ana.get("/today").text


def test_a_late_clock_is_said_in_words(desk: Desk) -> None:
    deadlines.confirm(desk.app.store, desk.app.queue, ["en"], desk.hearing, by=desk.bek, now=NOON)
    desk.app.now.go_on(hours=20)  # type: ignore[attr-defined]
    assert "the clock stands still" in desk.comes(desk.bek).get("/today").text
    assert desk.app.now() - NOON == timedelta(hours=20)


def _seen(page: Answer) -> str:
    return page.text.partition('name="seen" value="')[2].partition('"')[0]


def _routes(route: object) -> Iterator[tuple[str, set[str]]]:
    """FastAPI keeps the rooms of an included router in a route of their own."""
    inner = getattr(getattr(route, "original_router", None), "routes", None) or getattr(route, "routes", None)
    if inner:
        for each in inner:
            yield from _routes(each)
    elif getattr(route, "methods", None):
        yield route.path, route.methods  # type: ignore[attr-defined]
