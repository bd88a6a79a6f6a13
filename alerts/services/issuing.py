"""How any alert goes out: one transaction that freezes it, stops what it supersedes, and puts its batches in the
queue.
"""

import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Self

from alerts.domain.alerts import Alert, Edition, Kind, State
from alerts.domain.audience import Recipient, batches, edition_for, select
from alerts.domain.labels import Label
from alerts.domain.staff import Staff
from alerts.domain.threads import LETTERS, SUPERSEDES, followed, number, series, superseded
from alerts.domain.times import Instant
from alerts.queue import Queue
from alerts.settings import countries
from alerts.store import Tx
from alerts.store.readers import candidates, languages
from alerts.store.tables import ALERT


class Audience:
    """Whom an alert goes to, found while it is read, and counted: a million readers never lie in memory."""

    def __init__(self, tx: Tx, alert: Alert, editions: list[Edition]) -> None:
        self.tx, self.alert = tx, alert
        self.written = [edition.language for edition in editions]
        self.editions: Counter[str] = Counter()
        self.without: Counter[str] = Counter()

    @property
    def size(self) -> int:
        return self.editions.total()

    def __iter__(self) -> Iterator[Recipient]:
        for reads, recipient in self._found():
            self.editions[recipient.language] += 1
            if reads not in self.written:
                self.without[reads] += 1
            yield recipient

    def counted(self) -> Self:
        for _ in self:
            pass
        return self

    def _found(self) -> Iterator[tuple[str, Recipient]]:
        """Each with the language they read: those whose subscription it meets, those who hold what it follows."""
        tx, alert = self.tx, self.alert
        supersedes = alert.kind in SUPERSEDES
        older = superseded(alert, thread(tx, alert)) if supersedes else _followed(tx, alert)
        held = tx.ledger.holders([issue.id for issue in older]) if older else {}
        if not supersedes:
            code = tx.cases.get(alert.case_id).code if alert.case_id else ""
            for candidate, recipient in select(alert, code, candidates(tx, alert.countries), self.written):
                held.pop(recipient.subscriber_id, None)
                yield candidate.language, recipient
        if held and alert.label is not Label.RED:
            reads = languages(tx)
            for id in held:
                theirs = edition_for(reads.get(id, ""), self.written)
                yield reads.get(id, theirs), Recipient(id, theirs)


def issue(tx: Tx, queue: Queue, alert: Alert, audience: Audience, *, by: Staff | None, now: Instant) -> Alert:
    """Freeze the alert, its number and whom it goes to: its `audience`, found in the same transaction.

    An alert that says published is on its way. The audit entry is last.
    """
    alert = replace(_numbered(tx, alert, now), published_at=now)
    stopped = superseded(alert, thread(tx, alert))
    for older in stopped or _followed(tx, alert):
        tx.alerts.save(followed(alert, older, now, under_way=tx.ledger.under_way(older.id)))
    if stopped:
        tx.ledger.withdraw_unsent([older.id for older in stopped], f"overtaken by a {alert.kind}", now)
        for older in stopped:
            landed(tx, tx.alerts.get(older.id))
    numbers = tx.ledger.add(alert, batches(audience))
    state = State.PUBLISHING if numbers else State.PUBLISHED
    alert = replace(alert, state=state, audience=audience.size)
    tx.alerts.save(alert)
    queue.defer(tx, "deliver", alert.kind.priority, numbers)
    tx.audit.add(f"{alert.kind} published", alert.id, f"{alert.approved_hash} to {audience.size}", by=by, at=now)
    return alert


def landed(tx: Tx, alert: Alert) -> None:
    """Published, no longer publishing, once nobody of it is to be written to any more."""
    if alert.state is State.PUBLISHING and not tx.ledger.busy(alert.id):
        tx.alerts.save(replace(alert, state=State.PUBLISHED))


def thread(tx: Tx, alert: Alert) -> list[Alert]:
    """Every issue under the same number, the first one first."""
    return tx.alerts.where(ALERT.c.thread == alert.thread, by=[ALERT.c.ordinal, ALERT.c.id])


def next_ordinal(tx: Tx, first: str) -> int:
    published = tx.alerts.where(ALERT.c.thread == first, ALERT.c.published_at.is_not(None), by=ALERT.c.ordinal)
    return published[-1].ordinal + 1 if published else 1


def _followed(tx: Tx, alert: Alert) -> list[Alert]:
    if alert.kind is not Kind.UPDATE:
        return []
    return [issue for issue in thread(tx, alert) if issue.published_at and issue.id != alert.id]


def _numbered(tx: Tx, alert: Alert, now: Instant) -> Alert:
    """Its number and reference: the thread's own, or new ones for the first issue."""
    alert = replace(alert, ordinal=next_ordinal(tx, alert.thread))
    if not alert.reference:
        alert = replace(alert, reference=_reference(tx))
    if alert.number or not alert.label.public:
        return alert
    country = countries()[alert.countries[0]].alpha3 if len(alert.countries) == 1 else ""
    kind = series(alert)
    return replace(alert, number=number(kind, tx.next_number(kind, now.year), now.year, country))


def _reference(tx: Tx) -> str:
    """Short enough to be typed on a phone, and not in use."""
    while True:
        reference = "".join(secrets.choice(LETTERS) for _ in range(4))
        if not tx.alerts.count(ALERT.c.reference == reference):
            return reference
