"""What is due. Each tick is a function of the clock's time: the clock calls it, and so do tests and the replay."""

import asyncio
from collections.abc import Awaitable, Callable

from alerts.bootstrap import App
from alerts.domain.times import Instant
from alerts.engine.polling import poll_due
from alerts.services import alerting, deadlines, delivering


async def reminders(app: App, now: Instant) -> None:
    await asyncio.to_thread(deadlines.remind, app.store, app.queue, app.render.languages, now)


async def publications(app: App, now: Instant) -> None:
    await asyncio.to_thread(alerting.publish_due, app.store, app.queue, now)


async def retries(app: App, now: Instant) -> None:
    await asyncio.to_thread(delivering.retry, app.store, now)


async def sources(app: App, now: Instant) -> None:
    await poll_due(app, now)


TICKS: dict[Callable[[App, Instant], Awaitable[None]], float] = {
    reminders: 1, publications: 1, retries: 2, sources: 2,
}  # fmt: skip
"""Every how many seconds each is asked."""
