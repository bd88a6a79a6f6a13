"""Digests: what waited for a reader's hour goes out as one mail, each alert as it stands by then."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from alerts.domain.alerts import Alert, Edition, Kind, State
from alerts.domain.audience import Cadence, Recipient, edition_for, refused
from alerts.domain.cadence import AtOnce, Held, Timing
from alerts.domain.labels import strictest
from alerts.domain.threads import current
from alerts.domain.times import Instant
from alerts.queue import Queue
from alerts.render import Render
from alerts.services import notices
from alerts.services.ids import new_id
from alerts.services.issuing import issue, thread
from alerts.services.timing import Clock
from alerts.store import Store, Tx, held
from alerts.store.readers import habits, standings
from alerts.store.tables import ALERT


def send_due(store: Store, queue: Queue, render: Render, now: Instant) -> list[Alert]:
    """Issue the digests that are due: one alert for all who get the same, each in a transaction of its own.

    Who lost one because an alert in it was stopped gets another without it. Asked twice, it sends nothing twice.
    """
    _mend(store, now)
    made: list[Alert] = []
    last = ""
    while True:
        with store.read() as tx:
            waiting = held.due(tx, now, last)
        if not waiting:
            return made
        last = max(waiting)
        for alerts, readers in _alike(waiting).items():
            with store.begin() as tx:
                made += _issued(tx, queue, render, list(alerts), readers, now)


def _alike(waiting: dict[str, list[str]]) -> dict[tuple[str, ...], list[str]]:
    """Readers by the alerts that wait for them."""
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for reader, alerts in waiting.items():
        found[tuple(alerts)].append(reader)
    return found


def _mend(store: Store, now: Instant) -> None:
    """What else stood in a digest that was stopped waits again, for those who did not get it."""
    with store.read() as tx:
        broken = held.broken(tx)
    for id in broken:
        with store.begin() as tx:
            digest, contents = tx.alerts.get(id), held.contents(tx, id)
            if digest.state is State.CANCELLED:
                continue
            missed = held.unreached(tx, id)
            held.hold(tx, [Held(r.subscriber_id, one, r.language, r.because, now) for r in missed for one in contents])
            tx.alerts.save(replace(digest, state=State.CANCELLED))


def _issued(
    tx: Tx, queue: Queue, render: Render, alerts: list[str], readers: list[str], now: Instant
) -> Iterator[Alert]:
    """The digests of readers for whom the same alerts waited: one, or more where not all of them may read the same."""
    because: dict[str, tuple[str, ...]] = {}
    waited: dict[str, list[str]] = defaultdict(list)
    for row in held.taken(tx, readers, alerts, now):
        waited[row.subscriber_id].append(row.alert_id)
        because[row.subscriber_id] = tuple(dict.fromkeys((*because.get(row.subscriber_id, ()), *row.because)))
    said = {alert.id: _says(tx, alert, now) for alert in tx.alerts.where(ALERT.c.id.in_(alerts))}
    standing = standings(tx, list(waited))
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    contents: dict[str, Alert] = {alert.id: alert for alert in said.values() if alert}
    for reader, ids in waited.items():
        theirs = {alert.id for id in ids if (alert := said[id]) and not refused(standing.get(reader), alert.label)}
        if theirs:
            groups[tuple(sorted(theirs))].append(reader)
    for items, group in groups.items():
        yield _digest(tx, queue, render, [contents[id] for id in items], {id: because[id] for id in group}, now)


def _says(tx: Tx, alert: Alert, now: Instant) -> Alert | None:
    """What is said in its place. Of a date that changed before anybody had heard of it no newer word is there."""
    said = current(alert, thread(tx, alert), now)
    return said if said and notices.stands(tx, said) else None


def _digest(
    tx: Tx, queue: Queue, render: Render, alerts: list[Alert], readers: dict[str, tuple[str, ...]], now: Instant
) -> Alert:
    id = new_id(now)
    digest = Alert(id, Kind.DIGEST, strictest(*(alert.label for alert in alerts)), thread=id, created_at=now)
    tx.alerts.add(digest)
    tx.editions.add(*(
        Edition(new_id(now), id, position, language, render.digest(alerts, language, now))
        for position, language in enumerate(render.languages)
    ))  # fmt: skip
    held.contain(tx, id, [alert.id for alert in alerts])
    return issue(tx, queue, digest, _Readers(tx, digest, alerts, render.languages, readers), by=None, now=now)


@dataclass(frozen=True, slots=True)
class _Readers:
    """Readers of a digest, each with what they follow."""

    tx: Tx
    digest: Alert
    contents: list[Alert]
    languages: tuple[str, ...]
    because: dict[str, tuple[str, ...]]

    def timed(self, now: Instant) -> Iterator[tuple[Recipient, Timing]]:
        """A night that ends after the digest's hour is respected, unless something in it may not wait for that."""
        clocks = [Clock(alert, self.tx.zone, now) for alert in (self.digest, *self.contents)]
        for id, theirs in habits(self.tx, self.because):
            language = edition_for(theirs.language, list(self.languages))
            wish = (Cadence.IMMEDIATE, theirs.quiet, theirs.zone, None)
            timings = [clock.timing(wish) for clock in clocks]
            soonest = next((timing for timing in timings if isinstance(timing, AtOnce)), timings[0])
            yield Recipient(id, language, self.because[id]), soonest
