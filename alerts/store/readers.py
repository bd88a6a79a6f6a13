"""Who may be written to: read without opening a single address."""

import json
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import groupby

import sqlalchemy as sa

from alerts.domain.audience import COLUMNS, Cadence, Candidate, Standing, Subscription
from alerts.store.tables import SUBSCRIBER, SUBSCRIPTION
from alerts.store.tx import Tx

AT_ONCE = 5_000
"""Rows fetched together: a million readers never lie in memory."""

_S, _W = SUBSCRIBER.c, SUBSCRIPTION.c
_STANDING = (
    _S.confirmed_at.is_not(None).label("confirmed"), _S.vetted_at.is_not(None).label("vetted"),
    sa.case((_S.suppressed_at.is_not(None), _S.suppressed_why)).label("suppressed"),
    _S.left_at.is_not(None).label("left"),
)  # fmt: skip
_WISHES = tuple(sa.type_coerce(_W[name], sa.Text).label(name) for name in (*COLUMNS, "cadence"))


def candidates(tx: Tx, countries: tuple[str, ...], *, only: Collection[str] | None = None) -> Iterator[Candidate]:
    """Every reader who is confirmed and has a subscription that names one of the countries, or none at all.

    In the order of their ids; with `only`, those among these ids. Nobody's address is opened.
    """
    column = sa.type_coerce(_W.countries, sa.Text)
    named = [column.like(f'%"{code}"%') for code in countries]
    query = sa.select(_S.id, _S.language, _S.zone, _S.quiet, *_STANDING, *_WISHES)
    query = query.join(SUBSCRIPTION, _W.subscriber_id == _S.id).where(_S.confirmed_at.is_not(None))
    if countries:
        query = query.where(sa.or_(column == "[]", *named))
    if only is not None:
        query = query.where(_S.id.in_(only))
    rows = tx.conn.execute(query.order_by(_S.id, _W.id).execution_options(yield_per=AT_ONCE))
    for (id, language, zone, quiet, *standing), theirs in groupby(rows, key=lambda row: row[:8]):
        yield Candidate(id, language, _standing(*standing), tuple(_wish(*row[8:]) for row in theirs), zone, quiet)


@lru_cache(maxsize=10_000)
def _wish(countries: str, cases: str, topics: str, kinds: str, cadence: str) -> Subscription:
    named = [tuple(json.loads(values)) for values in (countries, cases, topics, kinds)]
    return Subscription("", "", named[0], named[1], named[2], named[3], Cadence(cadence))


def languages(tx: Tx) -> dict[str, str]:
    """Every subscriber's reading language, by id."""
    rows = tx.conn.execute(sa.select(SUBSCRIBER.c.id, SUBSCRIBER.c.language))
    return {row.id: row.language for row in rows}


def standings(tx: Tx, ids: list[str]) -> dict[str, Standing]:
    """How these subscribers stand at this moment; who is erased is missing."""
    rows = tx.conn.execute(sa.select(_S.id, *_STANDING).where(_S.id.in_(ids)))
    return {id: _standing(*standing) for id, *standing in rows}


@lru_cache(maxsize=1_000)
def _standing(confirmed: bool, vetted: bool, suppressed: str | None, left: bool) -> Standing:
    why = "" if suppressed is None else suppressed or "suppressed"
    return Standing(bool(confirmed), bool(vetted), why, bool(left))
