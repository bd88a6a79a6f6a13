"""The commit gate: a connection takes its next message only when the result of its last is committed."""

import asyncio
from collections.abc import Callable

from alerts.domain.delivery import Outcome

Answers = list[tuple[int, Outcome]]


class Gate:
    """One commit for all connections that wait. A crash costs at most one duplicate per open connection."""

    def __init__(self, record: Callable[[Answers], bool]) -> None:
        self._record = record
        self._waiting: list[tuple[int, Outcome, asyncio.Future[bool]]] = []
        self._flushing: asyncio.Task[None] | None = None

    async def passed(self, n: int, outcome: Outcome) -> bool:
        """Returns once this answer is in the ledger: whether to take another message."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((n, outcome, done))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())
        return await done

    async def _flush(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                go_on = await asyncio.to_thread(self._record, [(n, outcome) for n, outcome, _ in batch])
            except BaseException as failure:
                late, self._waiting = self._waiting, []  # who came meanwhile would wait for ever
                for _, _, done in batch + late:
                    done.set_exception(failure) if not done.done() else None
                self._flushing = None
                if not isinstance(failure, Exception):
                    raise
                return
            for _, _, done in batch:
                done.set_result(go_on) if not done.done() else None
        self._flushing = None
