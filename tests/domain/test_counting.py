"""Two dates of one period: by the calendar from the proclamation, and as far as the law can be read to reach."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from lawbook import COPY, SPOKEN, a_counting, a_rule, a_version, counted, dates, off, when

from alerts.domain.counting import recount
from alerts.domain.errors import Invalid
from alerts.domain.law import Certainty, Ends, Unit, Variant
from alerts.domain.times import Precision, between

LATE = datetime(2099, 1, 1, tzinfo=UTC)


def test_the_first_day_does_not_count_and_the_last_one_ends_at_midnight():
    found = counted(a_rule(), "2030-03-04 16:30")
    assert dates(found) == ("2030-03-14", "2030-03-14")
    assert found.early.ends == when("2030-03-15 00:00").instant


@pytest.mark.parametrize(("unit", "outer"), [(Unit.DAY, "2030-03-13"), (Unit.SUTKI, "2030-03-14")])
def test_where_the_first_day_counts_the_period_is_a_day_shorter_unless_its_days_have_24_hours_each(unit, outer):
    rule = a_rule(a_version(10, unit), counting=a_counting(first_day=True))
    assert dates(counted(rule, "2030-03-04")) == ("2030-03-13", outer)


def test_a_last_day_off_rolls_for_the_outer_date_alone_and_each_day_has_its_reason():
    found = counted(a_rule(), "2030-03-04", off("2030-03-14", "2030-03-15"))
    assert dates(found) == ("2030-03-14", "2030-03-16")
    assert found.rolled
    assert [(one.day, one.why) for one in found.excluded] == [
        (date(2030, 3, 14), "a holiday"), (date(2030, 3, 15), "a holiday"),
    ]  # fmt: skip


def test_in_custody_nothing_rolls():
    found = counted(a_rule(), "2030-03-04", off("2030-03-14"), custody=True)
    assert dates(found) == ("2030-03-14", "2030-03-14")
    assert not found.rolled


def test_the_outer_date_runs_from_the_copy_the_early_one_never():
    rule = a_rule(a_version(counted_from=COPY))
    assert dates(counted(rule, "2030-03-04", copy="2030-03-08 11:00")) == ("2030-03-14", "2030-03-18")


def test_while_nobody_knows_of_the_copy_both_run_from_the_proclamation_and_the_end_stays_open():
    found = counted(a_rule(a_version(counted_from=COPY)), "2030-03-04")
    assert dates(found) == ("2030-03-14", "2030-03-14")
    assert found.from_copy and not found.lapsed(LATE)


@pytest.mark.parametrize(("custody", "outer"), [(True, "2030-03-18"), (False, "2030-03-14"), (None, "2030-03-18")])
def test_the_copy_counts_for_whom_the_law_says_and_while_nobody_has_said(custody, outer):
    rule = a_rule(a_version(counted_from=SPOKEN, in_custody=COPY))
    assert dates(counted(rule, "2030-03-04", copy="2030-03-08", custody=custody)) == ("2030-03-14", outer)


def test_a_copy_is_not_handed_over_before_there_is_a_verdict():
    with pytest.raises(Invalid, match="cannot have been handed over before"):
        counted(a_rule(), "2030-03-04", copy="2030-03-01")


def test_non_working_time_is_left_out_where_the_law_says_so():
    rule = a_rule(a_version(3), counting=a_counting(working_days_only=(Unit.SUTKI,)))
    found = counted(rule, "2030-03-04", off("2030-03-05", "2030-03-07", "2030-03-20"))
    assert dates(found) == ("2030-03-07", "2030-03-09")
    assert [one.day.day for one in found.excluded] == [5, 7]


def test_working_days_are_counted_as_such_and_reminded_of_by_the_calendar():
    found = counted(a_rule(a_version(2, Unit.WORKING_DAY)), "2030-03-04", off("2030-03-05"))
    assert dates(found) == ("2030-03-06", "2030-03-07")


def test_hours_run_to_the_minute_through_weekends():
    rule = a_rule(a_version(48, Unit.HOUR), counting=a_counting(first_day=True, rolls=False))
    found = counted(rule, "2030-03-01 22:40", off("2030-03-02", "2030-03-03"))
    assert dates(found) == ("2030-03-03 22:40", "2030-03-03 22:40")


def test_where_the_hour_begun_does_not_count_the_outer_date_starts_with_the_next():
    assert dates(counted(a_rule(a_version(72, Unit.HOUR)), "2030-03-01 15:20")) == (
        "2030-03-04 15:20", "2030-03-04 16:00",
    )  # fmt: skip


def test_hours_that_end_on_a_day_off_roll_where_the_law_lets_them():
    rule = a_rule(a_version(72, Unit.HOUR))
    assert dates(counted(rule, "2030-03-01 15:20", off("2030-03-04"))) == ("2030-03-04 15:20", "2030-03-05")


@pytest.mark.parametrize(
    ("ruling", "early"),
    [
        ("2030-03-01 15:20", "2030-03-04 15:20"),
        ("2030-03-01 20:00", "2030-03-04 18:00"),
        ("2030-03-01 02:00", "2030-03-03 18:00"),
    ],
)
def test_hours_that_end_while_the_court_is_closed_end_early_when_it_closes(ruling, early):
    rule = a_rule(a_version(72, Unit.HOUR), counting=a_counting(ends=Ends.CLOSING))
    assert dates(counted(rule, ruling))[0] == early


def test_hours_of_a_day_known_without_its_hour_end_on_a_day_without_an_hour():
    rule = a_rule(a_version(48, Unit.HOUR), counting=a_counting(first_day=True))
    assert dates(counted(rule, "2030-03-01")) == ("2030-03-03", "2030-03-03")


@pytest.mark.parametrize(
    ("start", "amount", "unit", "ends"),
    [
        ("2030-03-04", 1, Unit.MONTH, "2030-04-04"),
        ("2030-01-31", 1, Unit.MONTH, "2030-02-28"),
        ("2031-12-31", 2, Unit.MONTH, "2032-02-29"),
        ("2030-11-30", 3, Unit.MONTH, "2031-02-28"),
        ("2032-02-29", 1, Unit.YEAR, "2033-02-28"),
    ],
)
def test_a_month_ends_on_its_number_or_on_its_last_day(start, amount, unit, ends):
    assert dates(counted(a_rule(a_version(amount, unit)), start))[0] == ends


def test_where_the_first_day_counts_a_month_may_be_read_to_end_a_day_before_its_number():
    rule = a_rule(a_version(2, Unit.MONTH), counting=a_counting(first_day=True))
    assert dates(counted(rule, "2030-03-10")) == ("2030-05-09", "2030-05-10")
    assert dates(counted(rule, "2030-12-31")) == ("2031-02-28", "2031-02-28")


def test_what_must_be_done_in_the_court_ends_when_it_closes():
    rule = a_rule(counting=a_counting(ends=Ends.CLOSING))
    assert dates(counted(rule, "2030-03-04")) == ("2030-03-14 18:00", "2030-03-14")


def test_a_period_counted_back_leaves_whole_days_between():
    rule = a_rule(a_version(5), before=True)
    assert dates(counted(rule, "2030-03-20 10:00")) == ("2030-03-14", "2030-03-15")
    assert dates(counted(a_rule(a_version(24, Unit.HOUR), before=True), "2030-03-20 10:00"))[0] == "2030-03-19 10:00"


def test_a_vague_trigger_gives_an_interval_and_no_day():
    found = counted(a_rule(), between("mid-May 2010", "2010-05-10", "2010-05-20", "Asia/Dushanbe"))
    assert dates(found) == ("2010-05-20..2010-05-30", "2010-05-20..2010-05-30")
    assert found.early.precision is Precision.SPAN


def test_the_wording_of_the_day_counts():
    rule = a_rule(a_version(20, valid_to=date(2023, 12, 31)), a_version(10, valid_from=date(2024, 1, 1)))
    assert dates(counted(rule, "2023-12-31"))[0] == "2024-01-20"
    assert dates(counted(rule, "2024-01-01"))[0] == "2024-01-11"
    straddling = counted(rule, between("at New Year", "2023-12-30", "2024-01-02", "Asia/Tashkent"))
    assert dates(straddling) == ("2024-01-11..2024-01-20", "2024-01-11..2024-01-20")
    assert len(straddling.rule.versions) == 2 and straddling.known


def test_before_every_wording_that_is_known_the_nearest_is_used_and_nothing_is_said_to_be_over():
    rule = a_rule(a_version(15, valid_from=date(2017, 7, 11)))
    found = counted(rule, "2015-01-10")
    assert dates(found)[0] == "2015-01-25"
    assert not found.known and not found.lapsed(LATE)


def test_between_two_wordings_the_shorter_gives_the_early_and_the_longer_the_outer_date():
    rule = a_rule(a_version(7, valid_to=date(2025, 10, 14)), a_version(14, valid_from=date(2025, 11, 1)))
    found = counted(rule, "2025-10-20")
    assert dates(found) == ("2025-10-27", "2025-11-03")
    assert not found.known


def test_another_amount_for_some_is_asked_for_and_an_unknown_one_refused():
    rule = a_rule(a_version(48, Unit.HOUR, variants=(Variant("minor", 24, Unit.HOUR),)))
    assert dates(counted(rule, "2030-03-01 10:00", cases=("minor",)))[0] == "2030-03-02 10:00"
    with pytest.raises(Invalid, match="no case “miner”; it has minor"):
        counted(rule, "2030-03-01 10:00", cases=("miner",))


def test_with_amounts_for_some_alone_the_shortest_is_early_and_the_longest_outer():
    rule = a_rule(a_version(None, None, variants=(Variant("arrest", 1, Unit.SUTKI), Variant("rest", 15, Unit.DAY))))
    assert dates(counted(rule, "2030-03-01")) == ("2030-03-02", "2030-03-16")


def test_a_rule_without_an_amount_gives_no_date():
    with pytest.raises(Invalid, match="XX-APPEAL gives no date: no limit"):
        counted(a_rule(a_version(None, None, says="no limit")), "2030-03-01")


def test_only_the_outer_date_of_a_rule_that_was_read_ends_a_period():
    found = counted(a_rule(), "2030-03-04", off("2030-03-14"))
    assert not found.lapsed(when("2030-03-15 23:59").instant)
    assert found.lapsed(when("2030-03-16 00:00").instant)
    recalled = counted(a_rule(a_version(certainty=Certainty.RECALLED)), "2030-03-04")
    assert not recalled.verified and not recalled.lapsed(LATE)
    guessed = counted(a_rule(counting=a_counting(certainty=Certainty.RECALLED)), "2030-03-04")
    assert guessed.verified and not guessed.lapsed(LATE), "how its days are laid is only recalled"


def test_a_proof_counts_again_from_what_it_holds():
    found = counted(a_rule(a_version(counted_from=COPY)), "2030-03-04", off("2030-03-18"), copy="2030-03-08")
    assert recount(found) == found
