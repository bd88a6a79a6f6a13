"""A desk's pages on a real port, and visitors who come by HTTP: each keeps its cookies and follows nothing."""

from __future__ import annotations

import asyncio
import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import uvicorn

from alerts.bootstrap import App, build
from alerts.settings import load
from alerts.web.app import Offers, pages

NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)


def a_desk(folder: Path, url: str = "", **environment: str) -> App:
    """A new desk at NOON; `desk.now.go_on(hours=1)` moves its clock."""
    settings = load(None, {
        "VIGIL_DATA__DIR": str(folder / "data"), "VIGIL_KEYS__FILE": str(folder / "desk.keys"),
        "VIGIL_DATABASE__URL": url, "VIGIL_SMTP__SENDER": "desk@example.org", "VIGIL_DESK__NAME": "Example desk",
        "VIGIL_WEB__BASE_URL": "http://localhost:8080", "VIGIL_SMTP__URL": "smtp://127.0.0.1:9", **environment,
    })  # fmt: skip
    app = build(settings, Clock())
    app.ready()
    return app


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def location(self) -> str:
        return self.headers["Location"] or ""


@dataclass
class Visitor:
    """A browser in small. `headers` go with every request."""

    port: int
    headers: dict[str, str] = field(default_factory=lambda: {"Sec-Fetch-Site": "same-origin"})
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        sent = dict(self.headers if headers is None else headers)
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, sent)
            got = connection.getresponse()
            answer = Answer(got.status, got.headers, got.read())
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
                if morsel["max-age"] == "0":
                    del self.cookies[name]
        return answer

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers={**self.headers, **{k.replace("_", "-"): v for k, v in headers.items()}})

    def post(self, path: str, form: dict[str, Any] | None = None, headers: dict[str, str] | None = None) -> Answer:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        sent = kind | (self.headers if headers is None else headers)
        return self.ask("POST", path, urlencode(form or {}, doseq=True).encode(), sent)


class Website:
    """`with Website(app) as site:` serves until the block ends."""

    def __init__(self, app: App, offers: Offers | None = None, add: Callable[[Any], None] | None = None) -> None:
        self.app, self.site = app, pages(app, offers)
        if add:
            add(self.site)
        self._server = uvicorn.Server(uvicorn.Config(self.site, port=0, log_level="critical", access_log=False))
        self._thread = threading.Thread(target=lambda: asyncio.run(self._server.serve()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the server did not start"
            threading.Event().wait(0.01)
        self.port: int = self._server.servers[0].sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def visitor(self, **headers: str) -> Visitor:
        visitor = Visitor(self.port)
        visitor.headers |= {name.replace("_", "-"): value for name, value in headers.items()}
        return visitor
