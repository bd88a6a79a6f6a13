"""Readers whose alerts go by another way than mail: a few at once, each by its own channel."""

import asyncio
import logging
from collections.abc import Callable

from alerts.bootstrap import App
from alerts.channels._http import GONE
from alerts.domain.bugs import wordless
from alerts.domain.delivery import NotNow, Outcome, Rejected, Retry, Unknown
from alerts.engine.writing import Writing
from alerts.services import ways
from alerts.services.addressing import Mail, Work

AT_ONCE = 8

log = logging.getLogger("vigil.worker")


class Elsewhere:
    """`done` is called once for each mail that was given."""

    def __init__(self, app: App, writing: Writing, done: Callable[[Work, Mail, Outcome | NotNow], None]) -> None:
        self.app, self.writing, self.done = app, writing, done
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    def send(self, work: Work, mail: Mail) -> None:
        task = asyncio.create_task(self._send(work, mail))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self) -> None:
        """Begin nothing more; what is under way is finished."""
        self._stopping = True

    def break_off(self) -> None:
        """Whatever is under way may have arrived."""
        for task in self._tasks:
            task.cancel()

    async def _send(self, work: Work, mail: Mail) -> None:
        outcome: Outcome | NotNow = NotNow("blocked", self.app.now())
        try:
            async with self._slots:
                if not (work.stopped or self._stopping):
                    outcome = Unknown("it was broken off")
                    outcome = await self._sent(work, mail)
        except Exception as bug:
            said = "A mail of batch %s could not be made; its reader is tried again."
            log.exception(said, work.batch.no, exc_info=wordless(bug))
            outcome = Retry("our own mistake")
        finally:
            self.done(work, mail, outcome)

    async def _sent(self, work: Work, mail: Mail) -> Outcome:
        assert mail.way
        message = self.writing.message(work.readings[mail.cohort], work.own(mail))
        async with self.app.elsewhere[mail.way.channel].line() as line:
            outcome = await line.send(mail.way.target, message, mail.way)
        if isinstance(outcome, Rejected) and outcome.reason == GONE:
            await asyncio.to_thread(ways.disable, self.app.store, mail.way.id, outcome.reason, self.app.now())
        return outcome
