"""Visit the sources that are due: many at once, one at a time on each host, and none harms another."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

from alerts.bootstrap import App
from alerts.domain.times import Instant
from alerts.domain.triage import Rule
from alerts.domain.watching import Health, Poll, Source
from alerts.egress import Egress
from alerts.engine.bugs import wordless
from alerts.services import watching
from alerts.services.rules import in_force
from alerts.store import Unavailable
from watchers import feed

log = logging.getLogger("vigil.polling")

AT_ONCE = 20
WATCHERS: dict[str, Callable[[Source, Egress, Instant], Awaitable[Poll]]] = {
    "feed": feed.poll,
    "page": partial(feed.poll, reader="watchers.page"),
}


@dataclass(slots=True)
class Round:
    """What one round of visits brought. `failed`: each source that did not answer well, and why, in words."""

    visited: int = 0
    new: int = 0
    failed: list[tuple[Source, str]] = field(default_factory=list)


async def poll_due(app: App, now: Instant) -> int:
    """Visit all that is due at `now`. Answers how many new signals there are. Raises Unavailable, Invalid (a rule)."""
    return (await visit_due(app, now)).new


async def visit_due(app: App, now: Instant) -> Round:
    """As `poll_due`, with what a person wants to read of it."""
    done, rules = Round(), await asyncio.to_thread(in_force, app.store, app.settings)
    while claimed := await asyncio.to_thread(watching.due, app.store, now):
        slots, hosts = asyncio.Semaphore(AT_ONCE), defaultdict[str, asyncio.Lock](asyncio.Lock)
        async with asyncio.TaskGroup() as visits:
            for source in claimed:
                host = hosts[urlsplit(source.url).netloc]
                visits.create_task(_visit(app, source, now, rules, done, host, slots))
    return done


async def _visit(
    app: App, source: Source, now: Instant, rules: list[Rule], done: Round, host: asyncio.Lock, slots: asyncio.Semaphore
) -> None:
    async with host, slots:  # in this order: whoever waits for a host takes no place from the others
        try:
            poll = await WATCHERS[source.kind](source, app.egress, now)
        except Exception as bug:  # over one source it must not end the round of the others
            log.exception("A bug while source %s was visited.", source.id, exc_info=wordless(bug))
            poll = Poll((), source.cursor, Health.BROKEN, "a mistake of ours, not theirs: it is in the log")
    every = timedelta(minutes=max(1, app.settings.polling.every_minutes))
    try:
        new = await asyncio.to_thread(watching.record, app.store, source, poll, now, rules, every)
        done.new += new  # apart: `+= await` would add to what it was before the wait
    except Unavailable as refusal:
        poll = Poll((), source.cursor, Health.BROKEN, str(refusal))
    except Exception as bug:  # as above; the claim ends by itself, and the source is visited again
        log.exception("A bug while what source %s brought was recorded.", source.id, exc_info=wordless(bug))
        poll = Poll((), source.cursor, Health.BROKEN, "a mistake of ours, not theirs: it is in the log")
    done.visited += 1
    if poll.health is not Health.OK:
        done.failed.append((source, poll.reason))
