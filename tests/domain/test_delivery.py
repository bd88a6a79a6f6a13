"""What the ledger keeps of each answer."""

from datetime import timedelta

import pytest
from builders import HOUR, MINUTE, NOON
from hypothesis import given
from hypothesis import strategies as st

from alerts.domain.delivery import (
    GIVE_UP_AFTER,
    Again,
    Blocked,
    Delivery,
    Rejected,
    Result,
    Retry,
    Sent,
    Tally,
    Unknown,
    pause,
    settle,
    wait,
)

PAUSED = NOON + 5 * MINUTE


def tried(attempts=1, last="retry", first=NOON, reason="before"):
    return Again(7, 3, attempts, first, NOON, last, reason)


def settled(outcome, before=None, now=NOON):
    return settle(outcome, 7, 3, before, PAUSED, now)


@pytest.mark.parametrize(
    ("outcome", "result", "reason"),
    [(Sent("2.0.0 queued"), Result.SENT, "2.0.0 queued"), (Rejected("550 unknown"), Result.REJECTED, "550 unknown")],
)
@pytest.mark.parametrize("before", [None, tried(), tried(5, "unknown"), tried(0, "blocked")])
def test_taken_or_refused_for_good_is_an_end_whatever_was_before(outcome, result, reason, before):
    assert settled(outcome, before) == Delivery(7, 3, result, reason, NOON)


@pytest.mark.parametrize(
    ("outcome", "before", "attempts", "waits", "last"),
    [
        (Retry("451 greylisted"), None, 1, MINUTE, "retry"),
        (Retry("451 greylisted"), tried(1), 2, 2 * MINUTE, "retry"),
        (Retry("451 greylisted"), tried(5), 6, 32 * MINUTE, "retry"),
        (Retry("451 greylisted"), tried(9), 10, 2 * HOUR, "retry"),
        (Retry("451 later", after=10 * MINUTE), None, 1, 10 * MINUTE, "retry"),
        (Unknown("line broke"), None, 1, MINUTE, "unknown"),
        (Unknown("line broke"), tried(1), 2, 2 * MINUTE, "unknown"),
        (Retry("451 greylisted"), tried(1, "unknown"), 2, 2 * MINUTE, "unknown"),  # it may still have arrived before
        (Retry("451 greylisted"), tried(0, "blocked"), 1, MINUTE, "retry"),
    ],
)
def test_what_may_still_work_is_tried_again_ever_more_rarely(outcome, before, attempts, waits, last):
    assert settled(outcome, before) == Again(7, 3, attempts, NOON, NOON + waits, last, outcome.reason)


@pytest.mark.parametrize(
    ("before", "attempts", "last"),
    [(None, 0, "blocked"), (tried(2), 2, "blocked"), (tried(2, "unknown"), 2, "unknown")],
)
def test_a_refusal_of_us_counts_no_attempt_against_the_reader(before, attempts, last):
    assert settled(Blocked("550 5.4.5 quota"), before) == Again(7, 3, attempts, NOON, PAUSED, last, "550 5.4.5 quota")


@pytest.mark.parametrize(
    ("outcome", "before", "result"),
    [
        (Retry("451"), tried(), Result.REJECTED),
        (Unknown("broke"), tried(), Result.UNKNOWN),
        (Retry("451"), tried(3, "unknown"), Result.UNKNOWN),
    ],
)
def test_after_72_hours_every_try_ends(outcome, before, result):
    just_before = settled(outcome, before, NOON + GIVE_UP_AFTER - timedelta(microseconds=1))
    assert isinstance(just_before, Again)
    end = settled(outcome, before, NOON + GIVE_UP_AFTER)
    assert isinstance(end, Delivery)
    assert end.result is result


def test_a_relay_that_refuses_us_for_days_costs_nobody_their_place():
    """A quota night must not destroy the list: greylisted at the first try that reached them, they are tried again."""
    later = NOON + GIVE_UP_AFTER + HOUR
    blocked = settled(Blocked("quota"))
    blocked = settled(Blocked("quota"), blocked, later)
    assert isinstance(blocked, Again)
    again = settled(Retry("451 greylisted"), blocked, later + HOUR)
    assert again == Again(7, 3, 1, later + HOUR, later + HOUR + MINUTE, "retry", "451 greylisted")


def test_waits_double_to_two_hours_and_pauses_to_half_an_hour():
    assert [wait(n) for n in range(1, 10)] == [m * MINUTE for m in (1, 2, 4, 8, 16, 32, 64, 120, 120)]
    assert [pause(n).total_seconds() for n in range(1, 12)] == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800]
    assert (wait(10_000), pause(10_000)) == (2 * HOUR, 30 * MINUTE)


answers = st.one_of(
    st.builds(Sent), st.builds(Retry, st.just("451")), st.builds(Rejected, st.just("550")),
    st.builds(Unknown, st.just("broke")), st.builds(Blocked, st.just("quota")),
)  # fmt: skip


@given(st.lists(answers, max_size=200), st.timedeltas(MINUTE, 3 * HOUR))
def test_whatever_the_relay_answers_a_recipient_ends_once_and_a_reader_is_never_blamed_for_us(script, step):
    now, before = NOON, None
    for outcome in script:
        found = settle(outcome, 1, 0, before, now + MINUTE, now)
        if isinstance(found, Delivery):
            assert isinstance(outcome, Sent | Rejected) or now - before.first_at >= GIVE_UP_AFTER
            assert not isinstance(outcome, Blocked)
            return
        assert found.not_before > now
        assert found.attempts - (before.attempts if before else 0) == (not isinstance(outcome, Blocked))
        assert not (before and before.last == "unknown" and found.last != "unknown")
        before, now = found, now + step


@given(st.lists(st.integers(0, 9), min_size=6, max_size=6), st.integers(0, 9))
def test_the_audience_is_always_the_sum_of_the_rest(parts, pending):
    tally = Tally(sum(parts) + pending, *parts)
    assert tally.pending == pending
