"""The life of a deadline, each step one transaction: its date, its ladder, the correction of who had the old one."""

from collections.abc import Iterable
from dataclasses import replace

from alerts.domain import alerts, deadlines
from alerts.domain.cases import Case
from alerts.domain.deadlines import Deadline, Kind, State
from alerts.domain.errors import Invalid
from alerts.domain.ladders import Fate, Planned, Reminder, Whom, plan, recheck
from alerts.domain.staff import Staff
from alerts.domain.times import Instant, LocalTime
from alerts.queue import Queue
from alerts.services import casework, notices
from alerts.services.ids import new_id
from alerts.store import Store, Tx
from alerts.store.tables import DEADLINE, REMINDER


def enter(
    store: Store, case_code: str | None, kind: Kind, when: LocalTime, *, by: Staff, now: Instant,
    title: str = "", court: str = "",
) -> Deadline:  # fmt: skip
    """A new deadline and its ladder. Raises Forbidden, NotFound, Invalid."""
    with store.begin() as tx:
        return entered(tx, case_code, kind, when, by=by, now=now, title=title, court=court)


def entered(
    tx: Tx, case_code: str | None, kind: Kind, when: LocalTime, *, by: Staff, now: Instant, title: str = "",
    court: str = "",
) -> Deadline:  # fmt: skip
    """As `enter`, as one step of a larger one."""
    case = casework.find(tx, case_code) if case_code else None
    if case is None and not title.strip():
        raise Invalid("A deadline without a case needs a title.")
    deadline = Deadline(
        new_id(now), kind, when, country=case.country if case else "", case_id=case.id if case else None,
        title=alerts.title(title) if title.strip() else "", court=court.strip(),
    )  # fmt: skip
    deadline = deadlines.enter(deadline, by=by, now=now)
    tx.deadlines.add(deadline)
    _climb(tx, deadline, plan(deadline, now), now)
    tx.audit.add("deadline set", deadline.id, _spoken(when), by=by, at=now)
    return deadline


def confirm(store: Store, queue: Queue, languages: Iterable[str], id: str, *, by: Staff, now: Instant) -> Deadline:
    """Vouch for the date as it stands: its reminders and its correction may go out.

    Raises Forbidden, NotFound, Conflict.
    """
    with store.begin() as tx:
        deadline = deadlines.confirm(tx.deadlines.get(id), by=by, now=now)
        _changed(tx, queue, languages, deadline, None, by, now)
        tx.audit.add("deadline confirmed", id, by=by, at=now)
    return deadline


def reschedule(
    store: Store,
    queue: Queue,
    languages: Iterable[str],
    id: str,
    when: LocalTime,
    *,
    reason: str,
    by: Staff,
    now: Instant,
) -> Deadline:
    """Another date, earlier or later; everybody who had the old one is told at once. Raises as the domain does."""
    with store.begin() as tx:
        before = tx.deadlines.get(id)
        deadline = deadlines.reschedule(before, when, reason=reason, by=by, now=now)
        _changed(tx, queue, languages, deadline, before.when, by, now)
        tx.audit.add("deadline rescheduled", id, _spoken(when), by=by, at=now)
    return deadline


def adjourn(
    store: Store, queue: Queue, languages: Iterable[str], id: str, *, reason: str, by: Staff, now: Instant
) -> Deadline:
    """Put off sine die; everybody who had the date is told. Staff are asked for a new one every 14 days."""
    with store.begin() as tx:
        before = tx.deadlines.get(id)
        deadline = deadlines.adjourn(before, reason=reason, by=by, now=now)
        _changed(tx, queue, languages, deadline, before.when, by, now)
        tx.audit.add("deadline adjourned", id, by=by, at=now)
    return deadline


def cancel(
    store: Store, queue: Queue, languages: Iterable[str], id: str, *, reason: str, by: Staff, now: Instant
) -> Deadline:
    """It will not take place; everybody who had the date is told. Raises Forbidden, NotFound, Conflict."""
    with store.begin() as tx:
        before = tx.deadlines.get(id)
        deadline = deadlines.cancel(before, reason=reason, by=by, now=now)
        _changed(tx, queue, languages, deadline, before.when, by, now)
        tx.audit.add("deadline cancelled", id, by=by, at=now)
    return deadline


def held(store: Store, id: str, *, outcome: str, by: Staff, now: Instant) -> Deadline:
    """It took place: what is left of its ladder is done with. Raises Forbidden, NotFound, Conflict, Invalid."""
    with store.begin() as tx:
        deadline = deadlines.held(tx.deadlines.get(id), outcome=outcome, by=by)
        tx.deadlines.save(deadline)
        _revoke(tx, id, "it was held")
        tx.audit.add("deadline held", id, by=by, at=now)
    return deadline


def zone(store: Store, id: str) -> str:
    """The zone of a deadline's place, empty while it has no date. Raises NotFound."""
    with store.read() as tx:
        when = tx.deadlines.get(id).when
        return when.zone if when else ""


def listing(store: Store) -> list[tuple[Deadline, Case | None]]:
    """Every deadline with its case, the next one first; those without a date come last."""
    with store.read() as tx:
        cases = {case.id: case for case in tx.cases.where()}
        found = tx.deadlines.where(by=[DEADLINE.c.starts_at.is_(None), DEADLINE.c.starts_at, DEADLINE.c.id])
        return [(deadline, cases.get(deadline.case_id or "")) for deadline in found]


def remind(store: Store, queue: Queue, languages: Iterable[str], now: Instant) -> int:
    """Fire what is due, each rung once whoever else looks at the clock. Answers how many reminders went out."""
    due = (REMINDER.c.fate == Fate.PENDING, REMINDER.c.fire_at <= now)
    with store.read() as tx:
        ids = list(dict.fromkeys(reminder.deadline_id for reminder in tx.reminders.where(*due, by=REMINDER.c.fire_at)))
    fired = 0
    for id in ids:
        with store.begin() as tx:
            deadline = tx.deadlines.get(id)
            waiting = tx.reminders.where(*due, REMINDER.c.deadline_id == id, by=[REMINDER.c.fire_at, REMINDER.c.id])
            fired += _fire(tx, queue, languages, deadline, waiting, now)
    return fired


def _fire(
    tx: Tx, queue: Queue, languages: Iterable[str], deadline: Deadline, waiting: list[Reminder], now: Instant
) -> int:
    """Of several that are due together (the desk was down) the youngest goes out and stands for the others."""
    for reminder in waiting:
        if reminder.whom is Whom.STAFF:
            tx.reminders.save(replace(reminder, fate=Fate.FIRED))
            if deadline.state is State.ADJOURNED:
                _climb(tx, deadline, [recheck(now)], now)
    ours = [reminder for reminder in waiting if reminder.whom is Whom.SUBSCRIBERS]
    for reminder in ours[:-1]:
        tx.reminders.save(replace(reminder, fate=Fate.SKIPPED, reason="the desk was down: a later one stands for it"))
    if not ours:
        return 0
    last = ours[-1]
    if not deadline.on or (deadline.when and deadline.when.ends < now):
        tx.reminders.save(replace(last, fate=Fate.SKIPPED, reason="too late to be of use"))
        return 0
    alert = notices.remind(tx, queue, languages, deadline, last.rung, now)
    tx.reminders.save(replace(last, fate=Fate.FIRED, alert_id=alert.id))
    return 1


def _changed(
    tx: Tx, queue: Queue, languages: Iterable[str], deadline: Deadline, was: LocalTime | None, by: Staff, now: Instant
) -> None:
    """Retract the old ladder, correct those who had another date, and start the new ladder, if the date is vouched
    for.
    """
    tx.deadlines.save(deadline)
    _revoke(tx, deadline.id, f"the date changed: {deadline.state}")
    if deadline.state is State.ADJOURNED:
        _climb(tx, deadline, [recheck(now)], now)
    if not deadline.confirmed:
        return
    told = notices.correct(tx, queue, languages, deadline, was, by=by, now=now)
    _climb(tx, deadline, plan(deadline, now, told=told), now)


def _climb(tx: Tx, deadline: Deadline, planned: list[Planned], now: Instant) -> None:
    tx.reminders.add(
        *(
            Reminder(new_id(now), deadline.id, deadline.revision, p.rung.name, p.rung.whom, p.fire_at, p.fate, p.reason)
            for p in planned
        )
    )


def _revoke(tx: Tx, deadline_id: str, reason: str) -> None:
    mine = (REMINDER.c.deadline_id == deadline_id, REMINDER.c.fate == Fate.PENDING)
    tx.reminders.update(*mine, fate=Fate.REVOKED, reason=reason)


def _spoken(when: LocalTime) -> str:
    return when.claim or f"{when.wall:%Y-%m-%d %H:%M} {when.zone} ({when.precision})"
