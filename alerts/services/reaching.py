"""By which way each reader is reached at this moment, and who by none."""

from collections.abc import Iterable
from dataclasses import dataclass

from alerts.channels import _pgp
from alerts.domain.times import Instant
from alerts.domain.ways import Way
from alerts.store import Tx
from alerts.store.tables import WAY


@dataclass(frozen=True, slots=True)
class Task:
    """What staff must see to: this subscriber gets nothing by their way, and why."""

    subscriber_id: str
    reason: str


def ways_of(tx: Tx, ids: Iterable[str]) -> dict[str, Way]:
    """The ways of those who do not get plain mail, by their ids. One query."""
    return {way.id: way for way in tx.ways.where(WAY.c.id.in_(list(ids)))}


def held(way: Way, now: Instant) -> str:
    """Why nothing may be sent to them at `now`: they take encrypted mail only, and it cannot be had. Else ""."""
    why = _pgp.usable(way.cert, now) if way.encrypt_only else ""
    return why and f"their key {why}"


def staff_tasks(tx: Tx, now: Instant) -> list[Task]:
    """Who gets nothing by their way until staff have seen to it, and why."""
    found = ((way.id, way.disabled_why or held(way, now)) for way in tx.ways.where())
    return [Task(id, reason) for id, reason in found if reason]
