"""A built desk whose worker runs in the test's own process: readers, alerts, relays, and a clock that the test sets."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from builders import NOON, a_subscriber, a_subscription, an_alert, an_edition, an_id
from servers import MailServer

from alerts.bootstrap import App, build
from alerts.domain.alerts import Alert
from alerts.domain.audience import Subscriber
from alerts.domain.relays import MAIN, Relay
from alerts.engine import ticks
from alerts.engine.running import work
from alerts.engine.worker import Worker
from alerts.services import alerting
from alerts.services.issuing import Audience, issue
from alerts.settings import load
from alerts.store import Store
from alerts.store.tables import BOUNCE, DELIVERY, RELAY, RELAY_USE, RETRY
from alerts.store.vault import make

PARTS = ("sent", "retrying", "rejected", "unknown", "suppressed", "withdrawn", "pending")


async def until(true: Callable[[], Any], seconds: float = 20, what: str = "that") -> None:
    """Ask again and again, and let everybody else work meanwhile."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what} did not come within {seconds:g} s"
        await asyncio.sleep(0.005)


class WorkDesk:
    """`drain` works until nothing is due; `working` is what `vigil run` does, clock and queue and all."""

    def __init__(self, folder: Path, database_url: str, smtp_url: str, **settings: str) -> None:
        keys = folder / "keys" / "desk.keys"
        make(keys)
        given = {
            "VIGIL_DATABASE__URL": database_url, "VIGIL_DATA__DIR": str(folder / "data"),
            "VIGIL_KEYS__FILE": str(keys), "VIGIL_SMTP__URL": smtp_url, "VIGIL_SMTP__SENDER": "desk@desk.example",
            "VIGIL_WEB__BASE_URL": "https://desk.example", **settings,
        }  # fmt: skip
        self.now: datetime = NOON
        self.app: App = build(load(None, given), lambda: self.now)
        self.store: Store = self.app.store

    # what there is

    def readers(
        self, count: int, domain: str = "mission.example", country: str = "KG", **kw: Any
    ) -> list[Subscriber]:  # fmt: skip
        """So many who follow that country, in the order of their ids."""
        people = [a_subscriber(f"{an_id('reader')}@{domain}", id=f"s{an_id(''):0>8}", **kw) for _ in range(count)]
        with self.store.begin() as tx:
            tx.subscribers.add(*people)
            tx.subscriptions.add(*(a_subscription(person, countries=(country,)) for person in people))
        return people

    def sends(self, **kw: Any) -> Alert:
        """An alert that has just been published."""
        alert = an_alert(**kw)
        with self.store.begin() as tx:
            tx.alerts.add(alert)
            edition = an_edition(alert)
            tx.editions.add(edition)
            return issue(tx, self.app.queue, alert, Audience(tx, alert, [edition]), by=None, now=self.now)

    def relay(self, id: str, server: MailServer, **kw: Any) -> None:
        """One more relay, or what is kept of that of the settings."""
        url = "" if id == MAIN else server.url
        with self.store.begin() as tx:
            tx.relays.delete(RELAY.c.id == id)
            tx.relays.add(Relay(id, url=url, sender=f"{id}@desk.example", added_at=NOON, **kw))

    # what happens

    async def drain(self) -> None:
        await asyncio.wait_for(Worker(self.app).drain(), 60)

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        stop = asyncio.Event()
        running = asyncio.create_task(work(self.app, stop))
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait_for(running, 30)

    async def retries(self) -> None:
        await ticks.retries(self.app, self.now)

    async def close(self) -> None:
        await self.app.egress.close()
        self.app.close()

    # what came of it

    def status(self, alert: Alert) -> dict[str, int]:
        """The numbers that are not zero; their sum is the audience."""
        tally = alerting.status(self.store, alert.id).tally
        found = {part: getattr(tally, part) for part in PARTS}
        assert tally.audience == alert.audience == sum(found.values()), found
        assert min(found.values()) >= 0, found
        return {part: count for part, count in found.items() if count}

    def recorded(self) -> int:
        with self.store.read() as tx:
            return len(tx.conn.execute(DELIVERY.select()).all())

    def reasons(self) -> list[str]:
        """Of those whose delivery ended, or waits, otherwise than sent."""
        with self.store.read() as tx:
            ended = tx.conn.execute(DELIVERY.select().where(DELIVERY.c.result != "sent")).all()
            return sorted(row.reason for row in [*ended, *tx.conn.execute(RETRY.select()).all()])

    def held(self) -> dict[int, str]:
        """The batches that somebody sends, with their tokens."""
        with self.store.read() as tx:
            return tx.ledger.held()

    def waiting(self) -> list[str]:
        """Why each waits who is to be tried again."""
        with self.store.read() as tx:
            return sorted(row.last for row in tx.conn.execute(RETRY.select()).all())

    def bounces(self) -> list[tuple[str, str]]:
        with self.store.read() as tx:
            return [(row.subscriber_id, row.severity.value) for row in tx.bounces.where(by=BOUNCE.c.id)]

    def given(self, relay: str) -> int:
        """How many recipients count as given to it."""
        with self.store.read() as tx:
            return sum(use.taken for use in tx.uses.where(RELAY_USE.c.relay_id == relay))

    def relay_row(self, id: str) -> Relay:
        with self.store.read() as tx:
            return tx.relays.get(id)
