"""`vigil signal` and `vigil partner`: what somebody tells us, and whose mails are news."""

from __future__ import annotations

import io
import sys
from unittest.mock import patch

from desk import ADMIN, AUTHOR, DeskHere

MESSAGE = "Увезли: Aida Sample\nСуд 9 декабря 2099 года в 10:00, не называйте меня.\n"


def test_a_message_is_kept_from_a_file_and_listed_with_its_names_and_dates(here: DeskHere) -> None:
    id = here.id("signal", "add", here.write("message.txt", MESSAGE), "--as", AUTHOR)
    assert here.id("signal", "add", here.write("again.txt", MESSAGE), "--as", AUTHOR) == id
    [row] = here.json("signal", "list")
    assert (row["id"], row["title"], row["names"][0]["case"]) == (id, "Увезли: Aida Sample", "KG-1")
    assert row["dates"][0]["wall"] == "2099-12-09T10:00:00"
    assert id in here.vigil("signal", "list") and here.json("signal", "list", "--which", "used") == []


def test_a_message_comes_from_standard_input_as_well(here: DeskHere) -> None:
    with patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(MESSAGE.encode()))):
        assert here.vigil("signal", "add", "-", "--as", AUTHOR).startswith("kept as signal")
    assert "is empty" in here.refuses("signal", "add", here.write("empty.txt", " \n"), "--as", AUTHOR)


def test_an_admin_lists_and_removes_partners(here: DeskHere) -> None:
    asked = ("partner", "add", "bulletin@partner.example", "--name", "Partner", "--country", "KG")
    assert here.refuses(*asked, "--as", AUTHOR)
    id = here.id(*asked, "--as", ADMIN)
    assert "already" in here.refuses(*asked, "--as", ADMIN)
    assert here.refuses("partner", "add", "nobody", "--name", "X", "--as", ADMIN)
    assert [row["email"] for row in here.json("partner", "list")] == ["bulletin@partner.example"]
    assert here.vigil("partner", "remove", id, "--as", ADMIN) == "removed"
    assert here.vigil("partner", "list") == ""


def test_check_names_a_rule_that_makes_no_sense(here: DeskHere) -> None:
    here.environment["VIGIL_TRIAGE__RULES"] = '[{name = "ours", then = "publish"}]'
    found = here.attempt("check").stdout
    assert "rule 1 “ours”: then must be one of dismiss, hold, draft, page" in found
