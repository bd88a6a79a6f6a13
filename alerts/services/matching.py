"""Whom texts name: the index of all whom we follow, kept in memory."""

import threading
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from alerts.domain.times import Instant
from alerts.domain.watching import Match, Signal
from alerts.services.ids import new_id
from alerts.store import Tx, feeds
from watchers.matching import Form, Index

MOST_MATCHES = 100
"""A page that says a name a thousand times is not more news than one that says it often."""

SERIES = "spellings"
"""The series of `number` that counts how often they have changed: every process sees when its index is old."""

_lock = threading.Lock()
_kept: WeakKeyDictionary[sa.Engine, tuple[int, Index]] = WeakKeyDictionary()


def changed(tx: Tx) -> None:
    """Call it in each transaction that adds a spelling, closes or opens a case, or says or takes back “not them”."""
    tx.next_number(SERIES, 0)


def index(tx: Tx) -> Index:
    """The index of every spelling in the open cases. It is built anew only where something has changed since."""
    version = feeds.number(tx, SERIES)
    with _lock:
        kept = _kept.get(tx.conn.engine)
        if kept is None or kept[0] != version:
            kept = _kept[tx.conn.engine] = (version, built(tx))
    return kept[1]


def found(index: Index, signal: Signal, now: Instant) -> list[Match]:
    """Whom a signal names, in the order of its words."""
    return [
        Match(
            new_id(now), signal.id, hit.case_id, hit.person_id, hit.form, hit.words, hit.start, hit.end, hit.tier
        )
        for hit in index.find(signal.words)[:MOST_MATCHES]
    ]  # fmt: skip


def built(tx: Tx, since: Instant | None = None) -> Index:
    """A new one; `since`: only of the people of cases that came in then or later."""
    forms = (Form(s.case_id, s.person_id, s.form) for s in feeds.spellings(tx, since))
    return Index(forms, feeds.not_them(tx))
