"""How a source fares, when staff hear of it, and when it is our own network."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.domain.health import WAY_OUT, outage, to_be_told
from alerts.domain.polling import after
from alerts.domain.watching import Habits, Health, Poll, Source

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOURCE = Source("s", "https://news.example.org/feed", health=Health.OK, worked_at=NOW - HOUR)


@pytest.mark.parametrize(
    ("gap", "silent", "health"),
    [
        (HOUR, 6 * DAY, Health.OK),
        (HOUR, 8 * DAY, Health.QUIET),
        (3 * DAY, 8 * DAY, Health.OK),
        (3 * DAY, 19 * DAY, Health.QUIET),
    ],
)
def test_quiet_is_who_is_silent_for_longer_than_is_usual_with_them(
    gap: timedelta, silent: timedelta, health: Health
) -> None:
    habits = Habits(gap=int(gap.total_seconds()), news_at=NOW - silent)
    found = after(replace(SOURCE, habits=habits), Poll(), NOW)
    assert found.health is health
    assert found.reason == ("" if health is Health.OK else f"nothing new for {silent.days} days")


def test_slow_is_who_takes_ten_seconds() -> None:
    assert after(SOURCE, Poll(seconds=9.9), NOW).health is Health.OK
    slow = after(SOURCE, Poll(seconds=12.4), NOW)
    assert (slow.health, slow.reason, slow.failures) == (Health.SLOW, "it takes 12 s to answer", 0)


def test_each_state_that_needs_a_person_says_the_way_out() -> None:
    assert WAY_OUT.keys() == set(Health) - {Health.OK, Health.NEW}


def test_staff_hear_of_a_state_once_and_of_a_starred_source_at_once() -> None:
    broken = replace(SOURCE, health=Health.BROKEN, failures=2, habits=Habits(since=NOW - HOUR))
    assert not to_be_told(broken, NOW), "it may mend itself"
    assert to_be_told(broken, NOW + 6 * HOUR)
    assert to_be_told(replace(broken, starred=True), NOW)
    assert not to_be_told(replace(broken, starred=True, failures=1), NOW)
    told = replace(broken, habits=Habits(since=NOW - DAY, told="broken"))
    assert not to_be_told(told, NOW)
    assert to_be_told(replace(told, health=Health.GONE), NOW)
    assert not to_be_told(replace(SOURCE, health=Health.SLOW, habits=Habits(since=NOW - DAY)), NOW)


def test_who_was_well_in_between_is_told_of_anew() -> None:
    told = replace(SOURCE, health=Health.BROKEN, failures=5, habits=Habits(since=NOW - DAY, told="broken"))
    well = after(told, Poll(), NOW)
    assert (well.habits.told, well.habits.since) == ("", NOW)


@pytest.mark.parametrize(
    ("tried", "fallen", "is_ours"), [(4, 4, False), (5, 1, False), (6, 2, True), (300, 99, False), (300, 150, True)]
)
def test_a_third_of_all_sources_at_once_is_our_own_network(tried: int, fallen: int, is_ours: bool) -> None:
    assert outage(tried, fallen) is is_ours
