"""The commit gate: a line takes its next message only when the result of its last is in the ledger."""

import asyncio
import threading

import pytest

from alerts.domain.delivery import Sent
from alerts.engine.gate import Gate

SENT = Sent()


class Ledger:
    """Commits when a test lets it. `commits`: the places that each commit took."""

    def __init__(self, go_on=True):
        self.commits, self.go_on, self.failure = [], go_on, None
        self.begun, self.may_commit = threading.Semaphore(0), threading.Semaphore(0)

    def record(self, answers):
        self.begun.release()
        assert self.may_commit.acquire(timeout=10)
        if self.failure:
            raise self.failure
        self.commits.append([n for n, _ in answers])
        return self.go_on

    async def started(self):
        assert await asyncio.to_thread(self.begun.acquire, timeout=10)


async def settle():
    """Let every task that can go on do so."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_line_waits_for_the_commit_of_its_last():
    ledger = Ledger()
    gate = Gate(ledger.record)
    passing = asyncio.create_task(gate.passed(1, SENT))
    await ledger.started()
    await settle()
    assert not passing.done()
    ledger.may_commit.release()
    assert await passing is True
    assert ledger.commits == [[1]]


async def test_one_commit_for_all_that_came_while_another_was_under_way():
    ledger = Ledger()
    gate = Gate(ledger.record)
    first = asyncio.create_task(gate.passed(1, SENT))
    await ledger.started()
    others = [asyncio.create_task(gate.passed(n, SENT)) for n in (2, 3, 4)]
    await settle()
    ledger.may_commit.release()
    await first
    assert not any(other.done() for other in others)
    ledger.may_commit.release()
    await asyncio.gather(*others)
    assert ledger.commits == [[1], [2, 3, 4]]


async def test_no_message_is_taken_ahead_of_its_commit_and_none_is_lost():
    taken, committed = [], set()

    def record(answers):
        committed.update(n for n, _ in answers)
        return True

    gate, places = Gate(record), iter(range(200))

    async def line():
        for n in places:
            taken.append(n)
            assert len(set(taken) - committed) <= 4  # at most one for each line
            assert await gate.passed(n, SENT)
            assert n in committed

    async with asyncio.TaskGroup() as lines:
        for _ in range(4):
            lines.create_task(line())
    assert committed == set(range(200))


async def test_the_ledger_says_whether_to_go_on():
    ledger = Ledger(go_on=False)
    ledger.may_commit.release()
    assert await Gate(ledger.record).passed(1, SENT) is False


async def test_a_failing_commit_reaches_all_who_wait_and_who_came_meanwhile():
    ledger = Ledger()
    gate, ledger.failure = Gate(ledger.record), OSError("disk full")
    first = asyncio.create_task(gate.passed(1, SENT))
    await ledger.started()
    late = [asyncio.create_task(gate.passed(n, SENT)) for n in (2, 3)]
    await settle()
    ledger.may_commit.release()
    found = await asyncio.wait_for(asyncio.gather(first, *late, return_exceptions=True), 5)
    assert found == [ledger.failure] * 3
    assert ledger.commits == []


async def test_after_a_failure_the_gate_works_again():
    ledger = Ledger()
    gate, ledger.failure = Gate(ledger.record), OSError("busy")
    ledger.may_commit.release()
    with pytest.raises(OSError, match="busy"):
        await gate.passed(1, SENT)
    ledger.failure = None
    ledger.may_commit.release()
    assert await gate.passed(2, SENT)


async def test_a_line_that_gave_up_does_not_hold_the_others():
    ledger = Ledger()
    gate = Gate(ledger.record)
    gone = asyncio.create_task(gate.passed(1, SENT))
    await ledger.started()
    gone.cancel()
    stays = asyncio.create_task(gate.passed(2, SENT))
    await settle()
    ledger.may_commit.release(2)
    assert await asyncio.wait_for(stays, 5)
    assert ledger.commits == [[1], [2]]  # what it had sent is in the ledger all the same
