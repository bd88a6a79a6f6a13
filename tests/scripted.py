"""A relay that says exactly what a test orders, for the pump: every answer, every byte, every way to break."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from typing import Self

Act = Callable[[asyncio.StreamWriter], Awaitable[None]]
Reply = str | bytes | Act
"""A line, exact bytes, or something that is done instead."""


async def drop(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def silence(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


def slowly(reply: str, seconds: float) -> Act:
    async def say(writer: asyncio.StreamWriter) -> None:
        for octet in f"{reply}\r\n".encode():
            writer.write(bytes([octet]))
            await asyncio.sleep(seconds)

    return say


async def endlessly(writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(b"250-and more\r\n" * 50)
        await asyncio.sleep(0)


async def dripping(writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(b"250-and more\r\n")
        await asyncio.sleep(0.3)


OTHERS = ("EHLO", "MAIL", "RCPT", "DATA")
USUAL = {"RSET": "250 2.0.0 ok", "QUIT": "221 2.0.0 bye", "HELO": "250 here"}


class ScriptedRelay:
    """`order` at CONNECT, EHLO, AUTH, MAIL, RCPT, DATA, DOT, RSET, QUIT; `who` is the name before the @.

    It lives in the test's own loop. `texts`: who got which text; `behind`: what came in one piece with a text's end.
    `sizes`: the lengths of the pieces in which its answers come, over and over; none: all that is ready at once.
    """

    def __init__(self, *offers: str, sizes: tuple[int, ...] = ()) -> None:
        self.offers, self.sizes = offers or ("PIPELINING", "8BITMIME"), sizes
        self.heard: list[str] = []
        self.texts: list[tuple[str, bytes]] = []
        self.behind: list[str] = []
        self.connections = 0
        self.writers: list[asyncio.StreamWriter] = []
        self._orders: dict[tuple[str, str], list[Reply]] = defaultdict(list)
        self._events: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._talks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def order(self, at: str, who: str, *replies: Reply) -> None:
        """`who` "": anybody. Each reply once, in this order, then again the usual."""
        self._orders[at, who] += replies

    async def reached(self, command: str) -> None:
        """Wait until this was heard: CONNECT, a command, or DOT."""
        await self._events[command].wait()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._talks.add(task)
        self.connections += 1
        self.writers.append(writer)
        self.happened("CONNECT")
        try:
            await Talk(self).run(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # the test is over, or the other side is gone
        finally:
            self._talks.discard(task)
            writer.transport.abort()

    def happened(self, what: str) -> None:
        self._events[what].set()

    def next(self, at: str, who: str, usual: str) -> Reply:
        """What is said now."""
        for orders in (self._orders[at, who], self._orders[at, ""]):
            if orders:
                return orders.pop(0)
        return usual

    async def say(self, writer: asyncio.StreamWriter, *replies: Reply) -> None:
        ready = b""
        for reply in replies:
            if isinstance(reply, str):
                ready += f"{reply}\r\n".encode()
            elif isinstance(reply, bytes):
                ready += reply
            else:
                await self._write(writer, ready)
                ready = b""
                await reply(writer)
        await self._write(writer, ready)

    async def _write(self, writer: asyncio.StreamWriter, octets: bytes) -> None:
        for piece in self._cut(octets):
            writer.write(piece)
            await writer.drain()
            if self.sizes:
                await asyncio.sleep(0)

    def _cut(self, octets: bytes) -> Iterator[bytes]:
        n = 0
        while octets:
            size = self.sizes[n % len(self.sizes)] if self.sizes else len(octets)
            yield octets[:size]
            octets, n = octets[size:], n + 1


class Talk:
    """One connection. It is as strict as Postfix: a second MAIL needs RSET, DATA needs a recipient."""

    def __init__(self, relay: ScriptedRelay) -> None:
        self.relay, self.who, self.open, self.accepted = relay, "", False, False
        self.text: list[bytes] | None = None

    async def run(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        relay, rest = self.relay, b""
        await relay.say(writer, relay.next("CONNECT", "", "220 here"))
        while data := await reader.read(2**20):
            *lines, rest = (rest + data).split(b"\r\n")
            ready: list[Reply] = []
            for line, after in zip(lines, [*lines[1:], b""], strict=True):
                if self.text is None:
                    ready.append(self._answer(line.decode()))
                elif line != b".":
                    self.text.append(line)
                else:
                    ready.append(self._taken(after.decode()))
            await relay.say(writer, *ready)
            if self.text is None and lines and lines[-1] == b"QUIT":
                return

    def _taken(self, after: str) -> Reply:
        self.relay.texts.append((self.who if self.accepted else "nobody", b"\r\n".join([*(self.text or []), b""])))
        self.relay.behind.append(after)
        self.text, self.open, self.accepted = None, False, False
        self.relay.happened("DOT")
        return self.relay.next("DOT", self.who, "250 2.0.0 queued")

    def _answer(self, command: str) -> Reply:
        self.relay.heard.append(command)
        self.relay.happened(command)
        if found := re.match(r"(?:MAIL FROM|RCPT TO):<([^@>]*)", command):
            self.who = found[1]
        verb = command[:4].upper()
        reply = self.relay.next(verb if verb in USUAL or verb in OTHERS else "AUTH", self.who, self._usual(verb))
        code = b"" if callable(reply) else (reply if isinstance(reply, bytes) else reply.encode())[:3]
        if verb == "MAIL":
            self.open, self.accepted = self.open or code == b"250", False
        elif verb == "RCPT":
            self.accepted = code == b"250"
        elif verb == "DATA":
            self.text = [] if code == b"354" else None
        elif verb == "RSET":
            self.open = False
        return reply

    def _usual(self, verb: str) -> str:
        if verb == "EHLO":
            return "".join(f"250-{offer}\r\n" for offer in ("here", *self.relay.offers)) + "250 HELP"
        if verb == "MAIL":
            return "503 5.5.1 nested MAIL" if self.open else "250 2.1.0 ok"
        if verb == "RCPT":
            return "250 2.1.5 ok" if self.open else "503 5.5.1 MAIL first"
        if verb == "DATA":
            return "354 go ahead" if self.accepted else "554 5.5.1 no valid recipients"
        return USUAL.get(verb, "235 2.7.0 welcome")
