"""Who of a batch is written to at this moment, and what is each one's own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from alerts.channels import PLAIN
from alerts.domain.alerts import Alert, Kind
from alerts.domain.audience import Recipient, refused
from alerts.domain.delivery import Again, Delivery, NotNow, Result
from alerts.domain.labels import Label
from alerts.domain.messages import Own, Reading
from alerts.domain.relays import Relay
from alerts.domain.threads import SUPERSEDES, superseded
from alerts.domain.times import Instant
from alerts.domain.ways import Way
from alerts.services.cohorts import Away, Cohorts
from alerts.services.issuing import carriers, mistaken, thread
from alerts.services.links import endings
from alerts.services.reaching import held, ways_of
from alerts.services.renderings import Common, common_of
from alerts.settings import Settings
from alerts.store import Store, Tx
from alerts.store.ledger import Batch
from alerts.store.readers import Addressed, addressed
from alerts.store.vault import Vault

HALTED = "halted while it was being sent"
TOO_FAR = "too far away to be there in time"
LOOK_AT_KEYS = timedelta(days=1)
"""How soon it is tried again to write to somebody whose key cannot be used."""


class Mail(NamedTuple):
    """One recipient of a batch who is to be written to now. `cohort`: all whose mails differ by their `Own` alone.

    `way`: where it does not go by plain mail.
    """

    n: int
    reader: Addressed
    cohort: int
    way: Way | None = None


def _unaddressed(mail: Mail) -> Own:
    raise LookupError(mail.n)


@dataclass(slots=True)
class Work:
    """A batch that this holder has taken. `token` fences it: who finds another token records nothing and stops.

    `granted`: how many the relay may be given of it; `given`: how many it was. `before`: who of it stands in `retry`.
    `reserved`: the relay has a limit, so what is left of the grant stands in the database too.
    `own` opens what is a reader's own, at the moment when the mail is made; raises Invalid where it does not open.
    `readings`: the alert as each cohort gets it, with nobody's own links. `elsewhere`: who does not get mail.
    `tried`: more of it may stand in `retry` by now. `refused`: the relay refused us meanwhile.
    """

    batch: Batch
    alert: Alert
    token: str
    relay: Relay
    granted: int
    before: dict[int, Again] = field(default_factory=dict)
    reserved: bool = False
    mails: list[Mail] = field(default_factory=list)
    own: Callable[[Mail], Own] = _unaddressed
    readings: list[Reading] = field(default_factory=list)
    elsewhere: set[int] = field(default_factory=set)
    given: int = 0
    tried: bool = False
    stopped: bool = False
    refused: bool = False


Settled = list[tuple[int, Delivery | NotNow]]
"""Who must not be written to, ever or now, each with the reason."""


def address(store: Store, settings: Settings, work: Work, now: Instant, common: Common) -> Settled:
    """Find everybody in the batch who may be written to at this moment, as many as were granted, and their own.

    Answers who must not be, to be recorded with the first answers.
    """
    with store.read() as tx:
        waiting = _waiting(tx, work, now)
        ids = [recipient.subscriber_id for _, recipient in waiting]
        people, ways = addressed(tx, ids), ways_of(tx, ids)
        kept, settled = _sorted_out(tx, work, waiting, people, ways, now)
        if any(again.last == "blocked" for again in work.before.values()):
            kept.sort(key=lambda one: one[0] in work.before and work.before[one[0]].last == "blocked")
        said, cohorts = common_of(tx, work.alert, common), Cohorts(tx, work.alert, now)
        for n, recipient in kept[: work.granted]:
            reader, way = people[recipient.subscriber_id], ways.get(recipient.subscriber_id)
            if way and way.channel != "email":
                work.elsewhere.add(n)
            work.mails.append(Mail(n, reader, cohorts.place(recipient, reader), way))
        work.readings += cohorts.readings(said)
        work.own = _owning(tx.vault, settings, work.alert, now)
        return settled


def message_id(vault: Vault, alert_id: str, subscriber_id: str, channel: str, sender: str) -> str:
    """The same on every attempt, and nobody can tell from two of them that they belong together."""
    return message_ids(vault, alert_id, sender)(subscriber_id, channel)


def message_ids(vault: Vault, alert_id: str, sender: str) -> Callable[[str, str], str]:
    """As `message_id`, for many readers of one alert: their id, and the channel by which it goes."""
    sign, domain = vault.signer("message-id"), sender.rpartition("@")[2] or "localhost"
    return lambda id, channel: f"{sign(f'{alert_id}|{id}|{channel}'.encode())[:20].hex()}@{domain}"


def _waiting(tx: Tx, work: Work, now: Instant) -> list[tuple[int, Recipient]]:
    ended, before = tx.ledger.ended(work.batch.no), work.before

    def due(n: int) -> bool:
        again = before.get(n)
        return again is None or again.last == "blocked" or again.not_before <= now

    return [(n, recipient) for n, recipient in enumerate(work.batch.recipients) if n not in ended and due(n)]


def _sorted_out(
    tx: Tx, work: Work, waiting: list[tuple[int, Recipient]], people: dict[str, Addressed], ways: dict[str, Way],
    now: Instant,
) -> tuple[list[tuple[int, Recipient]], Settled]:  # fmt: skip
    """Who may still be written to; and all others."""
    alert, label, no = work.alert, work.alert.label, work.batch.no
    away = Away(alert, now)
    holders = None
    if alert.kind is Kind.WITHDRAWAL:
        label = Label.GREEN  # it repeats nothing, and who is no longer trusted must delete it all the more
    if alert.kind in SUPERSEDES:
        issues = thread(tx, alert)
        older = carriers(tx, superseded(alert, issues))
        holders = mistaken(tx, alert, issues) if tx.ledger.cut_short(older, HALTED) else None
    kept: list[tuple[int, Recipient]] = []
    settled: Settled = []
    for n, recipient in waiting:
        id = recipient.subscriber_id
        person, way = people.get(id), ways.get(id, PLAIN)
        why = refused(person and person.standing, label) or way.disabled_why
        if holders is not None and not recipient.because and id not in holders:
            settled.append((n, Delivery(no, n, Result.WITHDRAWN, "never had what this is about", now)))
        elif why:
            settled.append((n, Delivery(no, n, Result.SUPPRESSED, why, now)))
        elif person and away.in_vain(person.reach):
            settled.append((n, Delivery(no, n, Result.SUPPRESSED, TOO_FAR, now)))
        elif held(way, now):
            settled.append((n, NotNow("held", now + LOOK_AT_KEYS)))
        else:
            kept.append((n, recipient))
    return kept, settled


def _owning(vault: Vault, settings: Settings, alert: Alert, now: Instant) -> Callable[[Mail], Own]:
    """What is asked for each mail, so that nothing which is the same for all is worked out there."""
    ends = endings(vault, alert.id, alert.published_at or now) if settings.web.links else _no_ends
    ids, opened = message_ids(vault, alert.id, settings.smtp.sender), vault.open

    def own(mail: Mail) -> Own:
        id, email, name = mail.reader.id, mail.reader.email, mail.reader.name
        to, called = opened(email, f"subscriber|email|{id}"), opened(name, f"subscriber|name|{id}")
        return Own(ids(id, mail.way.channel if mail.way else "email"), to, called, *ends(id))

    return own


def _no_ends(_: str) -> tuple[str, str, str]:
    return "", "", ""
