"""The exercise desk: a temporary folder, a catcher for its mail, feeds on loopback, and the story on a clock that
jumps.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from alerts.bootstrap import App, build, utc_now
from alerts.demo.catcher import Catcher
from alerts.demo.feeds import Feeds
from alerts.demo.replay import Clock, replay
from alerts.demo.story import ENDS, STARTS, Story, texts
from alerts.engine.worker import Worker
from alerts.settings import load, resource

STAMP = "EXERCISE – THE HISTORY OF 2010. Nothing here reaches anybody."


class Exercise:
    """Opened inside a running loop. `app` is the desk, `catcher` holds what it sent, `told` is the act just played."""

    def __init__(self, folder: Path, port: int = 8080, database_url: str = "") -> None:
        self.folder, self.port, self.database_url = folder, port, database_url
        self.clock = Clock(STARTS, utc_now)
        self.catcher, self.feeds = Catcher(), Feeds(resource("config/examples/feeds"))
        self.told, self.over = "", False
        self.app: App

    async def open(self) -> None:
        await self.catcher.open()
        await self.feeds.open()
        settings = load(
            None,
            {
                "VIGIL_DESK__NAME": "Exercise desk", "VIGIL_DESK__ZONE": "Asia/Bishkek", "VIGIL_DESK__EXERCISE": STAMP,
                "VIGIL_DATABASE__URL": self.database_url, "VIGIL_DATA__DIR": str(self.folder / "data"),
                "VIGIL_KEYS__FILE": str(self.folder / "keys" / "desk.keys"), "VIGIL_SMTP__URL": self.catcher.url,
                "VIGIL_SMTP__SENDER": "desk@desk.example", "VIGIL_WEB__PORT": str(self.port),
                "VIGIL_WEB__BASE_URL": f"http://localhost:{self.port}",
                "VIGIL_POLLING__EVERY_MINUTES": "360",
            },
        )  # fmt: skip
        self.app = build(settings, self.clock, utc_now)
        await asyncio.to_thread(self.app.ready)

    async def play(self, pause: Callable[[], Awaitable[None]]) -> None:
        """The whole story. `pause` is awaited after each moment at which something was done."""
        self.story = Story(self.app, self.feeds, texts())

        async def paused(said: str) -> None:
            self.told = said or self.told
            await pause()

        await replay(self.app, self.clock, self.story.acts(), Worker(self.app), paused, ENDS)
        self.over = True

    def go_live(self) -> None:
        """After the story: real time, and something to do."""
        self.clock.go_real()
        self.story.hands_on()

    async def close(self) -> None:
        await self.app.egress.close()
        self.app.close()
        await self.catcher.close()
        await self.feeds.close()
