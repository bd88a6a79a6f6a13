"""A deadline's reminders: which rungs there are, and which still make sense when a date is set or changes."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from importlib import resources
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, available_timezones

import pytest
from builders import BEK, HOUR, NOON, a_deadline
from hypothesis import given
from hypothesis import strategies as st

from alerts.domain.deadlines import Kind, State
from alerts.domain.errors import Invalid
from alerts.domain.ladders import (
    LADDERS,
    RECHECK_EVERY,
    Fate,
    Planned,
    Whom,
    check,
    fires_at,
    ladder,
    plan,
    recheck,
    rung,
)
from alerts.domain.times import UTC, LocalTime, Precision, at, between, on, resolve, zone_info

KG = "Asia/Bishkek"
NINE, ONE_DAY = time(9), timedelta(days=1)


def confirmed(when, kind=Kind.HEARING, **kw):
    return a_deadline(when, kind, state=State.CONFIRMED, confirmed_by=BEK.id, confirmed_at=NOON, **kw)


def pending(planned: list[Planned]) -> dict[str, datetime]:
    return {p.rung.name: p.fire_at for p in planned if p.fate is Fate.PENDING}


def skipped(planned: list[Planned]) -> list[str]:
    return [p.rung.name for p in planned if p.fate is Fate.SKIPPED]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


HEARING = at("2030-02-01 10:00", KG)  # 04:00 UTC


def test_a_hearing_far_away_has_its_whole_ladder_ahead():
    planned = plan(confirmed(HEARING), NOON)
    assert pending(planned) == {
        "T-14d": utc("2030-01-18 04:00"),
        "T-7d": utc("2030-01-25 04:00"),
        "T-3d": utc("2030-01-29 04:00"),
        "T-1d": utc("2030-01-31 04:00"),
        "T-3h": utc("2030-02-01 01:00"),
        "T+6h": utc("2030-02-01 10:00"),
    }
    assert skipped(planned) == []


def test_past_rungs_do_not_fire_one_by_one():
    """Entered six days before: the youngest past rung goes out at once, the older one is skipped with the reason."""
    now = utc("2030-01-26 12:00")
    planned = plan(confirmed(HEARING), now)
    assert pending(planned)["T-7d"] == now
    assert skipped(planned) == ["T-14d"]
    assert next(p.reason for p in planned if p.rung.name == "T-14d") == "past: a later reminder stands for it"


def test_when_the_next_rung_is_less_than_an_hour_away_nothing_goes_out_at_once():
    now = utc("2030-01-29 03:30")
    planned = plan(confirmed(HEARING), now)
    assert now not in pending(planned).values()
    assert skipped(planned) == ["T-14d", "T-7d"]
    assert {p.reason for p in planned if p.fate is Fate.SKIPPED} == {"past: the next one is less than an hour away"}


def test_the_correction_stands_for_the_one_reminder():
    now = utc("2030-01-26 12:00")
    planned = plan(confirmed(HEARING), now, told=True)
    assert now not in pending(planned).values()
    assert skipped(planned) == ["T-14d", "T-7d"]
    assert {p.reason for p in planned if p.fate is Fate.SKIPPED} == {"past: the correction stands for it"}
    assert list(pending(planned)) == ["T-3d", "T-1d", "T-3h", "T+6h"]


def test_a_hearing_in_twenty_minutes_is_still_told_at_once():
    now = HEARING.instant - timedelta(minutes=20)
    planned = plan(confirmed(HEARING), now)
    assert pending(planned) == {"T-3h": now, "T+6h": HEARING.instant + 6 * HOUR}


def test_what_is_over_is_not_reminded_of_and_says_why():
    planned = plan(confirmed(HEARING), HEARING.instant + HOUR)
    assert list(pending(planned)) == ["T+6h"]
    assert {p.reason for p in planned if p.fate is Fate.SKIPPED} == {"past: it is over"}


def test_a_vague_date_is_reminded_of_in_the_morning_at_the_place():
    deadline = confirmed(between("mid-May 2030", "2030-05-10", "2030-05-20", KG))
    planned = pending(plan(deadline, NOON))
    assert planned == {
        "T-14d": utc("2030-04-26 03:00"),  # 09:00 in Bishkek
        "T-7d": utc("2030-05-03 03:00"),
        "T-3d": utc("2030-05-07 03:00"),
        "T-1d": utc("2030-05-09 03:00"),
        "T+6h": utc("2030-05-20 18:00") + 6 * HOUR,  # after the last day that is claimed
    }


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("when", [on("2030-05-10", KG), on("2030-05", KG), on("2030", KG)])
def test_no_rung_counts_hours_to_a_vague_date(kind, when):
    assert not any(p.rung.hours and p.rung.before for p in plan(confirmed(when, kind), NOON))


def test_days_are_counted_on_the_wall_clock_across_a_change_of_clocks():
    deadline = confirmed(at("2026-03-30 10:00", "Europe/Kyiv"))
    rungs = {rung.name: fires_at(rung, deadline) for rung in LADDERS[Kind.HEARING]}
    assert rungs["T-1d"] == utc("2026-03-29 07:00")  # 10:00 in summer time, the day the clocks changed
    assert rungs["T-3d"] == utc("2026-03-27 08:00")  # 10:00 in winter time
    assert rungs["T-3h"] == utc("2026-03-30 04:00")


def test_a_rung_that_would_fire_in_the_gap_fires_in_the_next_minute_that_exists():
    deadline = confirmed(at("2026-03-30 03:30", "Europe/Kyiv"))
    assert fires_at(LADDERS[Kind.HEARING][3], deadline) == utc("2026-03-29 01:00")  # 04:00, for 03:30 there is none


def test_a_rung_in_an_hour_that_comes_twice_fires_in_the_first():
    deadline = confirmed(at("2026-10-26 03:30", "Europe/Kyiv"))
    assert fires_at(LADDERS[Kind.HEARING][3], deadline) == utc("2026-10-25 00:30")


@pytest.mark.parametrize("kind", [Kind.APPEAL_END, Kind.RECHECK])
def test_some_dates_concern_staff_and_the_lawyer_alone(kind):
    assert Whom.SUBSCRIBERS not in {rung.whom for rung in ladder(kind, asked=["T-3d", "T-10d"])}
    assert Whom.SUBSCRIBERS not in {rung.whom for rung in ladder(kind, [f"{kind} T-4d"])}


def test_the_end_of_an_appeal_period_is_warned_of_halfway_and_in_its_last_days():
    entered, ends = utc("2030-01-01 12:00"), at("2030-01-21 18:00", KG)
    deadline = confirmed(ends, Kind.APPEAL_END, created_at=entered)
    ours = [(p.rung.name, p.fire_at) for p in plan(deadline, entered) if p.rung.whom is Whom.LAWYER]
    assert ours == [
        ("T-50%", utc("2030-01-11 12:00")), ("T-5d", utc("2030-01-16 12:00")), ("T-2d", utc("2030-01-19 12:00")),
        ("T-1d", utc("2030-01-20 12:00")),
    ]  # fmt: skip
    assert [(p.rung.name, p.fire_at) for p in plan(deadline, entered) if p.rung.whom is Whom.STAFF][:4] == ours


def test_day_before_at_nine_fires_exactly_once_in_every_zone_from_2026_to_2030():
    """Each day has its morning: at nine on the clock of the place, or in the next minute that exists; the first of two.

    A clock that looks at every instant in turn would meet each of them once, since they follow one another.
    """
    rung_ = rung("T-1d 09:00")
    first, days = date(2026, 1, 1), (date(2031, 1, 1) - date(2026, 1, 1)).days
    hearing_ = confirmed(HEARING)
    for zone in places():
        there, before = zone_info(zone), None
        for n in range(days):
            wall = datetime.combine(first + timedelta(days=n), NINE)
            when = LocalTime(wall + ONE_DAY, zone, Precision.MINUTE, wall.date(), "", HEARING.instant, "")
            fires = fires_at(rung_, replace(hearing_, when=when))
            assert before is None or timedelta(hours=20) < fires - before < timedelta(hours=49), (zone, wall)
            assert fires.astimezone(there).replace(tzinfo=None) == wall, (zone, wall)
            assert fires.astimezone(there).fold == 0, (zone, wall)
            before = fires


def test_in_every_gap_and_overlap_of_every_zone_a_rung_fires_once_and_at_the_right_minute():
    """Nine in the morning is in no gap today, so the hours that are in one are tried as well."""
    gaps = overlaps = 0
    for zone in places():
        there = zone_info(zone)
        for change in changes(there, datetime(2026, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)):
            earlier = (change - timedelta(seconds=1)).astimezone(there).utcoffset()
            later = change.astimezone(there).utcoffset()
            missing = (change + earlier).replace(tzinfo=None)  # the first minute that is missing, or comes twice
            if later > earlier:
                gaps += 1
                for minute in range(0, int((later - earlier).total_seconds()) // 60, 7):
                    assert resolve(missing + timedelta(minutes=minute), zone) == change, (zone, change)
            elif later < earlier:
                overlaps += 1
                twice = missing - timedelta(minutes=30)
                assert resolve(twice, zone) == change - timedelta(minutes=30), (zone, change)
    assert gaps > 100 and overlaps > 100


def rules_of(zone: str) -> tuple[bytes, list[timedelta | None]]:
    """What tells one zone from another in these years: its rule for the years to come, and its offsets by then."""
    folders = [Path(folder) for folder in TZPATH if Path(folder, zone).is_file()]
    file = folders[0] / zone if folders else resources.files("tzdata.zoneinfo").joinpath(*zone.split("/"))
    there, start = ZoneInfo(zone), datetime(2026, 1, 1, tzinfo=UTC)
    offsets = [(start + timedelta(days=n)).astimezone(there).utcoffset() for n in range(0, 1826, 2)]
    return file.read_bytes().rstrip().rpartition(b"\n")[2], offsets


def places() -> list[str]:
    """All zones, those that are other names of a place, or have the same rules, as one."""
    found = {repr(rules_of(name)): name for name in available_timezones()}
    assert len(available_timezones()) > 400
    return sorted(found.values())


def changes(there: ZoneInfo, start: datetime, end: datetime):
    """The instants at which the offset changes."""
    while start < end:
        after = start + timedelta(days=5)
        if start.astimezone(there).utcoffset() != after.astimezone(there).utcoffset():
            low, high = start, after
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                same = middle.astimezone(there).utcoffset() == start.astimezone(there).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            yield high.replace(second=0, microsecond=0)
        start = after


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("3d", "T-3d"),
        ("T-14d", "T-14d"),
        ("12h", "T-12h"),
        ("+6h", "T+6h"),
        ("t-1d 09:00", "T-1d 09:00"),
        ("50%", "T-50%"),
    ],
)
def test_a_rung_is_read_as_people_write_it_and_named_again(text, name):
    assert rung(text).name == name
    assert rung(name) == rung(text)


@pytest.mark.parametrize("text", ["", "soon", "T", "0d", "3", "3m", "3h 09:00", "1d 25:00", "+50%", "100%", "1000d"])
def test_what_is_no_rung_is_refused(text):
    with pytest.raises(Invalid, match="is no reminder"):
        rung(text)


def test_a_case_may_have_rungs_of_its_own_and_staff_are_asked_in_any_case():
    own = check(Kind.HEARING, ["10d", "1d", "3h"])
    assert own == ("hearing T-10d", "hearing T-1d", "hearing T-3h")
    assert [one.name for one in ladder(Kind.HEARING, own)] == ["T-10d", "T-1d", "T-3h", "T+6h"]
    assert ladder(Kind.VERDICT, own) == LADDERS[Kind.VERDICT]
    with pytest.raises(Invalid, match="at least one reminder before"):
        check(Kind.HEARING, ["+6h"])


def test_what_readers_ask_for_is_added_once():
    names = [one.name for one in ladder(Kind.HEARING, asked=["T-10d", "T-3d", "T-10d"])]
    assert names == ["T-14d", "T-7d", "T-3d", "T-1d", "T-3h", "T+6h", "T-10d"]


def test_after_every_deadline_staff_are_asked_what_happened():
    for rungs in LADDERS.values():
        assert [one.whom for one in rungs if not one.before] in ([Whom.STAFF], 2 * [Whom.STAFF])


@pytest.mark.parametrize(
    "deadline",
    [a_deadline(), confirmed(None), confirmed(HEARING), a_deadline(HEARING, confirmed_by="bek", state=State.CANCELLED)],
)
def test_only_a_date_that_is_vouched_for_has_a_ladder(deadline):
    assert bool(plan(deadline, NOON)) == deadline.on


def test_a_deadline_put_off_sine_die_is_asked_about_in_two_weeks():
    asked = recheck(NOON)
    assert (asked.fire_at, asked.rung.whom) == (NOON + RECHECK_EVERY, Whom.STAFF)


ZONES = st.sampled_from(
    ["Asia/Bishkek", "Europe/Kyiv", "Africa/Cairo", "Africa/Casablanca", "Asia/Gaza", "America/Asuncion"]
)
DAYS = st.dates(datetime(2026, 1, 1).date(), datetime(2031, 12, 31).date())


@st.composite
def dates(draw):
    zone, day = draw(ZONES), draw(DAYS)
    if draw(st.booleans()):
        return at(f"{day} {draw(st.integers(5, 23)):02}:{draw(st.integers(0, 59)):02}", zone)
    return draw(
        st.sampled_from([on(f"{day}", zone), on(f"{day:%Y-%m}", zone), between("about then", f"{day}", f"{day}", zone)])
    )


@given(dates(), st.sampled_from(list(Kind)), st.timedeltas(timedelta(days=-90), timedelta(days=3)), st.booleans())
def test_at_any_moment_at_most_one_reminder_is_due_at_once(when, kind, before, told):
    now = (when.instant + before).replace(microsecond=0)
    planned = plan(confirmed(when, kind), now, told=told)
    due = [p for p in planned if p.fate is Fate.PENDING and p.fire_at <= now]
    assert len({p.rung.whom for p in due}) == len(due) and not (told and due)
    assert all(p.rung.before for p in due)
    if due:
        assert now <= when.ends
        whom = due[0].rung.whom
        coming = [p.fire_at for p in planned if p.rung.before and p.fire_at > now and p.rung.whom is whom]
        assert all(fire_at - now > HOUR for fire_at in coming)
    # every rung is accounted for once, a skipped one with its reason, and no two fire together for the same people
    usual = [r for r in LADDERS[kind] if not (r.share or (r.hours and r.before and not when.exact))]
    expected = [r for r in usual if r.before or fires_at(r, confirmed(when, kind)) > now]
    assert {p.rung for p in planned if not p.rung.share} == set(expected)
    assert all(p.reason for p in planned if p.fate is Fate.SKIPPED)
    for whom in Whom:
        times = [p.fire_at for p in planned if p.fate is Fate.PENDING and p.rung.whom is whom and not p.rung.share]
        assert len(set(times)) == len(times)


@given(dates(), st.sampled_from(list(Kind)), st.integers(0, 100))
def test_no_rung_fires_twice_however_often_the_clock_looks(when, kind, days):
    """The ladder is walked as the clock does: what fired is not planned again, unless the date changes."""
    now = when.instant - timedelta(days=days)
    planned = plan(confirmed(when, kind), now)
    fired = [p.rung for p in planned if p.fate is Fate.PENDING]
    assert len(fired) == len(set(fired))
    assert all(p.fire_at >= now for p in planned if p.fate is Fate.PENDING)
