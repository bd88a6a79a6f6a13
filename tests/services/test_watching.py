"""Sources come in, what is new at them becomes signals with a verdict, and people decide on those."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from watched import ADMIN, AUTHOR, CSV, NOW, add, watching_desk

from alerts.bootstrap import App
from alerts.domain.errors import Conflict, Forbidden, Invalid
from alerts.domain.refusals import Refused
from alerts.domain.staff import Role
from alerts.domain.triage import Handled, Rule, Then
from alerts.domain.watching import Cursor, Health, Item, Poll, Source, Tier
from alerts.services import rules, triage, visiting, watching
from alerts.settings import Triage

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[App]:
    app = watching_desk(tmp_path, database_url)
    yield app
    app.close()


def source(desk: App) -> Source:
    """The first of the file, with a visit behind it: what it brings from now on is news."""
    add(desk)
    first = next(s for s in watching.listing(desk.store) if s.title == "News")
    visiting.record(desk.store, first, Poll(), NOW, [])
    return first


def item(n: int, title: str = "", published: datetime | None = None) -> Item:
    return Item(f"guid-{n}", title or f"Title {n}", published=published)


# sources


def test_sources_come_in_by_csv_once(desk: App) -> None:
    assert (add(desk).added, add(desk).known) == (2, 2)
    news = next(s for s in watching.listing(desk.store) if s.title == "News")
    assert (news.country, news.starred, news.local, news.health) == ("KG", True, False, Health.NEW)


def test_of_a_file_with_a_bad_line_nothing_comes_in_unless_partial(desk: App) -> None:
    text = f"{CSV}ftp://bad.example.org,,,\n"
    with pytest.raises(Refused):
        add(desk, text)
    assert watching.listing(desk.store) == []
    assert add(desk, text, partial=True).added == 2


def test_only_an_admin_adds_sources(desk: App) -> None:
    with pytest.raises(Forbidden):
        watching.import_sources(desk.store, CSV, by=AUTHOR, now=NOW)


def test_an_address_on_this_machine_that_an_admin_typed_is_local(desk: App) -> None:
    add(
        desk,
        "url\nhttp://localhost:8000/feed\nhttp://127.0.0.1:8000/feed\nhttp://127.0.0.1.example.org/\nhttp://10.0.0.1/\n",
    )
    assert {s.url for s in watching.listing(desk.store) if s.local} == {
        "http://localhost:8000/feed", "http://127.0.0.1:8000/feed",
    }  # fmt: skip


def test_two_clocks_claim_a_source_once(desk: App) -> None:
    add(desk, "url\n" + "".join(f"https://news.example.org/{n}\n" for n in range(60)))
    with ThreadPoolExecutor(4) as clocks:
        claims = list(clocks.map(lambda _: visiting.due(desk.store, NOW, 20), range(4)))
    claimed = [s.id for claim in claims for s in claim]
    assert (len(claimed), len(set(claimed))) == (60, 60)
    assert visiting.due(desk.store, NOW + timedelta(minutes=9)) == []
    assert len(visiting.due(desk.store, NOW + timedelta(minutes=10))) == 50


# signals


def test_the_same_story_twice_is_one_signal(desk: App) -> None:
    at = source(desk)
    assert visiting.record(desk.store, at, Poll((item(1), item(2))), LATER, []) == 2
    assert visiting.record(desk.store, at, Poll((item(2, "Title 2, corrected"), item(3), item(3))), LATER, []) == 1
    assert len(triage.set_aside(desk.store)) == 4, "and a later version of one"


def test_news_of_our_people_waits_for_a_person_and_the_rest_is_set_aside(desk: App) -> None:
    titles = ("Суд: Азимжан Аскаров", "Weather", "Somebody Else", "On AZIMJAN ASKAROV")
    visiting.record(desk.store, source(desk), Poll(tuple(item(n, t) for n, t in enumerate(titles))), LATER, [])
    waiting = {seen.signal.title: seen for seen in triage.waiting(desk.store)}
    assert set(waiting) == {"Суд: Азимжан Аскаров", "On AZIMJAN ASKAROV"}
    seen = waiting["Суд: Азимжан Аскаров"]
    (named,) = seen.matches
    assert (named.case_code, named.person_name, seen.source_title) == ("KG-1", "Azimjan Askarov", "News")
    assert seen.signal.words[named.start : named.end] == "Азимжан Аскаров"
    assert (seen.signal.country, seen.verdict.because) == ("KG", "names Азимжан Аскаров")
    assert {seen.verdict.because for seen in triage.set_aside(desk.store)} == {"names nobody whom we follow"}


def test_the_first_rule_that_fits_decides(desk: App) -> None:
    rules = [
        Rule("sport", Then.DISMISS, words=frozenset({"football"})),
        Rule("all of KG", Then.HOLD, frozenset({"KG"})),
    ]
    visiting.record(
        desk.store, source(desk), Poll((item(1, "Football: Azimjan Askarov"), item(2, "Weather"))), LATER, rules
    )
    assert [seen.signal.title for seen in triage.waiting(desk.store)] == ["Weather"]
    assert [seen.verdict.because for seen in triage.set_aside(desk.store)] == ["rule “sport”"]


def test_of_a_first_visit_only_the_newest_of_the_last_days_are_news(desk: App) -> None:
    add(desk)
    first = visiting.due(desk.store, NOW)[0]
    old = item(0, "Azimjan Askarov, years ago", NOW - timedelta(days=8))
    many = tuple(item(n, f"Azimjan Askarov {n}", NOW - timedelta(days=1)) for n in range(1, 61))
    assert visiting.record(desk.store, first, Poll((old, *many)), NOW, []) == 50
    assert {seen.verdict.because for seen in triage.set_aside(desk.store)} == {"from before we watched this source"}
    assert len(triage.set_aside(desk.store)) == 11


def test_a_flood_is_taken_in_pieces_and_nothing_of_it_is_lost(desk: App) -> None:
    at = source(desk)
    poll = Poll(tuple(item(n) for n in range(450)), Cursor("e", "m", "b"))
    assert visiting.record(desk.store, at, poll, LATER, []) == 200
    flooded = next(s for s in watching.listing(desk.store) if s.id == at.id)
    assert flooded.reason.startswith("flood: 450 new entries") and flooded.cursor == Cursor()
    assert "Title 449" in {seen.signal.title for seen in triage.set_aside(desk.store, 500)}
    assert [visiting.record(desk.store, at, poll, LATER, []) for _ in range(3)] == [200, 50, 0]
    calm = next(s for s in watching.listing(desk.store) if s.id == at.id)
    assert (calm.reason, calm.cursor) == ("", Cursor("e", "m", "b"))


def test_a_failed_visit_keeps_the_cursor_and_comes_later(desk: App) -> None:
    at = source(desk)
    visiting.record(desk.store, at, Poll(cursor=Cursor("e")), NOW, [])
    visiting.record(desk.store, at, Poll(health=Health.BLOCKED, reason="refuses us", wait=timedelta(hours=3)), NOW, [])
    now_is = next(s for s in watching.listing(desk.store) if s.id == at.id)
    assert (now_is.health, now_is.reason, now_is.failures, now_is.cursor.etag) == (Health.BLOCKED, "refuses us", 1, "e")
    assert now_is.next_poll_at == NOW + timedelta(hours=3)


# rules from the settings


def test_rules_are_read_from_the_settings(desk: App) -> None:
    written = {"name": "arrests", "then": "hold", "countries": ["kg"], "words": ["Арест"], "tier": "sure"}
    settings = replace(desk.settings, triage=Triage((written,), True))
    assert rules.of_settings(settings) == [
        Rule("arrests", Then.HOLD, frozenset({"KG"}), Tier.SURE, frozenset({"арест"}))
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ({"then": "hold"}, "rule 1: give it a name"),
        ({"name": "x"}, "rule 1 “x”: then must be one of dismiss, hold, draft"),
        ({"name": "x", "then": "drop"}, "not “drop”"),
        ({"name": "x", "then": "hold", "country": "KG"}, "there is no key “country”"),
        ({"name": "x", "then": "hold", "countries": ["XX"]}, "“XX” is not a country"),
        ({"name": "x", "then": "hold", "countries": "KG"}, "must be a list"),
        ({"name": "x", "then": "hold", "tier": 1}, "tier must be one of sure, likely, perhaps"),
    ],
)
def test_a_wrong_rule_is_named(desk: App, written: dict[str, object], says: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.of_settings(replace(desk.settings, triage=Triage((written,), True)))
    assert says in str(refusal.value)


# triage by people


def test_a_signal_is_decided_on_once_and_may_be_put_back(desk: App) -> None:
    visiting.record(desk.store, source(desk), Poll((item(1, "Azimjan Askarov"),)), LATER, [])
    signal = triage.waiting(desk.store)[0].signal
    triage.mark(desk.store, signal.id, Handled.NOT_THEM, by=AUTHOR, now=LATER)
    assert triage.waiting(desk.store) == []
    with pytest.raises(Conflict, match="not them"):
        triage.mark(desk.store, signal.id, Handled.DISMISSED, by=ADMIN, now=LATER)
    triage.mark(desk.store, signal.id, Handled.WAITING, by=ADMIN, now=LATER)
    assert triage.get(desk.store, signal.id).verdict.handled_by is None
    with pytest.raises(Invalid, match="for which"):
        triage.mark(desk.store, signal.id, Handled.USED, by=AUTHOR, now=LATER)
    with pytest.raises(Forbidden):
        triage.mark(desk.store, signal.id, Handled.DISMISSED, by=replace(AUTHOR, role=Role.AUDITOR), now=LATER)
    with desk.store.read() as tx:
        assert [e.verb for e in tx.audit.entries()][-2:] == ["signal not them", "signal put back"]
