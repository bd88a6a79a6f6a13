"""When a source is visited again, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.domain.health import OUR_NETWORK
from alerts.domain.polling import EVERY, after, asks_for_all
from alerts.domain.watching import Cursor, Habits, Health, Item, Poll, Source

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URL = "https://news.example.org/feed"
WORKS = Source("s", URL, health=Health.OK, worked_at=NOW - HOUR, habits=Habits(interval=900, news_at=NOW - DAY))


def refused(health: Health, reason: str = "why", **more: object) -> Poll:
    return Poll((), Cursor(), health, reason, **more)  # type: ignore[arg-type]


def wait(source: Source, poll: Poll, dice: float = 0.5, **more: object) -> timedelta:
    due = after(source, poll, NOW, EVERY, dice, **more).next_poll_at  # type: ignore[arg-type]
    assert due
    return due - NOW


def items(count: int, every: timedelta) -> tuple[Item, ...]:
    return tuple(Item(str(n), f"T{n}", published=NOW - every * (count - n)) for n in range(count))


# how often


def test_a_source_is_visited_at_half_the_time_between_its_items_within_bounds() -> None:
    fresh = replace(WORKS, worked_at=None, habits=Habits())
    for gap, expected in ((60, EVERY), (2400, timedelta(seconds=1200)), (86_400 * 30, HOUR), (0, EVERY)):
        assert wait(fresh, Poll(items(2, HOUR), gap=gap)) == expected, gap


def test_a_starred_source_is_never_visited_more_rarely() -> None:
    starred = replace(WORKS, starred=True, habits=replace(WORKS.habits, gap=86_400))
    assert wait(starred, Poll(items(2, DAY))) == EVERY
    assert wait(starred, Poll(floor=DAY)) == EVERY


def test_where_most_of_the_window_was_new_it_is_visited_as_often_as_may_be() -> None:
    slow = replace(WORKS, habits=replace(WORKS.habits, gap=7200))
    assert wait(slow, Poll(items(10, HOUR)), new=1) == HOUR
    assert wait(slow, Poll(items(10, HOUR)), new=9) == EVERY


def test_the_dice_move_a_visit_by_a_tenth_but_never_before_a_time_that_was_asked_for() -> None:
    assert [wait(WORKS, Poll(), dice) for dice in (0.0, 0.5, 1.0)] == [EVERY * 0.9, EVERY, EVERY * 1.1]
    asked = [wait(WORKS, refused(Health.BLOCKED, wait=3 * HOUR), dice) for dice in (0.0, 1.0)]
    assert asked == [3 * HOUR, 3 * HOUR * 1.1]


def test_what_servers_ask_for_is_kept_to_within_bounds() -> None:
    assert wait(WORKS, Poll(floor=timedelta(minutes=40))) == timedelta(minutes=40)
    assert wait(WORKS, Poll(floor=30 * DAY)) == HOUR, "a lifetime that some program put there"
    assert wait(WORKS, Poll(wait=30 * DAY)) == DAY


def test_everything_is_asked_for_once_a_week() -> None:
    assert not asks_for_all(Habits(), NOW)
    assert not asks_for_all(Habits(whole_at=NOW - 6 * DAY), NOW)
    assert asks_for_all(Habits(whole_at=NOW - 8 * DAY), NOW)


# what fails


def test_a_broken_source_is_asked_ever_more_rarely_and_never_given_up() -> None:
    source, waits = WORKS, []
    for _ in range(200):
        waits.append(wait(source, refused(Health.BROKEN)))
        source = after(source, refused(Health.BROKEN), NOW)
    assert waits[:3] == [EVERY, 2 * EVERY, 3 * EVERY]
    assert waits[-1] == DAY
    assert source.next_poll_at is not None


def test_patience_doubles_where_we_are_turned_away() -> None:
    source, waits = WORKS, []
    for _ in range(6):
        waits.append(wait(source, refused(Health.BLOCKED)))
        source = after(source, refused(Health.BLOCKED), NOW)
    assert waits == [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, DAY]


def test_a_starred_source_that_fails_is_looked_at_once_more_soon() -> None:
    starred = replace(WORKS, starred=True)
    assert wait(starred, refused(Health.BROKEN)) == timedelta(minutes=2)
    assert wait(after(starred, refused(Health.BROKEN), NOW), refused(Health.BROKEN)) == 2 * EVERY


def test_gone_is_believed_when_it_is_said_again_a_day_later() -> None:
    gone = refused(Health.GONE, "the server says that this feed is gone for good (410)")
    first = after(WORKS, gone, NOW)
    assert (first.health, first.next_poll_at) == (Health.BROKEN, NOW + DAY)
    again = after(first, gone, NOW + HOUR)
    assert again.health is Health.BROKEN, "within the day it is one and the same mistake"
    later = after(again, gone, NOW + DAY)
    assert (later.health, later.next_poll_at) == (Health.GONE, NOW + DAY + 7 * DAY)
    assert after(later, gone, NOW + 8 * DAY).health is Health.GONE
    assert after(later, Poll(), NOW + 8 * DAY).health.works


def test_a_failed_visit_keeps_the_cursor_and_one_that_works_forgets_the_failures() -> None:
    source = replace(WORKS, cursor=Cursor("e", "m", "b"), failures=3, health=Health.BROKEN)
    assert after(source, refused(Health.BROKEN), NOW).cursor == Cursor("e", "m", "b")
    well = after(source, Poll(cursor=Cursor("x")), NOW)
    assert (well.cursor.etag, well.failures, well.health, well.worked_at) == ("x", 0, Health.OK, NOW)


def test_in_an_outage_of_ours_nothing_is_held_against_a_source() -> None:
    source = replace(WORKS, habits=replace(WORKS.habits, since=NOW - DAY))
    for n in range(10):
        source = after(source, refused(Health.BROKEN, away=True), NOW + n * HOUR, outage=True)
        assert source.next_poll_at == NOW + n * HOUR + timedelta(minutes=5)
    assert (source.health, source.failures, source.reason) == (Health.OK, 0, OUR_NETWORK)
    well = after(source, Poll(), NOW + 10 * HOUR)
    assert (well.health, well.reason) == (Health.OK, "")
    assert after(source, refused(Health.BROKEN), NOW, outage=True).failures == 1, "who did answer, answered badly"


# where it lives


def test_an_address_is_kept_after_a_week_of_the_same_answer_for_good() -> None:
    there = "https://new.example.org/feed"
    moving = after(WORKS, Poll(moved_to=there), NOW)
    assert moving.url == URL
    assert there in moving.reason and "2026-12-01" in moving.reason
    assert after(moving, Poll(moved_to=there), NOW + 6 * DAY).url == URL
    moved = after(moving, Poll(moved_to=there), NOW + 7 * DAY)
    assert (moved.url, moved.habits.moved_to) == (there, "")


@pytest.mark.parametrize("answer", ["", "https://elsewhere.example.org/feed"])
def test_another_answer_in_between_begins_the_week_anew(answer: str) -> None:
    there = "https://new.example.org/feed"
    source = after(WORKS, Poll(moved_to=there), NOW)
    source = after(source, Poll(moved_to=answer), NOW + 5 * DAY)
    source = after(source, Poll(moved_to=there), NOW + 6 * DAY)
    assert after(source, Poll(moved_to=there), NOW + 8 * DAY).url == URL


def test_https_alone_is_taken_at_once_and_a_front_page_never() -> None:
    plain = replace(WORKS, url="http://news.example.org/feed")
    assert after(plain, Poll(moved_to=URL), NOW).url == URL
    home = after(WORKS, Poll(moved_to="https://news.example.org/"), NOW)
    assert after(home, Poll(moved_to="https://news.example.org/"), NOW + 9 * DAY).url == URL
