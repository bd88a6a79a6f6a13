"""From an open batch to results in the ledger: what may be sent, to whom at this moment, and what became of it."""

import base64
import contextlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from alerts.domain.alerts import Alert, Edition, Kind
from alerts.domain.audience import Recipient, Subscriber, refused
from alerts.domain.cases import Case, may_cite
from alerts.domain.delivery import Again, Blocked, Delivery, Outcome, Result, pause, settle
from alerts.domain.errors import Invalid
from alerts.domain.labels import Label
from alerts.domain.messages import Reading
from alerts.domain.relays import MAIN, Relay
from alerts.domain.threads import SUPERSEDES, superseded
from alerts.domain.times import Instant
from alerts.services.alerting import editions
from alerts.services.issuing import landed, thread
from alerts.services.links import links
from alerts.store import Store, Tx
from alerts.store.ledger import Batch
from alerts.store.readers import standings
from alerts.store.tables import PERSON, SUBSCRIBER
from alerts.store.vault import Vault

HALTED = "halted while it was being sent"


@dataclass(frozen=True, slots=True)
class Mail:
    """One recipient of a batch who is to be written to now."""

    n: int
    to: str
    message_id: str
    reading: Reading


@dataclass(slots=True)
class Work:
    """A batch that this holder has taken. `token` fences it: who finds another token records nothing and stops."""

    batch: Batch
    alert: Alert
    mails: list[Mail]
    before: dict[int, Again]
    token: str
    relay: Relay
    stopped: bool = field(default=False)


def recover(store: Store, now: Instant) -> int:
    """What a dead process held is open again, and a paused relay is asked at once.

    Only for the one process that works.
    """
    with store.begin() as tx:
        tx.relays.update(paused_until=now)
        return tx.ledger.recover()


def take(store: Store, vault: Vault, base_url: str, sender: str, now: Instant) -> Work | None:
    """The next batch, with everybody in it who may be written to at this moment.

    None: there is nothing, or the relay rests.
    """
    with store.begin() as tx:
        relay = tx.relays.find(tx.relays.table.c.id == MAIN) or Relay(MAIN)
        if relay.paused_until and relay.paused_until > now:
            return None
        batch = tx.ledger.take(secrets.token_hex(8))
        if batch is None:
            return None
        alert, before = tx.alerts.get(batch.alert_id), tx.ledger.again(batch.no)
        assert batch.token is not None
        if alert.halted_at:
            _end(tx, batch, alert, now)
            return Work(batch, alert, [], before, batch.token, relay, stopped=True)
        waiting = _waiting(tx, batch, before, now)
        kept, ended = _sorted_out(tx, batch, alert, waiting, now)
        people = _opened(tx, [recipient.subscriber_id for _, recipient in kept])
        closed = [n for n, recipient in kept if recipient.subscriber_id not in people]
        ended += [Delivery(batch.no, n, Result.SUPPRESSED, "the sealed address does not open", now) for n in closed]
        tx.ledger.write(ended)
        mails = _addressed(
            tx, vault, base_url, sender, alert, [one for one in kept if one[0] not in closed], people, now
        )
        mails.sort(key=lambda mail: mail.n in before and before[mail.n].last == "blocked")
        return Work(batch, alert, mails, before, batch.token, relay)


def record(store: Store, work: Work, answers: Iterable[tuple[int, Outcome]], now: Instant) -> bool:
    """Append what the relay answered, in one commit. Answers whether to go on: not once the batch is another's, or
    halted.

    An answer `Blocked` pauses the relay; the recipient keeps their place, and no attempt is counted.
    """
    answers = list(answers)
    with store.flush() as tx:
        if not tx.ledger.holds(work.batch.no, work.token):
            work.stopped = True
            return False
        blocked = next((outcome for _, outcome in answers if isinstance(outcome, Blocked)), None)
        if blocked and not work.stopped:
            work.relay = _paused(tx, work.relay, blocked, now)
        elif work.relay.blocks and not work.stopped:  # what was sent just before the refusal does not undo it
            work.relay = replace(work.relay, blocks=0, paused_until=None, reason="")
            tx.relays.save(work.relay)
        until = work.relay.paused_until
        tx.ledger.write([settle(o, work.batch.no, n, work.before.get(n), until, now) for n, o in answers])
        if blocked or tx.ledger.halted(work.alert.id):
            work.stopped = True
        return not work.stopped


def finish(store: Store, work: Work, now: Instant) -> None:
    """Let go of the batch. Who was not reached stays in it; a halted alert's rest ends here."""
    with store.begin() as tx:
        if not tx.ledger.holds(work.batch.no, work.token):
            return
        alert = tx.alerts.get(work.alert.id)
        if alert.halted_at:
            _end(tx, work.batch, alert, now)
            return
        again, ended = tx.ledger.again(work.batch.no), tx.ledger.ended(work.batch.no)
        left = any(
            n not in ended and (n not in again or again[n].last == "blocked") for n in range(len(work.batch.recipients))
        )
        tx.ledger.leave(work.batch.no, work.token, open=left)
        landed(tx, alert)


def retry(store: Store, now: Instant) -> int:
    """Open the batches in which somebody is due for one more try."""
    with store.begin() as tx:
        return tx.ledger.reopen(now)


def relay(store: Store) -> Relay:
    with store.read() as tx:
        return tx.relays.find(tx.relays.table.c.id == MAIN) or Relay(MAIN)


def reading(tx: Tx, alert: Alert, edition: Edition, language: str, **theirs: object) -> Reading:
    """The alert as one reader gets it; `theirs` is what is the reader's own."""
    case = tx.cases.get(alert.case_id) if alert.case_id else None
    earlier = [
        (issue.number or issue.reference, issue.published_at)
        for issue in thread(tx, alert)
        if issue.published_at and issue.ordinal < alert.ordinal and alert.kind is not Kind.WITHDRAWAL
    ]
    return Reading(
        alert, edition, language, code=_code(tx, case, alert) if case else "",
        country=alert.countries[0] if alert.countries else "",
        earlier=tuple(earlier), fictional=bool(case and case.fictional), **theirs,  # type: ignore[arg-type]
    )  # fmt: skip


def _code(tx: Tx, case: Case, alert: Alert) -> str:
    return may_cite(case, tx.people.where(PERSON.c.case_id == case.id), alert.label)


def message_id(vault: Vault, alert_id: str, subscriber_id: str, channel: str, sender: str) -> str:
    """The same on every attempt, and nobody can tell from two of them that they belong together."""
    mac = vault.sign("message-id", f"{alert_id}|{subscriber_id}|{channel}")
    return f"{base64.b32encode(mac[:20]).decode().lower()}@{sender.rpartition('@')[2] or 'localhost'}"


def _waiting(tx: Tx, batch: Batch, before: dict[int, Again], now: Instant) -> list[tuple[int, Recipient]]:
    ended = tx.ledger.ended(batch.no)
    return [
        (n, recipient)
        for n, recipient in enumerate(batch.recipients)
        if n not in ended and (n not in before or before[n].last == "blocked" or before[n].not_before <= now)
    ]


def _sorted_out(
    tx: Tx, batch: Batch, alert: Alert, waiting: list[tuple[int, Recipient]], now: Instant
) -> tuple[list[tuple[int, Recipient]], list[Delivery]]:
    """Who may still be written to, and the ends of all others, each with its reason."""
    standing = standings(tx, [recipient.subscriber_id for _, recipient in waiting])
    held, label = None, alert.label
    if alert.kind is Kind.WITHDRAWAL:
        label = Label.GREEN  # it repeats nothing, and who is no longer trusted must delete it all the more
    if alert.kind in SUPERSEDES:
        older = [issue.id for issue in superseded(alert, thread(tx, alert))]
        held = tx.ledger.holders(older) if tx.ledger.cut_short(older, HALTED) else None
    kept, ended = [], []
    for n, recipient in waiting:
        why = refused(standing.get(recipient.subscriber_id), label)
        if held is not None and recipient.subscriber_id not in held:
            ended.append(Delivery(batch.no, n, Result.WITHDRAWN, "never had what this is about", now))
        elif why:
            ended.append(Delivery(batch.no, n, Result.SUPPRESSED, why, now))
        else:
            kept.append((n, recipient))
    return kept, ended


def _addressed(
    tx: Tx, vault: Vault, base_url: str, sender: str, alert: Alert, kept: list[tuple[int, Recipient]],
    people: dict[str, Subscriber], now: Instant,
) -> list[Mail]:  # fmt: skip
    written = {edition.language: edition for edition in editions(tx, alert.id)}
    common = {language: reading(tx, alert, edition, language) for language, edition in written.items()}
    mails = []
    for n, recipient in kept:
        person = people[recipient.subscriber_id]
        theirs = links(vault, base_url, person.id, alert.id, alert.reference, now)
        read = replace(
            common[recipient.language],
            language=person.language,
            zone=person.zone,
            because=recipient.because,
            links=theirs,
        )
        mails.append(Mail(n, person.email, message_id(vault, alert.id, person.id, "email", sender), read))
    return mails


def _opened(tx: Tx, ids: list[str]) -> dict[str, Subscriber]:
    """The subscribers whose sealed values open. One that was damaged must not hold up the others."""
    try:
        return {person.id: person for person in tx.subscribers.where(SUBSCRIBER.c.id.in_(ids))}
    except Invalid:
        found = {}
        for id in ids:
            with contextlib.suppress(Invalid):
                found[id] = tx.subscribers.get(id)
        return found


def _end(tx: Tx, batch: Batch, alert: Alert, now: Instant) -> None:
    tx.ledger.end_rest(batch.no, len(batch.recipients), HALTED, now)
    tx.ledger.leave(batch.no, batch.token or "", open=False)
    landed(tx, alert)


def _paused(tx: Tx, relay: Relay, blocked: Blocked, now: Instant) -> Relay:
    blocks = relay.blocks + 1
    until = blocked.until or now + pause(blocks)
    paused = replace(relay, blocks=blocks, paused_until=until, reason=blocked.reason)
    if not tx.relays.save(paused):
        tx.relays.add(paused)
    return paused
