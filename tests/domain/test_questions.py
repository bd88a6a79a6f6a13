"""When lawyer and family are asked, and what their answer does."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import DAY, HOUR, MINUTE, NOON, a_confidant, a_deadline

from alerts.domain import questions
from alerts.domain.confidants import ConfidantRole
from alerts.domain.deadlines import ATTENDED, Kind, State
from alerts.domain.errors import Conflict, Invalid
from alerts.domain.questions import Answer, Fate, Given, Question, Seen, Then, What
from alerts.domain.times import at, on

HEARING = at("2030-02-01 10:00", "Asia/Bishkek")
TEN = HEARING.instant
SOONER, LATER = at("2030-01-31 09:00", "Asia/Bishkek"), at("2030-02-09 09:00", "Asia/Bishkek")
LAWYER, SISTER = a_confidant("case"), a_confidant("case", role=ConfidantRole.FAMILY)


def hearing(**kw):
    usual = {"confirmed_by": "bek", "confirmed_at": NOON, "state": State.CONFIRMED}
    return a_deadline(HEARING, case_id="case", **(usual | kw))


def question(deadline, what=What.STILL, **kw):
    asked = TEN - 15 * HOUR
    usual = Question("q", "case", LAWYER.id, what, asked, TEN, deadline.id, 1, "T-15h", deadline.when)
    return replace(usual, **kw)


def rung(deadline, now):
    found = questions.rung_due(deadline, now)
    return found.name if found else ""


# when


@pytest.mark.parametrize(
    ("before", "asked"),
    [
        (3 * DAY + MINUTE, ""), (3 * DAY, "T-3d"), (16 * HOUR, "T-3d"), (15 * HOUR, "T-15h"), (3 * HOUR, "T-15h"),
        (2 * HOUR, "T-2h"), (MINUTE, "T-2h"), (timedelta(), ""), (-HOUR, ""),
    ],
)  # fmt: skip
def test_each_hearing_is_asked_of_three_times(before, asked):
    assert rung(hearing(), TEN - before) == asked


def test_of_several_rungs_that_are_due_only_the_youngest_asks():
    assert rung(hearing(confirmed_by=None, confirmed_at=None), TEN - HOUR) == "T-2h"


def test_who_vouched_for_the_date_after_a_rung_has_answered_it():
    lately = hearing(confirmed_at=TEN - 14 * HOUR)
    assert rung(lately, TEN - 14 * HOUR) == ""
    assert rung(lately, TEN - 2 * HOUR) == "T-2h"


def test_a_date_that_nobody_has_vouched_for_is_asked_of_at_once():
    assert rung(hearing(confirmed_by=None, confirmed_at=None), TEN - 14 * HOUR) == "T-15h"


def test_a_day_without_an_hour_is_asked_of_three_days_before():
    day = replace(hearing(), when=on("2030-02-01", "Asia/Bishkek"))
    asked = {rung(day, TEN - hours * HOUR) for hours in range(-5, 100)}
    assert asked == {"", "T-3d"}


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in ATTENDED])
def test_only_what_happens_in_court_is_asked_of(kind):
    assert rung(replace(hearing(), kind=kind), TEN - HOUR) == ""


@pytest.mark.parametrize("state", [State.CANCELLED, State.HELD])
def test_what_is_over_is_not_asked_of(state):
    assert rung(replace(hearing(), state=state), TEN - HOUR) == ""


def test_a_link_ends_with_the_hearing():
    assert questions.ends(What.STILL, hearing(), NOON) == TEN
    assert questions.ends(What.SEEN, None, NOON) == NOON + 2 * DAY
    assert questions.ends(What.APPEALED, hearing(kind=Kind.APPEAL_END), NOON) == TEN + 7 * DAY


# what an answer does


@pytest.mark.parametrize(
    ("who", "deadline", "given", "does"),
    [
        (LAWYER, hearing(), Given(Answer.YES), (Then.NOTE, None)),
        (LAWYER, hearing(confirmed_by=None), Given(Answer.YES), (Then.CONFIRM, None)),
        (LAWYER, hearing(), Given(Answer.MOVED, to=SOONER), (Then.MOVE, SOONER)),
        (LAWYER, hearing(), Given(Answer.MOVED), (Then.NOTE, None)),
        (LAWYER, hearing(), Given(Answer.UNKNOWN), (Then.NOTE, None)),
        (LAWYER, hearing(), Given(seen=Seen.WELL), (Then.NOTE, None)),
        (SISTER, hearing(confirmed_by=None), Given(Answer.YES), (Then.NOTE, None)),
        (SISTER, hearing(), Given(Answer.MOVED, to=SOONER), (Then.MOVE, SOONER)),
    ],
)
def test_what_an_answer_does_to_the_date(who, deadline, given, does):
    assert questions.then(question(deadline), who, deadline, given) == does


def test_yes_after_moved_takes_the_move_back():
    moved = replace(hearing(), when=SOONER, revision=2)
    mine = question(hearing(), fate=Fate.ANSWERED, answer="moved", led_to=2)
    assert questions.then(mine, LAWYER, moved, Given(Answer.YES)) == (Then.MOVE, HEARING)


def test_one_link_moves_a_date_three_times_at_most():
    moved = replace(hearing(), when=SOONER, revision=4)
    mine = question(hearing(), fate=Fate.ANSWERED, answer="moved", led_to=4)
    with pytest.raises(Conflict, match="ring us"):
        questions.then(mine, LAWYER, moved, Given(Answer.MOVED, to=LATER))


@pytest.mark.parametrize(
    ("given", "waits"),
    [
        (Given(Answer.YES), False), (Given(Answer.MOVED, to=SOONER), False), (Given(Answer.MOVED), True),
        (Given(Answer.UNKNOWN), True), (Given(seen=Seen.WELL), False), (Given(seen=Seen.NO), False),
        (Given(seen=Seen.REFUSED), True), (Given(Answer.YES, Seen.UNWELL), True),
    ],
)  # fmt: skip
def test_what_only_staff_can_follow_waits_for_them(given, waits):
    answered = questions.answered(question(hearing()), hearing(), given, NOON)
    assert (answered.handled_at is None) == waits


def test_moved_without_a_day_is_kept_as_such():
    assert questions.answered(question(hearing()), hearing(), Given(Answer.MOVED), NOON).answer == Answer.NOT_THEN


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (Given(), "choose one"), (Given(text="hello"), "choose one"), (Given(Answer.NO), "choose one"),
        (Given(Answer.NOT_THEN), "choose one"), (Given(Answer.YES, to=SOONER), "choose “moved”"),
        (Given(seen=Seen.WELL, to=SOONER), "choose “moved”"),
        (Given(Answer.MOVED, to=at("2029-12-30 09:00", "Asia/Bishkek")), "over already"),
        (Given(Answer.YES, text="x" * 501), "at most 500"),
    ],
)  # fmt: skip
def test_without_a_choice_nothing_is_done(given, why):
    with pytest.raises(Invalid, match=why):
        questions.answered(question(hearing()), hearing(), given, NOON)


@pytest.mark.parametrize("change", [{"revision": 2}, {"state": State.HELD}, {"state": State.CANCELLED}])
def test_a_change_of_the_date_closes_the_question(change):
    deadline = hearing(**change)
    assert not questions.stands(question(deadline), deadline)
    with pytest.raises(Conflict, match="has changed"):
        questions.answered(question(deadline), deadline, Given(Answer.YES), NOON)


def test_who_moved_the_date_may_still_correct_themselves():
    moved = hearing(revision=2)
    assert questions.stands(question(moved, led_to=2), moved)
    assert not questions.stands(question(moved, led_to=2), replace(moved, revision=3))


# silence


def test_silence_is_shown_two_hours_before_until_somebody_answers_or_rings():
    asked = question(hearing(), handled_at=TEN - 15 * HOUR)
    assert not questions.silent(hearing(), [asked], TEN - 3 * HOUR)
    assert questions.silent(hearing(), [asked], TEN - 2 * HOUR)
    assert not questions.silent(hearing(), [], TEN - HOUR)
    for heard in ({"answer": "yes", "answered_at": TEN - 14 * HOUR}, {"handled_at": TEN - HOUR}):
        assert not questions.silent(hearing(), [replace(asked, **heard)], TEN - HOUR)
    assert not questions.silent(hearing(confirmed_at=TEN - 4 * HOUR), [asked], TEN - HOUR)


@pytest.mark.parametrize(
    "said",
    [{"answer": "yes", "answered_at": TEN - 3 * DAY}, {"seen": "well", "answered_at": TEN - HOUR}, {"revision": 2}],
)
def test_an_old_word_or_one_on_something_else_breaks_no_silence(said):
    asked = question(hearing(), handled_at=TEN - 15 * HOUR)
    assert questions.silent(hearing(), [asked, replace(asked, **said)], TEN - HOUR)


def test_staff_ask_the_same_once_an_hour():
    asked = question(hearing(), what=What.SEEN, asked_at=NOON)
    with pytest.raises(Conflict, match="within the last hour"):
        questions.may_ask([asked], What.SEEN, NOON + 59 * MINUTE)
    questions.may_ask([asked], What.SEEN, NOON + 60 * MINUTE)
    questions.may_ask([asked], What.STILL, NOON)
    questions.may_ask([replace(asked, fate=Fate.ANSWERED)], What.SEEN, NOON)
