"""Subscribers as staff see them, and what became of the mails of one alert, by person."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from alerts.domain.alerts import Alert
from alerts.domain.audience import Subscriber, Subscription
from alerts.domain.delivery import Result
from alerts.domain.labels import Label
from alerts.domain.responses import Response
from alerts.domain.times import Instant
from alerts.store import quiet_readers, views
from alerts.store.tables import BATCH, DELIVERY, RESPONSE, RETRY, SUBSCRIBER, SUBSCRIPTION
from alerts.store.tx import Tx

TROUBLED = 50


@dataclass(frozen=True, slots=True)
class Reader:
    """`standing` is a word of `views.standing`."""

    subscriber: Subscriber
    subscriptions: tuple[Subscription, ...]
    standing: str


def subscribers(tx: Tx, which: str, page: int) -> tuple[list[Reader], bool]:
    """A page of subscribers, the newest first, and whether more follow. `which` is a standing, or empty for all."""
    how = views.standing()
    query = sa.select(SUBSCRIBER, how.label("standing"))
    if which:
        query = query.where(how == which)
    query = query.order_by(SUBSCRIBER.c.id.desc()).limit(views.PAGE + 1).offset(views.PAGE * (page - 1))
    rows = tx.conn.execute(query).all()
    return _readers(tx, rows[: views.PAGE]), len(rows) > views.PAGE


def silent(tx: Tx, now: Instant, page: int) -> tuple[list[Reader], bool]:
    """A page of those who have not said a word since we asked whether they still read, and whether more follow."""
    found = quiet_readers.silent(tx, now, views.PAGE + 1, views.PAGE * (page - 1))
    return [subscriber(tx, one.id) for one in found[: views.PAGE]], len(found) > views.PAGE


def subscriber(tx: Tx, id: str) -> Reader:
    """Raises NotFound."""
    tx.subscribers.get(id)
    query = sa.select(SUBSCRIBER, views.standing().label("standing")).where(SUBSCRIBER.c.id == id)
    return _readers(tx, tx.conn.execute(query).all())[0]


def by_address(tx: Tx, email: str) -> list[Reader]:
    found = tx.subscribers.find_by("email", email)
    return [subscriber(tx, found.id)] if found else []


def _readers(tx: Tx, rows: Any) -> list[Reader]:
    wanted: dict[str, list[Subscription]] = {row.id: [] for row in rows}
    for subscription in tx.subscriptions.where(SUBSCRIPTION.c.subscriber_id.in_(list(wanted))):
        wanted[subscription.subscriber_id].append(subscription)
    return [Reader(tx.subscribers.load(row), tuple(wanted[row.id]), row.standing) for row in rows]


@dataclass(frozen=True, slots=True)
class Trouble:
    """One mail that did not simply arrive."""

    subscriber: Subscriber
    what: str
    reason: str


def troubles(tx: Tx, alert_id: str) -> list[Trouble]:
    """The mails of an alert that were refused, may have arrived, or were not written; who is erased is left out."""
    bad = (Result.REJECTED, Result.UNKNOWN, Result.SUPPRESSED)
    ends = sa.select(DELIVERY.c.batch_no, DELIVERY.c.n, DELIVERY.c.result, DELIVERY.c.reason).join_from(
        DELIVERY, BATCH, DELIVERY.c.batch_no == BATCH.c.no
    )
    ends = ends.where(BATCH.c.alert_id == alert_id, DELIVERY.c.result.in_(bad)).limit(TROUBLED)
    again = sa.select(RETRY.c.batch_no, RETRY.c.n, RETRY.c.last, RETRY.c.reason).join_from(
        RETRY, BATCH, RETRY.c.batch_no == BATCH.c.no
    )
    again = again.where(BATCH.c.alert_id == alert_id, RETRY.c.last != "quiet").limit(TROUBLED)  # a night is no trouble
    found = [*tx.conn.execute(ends), *tx.conn.execute(again)][:TROUBLED]
    batches = {row[0] for row in found}
    frozen = sa.select(BATCH.c.no, BATCH.c.recipients).where(BATCH.c.no.in_(batches))
    lists = {row.no: row.recipients for row in tx.conn.execute(frozen)}
    ids = [lists[no][n].subscriber_id for no, n, _, _ in found]
    people = {person.id: person for person in tx.subscribers.where(SUBSCRIBER.c.id.in_(ids))}
    return [
        Trouble(people[id], str(what.value if isinstance(what, Result) else what), reason)
        for id, (_, _, what, reason) in zip(ids, found, strict=True)
        if id in people
    ]


@dataclass(frozen=True, slots=True)
class Left:
    """Who would not get an alert, and why, counted."""

    untrusted: int
    unconfirmed: int
    gone: int
    elsewhere: int

    @property
    def total(self) -> int:
        return self.untrusted + self.unconfirmed + self.gone + self.elsewhere


def not_to(tx: Tx, label: Label, audience: int) -> Left:
    """Everybody outside an audience of that size. Who may read it and is not in it asked for something else."""
    s = views.standings(tx)
    untrusted = s.confirmed if label is Label.AMBER else s.confirmed + s.trusted if label is Label.RED else 0
    elsewhere = max(0, s.may_read(label) - audience)
    return Left(untrusted, s.waiting, s.left + s.stopped, elsewhere)


def responses(tx: Tx, alert: Alert) -> list[tuple[Response, Subscriber | None]]:
    found = tx.responses.where(RESPONSE.c.alert_id == alert.id, by=RESPONSE.c.at.desc(), limit=200)
    people = {s.id: s for s in tx.subscribers.where(SUBSCRIBER.c.id.in_([r.subscriber_id for r in found]))}
    return [(response, people.get(response.subscriber_id)) for response in found]
