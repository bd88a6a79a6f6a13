"""The commands for people, as they are typed: what they print, and what they refuse with its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import ADMIN, APPROVER, AUTHOR, Desk, DeskHere

from alerts.settings import resource

HEADER = "email,name,organisation,kind,language,countries,cases,topics,kinds,cadence\n"
JAN = "jan@mission.example"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = DeskHere(tmp_path, f"sqlite:///{tmp_path / 'vigil.db'}", "").opens()
    yield desk
    desk.closes()


def test_an_invitation_is_the_last_word_printed(desk: Desk) -> None:
    link = desk.id("staff", "add", "dan@desk.example", "--role", "author", "--name", "Dan")
    assert link.startswith(f"http://localhost:{desk.port}/invitation/")
    assert [(one["email"], one["name"]) for one in desk.json("staff", "list")][-1] == ("dan@desk.example", "Dan")
    assert "“dan” is not a mail address" in desk.vigil("staff", "add", "dan", "--role", "author", fails=True)


def test_an_admin_says_who_is_told_by_mail_when_a_relay_refuses_us(desk: Desk) -> None:
    assert "told by mail" in desk.vigil("staff", "notices", APPROVER, "on", "--as", ADMIN)
    assert [one["email"] for one in desk.json("staff", "list") if one["notices"]] == [APPROVER]
    assert f"{APPROVER}  approver  told by mail" in desk.vigil("staff", "list")
    assert "no such mail" in desk.vigil("staff", "notices", APPROVER, "off", "--as", ADMIN)
    assert "told by mail" not in desk.vigil("staff", "list")
    assert "Only an admin may" in desk.vigil("staff", "notices", APPROVER, "on", "--as", AUTHOR, fails=True)


def test_cases_are_imported_and_each_refused_line_is_named(desk: Desk) -> None:
    example = str(resource("config/examples/central-asia-2010.yaml"))
    assert desk.vigil("import", "cases", example, "--as", AUTHOR).startswith("11 cases, ")
    file = desk.write("bad.yaml", "cases:\n  - {code: KG-1, country: KG}\n  - {code: KG-2, country: XX}\n")
    done = desk.attempt("import", "cases", file, "--as", AUTHOR)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"{file}:3: country: “XX” is not a country: write its two letters, as KG",
        f"vigil: nothing was taken from {file}: mend it, or add --partial to take the rest.",
    ]
    assert desk.vigil("import", "cases", file, "--as", AUTHOR, "--partial").startswith("1 cases, ")


def test_a_file_that_is_missing_or_no_text_is_one_sentence(desk: Desk) -> None:
    said = desk.vigil("import", "cases", "none.yaml", "--as", AUTHOR, fails=True)
    assert said == "vigil: none.yaml cannot be read: No such file or directory.\n"
    (desk.folder / "latin.csv").write_bytes(HEADER.encode() + b"a@x.example,J\xf6rg,,,,KG,,,,\n")
    said = desk.vigil("import", "subscribers", "latin.csv", "--as", APPROVER, fails=True)
    assert "latin.csv is not UTF-8 text" in said


def test_subscribers_are_imported_listed_vetted_and_suppressed(desk: Desk) -> None:
    file = desk.write("readers.csv", f"{HEADER}{JAN},Jan,Embassy,diplomat,en,KG;KZ,,,,\n")
    assert desk.vigil("import", "subscribers", file, "--as", APPROVER).startswith(
        "1 added, 0 updated, 1 asked to confirm"
    )
    [jan] = desk.json("subscriber", "list")
    assert jan == {
        "email": JAN, "name": "Jan", "organisation": "Embassy", "kind": "diplomat", "language": "en",
        "countries": ["KG", "KZ"], "cases": [], "topics": [], "kinds": [], "cadence": "immediate", "zone": "",
        "confirmed": False, "vetted": False, "suppressed": False, "left": False, "silent": False,
        "reach": "", "rungs": "", "nag": False, "calendar_names": False,
    }  # fmt: skip
    desk.vigil("subscriber", "confirm", JAN, "--as", APPROVER)
    desk.vigil("subscriber", "vet", JAN, "--as", APPROVER)
    desk.vigil("subscriber", "suppress", JAN, "--reason", "asked by telephone", "--as", APPROVER)
    [jan] = desk.json("subscriber", "list")
    assert (jan["confirmed"], jan["vetted"], jan["suppressed"]) == (True, True, True)
    assert "Only an approver may vet" in desk.vigil("subscriber", "vet", JAN, "--as", AUTHOR, fails=True)


def test_a_refused_row_keeps_all_others_out_unless_partial(desk: Desk) -> None:
    file = desk.write("readers.csv", f"{HEADER}{JAN},,,,,KG,,,,\nnobody,,,,,KG,,,,\n")
    done = desk.attempt("import", "subscribers", file, "--as", APPROVER, "--vetted")
    assert done.returncode == 1
    assert done.stderr.startswith(f"{file}:3: email: “nobody” is not a mail address\n")
    assert desk.json("subscriber", "list") == []
    done = desk.attempt("import", "subscribers", file, "--as", APPROVER, "--vetted", "--partial", "--json")
    assert (done.returncode, json.loads(done.stdout)["added"]) == (0, 1)


def test_the_audit_log_is_verified(desk: Desk) -> None:
    assert desk.vigil("audit", "verify") == "3 entries, unbroken."
