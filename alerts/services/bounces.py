"""Bounces: kept at the reader they are about, and counted once it is known that they came alone (domain/scoring.py)."""

import logging
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta

import sqlalchemy as sa

from alerts.domain import scoring
from alerts.domain.audience import Subscriber
from alerts.domain.returns import Bounce, Severity, rejection
from alerts.domain.times import Instant
from alerts.services.ids import new_id
from alerts.store import Store, Tx
from alerts.store.tables import BOUNCE, SUBSCRIBER

log = logging.getLogger("vigil.mailbox")

FEW = 2000
"""Up to so many subscribers it is counted how many of them a domain has; their addresses are sealed one by one."""

STORM_VERB = "bounce storm"


def rejected(tx: Tx, subscriber_id: str, reason: str, now: Instant) -> None:
    """A relay refused this recipient at once (`reason` is its reply, as “550 5.1.1 no such user”): a bounce as well.

    What is not about the reader, or is no reply of a mail server, counts for nothing.
    """
    how = rejection(reason)
    if how is not None and tx.subscribers.count(SUBSCRIBER.c.id == subscriber_id):  # they may be erased
        keep(tx, subscriber_id, how, reason, now)


def keep(tx: Tx, subscriber_id: str, how: Severity, reason: str, now: Instant, id: str = "") -> None:
    """With an `id` it is kept once, however often the mail that tells of it is read."""
    if id and tx.bounces.count(BOUNCE.c.id == id):
        return
    tx.bounces.add(Bounce(id or new_id(now), subscriber_id, how, " ".join(reason.split())[:300], now))


def judge(store: Store, now: Instant) -> int:
    """Mark storms, and write no more to those whose bounces are enough. Answers how many these are."""
    with store.read() as tx:
        if not tx.bounces.count(BOUNCE.c.at > now - scoring.COUNTED):
            return 0
        fresh = tx.bounces.count(BOUNCE.c.at > now - scoring.STORM_WITHIN)
    if fresh >= scoring.SMALL_STORM:
        _storms(store, now)
    with store.read() as tx:
        due = _due(tx, now)
    return _stop(store, due, now) if due else 0


def _due(tx: Tx, now: Instant) -> dict[str, str]:
    """Whose bounces are enough, and why, among those who are still written to. Nothing sealed is opened."""
    b, s = BOUNCE.c, SUBSCRIBER.c
    query = sa.select(b.subscriber_id, b.severity, b.at, s.heard_at).join_from(
        BOUNCE, SUBSCRIBER, s.id == b.subscriber_id
    ).where(b.at > now - scoring.COUNTED, s.suppressed_at.is_(None), s.left_at.is_(None))  # fmt: skip
    theirs: dict[str, list[Bounce]] = defaultdict(list)
    heard: dict[str, Instant | None] = {}
    for id, how, at, heard_at in tx.conn.execute(query):
        theirs[id].append(Bounce("", id, how, "", at))
        heard[id] = heard_at
    found = {id: scoring.verdict(bounces, heard[id], now) for id, bounces in theirs.items()}
    return {id: why for id, why in found.items() if why}


def _stop(store: Store, due: dict[str, str], now: Instant) -> int:
    with store.begin() as tx:
        people = tx.subscribers.where(SUBSCRIBER.c.id.in_(list(due)), SUBSCRIBER.c.suppressed_at.is_(None))
        for who in people:
            tx.subscribers.save(replace(who, suppressed_at=now, suppressed_why=due[who.id]))
            tx.audit.add("subscriber suppressed", who.id, due[who.id], by=None, at=now)
        return len(people)


def _storms(store: Store, now: Instant) -> None:
    """Bounces of the last hour, by the domain of their readers: only these addresses are opened."""
    with store.begin() as tx:
        recent = tx.bounces.where(BOUNCE.c.at > now - scoring.STORM_WITHIN)
        domains = _by_domain(tx, {bounce.subscriber_id for bounce in recent})
        sizes = _sizes(tx) if tx.subscribers.count() <= FEW else None
        for domain, ids in domains.items():
            mine = [bounce for bounce in recent if bounce.subscriber_id in ids]
            new = [bounce.id for bounce in mine if bounce.severity is not Severity.STORM]
            if not new or not scoring.storm(len(ids), sizes[domain] if sizes else None):
                continue
            tx.bounces.update(BOUNCE.c.id.in_(new), severity=Severity.STORM)
            if len(new) == len(mine):  # the first that is seen of it
                log.warning("Mail to %s readers of one domain came back within an hour: nobody is marked.", len(ids))
                tx.audit.add(STORM_VERB, "", f"{len(ids)} readers", by=None, at=now)


def _by_domain(tx: Tx, ids: set[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for one in tx.subscribers.where(SUBSCRIBER.c.id.in_(sorted(ids))):
        found[_domain(one)].add(one.id)
    return found


def _sizes(tx: Tx) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for one in tx.subscribers.where():
        found[_domain(one)] += 1
    return found


def _domain(subscriber: Subscriber) -> str:
    return subscriber.email.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True)
class Storm:
    """From how many readers of one domain mail came back within an hour, and when that was seen."""

    domain: str
    readers: int
    at: Instant


def storms(tx: Tx, now: Instant, within: timedelta = timedelta(days=3)) -> list[Storm]:
    """For staff alone: the domain may name an organisation."""
    marked = tx.bounces.where(
        BOUNCE.c.severity == Severity.STORM, BOUNCE.c.at > now - within, by=BOUNCE.c.at.desc(), limit=FEW
    )
    last: dict[str, Instant] = {}
    for bounce in marked:
        last.setdefault(bounce.subscriber_id, bounce.at)
    domains = _by_domain(tx, set(last))
    return [Storm(domain, len(ids), max(last[id] for id in ids)) for domain, ids in domains.items()]
