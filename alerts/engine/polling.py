"""Visit the sources that are due: many at once, one at a time on each host, and none harms another."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import SystemRandom
from urllib.parse import urlsplit

from alerts.bootstrap import App
from alerts.domain.bugs import wordless
from alerts.domain.times import Instant
from alerts.domain.triage import Rule
from alerts.domain.watching import Health, Poll, Source
from alerts.egress import Egress
from alerts.services import visiting
from alerts.services.rules import in_force
from alerts.services.visiting import Visit
from alerts.store import Unavailable
from watchers import feed
from watchers.hosts import PATIENCE, PAUSE

log = logging.getLogger("vigil.polling")

AT_ONCE = 100
CLAIM = 500
GATHER, MOST = 0.02, 500
"""Seconds for which ended visits are gathered into one commit, and how many at most."""

WATCHERS: dict[str, Callable[[Source, Egress, Instant], Awaitable[Poll]]] = {"feed": feed.poll, "page": feed.poll}
OURS = "a mistake of ours, not theirs: it is in the log"


@dataclass(slots=True)
class Round:
    """What one round of visits brought. `failed`: each source that did not answer well, and why, in words. `later`:
    those whose host was asked too short a while ago. `seconds`: from the first claim to the last commit.
    """

    visited: int = 0
    new: int = 0
    later: int = 0
    seconds: float = 0.0
    failed: list[tuple[Source, str]] = field(default_factory=list)


async def poll_due(app: App, now: Instant) -> int:
    """Visit all that is due at `now`. Answers how many new signals there are. Raises Unavailable, Invalid (a rule)."""
    return (await visit_due(app, now)).new


async def visit_due(app: App, now: Instant) -> Round:
    """As `poll_due`, with what a person wants to read of it."""
    return await _Visiting(app, now).run()


class _Visiting:
    def __init__(self, app: App, now: Instant) -> None:
        self.app, self.now, self.began = app, now, time.monotonic()
        self.rules: list[Rule] = []
        self.every = timedelta(minutes=max(1, app.settings.polling.every_minutes))
        self.slots = asyncio.Semaphore(AT_ONCE)
        self.ended: asyncio.Queue[Visit | None] = asyncio.Queue(4 * MOST)
        self.round = Round()
        # an exercise is the same each time that it is played
        self.dice = (lambda: 0.5) if app.settings.desk.exercise else SystemRandom().random

    async def run(self) -> Round:
        self.rules = await asyncio.to_thread(in_force, self.app.store, self.app.settings)
        recording = asyncio.create_task(self._record())
        try:
            async with asyncio.TaskGroup() as visits:
                while claimed := await asyncio.to_thread(visiting.due, self.app.store, self.now, CLAIM):
                    await self._begin(claimed, visits)
            await self.ended.put(None)
            await recording
        finally:
            recording.cancel()
            with suppress(asyncio.CancelledError):
                await recording
        self.round.seconds = time.monotonic() - self.began
        return self.round

    def _moment(self) -> Instant:
        """The round's own time goes on while it lasts; in a replay it begins wherever the story is."""
        return self.now + timedelta(seconds=time.monotonic() - self.began)

    async def _begin(self, claimed: list[Source], visits: asyncio.TaskGroup) -> None:
        """Start the visits, as places become free. Who would wait long for a host is put off, one pause each."""
        later: dict[str, list[Source]] = {}
        waits: dict[str, float] = {}
        for source in claimed:
            host = urlsplit(source.url).hostname or ""
            # a server of our own on this very machine needs no sparing
            wait = 0.0 if source.local else self.app.hosts.turn(host, time.monotonic())
            if wait > PATIENCE:
                waits.setdefault(host, wait)
                later.setdefault(host, []).append(source)
            elif wait or (lock := self.app.hosts.locks[host]).locked():
                visits.create_task(self._visit_later(source, host, wait))
            else:
                await lock.acquire()
                await self.slots.acquire()
                visits.create_task(self._visit(source, host))
        if later:
            at = self._moment()
            until = [
                (source, at + timedelta(seconds=waits[host] + n * PAUSE))
                for host, sources in later.items()
                for n, source in enumerate(sources)
            ]
            await asyncio.to_thread(visiting.put_off, self.app.store, until)
            self.round.later += len(until)

    async def _visit_later(self, source: Source, host: str, wait: float) -> None:
        await asyncio.sleep(wait)
        await self.app.hosts.locks[host].acquire()
        await self.slots.acquire()  # in this order: whoever waits for a host takes no place from the others
        await self._visit(source, host)

    async def _visit(self, source: Source, host: str) -> None:
        """In its turn and in a slot, both taken for it."""
        try:
            poll = await WATCHERS[source.kind](source, self.app.egress, self._moment())
        except Exception as bug:  # over one source it must not end the round of the others
            log.exception("A bug while source %s was visited.", source.id, exc_info=wordless(bug))
            poll = Poll((), source.cursor, Health.BROKEN, OURS)
        finally:
            self.slots.release()
            self.app.hosts.locks[host].release()
        await self.ended.put(Visit(source, poll, self._moment()))

    async def _record(self) -> None:
        """Whatever ends while one commit is under way goes into the next."""
        going_on = True
        while going_on:
            gathered = [await self.ended.get()]
            if not self.ended.full():
                await asyncio.sleep(GATHER)
            while len(gathered) < MOST and not self.ended.empty():
                gathered.append(self.ended.get_nowait())
            ended = [visit for visit in gathered if visit]
            going_on = len(ended) == len(gathered)
            await self._keep(ended)

    async def _keep(self, ended: list[Visit]) -> None:
        store = self.app.store
        try:
            new = await asyncio.to_thread(visiting.record_all, store, ended, self.rules, self.every, self.dice)
        except Unavailable as refusal:
            self._count(ended, [0] * len(ended), str(refusal))
        except Exception as bug:
            if len(ended) > 1:  # each by itself: a bug over one must not cost the others what they brought
                for visit in ended:
                    await self._keep([visit])
                return
            # the claim ends by itself, and the source is visited again
            said = "A bug while what source %s brought was recorded."
            log.exception(said, ended[0].source.id, exc_info=wordless(bug))
            self._count(ended, [0], OURS)
        else:
            self._count(ended, new)

    def _count(self, ended: list[Visit], new: list[int], refused: str = "") -> None:
        self.round.visited += len(ended)
        self.round.new += sum(new)
        for visit in ended:
            if refused or not visit.poll.health.works:
                self.round.failed.append((visit.source, refused or visit.poll.reason))
