"""When a reader hears: danger and what comes soon at once, the rest as they asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from builders import an_alert
from hypothesis import given
from hypothesis import strategies as st

from alerts.domain.alerts import Kind, Notice
from alerts.domain.cadence import AfterQuiet, AtOnce, InDigest, quiet_until, when
from alerts.domain.times import at, between, on

BISHKEK, ASTANA, KATHMANDU, VIENNA, NEW_YORK = (
    "Asia/Bishkek", "Asia/Almaty", "Asia/Kathmandu", "Europe/Vienna", "America/New_York",
)  # fmt: skip
NIGHT = datetime(2030, 1, 10, 20, tzinfo=UTC)  # 02:00 in Bishkek
MONDAY = datetime(2030, 1, 14, 1, tzinfo=UTC)  # 07:00 there


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def a_notice(date, kind=Kind.REMINDER, was=None, **kw):
    return an_alert(kind=kind, notice=Notice("hearing", when=date, was=was, **kw))


FAR, SOON = at("2030-02-01 10:00", BISHKEK), at("2030-01-11 09:00", BISHKEK)


@pytest.mark.parametrize(
    ("alert", "quiet", "digest", "expected"),
    [
        # who wants everything at once, by day
        (an_alert(), "", None, AtOnce),
        (an_alert(kind=Kind.UPDATE), "", None, AtOnce),
        (a_notice(FAR), "", None, AtOnce),
        # who wants a digest
        (an_alert(), "", MONDAY, AtOnce),
        (an_alert(kind=Kind.UPDATE), "", MONDAY, InDigest),
        (a_notice(FAR), "", MONDAY, InDigest),
        (a_notice(at("2030-01-13 10:00", BISHKEK)), "", MONDAY, AtOnce),
        (a_notice(on("2030-01-13", BISHKEK)), "", MONDAY, AtOnce),
        (a_notice(on("2030-02", BISHKEK)), "", MONDAY, InDigest),
        (an_alert(kind=Kind.UPDATE, act_by=date(2030, 1, 13)), "", MONDAY, AtOnce),
        (an_alert(kind=Kind.UPDATE, act_by=date(2030, 1, 14)), "", MONDAY, AtOnce),
        (an_alert(kind=Kind.UPDATE, act_by=date(2030, 1, 15)), "", MONDAY, InDigest),
        (an_alert(kind=Kind.UPDATE, not_after=MONDAY), "", MONDAY, AtOnce),
        (an_alert(kind=Kind.UPDATE, danger=True), "", MONDAY, AtOnce),
        (a_notice(FAR), "22-07", MONDAY, InDigest),
        # whoever holds it is told at once, in the morning
        (an_alert(kind=Kind.CORRECTION), "", MONDAY, AtOnce),
        (an_alert(kind=Kind.STOP), "", MONDAY, AtOnce),
        (an_alert(kind=Kind.WITHDRAWAL), "", MONDAY, AtOnce),
        (an_alert(kind=Kind.CORRECTION), "22-07", MONDAY, AfterQuiet),
        (an_alert(kind=Kind.STOP), "22-07", None, AfterQuiet),
        (an_alert(kind=Kind.WITHDRAWAL), "22-07", None, AfterQuiet),
        # quiet hours
        (an_alert(), "22-07", None, AfterQuiet),
        (an_alert(), "22-02", None, AtOnce),
        (an_alert(danger=True), "22-07", None, AtOnce),
        (an_alert(act_by=date(2030, 1, 10)), "22-07", None, AtOnce),
        (an_alert(act_by=date(2030, 1, 11)), "22-07", None, AfterQuiet),
        (a_notice(SOON), "22-07", MONDAY, AtOnce),
        (a_notice(at("2030-01-12 07:00", BISHKEK)), "22-07", None, AtOnce),
        (a_notice(at("2030-01-12 15:00", BISHKEK)), "22-07", None, AfterQuiet),
        (a_notice(on("2030-01-11", BISHKEK)), "22-07", None, AtOnce),
        (a_notice(between("1–2 days", "2030-01-11", "2030-01-12", BISHKEK)), "22-07", None, AtOnce),
        (a_notice(on("2030-01", BISHKEK)), "22-07", None, AfterQuiet),
        # a date that moves
        (a_notice(SOON, Kind.CORRECTION, FAR), "22-07", MONDAY, AtOnce),
        (a_notice(FAR, Kind.CORRECTION, SOON), "22-07", MONDAY, AtOnce),
        (a_notice(FAR, Kind.CORRECTION, FAR), "22-07", MONDAY, AfterQuiet),
        (a_notice(None, Kind.CORRECTION, SOON, state="adjourned"), "22-07", MONDAY, AtOnce),
        (a_notice(SOON, Kind.CORRECTION, state="cancelled"), "22-07", MONDAY, AtOnce),
        (a_notice(at("2030-01-10 10:00", BISHKEK), Kind.CORRECTION), "22-07", None, AfterQuiet),
        (an_alert(kind=Kind.DIGEST), "22-08", None, AfterQuiet),
    ],
)  # fmt: skip
def test_an_alert_comes_when_the_reader_wants_it_unless_it_cannot_wait(alert, quiet, digest, expected):
    found = when(alert, quiet, BISHKEK, digest, NIGHT)
    assert isinstance(found, expected)
    if isinstance(found, AfterQuiet):
        assert found.until == utc("2030-01-11 01:00") if quiet == "22-07" else found.until > NIGHT
    if isinstance(found, InDigest):
        assert found.next_at == MONDAY


def test_what_breaks_a_night_says_why():
    assert when(an_alert(danger=True), "22-07", BISHKEK, None, NIGHT) == AtOnce("danger to life")
    assert "36 hours" in when(a_notice(SOON), "22-07", BISHKEK, None, NIGHT).why


@pytest.mark.parametrize(
    ("quiet", "zone", "now", "until"),
    [
        ("22-07", BISHKEK, "2030-01-10 15:59", None),
        ("22-07", BISHKEK, "2030-01-10 16:00", "2030-01-11 01:00"),
        ("22-07", BISHKEK, "2030-01-11 00:59", "2030-01-11 01:00"),
        ("22-07", BISHKEK, "2030-01-11 01:00", None),
        ("22-07", ASTANA, "2030-01-10 16:59", None),
        ("22-07", ASTANA, "2030-01-10 17:00", "2030-01-11 02:00"),
        ("22-07", KATHMANDU, "2030-01-10 16:14", None),
        ("22-07", KATHMANDU, "2030-01-10 16:15", "2030-01-11 01:15"),
        ("00-06", BISHKEK, "2030-01-10 18:00", "2030-01-11 00:00"),
        ("12-14", BISHKEK, "2030-01-10 06:30", "2030-01-10 08:00"),
        ("12-14", BISHKEK, "2030-01-10 08:30", None),
        ("", BISHKEK, "2030-01-10 20:00", None),
        # the night in which clocks go forward, 02:00 to 03:00, is an hour shorter; the other an hour longer
        ("22-07", VIENNA, "2030-03-30 21:00", "2030-03-31 05:00"),
        ("22-07", VIENNA, "2030-10-26 21:00", "2030-10-27 06:00"),
        ("22-02", VIENNA, "2030-03-31 00:30", "2030-03-31 01:00"),
        ("22-03", VIENNA, "2030-10-27 00:30", "2030-10-27 02:00"),
        ("22-03", VIENNA, "2030-10-27 01:30", "2030-10-27 02:00"),
        ("22-02", NEW_YORK, "2030-03-10 06:30", "2030-03-10 07:00"),
    ],
)
def test_a_night_is_the_readers_own_whatever_the_clocks_do(quiet, zone, now, until):
    assert quiet_until(quiet, zone, utc(now)) == (utc(until) if until else None)


@given(
    st.sampled_from([BISHKEK, ASTANA, KATHMANDU, VIENNA, NEW_YORK, "America/Havana", "Australia/Lord_Howe"]),
    st.tuples(st.integers(0, 23), st.integers(0, 23)).filter(lambda hours: 0 < (hours[1] - hours[0]) % 24 <= 16),
    st.datetimes(datetime(2029, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC)),
)
def test_a_night_ends_within_a_day_and_is_over_then(zone, hours, now):
    quiet = f"{hours[0]:02d}-{hours[1]:02d}"
    until = quiet_until(quiet, zone, now)
    if until is not None:
        assert timedelta(0) < until - now <= timedelta(hours=25)
        assert quiet_until(quiet, zone, until) is None
