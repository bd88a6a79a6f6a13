"""Reminders that are due together go out together: who would get several of them gets one mail that holds them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import sqlalchemy as sa

from alerts.domain.alerts import Alert, Kind, State
from alerts.domain.audience import Candidate
from alerts.domain.cadence import Held, InDigest
from alerts.domain.shares import Share, Told, shares
from alerts.domain.times import Instant
from alerts.queue import Queue
from alerts.services.issuing import entry, frozen
from alerts.services.notices import editions
from alerts.services.ranking import ranks, scarce
from alerts.services.timing import Clock, Spreading
from alerts.store import Tx, held
from alerts.store.readers import candidates
from alerts.store.tables import ALERT, HELD

Found = tuple[Candidate, list[Share]]


def audience(tx: Tx, told: Sequence[Told], languages: Sequence[str]) -> Iterator[Found]:
    """Every reader of any of these, with all that they get: all readers are looked through once.

    Where mail is scarce, those who need one of them most come first.
    """
    countries = {code for one in told for code in one.alert.countries}
    everywhere = any(not one.alert.countries for one in told)
    special = not any(one.wanting.usual and not one.wanting.nag for one in told)

    def chosen() -> Iterator[Found]:
        asking = candidates(tx, () if everywhere else tuple(sorted(countries)), special=special)
        return shares(told, asking, languages)

    first: dict[str, int] = {}
    for one in told if scarce(tx) else ():
        for id, rank in ranks(tx, one.alert).items():
            first[id] = min(rank, first.get(id, rank))
    if first:
        early = [found for found in chosen() if found[0].subscriber_id in first]
        yield from sorted(early, key=lambda found: first[found[0].subscriber_id])
    yield from (found for found in chosen() if found[0].subscriber_id not in first)


def send(
    tx: Tx, queue: Queue, told: Sequence[Told], languages: Sequence[str], now: Instant
) -> list[tuple[str, str, str]]:
    """Freeze them and whom each goes to; several for one reader wait for each other and come as a digest at once.

    Answers what the audit log is to say, as the last of the transaction.
    """
    if not told:
        return []
    before: list[tuple[Alert, list[str]]] = []
    for one in told:
        before.append(frozen(tx, one.alert, now, [alert.reference for alert, _ in before]))
    alerts = [replace(alert, state=State.PUBLISHING) for alert, _ in before]
    tx.alerts.add(*alerts)
    tx.editions.add(*(edition for alert in alerts for edition in editions(alert, languages, now)))
    clocks = [Clock(alert, tx.zone, now) for alert in alerts]
    spreads = [Spreading(tx, alert, now) for alert in alerts]
    together: list[Held] = []
    for candidate, theirs in audience(tx, told, languages):
        timed = [
            (share, clocks[share.place].timing((share.cadence, candidate.quiet, candidate.zone, None)))
            for share in theirs
        ]
        several = len(timed) > 1 and sum(not isinstance(when, InDigest) for _, when in timed) > 1
        for share, when in timed:
            if several and not isinstance(when, InDigest):
                id, language, because = share.recipient
                together.append(Held(id, alerts[share.place].id, language, because, now))
            else:
                spreads[share.place].put(share.recipient, when)
        if len(together) >= held.AT_ONCE:
            held.hold(tx, together)
            together.clear()
    held.hold(tx, together)
    ended = [spreading.ended() for spreading in spreads]
    gone = [id for _, ids in before for id in ids]
    if gone:
        tx.held.delete(HELD.c.alert_id.in_(gone))
    alerts = [
        replace(alert, state=State.PUBLISHING if numbers else State.PUBLISHED, audience=size)
        for alert, (numbers, size) in zip(alerts, ended, strict=True)
    ]
    tx.conn.execute(_SIZED, [{"its_id": a.id, "its_state": a.state, "its_audience": a.audience} for a in alerts])
    queue.defer(tx, "deliver", Kind.REMINDER.priority, [no for numbers, _ in ended for no in numbers])
    return [entry(alert) for alert in alerts]


_SIZED = (
    sa.update(ALERT).where(ALERT.c.id == sa.bindparam("its_id"))
    .values(state=sa.bindparam("its_state"), audience=sa.bindparam("its_audience"))
)  # fmt: skip
