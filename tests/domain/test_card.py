"""What a court card says, and whom it may go to."""

import pytest
from builders import a_case
from hypothesis import given
from hypothesis import strategies as st

from alerts.domain.card import Card, Interpreter, Phones, card, dump, load, may_go, said
from alerts.domain.cases import Wish
from alerts.domain.errors import Invalid
from alerts.domain.labels import Answer, Label

WHOLE = {
    "address": "12 Sample Street", "entrance": "from the yard", "room": "4", "judge": "B. Sample", "language": "ru",
    "interpreter": "none", "bring": "passport", "note_by": "2026-12-01", "phones": "taken", "late": "20",
    "meet": "yard door, 9:40", "contact": "+996 000 000",
}  # fmt: skip


def test_a_card_is_read_from_a_form_and_reads_as_one_again():
    found = card(WHOLE)
    assert (found.phones, found.interpreter, found.late) == (Phones.TAKEN, Interpreter.NONE, 20)
    assert said(found) == WHOLE
    assert load(dump(found)) == found


def test_all_of_a_card_may_be_empty_and_then_it_says_nothing():
    assert not card({})
    assert not card(dict.fromkeys(WHOLE, " "))
    assert dump(Card()) == "{}"
    assert card({"room": "4"})


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("late", "a bit", "late: “a bit” are no minutes: write a number, as 20"),
        ("late", "-5", "are no minutes"),
        ("late", "9999", "are no minutes"),
        ("late", "²", "are no minutes"),
        ("note_by", "1 December", "note_by: “1 December” is not a day: write it as 2026-12-01"),
        ("language", "Russian", "write its two letters, as ru"),
        ("phones", "lost", "phones: “lost” is none of taken, allowed; leave it empty"),
        ("interpreter", "maybe", "is none of none, there"),
        ("room", "x" * 301, "room: is longer than 300 letters"),
        ("meet", "a\x00b", "meet: holds a control character"),
        ("gate", "2", "A court card has no “gate”: it has address, bring"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_field(name, value, why):
    with pytest.raises(Invalid, match=why):
        card({**WHOLE, name: value})


@given(
    st.dictionaries(st.sampled_from(["address", "entrance", "room", "judge", "bring", "meet", "contact"]), st.text())
)
def test_whatever_is_taken_comes_back_as_it_was_kept(values):
    try:
        found = card(values)
    except Invalid:
        return
    assert load(dump(found)) == found


@pytest.mark.parametrize(
    ("label", "case", "goes"),
    [
        (Label.GREEN, a_case(), True),
        (Label.AMBER, a_case(answer=Answer.TRUSTED_NO_NAME), True),
        (Label.GREEN, None, True),
        (Label.RED, None, False),
        (Label.GREEN, a_case(answer=Answer.ONLY_US), False),  # they took back what they had agreed to
        (Label.GREEN, a_case(missions=Wish.NO), False),  # nobody is to come
    ],
)
def test_a_card_never_goes_where_the_case_forbids_it(label, case, goes):
    assert may_go(label, case) is goes
