"""What we wait to hear, from the command line."""

from __future__ import annotations

from desk import APPROVER, AUTHOR, DeskHere


def test_what_is_to_be_heard_is_set_listed_and_heard(here: DeskHere) -> None:
    said = here.vigil(
        "silence", "set", "KG-1", "--seen-days", "3", "--check-in-hours", "8", "--who", APPROVER, "--note",
        "her sister", "--as", AUTHOR,
    )  # fmt: skip
    assert [line.partition(":")[0] for line in said.splitlines()] == ["seen", "check-in"]
    first, second = here.json("silence", "list")
    assert (first["awaited"], first["case"], first["every_hours"], first["fired"]) == ("check-in", "KG-1", 8, None)
    assert (second["awaited"], second["note"], second["what"]) == (
        "seen", "her sister", "the lawyer has not seen the client",
    )  # fmt: skip
    assert here.json("silence", "list", "--fired") == []
    assert "ring the lawyer" in here.vigil("silence", "list")
    heard = here.json("silence", "heard", "KG-1", "--what", "check-in", "--as", AUTHOR)
    assert heard["due"] > first["due"]
    assert here.vigil("silence", "heard", second["id"], "--as", AUTHOR).startswith("Heard. Next alarm:")
    assert here.vigil("silence", "set", "KG-1", "--seen-days", "0", "--as", AUTHOR) == "seen: not awaited"


def test_a_check_in_by_an_hour_is_on_the_clock_of_the_country(here: DeskHere) -> None:
    said = here.vigil("silence", "set", "KG-1", "--by", "2199-01-02 10:00", "--as", AUTHOR)
    assert said == "check-in: alarm on 2199-01-02 04:15 UTC"
    assert here.vigil("silence", "heard", "KG-1", "--what", "check-in", "--as", AUTHOR) == "Heard. It is over."


def test_what_makes_no_sense_is_refused_in_one_sentence(here: DeskHere) -> None:
    assert "There is no case XX-1" in here.refuses("silence", "set", "XX-1", "--seen-days", "3", "--as", AUTHOR)
    assert "over already" in here.refuses("silence", "set", "KG-1", "--by", "2020-01-02 10:00", "--as", AUTHOR)
    assert "There is no silence" in here.refuses("silence", "heard", "KG-1", "--what", "seen", "--as", AUTHOR)
    here.vigil("silence", "set", "KG-1", "--check-in-hours", "8", "--as", AUTHOR)
    assert "no alarm to put off" in here.refuses("silence", "later", "KG-1", "--what", "check-in", "--as", AUTHOR)
    assert here.json("silence", "list", "--fired") == []
