"""Work that waits. Jobs are named by text, so the queue knows no task."""

from collections.abc import Callable
from typing import Any, Protocol


class Transaction(Protocol):
    """As much of a store's transaction as a queue needs."""

    after: list[Callable[[], None]]


class Queue(Protocol):
    def defer(self, tx: Any, task: str, priority: int, jobs: list[int]) -> None:
        """Let the jobs be done once `tx` has been committed, the smaller priority first; all of them or none."""
