"""Tries a relay: connects, logs in, sends two mails, looks what arrived, and says in words what will not work."""

import asyncio
import imaplib
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message as Parsed
from email.utils import parseaddr
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiosmtplib

from alerts.channels._connect import UNREACHED, Token, connect, unreached, words
from alerts.channels._mime import From, compose
from alerts.domain.delivery import Blocked, Outcome, Sent, Unknown
from alerts.domain.errors import Invalid
from alerts.domain.messages import Message
from alerts.domain.relays import Preset, Relay
from alerts.domain.replies import Stage, outcome
from alerts.domain.returns import Mailbox
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.services import grants, relays, trial
from alerts.services.addresses import address
from alerts.services.checking import Finding
from alerts.settings import LOOPBACK, Settings
from alerts.store import Store
from watchers import mailbox

LOOK_AGAIN = 0.2
OPEN_LINE = "Secrecy on the way: it offers no encryption, so whoever is between can read and change each mail."


@dataclass(frozen=True, slots=True)
class Tried:
    """What was found, and what will not work; `well` unless no mail can go out."""

    findings: tuple[Finding, ...]
    wont: tuple[str, ...]

    @property
    def well(self) -> bool:
        return all(finding.well for finding in self.findings)


async def attempt(
    store: Store, settings: Settings, relay: Relay, token: Token | None, *, to: str, box: str, seconds: float,
    by: Staff, now: Instant,
) -> Tried:  # fmt: skip
    """Two mails to `to`, the second with an envelope address of its own. `box`: the mailbox of `to`, as mailbox.url has
    it, in which to look for so many seconds what became of that envelope; empty: nobody looks.

    What was measured is kept with the relay; one that takes mail rests no longer. Raises Forbidden, Invalid.
    """
    by.must_be(Role.ADMIN, "test a relay")
    to, sender = address(to), address(relay.sender)
    local, _, domain = sender.rpartition("@")
    own = f"{local}+test-{secrets.token_hex(8)}@{domain}"
    try:
        async with _open(relay, settings, token) as (smtp, said):
            plain, _ = await _mail(smtp, settings, sender, sender, to, now)
            verp, id = await _mail(smtp, settings, sender, own, to, now) if isinstance(plain, Sent) else (plain, "")
    except UNREACHED as failure:
        return Tried((Finding("relay", False, unreached(failure).reason),), tuple(_way_out(relay, unreached(failure))))
    found = [Finding("relay", True, said)]
    if not isinstance(plain, Sent):
        why = Finding("mail", False, f"the test mail was refused: {trial.words(plain)}")
        return Tried((*found, why), tuple(_way_out(relay, plain)))
    found.append(Finding("mail", True, f"a test mail was taken for {to}: look whether it arrives, and not as spam"))
    arrived = await _arrived(box, id, seconds, now) if isinstance(verp, Sent) and box else None
    kept = arrived is not None and parseaddr(arrived.get("Return-Path", ""))[1].lower() == own.lower()
    found.append(Finding("envelope", True, _envelope(verp, box, arrived, kept, seconds)))
    with store.begin() as tx:
        grants.charge(tx, relay, 1 + isinstance(verp, Sent), now)
        relays.took(tx, relay)
        relays.keep(tx, relay, verp=kept, tested_at=now)
        tx.audit.add("relay tested", relay.id, "keeps our envelope" if kept else "", by=by, at=now)
    open_line = "without encryption" in said and urlsplit(relay.url).hostname not in LOOPBACK
    return Tried(tuple(found), (*([OPEN_LINE] if open_line else []), *_wont(relay, verp, arrived, kept)))


@asynccontextmanager
async def _open(relay: Relay, settings: Settings, token: Token | None) -> AsyncIterator[tuple[aiosmtplib.SMTP, str]]:
    """The relay, logged in, and how, in words. Raises UNREACHED."""
    url = urlsplit(relay.url)
    smtp = await connect(url, settings.smtp.timeout, token)
    try:
        cipher = smtp.get_transport_info("cipher")
        by = "by OAuth" if token else "by password"
        yield smtp, ", ".join([
            f"{url.hostname} answers {f'encrypted with {cipher[1]}' if cipher else 'without encryption'}",
            f"logged in {by} as {unquote(url.username)}" if url.username else "without a log-in",
        ])  # fmt: skip
    finally:
        with suppress(aiosmtplib.SMTPException, OSError):
            await smtp.quit(timeout=2)
        smtp.close()


async def _mail(
    smtp: aiosmtplib.SMTP, settings: Settings, sender: str, envelope: str, to: str, now: Instant
) -> tuple[Outcome, str]:
    """One test mail with this envelope, what the relay said, and its Message-ID."""
    id = f"{secrets.token_hex(16)}@{sender.rpartition('@')[2]}"
    text = f"This is a test from {settings.desk.name}. If you read it, mail goes out.\n"
    message = Message(id, f"Test from {settings.desk.name}", text, f"<p>{escape(text)}</p>", now)
    wire = compose(From(sender, settings.desk.name, settings.mail.reply_to or sender), to, "", message)
    stage = Stage.MAIL
    try:
        await smtp.mail(envelope)
        stage = Stage.RCPT
        await smtp.rcpt(to)
        stage = Stage.DATA
        await smtp.data(wire)
    except aiosmtplib.SMTPResponseException as refusal:
        with suppress(aiosmtplib.SMTPException, OSError):
            await smtp.rset()
        return outcome(stage, refusal.code, refusal.message), id
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as failure:
        return Unknown(f"the connection broke: {words(failure)}"), id
    return Sent(), id


async def _arrived(box: str, id: str, seconds: float, now: Instant) -> Parsed | None:
    """The headers of the mail with this Message-ID, as they stand in the mailbox. Raises Invalid where it is closed."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while True:
        try:
            found = await asyncio.to_thread(_looked, box, id, now)
        except (mailbox.Failed, imaplib.IMAP4.error, OSError) as failure:
            raise Invalid(f"The mailbox to look in: {str(failure).rstrip('.')}.") from None
        if found or loop.time() >= end:
            return message_from_bytes(found) if found else None
        await asyncio.sleep(LOOK_AGAIN)


def _looked(box: str, id: str, now: Instant) -> bytes | None:
    """Nothing is moved, marked or deleted, and old mail is not read."""
    with mailbox.opened(box, Mailbox("test"), now) as opened:
        heads = _imap(opened.line, id) if isinstance(opened, mailbox.Imap) else _maildir(Path(urlsplit(box).path))
        return next((head for head in heads if f"<{id}>".encode() in head), None)


def _imap(line: imaplib.IMAP4, id: str) -> Iterator[bytes]:
    _, found = line.uid("SEARCH", "HEADER", "Message-ID", f'"<{id}>"')
    for uid in (found[0] or b"").split():
        _, parts = line.uid("FETCH", uid.decode(), "(BODY.PEEK[HEADER])")
        yield from (bytes(part[1]) for part in parts if isinstance(part, tuple))


def _maildir(folder: Path) -> Iterator[bytes]:
    folder = Path(unquote(str(folder)))
    for part in ("new", "cur"):
        for file in sorted((folder / part).glob("*"), reverse=True)[: mailbox.MOST]:
            with suppress(FileNotFoundError), file.open("rb") as mail:
                yield mail.read(64 * 1024).replace(b"\r\n", b"\n").partition(b"\n\n")[0]


def _envelope(verp: Outcome, box: str, arrived: Parsed | None, kept: bool, seconds: float) -> str:
    if not isinstance(verp, Sent):
        return f"it takes no envelope address but the sender's own: {trial.words(verp)}"
    if kept:
        return "it keeps an envelope address of our own: each bounce names its reader"
    if arrived is not None:
        return f"it writes {parseaddr(arrived.get('Return-Path', ''))[1] or 'nothing'} over our envelope address"
    if box:
        return f"it takes an envelope address of our own, but that mail did not arrive within {seconds:g} seconds"
    return (
        "it takes an envelope address of our own; whether it keeps it is seen in a mailbox: mailbox.url, or --maildir"
    )


def _wont(relay: Relay, verp: Outcome, arrived: Parsed | None, kept: bool) -> Iterator[str]:
    preset = relays.presets().get(relay.preset)
    if not kept:
        yield (
            "Every bounce comes back to the sender's own address: who it is about is read from what the bounce says, "
            "and a few stay unknown."
        )
    shown = parseaddr(arrived.get("From", ""))[1] if arrived else relay.sender
    if shown.lower() != relay.sender.lower():
        yield f"It changes From to {shown}: readers see that, not {relay.sender}."
    if preset:
        yield from _of_the_service(relay, preset)
    if relay.daily:
        yield f"More than {relay.daily:,} mails in 24 hours: the rest waits, and the desk says who and until when."
    elif preset and preset.source == "unverified":
        yield "Nobody knows how many mails a day it takes: begin small, and set what you learn with vigil relay change."
    if relay.ramp_from:
        yield "A full day's mail at once: as a new sender it begins with 50 a day, and twice as many each day."


def _of_the_service(relay: Relay, preset: Preset) -> Iterator[str]:
    user, domain = unquote(urlsplit(relay.url).username or ""), relay.sender.rpartition("@")[2]
    owner = next((one for one in relays.presets().values() if domain in one.domains and one.id != preset.id), None)
    if owner:
        yield f"Mail from @{domain}: readers' servers take it only from {owner.title}. Take a sender of your own."
    if not preset.from_may_differ and "@" in user and user.lower() != relay.sender.lower():
        yield f"Another sender than {user}: {preset.title} may refuse it or write that address over it."
    if preset.login == "oauth" and user and not relay.oauth:
        yield "The password after December 2026, when it is off by default there: set up OAuth before."


def _way_out(relay: Relay, refusal: Outcome) -> Iterator[str]:
    """What to do about a relay that takes nothing."""
    said = trial.words(refusal)
    preset = relays.presets().get(relay.preset)
    if isinstance(refusal, Blocked) and "log-in" in said and preset:
        yield from preset.steps
    elif "5.7.30" in said or "asic authentication" in said:
        yield "It takes no password any more: remove the relay, and add it with --oauth-file."
    elif "WRONG_VERSION_NUMBER" in said:
        yield "That port begins without encryption: this service wants --port 465, or --preset other for STARTTLS."
    elif "certificate" in said.lower():
        yield "Its certificate is not valid for that name: is --host right, as the service writes it?"
    elif relay.url and (urlsplit(relay.url).hostname or "") in LOOPBACK:
        yield "Is that mail server running on this computer, and is it the right port?"
