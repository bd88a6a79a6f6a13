"""Who may be written to: read without opening a single address."""

from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from alerts.domain.audience import Candidate, Standing, Subscription
from alerts.store.tables import SUBSCRIBER, SUBSCRIPTION
from alerts.store.tx import Tx

_STANDING = (
    SUBSCRIBER.c.id, SUBSCRIBER.c.language, SUBSCRIBER.c.confirmed_at, SUBSCRIBER.c.vetted_at,
    SUBSCRIBER.c.suppressed_at, SUBSCRIBER.c.suppressed_why, SUBSCRIBER.c.left_at,
)  # fmt: skip


def candidates(tx: Tx, countries: tuple[str, ...]) -> list[Candidate]:
    """Every reader who is confirmed and has a subscription that names one of the countries, or none at all."""
    column = SUBSCRIPTION.c.countries
    named = [sa.cast(column, sa.Text).like(f'%"{code}"%') for code in countries]
    where = sa.or_(sa.cast(column, sa.Text) == "[]", *named) if countries else sa.true()
    wanted: dict[str, list[Subscription]] = defaultdict(list)
    for row in tx.conn.execute(sa.select(SUBSCRIPTION).where(where)):
        wanted[row.subscriber_id].append(tx.subscriptions.load(row))
    query = sa.select(*_STANDING).where(SUBSCRIBER.c.confirmed_at.is_not(None)).order_by(SUBSCRIBER.c.id)
    return [
        Candidate(row.id, row.language, _standing(row), tuple(wanted[row.id]))
        for row in tx.conn.execute(query)
        if row.id in wanted
    ]


def languages(tx: Tx) -> dict[str, str]:
    """Every subscriber's reading language, by id."""
    rows = tx.conn.execute(sa.select(SUBSCRIBER.c.id, SUBSCRIBER.c.language))
    return {row.id: row.language for row in rows}


def standings(tx: Tx, ids: list[str]) -> dict[str, Standing]:
    """How these subscribers stand at this moment; who is erased is missing."""
    rows = tx.conn.execute(sa.select(*_STANDING).where(SUBSCRIBER.c.id.in_(ids)))
    return {row.id: _standing(row) for row in rows}


def _standing(row: Any) -> Standing:
    why = (row.suppressed_why or "suppressed") if row.suppressed_at else ""
    return Standing(row.confirmed_at is not None, row.vetted_at is not None, why, row.left_at is not None)
