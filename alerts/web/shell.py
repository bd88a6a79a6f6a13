"""Around every request: the headers of every answer, the same-origin rule, a form's size, what a bug looks like."""

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alerts.web import errors
from alerts.web.guard import SAFE, same_origin
from alerts.web.page import NO_SCRIPT

HEADERS = {
    "Content-Security-Policy": NO_SCRIPT,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FOR_A_DAY = "public, max-age=86400"
LARGEST = 2_000_000
"""Bytes of one form: an imported list of subscribers fits, what would fill the memory does not."""


class Shell:
    """Outermost, so that nothing leaves without it."""

    def __init__(self, app: ASGIApp, base_url: str) -> None:
        self._app, self._base_url = app, base_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def answering(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                _complete(MutableHeaders(scope=message), scope["path"])
            await send(message)

        request = Request(scope)
        if not (scope["method"] in SAFE or _one_click(scope) or same_origin(Headers(scope=scope), self._base_url)):
            await errors.error_page(request, 403, errors.ELSEWHERE)(scope, receive, answering)
            return
        # Who only looks whether a page is there gets its headers; the server leaves the body out.
        inner = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
        try:
            await self._app(inner, _limited(receive), answering)
        except Exception as error:  # noqa: BLE001  whatever it is, a reader gets a page and the log gets the place
            sorry = errors.bug(request, error)
            if not begun:
                await sorry(scope, receive, answering)


def _complete(headers: MutableHeaders, path: str) -> None:
    if path.startswith("/static/"):
        headers["Cache-Control"] = FOR_A_DAY
    for name, value in HEADERS.items():
        headers.setdefault(name, value)


def _one_click(scope: Scope) -> bool:
    """A mail provider leaves for its reader (RFC 8058): without a cookie, and by a token that nobody else has."""
    return bool(scope["path"].startswith("/leave/") and scope["path"].endswith("/now"))


def _limited(receive: Receive) -> Receive:
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST:
            raise HTTPException(413)
        return message

    return counted
