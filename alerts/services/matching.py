"""Whom texts name: the index of all whom we follow, kept in memory, and old signals matched again when it has grown."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.domain.triage import BEFORE, Handled, Rule, Verdict, triage
from alerts.domain.watching import Match, Signal
from alerts.services.ids import new_id
from alerts.store import Store, Tx, feeds
from alerts.store.tables import MATCH, VERDICT
from watchers.matching import Form, Index

MOST_MATCHES = 100
"""A page that says a name a thousand times is not more news than one that says it often."""

DAYS = 30
"""How far back signals are matched again."""

CHUNK = 200
"""Signals matched again in one transaction: others write in between."""

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
            kept = _kept[tx.conn.engine] = (version, _built(tx, None))
    return kept[1]


def found(index: Index, signal: Signal, now: Instant) -> list[Match]:
    """Whom a signal names, in the order of its words."""
    return [
        Match(
            new_id(now), signal.id, hit.case_id, hit.person_id, hit.form, hit.words, hit.start, hit.end, hit.tier
        )
        for hit in index.find(signal.words)[:MOST_MATCHES]
    ]  # fmt: skip


def again(
    store: Store, *, by: Staff, now: Instant, rules: list[Rule], days: int = DAYS, since: Instant | None = None
) -> int:
    """Match the signals of the last days again; `since`: only with the people of cases that came in then or later.
    Answers how many signals name somebody of whom it was not known.

    What was found before stays. A verdict is given anew where a rule gave it; what a person has decided stands, and so
    does what is from before we watched. Raises Forbidden.
    """
    by.must_be(Role.AUTHOR, "match signals again")
    with store.read() as tx:
        ids = feeds.seen_since(tx, now - timedelta(days=days))
        fresh = _built(tx, since) if since else index(tx)
    new = 0
    for start in range(0, len(ids), CHUNK):
        with store.begin() as tx:
            new += _again(tx, fresh, ids[start : start + CHUNK], now, rules)
    if new:
        with store.begin() as tx:
            tx.audit.add("signals matched again", "", f"{new} signals", by=by, at=now)
    return new


def _built(tx: Tx, since: Instant | None) -> Index:
    forms = (Form(s.case_id, s.person_id, s.form) for s in feeds.spellings(tx, since))
    return Index(forms, feeds.not_them(tx))


def _again(tx: Tx, fresh: Index, ids: list[str], now: Instant, rules: list[Rule]) -> int:
    known: dict[str, list[Match]] = {id: [] for id in ids}
    for match in tx.matches.where(MATCH.c.signal_id.in_(ids)):
        known[match.signal_id].append(match)
    verdicts = {verdict.signal_id: verdict for verdict in tx.verdicts.where(VERDICT.c.signal_id.in_(ids))}
    count = 0
    for signal in feeds.signals(tx, ids):
        before = known[signal.id]
        new = list(_new(found(fresh, signal, now), before))
        if not new:
            continue
        count += 1
        tx.matches.add(*new)
        verdict = verdicts[signal.id]
        if _is_open(verdict):
            matches = sorted((*before, *new), key=lambda match: match.start)
            anew = triage(signal, matches, rules)
            tx.verdicts.save(replace(anew, alert_id=verdict.alert_id))
    return count


def _new(matches: list[Match], before: list[Match]) -> Iterator[Match]:
    """Those that lie over none of the same person."""
    for match in matches:
        theirs = [known for known in before if known.person_id == match.person_id]
        if all(match.end <= known.start or known.end <= match.start for known in theirs):
            yield match


def _is_open(verdict: Verdict) -> bool:
    by_rule = verdict.handled in (Handled.WAITING, Handled.DISMISSED) and not verdict.handled_by
    return by_rule and verdict.because != BEFORE
