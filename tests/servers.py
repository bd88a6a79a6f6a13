"""Real servers on loopback for the tests: a mail server and a web server whose faults can be ordered.

Each runs its own event loop in a thread, so that a test may be synchronous or not. The mail server also
runs as a process of its own (`python tests/servers.py --log FILE`), for tests that kill the sender and
count the copies.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import re
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import formatdate, parsedate_to_datetime
from functools import cached_property
from hashlib import sha256
from itertools import repeat
from pathlib import Path
from random import Random
from typing import IO, Any, Self, cast

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"


class Loopback:
    """A server with an event loop in a thread of its own. A port of 0 means any free one."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, name=type(self).__name__, daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure:
            raise self._failure
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._live())
        except BaseException as failure:  # noqa: BLE001 handed to the thread that waits
            self._failure = failure
        finally:
            self._loop.close()
            self._ready.set()

    async def _live(self) -> None:
        self._stop = asyncio.Event()
        async with self._serving():
            self._ready.set()
            await self._stop.wait()

    def _serving(self) -> contextlib.AbstractAsyncContextManager[None]:
        raise NotImplementedError


# --- mail


@dataclass(frozen=True)
class Received:
    """One message as it was accepted: the envelope, the bytes of the wire without dot-stuffing, when."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    at: float
    line: int = 0  # the number of the connection that brought it

    @cached_property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def message_id(self) -> str:
        found = re.search(rb"^message-id:\s*(\S+)", self.raw, re.IGNORECASE | re.MULTILINE)
        return found[1].decode() if found else ""

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        return part.get_content().replace("\r\n", "\n") if part else ""


@dataclass(frozen=True)
class Odd:
    """No reply as it should be: these pieces, each after so many seconds, and then the line is closed.

    `keep`: at the final dot the message is recorded nevertheless.
    """

    said: Iterable[bytes]
    every: float = 0.0
    keep: bool = False


@dataclass
class Order:
    """A fault that was ordered: this reply, at this command, so many times, to this recipient (None: any)."""

    reply: str | Odd
    at: str
    times: float
    to: str | None = None


@dataclass
class MailServer(Loopback):
    """A strict SMTP server: PIPELINING, 8BITMIME, STARTTLS and AUTH where asked for; refuses bare line feeds
    and lines over 998 bytes, as real ones do. A message is recorded (and logged) before the 250 goes out."""

    port: int = 0
    host: str = HOST
    delay: float = 0.0  # seconds before each answer to a final dot
    login: tuple[str, str] | None = None
    tls: ssl.SSLContext | None = None
    smtps: bool = False
    log: IO[str] | None = None
    own: str | None = None  # the only envelope sender it takes
    greylists: bool = False  # the first attempt of each recipient is put off
    loses: float = 0.0  # of so many messages in one it keeps the message and loses the reply (seeded)
    logins: list[bool] = field(default_factory=list)  # of each AUTH, whether it came over TLS
    messages: list[Received] = field(default_factory=list)
    connections: int = 0
    refused: int = 0

    def __post_init__(self) -> None:
        super().__init__(self.port)
        self._orders: list[Order] = []
        self._quota: tuple[int, str] | None = None
        self._drops = 0
        self._greylisted: set[str] = set()
        self._chance = Random(7)
        self.odd_until: list[float] = []  # when each line that was answered oddly ended, on the monotonic clock

    @property
    def url(self) -> str:
        user = f"{self.login[0]}:{self.login[1]}@" if self.login else ""
        return f"smtp{'s' if self.smtps else ''}://{user}{self.host}:{self.port}"

    # what a test says to it

    def answer(self, reply: str, times: float = 1, at: str = "RCPT", to: str | None = None) -> None:
        """Answer this so many times (`float("inf")`: for ever) at CONNECT, EHLO, AUTH, MAIL, RCPT, 354 (the command
        DATA), BODY (after the first line of the text) or DATA, which means the final dot."""
        with self._lock:
            self._orders.append(Order(reply, at, times, to))

    def misbehave(
        self, at: str, *said: bytes, every: float = 0.0, keep: bool = False, times: float = 1, to: str | None = None
    ) -> None:
        """Say these bytes (none: nothing) instead of a reply, slowly or at once, then close the line."""
        with self._lock:
            self._orders.append(Order(Odd(said, every, keep), at, times, to))

    def babble(self, at: str, line: bytes, to: str | None = None) -> None:
        """Say this line again and again, as long as anybody listens."""
        with self._lock:
            self._orders.append(Order(Odd(repeat(line), 0.001), at, 1, to))

    def answer_after(self, n: int, reply: str) -> None:
        """Accept n more messages, then answer this to every MAIL, RCPT and DATA until told to relent."""
        with self._lock:
            self._quota = (len(self.messages) + n, reply)

    def drop_after_dot(self, times: int = 1) -> None:
        """Keep the message, then close without a reply: the sender cannot know."""
        with self._lock:
            self._drops += times

    def hang_up(self) -> None:
        """Close every line that is open now."""
        self._loop.call_soon_threadsafe(lambda: [task.cancel() for task in list(self._talks)])

    def relent(self) -> None:
        with self._lock:
            self._orders, self._quota, self._drops = [], None, 0
            self.greylists, self.loses = False, 0.0

    def to(self, address: str) -> EmailMessage:
        """The last message to this address."""
        found = [m for m in list(self.messages) if address in m.recipients]
        assert found, f"no mail to {address}; there is mail to {sorted(self.counts())}"
        return found[-1].message

    def counts(self) -> Counter[str]:
        return Counter(address for m in list(self.messages) for address in m.recipients)

    # how it answers

    @contextlib.asynccontextmanager
    async def _serving(self) -> Any:
        talks = self._talks = set[asyncio.Task[None]]()

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = cast("asyncio.Task[None]", asyncio.current_task())
            talks.add(task)
            try:
                await self._talk(reader, writer)
            except (OSError, EOFError, ValueError, asyncio.CancelledError):
                pass  # the other side is gone or talks nonsense, or the test is over
            finally:
                talks.discard(task)
                writer.transport.abort()

        server = await asyncio.start_server(
            take, self.host, self.port, ssl=self.tls if self.smtps else None, limit=2**20, backlog=500
        )
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            for task in list(talks):
                task.cancel()
            await asyncio.gather(*talks, return_exceptions=True)

    def _fault(self, at: str, to: str | None = None) -> str | Odd | None:
        with self._lock:
            if self.greylists and at == "RCPT" and to and to not in self._greylisted:
                self._greylisted.add(to)
                return "451 4.7.1 greylisted, try again later"
            if self.own and at == "MAIL" and to != self.own:
                return "553 5.7.1 Sender address rejected: not owned by user"
            if self._quota and at in ("MAIL", "RCPT", "DATA") and len(self.messages) >= self._quota[0]:
                return self._quota[1]
            for order in self._orders:
                if order.at == at and order.times > 0 and order.to in (None, to):
                    order.times -= 1
                    return order.reply
        return None

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(*lines: str) -> None:
            for n, line in enumerate(lines):
                text = f"{line[:3]}-{line[4:]}" if n < len(lines) - 1 else line
                writer.write(text.encode() + b"\r\n")
            self.refused += lines[-1][:1] in "45"

        async def odd(fault: str | Odd | None) -> bool:
            """Say it, if it is odd: the line is to be closed then."""
            if not isinstance(fault, Odd):
                return False
            try:
                for piece in fault.said:
                    await asyncio.sleep(fault.every)
                    writer.write(piece)
                    await writer.drain()
            finally:
                self.odd_until.append(time.monotonic())
            writer.write_eof() if writer.can_write_eof() else None
            await asyncio.sleep(0.05)  # what was said must not be lost by a reset
            return True

        self.connections += 1
        number = self.connections
        fault = self._fault("CONNECT")
        if await odd(fault):
            return
        assert not isinstance(fault, Odd)
        say(fault or "220 loopback ESMTP")
        secure, known = self.smtps, self.login is None
        sender: str | None = None
        recipients: list[str] = []
        while not (fault and fault.startswith("421")):
            line = await reader.readline()
            if not line:
                return
            words = line.decode("utf-8", "surrogateescape").strip()
            verb, _, rest = words.partition(" ")
            verb = verb.upper()
            address = m[1] if (m := re.search(r"<([^<>]*)>", rest)) else ""
            fault = self._fault(verb if verb != "DATA" else "354", address)
            if verb == "AUTH":
                self.logins.append(secure)
            if await odd(fault):
                return
            assert not isinstance(fault, Odd)
            if fault:
                say(fault)
            elif verb in ("EHLO", "HELO"):
                offers = ["250 loopback", "250 PIPELINING", "250 8BITMIME", "250 SIZE 26214400"]
                offers += ["250 STARTTLS"] if self.tls and not secure else []
                offers += ["250 AUTH PLAIN LOGIN"] if self.login else []
                say(*(offers if verb == "EHLO" else offers[:1]), "250 ENHANCEDSTATUSCODES")
            elif verb == "STARTTLS" and self.tls and not secure:
                say("220 2.0.0 go ahead")
                await writer.start_tls(self.tls)
                secure = True
            elif verb == "AUTH":
                known = await self._log_in(rest, reader, writer)
                say("235 2.7.0 welcome" if known else "535 5.7.8 wrong user name or password")
            elif verb == "MAIL":
                sender, recipients = (address, []) if known else (None, [])
                say("250 2.1.0 ok" if known else "530 5.7.0 log in first")
            elif verb == "RCPT":
                if sender is not None:
                    recipients.append(address)
                say("250 2.1.5 ok" if sender is not None else "503 5.5.1 MAIL first")
            elif verb == "DATA":
                if not recipients:
                    say("554 5.5.1 no valid recipients")
                    continue
                say("354 go ahead")
                await writer.drain()
                if early := self._fault("BODY", recipients[-1]):
                    await reader.readline()
                    if not await odd(early):
                        say(cast("str", early))
                        await writer.drain()
                    return
                raw, broken = await self._body(reader)
                if self.delay:
                    await asyncio.sleep(self.delay)
                fault = broken or self._accept(
                    Received(sender or "", tuple(recipients), raw, time.time(), number), number
                )
                if fault == "drop" or await odd(fault):
                    return
                say(cast("str | None", fault) or "250 2.0.0 queued")
                sender, recipients = None, []
            elif verb == "RSET":
                sender, recipients = None, []
                say("250 2.0.0 ok")
            elif verb == "QUIT":
                say("221 2.0.0 bye")
                break
            else:
                say("250 2.0.0 ok" if verb == "NOOP" else "502 5.5.2 unknown command")
            await writer.drain()
        await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    async def _log_in(self, rest: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        async def ask(prompt: str) -> str:
            writer.write(f"334 {prompt}\r\n".encode())
            return base64.b64decode(await reader.readline()).decode()

        mechanism, _, first = rest.partition(" ")
        if mechanism.upper() == "PLAIN":
            _, user, password = (base64.b64decode(first).decode() if first else await ask("")).split("\0")
        else:
            user = base64.b64decode(first).decode() if first else await ask("VXNlcm5hbWU6")
            password = await ask("UGFzc3dvcmQ6")
        return (user, password) == self.login

    async def _body(self, reader: asyncio.StreamReader) -> tuple[bytes, str | None]:
        lines: list[bytes] = []
        broken = None
        while (line := await reader.readline()) != b".\r\n":
            if not line:
                raise EOFError
            if not line.endswith(b"\r\n") or b"\r" in line[:-2]:
                broken = "550 5.6.11 bare line feed or carriage return"
            elif len(line) > 1000:
                broken = "550 5.6.0 line too long"
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines), broken

    def _accept(self, received: Received, line: int) -> str | Odd | None:
        """Record it; or say the fault that was ordered; or "drop"."""
        fault = next(filter(None, (self._fault("DATA", address) for address in received.recipients)), None)
        if fault and not (isinstance(fault, Odd) and fault.keep):
            return fault
        with self._lock:
            if self._quota and len(self.messages) >= self._quota[0]:  # another connection was faster
                return self._quota[1]
            self.messages.append(received)
            if self.log:
                for address in received.recipients:
                    said = {"rcpt": address, "message_id": received.message_id, "at": received.at, "line": line}
                    self.log.write(json.dumps(said) + "\n")
                self.log.flush()
            if self._drops > 0:
                self._drops -= 1
                return "drop"
            if self.loses and self._chance.random() < self.loses:
                return "drop"
        return fault


def certificate(folder: Path, *names: x509.GeneralName, days: float = 1) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A new certificate for localhost, or for these names: the server's context, and a client's that trusts it.

    `days` from now it ends. It stands in localhost.pem in the folder, with its key.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names or [x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "localhost.pem"
    encoding, plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    pem.write_bytes(key.private_bytes(encoding, plain, serialization.NoEncryption()) + signed.public_bytes(encoding))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=pem)


class MailProcess:
    """The mail server as a process of its own, with a log of what it accepted: it outlives the sender."""

    def __init__(self, log: Path, delay_ms: int = 0, port: int = 0) -> None:
        self.log, self.delay_ms, self.port = log, delay_ms, port
        self._read = self._counted = 0

    def __enter__(self) -> Self:
        self.log.touch()
        self._process = subprocess.Popen(
            [
                sys.executable,
                __file__,
                f"--port={self.port}",
                f"--log={self.log}",
                f"--delay-ms={self.delay_ms}",
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate(timeout=10)

    @property
    def url(self) -> str:
        return f"smtp://{HOST}:{self.port}"

    def accepted(self) -> list[dict[str, Any]]:
        whole_lines = self.log.read_text().rpartition("\n")[0]
        return [json.loads(line) for line in whole_lines.splitlines()]

    def count(self) -> int:
        """How many mails are in the log; only what is new in it is read."""
        with self.log.open("rb") as log:
            log.seek(self._read)
            new = log.read()
        self._read += len(new)
        self._counted += new.count(b"\n")
        return self._counted

    def counts(self) -> Counter[str]:
        return Counter(line["rcpt"] for line in self.accepted())


# --- feeds and pages


@dataclass
class Resource:
    """What stands at a path. `faults`: answers that come first, each once."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    faults: list[tuple[int, bytes]] = field(default_factory=list)


@dataclass(frozen=True)
class Asked:
    path: str
    headers: dict[str, str]
    status: int


class FeedServer(Loopback):
    """A web server that honours If-None-Match and If-Modified-Since, and remembers what it was asked."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.asked: list[Asked] = []
        self._resources: dict[str, Resource] = {}

    def url(self, path: str = "/") -> str:
        return f"http://{HOST}:{self.port}{path}"

    # what a test says to it

    def serve(
        self,
        path: str,
        body: str | bytes,
        content_type: str = "application/rss+xml; charset=utf-8",
        etag: str | None = "",
        modified: float | None = None,
        **headers: str,
    ) -> str:
        """Put this at the path. An etag "" is made from the body, None is none; `modified`: a Unix time."""
        data = body.encode() if isinstance(body, str) else body
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers["Content-Type"] = content_type
        if etag is not None:
            headers["ETag"] = etag or f'"{sha256(data).hexdigest()[:16]}"'
        if modified is not None:
            headers["Last-Modified"] = formatdate(modified, usegmt=True)
        self._resources[path] = Resource(data, headers=headers)
        return self.url(path)

    def answer(self, path: str, status: int, body: str = "", **headers: str) -> str:
        """Answer this from now on: 410, 500, …"""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self._resources[path] = Resource(body.encode(), status, headers)
        return self.url(path)

    def redirect(self, path: str, to: str, status: int = 301) -> str:
        return self.answer(path, status, Location=to)

    def fail(self, path: str, status: int = 500, times: int = 1, body: str = "") -> None:
        """Answer this so many times, then again what stands there."""
        self._resources[path].faults += [(status, body.encode())] * times

    def slow(self, path: str, seconds: float) -> None:
        """Send the headers and half of the body, and the rest after so many seconds."""
        self._resources[path].seconds = seconds

    def count(self, path: str) -> int:
        return sum(a.path == path for a in list(self.asked))

    def last(self, path: str) -> Asked:
        found = [a for a in list(self.asked) if a.path == path]
        assert found, f"nobody asked for {path}"
        return found[-1]

    # how it answers

    @contextlib.asynccontextmanager
    async def _serving(self) -> Any:
        runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, HOST, self.port)
        await site.start()
        self.port = runner.addresses[0][1]
        try:
            yield
        finally:
            await runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        here = self._resources.get(request.path, Resource(b"nothing here", 404))
        status, body = here.faults.pop(0) if here.faults else (here.status, here.body)
        if status == 200 and self._unchanged(request, here):
            status, body = 304, b""
        self.asked.append(Asked(request.path, dict(request.headers), status))
        if not here.seconds:
            return web.Response(status=status, body=body, headers=here.headers)
        slow = web.StreamResponse(status=status, headers=here.headers)
        slow.content_length = len(body)
        await slow.prepare(request)
        await slow.write(body[: len(body) // 2])
        await asyncio.sleep(here.seconds)
        await slow.write(body[len(body) // 2 :])
        return slow

    @staticmethod
    def _unchanged(request: web.BaseRequest, here: Resource) -> bool:
        if match := request.headers.get("If-None-Match"):  # it wins over the date: RFC 9110 §13.2.2
            return here.headers.get("ETag") in [tag.strip() for tag in match.split(",")]
        since, modified = request.headers.get("If-Modified-Since"), here.headers.get("Last-Modified")
        return bool(since and modified and parsedate_to_datetime(modified) <= parsedate_to_datetime(since))


def main() -> None:
    options = argparse.ArgumentParser(description="A mail server on loopback that accepts all and writes a log.")
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--log", type=Path, required=True)
    options.add_argument("--delay-ms", type=float, default=0)
    chosen = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with (
        chosen.log.open("a", encoding="utf-8") as log,
        MailServer(port=chosen.port, delay=chosen.delay_ms / 1000, log=log) as server,
    ):
        print(server.port, flush=True)  # noqa: T201 the parent reads it
        threading.Event().wait()


if __name__ == "__main__":
    main()
