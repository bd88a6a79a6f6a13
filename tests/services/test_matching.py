"""The index follows what changes, and signals of before are looked at again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from watched import ADMIN, AUTHOR, NOW, add, watching_desk

from alerts.bootstrap import App
from alerts.domain.cases import Case, Person
from alerts.domain.errors import Forbidden
from alerts.domain.staff import Role
from alerts.domain.triage import Handled
from alerts.domain.watching import Item, Poll, Source, Tier
from alerts.services import casework, matching, rematching, triage, visiting, watching
from alerts.store import Tx

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[App]:
    app = watching_desk(tmp_path, database_url)
    yield app
    app.close()


@pytest.fixture
def source(desk: App) -> Source:
    add(desk)
    first = next(s for s in watching.listing(desk.store) if s.title == "News")
    visiting.record(desk.store, first, Poll(), NOW, [])
    return first


def brings(desk: App, source: Source, *titles: str) -> None:
    with desk.store.read() as tx:
        known = tx.signals.count()
    items = tuple(Item(f"guid-{known + n}", title) for n, title in enumerate(titles))
    visiting.record(desk.store, source, Poll(items), LATER, [])


def follow(tx: Tx, *names: str) -> None:
    """A new case with these people, as an import adds it."""
    tx.cases.add(Case("c3", "KG-3", "KG", created_at=LATER))
    tx.people.add(*(Person(f"p3{n}", "c3", n, name) for n, name in enumerate(names)))
    matching.changed(tx)


def again(desk: App) -> int:
    return rematching.again(desk.store, by=AUTHOR, now=LATER, rules=[], since=LATER)


def test_the_index_is_built_anew_only_when_something_changed(desk: App, source: Source) -> None:
    with desk.store.read() as tx:
        first = matching.index(tx)
    brings(desk, source, "Weather")
    with desk.store.read() as tx:
        assert matching.index(tx) is first
    with desk.store.begin() as tx:
        follow(tx, "Gulnora Karimova")
    with desk.store.read() as tx:
        assert matching.index(tx) is not first
        assert [hit.person_id for hit in matching.index(tx).find("Гульнару Каримову")] == ["p30"]


def test_who_is_in_a_closed_case_is_not_found_any_more(desk: App) -> None:
    with desk.store.read() as tx:
        assert len(matching.index(tx).find("Азимжаном Аскаровым")) == 1
    casework.close(desk.store, "KG-1", by=AUTHOR, now=NOW)
    with desk.store.read() as tx:
        assert matching.index(tx).find("Азимжаном Аскаровым") == []


def test_an_inflected_name_waits_and_says_how_sure_it_is(desk: App, source: Source) -> None:
    brings(desk, source, "Суд над Азимжаном Аскаровым", "Об Азимжоне Асқарове", "Аскаровым: «Азимжан Каримов, Аскаров»")
    waiting = {seen.signal.title: seen for seen in triage.waiting(desk.store)}
    (sure,) = waiting["Суд над Азимжаном Аскаровым"].matches
    assert (sure.tier, sure.words, sure.form) == (Tier.SURE, "Азимжаном Аскаровым", "Азимжан Аскаров")
    (likely,) = waiting["Об Азимжоне Асқарове"].matches
    assert likely.tier is Tier.LIKELY
    assert len(waiting) == 2


def test_what_only_may_name_somebody_says_so(desk: App, source: Source) -> None:
    with desk.store.begin() as tx:
        follow(tx, "Акмаль Аскаров")
    brings(desk, source, "А. Аскаров выступил")
    (seen,) = triage.waiting(desk.store)
    assert [match.tier for match in seen.matches] == [Tier.PERHAPS, Tier.PERHAPS]
    assert seen.verdict.because.startswith("may name ")


def test_not_them_is_learnt_and_can_be_taken_back(desk: App, source: Source) -> None:
    brings(desk, source, "Азимжон Аскаров забил гол", "Азимжан Аскаров тоже")
    for seen in triage.waiting(desk.store):
        triage.mark(desk.store, seen.signal.id, Handled.NOT_THEM, by=AUTHOR, now=LATER)
    brings(desk, source, "Азимжоном Аскаровым довольны", "Азимжаном Аскаровым тоже")
    (sunk,) = triage.waiting(desk.store)
    assert [(match.words, match.tier) for match in sunk.matches] == [("Азимжаном Аскаровым", Tier.PERHAPS)]
    with desk.store.read() as tx:
        marked = [verdict.signal_id for verdict in tx.verdicts.where() if verdict.handled is Handled.NOT_THEM]
    for id in marked:
        triage.mark(desk.store, id, Handled.WAITING, by=AUTHOR, now=LATER)
    brings(desk, source, "Азимжаном Аскаровым гордятся")
    assert {match.tier for seen in triage.waiting(desk.store)[:1] for match in seen.matches} == {Tier.SURE}


def test_signals_of_before_are_matched_with_the_people_of_a_new_case(desk: App, source: Source) -> None:
    brings(desk, source, "Гульнора Каримова задержана", "Погода")
    assert triage.waiting(desk.store) == []
    with desk.store.begin() as tx:
        follow(tx, "Гульнара Каримова", "Gulnora Karimova")
    assert again(desk) == 1
    (seen,) = triage.waiting(desk.store)
    assert (seen.signal.title, seen.matches[0].case_code) == ("Гульнора Каримова задержана", "KG-3")
    assert again(desk) == 0, "what is known is not news"


def test_what_a_person_decided_stands_when_signals_are_matched_again(desk: App, source: Source) -> None:
    brings(desk, source, "Азимжан Аскаров и Гульнара Каримова")
    (seen,) = triage.waiting(desk.store)
    decided = triage.mark(desk.store, seen.signal.id, Handled.DISMISSED, by=AUTHOR, now=LATER)
    with desk.store.begin() as tx:
        follow(tx, "Гульнара Каримова")
    assert again(desk) == 1
    after = triage.get(desk.store, seen.signal.id)
    assert after.verdict == decided
    assert {match.person_name for match in after.matches} == {"Azimjan Askarov", "Гульнара Каримова"}


def test_old_signals_are_left_and_who_only_reads_may_not_ask(desk: App, source: Source) -> None:
    brings(desk, source, "Гульнара Каримова")
    with desk.store.begin() as tx:
        follow(tx, "Гульнара Каримова")
    later = LATER + timedelta(days=8)
    assert rematching.again(desk.store, by=ADMIN, now=later, rules=[], days=7) == 0
    with pytest.raises(Forbidden):
        rematching.again(desk.store, by=replace(AUTHOR, role=Role.AUDITOR), now=LATER, rules=[])
