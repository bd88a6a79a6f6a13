"""Asking readers whether they are still the right ones, and what staff do about those who never answer."""

from datetime import timedelta

from alerts.domain import stillreading
from alerts.domain.audience import Subscriber, together
from alerts.domain.errors import Conflict
from alerts.domain.letters import Kind
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.queue import Queue
from alerts.services.letters import compose, wake
from alerts.services.subscribers import find
from alerts.store import Store, quiet_readers
from alerts.store.tables import LETTER, SUBSCRIBER, SUBSCRIPTION

AN_HOUR = timedelta(hours=1)
MOST = 200
"""Questions an hour: the relay has alerts to take."""


def ask(store: Store, queue: Queue, now: Instant) -> int:
    """Write to those whose turn it is, at most 200 an hour. Answers how many."""
    with store.read() as tx:
        left = MOST - tx.letters.count(LETTER.c.kind == Kind.STILL_READING, LETTER.c.created_at > now - AN_HOUR)
        if left <= 0:
            return 0
        closed = dict(quiet_readers.of_closed_cases(tx, now))
        ids = list(dict.fromkeys([*closed, *quiet_readers.unheard(tx, now, left)]))[:left]
    if not ids:
        return 0
    with store.begin() as tx:
        asked = [
            one
            for one in tx.subscribers.where(SUBSCRIBER.c.id.in_(ids))
            if stillreading.ask(_heard(one), one.asked_at, closed.get(one.id), now)
        ]
        for one in asked:
            theirs = tx.subscriptions.where(SUBSCRIPTION.c.subscriber_id == one.id)
            tx.letters.add(compose(Kind.STILL_READING, one, now, together(theirs) if theirs else None))
        tx.subscribers.update(SUBSCRIBER.c.id.in_([one.id for one in asked]), asked_at=now)
        wake(tx, queue)
    return len(asked)


def keep(store: Store, email: str, *, by: Staff, now: Instant) -> Subscriber:
    """Staff know that they still read: asked again in a year. Raises Forbidden, NotFound, Conflict."""
    by.must_be(Role.APPROVER, "keep a subscriber")
    with store.begin() as tx:
        one = find(tx, email)
        if one.left_at or one.suppressed_at:
            raise Conflict("They are not written to any more: there is nothing to keep.")
        tx.subscribers.update(SUBSCRIBER.c.id == one.id, heard_at=now)
        tx.audit.add("subscriber kept", one.id, by=by, at=now)
    return one


def _heard(one: Subscriber) -> Instant:
    last = one.heard_at or one.confirmed_at or one.created_at
    assert last is not None
    return last
