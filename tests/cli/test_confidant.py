"""`vigil confidant`: lawyer and family, as they are typed in, listed without their addresses, asked and ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from desk import APPROVER, AUTHOR, DeskHere

LAWYER = ("--role", "lawyer", "--name", "N. Sample", "--email", "n@law.example", "--phone", "+996 555 123456")


def test_an_author_adds_lists_asks_and_ends_the_lawyer(here: DeskHere) -> None:
    id = here.id("confidant", "add", "KG-1", *LAWYER, "--language", "ru", "--as", AUTHOR)
    assert id in here.vigil("confidant", "list", "KG-1")
    [row] = here.json("confidant", "list")
    assert (row["id"], row["case"], row["role"], row["by_mail"]) == (id, "KG-1", "lawyer", True)
    assert here.id("confidant", "ask", id, "--as", AUTHOR)
    assert "within the last hour" in here.refuses("confidant", "ask", id, "--as", AUTHOR)
    assert "links open nothing" in here.vigil("confidant", "end", id, "--as", APPROVER)
    assert "asked no more" in here.vigil("confidant", "list")


def test_addresses_are_printed_only_when_they_are_asked_for(here: DeskHere) -> None:
    here.vigil("confidant", "add", "KG-1", *LAWYER, "--as", AUTHOR)
    plain = here.vigil("confidant", "list") + here.vigil("confidant", "list", "--json")
    asked = here.vigil("confidant", "list", "--addresses")
    for secret in ("N. Sample", "n@law.example", "555"):
        assert secret not in plain and secret in asked


def test_a_date_is_asked_of_by_hand(here: DeskHere) -> None:
    day = (datetime.now(UTC) + timedelta(days=20)).strftime("%Y-%m-%d")
    date = here.id("deadline", "set", "KG-1", "--kind", "hearing", "--at", f"{day} 10:00", "--as", APPROVER)
    id = here.id("confidant", "add", "KG-1", "--role", "family", "--name", "S.", "--phone", "+996555", "--as", AUTHOR)
    said = here.vigil("confidant", "ask", id, "--what", "still", "--deadline", date, "--text", "--as", AUTHOR)
    line, link, _ = said.splitlines()
    assert "10:00" in line and f"http://localhost:{here.port}/tell/" in link


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("confidant", "add", "KG-9", *LAWYER), "no case KG-9"),
        (("confidant", "add", "KG-1", *LAWYER, "--email", "nobody"), "not a mail address"),
        (("confidant", "add", "KG-1", *LAWYER, "--zone", "Asia/Atlantis"), "no time zone"),
        (("confidant", "add", "KG-1", "--role", "lawyer", "--name", "N."), "telephone number"),
        (("confidant", "end", "nobody"), "no confidant nobody"),
        (("confidant", "ask", "nobody"), "no confidant nobody"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_one_sentence(here: DeskHere, words: tuple[str, ...], why: str) -> None:
    assert why in here.refuses(*words, "--as", AUTHOR)
