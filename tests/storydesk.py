"""The real App on a temporary database, with a feed server and a mail server on loopback."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

from servers import FeedServer, MailServer

from alerts.bootstrap import App, build
from alerts.engine.ticks import TICKS
from alerts.engine.worker import Worker
from alerts.services import alerting
from alerts.settings import load


class StoryDesk:
    """`tick` and `drain` are what the clock and the worker do; `now` is what the desk takes for the time."""

    def __init__(self, folder: Path, database_url: str, mail: MailServer, feeds: FeedServer, now: datetime) -> None:
        self.mail, self.feeds, self.now = mail, feeds, now
        settings = load(
            None,
            {
                "VIGIL_DATABASE__URL": database_url, "VIGIL_DATA__DIR": str(folder / "data"),
                "VIGIL_KEYS__FILE": str(folder / "keys" / "desk.keys"), "VIGIL_SMTP__URL": f"smtp://127.0.0.1:{mail.port}",
                "VIGIL_SMTP__SENDER": "desk@desk.example", "VIGIL_DESK__ZONE": "Asia/Bishkek",
                "VIGIL_WEB__BASE_URL": "http://localhost:8080",
            },
        )  # fmt: skip
        self.app: App = build(settings, lambda: self.now)
        self.app.ready()
        self.store, self.queue, self.languages = self.app.store, self.app.queue, self.app.render.languages

    def tick(self, now: datetime) -> None:
        self.now = now

        async def ask() -> None:
            for tick in TICKS:
                await tick(self.app, now)
            await self.app.egress.close()

        asyncio.run(ask())

    def drain(self) -> None:
        async def work() -> None:
            await Worker(self.app).drain()

        asyncio.run(work())

    def status(self, alert_id: str) -> dict[str, Any]:
        """The numbers that are not zero."""
        tally = alerting.status(self.store, alert_id).tally
        parts = ("sent", "retrying", "rejected", "unknown", "suppressed", "withdrawn", "pending")
        found = {part: getattr(tally, part) for part in parts}
        assert tally.audience == sum(found.values())
        return {name: count for name, count in {"audience": tally.audience, **found}.items() if count}
