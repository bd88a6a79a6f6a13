"""Dates that people worked out by hand from the words of the law, held against what the program counts."""

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.domain import times
from alerts.domain.counting import Asked, Proof, count, recount, span
from alerts.domain.errors import Invalid
from alerts.domain.law import Rule
from alerts.domain.times import LocalTime, Precision
from alerts.services.lawbooks import Books, books
from alerts.settings import load

FILES = sorted((Path(__file__).parent / "golden").glob("*.toml"))
TABLES = {file.stem: tomllib.loads(file.read_text("utf-8")) for file in FILES}
ROWS = [
    pytest.param(table["zone"], row, id=f"{row['rule']} {row['trigger']}: {row['why']}")
    for table in TABLES.values()
    for row in table["rows"]
]


@pytest.fixture(scope="module")
def shipped() -> Books:
    return books(load(None, {}).law)


def when(text: str, zone: str, claim: str = "") -> LocalTime:
    if "/" in text:
        first, _, last = text.partition("/")
        return times.between(claim, first, last, zone)
    return times.at(text, zone) if ":" in text else times.on(text, zone)


def written(time: LocalTime) -> str:
    if time.exact:
        return f"{time.wall:%Y-%m-%d %H:%M}"
    return f"{time.first}" if time.precision is Precision.DAY else f"{time.first}/{time.last}"


def counted(rule: Rule, row: dict[str, str], zone: str, shipped: Books) -> Proof:
    copy = when(row["copy"], zone) if "copy" in row else None
    cases = (row["case"],) if "case" in row else ()
    asked = Asked(when(row["trigger"], zone, row.get("claim", "")), row.get("custody"), copy, cases)
    return count(rule, asked, shipped.days_off(rule.jurisdiction, *span(rule, asked)), shipped.closing)


@pytest.mark.parametrize(("zone", "row"), ROWS)
def test_the_program_counts_as_people_do(zone, row, shipped):
    proof = counted(shipped.law.get(row["rule"]), row, zone, shipped)
    versions = proof.rule.versions
    assert (written(proof.early), written(proof.outer)) == (row["early"], row["outer"])
    assert " | ".join(version.article for version in versions) == row["article"]
    assert max((version.certainty for version in versions), key=lambda c: c.rank) == row["certainty"]
    assert proof.known is row.get("known", True)
    assert recount(proof) == proof, "and counts again to the same dates"


@pytest.mark.parametrize(("zone", "row"), ROWS)
def test_what_is_only_recalled_or_not_known_to_hold_never_runs_out(zone, row, shipped):
    proof = counted(shipped.law.get(row["rule"]), row, zone, shipped)
    if row["certainty"] == "C" or not row.get("known", True):
        assert not proof.lapsed(times.at("2090-01-01 00:00", "UTC").instant)


@pytest.mark.parametrize(("zone", "row"), [row for row in ROWS if "reported" in row.values[1]])
def test_what_was_reported_of_real_cases_lies_within_the_period(zone, row, shipped):
    proof = counted(shipped.law.get(row["rule"]), row, zone, shipped)
    assert row["trigger"] < row["reported"] <= written(proof.outer)


@pytest.mark.parametrize(
    ("zone", "row"),
    [
        ("Asia/Almaty", {"rule": "KZ-REMAND-APPEAL", "trigger": "2026-11-18"}),
        ("Asia/Bishkek", {"rule": "KG-CRIM-APPEAL", "trigger": "2026-11-06", "copy": "2026-11-12"}),
    ],
)
def test_in_custody_a_period_is_not_called_over_before_the_rolled_day(zone, row, shipped):
    """The date that is shown does not roll; by the words of the law an appeal may."""
    proof = counted(shipped.law.get(row["rule"]), row | {"custody": True}, zone, shipped)
    saturday = proof.outer.ends - timedelta(days=1)
    assert proof.outer.first.weekday() == 5
    assert not proof.lapsed(saturday + timedelta(days=2, hours=12)), "Monday noon"
    assert proof.lapsed(saturday + timedelta(days=3)), "Monday at midnight"


def test_every_jurisdiction_has_its_table(shipped):
    assert TABLES.keys() == {rule.jurisdiction for rule in shipped.law.rules}
    assert all(len(TABLES[code]["rows"]) >= 12 for code in ("KZ", "KG", "UZ"))


def test_no_date_is_shown_for_hearing_an_appeal_in_uzbekistan(shipped):
    rule = shipped.law.get("UZ-CRIM-APPEAL-HEARD")
    assert not any(version.counts for version in rule.versions)
    with pytest.raises(Invalid, match="gives no date"):
        counted(rule, {"trigger": "2026-11-20"}, "Asia/Tashkent", shipped)
