"""The crash journal: what the dead had sent is known to whoever comes next, and nobody reads the living's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from alerts.store.journal import Journal, left_behind, mark

KEEPS = """
import os, signal, sys
from pathlib import Path
from alerts.store.journal import Journal, mark
journal = Journal(Path(sys.argv[1])).__enter__()
for n in range(3):
    journal.taken(mark(7, "00ab"), n)
    if n == 1:
        journal.turn()
os.kill(os.getpid(), signal.SIGKILL)
"""


def dies(folder: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KEEPS, str(folder)], check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == -9


def test_what_a_killed_process_had_sent_is_found_once(tmp_path):
    dies(tmp_path)
    with left_behind(tmp_path) as entries:
        assert [sorted(found) for found in entries.values()] == [[(mark(7, "00ab"), n) for n in range(3)]]
    with left_behind(tmp_path) as entries:
        assert entries == {}
    assert list(tmp_path.iterdir()) == []


def test_entries_stay_where_they_could_not_be_recorded(tmp_path):
    dies(tmp_path)
    try:
        with left_behind(tmp_path):
            raise OSError("the database is away")
    except OSError:
        pass
    with left_behind(tmp_path) as entries:
        assert [len(found) for found in entries.values()] == [3]


def test_the_journal_of_somebody_alive_is_not_read(tmp_path):
    with Journal(tmp_path) as journal:
        journal.taken(mark(1, "00"), 0)
        with left_behind(tmp_path) as entries:
            assert entries == {}
    with left_behind(tmp_path) as entries:  # it stopped with something unrecorded
        assert dict(entries) == {journal.id: [(mark(1, "00"), 0)]}


def test_what_is_recorded_is_forgotten_and_what_came_meanwhile_is_not(tmp_path):
    with Journal(tmp_path) as journal:
        journal.taken(mark(1, "00"), 0)
        journal.turn()
        journal.taken(mark(1, "00"), 1)  # while the commit of the first is under way
        journal.recorded()
    with left_behind(tmp_path) as entries:
        assert dict(entries) == {journal.id: [(mark(1, "00"), 1)]}


def test_a_journal_that_ends_with_nothing_to_say_leaves_no_file(tmp_path):
    with Journal(tmp_path) as journal:
        journal.taken(mark(1, "00"), 0)
        journal.turn()
        journal.recorded()
    assert list(tmp_path.iterdir()) == []


def test_no_folder_is_no_journal(tmp_path):
    with left_behind(tmp_path / "nowhere") as entries:
        assert entries == {}


def test_the_mark_tells_holders_of_one_batch_apart(tmp_path):
    assert mark(3, "ff00") != mark(3, "ff01") != mark(4, "ff01")
    assert mark(2**31 - 1, "ff") | 499 < 2**64
