"""The call list as the desk sees it: who holds the old date, where their mail is, and who has said that they know."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from alerts.domain.alerts import Kind
from alerts.domain.audience import Subscriber
from alerts.domain.calling import Call, Count, Holder, How, Mailed, count, of_use, order
from alerts.domain.deadlines import Deadline
from alerts.domain.delivery import Result
from alerts.domain.need import rank
from alerts.domain.responses import Answer
from alerts.domain.times import Instant
from alerts.store.dates import CALL, DEADLINE
from alerts.store.tables import ALERT, PHONE, REPLY, RESPONSE, SUBSCRIBER
from alerts.store.tx import Tx

NEVER_HAD = "never had what this is about"
"""As a worker writes it of somebody whose mail with the old date was stopped on its way."""


@dataclass(frozen=True, slots=True)
class Person:
    """One line of the list."""

    holder: Holder
    subscriber: Subscriber
    phone: str


def people(tx: Tx, deadline: Deadline) -> list[Person]:
    """Whom to ring, in this order."""
    found = order(holders(tx, deadline))
    ids = [one.call.subscriber_id for one in found]
    who = {one.id: one for one in tx.subscribers.where(SUBSCRIBER.c.id.in_(ids))}
    numbers = {one.id: one.number for one in tx.phones.where(PHONE.c.id.in_(ids))}
    return [
        Person(one, who[one.call.subscriber_id], numbers.get(one.call.subscriber_id, ""))
        for one in found
        if one.call.subscriber_id in who
    ]


def holders(tx: Tx, deadline: Deadline) -> list[Holder]:
    """Everybody on the list of what stands here. Nobody's address is opened."""
    mine = (CALL.c.deadline_id == deadline.id, CALL.c.revision == deadline.revision)
    calls = tx.calls.where(*mine)
    return _holders(tx, deadline, calls) if calls else []


def counts(tx: Tx, deadlines: Iterable[Deadline], now: Instant) -> dict[str, Count]:
    """Of these deadlines' lists that are still of use: how many know, and how many are to be rung."""
    found = {deadline.id: holders(tx, deadline) for deadline in deadlines if of_use(deadline, now)}
    return {id: count(theirs) for id, theirs in found.items() if theirs}


def listed(tx: Tx, now: Instant) -> list[str]:
    """The deadlines whose list is not ticked off and whose date is not over; some on it may have answered."""
    d = DEADLINE.c
    query = (
        sa.select(CALL.c.deadline_id).join(DEADLINE, d.id == CALL.c.deadline_id).distinct().order_by(CALL.c.deadline_id)
    )
    ahead = sa.or_(d.starts_at.is_(None), d.starts_at > now)
    told = CALL.c.how.in_((How.RANG, How.WROTE))
    query = query.where(CALL.c.revision == d.revision, sa.or_(CALL.c.how.is_(None), ~told), ahead)
    return list(tx.conn.execute(query).scalars())


def _holders(tx: Tx, deadline: Deadline, calls: list[Call]) -> list[Holder]:
    now_said = (ALERT.c.deadline_id == deadline.id, ALERT.c.revision == deadline.revision)
    said = tx.alerts.where(*now_said, ALERT.c.published_at.is_not(None), by=ALERT.c.ordinal)
    corrections = [alert for alert in said if alert.kind is Kind.CORRECTION]
    mailed = tx.ledger.told(corrections[-1].id) if corrections else {}
    known = _said(tx, [alert.id for alert in said])
    ranks = _ranks(tx, deadline, [call.subscriber_id for call in calls])
    found = []
    for call in calls:
        result, why = mailed.get(call.subscriber_id, (Result.SUPPRESSED, ""))
        if why != NEVER_HAD:
            id = call.subscriber_id
            found.append(Holder(call, _mailed(result), known.get(id), ranks[id]))
    return found


def _mailed(result: Result | None) -> Mailed:
    if result is None:
        return Mailed.PENDING
    return Mailed.SENT if result in (Result.SENT, Result.UNKNOWN) else Mailed.FAILED


def _said(tx: Tx, alert_ids: Collection[str]) -> dict[str, Instant]:
    """Who answered one of these, on a page or by mail, and when."""
    found: dict[str, Instant] = {}
    for table in (REPLY, RESPONSE):
        query = sa.select(table.c.subscriber_id, table.c.at).where(
            table.c.alert_id.in_(alert_ids), table.c.subscriber_id.is_not(None)
        )
        found |= {row.subscriber_id: row.at for row in tx.conn.execute(query)}
    return found


def _ranks(tx: Tx, deadline: Deadline, ids: list[str]) -> dict[str, int]:
    zone = deadline.when.zone if deadline.when else ""
    promised = sa.select(RESPONSE.c.subscriber_id).join(ALERT, ALERT.c.id == RESPONSE.c.alert_id)
    promised = promised.where(RESPONSE.c.answer == Answer.YES, ALERT.c.deadline_id == deadline.id)
    coming = set(tx.conn.execute(promised).scalars())
    rows = tx.conn.execute(
        sa.select(SUBSCRIBER.c.id, SUBSCRIBER.c.zone, SUBSCRIBER.c.head).where(SUBSCRIBER.c.id.in_(ids))
    )
    found = {row.id: rank(bool(zone) and row.zone == zone, row.id in coming, bool(row.head)) for row in rows}
    return {id: found.get(id, rank(False, False, False)) for id in ids}
