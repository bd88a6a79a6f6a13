"""A web server on loopback that is posted to, and keeps what was posted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from servers import FeedServer


@dataclass(frozen=True)
class Posted:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class HookServer(FeedServer):
    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.posted: list[Posted] = []

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        if request.method == "POST":
            headers = {name.lower(): value for name, value in request.headers.items()}
            self.posted.append(Posted(request.path, headers, body))
        return await super()._handle(request)
