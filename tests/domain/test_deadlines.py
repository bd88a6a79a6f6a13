"""The life of a deadline: who may do what to it, and when a date counts."""

from datetime import timedelta

import pytest
from builders import ANA, BEK, CLEO, DANA, HEARING, NOON, a_deadline

from alerts.domain import deadlines
from alerts.domain.deadlines import OPEN, State, Teller, adjourn, cancel, confirm, enter, held, reschedule
from alerts.domain.errors import Conflict, Forbidden, Invalid
from alerts.domain.staff import Role
from alerts.domain.times import at, on

EARLIER = at("2030-01-25 09:00", "Asia/Bishkek")


def entered(by=BEK, when=HEARING):
    return enter(a_deadline(when), by=by, now=NOON)


def test_a_date_entered_by_an_author_waits_to_be_confirmed():
    deadline = entered(by=ANA)
    assert (deadline.state, deadline.confirmed, deadline.on, deadline.set_by) == (State.SET, False, False, "ana")


def test_a_date_entered_by_an_approver_is_confirmed_by_that():
    deadline = entered()
    assert (deadline.state, deadline.on, deadline.confirmed_by, deadline.confirmed_at) == (
        State.CONFIRMED,
        True,
        "bek",
        NOON,
    )


def test_an_approver_confirms_what_an_author_set():
    deadline = confirm(entered(by=ANA), by=BEK, now=NOON)
    assert (deadline.state, deadline.on) == (State.CONFIRMED, True)
    with pytest.raises(Conflict, match="confirmed already"):
        confirm(deadline, by=BEK, now=NOON)


def test_another_date_counts_only_once_it_is_confirmed():
    moved = reschedule(entered(), EARLIER, reason=" judge ill ", by=ANA, now=NOON)
    assert (moved.state, moved.revision, moved.on, moved.reason) == (State.RESCHEDULED, 2, False, "judge ill")
    assert confirm(moved, by=BEK, now=NOON).state is State.RESCHEDULED
    assert reschedule(entered(), EARLIER, reason="", by=BEK, now=NOON).on


def test_the_same_date_is_no_other_date():
    with pytest.raises(Invalid, match="date it has already"):
        reschedule(entered(), HEARING, reason="", by=BEK, now=NOON)


def test_the_same_day_less_exactly_is_another_date():
    assert reschedule(entered(), on("2030-02-01", "Asia/Bishkek"), reason="", by=BEK, now=NOON).on


def test_what_is_over_is_no_deadline_but_a_running_month_is():
    after = HEARING.instant + timedelta(minutes=1)
    with pytest.raises(Invalid, match="over already"):
        enter(a_deadline(), by=BEK, now=after)
    with pytest.raises(Invalid, match="over already"):
        reschedule(entered(), EARLIER, reason="", by=BEK, now=after)
    assert enter(a_deadline(on("2030-02", "Asia/Bishkek")), by=BEK, now=after).on


def test_put_off_sine_die_it_has_no_date_and_can_get_one():
    off = adjourn(entered(), reason="expert study", by=BEK, now=NOON)
    assert (off.when, off.state, off.open, off.on, off.starts_at) == (None, State.ADJOURNED, True, False, None)
    with pytest.raises(Conflict, match="adjourned already"):
        adjourn(off, reason="", by=BEK, now=NOON)
    assert reschedule(off, EARLIER, reason="", by=BEK, now=NOON).on


def test_cancelled_by_an_author_it_waits_to_be_confirmed_and_nobody_is_told_to_expect_it():
    off = cancel(entered(), reason="charges dropped", by=ANA, now=NOON)
    assert (off.state, off.confirmed, off.on, off.when) == (State.CANCELLED, False, False, HEARING)
    sure = confirm(off, by=BEK, now=NOON)
    assert (sure.state, sure.confirmed, sure.on) == (State.CANCELLED, True, False)


def test_it_was_held_with_an_outcome():
    done = held(entered(), outcome=" adjourned to May ", by=ANA)
    assert (done.state, done.outcome, done.on) == (State.HELD, "adjourned to May", False)
    with pytest.raises(Invalid, match="outcome is empty"):
        held(entered(), outcome=" ", by=ANA)


STEPS = {
    "confirm": (Role.APPROVER, lambda d, by: confirm(d, by=by, now=NOON)),
    "reschedule": (Role.AUTHOR, lambda d, by: reschedule(d, EARLIER, reason="", by=by, now=NOON)),
    "adjourn": (Role.AUTHOR, lambda d, by: adjourn(d, reason="", by=by, now=NOON)),
    "cancel": (Role.AUTHOR, lambda d, by: cancel(d, reason="", by=by, now=NOON)),
    "held": (Role.AUTHOR, lambda d, by: held(d, outcome="acquitted", by=by)),
    "enter": (Role.AUTHOR, lambda d, by: enter(d, by=by, now=NOON)),
}


@pytest.mark.parametrize("by", [DANA, ANA, BEK, CLEO], ids=lambda who: who.role)
@pytest.mark.parametrize("step", STEPS)
def test_each_step_needs_its_role(step, by):
    needed, take = STEPS[step]
    if by.may(needed):
        take(entered(by=ANA), by)
        return
    with pytest.raises(Forbidden, match=r"^Only an .*; \w+ is an \w+\.$"):
        take(entered(by=ANA), by)


@pytest.mark.parametrize("state", [State.HELD, State.CANCELLED])
@pytest.mark.parametrize("step", ["reschedule", "adjourn", "cancel", "held"])
def test_what_is_over_and_done_with_does_not_change(state, step):
    assert state not in OPEN
    over = a_deadline(state=state, confirmed_by="bek", confirmed_at=NOON)
    with pytest.raises(Conflict, match=f"is {state} already"):
        STEPS[step][1](over, BEK)


def test_nobody_outside_the_roles_acts():
    with pytest.raises(Forbidden):
        deadlines.enter(a_deadline(), by=DANA, now=NOON)


# a chain


def test_the_number_rises_with_every_change_and_with_nothing_else():
    date = entered()
    for number, change in enumerate((relocated, closed, reopened, moved, adjourned, moved_back, cancelled), 2):
        date = change(date)
        assert date.revision == number
    assert (
        confirm(cancelled(entered(), by=ANA), by=BEK, now=NOON).revision,
        held(entered(), outcome="x", by=ANA).revision,
    ) == (2, 1)


def relocated(date, by=BEK):
    return deadlines.relocate(date, " Court B ", reason="", by=by, now=NOON)


def closed(date, by=BEK):
    return deadlines.close(date, reason="", by=by, now=NOON)


def reopened(date, by=BEK):
    return deadlines.reopen(date, reason="", by=by, now=NOON)


def moved(date, by=BEK, when=EARLIER, **kw):
    return reschedule(date, when, reason="", by=by, now=NOON, **kw)


def moved_back(date):
    return moved(date, when=HEARING)


def adjourned(date, by=BEK):
    return adjourn(date, reason="", by=by, now=NOON)


def cancelled(date, by=BEK):
    return cancel(date, reason="", by=by, now=NOON)


def test_the_place_changes_and_the_date_stays():
    date = relocated(entered())
    assert (date.state, date.court, date.when, date.on) == (State.RELOCATED, "Court B", HEARING, True)
    with pytest.raises(Invalid, match="place it has already"):
        relocated(date)
    for place, said in ((" ", "is empty"), ("a\nb", "one line"), ("x" * 201, "longer")):
        with pytest.raises(Invalid, match=said):
            deadlines.relocate(entered(), place, reason="", by=BEK, now=NOON)
    for dateless in (adjourned(entered()), enter(a_deadline(), by=BEK, now=NOON, expected=True)):
        with pytest.raises(Conflict, match="has no date yet"):
            relocated(dateless)


def test_what_is_closed_stays_closed_wherever_it_is_moved_until_somebody_opens_it():
    date = closed(entered())
    assert date.closed and moved(date).closed and relocated(date).closed
    with pytest.raises(Conflict, match="closed to the public already"):
        closed(date)
    assert (reopened(date).state, reopened(date).on) == (State.CONFIRMED, True)
    with pytest.raises(Conflict, match="not closed"):
        reopened(entered())


def test_the_word_of_whoever_changes_it_stands_on_it_and_the_next_change_takes_it_away():
    date = moved(entered(), by=ANA, told_by=Teller.MEDIA)
    assert (date.told_by, date.set_by, date.changed_at) == (Teller.MEDIA, "ana", NOON)
    sure = confirm(date, by=BEK, now=NOON + timedelta(hours=1), told_by=Teller.LAWYER)
    assert (sure.told_by, sure.set_by, sure.changed_at) == (Teller.LAWYER, "ana", NOON + timedelta(hours=1))
    assert cancelled(sure).told_by is None


def test_what_an_auditor_says_changes_nothing():
    for change in (relocated, closed, moved, adjourned, cancelled):
        with pytest.raises(Forbidden):
            change(entered(), by=DANA)
