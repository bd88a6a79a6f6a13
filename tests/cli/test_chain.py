"""The life of a hearing at the command line: other places, closed doors, a call list, two people at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from desk import APPROVER, AUTHOR, DeskHere

ZONE = "Asia/Bishkek"


def ahead(**span: float) -> str:
    return f"{(datetime.now(UTC) + timedelta(**span)).astimezone(ZoneInfo(ZONE)):%Y-%m-%d %H:%M}"


def a_hearing(desk: DeskHere) -> str:
    return desk.id(
        "deadline", "set", "KG-1", "--kind", "hearing", "--at", ahead(days=20), "--zone", ZONE, "--court", "Court A",
        "--told-by", "lawyer", "--as", APPROVER,
    )  # fmt: skip


def of(desk: DeskHere, id: str) -> dict[str, object]:
    return next(row for row in desk.json("deadline", "list") if row["id"] == id)


def test_a_hearing_is_moved_relocated_closed_opened_held_and_reported(here: DeskHere) -> None:
    id = a_hearing(here)
    assert (of(here, id)["told_by"], of(here, id)["revision"]) == ("lawyer", 1)
    for words, state in (
        (("relocate", id, "--court", "Court B"), "relocated"),
        (("close", id, "--told-by", "court"), "closed to the public"),
        (("reopen", id), "confirmed"),
        (("held", id, "--outcome", "put off at once"), "held"),
        (("report", id, "--text", "Two came."), "reported"),
    ):
        assert here.vigil("deadline", *words, "--as", APPROVER) == f"Deadline {state}. {id}"
    assert (of(here, id)["court"], of(here, id)["report"], of(here, id)["revision"]) == ("Court B", "Two came.", 4)


def test_a_second_change_with_the_number_of_the_first_is_refused(here: DeskHere) -> None:
    id = a_hearing(here)
    change = ("deadline", "reschedule", id, "--to", ahead(days=9), "--if-revision", "1", "--as", APPROVER)
    here.vigil(*change)
    before = of(here, id)
    assert "since you looked: look again." in here.refuses(*change)
    for verb, *more in (("cancel",), ("adjourn",), ("close",), ("relocate", "--court", "X"), ("confirm",)):
        assert "look again" in here.refuses("deadline", verb, id, *more, "--if-revision", "1", "--as", APPROVER)
    assert of(here, id) == before


def test_a_call_list_is_read_and_ticked(here: DeskHere) -> None:
    id = a_hearing(here)
    assert here.json("deadline", "calls", id) == {
        "deadline": id, "revision": 1, "holders": 0, "know": 0, "silent": 0, "phone_only": 0, "calls": [],
    }  # fmt: skip
    assert "0 have the old date" in here.vigil("deadline", "calls", id)
    assert "not on this call list" in here.refuses(
        "deadline", "tick", id, "x@y.example", "--how", "rang", "--as", AUTHOR
    )


def test_what_is_only_expected_tells_nobody_and_cannot_be_confirmed(here: DeskHere) -> None:
    claim = ("--claim", "mid-May 2040", "--from", "2040-05-10", "--to", "2040-05-20", "--expected")
    id = here.id("deadline", "set", "KG-1", "--kind", "hearing", *claim, "--as", APPROVER)
    assert (of(here, id)["state"], of(here, id)["confirmed"]) == ("expected", False)
    assert "only expected" in here.refuses("deadline", "confirm", id, "--as", APPROVER)
