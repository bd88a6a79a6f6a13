"""When news of a case cannot wait."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from builders import a_deadline

from alerts.domain.critical import Why, window, windows
from alerts.domain.deadlines import Kind, State
from alerts.domain.times import at, between, on

ZONE = "Asia/Bishkek"
HEARING = a_deadline(at("2030-02-01 10:00", ZONE), case_id="c1")


def bishkek(day: int, hour: int = 12, month: int = 2) -> datetime:
    return datetime(2030, month, day, hour, tzinfo=UTC) - timedelta(hours=6)


@pytest.mark.parametrize(("now", "opens"), [
    (bishkek(30, 23, 1), False), (bishkek(31, 0, 1), True), (bishkek(1, 10), True), (bishkek(2, 23), True),
    (bishkek(3, 0), False),
])  # fmt: skip
def test_a_hearing_is_critical_from_the_day_before_to_the_day_after_on_its_own_clock(now, opens):
    found = window(HEARING, now)
    assert (found is not None) == opens
    assert found is None or (found.why, found.case_id) == (Why.COURT, "c1")


def test_a_hold_is_critical_while_its_clock_runs():
    hold = a_deadline(at("2030-02-01 22:40", ZONE), Kind.HOLD, case_id="c1")
    assert window(hold, bishkek(31, 12, 1)).why is Why.HOLD
    assert window(hold, bishkek(1, 22)) and not window(hold, bishkek(1, 23))
    assert not window(hold, bishkek(25, 12, 1)), "a hold of more than three days has not begun"


def test_a_vague_date_is_critical_on_each_day_that_it_may_mean():
    vague = replace(HEARING, when=between("early in February", "2030-02-03", "2030-02-05", ZONE))
    assert [bool(window(vague, bishkek(day))) for day in (1, 2, 4, 6, 7)] == [False, True, True, True, False]
    assert window(replace(HEARING, when=on("2030-02-01", ZONE)), bishkek(1))


def test_what_nobody_has_confirmed_counts_and_what_is_over_or_of_no_case_does_not():
    assert not HEARING.confirmed and window(HEARING, bishkek(1))
    changes = (
        {"state": State.CANCELLED},
        {"state": State.HELD},
        {"case_id": None},
        {"when": None},
        {"kind": Kind.SUMMIT},
    )
    for other in (replace(HEARING, **change) for change in changes):
        assert window(other, bishkek(1)) is None


def test_of_one_case_a_hold_comes_before_a_hearing():
    hold = a_deadline(at("2030-02-02 22:40", ZONE), Kind.HOLD, case_id="c1")
    assert windows([HEARING, hold], bishkek(1))["c1"].why is Why.HOLD
