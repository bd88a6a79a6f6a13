"""The one clock. It decides when, never what is left to do: that is in the tables, so losing it loses nothing."""

import logging
from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from alerts.bootstrap import App
from alerts.domain.times import Instant
from alerts.engine.ticks import TICKS
from alerts.store import Unavailable

log = logging.getLogger("vigil.clock")


def clock(app: App) -> AsyncIOScheduler:
    """A scheduler with every tick, to be started in the running loop. Its jobs live in memory alone."""
    scheduler = AsyncIOScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    for tick, seconds in TICKS.items():
        scheduler.add_job(_asked, "interval", seconds=seconds, args=(app, tick), id=tick.__name__)
    return scheduler


async def _asked(app: App, tick: Callable[[App, Instant], Awaitable[None]]) -> None:
    """A tick that fails is asked again a moment later; the others go on."""
    try:
        await tick(app, app.now())
    except Unavailable as refusal:
        log.warning("%s: %s", tick.__name__, refusal)
    except Exception:
        log.exception("The tick %s failed.", tick.__name__)
