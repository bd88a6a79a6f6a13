"""What a reader's calendar holds of a deadline at each step of its life."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import ANA, BEK, DAY, HEARING, HOUR, NOON, a_deadline
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.domain import deadlines
from alerts.domain.alerts import Notice
from alerts.domain.calendars import (
    Entry,
    Mark,
    Status,
    alarms,
    discreet,
    entries,
    invitation,
    wished,
)
from alerts.domain.chains import Was, was
from alerts.domain.deadlines import Deadline, Kind
from alerts.domain.errors import Conflict, Invalid
from alerts.domain.ladders import PUBLIC
from alerts.domain.times import LocalTime, at, between, on

LATER, EARLIER = at("2030-02-05 09:30", "Asia/Bishkek"), at("2030-01-20 09:00", "Asia/Bishkek")
NOTICE = Notice("hearing", names=("Aida Sample",), code="KG-7", court="Pervomaisky court")


class Life:
    """A deadline as it goes through its days, and the dates that readers had."""

    def __init__(self, when: LocalTime = HEARING, by: object = BEK) -> None:
        self.now, self.chain = NOON, list[Was]()
        self.deadline = deadlines.enter(a_deadline(when), by=by, now=NOON)  # type: ignore[arg-type]

    def __call__(self, after: Deadline) -> Life:
        before, self.deadline = self.deadline, after
        if before.revision != after.revision:
            self.chain.append(was(before, f"w{before.revision}", self.now))
        self.now += HOUR
        return self

    def move(self, when: LocalTime, by: object = BEK) -> Life:
        return self(deadlines.reschedule(self.deadline, when, reason="", by=by, now=self.now))  # type: ignore[arg-type]

    def cancel(self) -> Life:
        return self(deadlines.cancel(self.deadline, reason="", by=BEK, now=self.now))

    def adjourn(self) -> Life:
        return self(deadlines.adjourn(self.deadline, reason="", by=BEK, now=self.now))

    def shown(self) -> list[Entry]:
        return entries(self.deadline, self.chain, NOTICE, self.now)


def test_a_date_that_nobody_confirmed_is_in_no_calendar() -> None:
    assert Life(by=ANA).shown() == []


def test_a_confirmed_date_is_one_entry_at_its_time() -> None:
    [entry] = Life().shown()
    assert (entry.status, entry.mark, entry.when, entry.busy) == (Status.CONFIRMED, Mark.NONE, HEARING, True)


def test_a_moved_date_keeps_its_uid_and_leaves_an_entry_where_it_was() -> None:
    life = Life()
    [before] = life.shown()
    moved, left = life.move(LATER).shown()
    assert (moved.uid, moved.when, moved.status) == (before.uid, LATER, Status.CONFIRMED)
    assert moved.sequence > before.sequence
    assert (left.when, left.mark, left.notice.when, left.busy) == (HEARING, Mark.MOVED, LATER, False)
    assert left.uid != moved.uid
    assert left.status is Status.CONFIRMED, "Google would drop it"
    assert left.alarms == ()


def test_a_move_that_nobody_confirmed_makes_the_old_date_unsure_and_says_no_more() -> None:
    life = Life()
    [before] = life.shown()
    [unsure] = life.move(LATER, by=ANA).shown()
    assert (unsure.when, unsure.status, unsure.mark) == (HEARING, Status.TENTATIVE, Mark.UNSURE)
    assert unsure.notice.when == HEARING
    sure, _ = life(deadlines.confirm(life.deadline, by=BEK, now=life.now)).shown()
    assert before.sequence < unsure.sequence < sure.sequence


def test_what_is_cancelled_is_cancelled_and_stays_to_be_seen() -> None:
    cancelled, left = Life().cancel().shown()
    assert (cancelled.status, cancelled.mark, cancelled.when) == (Status.CANCELLED, Mark.CANCELLED, HEARING)
    assert (left.status, left.mark, left.when) == (Status.CONFIRMED, Mark.CANCELLED, HEARING)
    assert cancelled.alarms == left.alarms == ()


def test_put_off_without_a_date_leaves_the_old_day_marked_and_a_new_date_takes_it_up() -> None:
    life = Life().adjourn()
    gone, left = life.shown()
    assert (gone.status, gone.mark, left.mark) == (Status.CANCELLED, Mark.PUT_OFF, Mark.PUT_OFF)
    again, left = life.move(LATER).shown()
    assert (again.uid, again.when, again.status, left.mark) == (gone.uid, LATER, Status.CONFIRMED, Mark.MOVED)


def test_moved_twice_every_old_day_says_the_newest() -> None:
    newest, *left = Life().move(LATER).move(EARLIER).shown()
    assert newest.when == EARLIER
    assert {(entry.when, entry.notice.when) for entry in left} == {(HEARING, EARLIER), (LATER, EARLIER)}


def test_moved_there_and_back_leaves_no_note_beside_the_date_itself() -> None:
    shown = Life().move(LATER).move(HEARING).shown()
    assert [(entry.when, entry.mark) for entry in shown] == [(HEARING, Mark.NONE), (LATER, Mark.MOVED)]


def test_an_old_day_is_kept_for_thirty_days_after_it() -> None:
    life = Life().move(EARLIER)
    life.now = HEARING.instant + timedelta(days=29)
    assert [entry.when for entry in life.shown()] == [EARLIER, HEARING][1:]
    life.now += timedelta(days=2)
    assert life.shown() == []


@pytest.mark.parametrize(
    "when", [on("2030-02", "Asia/Bishkek"), between("mid-May 2030", "2030-05-10", "2030-05-20", "Asia/Bishkek")]
)
def test_what_is_vague_is_tentative_and_takes_up_nobodys_time(when: LocalTime) -> None:
    [entry] = Life(when).shown()
    assert (entry.status, entry.busy, entry.when) == (Status.TENTATIVE, False, when)


def test_it_rings_as_the_ladder_reminds_or_as_the_reader_wishes() -> None:
    assert alarms(Kind.HEARING, HEARING) == (-14 * DAY, -7 * DAY, -3 * DAY, -DAY, -3 * HOUR)
    assert alarms(Kind.HEARING, HEARING, wished("T-10d;T-2h")) == (-10 * DAY, -2 * HOUR)
    assert wished("") is None
    day = on("2030-02-01", "Asia/Bishkek")
    assert alarms(Kind.VERDICT, day) == (-2 * DAY - 15 * HOUR, -15 * HOUR), "at nine in the morning, as mails"


def test_readers_have_no_dates_that_are_for_lawyers_alone() -> None:
    assert {kind for kind in Kind if kind not in PUBLIC} == {
        Kind.APPEAL_END,
        Kind.RECHECK,
        Kind.ANSWER,
        Kind.EMBARGO,
        Kind.COURT_LIMIT,
    }


def test_a_discreet_notice_names_nobody_and_keeps_no_free_words_about_a_case() -> None:
    notice = replace(NOTICE, title="hearing of Aida Sample")
    assert (discreet(notice, "case1").names, discreet(notice, "case1").title) == ((), "")
    assert discreet(replace(notice, title="OSCE summit"), None).title == "OSCE summit"


def test_a_mail_and_the_feed_speak_of_the_same_entry() -> None:
    life = Life().move(LATER)
    [fed, _] = life.shown()
    notice = replace(NOTICE, when=LATER, was=HEARING, state="rescheduled")
    mailed = invitation(fed.uid, life.deadline.revision, notice, NOON)
    assert mailed
    assert (mailed.uid, mailed.sequence, mailed.when, mailed.alarms) == (fed.uid, fed.sequence, LATER, fed.alarms)


def test_a_mail_that_cancels_carries_the_old_date_as_cancelled() -> None:
    for state, when in (("cancelled", HEARING), ("adjourned", None)):
        mailed = invitation("u", 2, replace(NOTICE, when=when, was=HEARING, state=state), NOON)
        assert mailed
        assert (mailed.status, mailed.when, mailed.alarms) == (Status.CANCELLED, HEARING, ())
    assert invitation("u", 2, replace(NOTICE, when=None, state="adjourned"), NOON) is None


STEPS = st.lists(st.sampled_from(["later", "earlier", "author", "confirm", "adjourn", "cancel"]), max_size=8)


@settings(deadline=None)
@given(STEPS)
def test_over_any_life_sequences_rise_one_entry_holds_and_no_old_day_is_silent(steps: list[str]) -> None:
    """Whoever has an old date in their calendar finds a word at it, as long as it is not the date that holds."""
    life, last, seen = Life(), -1, set[tuple[object, ...]]()
    for step in ["", *steps]:
        try:
            match step:
                case "later" | "earlier":
                    life.move(LATER if step == "later" else EARLIER)
                case "author":
                    life.move(HEARING if life.deadline.when != HEARING else LATER, by=ANA)
                case "confirm":
                    life(deadlines.confirm(life.deadline, by=BEK, now=life.now))
                case "adjourn" | "cancel":
                    getattr(life, step)()
        except (Conflict, Invalid):
            continue
        main, *left = life.shown()
        assert main.sequence >= last
        last = main.sequence
        assert len({entry.uid for entry in (main, *left)}) == 1 + len(left)
        if life.deadline.on:
            assert (main.when, main.status) == (life.deadline.when, Status.CONFIRMED)
        seen.add((main.when.wall, main.when.zone))
        silent = seen - {(entry.when.wall, entry.when.zone) for entry in (main, *left)}
        assert not silent
        for entry in left:
            assert entry.mark in (Mark.MOVED, Mark.CANCELLED, Mark.PUT_OFF)
