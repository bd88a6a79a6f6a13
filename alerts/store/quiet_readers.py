"""Readers of whom we have not heard for long."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from alerts.domain.audience import Subscriber
from alerts.domain.stillreading import A_YEAR, AFTER_CLOSING, SILENT
from alerts.store.tables import CASE, SUBSCRIBER, SUBSCRIPTION
from alerts.store.tx import Tx

_S = SUBSCRIBER.c
_HERE = (_S.confirmed_at.is_not(None), _S.left_at.is_(None), _S.suppressed_at.is_(None))


def unheard(tx: Tx, now: datetime, limit: int) -> list[str]:
    """Readers of whom we have heard nothing for a year, nor asked them; those who came first at the top."""
    query = sa.select(_S.id).where(*_HERE, *_before(now - A_YEAR)).order_by(_S.id).limit(limit)
    return list(tx.conn.execute(query).scalars())


def of_closed_cases(tx: Tx, now: datetime) -> list[tuple[str, datetime]]:
    """Readers who follow nothing but cases, all of them closed for 90 days, with when the last one was.

    Only those of whom we have not heard since, and whose turn in the year has not come anyway.
    """
    closed = {
        row.code.casefold(): row.closed_at
        for row in tx.conn.execute(
            sa.select(CASE.c.code, CASE.c.closed_at).where(CASE.c.closed_at <= now - AFTER_CLOSING)
        )
    }
    recent = [code for code, at in closed.items() if at > now - AFTER_CLOSING - A_YEAR]
    cases = sa.func.lower(sa.cast(SUBSCRIPTION.c.cases, sa.Text))
    found = []
    for code in recent:
        named = sa.select(SUBSCRIPTION.c.subscriber_id).where(cases.contains(f'"{code}"', autoescape=True))
        query = sa.select(_S.id).where(*_HERE, *_before(closed[code]), _S.id.in_(named)).order_by(_S.id)
        for id in tx.conn.execute(query).scalars():
            asked = tx.subscriptions.where(SUBSCRIPTION.c.subscriber_id == id)
            codes = [code.casefold() for one in asked for code in one.cases]
            if all(one.cases for one in asked) and all(code in closed for code in codes):
                found.append((id, max(closed[code] for code in codes)))
    return list(dict(found).items())


def silent(tx: Tx, now: datetime, limit: int, start: int = 0) -> list[Subscriber]:
    """Who has not said a word since we asked, 180 days ago or more; who was asked first comes first."""
    order = [_S.asked_at, _S.id]
    query = sa.select(SUBSCRIBER).where(*_HERE, *_silent(now)).order_by(*order).limit(limit).offset(start)
    return [tx.subscribers.load(row) for row in tx.conn.execute(query)]


def count(tx: Tx, now: datetime) -> int:
    return tx.subscribers.count(*_HERE, *_silent(now))


def _silent(now: datetime) -> tuple[Any, ...]:
    return _S.asked_at <= now - SILENT, sa.or_(_S.heard_at.is_(None), _S.heard_at < _S.asked_at)


def _before(at: datetime) -> tuple[Any, ...]:
    """Nothing of them since then: no word, no question, no confirmation."""
    return (
        _S.confirmed_at <= at, sa.or_(_S.heard_at.is_(None), _S.heard_at <= at),
        sa.or_(_S.asked_at.is_(None), _S.asked_at <= at),
    )  # fmt: skip
