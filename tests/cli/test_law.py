"""`vigil law` and the counted dates of `vigil deadline`: the keys that are promised, and refusals in one sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from desk import APPROVER, AUTHOR, DeskHere

PROOF = {
    "rule", "what", "jurisdiction", "gives", "article", "version", "versions", "known", "certainty",
    "counting_certainty", "verified",
    "for_court", "counted_from", "custody", "cases", "trigger", "copy", "start", "early", "outer", "interval",
    "excluded", "rolled", "tzdata", "calendar", "words",
}  # fmt: skip
VERSION = {
    "valid_from", "valid_to", "valid_words", "amount", "unit", "cases", "says", "counted_from", "in_custody", "article",
    "source", "certainty", "verified", "quote", "reviewed_by", "reviewed_on",
}  # fmt: skip


def test_every_rule_is_listed_and_those_of_one_place(here: DeskHere) -> None:
    every = here.json("law", "list")
    uzbek = here.json("law", "list", "--jurisdiction", "UZ")
    assert {row["jurisdiction"] for row in every} == {"KZ", "KG", "TJ", "TM", "UZ", "INT"}
    assert uzbek == [row for row in every if row["jurisdiction"] == "UZ"]
    assert all(set(version) == VERSION for row in every for version in row["versions"])
    assert "UZ-CRIM-APPEAL" in here.vigil("law", "list")


def test_a_rule_is_explained_as_it_stood_on_a_day(here: DeskHere) -> None:
    both = here.json("law", "explain", "UZ-CRIM-APPEAL")["versions"]
    assert [version["amount"] for version in both] == [20, 10]
    [before] = here.json("law", "explain", "UZ-CRIM-APPEAL", "--on", "2023-12-31")["versions"]
    [since] = here.json("law", "explain", "UZ-CRIM-APPEAL", "--on", "2024-01-01")["versions"]
    assert (before["amount"], since["amount"]) == (20, 10)
    assert "unverified – ask the lawyer" in here.vigil("law", "explain", "TJ-CRIM-APPEAL")


def test_a_rule_is_counted_without_a_database(here: DeskHere) -> None:
    found = here.json(
        "law", "count", "KZ-CRIM-APPEAL", "--from", "2026-03-05 15:00", "--custody", "yes", "--copy", "2026-03-12"
    )
    assert set(found) == PROOF and set(found["version"]) == VERSION
    assert (found["early"]["to"], found["outer"]["to"], found["interval"]) == ("2026-03-20", "2026-03-27", None)
    assert (found["counted_from"], found["custody"], found["verified"]) == ("service of copy", True, True)
    vague = here.json("law", "count", "UZ-CRIM-APPEAL", "--from", "2023-12-30..2024-01-02")
    assert vague["interval"] == {"from": vague["early"]["from"], "to": vague["early"]["to"]}
    assert len(vague["versions"]) == 2
    minor = here.json("law", "count", "KZ-HOLD", "--from", "2026-11-27 22:40", "--case", "minor")
    assert minor["early"]["at"] == "2026-11-28 22:40"
    recalled = here.vigil("law", "count", "TM-CRIM-APPEAL", "--from", "2026-11-27")
    assert "Unverified – ask the lawyer" in recalled and "Every reading of the law" not in recalled


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("count", "UZ-CRIM-APPEAL-HEARD", "--from", "2026-11-27"), "gives no date"),
        (("count", "KZ-HOLD", "--from", "2026-02-30"), "2026-02-30 does not exist"),
        (("count", "KZ-HOLD", "--from", "2026-02-10 10:00", "--zone", "Almaty"), "There is no time zone “Almaty”"),
        (("count", "KZ-HOLD", "--from", "2026-02-10..2026-02-01"), "comes before"),
        (("count", "KZ-HOLD", "--from", "2026-02-10", "--case", "giant"), "no case “giant”; it has listed, minor"),
        (("explain", "KZ-DREAM"), "There is no rule KZ-DREAM"),
        (("explain", "KZ-HOLD", "--on", "today"), "“today” is not a day"),
        (("list", "--jurisdiction", "FR"), "There are no rules of FR; there are INT, KG"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(here: DeskHere, words: tuple[str, ...], sentence: str) -> None:
    assert sentence in here.refuses("law", *words)


def test_a_sites_own_rules_and_days_off_come_first(here: DeskHere) -> None:
    folder = here.folder / "law"
    folder.mkdir()
    here.environment["VIGIL_LAW__FOLDER"] = str(folder)
    here.environment["VIGIL_LAW__DAYS_OFF"] = "KZ 2026-03-20 moved by decree"
    found = here.json("law", "count", "KZ-CRIM-APPEAL", "--from", "2026-03-05", "--custody", "no")
    assert found["excluded"][0] == {"day": "2026-03-20", "why": "moved by decree"}
    assert (found["early"]["to"], found["rolled"]) == ("2026-03-20", True)
    broken = here.folder / "broken" / "law"
    broken.mkdir(parents=True)
    here.environment["VIGIL_LAW__FOLDER"] = str(broken)
    (broken / "KZ.toml").write_text('jurisdiction = "KZ"\n[[rule]]\nid = "KZ-OWN"\nwhat = "x"\n')
    assert "broken/law/KZ.toml: KZ-OWN: it has no version" in here.refuses("law", "list")
    here.environment["VIGIL_LAW__FOLDER"] = "/nowhere"
    assert "law.folder /nowhere is no folder" in here.refuses("law", "list")


def test_a_verdict_is_counted_explained_and_counted_again(here: DeskHere) -> None:
    yesterday = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"
    made = here.json(
        "deadline", "compute", "KG-1", "--trigger", "verdict", "--from", yesterday, "--custody", "yes",
        "--as", APPROVER,
    )  # fmt: skip
    appeal = next(one for one in made["made"] if one["rule"] == "KG-CRIM-APPEAL")
    assert set(appeal) == PROOF | {"id", "kind", "state", "confirmed"} and appeal["confirmed"]
    assert "KG-CRIM-FORCE" in {note["rule"] for note in made["notes"]}
    explained = here.json("deadline", "explain", appeal["id"])
    assert set(explained) == PROOF | {"id", "kind", "state", "when"}
    assert explained["early"] == appeal["early"]
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    here.vigil("deadline", "answer", appeal["id"], "--custody", "yes", "--copy", today, "--as", APPROVER)
    again = here.json("deadline", "explain", appeal["id"])
    assert again["early"] == appeal["early"] and again["outer"]["to"] > appeal["outer"]["to"]
    assert "counted already" in here.refuses(
        "deadline", "compute", "KG-1", "--trigger", "verdict", "--from", yesterday, "--as", AUTHOR
    )


def test_a_clock_without_a_case_needs_a_title_only_if_it_shall_have_another(here: DeskHere) -> None:
    made = here.vigil(
        "deadline", "compute", "--rule", "INT-WGAD", "--from", "2099-01-01", "--title", "WGAD, our letter", "--as",
        AUTHOR,
    )  # fmt: skip
    assert "INT-WGAD: 2099-03-02" in made
