"""A connection to a relay that offers PIPELINING (RFC 2920): one write holds the text of a mail and the envelope of the
next, one read the answers to both. Each answer costs a few microseconds and no task.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, Protocol, cast
from urllib.parse import SplitResult

import aiosmtplib

from alerts.channels._connect import Token
from alerts.domain.delivery import Outcome, Retry, Unknown
from alerts.domain.replies import Stage

CODES = {b"%d" % code: code for code in range(200, 600)}
LONGEST_LINE, MOST_LINES = 4096, 100
FAREWELL = 2.0
"""Seconds that a relay has to answer QUIT."""

IDLE, RESET, MAIL, RCPT, DATA, DOT, QUIT, OVER = range(8)
"""Whose answer is due next. Numbers, because they are compared at every answer."""

STAGES = {RESET: Stage.MAIL, MAIL: Stage.MAIL, RCPT: Stage.RCPT, DATA: Stage.DATA, DOT: Stage.DATA}


@dataclass(slots=True, eq=False)
class Parcel:
    """One mail ready for the wire: `wire` is dot-stuffed, has CRLF only and ends in CRLF, dot, CRLF.

    `sender` is the envelope's. `tag` is whatever the one who feeds wants to find again.
    """

    to: str
    sender: str
    wire: bytes
    tag: Any = None


class Account(Protocol):
    """A relay as we know it. `timeout`: seconds for each answer; `rotate`: mails before a connection is renewed."""

    url: SplitResult
    sender: str
    timeout: float
    rotate: int
    token: Token | None

    def meaning(self, to: str, stage: Stage, code: int, text: str) -> Outcome: ...


class Source(Protocol):
    """Where parcels come from and answers go to. `hungry`: it is worth asking.

    `again`: what `next` is to give once more, since its text was not written: the relay cannot have taken it.
    """

    channel: Account
    hungry: bool
    stopping: bool
    again: Parcel | None

    def next(self) -> Parcel | None: ...

    def envelope(self, parcel: Parcel) -> str: ...

    def settle(self, parcel: Parcel, outcome: Outcome) -> None: ...


class Pipeline(asyncio.Protocol):
    """Takes over a connection that aiosmtplib opened, until it ends."""

    def __init__(self, source: Source, smtp: aiosmtplib.SMTP) -> None:
        self._source, self._loop = source, asyncio.get_running_loop()
        self._rotate, self._patience = source.channel.rotate, source.channel.timeout
        self._transport = cast(asyncio.Transport, smtp.transport)
        self._early = bytes(smtp.protocol._buffer) if smtp.protocol else b""
        self._over: asyncio.Future[str] = self._loop.create_future()
        self._due, self._since = IDLE, self._loop.time()
        self._text: Parcel | None = None  # whose text is written
        self._envelope: Parcel | None = None  # whose envelope is written, and nobody has refused it yet
        self._rest, self._said = b"", list[bytes]()
        self._taken = 0
        self._answered = self._soiled = self._kept = self._busy = self._paused = False

    async def live(self) -> str:
        """Answers "", or why the connection broke before the relay had answered for any mail."""
        self._transport.set_protocol(self)
        self._timer = self._loop.call_later(self._patience, self._look)
        try:
            if self._early or self._transport.is_closing():
                self._end("it hung up")
            self.wake()
            return await self._over
        finally:
            self._end("it was given up")

    def wake(self) -> None:
        """There may be a parcel, or it is time to stop."""
        if self._busy:
            return
        self._busy = True
        if self._source.stopping:
            self._leave()
        elif self._envelope is None and self._due in (IDLE, DOT):
            self._go(kept=self._taken > 0)
        self._busy = False

    def _go(self, text: bytes = b"", kept: bool = False) -> None:
        """Write this, and behind it the envelope of the next mail if there is one.

        `kept`: we were idle, and the relay may have hung up meanwhile without our knowing it yet.
        """
        source = self._source
        parcel = source.next() if self._taken < self._rotate and not self._paused else None
        if parcel is not None:
            self._envelope = parcel
            self._taken += 1
            text += (b"RSET\r\n" if self._soiled else b"") + source.envelope(parcel).encode()
            if self._due == IDLE:
                self._due, self._kept, self._since = RESET if self._soiled else MAIL, kept, self._loop.time()
            self._soiled = False
        elif self._due == IDLE and (source.stopping or self._taken >= self._rotate):
            text, self._due = b"QUIT\r\n", QUIT
            self._timer.cancel()
            self._timer = self._loop.call_later(min(FAREWELL, self._patience), self._end, "")
        if text:
            self._transport.write(text)

    def _leave(self) -> None:
        """Begin nothing more: a text that is written is waited for, an envelope alone is not."""
        if self._due == IDLE:
            self._go()
        elif self._due < DOT:
            self._end("we stop")

    def data_received(self, data: bytes) -> None:
        self._busy, whole = True, False
        lines = (self._rest + data if self._rest else data).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            due = self._due
            if MAIL <= due <= RCPT and line[:4] == b"250 " and len(line) < 512 and not self._said:
                self._due, whole = due + 1, True  # as nearly always
                continue
            if not IDLE < due < QUIT:
                self._end("it speaks out of turn")
                break
            code, mark = CODES.get(line[:3]), line[3:4]
            if code is None or mark not in b" -\r" or len(line) > LONGEST_LINE or len(self._said) >= MOST_LINES:
                self._end("it answers nonsense")
            elif mark == b"-":
                self._said.append(line[4:])
            else:
                said, self._said, whole = self._said, [], True
                self._answer(code, b" ".join([*said, line[4:]]) if said else line[4:])
        if whole:
            self._since = self._loop.time()
        if self._rest and (self._due in (IDLE, QUIT) or len(self._rest) > LONGEST_LINE):
            self._end("it speaks out of turn")
        if self._source.stopping:
            self._leave()
        elif self._envelope is None and self._due in (IDLE, DOT) and self._source.hungry:
            self._go()
        self._busy = False

    def _answer(self, code: int, text: bytes) -> None:
        due = self._due
        parcel = self._text if due == DOT else self._envelope
        if code == 421:
            self._farewell(parcel, text)
        elif code < 400 and due != RESET and (code >= 300) != (due == DATA):
            self._end("it answers nonsense")
        elif due == DOT:
            self._text = None
            self._due, self._kept = MAIL if self._envelope is not None else IDLE, False
            if parcel is not None:
                self._settle(parcel, due, code, text)
                self._source.hungry = True
        elif self._source.stopping:
            self._leave()
        elif due == DATA and code < 400:
            self._due, self._text, self._envelope = DOT, parcel, None
            self._go(b".\r\n" if parcel is None else parcel.wire)  # refused, and yet it wants the text: nothing
        else:
            self._due = IDLE if due == DATA else due + 1
            self._soiled = due == DATA
            if code >= 400 and due != RESET and parcel is not None:
                self._envelope = None
                self._settle(parcel, due, code, text)

    def _settle(self, parcel: Parcel, due: int, code: int, text: bytes) -> None:
        self._answered = self._answered or code != 421
        said = text.decode("utf-8", "replace")
        self._source.settle(parcel, self._source.channel.meaning(parcel.to, STAGES[due], code, said))

    def _farewell(self, parcel: Parcel | None, text: bytes) -> None:
        if parcel is not None and not (self._kept and self._due <= MAIL):
            if self._due == DOT:
                self._text = None
            else:
                self._envelope = None
            self._settle(parcel, self._due, 421, text)
        self._end(f"421 {text.decode('utf-8', 'replace').strip()[:200]}")

    def _end(self, reason: str) -> None:
        """Hang up. A text that is under way may have arrived; an envelope has not.

        What was not to blame is sent anew, and then it is the first of its connection: so at most once.
        """
        due, self._due = self._due, OVER
        if due == OVER:
            return
        self._timer.cancel()
        if due == QUIT:
            self._transport.close()
        else:
            self._transport.abort()
        text, envelope = self._text, self._envelope
        self._text = self._envelope = None
        if text is not None:
            self._source.settle(text, Unknown(f"the connection broke: {reason}"))
        if envelope is not None and (due == DOT or self._source.stopping or (self._kept and due <= MAIL)):
            self._source.again = envelope
        elif envelope is not None:
            self._source.settle(envelope, Retry(f"the connection broke: {reason}"))
        fine = self._answered or due == QUIT or (due == IDLE and not self._source.hungry)
        if not self._over.done():
            self._over.set_result("" if fine else reason)

    def _look(self) -> None:
        """Whether the answer that is due is late."""
        left = self._patience if self._due == IDLE else self._since + self._patience - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(max(left, 0.01), self._look)
        else:
            self._end(f"no answer for {self._patience:g} s")

    def eof_received(self) -> None:
        self._end("it hung up")

    def connection_lost(self, failure: Exception | None) -> None:
        self._end(" ".join(str(failure or "it hung up").split())[:200])

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused, self._since = False, self._loop.time()
        if self._source.hungry:
            self.wake()
