"""How any alert goes out: one transaction that freezes it, stops what it supersedes, and puts its batches in the
queue.
"""

import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol, Self

from alerts.domain.alerts import Alert, Edition, Kind, State
from alerts.domain.audience import Cadence, Candidate, Recipient, edition_for, select
from alerts.domain.cadence import AfterQuiet, AtOnce, Timing
from alerts.domain.labels import Label
from alerts.domain.staff import Voice
from alerts.domain.threads import (
    LETTERS,
    SUPERSEDES,
    followed,
    number,
    overtaken,
    series,
    stands_alone,
    superseded,
)
from alerts.domain.times import Instant
from alerts.queue import Queue
from alerts.services.ranking import ranks, scarce
from alerts.services.timing import Clock, Wish, spread
from alerts.settings import countries
from alerts.store import Tx, held
from alerts.store.readers import Habits, candidates, habits
from alerts.store.tables import ALERT, HELD

Found = tuple[Recipient, str, Wish]
"""A recipient, the language they read, and how they want to hear."""


class Audience:
    """Whom an alert goes to, found while it is read, and counted: a million readers never lie in memory.

    `apart`: who is told by another alert.
    """

    def __init__(self, tx: Tx, alert: Alert, editions: list[Edition], apart: Collection[str] = ()) -> None:
        self.tx, self.alert, self.apart = tx, alert, apart
        self.written = [edition.language for edition in editions]
        self.editions: Counter[str] = Counter()
        self.without: Counter[str] = Counter()
        self.later: Counter[str] = Counter()

    @property
    def size(self) -> int:
        return self.editions.total()

    def timed(self, now: Instant) -> Iterator[tuple[Recipient, Timing]]:
        """Each with when they get it, as they wish and as the alert demands. `later` counts what does not go at once:
        “quiet” and “digest”.
        """
        timing = Clock(self.alert, self.tx.zone, now).timing
        for recipient, _, wish in self._counted():
            when = timing(wish)
            if not isinstance(when, AtOnce):
                self.later["quiet" if isinstance(when, AfterQuiet) else "digest"] += 1
            yield recipient, when

    def counted(self) -> Self:
        for _ in self._counted():
            pass
        return self

    def _counted(self) -> Iterator[Found]:
        for one in self._found():
            recipient, reads, _ = one
            if recipient.subscriber_id in self.apart:
                continue
            self.editions[recipient.language] += 1
            if reads not in self.written:
                self.without[reads] += 1
            yield one

    def _found(self) -> Iterator[Found]:
        """Those whose subscription it meets, those who hold what it follows, those who wait for what it corrects."""
        tx, alert = self.tx, self.alert
        supersedes, issues = alert.kind in SUPERSEDES, thread(tx, alert)
        holders = mistaken(tx, alert, issues) if supersedes else _holding(tx, _followed(tx, alert))
        wait = [issue.id for issue in overtaken(alert, issues)] if stands_alone(alert) else []
        if not supersedes:
            for candidate, recipient, cadence in self._asking():
                if holders:
                    holders.pop(recipient.subscriber_id, None)
                yield recipient, candidate.language, (cadence, candidate.quiet, candidate.zone, None)
        if alert.label is Label.RED:
            return
        for id, theirs in habits(tx, holders):
            yield self._one(id, theirs)
        if wait:
            waiting = {row.subscriber_id: row for row in held.waiting(tx, wait) if row.subscriber_id not in holders}
            for id, theirs in habits(tx, waiting):
                yield self._one(id, theirs, waiting[id].because, waiting[id].next_at)

    def _asking(self) -> Iterator[tuple[Candidate, Recipient, Cadence]]:
        """Those whose subscription it meets; where mail is scarce, those who need it most come first."""
        tx, alert = self.tx, self.alert
        code = tx.cases.get(alert.case_id).code if alert.case_id else ""
        first = ranks(tx, alert) if scarce(tx) else {}

        def chosen() -> Iterator[tuple[Candidate, Recipient, Cadence]]:
            return select(alert, code, candidates(tx, alert.countries), self.written)

        if first:
            early = [one for one in chosen() if one[1].subscriber_id in first]
            yield from sorted(early, key=lambda one: first[one[1].subscriber_id])
        yield from (one for one in chosen() if one[1].subscriber_id not in first)

    def _one(self, id: str, theirs: Habits, because: tuple[str, ...] = (), next_digest: Instant | None = None) -> Found:
        recipient = Recipient(id, edition_for(theirs.language, self.written), because)
        return recipient, theirs.language, (Cadence.IMMEDIATE, theirs.quiet, theirs.zone, next_digest)


class Timed(Protocol):
    """Whom an alert goes to, and when."""

    def timed(self, now: Instant) -> Iterator[tuple[Recipient, Timing]]: ...


def issue(tx: Tx, queue: Queue, alert: Alert, audience: Timed, *, by: Voice | None, now: Instant) -> Alert:
    """Freeze the alert, its number and whom it goes to: its `audience`, found in the same transaction.

    An alert that says published is on its way. The audit entry is last.
    """
    alert, gone = frozen(tx, alert, now)
    numbers, size = spread(tx, alert, audience.timed(now), now)
    if gone:
        tx.held.delete(HELD.c.alert_id.in_(gone))
    state = State.PUBLISHING if numbers else State.PUBLISHED
    alert = replace(alert, state=state, audience=size)
    tx.alerts.save(alert)
    queue.defer(tx, "deliver", alert.kind.priority, numbers)
    tx.audit.add(*entry(alert), by=by, at=now)
    return alert


def frozen(tx: Tx, alert: Alert, now: Instant, beside: Sequence[str] = ()) -> tuple[Alert, list[str]]:
    """With its number, as of now; what it supersedes goes no further. Answers also what nobody waits for any more.

    `beside`: references of others that go out with it.
    """
    alert = replace(_numbered(tx, alert, now, beside), published_at=now)
    issues = thread(tx, alert)
    stopped, gone = superseded(alert, issues), [issue.id for issue in overtaken(alert, issues)]
    for older in stopped or _followed(tx, alert):
        tx.alerts.save(followed(alert, older, now, under_way=tx.ledger.under_way(older.id)))
    if stopped:
        stop_rest(tx, stopped, f"overtaken by a {alert.kind}", now)
    return alert, gone


def entry(alert: Alert) -> tuple[str, str, str]:
    """What the audit log says of an alert that has gone out."""
    return f"{alert.kind} published", alert.id, f"{alert.approved_hash} to {alert.audience}"


def mistaken(tx: Tx, alert: Alert, issues: list[Alert]) -> dict[str, Alert]:
    """Who has, may have or is just being sent what this alert takes back, each with the last issue that they have.

    Of a date it takes back what expects another: who surely has a later word that agrees with it needs no correction.
    """
    older = superseded(alert, issues)
    if alert.kind is not Kind.CORRECTION or alert.notice is None or alert.writers:
        return _holding(tx, older)
    found: dict[str, Alert] = {}
    for issue in (one for one in older if one.notice and one.ordinal < alert.ordinal):
        assert issue.notice
        if issue.notice.expects != alert.notice.expects:
            found |= _holding(tx, [issue])
            continue
        for id in tx.ledger.got(carriers(tx, [issue])):
            found.pop(id, None)
    return found


def _holding(tx: Tx, issues: list[Alert]) -> dict[str, Alert]:
    if not issues:
        return {}
    return dict.fromkeys(tx.ledger.holders(carriers(tx, issues)), issues[-1])


def carriers(tx: Tx, issues: Iterable[Alert]) -> list[str]:
    """The ids of these issues, and of the digests that they stand in: who got one of them has the word."""
    ids = [issue.id for issue in issues]
    return ids + held.digests_of(tx, ids)


def stop_rest(tx: Tx, stopped: list[Alert], reason: str, now: Instant) -> None:
    """End the unsent rest of these. A digest with one of them ends too: its readers get another, without it."""
    ids = carriers(tx, stopped)
    for digest in (tx.alerts.get(id) for id in ids[len(stopped) :]):
        if digest.halted_at is None and tx.ledger.under_way(digest.id):
            tx.alerts.save(replace(digest, halted_at=now))
        else:
            ids.remove(digest.id)
    tx.ledger.withdraw_unsent(ids, reason, now)
    for id in ids:
        landed(tx, tx.alerts.get(id))


def landed(tx: Tx, alert: Alert) -> None:
    """Published, no longer publishing, once nobody of it is to be written to any more."""
    if alert.state is State.PUBLISHING and not tx.ledger.busy(alert.id):
        alert = tx.alerts.get(alert.id)  # who sent it knows it as it was: it may have been cancelled since
        if alert.state is State.PUBLISHING:
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


def _numbered(tx: Tx, alert: Alert, now: Instant, beside: Sequence[str]) -> Alert:
    """Its number and reference: the thread's own, or new ones for the first issue."""
    if alert.kind is not Kind.REMINDER or alert.thread != alert.id:
        alert = replace(alert, ordinal=next_ordinal(tx, alert.thread))
    if not alert.reference:
        alert = replace(alert, reference=_reference(tx, beside))
    if alert.number or alert.kind is Kind.DIGEST or not alert.label.public:
        return alert
    country = countries()[alert.countries[0]].alpha3 if len(alert.countries) == 1 else ""
    kind = series(alert)
    return replace(alert, number=number(kind, tx.next_number(kind, now.year), now.year, country))


def _reference(tx: Tx, beside: Sequence[str]) -> str:
    """Short enough to be typed on a phone, and not in use."""
    while True:
        reference = "".join(secrets.choice(LETTERS) for _ in range(4))
        if reference not in beside and not tx.alerts.count(ALERT.c.reference == reference):
            return reference
