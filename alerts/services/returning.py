"""What comes back: each mail of the mailbox, in one transaction of its own, and what staff make of those that wait."""

from dataclasses import replace

import sqlalchemy as sa

from alerts.domain import returns
from alerts.domain.audience import Subscriber
from alerts.domain.errors import Conflict
from alerts.domain.replywords import Word
from alerts.domain.responses import Answer
from alerts.domain.returns import READ, Kind, Mailbox, Reply, Returned, Severity, Sort
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.domain.triage import Rule
from alerts.queue import Queue
from alerts.services import bounces, intake, replying, responding, subscribing, tracing
from alerts.services.bounces import judge, rejected
from alerts.services.envelopes import envelope, opened
from alerts.services.replying import Became
from alerts.store import Store, Tx
from alerts.store.tables import BATCH, MAILBOX, REPLY, SUBSCRIBER

__all__ = ["Became", "begin", "envelope", "judge", "note", "opened", "rejected", "take", "went"]


def take(
    store: Store, queue: Queue, mail: Returned, now: Instant, ours: tuple[str, ...] = (), rules: tuple[Rule, ...] = ()
) -> Became:
    """Take one mail, once. `ours`: addresses that we write from; what comes from there is no answer. What a partner
    writes is news, and `rules` are asked of it.
    """
    if mail.sender.lower() in {address.lower() for address in ours}:
        return Became.NOT_OURS
    if news := intake.by_mail(store, mail, now, list(rules)):
        return news
    sort = returns.sort(mail)
    if sort is Sort.AUTOMATIC and replying.word_of(mail) is Word.LEAVE and not mail.text.strip():
        sort = Sort.PERSON  # a mail program wrote to the List-Unsubscribe address for its reader
    match sort:
        case Sort.BOUNCE:
            return _bounced(store, mail, now)
        case Sort.COMPLAINT:
            return _complained(store, queue, mail, now)
        case Sort.AUTOMATIC:
            return Became.AUTOMATIC
        case Sort.PERSON:
            return replying.take(store, queue, mail, now)


def _bounced(store: Store, mail: Returned, now: Instant) -> Became:
    with store.begin() as tx:
        for n, report in enumerate(mail.reports):
            how = returns.severity(report)
            found = _about(tx, (*mail.to, report.recipient), mail, now) if how else None
            if found and how:
                who, proven = found
                # who does not know our Message-ID or our envelope address may have made it up
                reason = f"{report.status} {report.said}"
                bounces.keep(tx, who.id, how if proven else Severity.SOFT, reason, now, f"{mail.source}-{n}")
    return Became.BOUNCE


def _complained(store: Store, queue: Queue, mail: Returned, now: Instant) -> Became:
    """Whoever calls our mail spam is written to no more; where that is not proven, staff read it."""
    complaint = mail.complaint
    assert complaint
    with store.begin() as tx:
        if tx.replies.count(REPLY.c.source == mail.source):
            return Became.AGAIN
        if complaint.kind == "not-spam":
            return Became.COMPLAINT
        found = _about(tx, (*mail.to, *complaint.recipients), mail, now)
        if found is None:
            return Became.NOT_OURS
        who, proven = found
        if proven:
            subscribing.gone(tx, None, who, now, "complaint")
        replying.keep(tx, mail, Kind.COMPLAINT, who, None, now)
    return Became.COMPLAINT


def _about(tx: Tx, addresses: tuple[str, ...], mail: Returned, now: Instant) -> tuple[Subscriber, bool] | None:
    """Whom it is about, and whether it is proven: by our envelope address, or by the Message-ID that we gave them."""
    for address in addresses:
        place = opened(tx.vault, address)
        if place and (who := _recipient(tx, *place)):
            return who, True
    known = [who for address in addresses if (who := tx.subscribers.find_by("email", address))]
    proven = next((who for who in known if tracing.is_ours(tx, who, mail.ids, now)), None)
    return (proven or known[0], proven is not None) if known else None


def _recipient(tx: Tx, batch_no: int, n: int) -> Subscriber | None:
    """Who stands at that place of the batch, unless they were erased."""
    row = tx.conn.execute(sa.select(BATCH.c.recipients).where(BATCH.c.no == batch_no)).first()
    if row is None or n >= len(row.recipients):
        return None
    return tx.subscribers.find(SUBSCRIBER.c.id == row.recipients[n].subscriber_id)


def note(
    store: Store, queue: Queue, reply_id: str, answer: Answer | None, *, by: Staff, now: Instant
) -> Reply:  # fmt: skip
    """Staff have read a mail: it is the reader's answer to the alert that it answers, or it was only read (None).

    The reader gets the receipt that each answer gets. Raises Forbidden, NotFound, Conflict (noted already, or nobody
    knows who wrote it or what it answers).
    """
    by.must_be(Role.AUTHOR, "note an answer")
    with store.begin() as tx:
        reply = tx.replies.get(reply_id)
        if reply.handled:
            raise Conflict("Somebody has noted this mail already.")
        if answer:
            if reply.alert_id is None or reply.subscriber_id is None:
                raise Conflict("It is not known who wrote this, or which mail it answers: it can only be read.")
            who, alert = tx.subscribers.get(reply.subscriber_id), tx.alerts.get(reply.alert_id)
            responding.noted(tx, queue, who, alert, answer, reply.text[: responding.LONGEST], now, by)
        done = replace(reply, handled=answer.value if answer else READ, handled_by=by.id, handled_at=now)
        tx.replies.save(done)
        if not answer:
            tx.audit.add("mail read", reply.id, by=by, at=now)
    return done


def begin(store: Store, id: str, every: float, now: Instant) -> Mailbox | None:
    """How far this mailbox was read, claimed for one more round; None where another reads it, or did just now."""
    with store.read() as tx:
        before = tx.mailboxes.find(MAILBOX.c.id == id)
    if before and before.read_at and 0 <= (now - before.read_at).total_seconds() < every:
        return None
    with store.begin() as tx:
        if before is None:
            if tx.mailboxes.count(MAILBOX.c.id == id):
                return None
            before = Mailbox(id)
            tx.mailboxes.add(replace(before, read_at=now))
            return before
        claimed = tx.mailboxes.update(MAILBOX.c.id == id, MAILBOX.c.read_at == before.read_at, read_at=now)
        return before if claimed else None


def went(store: Store, read: Mailbox, reason: str, now: Instant) -> None:
    """Keep how far it was read, and in words what went wrong, if anything did."""
    with store.begin() as tx:
        tx.mailboxes.save(replace(read, read_at=now, reason=reason))
