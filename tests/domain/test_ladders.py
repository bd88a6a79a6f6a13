"""A deadline's reminders: which rungs there are, and which still make sense when a date is set or changes."""

from datetime import datetime, timedelta

import pytest
from builders import BEK, HOUR, NOON, a_deadline
from hypothesis import given
from hypothesis import strategies as st

from alerts.domain.deadlines import Kind, State
from alerts.domain.ladders import LADDERS, RECHECK_EVERY, Fate, Planned, Whom, fires_at, plan, recheck
from alerts.domain.times import UTC, at, between, on

KG = "Asia/Bishkek"


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
    assert all(p.rung.days or not p.rung.before for p in plan(confirmed(when, kind), NOON))


def test_days_are_counted_on_the_wall_clock_across_a_change_of_clocks():
    deadline = confirmed(at("2026-03-30 10:00", "Europe/Kyiv"))
    rungs = {rung.name: fires_at(rung, deadline) for rung in LADDERS[Kind.HEARING]}
    assert rungs["T-1d"] == utc("2026-03-29 07:00")  # 10:00 in summer time, the day the clocks changed
    assert rungs["T-3d"] == utc("2026-03-27 08:00")  # 10:00 in winter time
    assert rungs["T-3h"] == utc("2026-03-30 04:00")


def test_a_rung_that_would_fire_in_the_gap_fires_after_it():
    deadline = confirmed(at("2026-03-30 03:30", "Europe/Kyiv"))
    assert fires_at(LADDERS[Kind.HEARING][3], deadline) == utc("2026-03-29 01:30")  # 04:30, for 03:30 there is none


@pytest.mark.parametrize("kind", [Kind.APPEAL_END, Kind.RECHECK])
def test_some_dates_concern_staff_alone(kind):
    assert {rung.whom for rung in LADDERS[kind]} == {Whom.STAFF}


def test_after_every_deadline_staff_are_asked_what_happened():
    for ladder in LADDERS.values():
        assert [rung.whom for rung in ladder if not rung.before] in ([Whom.STAFF], 2 * [Whom.STAFF])


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
    assert len(due) <= (0 if told else 1)
    assert all(p.rung.before for p in due)
    if due:
        assert now <= when.ends
        coming = [p.fire_at for p in planned if p.rung.before and p.fire_at > now]
        assert all(fire_at - now > HOUR for fire_at in coming)
    # every rung is accounted for once, a skipped one with its reason, and no two fire together
    usual = [r.name for r in LADDERS[kind] if r.days or not r.before or when.exact]
    late = [r.name for r in LADDERS[kind] if not r.before and fires_at(r, confirmed(when, kind)) <= now]
    assert sorted(p.rung.name for p in planned) == sorted(set(usual) - set(late))
    assert all(p.reason for p in planned if p.fate is Fate.SKIPPED)
    times = [p.fire_at for p in planned if p.fate is Fate.PENDING]
    assert len(set(times)) == len(times)


@given(dates(), st.sampled_from(list(Kind)), st.integers(0, 100))
def test_no_rung_fires_twice_however_often_the_clock_looks(when, kind, days):
    """The ladder is walked as the clock does: what fired is not planned again, unless the date changes."""
    now = when.instant - timedelta(days=days)
    planned = plan(confirmed(when, kind), now)
    fired = [p.rung.name for p in planned if p.fate is Fate.PENDING]
    assert len(fired) == len(set(fired))
    assert all(p.fire_at >= now for p in planned if p.fate is Fate.PENDING)
