"""The benches run as a user runs them, with few recipients. No figure is asserted: only that they count right."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from components import lacks
from desk import VIGIL, Desk, eventually
from postgres import Postgres

PARTS = ("recipients", "seconds", "per_second", "cpu_seconds_per_10k", "rss_mb", "duplicates", "lost", "expand_seconds")


@pytest.fixture
def postfix() -> None:
    if not (shutil.which("smtp-sink") or Path("/usr/sbin/smtp-sink").exists()):
        lacks("postfix")


@pytest.fixture
def bystander(tmp_path: Path) -> Desk:
    """Somebody whose own settings are broken: a bench must not read them."""
    return Desk(tmp_path, "sqlite:////nowhere/at/all.db", "smtp://relay.invalid", TMPDIR=str(tmp_path))


@pytest.mark.usefixtures("postfix")
def test_a_fan_out_loses_nobody_and_stands_beside_its_yardsticks(bystander: Desk, postgres: Postgres) -> None:
    ours = Path(bystander.environment["TMPDIR"])
    for database in ((), ("--database-url", postgres.url("postgres"))):
        done = subprocess.run(
            [str(VIGIL), "bench", "deliver", "--recipients", "300", "--rounds", "1", "--json", *database],
            env=bystander.environment, cwd=ours, capture_output=True, text=True, timeout=100,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert [part for part in PARTS if part not in found] == []
        assert (found["recipients"], found["duplicates"], found["lost"]) == (300, 0, 0)
        assert found["compared_by_name"] == 300
        assert found["yardsticks"].keys() == found["ratios"].keys() == {"smtp_source", "naive"}
        assert list(ours.glob("vigil-*")) == [], "nothing is left behind"
    with psycopg.connect(postgres.url("postgres")) as conn:
        names = conn.execute("SELECT datname FROM pg_database").fetchall()
    assert [name for (name,) in names if name.startswith("vigil_bench")] == []


@pytest.mark.usefixtures("postfix")
def test_whoever_interrupts_a_bench_finds_nothing_left_behind(bystander: Desk) -> None:
    ours = Path(bystander.environment["TMPDIR"])
    words = [str(VIGIL), "bench", "deliver", "--recipients", "3000", "--json"]
    ignored = signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite in the background ignores it
    with subprocess.Popen(words, env=bystander.environment, cwd=ours, stderr=subprocess.PIPE) as bench:
        signal.signal(signal.SIGINT, ignored)
        eventually(lambda: bool(list(ours.glob("vigil-sink-*"))), what="a sink was started")
        bench.send_signal(signal.SIGINT)
        assert bench.wait(timeout=30) == 1
    assert list(ours.glob("vigil-*")) == []
    assert children_in(ours) == []


def test_an_expansion_alone_needs_no_mail_server(bystander: Desk) -> None:
    found = bystander.json("bench", "deliver", "--expand", "--recipients", "400")
    assert found["recipients"] == 400
    assert found["expand_seconds"] >= 0


def test_a_bench_without_postfix_says_how_to_get_it(bystander: Desk) -> None:
    if any(Path(folder, "smtp-sink").exists() for folder in ("/usr/sbin", "/usr/libexec/postfix")):
        pytest.skip("Postfix is here")
    assert "apt install postfix" in bystander.refuses("bench", "deliver")


def children_in(folder: Path) -> list[str]:
    """Processes that work in that folder."""
    if not Path("/proc").exists():
        return []
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            where = str((process / "cwd").readlink())
        except OSError:
            continue
        if where.startswith(str(folder)) and process.name != str(os.getpid()):
            found.append(where)
    return found


def test_matching_is_measured_beside_exact_words(bystander: Desk) -> None:
    found = bystander.json("bench", "match", "--people", "60", "--texts", "60")
    assert (found["people"], found["texts"], found["half"]) == (60, 60, "test")
    assert found["per_second"] > 0
    assert found["yardsticks"].keys() == found["ratios"].keys() == {"exact", "anyascii"}
    assert found["known"].keys() == found["sentences"]["test"].keys() == {"1", "2", "4"}


@pytest.mark.skipif(sys.platform != "linux", reason="127/8 is Linux's")
def test_sources_are_visited_beside_their_yardsticks(bystander: Desk) -> None:
    ours = Path(bystander.environment["TMPDIR"])
    done = subprocess.run(
        [str(VIGIL), "bench", "poll", "--sources", "40", "--json"],
        env=bystander.environment, cwd=ours, capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["sources"], found["failed"]) == (40, [])
    assert found["per_second"] > 0 and found["first_per_second"] > 0
    assert found["yardsticks"].keys() == found["ratios"].keys() == {"reader", "rss2email"}
    assert list(ours.glob("vigil-*")) == [], "nothing is left behind"
    assert children_in(ours) == []
