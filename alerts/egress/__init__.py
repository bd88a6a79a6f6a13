"""The one way out over HTTP. The address is checked when the socket is made, so that a name which points inside,
a redirect and a second answer of the name server all meet the same check.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import aiohttp
from yarl import URL

from alerts.egress.addresses import is_loopback, is_public, read_allowed

__all__ = ["Answer", "Egress", "Failed", "is_loopback", "is_public"]

MIB = 1024 * 1024
REDIRECTS = 5
PEEK = 1.0
"""Seconds for the body of an answer of which only the status matters."""
MOVED = frozenset({301, 302, 303, 307, 308})
FOR_GOOD = frozenset({301, 308})

_PRIVATE = "the address leads into a private network"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, whatever its status. Header names are in small letters; `url` is where it was found.

    `moved`: the same, where every step that led there was said to be for good (301, 308); else empty.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    moved: str = ""

    @property
    def not_modified(self) -> bool:
        return self.status == 304

    @property
    def etag(self) -> str:
        return self.headers.get("etag", "")

    @property
    def modified(self) -> str:
        return self.headers.get("last-modified", "")


@dataclass(frozen=True, slots=True)
class Failed:
    """Why there is no answer, in words that may end a sentence. `away`: nothing at all came, as if a line were cut."""

    reason: str
    away: bool = False


class Refused(OSError):
    """We do not go there."""


class Door(Enum):
    """Each has connections of its own: what was opened for one may never serve a request that must use another."""

    PUBLIC = auto()
    LISTED = auto()
    LOCAL = auto()


class Egress:
    """`allow`: host, host:port or network of our own that may be reached although private.
    `contact`: the address of a page about this desk, for those whose servers we visit.
    """

    def __init__(self, allow: tuple[str, ...], contact: str) -> None:
        self._networks, self._places = read_allowed(allow)
        self._agent = f"Vigil/{_version()} (+{contact})"
        self._sessions: dict[asyncio.AbstractEventLoop, dict[tuple[Door, bool], aiohttp.ClientSession]] = {}

    async def get(
        self,
        url: str,
        *,
        etag: str = "",
        modified: str = "",
        local: bool = False,
        limit: int = 10 * MIB,
        seconds: float = 30,
    ) -> Answer | Failed:
        """Follows five redirects at most, never from https to http. `limit` counts bytes after inflation.

        `local`: the address is one on this machine that an admin typed in. Its host and port alone are opened by that.
        """
        headers = {"If-None-Match": etag, "If-Modified-Since": modified}
        return await self._within(seconds, self._follow(url, {k: v for k, v in headers.items() if v}, local, limit))

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str] | None = None, *, limit: int = MIB, seconds: float = 30,
        peek: bool = False,
    ) -> Answer | Failed:  # fmt: skip
        """Follows no redirect: what was meant for one receiver is never carried to another.

        `peek`: only the status matters. Of the answer's body what is there at once is read, and no more than `limit`.
        """
        return await self._within(seconds, self._send(url, body, dict(headers or {}), limit, peek))

    def leads_inside(self, host: str, port: int | None = None) -> bool:
        """Whether the name of a server, as it is known at this moment, leads into a private network that no setting
        opens. Asks the name server, and waits for it. Raises OSError where the name is not known.

        Only for what opens its own connections; what `get` and `post` open is checked by them.
        """
        if {(host, None), (host, port)} & self._places:
            return False
        found = {info[4][0] for info in socket.getaddrinfo(host, port or 443, type=socket.SOCK_STREAM)}
        ips = [ipaddress.ip_address(str(address).partition("%")[0]) for address in found]
        return any(not is_public(ip) and not any(ip in net for net in self._networks) for ip in ips)

    async def close(self) -> None:
        """Close what was opened in this event loop."""
        for session in self._sessions.pop(asyncio.get_running_loop(), {}).values():
            await session.close()

    async def _within(self, seconds: float, asking: Coroutine[Any, Any, Answer]) -> Answer | Failed:
        try:
            async with asyncio.timeout(seconds):
                return await asking
        except (aiohttp.ClientError, OSError, ValueError) as error:
            words = _words(error)
            away = isinstance(error, AWAY) and not isinstance(error, aiohttp.ClientSSLError) and words != _PRIVATE
            return Failed(words, away=away)

    async def _follow(self, start: str, headers: dict[str, str], local: bool, limit: int) -> Answer:
        first = url = _url(start)
        for_good = True
        for steps in range(REDIRECTS + 1):
            answer = await self._ask("GET", url, first if local else None, headers, limit)
            target = answer.headers.get("location")
            if answer.status not in MOVED or not target:
                return replace(answer, moved=answer.url) if steps and for_good else answer
            for_good = for_good and answer.status in FOR_GOOD
            following = url.join(URL(target)).with_fragment(None)
            if url.scheme == "https" and following.scheme == "http":
                raise Refused("the address leads from https to http, which anybody on the way could read and change")
            url = _url(str(following))
        raise Refused(f"the address leads on and on: more than {REDIRECTS} redirects")

    async def _send(self, url: str, body: bytes, headers: dict[str, str], limit: int, peek: bool) -> Answer:
        return await self._ask("POST", _url(url), None, headers, limit, body, peek=peek)

    async def _ask(
        self, method: str, url: URL, own: URL | None, headers: dict[str, str], limit: int, body: bytes | None = None,
        *, peek: bool = False,
    ) -> Answer:  # fmt: skip
        session = self._session(self._door(url, own), once=method == "GET")
        headers = {"User-Agent": self._agent, "Accept-Encoding": "gzip, deflate", **headers}
        async with session.request(method, url, headers=headers, data=body, allow_redirects=False) as response:
            found = {name.lower(): value for name, value in response.headers.items()}
            moved = method == "GET" and response.status in MOVED
            said = b"" if moved else await (_peek if peek else _read)(response, limit)
            return Answer(response.status, found, said, str(url))

    def _door(self, url: URL, own: URL | None) -> Door:
        if own and (url.host, url.port) == (own.host, own.port) and is_loopback(url.host or ""):
            return Door.LOCAL
        listed = {(url.host, None), (url.host, url.port)} & self._places
        return Door.LISTED if listed else Door.PUBLIC

    def _session(self, door: Door, *, once: bool) -> aiohttp.ClientSession:
        """`once`: its connections are closed after each answer. A feed is asked again in a quarter of an hour, and
        thousands of idle connections until then are more files than a process may have open.
        """
        sessions = self._sessions.setdefault(asyncio.get_running_loop(), {})
        if (door, once) not in sessions:
            connector = aiohttp.TCPConnector(
                socket_factory=self._sockets(door), limit=100, limit_per_host=4, force_close=once
            )
            sessions[door, once] = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=10),  # `_within` ends all else
            )  # fmt: skip
        return sessions[door, once]

    def _sockets(self, door: Door) -> Callable[[tuple[Any, ...]], socket.socket]:
        def make(info: tuple[Any, ...]) -> socket.socket:
            family, kind, protocol, _, address = info
            ip = ipaddress.ip_address(str(address[0]).partition("%")[0])
            if door is Door.PUBLIC and not is_public(ip) and not any(ip in net for net in self._networks):
                raise Refused(_PRIVATE)
            if door is Door.LOCAL and not ip.is_loopback:
                raise Refused(_PRIVATE)
            return socket.socket(family, kind, protocol)

        return make


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > limit:
            response.close()
            raise Refused(f"the answer is longer than {limit / MIB:g} MiB")
    return bytes(body)


async def _peek(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body says nothing about whether it was taken: whoever dawdles with it, or never ends it, took it all the
    same.
    """
    try:
        async with asyncio.timeout(PEEK):
            body = await response.content.read(limit)
    except (TimeoutError, aiohttp.ClientError):
        body = b""
    if not response.content.at_eof():
        response.close()
    return body


@lru_cache(10_000)
def _url(text: str) -> URL:
    """The same sources are visited again and again; reading an address costs as much as a tenth of a visit."""
    url = URL(text)
    if url.scheme not in ("http", "https"):
        raise Refused("the address is not http:// or https://")
    if not url.host:
        raise Refused("the address names no server")
    return url


def _version() -> str:
    try:
        return version("vigil-alerts")
    except PackageNotFoundError:
        return "0"


def _words(error: Exception) -> str:
    if isinstance(error, Refused):
        return str(error)
    if _PRIVATE in str(
        getattr(error, "os_error", "")
    ):  # aiohttp wraps what the socket's maker says, maybe among others
        return _PRIVATE
    for kind, words in _SAID:
        if isinstance(error, kind):
            return words
    return f"the server cannot be reached ({type(error).__name__})"


AWAY = (
    TimeoutError, aiohttp.ClientConnectorDNSError, aiohttp.ClientConnectorError, aiohttp.ServerDisconnectedError,
    aiohttp.ClientOSError,
)  # fmt: skip
"""What an outage of our own network looks like."""

_SAID: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "the server did not answer in time"),
    (aiohttp.ClientConnectorDNSError, "the name of the server is not known"),
    (aiohttp.ClientSSLError, "the server's certificate is not valid"),
    (aiohttp.ClientConnectorError, "the server does not take connections"),
    (aiohttp.ClientPayloadError, "the server broke off its answer"),
    (aiohttp.ServerDisconnectedError, "the server hung up without an answer"),
    (aiohttp.ClientResponseError, "the answer is not HTTP that we understand"),
    (ValueError, "this is not a web address"),
    (aiohttp.ClientOSError, "the connection to the server broke"),
)
"""The first that fits wins."""
