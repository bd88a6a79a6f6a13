"""What is due. Each tick is a function of the clock's time: the clock calls it, and so do tests and the replay."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from alerts.bootstrap import App
from alerts.domain.times import Instant
from alerts.engine.mailbox import read
from alerts.engine.polling import poll_due
from alerts.services import (
    alerting,
    confidants,
    courtcards,
    delivering,
    digests,
    laddering,
    paging,
    questions,
    reducing,
    relays,
    reminding,
    resuming,
    returning,
    silence,
    sourcenews,
    stillreading,
    telling,
)

log = logging.getLogger("vigil.worker")


async def reminders(app: App, now: Instant) -> None:
    await asyncio.to_thread(reminding.remind, app.store, app.queue, app.render.languages, now)


async def ladders(app: App, now: Instant) -> None:
    """What readers have asked for since, and what a country has done to its clocks."""
    await asyncio.to_thread(laddering.widen, app.store, now)
    await asyncio.to_thread(laddering.rederive, app.store, app.queue, app.render.languages, now)


async def questions_due(app: App, now: Instant) -> None:
    await asyncio.to_thread(questions.ask_due, app.store, app.queue, now)


async def publications(app: App, now: Instant) -> None:
    await asyncio.to_thread(alerting.publish_due, app.store, app.queue, now)


async def retries(app: App, now: Instant) -> None:
    await asyncio.to_thread(resuming.retry, app.store, now)
    await asyncio.to_thread(resuming.land_all, app.store)


async def reconcile(app: App, now: Instant) -> None:
    await asyncio.to_thread(resuming.replay, app.store, app.queue, app.journals, now)
    await asyncio.to_thread(resuming.reconcile, app.store, app.settings, app.queue, now)


async def stuck(app: App, now: Instant) -> None:
    def look() -> bool:
        with app.store.read() as tx:
            return delivering.stuck(tx, app.settings, now)

    if await asyncio.to_thread(look):
        log.warning("Mails wait, but no relay is set: set smtp.url, or vigil relay add.")


async def staff_told(app: App, now: Instant) -> None:
    await asyncio.to_thread(telling.tell, app.store, app.queue, app.settings, now)
    await asyncio.to_thread(sourcenews.tell, app.store, app.queue, app.settings, now)


async def staff_paged(app: App, now: Instant) -> None:
    await asyncio.to_thread(paging.page, app.store, app.queue, app.settings, now)


async def silences(app: App, now: Instant) -> None:
    await asyncio.to_thread(silence.listen, app.store, app.queue, now)


async def forgetting(app: App, now: Instant) -> None:
    """The answers of an exercise are nobody's."""

    def forget() -> None:
        with app.store.begin() as tx:
            relays.forget(tx, now)
        if not app.settings.desk.exercise:
            reducing.reduce(app.store, now)
            confidants.forget(app.store, now)
            courtcards.forget(app.store, now)

    await asyncio.to_thread(forget)


async def digests_due(app: App, now: Instant) -> None:
    await asyncio.to_thread(digests.send_due, app.store, app.queue, app.render, now)


async def still_reading(app: App, now: Instant) -> None:
    """An exercise asks nobody."""
    if not app.settings.desk.exercise:
        await asyncio.to_thread(stillreading.ask, app.store, app.queue, now)


async def sources(app: App, now: Instant) -> None:
    await poll_due(app, now)


async def mailbox(app: App, now: Instant) -> None:
    await asyncio.to_thread(read, app, now)


async def bounces(app: App, now: Instant) -> None:
    await asyncio.to_thread(returning.judge, app.store, now)


TICKS: dict[Callable[[App, Instant], Awaitable[None]], float] = {
    reminders: 1, publications: 1, retries: 2, digests_due: 2, reconcile: 1, sources: 2, mailbox: 1, bounces: 60,
    questions_due: 20, ladders: 600, still_reading: 600, stuck: 60, staff_told: 60, staff_paged: 2,
    silences: 60, forgetting: 3600,
}  # fmt: skip
"""Every how many seconds each is asked."""
