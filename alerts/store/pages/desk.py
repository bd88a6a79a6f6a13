"""The desk itself: who works here, what is watched, what people did."""

from dataclasses import dataclass

import sqlalchemy as sa

from alerts.domain.confidants import ConfidantRole
from alerts.domain.staff import Staff
from alerts.domain.watching import VISITED, Source
from alerts.store.audit import Entry
from alerts.store.dates import CONFIDANT
from alerts.store.tables import AUDIT, SOURCE
from alerts.store.tx import Tx

LAST, MOST = 30, 300
CLOSE = {
    ConfidantRole.LAWYER: "the lawyer",
    ConfidantRole.FAMILY: "the family",
    ConfidantRole.OTHER: "somebody close to the case",
}


@dataclass(frozen=True, slots=True)
class Desk:
    sources: list[Source]
    staff: dict[str, Staff]
    entries: list[Entry]


def desk(tx: Tx) -> Desk:
    """Sources that fail come first; the newest entries come first. Who only tells us something is no source to look
    after.
    """
    sources = tx.sources.where(
        SOURCE.c.kind.in_(VISITED), by=[SOURCE.c.failures.desc(), SOURCE.c.title, SOURCE.c.id], limit=MOST
    )
    staff = {person.id: person for person in tx.staff.where(by=tx.staff.table.c.created_at)}
    rows = tx.conn.execute(sa.select(AUDIT).order_by(AUDIT.c.no.desc()).limit(LAST))
    return Desk(sources, staff, [Entry(**row._mapping) for row in rows])


def names(tx: Tx) -> dict[str, str]:
    """What whoever enters dates is called, by id: staff by name, lawyer and family by what they are to the case."""
    close = tx.conn.execute(sa.select(CONFIDANT.c.id, CONFIDANT.c.role))
    return {row.id: CLOSE[row.role] for row in close} | {person.id: person.name for person in tx.staff.where()}
