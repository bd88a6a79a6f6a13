"""Exactly one process works at a desk."""

import subprocess
import sys

import pytest

from alerts.domain.errors import Conflict
from alerts.engine.lock import WorkerLock

HOLDS = """
import sys
from alerts.engine.lock import WorkerLock
with WorkerLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path):
    """Another process that works at the desk until its input ends."""
    command = [sys.executable, "-c", HOLDS, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_second_is_told_which_process_works(tmp_path, other):
    with pytest.raises(Conflict, match=rf"by process {other.pid} \(see .*worker\.lock\)"), WorkerLock(str(tmp_path)):
        pass


def test_a_refused_one_leaves_the_first_in_peace(tmp_path, other):
    for _ in range(3):
        with pytest.raises(Conflict, match=str(other.pid)), WorkerLock(str(tmp_path)):
            pass


def test_it_is_free_after_a_kill(tmp_path, other):
    other.kill()
    other.wait()
    with WorkerLock(str(tmp_path)):
        pass


def test_it_is_free_after_an_orderly_end_and_can_be_taken_again(tmp_path, other):
    other.stdin.close()
    other.wait(timeout=10)
    for _ in range(2):
        with WorkerLock(str(tmp_path)), pytest.raises(Conflict), WorkerLock(str(tmp_path)):
            pass


def test_a_failure_inside_frees_it(tmp_path):
    with pytest.raises(ZeroDivisionError), WorkerLock(str(tmp_path)):
        raise ZeroDivisionError
    with WorkerLock(str(tmp_path)):
        pass


def test_only_its_owner_reads_it(tmp_path):
    with WorkerLock(str(tmp_path)):
        assert (tmp_path / "worker.lock").stat().st_mode & 0o777 == 0o600
