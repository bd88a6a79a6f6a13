"""What a relay takes: a day, a minute, a new sender; who comes first, and when the last one has gone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import DAY, HOUR, MINUTE, NOON

from alerts.domain.need import LAST, rank
from alerts.domain.relays import Relay, Use, grant, left_today, next_at, order, ramp, until

GMAIL = Relay("gmail", daily=500)
OPEN = Relay("open")
SECOND = timedelta(seconds=1)


def used(relay, *hours):
    """So many in the hour that began so many hours before noon."""
    return [Use(relay.id, NOON - ago * HOUR, taken) for ago, taken in hours]


def test_a_relay_without_limits_takes_all():
    assert left_today(OPEN, [], NOON) is None
    assert grant(OPEN, [], 165_000, NOON) == (165_000, OPEN)


def test_what_was_taken_in_the_last_24_hours_counts_and_no_other_relays():
    uses = [*used(GMAIL, (0, 10), (5, 100), (24, 90)), *used(OPEN, (0, 1_000))]
    assert left_today(GMAIL, uses, NOON) == 300
    assert grant(GMAIL, uses, 414, NOON)[0] == 300


def test_an_hour_counts_until_even_its_last_minute_is_a_day_old():
    assert left_today(GMAIL, used(GMAIL, (24, 500)), NOON) == 0
    assert left_today(GMAIL, used(GMAIL, (24, 500)), NOON + HOUR) == 500


def test_a_relay_that_rests_is_given_nothing():
    resting = replace(GMAIL, paused_until=NOON + MINUTE)
    assert grant(resting, [], 10, NOON) == (0, resting)
    assert next_at(resting, [], NOON) == NOON + MINUTE
    assert next_at(resting, [], NOON + MINUTE) is None


@pytest.mark.parametrize("per_minute", [1, 2, 7, 30, 600])
def test_no_minute_wherever_it_begins_sees_more_than_the_limit(per_minute):
    relay, given = Relay("slow", per_minute=per_minute), []
    for second in range(300):
        granted, relay = grant(relay, [], 10_000, NOON + second * SECOND)
        given.append(granted)
    assert max(sum(given[start : start + 60]) for start in range(240)) <= max(per_minute, 2)
    assert sum(given) >= per_minute * 5 * 0.5 - 1


def test_a_minute_that_is_used_up_says_when_it_goes_on():
    granted, relay = grant(Relay("slow", per_minute=30), [], 100, NOON)
    assert granted == 10
    assert next_at(relay, [], NOON) == NOON + 3 * SECOND
    assert grant(relay, [], 100, NOON + 3 * SECOND)[0] == 1


def test_a_clock_that_steps_back_gives_nothing_away():
    _, relay = grant(Relay("slow", per_minute=30), [], 100, NOON)
    assert grant(relay, [], 100, NOON - HOUR)[0] == 0


def test_a_full_day_goes_on_when_the_first_hour_is_a_day_old():
    uses = used(GMAIL, (20, 400), (1, 100))
    assert next_at(GMAIL, uses, NOON) == NOON - 20 * HOUR + 25 * HOUR


def test_a_new_sender_begins_with_50_and_doubles_each_day_until_its_limit():
    new = replace(GMAIL, ramp_from=NOON)
    assert [ramp(new, NOON + n * DAY) for n in range(5)] == [50, 100, 200, 400, None]
    assert left_today(new, [], NOON + 4 * DAY) == 500
    assert left_today(new, used(new, (0, 50)), NOON) == 0
    assert ramp(replace(OPEN, ramp_from=NOON), NOON + 14 * DAY) is None
    assert ramp(GMAIL, NOON) is None


def test_a_new_sender_goes_on_with_the_next_step():
    new = replace(GMAIL, ramp_from=NOON)
    assert next_at(new, used(new, (0, 50)), NOON + HOUR) == NOON + DAY


def test_the_heaviest_comes_first_and_each_gets_its_share():
    big, small = Relay("big", weight=3), Relay("small", weight=1)
    assert [r.id for r in order([small, big], [], NOON)] == ["big", "small"]
    given = {"big": 0, "small": 0}
    for _ in range(40):
        uses = [Use(id, NOON, taken) for id, taken in given.items()]
        given[order([small, big], uses, NOON)[0].id] += 10
    assert given == {"big": 300, "small": 100}


def test_a_spare_relay_is_used_only_while_no_other_takes_any():
    spare = Relay("spare", weight=0)
    assert order([spare, GMAIL], [], NOON) == [GMAIL]
    assert order([spare, GMAIL], used(GMAIL, (0, 500)), NOON) == [spare]
    assert order([spare, replace(GMAIL, paused_until=NOON + MINUTE)], [], NOON) == [spare]


def test_who_waits_is_told_until_when():
    uses = used(GMAIL, (0, 200))
    assert until([GMAIL], uses, 300, NOON) == NOON
    assert until([GMAIL], uses, 414, NOON) == NOON + 25 * HOUR
    assert until([GMAIL], uses, 300 + 500 + 1, NOON) == NOON + 50 * HOUR


def test_a_second_relay_shortens_the_wait_and_a_pause_lengthens_it():
    uses = used(GMAIL, (0, 500))
    assert until([GMAIL, Relay("spare", daily=100, weight=0)], uses, 100, NOON) == NOON
    assert until([replace(GMAIL, paused_until=NOON + 30 * MINUTE)], [], 100, NOON) == NOON + 30 * MINUTE
    assert until([], [], 1, NOON) is None
    assert until([Relay("tiny", daily=1)], [], 1_000, NOON) is None


def test_a_slow_relay_takes_its_minutes():
    when = until([Relay("slow", per_minute=30)], [], 210, NOON)
    assert when == NOON + 10 * MINUTE


def test_those_near_the_court_hear_first_then_who_promised_then_heads_of_mission():
    order_ = sorted(
        [(near, promised, head) for near in (True, False) for promised in (True, False) for head in (True, False)],
        key=lambda claim: rank(*claim),
    )
    assert order_[0] == (True, True, True)
    assert order_[3:5] == [(True, False, False), (False, True, True)]
    assert order_[-1] == (False, False, False)
    assert rank(False, False, False) == LAST
