"""The table is the queue: an open batch is a job, and whoever works is woken after the commit that made it."""

from collections.abc import Callable

from alerts.queue import Transaction


def asleep() -> None:
    """Nobody works in this process."""


class TableQueue:
    """`wake` is called from the thread that committed.

    Another process's commits are found by looking, once a second.
    """

    def __init__(self) -> None:
        self.wake: Callable[[], None] = asleep

    def defer(self, tx: Transaction, task: str, priority: int, jobs: list[int]) -> None:
        if jobs:
            tx.after.append(self._woken)

    def _woken(self) -> None:
        self.wake()
