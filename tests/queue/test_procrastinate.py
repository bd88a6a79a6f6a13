"""PostgreSQL's queue: jobs commit with our rows, go by priority, and are found again when they are lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from builders import VAULT
from postgres import Postgres

from alerts.queue.procrastinate import ProcrastinateQueue
from alerts.store import Store


@pytest.fixture
def store(postgres: Postgres) -> Iterator[Store]:
    store = Store(postgres.create(), VAULT)
    store.migrate()
    yield store
    store.close()
    postgres.drop(store.url)


@pytest.fixture
def queue(store: Store) -> ProcrastinateQueue:
    return ProcrastinateQueue(store.url)


def covered(store, queue):
    with store.read() as tx:
        return queue.covered(tx)


async def brought(queue, wanted, deliver=None):
    """The numbers in the order in which they were brought, until there are so many."""
    found, stop = [], asyncio.Event()

    async def take(no):
        found.append(no)
        if deliver:
            await deliver(no)
        if len(found) == wanted:
            stop.set()

    await asyncio.wait_for(queue.work(take, stop), 20)
    return found


def test_jobs_commit_with_our_rows_or_not_at_all(store, queue):
    with store.begin() as tx:
        queue.defer(tx, "deliver", 1, [1, 2])
    with pytest.raises(ZeroDivisionError), store.begin() as tx:
        queue.defer(tx, "deliver", 1, [3])
        1 / 0  # noqa: B018
    assert covered(store, queue) == {1, 2}


def test_a_thousand_jobs_are_deferred_in_one_transaction(store, queue):
    with store.begin() as tx:
        queue.defer(tx, "deliver", 9, list(range(1, 1_001)))
    assert covered(store, queue) == set(range(1, 1_001))


def test_who_is_woken_in_this_process_is_woken_after_the_commit(store, queue):
    woken = []
    queue.wake = lambda: woken.append(covered(store, queue))
    with store.begin() as tx:
        queue.defer(tx, "deliver", 1, [7])
        assert woken == []
    assert woken == [{7}]


def test_a_letter_has_no_job_and_only_wakes(store, queue):
    woken = []
    queue.wake = lambda: woken.append("now")
    with store.begin() as tx:
        queue.defer(tx, "letters", 1, [0])
    assert (woken, covered(store, queue)) == (["now"], set())


async def test_jobs_are_brought_once_each_the_smaller_priority_first(store, queue):
    with store.begin() as tx:
        queue.defer(tx, "deliver", 9, [1, 2, 3, 4, 5])
        queue.defer(tx, "deliver", 0, [6])
    found = await brought(queue, 6)
    assert sorted(found) == [1, 2, 3, 4, 5, 6]
    assert found.index(6) == 0
    assert covered(store, queue) == set()


async def test_what_comes_while_somebody_works_is_brought_at_once(store, queue):
    with store.begin() as tx:
        queue.defer(tx, "deliver", 9, [1])

    async def more(no):
        if no == 1:
            with store.begin() as tx:
                queue.defer(tx, "deliver", 1, [2])

    assert await brought(queue, 2, more) == [1, 2]


async def test_a_job_that_breaks_covers_nothing_any_more(store, queue, caplog):
    with store.begin() as tx:
        queue.defer(tx, "deliver", 1, [1])
        queue.defer(tx, "deliver", 2, [2])

    async def breaks(no):
        if no == 1:
            raise ValueError("a bug")

    assert sorted(await brought(queue, 2, breaks)) == [1, 2]
    assert covered(store, queue) == set()
