"""The pump: a connection to the relay that is kept open, and hands over one mail after the other.

aiosmtplib connects, encrypts and logs in. What follows is `Pipeline`'s where the relay offers PIPELINING; where it does
not, the same bytes go through aiosmtplib, one command after the other.
"""

import asyncio
import contextlib
import re
from collections.abc import Callable

import aiosmtplib

from alerts.channels._connect import UNREACHED, connect, unreached, words
from alerts.channels._pipeline import FAREWELL, Account, Parcel, Pipeline
from alerts.domain.delivery import Blocked, Outcome, Rejected, Retry, Unknown
from alerts.domain.replies import Stage

__all__ = ["Account", "Parcel", "Pump", "connect"]

ODD = re.compile(r"[^!-;=?-~]")
"""What may stand in no address of an envelope: a space, an angle bracket, a line end, anything beyond ASCII."""

FRUITLESS = 3
"""Connections that break one after the other before the relay has answered for any mail: then it counts as gone."""


class Pump:
    """Hands over what `feed` gives it. For each parcel that it was given `done` is called exactly once, with None where
    it was not tried: the relay had not got its text when the pump ended.

    Both are called on the loop's thread, `feed` only while the connection is open, again after each answer to a text,
    and after `wake`. What they raise ends the pump like `stop`, and `run` raises it. `eight`: the relay takes 8BITMIME.
    """

    def __init__(
        self,
        channel: Account,
        feed: Callable[["Pump"], Parcel | None],
        done: Callable[["Pump", Parcel, Outcome | None], None],
    ) -> None:
        self.channel, self.eight = channel, False
        self.hungry, self.stopping = True, False
        self.again: Parcel | None = None
        self._feed, self._done = feed, done
        self._awake = asyncio.Event()
        self._opened_or_stopped: asyncio.Future[None] | None = None
        self._pipeline: Pipeline | None = None
        self._failure: Exception | None = None

    async def run(self) -> Blocked | None:
        """Until `stop` (None), or until no connection or log-in can be had. Connects at once.

        A connection that the relay closed while nothing was under way is opened anew when there is something to send.
        """
        if not self.channel.sender:
            return Blocked("no sender is set: set smtp.sender")
        fruitless, blocked = 0, None
        try:
            while blocked is None and not self.stopping:
                if not self.hungry:
                    await self._woken()
                    continue
                broke = await self._connection()
                fruitless = fruitless + 1 if broke and not self.stopping else 0
                if isinstance(broke, Blocked):
                    blocked = broke
                elif fruitless == FRUITLESS:
                    blocked = Blocked(f"the relay breaks every connection: {broke}")
        finally:
            parcel, self.again = self.again, None
            if parcel is not None:
                self.settle(parcel, blocked)
        if self._failure:
            raise self._failure
        return blocked

    def wake(self) -> None:
        """`feed` has something again."""
        self.hungry = True
        self._stir()

    def stop(self) -> None:
        """Begin nothing more; a text that is under way is finished."""
        self.stopping = True
        if self._opened_or_stopped:
            _resolve(self._opened_or_stopped)
        self._stir()

    def _stir(self) -> None:
        self._awake.set()
        if self._pipeline:
            self._pipeline.wake()

    async def _woken(self) -> None:
        self._awake.clear()
        await self._awake.wait()

    async def _connection(self) -> Blocked | str:
        """One connection from its beginning to its end. Answers why it was no use, or ""."""
        smtp = await self._opened()
        if not isinstance(smtp, aiosmtplib.SMTP):
            return smtp
        try:
            self.eight = smtp.supports_extension("8bitmime")
            if not smtp.supports_extension("pipelining"):
                return await self._step_by_step(smtp)
            self._pipeline = Pipeline(self, smtp)
            return await self._pipeline.live()
        finally:
            self._pipeline = None
            smtp.close()

    async def _opened(self) -> aiosmtplib.SMTP | Blocked | str:
        opening = asyncio.create_task(connect(self.channel.url, self.channel.timeout, self.channel.token))
        opened = self._opened_or_stopped = asyncio.get_running_loop().create_future()
        opening.add_done_callback(lambda _: _resolve(opened))
        try:
            await opened
        except asyncio.CancelledError:
            _give_up(opening)
            raise
        finally:
            self._opened_or_stopped = None
        if not opening.done():
            _give_up(opening)
            return ""
        try:
            return opening.result()
        except UNREACHED as failure:
            return unreached(failure)

    def next(self) -> Parcel | None:
        """What is to be handed over next. An address that could be another command goes to nobody."""
        while not self.stopping:
            self.hungry = False
            parcel, self.again = self.again, None
            try:
                parcel = parcel or self._feed(self)
            except Exception as failure:  # noqa: BLE001 `run` raises it
                self._failure, self.stopping = failure, True
            if parcel is None:
                break
            self.hungry = True
            if not ODD.search(parcel.sender + parcel.to) and parcel.wire.endswith(b"\r\n.\r\n"):
                return parcel
            self.settle(parcel, Rejected("that is no mail to one address"))
        return None

    def envelope(self, parcel: Parcel) -> str:
        """The three commands before the text."""
        body = " BODY=8BITMIME" if self.eight else ""
        return f"MAIL FROM:<{parcel.sender}>{body}\r\nRCPT TO:<{parcel.to}>\r\nDATA\r\n"

    def settle(self, parcel: Parcel, outcome: Outcome | None) -> None:
        """This is what became of it; None: nothing."""
        try:
            self._done(self, parcel, outcome)
        except Exception as failure:  # noqa: BLE001 `run` raises it
            self._failure, self.stopping = failure, True

    async def _step_by_step(self, smtp: aiosmtplib.SMTP) -> str:
        """Each command when the one before was answered. Answers as `_connection` does."""
        answered = kept = False
        for _ in range(self.channel.rotate):
            while (parcel := self.next()) is None and not self.stopping:
                if not self.hungry:
                    await self._woken()
                kept = answered
            if parcel is None:
                break
            broke = await self._hand_over(smtp, parcel, kept)
            if broke:
                return "" if answered else broke
            answered, kept, self.hungry = True, False, True
        with contextlib.suppress(*UNREACHED):
            await smtp.quit(timeout=min(FAREWELL, self.channel.timeout))
        return ""

    async def _hand_over(self, smtp: aiosmtplib.SMTP, parcel: Parcel, kept: bool) -> str:
        """Answers why the connection broke meanwhile, or ""."""
        stage, begun, reason = Stage.MAIL, False, "it was given up"
        outcome: Outcome | None = None
        try:
            commands = self.envelope(parcel).splitlines()
            for stage, command in zip((Stage.MAIL, Stage.RCPT, Stage.DATA), commands, strict=True):
                code, text = await smtp.execute_command(command.encode())
                if _refused(code, 3 if stage is Stage.DATA else 2):
                    break
                if self.stopping:
                    raise aiosmtplib.SMTPServerDisconnected("we stop")
            else:
                begun = True
                code, text = await self._text(smtp, parcel.wire)
                _refused(code, 2)
            if code == 421 and kept and stage is Stage.MAIL:
                raise aiosmtplib.SMTPServerDisconnected(f"421 {text}")
            outcome = self.channel.meaning(parcel.to, stage, code, text)
            if code == 421:
                return f"421 {text}"
            if not begun:
                await smtp.rset()
            return ""
        except UNREACHED as failure:
            reason = words(failure)
            return reason
        finally:
            if outcome is None and not begun and (self.stopping or (kept and stage is Stage.MAIL)):
                self.again = parcel
            else:
                otherwise = Unknown if begun else Retry
                self.settle(parcel, outcome or otherwise(f"the connection broke: {reason}"))

    async def _text(self, smtp: aiosmtplib.SMTP, wire: bytes) -> aiosmtplib.SMTPResponse:
        """aiosmtplib's own `data` would stuff the dots a second time."""
        if smtp.protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        smtp.protocol.write(wire)
        return await smtp.protocol.read_response(timeout=self.channel.timeout)


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _give_up(opening: asyncio.Task[aiosmtplib.SMTP]) -> None:
    """Not waited for: `wait_for` of Python 3.11 may miss that it is cancelled, and a relay be silent for long."""

    def close(opening: asyncio.Task[aiosmtplib.SMTP]) -> None:
        if not opening.cancelled() and not opening.exception():
            opening.result().close()

    opening.cancel()
    opening.add_done_callback(close)


def _refused(code: int, hoped: int) -> bool:
    """Raises SMTPServerDisconnected for what is neither a refusal nor the kind of answer that may come here."""
    if code < 400 and code // 100 != hoped:
        raise aiosmtplib.SMTPServerDisconnected("it answers nonsense")
    return code >= 400
