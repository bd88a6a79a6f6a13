"""Takes one open batch after the other and hands its mails to the relay, over a few connections at once."""

import asyncio
import contextlib
import logging
from collections import deque

from alerts.bootstrap import App
from alerts.channels import Channel, Line
from alerts.domain.delivery import Outcome, Rejected, Retry
from alerts.domain.errors import Invalid
from alerts.engine.gate import Gate
from alerts.engine.letters import send_letters
from alerts.queue.table import asleep
from alerts.services import delivering
from alerts.services.delivering import Mail, Work
from alerts.store import Unavailable

LOOK_AGAIN = 1.0
"""Seconds after which the table is looked at although nobody woke us: another process may have published."""

log = logging.getLogger("vigil.worker")


class Worker:
    def __init__(self, app: App, channel: Channel) -> None:
        self.app, self.channel = app, channel
        self._awake, self._stop = asyncio.Event(), asyncio.Event()

    def stop(self) -> None:
        """Take nothing more; what is under way is finished and recorded."""
        self._stop.set()
        self._awake.set()

    async def run(self) -> None:
        """Work until `stop`. A database that does not answer is waited for."""
        loop = asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(self._awake.set)

        self.app.queue.wake = wake
        try:
            while not self._stop.is_set():
                self._awake.clear()
                if not await self._tried() and not self._stop.is_set():
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._awake.wait(), LOOK_AGAIN)
        finally:
            self.app.queue.wake = asleep

    async def _tried(self) -> bool:
        try:
            return await self.step()
        except Unavailable as refusal:
            log.warning("%s", refusal)
        except Exception:
            log.exception("A batch was let go of; it is taken again in a moment.")
        return False

    async def drain(self) -> None:
        """Work until nothing is due."""
        while await self.step():
            pass

    async def step(self) -> bool:
        """The letters that wait, and one batch. Answers whether there was anything to do."""
        settings = self.app.settings
        wrote = await send_letters(self.app, self.channel)
        work = await asyncio.to_thread(
            delivering.take, self.app.store, self.app.vault, settings.web.base_url, settings.smtp.sender, self.app.now()
        )
        if work is None:
            return wrote
        await self._deliver(work)
        return True

    async def _deliver(self, work: Work) -> None:
        """A relay that had refused us is tried with one connection first. Whatever happens, the batch is let go of."""
        mails = deque(work.mails)
        gate = Gate(lambda answers: delivering.record(self.app.store, work, answers, self.app.now()))
        try:
            if work.relay.blocks and mails:
                await self._line(work, deque([mails.popleft()]), gate)
            async with asyncio.TaskGroup() as lines:
                for _ in range(min(self.app.settings.smtp.connections, len(mails))):
                    lines.create_task(self._line(work, mails, gate))
        except* Unavailable as refusals:
            log.warning("%s", refusals.exceptions[0])
        finally:
            await asyncio.to_thread(delivering.finish, self.app.store, work, self.app.now())
        if work.relay.paused_until and work.stopped:
            log.warning("The relay refuses us: %s. It is asked again later; no reader is marked.", work.relay.reason)

    async def _line(self, work: Work, mails: deque[Mail], gate: Gate) -> None:
        async with self.channel.line() as line:
            while mails and not work.stopped and not self._stop.is_set():
                mail = mails.popleft()
                if not await gate.passed(mail.n, await self._send(work, mail, line)):
                    return

    async def _send(self, work: Work, mail: Mail, line: Line) -> Outcome:
        try:
            message = self.app.render.message(
                mail.reading, id=mail.message_id, date=work.alert.published_at or self.app.now()
            )
            return await line.send(mail.to, message)
        except Invalid as refusal:
            return Rejected(str(refusal))
        except Exception:
            log.exception("A mail of batch %s could not be made; its reader is tried again.", work.batch.no)
            return Retry("our own mistake")
