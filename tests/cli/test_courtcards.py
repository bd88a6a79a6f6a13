"""`vigil deadline card`, as it is typed."""

from __future__ import annotations

import pytest
from desk import APPROVER, AUTHOR, DeskHere


@pytest.fixture
def id(here: DeskHere) -> str:
    return here.id("deadline", "set", "KG-1", "--kind", "hearing", "--at", "2090-01-01 10:00", "--as", APPROVER)


def test_a_card_is_set_field_by_field_and_read_again(here: DeskHere, id: str) -> None:
    assert here.vigil("deadline", "card", id) == ""
    said = here.vigil("deadline", "card", id, "--set", "room=4", "--set", "late=20", "--as", AUTHOR)
    assert [line.split() for line in said.splitlines()] == [["room", "4"], ["late", "20"]]
    here.vigil("deadline", "card", id, "--set", "room=", "--set", "meet=yard door, 9:40", "--as", AUTHOR)
    found = here.json("deadline", "card", id)
    assert {name: words for name, words in found.items() if words} == {"late": "20", "meet": "yard door, 9:40"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--set", "room"), "“room” sets nothing: write FIELD=WORDS, as room=4."),
        (("--set", "gate=2"), "A court card has no “gate”: it has address, bring"),
        (("--set", "late=soon"), "late: “soon” are no minutes: write a number, as 20."),
        (("--set", "room="), "The card is empty."),
    ],
)
def test_what_is_no_card_is_refused_in_one_sentence(here: DeskHere, id: str, words: tuple[str, ...], says: str) -> None:
    assert says in here.refuses("deadline", "card", id, *words, "--as", AUTHOR)
    assert not any(here.json("deadline", "card", id).values())


def test_a_card_is_changed_by_somebody_of_staff_and_for_a_date_that_is_there(here: DeskHere, id: str) -> None:
    assert "Say who changes it: --as EMAIL." in here.refuses("deadline", "card", id, "--set", "room=4")
    assert "There is no deadline X." in here.refuses("deadline", "card", "X")
