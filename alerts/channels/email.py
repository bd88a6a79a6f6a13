"""Hand mail to the relay, over connections that stay open."""

import contextlib
import re
import time
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

import aiosmtplib

from alerts.channels import PLAIN
from alerts.channels._connect import UNREACHED, Token, connect, unreached, words
from alerts.channels._mime import ADDRESS, From, Skeleton, compile, compose, wired
from alerts.channels._pgp import Seal, unsealed
from alerts.channels._smtp import Parcel, Pump
from alerts.domain.delivery import Blocked, Outcome, Retry, Sent, Unknown
from alerts.domain.errors import Invalid
from alerts.domain.messages import Message, Own
from alerts.domain.replies import MENTIONED, Stage, outcome
from alerts.domain.ways import Way

HOUR = 3600.0
MOST_DOMAINS = 10_000


class Channel:
    """`url`: smtp:// (STARTTLS where it is offered) or smtps://, with user and password where the relay wants them.

    `timeout`: seconds for each answer. `rotate`: mails after which a pump renews its connection. With `token`, which
    gets an access token, the log-in is XOAUTH2. `seal` makes of a mail what goes to a reader with a key of their own.
    """

    def __init__(
        self, url: str, sender: str, name: str, reply_to: str, timeout: float, *, rotate: int = 1000,
        token: Token | None = None, seal: Seal = unsealed,
    ) -> None:  # fmt: skip
        self.url, self.sender, self.name, self.reply_to = urlsplit(url), sender, name, reply_to
        self.timeout, self.rotate, self.token, self.seal = timeout, rotate, token, seal
        self._took: dict[str, float] = {}  # when it last took mail for that domain; who was last stands last

    def check(self, to: str) -> None:
        if len(to) > 254 or not re.fullmatch(ADDRESS, to):
            raise Invalid("That is not a mail address.")

    def line(self) -> "Line":
        return Line(self)

    def pump(
        self, feed: Callable[[Pump], Parcel | None], done: Callable[[Pump, Parcel, Outcome | None], None]
    ) -> Pump:  # fmt: skip
        """A connection for many mails: see Pump."""
        return Pump(self, feed, done)

    async def greet(self) -> str | Blocked:
        """Connect, STARTTLS where it is offered, log in."""
        try:
            smtp = await connect(self.url, self.timeout, self.token)
        except UNREACHED as failure:
            return unreached(failure)
        cipher = smtp.get_transport_info("cipher")
        with contextlib.suppress(*UNREACHED):
            await smtp.quit()
        tls = f"over {cipher[1]}" if cipher else "without encryption"
        login = f", logged in as {unquote(self.url.username)}" if self.url.username else ", without a log-in"
        return f"{self.url.hostname} answers {tls}{login}"

    def compose(self, to: str, message: Message) -> bytes:
        """The exact bytes that go to this reader. The same message has the same id and date on every attempt."""
        return compose(self._from, to, "", message)

    def wire(self, to: str, to_name: str, message: Message) -> bytes:
        """What a parcel to this reader holds."""
        return wired(compose(self._from, to, to_name, message))

    def sealed(self, to: str, to_name: str, message: Message, way: Way) -> bytes | Retry:
        """What a parcel to a reader with a way of their own holds. Retry where it must not go out now."""
        mail = self.seal(compose(self._from, to, to_name, message), way)
        return mail if isinstance(mail, Retry) else wired(mail)

    def compile(self, message: Message, blanks: Own, *, eight: bool) -> Skeleton:
        """What makes the parcels of all whose mails differ only by what is their own. Raises Invalid: see _mime."""
        return compile(self._from, message, blanks, eight=eight)

    @property
    def _from(self) -> From:
        return From(self.sender, self.name, self.reply_to)

    def meaning(self, to: str, stage: Stage, code: int, text: str) -> Outcome:
        """What a reply means. Whom else in that domain the relay took within the hour is remembered here.

        Addresses in it are left out: what a relay said is kept, and shown, and readers' addresses are sealed.
        """
        domain, now = to.rpartition("@")[2].lower(), time.monotonic()
        text = " ".join(text.split())
        if "@" in text:
            text = MENTIONED.sub("…", text)
        if not text.isprintable():
            text = "".join(letter if letter.isprintable() else "?" for letter in text)
        last = self._took.get(domain)
        if not 200 <= code < 300:
            return outcome(stage, code, text, took_others=last is not None and now - last < HOUR)
        if last is not None:
            del self._took[domain]
        elif len(self._took) >= MOST_DOMAINS:
            del self._took[next(iter(self._took))]
        self._took[domain] = now
        return Sent(text[:200])


class Line:
    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.smtp: aiosmtplib.SMTP | None = None

    async def __aenter__(self) -> "Line":
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self._hang_up()

    async def send(self, to: str, message: Message, way: Way = PLAIN) -> Outcome:
        """A connection that the relay had closed while it was idle is opened again, once."""
        self.channel.check(to)
        kept = self.smtp is not None
        answer = await self._attempt(to, message, way)
        if kept and self.smtp is None and isinstance(answer, Retry):
            answer = await self._attempt(to, message, way)
        return answer

    async def _attempt(self, to: str, message: Message, way: Way) -> Outcome:
        stage = Stage.CONNECT
        if not self.channel.sender:
            return Blocked("no sender is set: set smtp.sender")
        # before the envelope: a text that cannot be must not leave one open
        wire = self.channel.seal(self.channel.compose(to, message), way)
        if isinstance(wire, Retry):
            return wire
        try:
            smtp = self.smtp = self.smtp or await connect(self.channel.url, self.channel.timeout, self.channel.token)
            stage = Stage.MAIL
            await smtp.mail(self.channel.sender)
            stage = Stage.RCPT
            await smtp.rcpt(to)
            stage = Stage.DATA
            code, text = await smtp.data(wire)
            return self.channel.meaning(to, stage, code, text)
        except aiosmtplib.SMTPAuthenticationError as refusal:
            await self._hang_up()
            return outcome(Stage.LOGIN, refusal.code, refusal.message)
        except aiosmtplib.SMTPResponseException as refusal:
            if refusal.code < 400:  # no answer that may come here
                await self._hang_up()
                return _broken(stage, "it answers nonsense")
            await self._reset(refusal.code)
            return self.channel.meaning(to, stage, refusal.code, refusal.message)
        except UNREACHED as failure:
            await self._hang_up()
            return _broken(stage, words(failure))

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


def _broken(stage: Stage, reason: str) -> Outcome:
    """No connection is nobody's fault but the relay's; a line that broke while the text was under way says nothing."""
    if stage is Stage.CONNECT:
        return Blocked(f"the relay cannot be reached: {reason}")
    if stage is Stage.DATA:
        return Unknown(f"the connection broke: {reason}")
    return Retry(f"the connection broke: {reason}")
