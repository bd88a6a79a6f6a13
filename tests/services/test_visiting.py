"""What visits leave behind: later versions, stories told twice, sites that rename everything, and outages of ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from watched import NOW, add, watching_desk

from alerts.bootstrap import App
from alerts.domain.alerts import State
from alerts.domain.health import OUR_NETWORK
from alerts.domain.polling import EVERY
from alerts.domain.triage import Rule, Then
from alerts.domain.watching import Cursor, Health, Identity, Item, Poll, Source
from alerts.services import triage, visiting, watching
from alerts.services.visiting import Visit

LATER = NOW + timedelta(hours=1)
TEXT = (
    "Суд в Бишкеке отложил слушание по делу правозащитника до понедельника, сообщили его адвокаты. Наблюдателей в зал "
    "не пустили, хотя заседание было объявлено открытым. Прокурор просит продлить стражу ещё на два месяца, защита "
    "настаивает на домашнем аресте. Азимжан Аскаров остаётся под стражей."
)


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[App]:
    app = watching_desk(tmp_path, database_url)
    yield app
    app.close()


def sources(desk: App, count: int = 2) -> list[Source]:
    """So many, each with a visit behind it: what they bring from now on is news."""
    add(desk, "url,title\n" + "".join(f"https://s{n}.example.org/feed,S{n:03}\n" for n in range(count)))
    visits = [Visit(source, Poll(), NOW) for source in watching.listing(desk.store)]
    visiting.record_all(desk.store, visits, [], EVERY, lambda: 0.5)
    return now(desk)


def now(desk: App) -> list[Source]:
    return sorted(watching.listing(desk.store), key=lambda source: source.title)


def brings(desk: App, at: Source, *items: Item, when: datetime = LATER, rules: list[Rule] | None = None) -> int:
    return visiting.record(desk.store, at, Poll(items, Cursor("e")), when, rules or [])


def waiting(desk: App) -> list[str]:
    return [seen.signal.title for seen in triage.waiting(desk.store)]


def aside(desk: App) -> dict[str, str]:
    return {seen.signal.title: seen.verdict.because for seen in triage.set_aside(desk.store, 500)}


# later versions


def test_a_later_version_is_news_where_it_names_somebody_new(desk: App) -> None:
    at = sources(desk)[0]
    brings(desk, at, Item("1", "Arrest in Osh", text="A man was taken."))
    assert waiting(desk) == []
    brings(desk, at, Item("1", "Arrest in Osh, updated", text="Azimjan Askarov was taken."))
    assert waiting(desk) == ["Arrest in Osh, updated"]
    brings(desk, at, Item("1", "Arrest in Osh, again", text="Azimjan Askarov was taken at night."))
    assert waiting(desk) == ["Arrest in Osh, updated"]
    assert aside(desk)["Arrest in Osh, again"] == "a later version of what was seen, which names nobody new"


def test_a_version_that_was_seen_before_and_one_with_another_counter_are_none(desk: App) -> None:
    at = sources(desk)[0]
    for text in ("one", "two", "one", "two", "one"):
        brings(desk, at, Item("1", f"Title {text}", text="Read 5 times"))
    brings(desk, at, Item("1", "Title one", text="Read 17 times"))
    assert len(aside(desk)) == 2


def test_a_page_that_changes_for_ever_is_kept_ten_times(desk: App) -> None:
    at = sources(desk)[0]
    for letter in "abcdefghijklmno":
        brings(desk, at, Item("1", f"Live: {letter}"))
    assert len(aside(desk)) == 11
    brings(desk, at, Item("1", "Live: Azimjan Askarov"))
    assert waiting(desk) == ["Live: Azimjan Askarov"], "whom it names is news all the same"


# stories


def test_a_story_that_several_sources_tell_waits_once(desk: App) -> None:
    one, two, three = sources(desk, 3)
    brings(desk, one, Item("1", "Суд отложил", "https://a.example.org/1", TEXT))
    brings(desk, two, Item("2", "Слушание отложено", "https://b.example.org/9", TEXT))
    brings(desk, three, Item("3", "Суд", "https://www.a.example.org/1?utm_source=rss", "Азимжан Аскаров: суд"))
    assert waiting(desk) == ["Суд отложил"]
    assert aside(desk) == {
        "Слушание отложено": "the same story as from 1 source before", "Суд": "the same story as from 2 sources before",
    }  # fmt: skip


def test_a_story_that_names_somebody_more_waits_as_well(desk: App) -> None:
    one, two = sources(desk)
    rules = [Rule("all", Then.HOLD)]
    brings(desk, one, Item("1", "Суд", "https://a.example.org/1", "Кто-то"), rules=rules)
    brings(desk, two, Item("2", "Суд: имя", "https://a.example.org/1", "Азимжан Аскаров"), rules=rules)
    assert sorted(waiting(desk)) == ["Суд", "Суд: имя"]


def test_in_one_commit_stories_are_told_apart_too(desk: App) -> None:
    pairs = [(at, Item(str(n), f"T{n}", "https://a.example.org/1", TEXT)) for n, at in enumerate(sources(desk, 3))]
    visits = [Visit(at, Poll((item,)), LATER) for at, item in pairs]
    assert visiting.record_all(desk.store, visits, [], EVERY, lambda: 0.5) == [1, 1, 1]
    assert len(waiting(desk)) == 1


# floods


def test_a_site_that_renames_all_its_items_brings_nothing_new(desk: App) -> None:
    """Seen to fail with fingerprints alone: forty old items were news."""
    at = sources(desk)[0]
    old = [Item(f"guid-{n}", f"Azimjan Askarov {n}", f"https://s0.example.org/{n}") for n in range(40)]
    brings(desk, at, *old)
    first = len(aside(desk)) + len(waiting(desk))
    renamed = [replace(item, fingerprint=f"other-{n}") for n, item in enumerate(old)]
    assert brings(desk, at, *renamed, Item("other-40", "Weather", "https://s0.example.org/40")) == 1
    assert len(aside(desk)) + len(waiting(desk)) == first + 1
    assert "40 of them were seen before" in now(desk)[0].reason


def test_a_million_new_items_are_a_flood_of_two_hundred_an_hour_and_nothing_is_sent(desk: App) -> None:
    at = sources(desk)[0]
    many = [Item(f"x{n}", f"Azimjan Askarov {n}") for n in range(5000)]  # as many as one reading gives at most
    assert brings(desk, at, *many, rules=[Rule("all", Then.DRAFT)]) == 200
    flooded = now(desk)[0]
    assert flooded.reason.startswith("flood: 5000 new entries")
    assert flooded.next_poll_at and flooded.next_poll_at >= LATER + timedelta(hours=1)
    with desk.store.read() as tx:
        [begun] = tx.alerts.where()
        assert (begun.state, begun.writers) == (State.DRAFT, ()) and tx.letters.count() == 0


def test_an_item_without_words_is_no_signal(desk: App) -> None:
    assert brings(desk, sources(desk)[0], Item("1", "")) == 0


# what is written of a source


def test_identity_is_decided_once(desk: App) -> None:
    at = sources(desk)[0]
    visiting.record(desk.store, at, Poll((Item("1", "T"),), identity=Identity.LINK), LATER, [])
    visiting.record(desk.store, at, Poll((Item("2", "T"),), identity=Identity.GUID), LATER, [])
    assert now(desk)[0].habits.identity is Identity.LINK


def test_what_people_set_while_it_was_visited_stays(desk: App) -> None:
    claimed = sources(desk)[0]
    with desk.store.begin() as tx:
        tx.sources.save(replace(claimed, title="S000 renamed", starred=True))
    visiting.record_all(desk.store, [Visit(claimed, Poll(cursor=Cursor("new")), LATER)], [], EVERY, lambda: 0.5)
    found = now(desk)[0]
    assert (found.title, found.starred, found.cursor.etag) == ("S000 renamed", True, "new")


def test_an_address_that_is_watched_already_is_not_taken_over(desk: App) -> None:
    one, two = sources(desk)
    for days in (0, 8):
        visiting.record(desk.store, one, Poll(moved_to=two.url), LATER + timedelta(days=days), [])
    assert [source.url for source in now(desk)] == [one.url, two.url]
    for days in (9, 17):
        there = Poll(moved_to="https://new.example.org/f")
        visiting.record(desk.store, one, there, LATER + timedelta(days=days), [])
    assert now(desk)[0].url == "https://new.example.org/f"


# our own network


def test_an_outage_of_half_an_hour_of_half_the_sources_heals_by_itself(desk: App) -> None:
    """Seen to fail without the look at the others: half the sources were broken for up to an hour more."""
    everybody = sources(desk, 40)
    down = {source.id for source in everybody[:20]}
    clock, end = NOW + EVERY, NOW + timedelta(hours=1, minutes=30)
    out = (NOW + timedelta(minutes=20), NOW + timedelta(minutes=50))
    said = set()
    while clock < end:
        claimed = visiting.due(desk.store, clock, 500)
        away = Poll((), Cursor(), Health.BROKEN, "the server did not answer in time", away=True)
        visits = [Visit(one, away if one.id in down and out[0] <= clock < out[1] else Poll(), clock) for one in claimed]
        for start in range(0, len(visits), 7):  # in pieces, as they end
            visiting.record_all(desk.store, visits[start : start + 7], [], EVERY, lambda: 0.5)
        said |= {source.reason for source in now(desk)}
        if clock >= out[1] + EVERY:
            assert {source.health for source in now(desk)} == {Health.OK}, "a quarter of an hour after its end"
        clock += timedelta(minutes=1)
    assert OUR_NETWORK in said
    assert {source.failures for source in now(desk)} == {0}
    assert all(source.worked_at and source.worked_at >= out[1] for source in now(desk))


def test_one_source_that_is_away_is_its_own_affair(desk: App) -> None:
    everybody = sources(desk, 40)
    away = Poll((), Cursor(), Health.BROKEN, "the server did not answer in time", away=True)
    visits = [Visit(one, away if n == 0 else Poll(), LATER) for n, one in enumerate(everybody)]
    visiting.record_all(desk.store, visits, [], EVERY, lambda: 0.5)
    assert (now(desk)[0].health, now(desk)[0].failures) == (Health.BROKEN, 1)
