"""Takes open batches, lets the relays' connections send them, and records what came of it, one commit for all."""

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from alerts.bootstrap import App
from alerts.domain.bugs import wordless
from alerts.domain.relays import Relay
from alerts.engine.dispatcher import LAST_ANSWERS, Dispatcher
from alerts.engine.letters import send_letters
from alerts.queue import asleep
from alerts.services import delivering, resuming
from alerts.services.addressing import Work, address
from alerts.services.delivering import Holder, Next
from alerts.store import Unavailable
from alerts.store.journal import Journal

LOOK, LOOK_AGAIN = 0.05, 1.0
"""Seconds after which it is asked whether another process has changed anything, and after which the tables are looked
at all the same.
"""

AT_ONCE = 8
"""Batches that are taken in one turn at most."""

PACE = 0.03
"""Seconds between turns while mail flows: what comes together meanwhile costs one commit. The journal covers them."""

PATIENCE = LAST_ANSWERS + 2
"""Seconds after `stop` in which the database may come back: what is not recorded then is in the journal."""

log = logging.getLogger("vigil.worker")


class Worker:
    def __init__(self, app: App) -> None:
        self.app = app
        self._awake, self._letters_awake, self._stop = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._relays: dict[str, Dispatcher] = {}
        self._jobs: dict[int, asyncio.Future[None]] = {}
        self._begun: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._beside = ThreadPoolExecutor(1, "addressing")

    def recover(self) -> None:
        """Before `run`: what the dead had sent is recorded, and where nobody else works, what they held is open."""
        app = self.app
        resuming.recover(app.store, app.queue, app.journals, app.now(), alone=not app.queue.brings)

    def stop(self) -> None:
        """Take nothing more; what is under way is finished and recorded."""
        self._stop.set()
        self._wake()

    async def deliver(self, no: int) -> None:
        """A job: returns once the batch is sent, or must be left for later."""
        if not self._stop.is_set():
            job = self._jobs.setdefault(no, asyncio.get_running_loop().create_future())
            self._awake.set()
            await asyncio.shield(job)

    async def run(self) -> None:
        """Work until `stop`. A database that does not answer is waited for."""
        loop = asyncio.get_running_loop()
        last: float | None = None

        def wake() -> None:
            loop.call_soon_threadsafe(self._wake)

        self.app.queue.wake = wake
        beside = [asyncio.create_task(self._write_letters()), asyncio.create_task(self._watch())]
        try:
            with self._journal():
                while not (self._stop.is_set() and (self._idle or loop.time() > (last or loop.time()))):
                    if self._stop.is_set() and last is None:
                        last = loop.time() + PATIENCE
                        for dispatcher in self._relays.values():
                            dispatcher.stop()
                    self._awake.clear()
                    await (self._gather() if await self._tried() else self._rest())
                await self._hang_up()
        finally:
            self.stop()
            self.app.queue.wake = asleep
            for no in list(self._jobs):
                self._ended(no)
            loop.call_at(last or loop.time() + PATIENCE, beside[0].cancel)  # a letter may take too long as well
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(*beside)

    async def drain(self) -> bool:
        """Work until nothing is due, whatever the queue is. Answers whether there was anything to do."""
        worked = False
        with self._journal():
            while True:
                self._awake.clear()
                if await self._turn(jobs=False) or await send_letters(self.app):
                    worked = True
                    await self._gather()
                elif self._idle:
                    break
                else:
                    await self._rest()
            await self._hang_up()
        return worked

    @contextlib.contextmanager
    def _journal(self) -> Iterator[None]:
        with Journal(self.app.journals) as self._kept:
            self._holder = Holder(self._kept.id)
            try:
                yield
            finally:
                self._relays.clear()

    @property
    def _idle(self) -> bool:
        return all(dispatcher.idle for dispatcher in self._relays.values())

    async def _tried(self) -> bool:
        """A turn; after one that failed a second passes, so that a full disk is not filled with the news of it."""
        try:
            return await self._turn(jobs=self.app.queue.brings)
        except Unavailable as refusal:
            log.warning("%s", refusal)
        except Exception as bug:
            log.exception("What was sent could not be recorded; it is tried again in a moment.", exc_info=wordless(bug))
        await asyncio.sleep(LOOK_AGAIN)
        return False

    async def _turn(self, *, jobs: bool) -> bool:
        """Record what was answered and take what there is room for. Answers whether that was anything."""
        app, wants = self.app, self._wanted(jobs)
        room = await self._dispatchers() if wants else []
        self._kept.turn()
        answered = {dispatcher: dispatcher.collect() for dispatcher in self._relays.values()}
        # a job that was brought may be for a batch whose holder died: none is free then, and it is to be taken over
        if not any(answered.values()) and not (
            wants and (jobs or await asyncio.to_thread(delivering.waits, app.store))
        ):
            self._left(wants, [])
            return False
        said = [one for each in answered.values() for one in each]
        try:
            taken = await asyncio.to_thread(
                delivering.turn, app.store, app.settings, self._holder, said, wants, room, app.now()
            )
        except BaseException:
            for dispatcher, each in answered.items():
                dispatcher.put_back(each)
            raise
        self._kept.recorded()
        for dispatcher in answered:
            dispatcher.recorded()
        for work in taken:
            self._relays[work.relay.id].take(work)
            addressing = asyncio.create_task(self._address(work))
            self._tasks.add(addressing)
            addressing.add_done_callback(self._tasks.discard)
        self._left(wants, [work.batch.no for work in taken])
        for one in said:
            if one.over:
                self._ended(one.work.batch.no)
        return bool(taken) or any(one.answers or one.over for one in said)

    def _wanted(self, jobs: bool) -> list[Next]:
        """Which batches there is room for: those whose jobs were brought, or simply the next ones."""
        if self._stop.is_set():
            return []
        if jobs:
            return [no for no in self._jobs if no not in self._begun]
        room = sum(dispatcher.room for dispatcher in self._relays.values()) if self._relays else AT_ONCE
        return [None] * min(room, AT_ONCE)

    async def _dispatchers(self) -> list[str]:
        """One for each relay of the desk, which an admin may change at any time. Answers which have room for more."""
        found = await asyncio.to_thread(delivering.relays_of, self.app.store, self.app.settings)
        there = {relay.id: relay for relay in found}
        for id, known in list(self._relays.items()):
            if known.idle and (id not in there or _account(known.relay) != _account(there[id])):
                await self._relays.pop(id).hang_up()
        for id in there.keys() - self._relays.keys():
            self._relays[id] = Dispatcher(self.app, there[id], self._kept, self._awake.set)
        return [id for id, dispatcher in self._relays.items() if dispatcher.room or self.app.queue.brings]

    async def _address(self, work: Work) -> None:
        """Beside the turns, so that no relay is without mails while one is under way."""
        app, settled, loop = self.app, None, asyncio.get_running_loop()
        while settled is None and not (work.stopped or self._stop.is_set()):
            asked = (app.store, app.settings, work, app.now(), self._holder.common)
            try:
                settled = await loop.run_in_executor(self._beside, address, *asked)
            except Unavailable as refusal:
                log.warning("%s", refusal)
                await asyncio.sleep(LOOK_AGAIN)
            except Exception as bug:
                log.exception(
                    "Batch %s could not be addressed; it is let go of.", work.batch.no, exc_info=wordless(bug)
                )
                await asyncio.sleep(LOOK_AGAIN)  # it is open again then, and will be the next one
                break
        if settled is None:
            work.stopped = True
        self._relays[work.relay.id].ready(work, settled or [])

    def _left(self, wants: list[Next], taken: list[int]) -> None:
        """Jobs whose batch was not to be had end: it is sent already, or must wait."""
        self._begun.update(no for no in taken if no in self._jobs)
        for no in wants:
            if no is not None and no not in taken:
                self._ended(no)

    def _ended(self, no: int) -> None:
        self._begun.discard(no)
        job = self._jobs.pop(no, None)
        if job and not job.done():
            job.set_result(None)

    def _wake(self) -> None:
        self._awake.set()
        self._letters_awake.set()

    async def _rest(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._awake.wait(), LOOK_AGAIN)
        if self._idle and not self._awake.is_set():
            await self._hang_up()

    async def _gather(self) -> None:
        """Let answers come together. With the gate each connection waits for its own, so there is nothing to gain."""
        if not self.app.settings.delivery.gate and not self._idle:
            await asyncio.sleep(PACE)

    async def _hang_up(self) -> None:
        for dispatcher in self._relays.values():
            await dispatcher.hang_up()

    async def _watch(self) -> None:
        """Wake when another process has committed something."""
        while not self._stop.is_set():
            try:
                with self.app.store.watched() as changed:
                    while not self._stop.is_set():
                        if changed():
                            self._wake()
                        await self._paused(LOOK)
            except Unavailable:
                await self._paused(LOOK_AGAIN)

    async def _paused(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)

    async def _write_letters(self) -> None:
        """One-off mails go out beside the alerts, so that none waits for a great one to end."""
        while not self._stop.is_set():
            self._letters_awake.clear()
            try:
                if await send_letters(self.app, self._stop.is_set):
                    continue
            except Unavailable as refusal:
                log.warning("%s", refusal)
            except Exception as bug:
                log.exception("The letters are tried again in a moment.", exc_info=wordless(bug))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._letters_awake.wait(), LOOK_AGAIN)


def _account(relay: Relay) -> tuple[str, str, str, bool]:
    return relay.url, relay.sender, relay.oauth, relay.verp
