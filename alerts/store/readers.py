"""Who may be written to: read without opening a single address."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, groupby, islice
from operator import itemgetter
from typing import Any, NamedTuple

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
_HAS_RUNGS, _NAGS = _S.rungs != sa.text("''"), _S.nag == sa.true()
_WISHES = tuple(sa.type_coerce(_W[name], sa.Text).label(name) for name in (*COLUMNS, "cadence"))


def candidates(
    tx: Tx, countries: tuple[str, ...], *, only: Collection[str] | None = None, special: bool = False
) -> Iterator[Candidate]:
    """Every reader who is confirmed and has a subscription that names one of the countries, or none at all.

    In the order of their ids; with `only`, those among these ids; `special`: those who want other reminders than the
    usual ones. Nobody's address is opened.
    """
    column = sa.type_coerce(_W.countries, sa.Text)
    named = [column.like(f'%"{code}"%') for code in countries]
    query = sa.select(_S.id, _S.language, _S.zone, _S.quiet, *_STANDING, *_WISHES, _S.rungs, _S.nag)
    query = query.join(SUBSCRIPTION, _W.subscriber_id == _S.id).where(_S.confirmed_at.is_not(None))
    if countries:
        query = query.where(sa.or_(column == "[]", *named))
    if only is not None:
        query = query.where(_S.id.in_(only))
    if special:
        query = query.where(sa.or_(_HAS_RUNGS, _NAGS))
    for _, rows in groupby(_streamed(tx, query.order_by(_S.id, _W.id)), key=itemgetter(0)):
        theirs = list(rows)
        id, language, zone, quiet, *standing = theirs[0][:8]
        wishes, (rungs, nag) = tuple([_wish(*row[8:-2]) for row in theirs]), theirs[0][-2:]
        yield Candidate(id, language, _standing(*standing), wishes, zone, quiet, rungs, bool(nag))


def _streamed(tx: Tx, query: sa.Select[Any]) -> Iterator[Sequence[Any]]:
    """Its rows as the driver gives them, a few thousand at a time."""
    if tx.conn.dialect.name == "postgresql":
        return chain.from_iterable(tx.conn.execute(query.execution_options(yield_per=AT_ONCE)).partitions())
    cursor: Iterator[Sequence[Any]] = tx.conn.execute(query).cursor  # type: ignore[assignment]
    return cursor


@lru_cache(maxsize=10_000)
def _wish(countries: str, cases: str, topics: str, kinds: str, cadence: str) -> Subscription:
    named = [tuple(json.loads(values)) for values in (countries, cases, topics, kinds)]
    return Subscription("", "", named[0], named[1], named[2], named[3], Cadence(cadence))


class Addressed(NamedTuple):
    """A reader as their mail needs them, still sealed. `note` is empty unless they want it in their mails."""

    id: str
    language: str
    zone: str
    standing: Standing
    email: bytes
    name: bytes
    note: bytes
    reach: str = ""
    calendar_names: bool = False
    rungs: str = ""


_WRITTEN_TO = (_S.id, _S.language, _S.zone, _S.reach, _S.calendar_names, _S.rungs, *_STANDING)
_SEALED = (_S.email, _S.name, sa.case((_S.show_note, _S.note)))
_THESE = sa.select(*_WRITTEN_TO, *_SEALED).where(_S.id.in_(sa.bindparam("ids", expanding=True)))
_THESE_AS_ONE = sa.select(
    sa.func.json_group_array(sa.func.json_array(*_WRITTEN_TO, *(sa.func.hex(column) for column in _SEALED)))
).where(_S.id.in_(sa.text("SELECT value FROM json_each(:ids)")))


def addressed(tx: Tx, ids: list[str]) -> dict[str, Addressed]:
    """How these subscribers stand at this moment, and what goes into their mail; who is erased is missing.

    From SQLite all come as one value: its driver gives up the interpreter at every row, and while relays answer,
    getting it back takes longer than the row.
    """
    if tx.conn.dialect.name == "postgresql":
        rows = tx.conn.execute(_THESE, {"ids": ids}).cursor.fetchall()
    else:
        found = json.loads(tx.conn.execute(_THESE_AS_ONE, {"ids": json.dumps(ids)}).scalar_one())
        rows = [(*row[:10], *map(bytes.fromhex, row[10:])) for row in found]
    return {
        id: Addressed(id, language, zone, _standing(*standing), email, name, note or b"", reach, bool(names), rungs)
        for id, language, zone, reach, names, rungs, *standing, email, name, note in rows
    }


def rungs_asked(tx: Tx) -> set[str]:
    """Every rung that any reader asks for by name."""
    rows = tx.conn.execute(sa.select(_S.rungs).where(_HAS_RUNGS).distinct()).scalars()
    return {name for rungs in rows for name in rungs.split(";")}


def anybody_nags(tx: Tx) -> bool:
    return bool(tx.conn.execute(sa.select(sa.exists().where(_NAGS))).scalar())


def languages(tx: Tx) -> dict[str, str]:
    """Every subscriber's reading language, by id."""
    rows = tx.conn.execute(sa.select(SUBSCRIBER.c.id, SUBSCRIBER.c.language))
    return {row.id: row.language for row in rows}


@dataclass(frozen=True, slots=True)
class Habits:
    """A reader's language, and their quiet hours on the clock of their zone."""

    language: str
    zone: str
    quiet: str


def habits(tx: Tx, ids: Iterable[str]) -> Iterator[tuple[str, Habits]]:
    """Those of these readers who are still here, in the order of the ids."""
    left = iter(ids)
    while some := list(islice(left, AT_ONCE)):
        rows = tx.conn.execute(sa.select(_S.id, _S.language, _S.zone, _S.quiet).where(_S.id.in_(some)))
        found = {row.id: Habits(row.language, row.zone, row.quiet) for row in rows}
        yield from ((id, found[id]) for id in some if id in found)


def standings(tx: Tx, ids: list[str]) -> dict[str, Standing]:
    """How these subscribers stand at this moment; who is erased is missing."""
    rows = tx.conn.execute(sa.select(_S.id, *_STANDING).where(_S.id.in_(ids)))
    return {id: _standing(*standing) for id, *standing in rows}


@lru_cache(maxsize=1_000)
def _standing(confirmed: bool, vetted: bool, suppressed: str | None, left: bool) -> Standing:
    why = "" if suppressed is None else suppressed or "suppressed"
    return Standing(bool(confirmed), bool(vetted), why, bool(left))
