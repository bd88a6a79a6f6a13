"""The feeds of the story, served on loopback from the files that ship with Vigil."""

import socket
from pathlib import Path

from aiohttp import web

KINDS = {".rss": "application/rss+xml; charset=utf-8", ".atom": "application/atom+xml; charset=utf-8"}


class Feeds:
    """Each folder of `files` is a state of the news; `show` turns to the next one."""

    def __init__(self, files: Path) -> None:
        self._files, self._state = files, "before"
        self.url = ""

    def show(self, state: str) -> None:
        self._state = state

    async def open(self) -> None:
        pages = web.Application()
        pages.router.add_get("/{name}", self._answer)
        runner = web.AppRunner(pages, access_log=None)
        self._runner = runner
        await runner.setup()
        listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        await web.SockSite(runner, listener).start()

    async def close(self) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        file = self._files / self._state / Path(request.match_info["name"]).name
        if file.suffix not in KINDS or not file.is_file():
            raise web.HTTPNotFound
        return web.Response(body=file.read_bytes(), headers={"Content-Type": KINDS[file.suffix]})
