"""Hand mail to the relay, over connections that stay open."""

import contextlib
import hashlib
import re
import ssl
import unicodedata
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import SplitResult, unquote, urlsplit

import aiosmtplib

from alerts.domain.delivery import Blocked, Outcome, Retry, Sent, Unknown
from alerts.domain.errors import Invalid
from alerts.domain.messages import Message
from alerts.domain.replies import Stage, outcome

LOOPBACK = ("localhost", "127.0.0.1", "::1")
QUOTED = str.maketrans({"\\": "\\\\", '"': '\\"'})
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")


class Channel:
    """`url`: smtp:// (STARTTLS where it is offered) or smtps://, with user and password where the relay wants them."""

    def __init__(self, url: str, sender: str, name: str, reply_to: str, timeout: int) -> None:
        self.url, self.sender, self.name, self.reply_to, self.timeout = urlsplit(url), sender, name, reply_to, timeout

    def check(self, to: str) -> None:
        if len(to) > 254 or not ADDRESS.fullmatch(to):
            raise Invalid("That is not a mail address.")

    def line(self) -> "Line":
        return Line(self)

    async def greet(self) -> str | Blocked:
        """Connect, STARTTLS where it is offered, log in."""
        try:
            smtp = await _connect(self.url, self.timeout)
        except aiosmtplib.SMTPAuthenticationError as refusal:
            return Blocked(f"the log-in was refused: {refusal.code} {refusal.message}")
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as failure:
            return Blocked(f"the relay cannot be reached: {_words(failure)}")
        cipher = smtp.get_transport_info("cipher")
        await smtp.quit()
        tls = f"over {cipher[1]}" if cipher else "without encryption"
        login = f", logged in as {unquote(self.url.username)}" if self.url.username else ", without a log-in"
        return f"{self.url.hostname} answers {tls}{login}"

    def compose(self, to: str, message: Message) -> bytes:
        """The exact bytes that go to this reader. The same message has the same id and date on every attempt."""
        headers = [_header("From", self.name, f" <{self.sender}>"), _header("To", to)]
        if self.reply_to != self.sender:
            headers.append(_header("Reply-To", self.reply_to))
        headers.append(_header("Subject", message.subject))
        headers.append(_header("Date", format_datetime(message.date)))
        headers.append(_header("Message-ID", f"<{message.id}>"))
        headers += [_header(name, value) for name, value in message.headers.items()]
        mail = EmailMessage(policy=SMTP)
        mail.set_content(message.text, cte="quoted-printable")
        mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
        mail.set_boundary(f"=_{hashlib.sha256(message.id.encode()).hexdigest()[:32]}")
        return b"".join(headers) + mail.as_bytes()


class Line:
    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.smtp: aiosmtplib.SMTP | None = None

    async def __aenter__(self) -> "Line":
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self._hang_up()

    async def send(self, to: str, message: Message) -> Outcome:
        """A connection that the relay had closed while it was idle is opened again, once."""
        self.channel.check(to)
        kept = self.smtp is not None
        answer = await self._attempt(to, message)
        if kept and self.smtp is None and isinstance(answer, Retry):
            answer = await self._attempt(to, message)
        return answer

    async def _attempt(self, to: str, message: Message) -> Outcome:
        stage = Stage.CONNECT
        if not self.channel.sender:
            return Blocked("no sender is set: set smtp.sender")
        wire = self.channel.compose(to, message)  # before the envelope: a text that cannot be must not leave one open
        try:
            smtp = self.smtp = self.smtp or await _connect(self.channel.url, self.channel.timeout)
            stage = Stage.MAIL
            await smtp.mail(self.channel.sender)
            stage = Stage.RCPT
            await smtp.rcpt(to)
            stage = Stage.DATA
            code, text = await smtp.data(wire)
            return Sent(" ".join(text.split())[:200]) if 200 <= code < 300 else outcome(stage, code, text)
        except aiosmtplib.SMTPAuthenticationError as refusal:
            await self._hang_up()
            return outcome(Stage.LOGIN, refusal.code, refusal.message)
        except aiosmtplib.SMTPResponseException as refusal:
            await self._reset(refusal.code)
            return outcome(stage, refusal.code, refusal.message)
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError, TimeoutError) as failure:
            await self._hang_up()
            return _broken(stage, _words(failure))

    async def _reset(self, code: int) -> None:
        if code == 421 or self.smtp is None or not self.smtp.is_connected:
            return await self._hang_up()
        try:
            await self.smtp.rset()
        except (aiosmtplib.SMTPException, OSError):
            await self._hang_up()

    async def _hang_up(self) -> None:
        smtp, self.smtp = self.smtp, None
        if smtp is not None:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await smtp.quit(timeout=2)
            smtp.close()


async def _connect(url: SplitResult, patience: int) -> aiosmtplib.SMTP:
    """A relay on this computer may show any certificate; another must show a valid one for its name."""
    if not url.hostname:
        raise aiosmtplib.SMTPConnectError("no relay is set: set smtp.url")
    smtp = aiosmtplib.SMTP(
        hostname=url.hostname, port=url.port or (465 if url.scheme == "smtps" else 25), timeout=patience,
        use_tls=url.scheme == "smtps", start_tls=None if url.scheme == "smtp" else False,
        validate_certs=url.hostname not in LOOPBACK,
        username=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
    )  # fmt: skip
    try:
        await smtp.connect()
    except BaseException:
        smtp.close()
        raise
    return smtp


def _header(name: str, value: str, address: str = "") -> bytes:
    """One header. EmailMessage would write a long link in List-Unsubscribe as encoded words, by which no mail program
    finds it (RFC 8058), and lose spaces of a long subject. Raises ValueError: no line end may make another header.
    """
    if any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in value):
        raise ValueError(f"a control character or line end in the header {name}")
    if not value.isascii() or (name == "Subject" and "=?" in value):
        value = Header(value, "utf-8", header_name=name).encode(linesep="\r\n")
    elif address:
        value = f'"{value.translate(QUOTED)}"' if value else ""
    return f"{name}: {value}{address}\r\n".encode("ascii")


def _broken(stage: Stage, reason: str) -> Outcome:
    """No connection is nobody's fault but the relay's; a line that broke while the text was under way says nothing."""
    if stage is Stage.CONNECT:
        return Blocked(f"the relay cannot be reached: {reason}")
    if stage is Stage.DATA:
        return Unknown(f"the connection broke: {reason}")
    return Retry(f"the connection broke: {reason}")


def _words(failure: BaseException) -> str:
    return " ".join(str(failure).split())[:200] or type(failure).__name__
