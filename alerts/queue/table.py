"""The table is the queue: an open batch is a job, and whoever works is woken after the commit that made it."""

import asyncio
from collections.abc import Callable

from alerts.queue import Deliver, Transaction, asleep


class TableQueue:
    brings = False

    def __init__(self) -> None:
        self.wake: Callable[[], None] = asleep

    def defer(self, tx: Transaction, task: str, priority: int, jobs: list[int]) -> None:
        if jobs:
            tx.after.append(self._woken)

    def covered(self, tx: Transaction) -> set[int]:
        return set()

    def lost(self, tx: Transaction, numbers: list[int]) -> None:
        pass

    async def work(self, deliver: Deliver, stop: asyncio.Event) -> None:
        await stop.wait()

    def _woken(self) -> None:
        self.wake()
