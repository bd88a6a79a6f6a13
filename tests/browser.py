"""Chromium for the walks: pages at two sizes; only loopback is reached, and every complaint is kept."""

from __future__ import annotations

from typing import Any, Self
from urllib.parse import urlsplit

from components import needs
from playwright.sync_api import Page, Route, sync_playwright

QUIET = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


class Browser:
    """`desktop()` and `phone()` open a page, each a new visitor without cookies."""

    def __enter__(self) -> Self:
        path = needs("chromium")
        # One a test: Playwright's synchronous form occupies the thread's event loop as long as it lives.
        self._playwright = sync_playwright().start()
        self._chromium = self._playwright.chromium.launch(executable_path=path, args=QUIET)
        self.complaints: list[str] = []
        return self

    def __exit__(self, *_: object) -> None:
        self._chromium.close()
        self._playwright.stop()

    def desktop(self, **options: Any) -> Page:
        return self._open(viewport=DESKTOP, **options)

    def phone(self, **options: Any) -> Page:
        return self._open(viewport=PHONE, is_mobile=True, has_touch=True, device_scale_factor=2, **options)

    def _open(self, **options: Any) -> Page:
        context = self._chromium.new_context(**options)
        context.set_default_timeout(10_000)
        context.route("**/*", self._stay_here)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("console", lambda m: self.complaints.append(f"console: {m.text}") if m.type == "error" else None)
        return page

    def _stay_here(self, route: Route) -> None:
        host = urlsplit(route.request.url).hostname
        if host in ("localhost", "127.0.0.1", "::1"):
            route.continue_()
        else:
            self.complaints.append(f"left loopback: {route.request.url}")
            route.abort()
