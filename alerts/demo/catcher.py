"""An SMTP server on loopback that keeps what it gets and hands nothing on: the demo can reach no real address."""

import asyncio
import functools
from dataclasses import dataclass
from datetime import UTC
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from aiosmtpd.smtp import SMTP, Envelope, Session

from alerts.domain.times import Instant


@dataclass(frozen=True, slots=True)
class Caught:
    """One mail as it arrived. `no` counts them from 1."""

    no: int
    to: str
    at: Instant
    mail: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.mail["Subject"])

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.mail.get_body((kind,))
        return str(part.get_content()) if part else ""


class Catcher:
    """`url` is where the desk sends; `mails` is what came, the oldest first."""

    def __init__(self) -> None:
        self.mails: list[Caught] = []
        self.url = ""

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        line = functools.partial(SMTP, self, hostname="catcher.localhost", loop=loop)
        self._server = await loop.create_server(line, "127.0.0.1", 0)
        self.url = f"smtp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Called by the server for each mail that was handed over."""
        mail = message_from_bytes(envelope.content or b"", policy=policy.default)  # type: ignore[arg-type]
        assert isinstance(mail, EmailMessage)
        at = parsedate_to_datetime(str(mail["Date"])).astimezone(UTC)
        self.mails += [Caught(len(self.mails) + 1, to, at, mail) for to in envelope.rcpt_tos]
        return "250 kept on this computer"
