"""Old signals matched again, when there are people whom we did not follow when they came in."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.domain.triage import BEFORE, Handled, Rule, Verdict
from alerts.domain.watching import Match
from alerts.services.judging import Judge
from alerts.services.matching import built, found, index
from alerts.store import Store, Tx, confided, feeds
from alerts.store.tables import MATCH, VERDICT
from watchers.matching import Index

DAYS = 30
"""How far back signals are matched again."""

CHUNK = 200
"""Signals matched again in one transaction: others write in between."""


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
        fresh = built(tx, since) if since else index(tx)
    new = 0
    for start in range(0, len(ids), CHUNK):
        with store.begin() as tx:
            new += _again(tx, fresh, ids[start : start + CHUNK], now, rules)
    if new:
        with store.begin() as tx:
            tx.audit.add("signals matched again", "", f"{new} signals", by=by, at=now)
    return new


def _again(tx: Tx, fresh: Index, ids: list[str], now: Instant, rules: list[Rule]) -> int:
    known: dict[str, list[Match]] = {id: [] for id in ids}
    for match in tx.matches.where(MATCH.c.signal_id.in_(ids)):
        known[match.signal_id].append(match)
    verdicts = {verdict.signal_id: verdict for verdict in tx.verdicts.where(VERDICT.c.signal_id.in_(ids))}
    count = 0
    judge = Judge(tx, rules)
    for signal in confided.opened(tx, feeds.signals(tx, ids)):
        before = known[signal.id]
        new = list(_new(found(fresh, signal, now), before))
        if not new:
            continue
        count += 1
        tx.matches.add(*new)
        verdict = verdicts[signal.id]
        if _is_open(verdict):
            matches = sorted((*before, *new), key=lambda match: match.start)
            anew = judge(signal, matches, now)
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
