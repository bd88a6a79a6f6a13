"""Claim what is due, and record what visits brought: many sources in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from alerts.domain.health import outage
from alerts.domain.polling import EVERY, after
from alerts.domain.times import Instant
from alerts.domain.triage import Rule
from alerts.domain.watching import Cursor, Poll, Source
from alerts.services.sighting import Fresh, Sightings, fresh
from alerts.store import Store, Tx, visits

HOLD = timedelta(minutes=10)
"""How long a claimed source is left to whoever claimed it. A visit itself lasts a minute at most."""

FLOOD, FLOOD_WAIT = 200, timedelta(hours=1)
"""So many new items of one visit are taken, the newest; the next visit comes an hour later at the earliest."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One that is over: the source as it was claimed, what it brought, and when."""

    source: Source
    poll: Poll
    at: Instant


def due(store: Store, now: Instant, limit: int = 50) -> list[Source]:
    """Claim the sources that are due. Two clocks never get the same one; a claim ends by itself after ten minutes."""
    with store.begin() as tx:
        return visits.claim_due(tx, now, HOLD, limit)


def put_off(store: Store, until: Sequence[tuple[Source, Instant]]) -> None:
    """Let go of claimed sources: nobody visited them, and they are due again at these times."""
    with store.begin() as tx:
        visits.put_off(tx, [(source.id, at) for source, at in until])


def record(
    store: Store, source: Source, poll: Poll, now: Instant, rules: list[Rule], interval: timedelta = EVERY
) -> int:
    """As `record_all`, of one visit, to the source as it is by now."""
    with store.begin() as tx:
        return _record(tx, [Visit(tx.sources.get(source.id), poll, now)], rules, interval, lambda: 0.5)[0]


def record_all(
    store: Store, ended: Sequence[Visit], rules: list[Rule], interval: timedelta, dice: Callable[[], float]
) -> list[int]:
    """Keep what visits brought: the new signals with matches and verdicts, and how each source fares. Answers how many
    signals of each are new, those from before we watched not counted.

    Of a first visit only the newest 50 of the last seven days are news. Of any later one at most 200 are taken, the
    newest, and the cursor stays, so that the rest comes with the next visits: a feed that is suddenly all new has
    probably changed how it names its entries, and nobody should wade through that at once.
    """
    with store.begin() as tx:
        return _record(tx, ended, rules, interval, dice)


def _record(
    tx: Tx, ended: Sequence[Visit], rules: list[Rule], interval: timedelta, dice: Callable[[], float]
) -> list[int]:
    network = _our_network(tx, ended)
    sightings = Sightings(tx, rules)
    changes, news = [], []
    for visit in ended:
        new, poll = _new(tx, visit)
        news.append(sightings.add(visit.source, new, visit.at))
        now_is = after(
            visit.source, poll, visit.at, interval, dice(), new=sum(not one.revises for one in new), outage=network
        )
        changes.append((visit.source, now_is))
    visits.keep(tx, changes)
    if sightings.signals:
        sightings.write(max(visit.at for visit in ended))
    return news


def _new(tx: Tx, visit: Visit) -> tuple[list[Fresh], Poll]:
    source, poll = visit.source, visit.poll
    if not poll.items:
        return [], poll
    new, renamed = fresh(tx, source, poll.items)
    if renamed:
        poll = replace(poll, reason=f"the site names its items anew: {renamed} of them were seen before")
    if len(new) > FLOOD and source.worked_at:
        reason = f"flood: {len(new)} new entries at once, of which the newest {FLOOD} were taken"
        wait = max(poll.wait or FLOOD_WAIT, FLOOD_WAIT)
        return new[-FLOOD:], replace(poll, reason=reason, cursor=Cursor(), wait=wait)
    return new, poll


def _our_network(tx: Tx, ended: Sequence[Visit]) -> bool:
    """Whether what could not be reached in these visits is our own network's doing."""
    away = [v for v in ended if v.poll.away and v.source.worked_at and v.source.failures <= visits.FEW_FAILURES]
    if not away:
        return False
    now = max(visit.at for visit in ended)
    before, down = visits.lately(tx, now, [visit.source.id for visit in ended])
    answered = sum(not visit.poll.away for visit in ended)
    return outage(before + answered + len(away), down + len(away))
