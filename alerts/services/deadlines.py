"""The life of a deadline, each step one transaction: its date, its ladder, the correction of who had the old one."""

from collections.abc import Iterable
from dataclasses import replace

from alerts.domain import alerts, deadlines
from alerts.domain.alerts import Alert, Notice
from alerts.domain.cases import Case, may_cite, may_name
from alerts.domain.deadlines import Deadline, Kind, State
from alerts.domain.errors import Invalid, NotFound
from alerts.domain.labels import Label, strictest
from alerts.domain.ladders import Fate, Planned, Reminder, Whom, plan, recheck
from alerts.domain.staff import Staff
from alerts.domain.times import Instant, LocalTime
from alerts.queue import Queue
from alerts.services.alerting import notice_editions
from alerts.services.ids import new_id
from alerts.services.issuing import issue, next_ordinal, thread
from alerts.store import Store, Tx
from alerts.store.tables import ALERT, CASE, DEADLINE, PERSON, REMINDER


def enter(
    store: Store, case_code: str | None, kind: Kind, when: LocalTime, *, by: Staff, now: Instant,
    title: str = "", court: str = "",
) -> Deadline:  # fmt: skip
    """A new deadline and its ladder. Raises Forbidden, NotFound, Invalid."""
    with store.begin() as tx:
        case = _case(tx, case_code) if case_code else None
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
    alert = _notice(tx, deadline, alerts.Kind.REMINDER, None, last.rung, now)
    tx.reminders.save(replace(last, fate=Fate.FIRED, alert_id=alert.id))
    _send(tx, queue, alert, languages, None, now)
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
    told = _correct(tx, queue, languages, deadline, was, by, now)
    _climb(tx, deadline, plan(deadline, now, told=told), now)


def _correct(
    tx: Tx, queue: Queue, languages: Iterable[str], deadline: Deadline, was: LocalTime | None, by: Staff, now: Instant
) -> bool:
    """Tell exactly those who have, may have or are being sent another date. Answers whether there was anybody."""
    stale = [issue for issue in _issues(tx, deadline) if issue.notice and not _same(issue.notice, deadline)]
    if not stale:
        return False
    last = stale[-1].notice
    alert = _notice(tx, deadline, alerts.Kind.CORRECTION, was or (last.when if last else None), "", now)
    holders = tx.ledger.holders([issue.id for issue in thread(tx, alert)])
    if not holders:
        tx.ledger.withdraw_unsent([issue.id for issue in stale], "the date changed", now)
        return False
    _send(tx, queue, alert, languages, by, now)
    return True


def _same(notice: Notice, deadline: Deadline) -> bool:
    """Whether a reader of that notice expects what the deadline says now."""
    return notice.when == deadline.when and (notice.state == State.CANCELLED) == (deadline.state is State.CANCELLED)


def _notice(tx: Tx, deadline: Deadline, kind: alerts.Kind, was: LocalTime | None, rung: str, now: Instant) -> Alert:
    """An alert about the deadline as it stands, in the thread of all that was said of it before."""
    case = tx.cases.get(deadline.case_id) if deadline.case_id else None
    label = _label(deadline, case)
    people = tx.people.where(PERSON.c.case_id == case.id, by=PERSON.c.position) if case else []
    names = tuple(person.name for person in may_name(case, people, label)) if case else ()
    earlier = _issues(tx, deadline)
    id = new_id(now)
    first = earlier[0] if earlier else None
    return Alert(
        id, kind, label, thread=first.thread if first else id, case_id=deadline.case_id, deadline_id=deadline.id,
        revision=deadline.revision, corrects=earlier[-1].id if earlier else None,
        ordinal=next_ordinal(tx, first.thread) if first else 1,
        number=first.number if first else "", reference=first.reference if first else "",
        topics=case.topics if case else (), countries=(deadline.country,) if deadline.country else (), created_at=now,
        notice=Notice(
            deadline.kind, deadline.title, names, may_cite(case, people, label) if case else "", "", deadline.court,
            deadline.when, was, deadline.state, deadline.reason, rung,
        ),
    )  # fmt: skip


def _issues(tx: Tx, deadline: Deadline) -> list[Alert]:
    """What was said of it. Nothing may follow what was withdrawn: what is said after that has a number of its own."""
    said = tx.alerts.where(ALERT.c.deadline_id == deadline.id, by=[ALERT.c.created_at, ALERT.c.ordinal])
    gone = (alerts.Kind.WITHDRAWAL, alerts.State.WITHDRAWN)
    return [issue for issue in said if issue.kind not in gone and issue.state not in gone]


def _send(tx: Tx, queue: Queue, alert: Alert, languages: Iterable[str], by: Staff | None, now: Instant) -> None:
    written = notice_editions(alert, languages, now)
    tx.alerts.add(alert)
    tx.editions.add(*written)
    issue(tx, queue, alert, written, by=by, now=now)


def _label(deadline: Deadline, case: Case | None) -> Label:
    ours = case.fact_label if case else Label.GREEN
    return strictest(deadline.label, ours) if deadline.label else ours


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


def _case(tx: Tx, code: str) -> Case:
    case = tx.cases.find(CASE.c.code == code.strip())
    if case is None:
        raise NotFound(f"There is no case {code}.")
    return case


def _spoken(when: LocalTime) -> str:
    return when.claim or f"{when.wall:%Y-%m-%d %H:%M} {when.zone} ({when.precision})"
