"""By which way each reader is reached at this moment, and who by none."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from alerts.channels import _pgp
from alerts.domain.times import Instant
from alerts.domain.ways import Way
from alerts.store import Tx
from alerts.store.tables import SUBSCRIBER, WAY


@dataclass(frozen=True, slots=True)
class Task:
    """What staff must see to: this subscriber gets nothing by their way, and why. `key`: it is about their key."""

    subscriber_id: str
    reason: str
    who: str = ""
    key: bool = False


def ways_of(tx: Tx, ids: Iterable[str]) -> dict[str, Way]:
    """The ways of those who do not get plain mail, by their ids."""
    if not tx.ways.count():  # as on most desks: so many ids cost more than the question
        return {}
    return {way.id: way for way in tx.ways.where(WAY.c.id.in_(list(ids)))}


def held(way: Way, now: Instant) -> str:
    """Why nothing may be sent to them at `now`: they take encrypted mail only, and it cannot be had. Else ""."""
    why = _pgp.usable(way.cert, now) if way.encrypt_only else ""
    return why and f"their key {why}"


def staff_tasks(tx: Tx, now: Instant) -> list[Task]:
    """Who gets nothing by their way until staff have seen to it, and why. Who is written to no more is no task."""
    doubtful = tx.ways.where(sa.or_(WAY.c.encrypt_only == sa.true(), WAY.c.disabled_why != ""))
    ways = {way.id: way for way in doubtful if way.disabled_why or held(way, now)}
    s = SUBSCRIBER.c
    people = tx.subscribers.where(s.id.in_(list(ways)), s.left_at.is_(None), s.suppressed_at.is_(None))
    return [
        Task(
            one.id, ways[one.id].disabled_why or held(ways[one.id], now), one.organisation or one.name or one.email,
            bool(ways[one.id].cert),
        )
        for one in people
    ]  # fmt: skip
