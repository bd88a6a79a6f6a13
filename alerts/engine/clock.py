"""The one clock. It decides when, never what is left to do: that is in the tables, so losing it loses nothing."""

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from alerts.bootstrap import App
from alerts.domain.bugs import wordless
from alerts.domain.times import Instant
from alerts.engine.ticks import TICKS
from alerts.store import Unavailable

log = logging.getLogger("vigil.clock")


class Every(BaseTrigger):  # type: ignore[misc]
    """So long after it was looked at last: a clock that jumps ahead by years misses no millions of times."""

    def __init__(self, seconds: float) -> None:
        self.interval = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        return now + self.interval


class Ticking(AsyncIOScheduler):  # type: ignore[misc]
    """Looks each second whether the clock was set back: what is then too far ahead is due at once."""

    def _process_jobs(self) -> float:
        now = datetime.now(UTC)
        for job in self.get_jobs():
            if job.next_run_time > now + 2 * job.trigger.interval:
                job.modify(next_run_time=now)
        wait = super()._process_jobs()
        return 1.0 if wait is None else min(float(wait), 1.0)


def clock(app: App) -> AsyncIOScheduler:
    """A scheduler with every tick, to be started in the running loop. Its jobs live in memory alone."""
    scheduler = Ticking(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None})
    for tick, seconds in TICKS.items():
        scheduler.add_job(_asked, Every(seconds), args=(app, tick), id=tick.__name__)
    return scheduler


async def _asked(app: App, tick: Callable[[App, Instant], Awaitable[None]]) -> None:
    """A tick that fails is asked again a moment later; the others go on."""
    try:
        await tick(app, app.now())
    except Unavailable as refusal:
        log.warning("%s: %s", tick.__name__, refusal)
    except Exception as bug:
        log.exception("The tick %s failed.", tick.__name__, exc_info=wordless(bug))
