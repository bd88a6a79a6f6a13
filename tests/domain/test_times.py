"""The two types of time: nothing is made up, nothing shifts unseen."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.domain import times
from alerts.domain.errors import Invalid
from alerts.domain.times import Precision, at, between, on

ZONES = sorted(
    zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix/", "right/"))
)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_a_time_of_day_is_kept_as_people_say_it_with_the_instant_it_means():
    hearing = at("2026-12-01 10:00", "Asia/Bishkek")
    assert (hearing.wall, hearing.zone, hearing.precision) == (
        datetime(2026, 12, 1, 10),
        "Asia/Bishkek",
        Precision.MINUTE,
    )
    assert hearing.instant == utc(2026, 12, 1, 4)
    assert hearing.ends == hearing.instant
    assert times.instant(hearing.instant) is hearing.instant


@pytest.mark.parametrize(
    ("wall", "zone", "instant"),
    [
        ("2024-02-29 23:59", "Asia/Almaty", utc(2024, 2, 29, 17, 59)),  # +6 until 1 March 2024
        ("2024-03-01 12:00", "Asia/Almaty", utc(2024, 3, 1, 7)),
        ("2026-07-01 10:00", "Europe/Kyiv", utc(2026, 7, 1, 7)),
        ("2026-12-01 10:00", "Europe/Kyiv", utc(2026, 12, 1, 8)),
        ("2026-07-01 10:00", "Africa/Casablanca", utc(2026, 7, 1, 9)),
        ("2026-02-25 10:00", "Africa/Casablanca", utc(2026, 2, 25, 10)),  # Ramadan
    ],
)
def test_the_rules_of_the_place_and_the_day_decide(wall, zone, instant):
    assert at(wall, zone).instant == instant


@pytest.mark.parametrize(
    ("wall", "zone"),
    [("2026-03-29 03:30", "Europe/Kyiv"), ("2026-04-24 00:30", "Africa/Cairo"), ("2026-03-29 02:00", "Europe/Vienna")],
)
def test_a_minute_that_the_clocks_skip_is_refused(wall, zone):
    with pytest.raises(Invalid, match=f"{wall} does not exist in {zone}"):
        at(wall, zone)


def test_a_minute_that_comes_twice_is_its_first():
    assert at("2026-10-25 03:30", "Europe/Kyiv").instant == utc(2026, 10, 25, 0, 30)
    assert at("2026-10-25 02:30", "Europe/Vienna").instant == utc(2026, 10, 25, 0, 30)


@pytest.mark.parametrize("wall", ["2026-02-29 10:00", "2026-13-01 10:00", "2026-12-01 24:00", "2026-12-01 10:60"])
def test_a_time_that_does_not_exist_is_refused(wall):
    with pytest.raises(Invalid, match="does not exist"):
        at(wall, "Asia/Bishkek")


@pytest.mark.parametrize(
    "wall", ["", "tomorrow", "2026-12-01", "10:00", "2026-12-01 10:00:00", "2026-12-01 10:00+05:00", "1.12.2026 10:00"]
)
def test_what_is_no_time_is_refused_with_an_example(wall):
    with pytest.raises(Invalid, match="2026-12-01 10:00"):
        at(wall, "Asia/Bishkek")


@pytest.mark.parametrize(
    "zone", ["", "Bishkek", "Asia", "../../etc/passwd", "/etc/localtime", "UTC+6", "Asia/Bishkek\0"]
)
def test_an_unknown_zone_is_refused(zone):
    with pytest.raises(Invalid, match="There is no time zone"):
        at("2026-12-01 10:00", zone)


@pytest.mark.parametrize(
    ("text", "precision", "first", "last"),
    [
        ("2010-09-15", Precision.DAY, date(2010, 9, 15), date(2010, 9, 15)),
        ("2010-06", Precision.MONTH, date(2010, 6, 1), date(2010, 6, 30)),
        ("2012-02", Precision.MONTH, date(2012, 2, 1), date(2012, 2, 29)),
        ("2010", Precision.YEAR, date(2010, 1, 1), date(2010, 12, 31)),
    ],
)
def test_a_partial_date_is_all_the_days_it_may_mean(text, precision, first, last):
    when = on(text, "Asia/Dushanbe")
    assert (when.precision, when.first, when.last, when.exact) == (precision, first, last, False)
    assert when.ends == times.resolve(datetime.combine(last + timedelta(days=1), datetime.min.time()), "Asia/Dushanbe")


@pytest.mark.parametrize("text", ["2010-00", "2010-06-00", "2010-00-15", "2010-13", "2010-02-30", "0000", "0000-06"])
def test_no_day_and_no_month_is_made_up_for_a_zero(text):
    with pytest.raises(Invalid, match="does not exist"):
        on(text, "Asia/Dushanbe")


@pytest.mark.parametrize(
    "text", ["", "mid-May 2010", "2010-6", "15.09.2010", "2010-06-01 10:00", "2010-06-", "10-06-01"]
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(Invalid, match="is not a date"):
        on(text, "Asia/Dushanbe")


@pytest.mark.parametrize("text", ["0001", "0001-01-01", "9999", "9999-12", "9999-12-31"])
def test_years_at_the_ends_of_the_calendar_are_refused_in_words(text):
    with pytest.raises(Invalid):
        on(text, "Asia/Dushanbe")
    with pytest.raises(Invalid):
        at(f"{text[:4]}-01-01 00:00", "Asia/Dushanbe")
    with pytest.raises(Invalid):
        at(f"{text[:4]}-12-31 23:59", "America/Lima")


def test_a_vague_date_keeps_the_claim_as_written():
    when = between(" mid-May 2010 ", "2010-05-10", "2010-05-20", "Asia/Dushanbe")
    assert (when.claim, when.precision, when.first, when.last) == (
        "mid-May 2010",
        Precision.SPAN,
        date(2010, 5, 10),
        date(2010, 5, 20),
    )


def test_a_vague_date_may_be_given_by_months():
    when = between("summer 2010", "2010-06", "2010-08", "Asia/Dushanbe")
    assert (when.first, when.last) == (date(2010, 6, 1), date(2010, 8, 31))


def test_a_vague_date_needs_its_claim_and_its_days_in_order():
    with pytest.raises(Invalid, match="claim"):
        between(" ", "2010-05-10", "2010-05-20", "Asia/Dushanbe")
    with pytest.raises(Invalid, match="comes before"):
        between("mid-May", "2010-05-20", "2010-05-10", "Asia/Dushanbe")


@pytest.mark.parametrize("value", [datetime(2026, 12, 1, 10), datetime.fromisoformat("2026-12-01T10:00+05:00")])
def test_a_naive_or_other_zone_instant_is_a_bug(value):
    with pytest.raises(ValueError, match="not UTC"):
        times.instant(value)


def test_new_zone_rules_move_the_instant_and_not_what_people_said(monkeypatch):
    hearing = at("2026-12-01 10:00", "Asia/Almaty")
    monkeypatch.setattr(times, "zone_info", lambda _: times.ZoneInfo("Asia/Bishkek"))  # +6 is back
    monkeypatch.setattr(times, "tzdata", lambda: "2030a")
    again = hearing.rederived()
    assert (again.wall, again.zone) == (hearing.wall, "Asia/Almaty")
    assert (again.instant, again.tzdata) == (utc(2026, 12, 1, 4), "2030a")
    assert hearing.instant == utc(2026, 12, 1, 5)


@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(1990, 1, 1), datetime(2037, 12, 31)).map(lambda time: time.replace(second=0, microsecond=0)),
)
def test_a_time_is_either_refused_or_read_back_as_it_was_said(zone, wall):
    text = f"{wall:%Y-%m-%d %H:%M}"
    try:
        when = at(text, zone)
    except Invalid as refusal:
        assert "clocks go forward" in str(refusal)
        return
    assert when.instant.astimezone(times.zone_info(zone)).replace(tzinfo=None) == wall
    assert when.instant.astimezone(times.zone_info(zone)).fold == 0
