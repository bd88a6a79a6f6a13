"""Whose word on a date counts for how much."""

import pytest
from builders import NOON, a_confidant, a_deadline

from alerts.domain import confidants, deadlines
from alerts.domain.confidants import ConfidantRole
from alerts.domain.deadlines import State
from alerts.domain.errors import Forbidden, Invalid
from alerts.domain.staff import Role
from alerts.domain.times import at

SOONER = at("2030-01-31 09:00", "Asia/Bishkek")


def test_what_the_lawyer_says_of_a_date_is_confirmed_by_it():
    lawyer, hearing = a_confidant("case"), a_deadline(case_id="case")
    moved = deadlines.reschedule(hearing, SOONER, reason="", by=lawyer.on(hearing), now=NOON)
    assert (moved.state, moved.confirmed_by, moved.when) == (State.RESCHEDULED, lawyer.id, SOONER)


@pytest.mark.parametrize("role", [ConfidantRole.FAMILY, ConfidantRole.OTHER])
def test_what_the_family_says_of_a_date_waits_for_us(role):
    sister, hearing = a_confidant("case", role=role), a_deadline(case_id="case")
    moved = deadlines.reschedule(hearing, SOONER, reason="", by=sister.on(hearing), now=NOON)
    assert (moved.when, moved.confirmed) == (SOONER, False)
    with pytest.raises(Forbidden):
        deadlines.confirm(moved, by=sister.on(hearing), now=NOON)


def test_nobody_speaks_of_a_date_that_is_not_of_their_case():
    lawyer = a_confidant("case")
    for other in (a_deadline(case_id="another"), a_deadline(case_id=None)):
        with pytest.raises(Forbidden):
            lawyer.on(other)


def test_whose_part_is_over_says_nothing_any_more():
    hearing = a_deadline(case_id="case")
    with pytest.raises(Forbidden):
        a_confidant("case", ended_at=NOON).on(hearing)


def test_no_confidant_ever_has_an_admins_word():
    hearing = a_deadline(case_id="case")
    assert not a_confidant("case").on(hearing).may(Role.ADMIN)


@pytest.mark.parametrize(
    ("kept", "why"),
    [({"name": ""}, "who they are"), ({"email": "", "phone": ""}, "telephone"), ({"phone": "ring me"}, "no telephone")],
)
def test_somebody_whom_nobody_could_ask_is_refused(kept, why):
    with pytest.raises(Invalid, match=why):
        confidants.check(a_confidant("case", **kept))
