"""What we wait to hear, and when hearing nothing is an alarm."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import DAY, HEARING, HOUR, MINUTE, NOON, a_deadline

from alerts.domain import silence
from alerts.domain.deadlines import Kind, State
from alerts.domain.errors import Conflict, Invalid
from alerts.domain.silence import AFTER_DATES, TO_DO, WHAT, Awaited, Silence
from alerts.domain.times import at, on


def seen(**kw) -> Silence:
    return replace(silence.from_custody("case1", NOON), **kw)


def asks_for(known=None, awaited=Awaited.CHECK_IN, every=8, once=None, now=NOON, **kw):
    said = {"who": "", "note": "", "by": "ana"} | kw
    return silence.asked_for(known, awaited, "case1", every=every, once=once, now=now, **said)


def goes_on(one, *moments, news=None):
    """Looked at again and again; answers when it fired anew."""
    fired = []
    for now in moments:
        before, one = one.fired_at, silence.looked_at(one, news(now) if news else None, False, now)
        fired += [now] if one.fired_at and one.fired_at != before else []
    return fired


def test_the_lawyer_of_somebody_in_custody_must_see_them_within_a_week():
    assert seen().due_at == NOON + 7 * DAY
    assert silence.looked_at(seen(), None, False, NOON + 7 * DAY - MINUTE).fired_at is None
    assert silence.looked_at(seen(), None, False, NOON + 7 * DAY).fired_at == NOON + 7 * DAY


def test_it_fires_once_however_often_somebody_looks():
    assert goes_on(seen(), *(NOON + hours * HOUR for hours in range(60 * 24))) == [NOON + 7 * DAY]


def test_news_arms_it_anew_before_and_after_it_fired():
    visits = [NOON + 5 * DAY, NOON + 20 * DAY]

    def news(now):
        return max((visit for visit in visits if visit <= now), default=None)

    looks = [NOON + hours * HOUR for hours in range(60 * 24)]
    assert goes_on(seen(), *looks, news=news) == [NOON + 12 * DAY, NOON + 27 * DAY]


def test_after_the_desk_was_down_news_that_is_old_itself_is_an_alarm_at_once():
    one = silence.looked_at(seen(), NOON + 5 * DAY, False, NOON + 30 * DAY)
    assert (one.since, one.due_at, one.fired_at) == (NOON + 5 * DAY, NOON + 12 * DAY, NOON + 30 * DAY)


def test_what_is_over_fires_no_more():
    assert silence.looked_at(seen(fired_at=NOON), None, True, NOON + 30 * DAY) == seen(due_at=None)


@pytest.mark.parametrize(("every", "late"), [(1, 15 * MINUTE), (4, HOUR), (8, 2 * HOUR), (72, 2 * HOUR)])
def test_a_check_in_may_be_a_little_late(every, late):
    assert asks_for(every=every).due_at == NOON + every * HOUR + late


def test_a_check_in_that_was_promised_once_is_over_when_it_comes():
    once = asks_for(every=0, once=NOON + 3 * HOUR)
    assert once.due_at == NOON + 3 * HOUR + 15 * MINUTE
    assert silence.heard(once, NOON + 2 * HOUR).due_at is None


def test_after_a_first_promise_the_rhythm_goes_on():
    first = asks_for(every=8, once=NOON + 3 * HOUR)
    assert first.due_at == NOON + 5 * HOUR
    assert silence.heard(first, NOON + 2 * HOUR, "ana").due_at == NOON + 12 * HOUR


def test_asked_for_again_it_counts_from_the_last_news():
    known = silence.heard(asks_for(), NOON + 3 * HOUR)
    again = asks_for(known, every=4, now=NOON + 5 * HOUR, who="bek")
    assert (again.due_at, again.who) == (NOON + 8 * HOUR, "bek")
    assert asks_for(replace(known, fired_at=NOON), note="+996 …").fired_at == NOON, "a word on whom to ring is no news"


def test_staff_may_not_want_it_and_want_it_again():
    unwanted = asks_for(asks_for(), every=0)
    assert (unwanted.off, unwanted.due_at) == (True, None)
    wanted = asks_for(unwanted, now=NOON + DAY)
    assert (wanted.off, wanted.since, wanted.due_at) == (False, NOON + DAY, NOON + DAY + 10 * HOUR)


@pytest.mark.parametrize(
    ("kw", "words"),
    [({"every": 91 * 24}, "at most 90 days"), ({"every": -1}, "no less"), ({"once": NOON - MINUTE}, "over already")],
)
def test_what_makes_no_sense_is_refused(kw, words):
    with pytest.raises(Invalid, match=words):
        asks_for(**kw)


def test_put_off_it_fires_again_after_twelve_hours_and_a_source_after_a_week():
    now = NOON + 8 * DAY
    assert silence.later(seen(fired_at=NOON), now) == seen(due_at=now + 12 * HOUR)
    source = replace(silence.from_source("s1", NOON, NOON), fired_at=NOON)
    assert silence.later(source, now).due_at == now + 7 * DAY


def test_there_must_be_an_alarm_to_put_off_and_something_to_hear():
    with pytest.raises(Conflict, match="no alarm"):
        silence.later(seen(), NOON)
    with pytest.raises(Conflict, match="somebody has heard"):
        silence.heard(seen(due_at=None), NOON)
    with pytest.raises(Conflict, match="Only the source itself"):
        silence.heard(silence.from_source("s1", NOON, NOON), NOON)


@pytest.mark.parametrize(
    ("kind", "awaited", "wait"),
    [
        (Kind.HOLD, Awaited.COURT, HOUR),
        (Kind.REMAND, Awaited.COURT, DAY),
        (Kind.HEARING, Awaited.OUTCOME, DAY),
        (Kind.RELEASE, Awaited.OUTCOME, DAY),
        ("answer", Awaited.ANSWER, 0 * DAY),
    ],
)
def test_after_a_date_something_must_be_heard(kind, awaited, wait):
    one = silence.from_date(a_deadline(kind=kind))
    assert (one.awaited, one.since, one.due_at) == (awaited, HEARING.instant, HEARING.instant + wait)


def test_a_date_that_nobody_vouched_for_is_listened_to_as_well():
    assert silence.from_date(a_deadline(kind=Kind.HOLD, confirmed_by=None)) is not None


def test_a_vague_date_is_waited_for_to_its_end():
    one = silence.from_date(a_deadline(on("2030-02", "Asia/Bishkek")))
    assert one.due_at == at("2030-03-02 00:00", "Asia/Bishkek").instant


@pytest.mark.parametrize("kw", [{"state": State.HELD}, {"state": State.CANCELLED}, {"kind": Kind.SUMMIT}])
def test_nothing_is_awaited_after_what_is_over_or_nobodys_danger(kw):
    assert silence.from_date(a_deadline(**kw)) is None


def test_each_date_of_a_deadline_has_a_silence_of_its_own():
    first, moved = a_deadline(id="d"), a_deadline(id="d", revision=2)
    assert silence.from_date(first).id != silence.from_date(moved).id


def test_who_promised_must_send_word_even_when_the_outcome_is_known():
    held = a_deadline(state=State.HELD)
    assert silence.from_promise(held).due_at == HEARING.instant + timedelta(hours=6)
    assert silence.from_promise(a_deadline(state=State.CANCELLED)) is None


def test_every_silence_says_what_it_means_and_what_to_do_and_none_says_expired():
    assert set(WHAT) == set(TO_DO) == set(Awaited)
    said = " ".join([*WHAT.values(), *TO_DO.values()])
    assert "expired" not in said and "lapsed" not in said
    assert "should have ended" in WHAT[Awaited.COURT] and "ask the lawyer" in TO_DO[Awaited.COURT]


def test_dates_that_are_listened_to_are_dates_that_we_know():
    assert set(AFTER_DATES) - set(Kind) <= {"answer"}
