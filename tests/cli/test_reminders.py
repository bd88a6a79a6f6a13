"""What waits, asked for by hand: who would be told, what comes within a week, and what was missed."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from desk import APPROVER, AUTHOR, VIGIL, Desk, DeskHere
from postgres import Postgres

READERS = """email,name,organisation,kind,language,countries,cases,topics,kinds,cadence,rungs
one@embassy.example,One,Embassy A,diplomat,en,KG,,,,immediate,
two@ngo.example,Two,House B,ngo,ru,KG,,,,immediate,T-3d
"""


@pytest.fixture
def desk(here: DeskHere) -> DeskHere:
    file = here.write("readers.csv", READERS)
    here.vigil("import", "subscribers", file, "--vetted", "--as", APPROVER)
    return here


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days, hours=6)).strftime("%Y-%m-%d %H:%M")  # Bishkek's clock


def test_a_rehearsal_says_who_would_be_told_until_when_and_changes_nothing(desk: DeskHere) -> None:
    hearing = desk.id("deadline", "set", "KG-1", "--kind", "hearing", "--at", in_days(10), "--as", APPROVER)
    found = desk.json("remind", "--dry-run", "--at", in_days(8))
    assert [(row["rung"], row["whom"], row["fate"], row["readers"], row["languages"]) for row in found] == [
        ("T-14d", "subscribers", "fired", 1, {"en": 1}),
        ("T-7d", "subscribers", "fired", 1, {"en": 1}),
        ("T-3d", "subscribers", "fired", 2, {"en": 1, "ru": 1}),
    ]
    assert {row["deadline"] for row in found} == {hearing}
    assert {row["case"] for row in found} == {"KG-1"}
    assert found == desk.json("remind", "--dry-run", "--at", in_days(8))
    assert "2 readers (1 en, 1 ru)" in desk.vigil("remind", "--dry-run", "--at", in_days(8))


def test_reminding_by_hand_fires_what_is_due_once(desk: DeskHere) -> None:
    desk.vigil("deadline", "set", "KG-1", "--kind", "hearing", "--at", in_days(10), "--as", APPROVER)
    assert desk.json("remind") == {"fired": 1}
    assert desk.json("remind") == {"fired": 0}
    assert "Nothing is due" in desk.vigil("remind", "--dry-run")
    assert "--at goes with --dry-run" in desk.refuses("remind", "--at", in_days(8))
    assert "is not a time" in desk.refuses("remind", "--dry-run", "--at", "tomorrow")


def test_what_is_due_within_a_span_is_listed_as_before(desk: DeskHere) -> None:
    near = desk.id("deadline", "set", "KG-1", "--kind", "hearing", "--at", in_days(5), "--as", APPROVER)
    far = desk.id("deadline", "set", "KG-1", "--kind", "hearing", "--at", in_days(9), "--as", APPROVER)
    off = desk.id("deadline", "set", "KG-1", "--kind", "hearing", "--at", in_days(2), "--as", APPROVER)
    desk.vigil("deadline", "cancel", off, "--as", APPROVER)
    everything = desk.json("deadline", "list")
    assert desk.json("deadline", "list", "--due-within", "7d") == [row for row in everything if row["id"] == near]
    assert {row["id"] for row in desk.json("deadline", "list", "--due-within", "2w")} == {near, far}
    assert desk.json("deadline", "list", "--due-within", "12h") == []
    assert "write hours, days or weeks, as 12h, 7d or 2w" in desk.refuses("deadline", "list", "--due-within", "soon")


def test_a_case_gets_reminders_of_its_own_and_its_usual_ones_back(desk: DeskHere) -> None:
    own = ("case", "reminders", "KG-1", "--kind", "hearing")
    assert "T-10d, T-2d, T+6h" in desk.vigil(*own, "--rungs", "10d 2d", "--as", AUTHOR)
    desk.vigil("deadline", "set", "KG-1", "--kind", "hearing", "--at", in_days(11), "--as", APPROVER)
    rungs = [row["rung"] for row in desk.json("remind", "--dry-run", "--at", in_days(12))]
    assert rungs == ["T-10d", "T-3d", "T-2d", "T+6h"]
    assert "T-14d" in desk.vigil(*own, "--usual", "--as", AUTHOR)
    assert "is no reminder" in desk.refuses(*own, "--rungs", "soon", "--as", AUTHOR)
    assert "--usual" in desk.refuses(*own, "--as", AUTHOR)


def test_there_is_nothing_to_decide_where_nothing_was_missed(desk: DeskHere) -> None:
    hearing = desk.id("deadline", "set", "KG-1", "--kind", "hearing", "--at", in_days(10), "--as", APPROVER)
    assert "was missed" in desk.refuses("deadline", "missed", hearing, "--leave", "--as", AUTHOR)
    assert "--tell the readers now, or --leave it" in desk.refuses("deadline", "missed", hearing, "--as", AUTHOR)


@pytest.mark.long
def test_the_bench_counts_right_on_both_databases_and_leaves_nothing_behind(tmp_path: Path, postgres: Postgres) -> None:
    """No figure of speed is asserted."""
    bystander = Desk(tmp_path, "sqlite:////nowhere/at/all.db", "smtp://relay.invalid", TMPDIR=str(tmp_path))
    for database in ((), ("--database-url", postgres.url("postgres"))):
        done = subprocess.run(
            [str(VIGIL), "bench", "reminders", "--pending", "600", "--json", *database],
            env=bystander.environment, cwd=tmp_path, capture_output=True, text=True, timeout=200,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert list(found)[:9] == [
            "pending", "clocks", "fired", "fired_twice", "fired_at_revoked_time", "fired_early", "never_fired",
            "lateness_max_s", "ticks",
        ]  # fmt: skip
        assert (found["pending"], found["clocks"], found["fired"]) == (600, 3, found["due"])
        assert [found[key] for key in list(found)[3:7]] == [0, 0, 0, 0]
        assert found["moved"] > 10 and found["told"] > 2
        assert list(tmp_path.glob("vigil-*")) == []
