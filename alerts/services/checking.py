"""Whether a desk is well: what `vigil check` says in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from alerts.channels import Channel
from alerts.domain.delivery import Blocked
from alerts.domain.errors import Invalid, VigilError
from alerts.domain.returns import Mailbox
from alerts.domain.times import Instant, tzdata
from alerts.egress import Answer, Egress
from alerts.settings import LOOPBACK, Settings
from alerts.store import Store, Unavailable
from watchers import mailbox as reader


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, whether it is right, and what was seen or is to be done."""

    what: str
    well: bool
    words: str


def database(store: Store) -> Finding:
    """Also opens the keys: a sealed value that does not open shows here."""
    try:
        if store.empty():
            return Finding("database", False, "it holds no desk yet: run “vigil migrate”")
        with store.read() as tx:
            staff, readers = tx.staff.where(limit=1), tx.subscribers.count()
    except (VigilError, Unavailable) as refusal:
        return Finding("database", False, str(refusal))
    kind = "SQLite" if store.on_sqlite else "PostgreSQL"
    nobody = "" if staff else "; nobody works here yet: run “vigil staff add”"
    return Finding("database", True, f"{kind} answers; {readers} subscribers{nobody}")


def keys_fit(store: Store, file: str) -> None:
    """Raises Invalid where the keys are missing, or are not those that this desk was sealed with.

    What is written with other keys nobody could read with the right ones.
    """
    store.vault.keys  # noqa: B018  only now is the file read
    try:
        with store.read() as tx:
            tx.staff.where(limit=1), tx.subscribers.where(limit=1)
    except Invalid:
        raise Invalid(
            f"The keys in {file} are not those of this desk: set keys.file to the right ones, or restore your copy."
        ) from None


def keys(store: Store, settings: Settings) -> Finding:
    file = Path(settings.keys.file)
    try:
        keys_fit(store, settings.keys.file)
    except Invalid as refusal:
        return Finding("keys", False, str(refusal))
    except Unavailable:  # the database has a finding of its own
        return Finding("keys", True, f"{file} holds keys; whether they open the desk its database must tell")
    if file.stat().st_mode & 0o077:
        return Finding("keys", True, f"the keys open, but others on this computer can read them: chmod 400 {file}")
    return Finding("keys", True, "the keys open; keep a copy of their file in a safe place")


def clock(store: Store, now: Instant) -> Finding:
    """A clock that stands before what was already written is wrong."""
    try:
        with store.read() as tx:
            last = tx.audit.last()
    except (VigilError, Unavailable):
        last = None
    if last and last.at > now:
        return Finding(
            "clock", False, f"it says {now:%Y-%m-%d %H:%M} UTC, but something was done here at {last.at:%Y-%m-%d %H:%M}"
        )
    return Finding("clock", True, f"{now:%Y-%m-%d %H:%M} UTC; zone rules of tzdata {tzdata()}")


async def relay(channel: Channel, settings: Settings) -> Finding:
    """Connects, asks for TLS, logs in; sends nothing."""
    if not settings.smtp.url:
        return Finding("relay", False, "none is set: set smtp.url, as smtp://user:password@host:587")
    if not settings.smtp.sender:
        return Finding("relay", False, "no sender is set: set smtp.sender to the address that mail comes from")
    try:
        channel.check(settings.smtp.sender)
    except Invalid:
        return Finding("relay", False, f"smtp.sender “{settings.smtp.sender}” is not a mail address")
    found = await channel.greet()
    if isinstance(found, Blocked):
        return Finding("relay", False, found.reason)
    return Finding("relay", True, found)


async def address(egress: Egress, settings: Settings) -> Finding:
    """Whether the links in mails lead somewhere, or that mails carry none."""
    base = settings.web.base_url
    if not settings.web.links:
        if not settings.mailbox.url:
            words = "by mail alone, for web.base_url is empty; but nobody reads the replies: set mailbox.url"
            return Finding("address", False, words)
        return Finding(
            "address",
            True,
            "by mail alone: web.base_url is empty, so no mail carries a link, and a reply does each job",
        )
    answer = await egress.get(f"{base}/healthz", local=True, seconds=10)
    if isinstance(answer, Answer) and answer.status == 200:
        if urlsplit(base).hostname in LOOPBACK:
            return Finding(
                "address", True, f"{base} answers, but only on this computer: readers elsewhere get dead links"
            )
        return Finding("address", True, f"{base} answers")
    said = f"answers {answer.status}" if isinstance(answer, Answer) else answer.reason
    return Finding("address", False, f"{base}: {said} (is “vigil run” running?)")


def mailbox(settings: Settings, now: Instant) -> Finding:
    """Whether what comes back can be read. Opens the mailbox and takes nothing out of it."""
    if not settings.mailbox.url:
        return Finding("mailbox", True, "none is set: bounces and replies are read by people alone (mailbox.url)")
    try:
        with reader.opened(settings.mailbox.url, Mailbox(""), now) as box:
            next(iter(box.mails()), None)
    except reader.Failed as refusal:
        return Finding("mailbox", False, str(refusal))
    return Finding("mailbox", True, f"it can be read; answers go to {settings.mail.reply_to or 'nobody'}")


def settings_words(settings: Settings) -> Iterator[Finding]:
    yield Finding("settings", True, f"{settings.desk.name}, clock of {settings.desk.zone}")
