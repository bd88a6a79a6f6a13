"""Work that waits. Jobs are named by text, so the queue knows no task."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

Deliver = Callable[[int], Awaitable[None]]
"""Sends the batch with that number, as far as it can be sent now."""


class Transaction(Protocol):
    """As much of a store's transaction as a queue needs."""

    conn: Any
    after: list[Callable[[], None]]


class Queue(Protocol):
    """`wake` is called from the thread that committed; another process's commits are found by looking.

    `brings`: jobs come by `work`; else the tables are the queue, and whoever works takes the next batch from them.
    """

    wake: Callable[[], None]
    brings: bool

    def defer(self, tx: Transaction, task: str, priority: int, jobs: list[int]) -> None:
        """Let the jobs be done once `tx` has been committed, the smaller priority first; all of them or none.

        A job without a number (0) only says: look.
        """

    def covered(self, tx: Transaction) -> set[int]:
        """The numbers that a job waits for, or works at; only where this queue `brings` jobs."""

    def lost(self, tx: Transaction, numbers: list[int]) -> None:
        """Whoever worked at these jobs is dead: they wait again, at once."""

    async def work(self, deliver: Deliver, stop: asyncio.Event) -> None:
        """Bring jobs until `stop`; those under way are finished first."""


def asleep() -> None:
    """Nobody works in this process."""
