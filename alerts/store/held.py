"""What waits: alerts for a reader's next digest, readers for the end of their night."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from alerts.domain.alerts import Kind, State
from alerts.domain.cadence import Held
from alerts.domain.delivery import Again, Result
from alerts.store.tables import ALERT, BATCH, CONTAINS, DELIVERY, HELD, RETRY
from alerts.store.tx import Tx

AT_ONCE = 5_000
"""Readers in one transaction: others must not wait long for theirs."""


def hold(tx: Tx, rows: Iterable[Held]) -> None:
    """Keep these for their readers' digests; what is kept for one already stays as it is."""
    values = [tx.held.dump(row) for row in rows]
    if values:
        tx.conn.execute(tx.ledger.insert(HELD).on_conflict_do_nothing(), values)


def sleep(tx: Tx, rows: Sequence[Again]) -> None:
    """Recipients of a batch that has just been added wait, though nobody has refused them."""
    names = ("batch_no", "n", "attempts", "first_at", "not_before", "last", "reason")
    if rows:
        tx.conn.execute(sa.insert(RETRY), [{name: getattr(row, name) for name in names} for row in rows])


def due(tx: Tx, now: datetime, after: str = "") -> dict[str, list[str]]:
    """Readers whose digest is due, at most AT_ONCE, in the order of their ids, each with the alerts that wait for them.

    `after`: the reader that the last page ended with. What is paused waits on.
    """
    ready = (HELD.c.next_at <= now, HELD.c.subscriber_id > after, HELD.c.alert_id.not_in(_paused()))
    page = sa.select(HELD.c.subscriber_id).where(*ready).distinct().order_by(HELD.c.subscriber_id).limit(AT_ONCE)
    query = sa.select(HELD.c.subscriber_id, HELD.c.alert_id).where(*ready, HELD.c.subscriber_id.in_(page))
    found: dict[str, list[str]] = {}
    for row in tx.conn.execute(query.order_by(HELD.c.subscriber_id, HELD.c.alert_id)):
        found.setdefault(row.subscriber_id, []).append(row.alert_id)
    return found


def taken(tx: Tx, readers: Collection[str], alerts: Collection[str], now: datetime) -> list[Held]:
    """Of what waits for these readers, what still does: gone once this transaction ends, so that none is sent twice."""
    mine = (HELD.c.subscriber_id.in_(readers), HELD.c.alert_id.in_(alerts), HELD.c.next_at <= now)
    order = [HELD.c.subscriber_id, HELD.c.alert_id]
    rows = [
        tx.held.load(row) for row in tx.conn.execute(sa.select(HELD).where(*mine).order_by(*order).with_for_update())
    ]
    tx.held.delete(*mine)
    return rows


def first_due(tx: Tx) -> datetime | None:
    """When the next digest is due."""
    query = sa.select(sa.func.min(HELD.c.next_at)).where(HELD.c.alert_id.not_in(_paused()))
    return tx.conn.execute(query).scalar()


def waiting(tx: Tx, alert_ids: Collection[str]) -> Iterator[Held]:
    """Who waits for one of these, reader by reader."""
    query = sa.select(HELD).where(HELD.c.alert_id.in_(alert_ids)).order_by(HELD.c.subscriber_id, HELD.c.next_at)
    return (tx.held.load(row) for row in tx.conn.execute(query.execution_options(yield_per=AT_ONCE)))


def contents(tx: Tx, digest_id: str) -> list[str]:
    query = sa.select(CONTAINS.c.alert_id).where(CONTAINS.c.digest_id == digest_id).order_by(CONTAINS.c.alert_id)
    return list(tx.conn.execute(query).scalars())


def contain(tx: Tx, digest_id: str, alert_ids: Iterable[str]) -> None:
    tx.conn.execute(sa.insert(CONTAINS), [{"digest_id": digest_id, "alert_id": id} for id in alert_ids])


def digests_of(tx: Tx, alert_ids: Collection[str]) -> list[str]:
    """The digests that hold one of these."""
    query = sa.select(CONTAINS.c.digest_id).where(CONTAINS.c.alert_id.in_(alert_ids)).distinct()
    return list(tx.conn.execute(query.order_by(CONTAINS.c.digest_id)).scalars())


def broken(tx: Tx) -> list[str]:
    """Digests that were stopped because of one alert in them, and that nobody is sending any more."""
    busy = sa.exists().where(BATCH.c.alert_id == ALERT.c.id, BATCH.c.open == sa.true())
    mine = (ALERT.c.kind == Kind.DIGEST, ALERT.c.halted_at.is_not(None), ALERT.c.state != State.CANCELLED)
    return list(tx.conn.execute(sa.select(ALERT.c.id).where(*mine, ~busy).order_by(ALERT.c.id)).scalars())


def unreached(tx: Tx, alert_id: str) -> list[Any]:
    """The recipients of an alert whose mail was withdrawn before it went."""
    query = sa.select(BATCH.c.recipients, DELIVERY.c.n).join_from(BATCH, DELIVERY, DELIVERY.c.batch_no == BATCH.c.no)
    query = query.where(BATCH.c.alert_id == alert_id, DELIVERY.c.result == Result.WITHDRAWN)
    return [row.recipients[row.n] for row in tx.conn.execute(query)]


def _paused() -> sa.Select[Any]:
    return sa.select(ALERT.c.id).where(ALERT.c.paused_at.is_not(None))
