"""Whether a desk is well: what `vigil check` says in words."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from urllib.parse import urlsplit

from alerts.channels.email import Channel as Email
from alerts.domain.delivery import Blocked
from alerts.domain.errors import Invalid, VigilError
from alerts.domain.relays import MAIN, Relay
from alerts.domain.returns import Mailbox
from alerts.domain.times import Instant, tzdata
from alerts.egress import Answer, Egress
from alerts.services import reaching, relays, rules
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


async def each_relay(
    store: Store, settings: Settings, channel: Callable[[Relay], Email], now: Instant
) -> list[Finding]:  # fmt: skip
    """Connects to every relay, asks for TLS, logs in; sends nothing. Says what each takes today, and why one rests."""
    there: list[tuple[Relay, int | None]]
    try:
        there = [(relay, left) for relay, _, left in relays.listing(store, settings, now)]
    except (VigilError, Unavailable):  # the database has a finding of its own
        main = relays.main_relay(settings, None)
        there = [(main, None)] if main.url else []
    if not there:
        words = "none is set: set smtp.url, as smtp://user:password@host:587, or run “vigil relay add”"
        return [Finding("relay", False, words)]
    found = await asyncio.gather(*(_relay(relay, left, channel(relay), now) for relay, left in there))
    if len(found) == 1 and there[0][0].id == MAIN:
        return list(found)
    return [replace(one, words=f"{relay.id}: {one.words}") for one, (relay, _) in zip(found, there, strict=True)]


async def _relay(relay: Relay, left: int | None, channel: Email, now: Instant) -> Finding:
    if not relay.sender:
        return Finding("relay", False, "no sender is set: set smtp.sender to the address that mail comes from")
    try:
        channel.check(relay.sender)
    except Invalid:
        return Finding("relay", False, f"smtp.sender “{relay.sender}” is not a mail address")
    found = await channel.greet()
    if isinstance(found, Blocked):
        return Finding("relay", False, found.reason)
    today = "" if left is None else f"; {left} more possible today"
    if relay.blocks and relay.paused_until and relay.paused_until > now:
        until = f"{relay.paused_until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        return Finding("relay", False, f"{found}, but it refuses us and rests until {until}: {relay.reason}")
    return Finding("relay", True, found + today)


def readers(store: Store, now: Instant) -> list[Finding]:
    """Who gets nothing by their way until staff have seen to it; nothing where there is nobody."""
    try:
        with store.read() as tx:
            tasks = reaching.staff_tasks(tx, now)
    except (VigilError, Unavailable):  # the database has a finding of its own
        return []
    ways = {True: "set a new key: vigil way key", False: "set another way: vigil way webhook or apprise"}
    return [
        Finding("reader", False, f"{task.who} gets nothing: {task.reason}; {ways[task.key]}, or vigil way clear")
        for task in tasks
    ]


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
    """A rule that makes no sense is found here: by itself it would only stop the visits to the sources, in the log."""
    try:
        rules.of_settings(settings)
    except Invalid as refusal:
        yield Finding("settings", False, str(refusal))
    else:
        yield Finding("settings", True, f"{settings.desk.name}, clock of {settings.desk.zone}")
