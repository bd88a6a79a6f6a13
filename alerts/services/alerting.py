"""The life of an alert, each step one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from alerts.domain import alerts, threads
from alerts.domain.alerts import Alert, Edition, Kind, Notice, State, content_hash
from alerts.domain.delivery import Tally
from alerts.domain.errors import Conflict, Forbidden, Invalid
from alerts.domain.labels import Label
from alerts.domain.ladders import Fate, Whom
from alerts.domain.staff import Staff
from alerts.domain.times import Instant
from alerts.queue import Queue
from alerts.services import drafting, notices
from alerts.services.composing import (
    Text,
    body_of,
    check_facts,
    edition_of,
    editions,
    label_for,
    language_of,
    warnings,
)  # fmt: skip
from alerts.services.ids import new_id
from alerts.services.issuing import Audience, issue, next_ordinal, stop_rest, thread
from alerts.store import Store, Tx
from alerts.store.dates import REMINDER
from alerts.store.tables import ALERT, HELD

__all__ = ["Forecast", "Status", "Text", "editions"]


@dataclass(frozen=True, slots=True)
class Status:
    """`waiting`: how many get it in their next digest; they are no part of the audience."""

    alert: Alert
    tally: Tally
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Forecast:
    """Whom an alert would go to if it were published now, by edition; and what a writer should know before.

    `quiet`, `digest`: how many of them get it only after their night, or in a digest; known once it is published.
    """

    editions: dict[str, int]
    warnings: tuple[str, ...]
    quiet: int = 0
    digest: int = 0

    @property
    def audience(self) -> int:
        return sum(self.editions.values())


def draft(
    store: Store, case_code: str | None, text: Text, *, language: str, by: Staff, now: Instant,
    label: Label | None = None, topics: tuple[str, ...] = (), countries: tuple[str, ...] = (),
    act_by: date | None = None, danger: bool = False,
) -> Alert:  # fmt: skip
    """A new urgent appeal. What is left out comes from the case. `danger`: to somebody's life.

    Raises Forbidden, NotFound, Invalid.
    """
    with store.begin() as tx:
        return drafting.written(
            tx, case_code, text, language=language, by=by, now=now, label=label, topics=topics, countries=countries,
            act_by=act_by, danger=danger,
        )  # fmt: skip


def edition(store: Store, alert_id: str, language: str, text: Text, *, by: Staff, now: Instant) -> Alert:
    """The alert in one language, new or over the old one. Voids approval.

    Raises Forbidden, NotFound, Conflict, Invalid.
    """
    with store.begin() as tx:
        alert = alerts.edited(tx.alerts.get(alert_id), by=by)
        case = tx.cases.get(alert.case_id) if alert.case_id else None
        before, language = editions(tx, alert_id), language_of(language)
        old = next((e for e in before if e.language == language), None)
        new = edition_of(tx, alert, case, text, language, old.position if old else len(before), by, now)
        if old:
            tx.editions.save(replace(new, id=old.id))
        else:
            tx.editions.add(new)
        tx.alerts.save(alert)
        tx.audit.add("edition written", alert.id, language, by=by, at=now)
    return alert


def submit(store: Store, alert_id: str, *, by: Staff, now: Instant) -> Alert:
    """Ask for a second pair of eyes. Raises Forbidden, NotFound, Conflict, Invalid (nothing is written yet)."""
    with store.begin() as tx:
        alert = alerts.submit(tx.alerts.get(alert_id), by=by, now=now)
        if not editions(tx, alert_id):
            raise Invalid("Nothing is written in this draft yet.")
        tx.alerts.save(alert)
        tx.audit.add("alert submitted", alert.id, by=by, at=now)
    return alert


def approve(store: Store, alert_id: str, *, by: Staff, now: Instant, seen: str | None = None) -> Alert:
    """Approve the alert's present content; `seen` is the content hash that the approver had before them.

    Raises Forbidden (not an approver, or wrote it), NotFound, Conflict (not in review, or changed since it was seen).
    """
    with store.begin() as tx:
        alert = tx.alerts.get(alert_id)
        content = content_hash(alert, editions(tx, alert_id))
        if seen is not None and seen != content:
            raise Conflict("The text has changed since you opened it: read it again.")
        alert = alerts.approve(alert, content, by=by, now=now)
        tx.alerts.save(alert)
        tx.audit.add("alert approved", alert.id, content, by=by, at=now)
    return alert


def publish(
    store: Store, queue: Queue, alert_id: str, *, by: Staff, now: Instant, at: Instant | None = None,
    not_after: Instant | None = None,
) -> tuple[Alert, Forecast]:  # fmt: skip
    """Freeze an approved alert and its audience and put its batches in the queue; or with `at`, do so then.

    What is unsent at `not_after` is not sent.

    All of it happens or nothing does. Raises Forbidden, NotFound, Conflict (not approved, or approval voided), Invalid.
    """
    with store.begin() as tx:
        alert, written = tx.alerts.get(alert_id), editions(tx, alert_id)
        audience = Audience(tx, alert, written)
        if at:
            alert = _until(alerts.schedule(alert, at, by=by, now=now), not_after, now)
            tx.alerts.save(alert)
            tx.audit.add("alert scheduled", alert.id, at.isoformat(), by=by, at=now)
            audience.counted()
        else:
            threads.check_thread(alert, thread(tx, alert))
            check_facts(tx, alert, written)
            alert = _until(alerts.publish(alert, content_hash(alert, written), by=by, now=now), not_after, now)
            alert = issue(tx, queue, alert, audience, by=by, now=now)
        forecast = _forecast(tx, alert, written, audience)
    return alert, forecast


def publish_due(store: Store, queue: Queue, now: Instant) -> list[Alert]:
    """Publish what is scheduled for now. What may no longer go out goes back to its writer, and holds up nobody else:
    its text, facts or thread have changed, or who scheduled it works here no more.
    """
    with store.read() as tx:
        due = tx.alerts.where(ALERT.c.state == State.SCHEDULED, ALERT.c.publish_at <= now, by=ALERT.c.publish_at)
    published = []
    for waiting in due:
        with store.begin() as tx:
            alert, written = tx.alerts.get(waiting.id), editions(tx, waiting.id)
            if alert.state is not State.SCHEDULED:
                continue
            by = tx.staff.get(alert.published_by or "")
            try:
                threads.check_thread(alert, thread(tx, alert))
                check_facts(tx, alert, written)
                alert = alerts.publish(alert, content_hash(alert, written), by=by, now=now)
            except (Conflict, Forbidden) as refusal:
                tx.alerts.save(replace(alert, state=State.DRAFT, publish_at=None))
                tx.audit.add("alert held back", alert.id, str(refusal), by=None, at=now)
                continue
            published.append(issue(tx, queue, alert, Audience(tx, alert, written), by=by, now=now))
    return published


def cancel(store: Store, alert_id: str, *, by: Staff, now: Instant) -> Alert:
    """Halt what is unsent: of an unpublished alert everything. Raises Forbidden, NotFound, Conflict."""
    with store.begin() as tx:
        alert = alerts.halt(tx.alerts.get(alert_id), by=by, now=now)
        tx.alerts.save(alert)
        if alert.published_at:
            stop_rest(tx, [alert], "cancelled", now)
            tx.held.delete(HELD.c.alert_id == alert.id)
        tx.audit.add("alert cancelled", alert.id, by=by, at=now)
    return alert


def pause(store: Store, alert_id: str, *, by: Staff, now: Instant) -> Alert:
    """Nothing more of it goes out until it is resumed. Raises Forbidden, NotFound, Conflict."""
    with store.begin() as tx:
        alert = alerts.pause(tx.alerts.get(alert_id), by=by, now=now)
        tx.alerts.save(alert)
        tx.audit.add("alert paused", alert.id, by=by, at=now)
    return alert


def resume(store: Store, alert_id: str, *, by: Staff, now: Instant) -> Alert:
    """What is unsent goes on. Raises Forbidden, NotFound, Conflict."""
    with store.begin() as tx:
        alert = alerts.resume(tx.alerts.get(alert_id), by=by)
        tx.alerts.save(alert)
        tx.audit.add("alert resumed", alert.id, by=by, at=now)
    return alert


def follow(store: Store, alert_id: str, kind: Kind, body: str, *, by: Staff, now: Instant) -> Alert:
    """A draft of an update, correction or stop under the same number. Raises Forbidden, NotFound, Conflict."""
    with store.begin() as tx:
        first = tx.alerts.get(alert_id)
        id = new_id(now)
        alert = threads.follow(first, kind, id, next_ordinal(tx, first.thread), by=by, now=now)
        alert = replace(alert, label=label_for(alert.label, tx.cases.get(first.case_id) if first.case_id else None))
        if first.notice:
            raise Conflict("Reminders follow their deadline: reschedule, adjourn or cancel that.")
        original = editions(tx, alert_id)[0]
        asks = () if kind is Kind.STOP else original.asks
        addressees = () if kind is Kind.STOP else original.addressees
        tx.alerts.add(alert)
        copied = replace(original, id=new_id(now), alert_id=id, position=0, body=body_of(body), written_by=by.id)
        tx.editions.add(replace(copied, asks=asks, addressees=addressees, facts=(), background=""))
        tx.audit.add(f"{kind} drafted", alert.id, f"follows {first.id}", by=by, at=now)
    return alert


def withdraw(store: Store, queue: Queue, languages: Iterable[str], alert_id: str, *, by: Staff, now: Instant) -> Alert:
    """Stop the rest at once and ask who got it to delete it: from the shipped template, without the name.

    Raises Forbidden, NotFound, Conflict.
    """
    with store.begin() as tx:
        first = tx.alerts.get(alert_id)
        id = new_id(now)
        alert = threads.follow(first, Kind.WITHDRAWAL, id, next_ordinal(tx, first.thread), by=by, now=now)
        alert = replace(alert, notice=Notice("", code=first.reference), act_by=None, topics=())
        written = notices.editions(alert, languages, now)
        tx.alerts.add(alert)
        tx.editions.add(*written)
        if alert.deadline_id:  # or its next reminder would say again what readers are asked to delete
            ladder = (REMINDER.c.deadline_id == alert.deadline_id, REMINDER.c.fate == Fate.PENDING)
            tx.reminders.update(*ladder, REMINDER.c.whom == Whom.SUBSCRIBERS, fate=Fate.REVOKED, reason="withdrawn")
        return issue(tx, queue, alert, Audience(tx, alert, written), by=by, now=now)


def status(store: Store, alert_id: str) -> Status:
    """Raises NotFound."""
    with store.read() as tx:
        return _status(tx, tx.alerts.get(alert_id))


def listing(store: Store, limit: int = 200) -> list[Status]:
    """Every alert, the newest first."""
    with store.read() as tx:
        found = tx.alerts.where(by=[ALERT.c.created_at.desc(), ALERT.c.id.desc()], limit=limit)
        return [_status(tx, alert) for alert in found]


def _status(tx: Tx, alert: Alert) -> Status:
    return Status(alert, tx.ledger.tally(alert.id), tx.held.count(HELD.c.alert_id == alert.id))


def forecast(store: Store, alert_id: str) -> Forecast:
    """Whom it would go to now. Raises NotFound."""
    with store.read() as tx:
        alert, written = tx.alerts.get(alert_id), editions(tx, alert_id)
        return _forecast(tx, alert, written, Audience(tx, alert, written).counted())


def _forecast(tx: Tx, alert: Alert, written: list[Edition], audience: Audience) -> Forecast:
    counts = {edition.language: audience.editions[edition.language] for edition in written}
    warned = tuple(warnings(tx, alert, written, audience.size, audience.without))
    return Forecast(counts, warned, audience.later["quiet"], audience.later["digest"])


def _until(alert: Alert, not_after: Instant | None, now: Instant) -> Alert:
    return alerts.until(alert, not_after, now=now) if not_after else alert
