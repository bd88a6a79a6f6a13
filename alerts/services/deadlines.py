"""The life of a deadline, each step one transaction: its date, its ladder, the correction of who had the old one."""

from collections.abc import Iterable
from dataclasses import replace

from alerts.domain import alerts, deadlines
from alerts.domain.calling import brought_forward
from alerts.domain.cases import Case
from alerts.domain.chains import check_seen, spoken, stood, was
from alerts.domain.counting import Proof
from alerts.domain.deadlines import Deadline, Kind, Teller
from alerts.domain.errors import Invalid
from alerts.domain.ladders import Fate, Planned, Whom, plan, recheck
from alerts.domain.staff import Voice
from alerts.domain.times import Instant, LocalTime
from alerts.queue import Queue
from alerts.services import calling, casework, notices
from alerts.services.ids import new_id
from alerts.services.reminding import climb, revoke, rungs_of
from alerts.store import Store, Tx
from alerts.store.dates import DEADLINE, WAS
from alerts.store.tables import STAFF


def enter(
    store: Store, case_code: str | None, kind: Kind, when: LocalTime, *, by: Voice, now: Instant,
    title: str = "", court: str = "", expected: bool = False, told_by: Teller | None = None,
) -> Deadline:  # fmt: skip
    """A new deadline and its ladder; of what is only `expected` nobody but staff is told.

    Raises Forbidden, NotFound, Invalid.
    """
    with store.begin() as tx:
        return entered(
            tx, case_code, kind, when, by=by, now=now, title=title, court=court, expected=expected, told_by=told_by
        )


def entered(
    tx: Tx, case_code: str | None, kind: Kind, when: LocalTime, *, by: Voice, now: Instant, title: str = "",
    court: str = "", expected: bool = False, told_by: Teller | None = None, proof: Proof | None = None,
    person_id: str | None = None,
) -> Deadline:  # fmt: skip
    """As `enter`, as one step of a larger one. `proof`: how it was counted from a rule of law."""
    case = casework.find(tx, case_code) if case_code else None
    if case is None and not title.strip():
        raise Invalid("A deadline without a case needs a title.")
    deadline = Deadline(
        new_id(now), kind, when, country=case.country if case else "", case_id=case.id if case else None,
        title=alerts.title(title) if title.strip() else "", court=court.strip(),
        rule=proof.rule.id if proof else "", proof=proof, outer=proof.outer if proof else None, person_id=person_id,
    )  # fmt: skip
    deadline = deadlines.enter(deadline, by=by, now=now, expected=expected, told_by=told_by)
    tx.deadlines.add(deadline)
    rungs = _asked(deadline, now) if deadline.dateless else plan(deadline, now, rungs=rungs_of(tx, deadline))
    climb(tx, deadline, rungs, now)
    tx.audit.add(f"deadline {'expected' if expected else 'set'}", deadline.id, spoken(when), by=by, at=now)
    return deadline


def confirm(
    store: Store, queue: Queue, languages: Iterable[str], id: str, *, by: Voice, now: Instant,
    seen: int | None = None, told_by: Teller | None = None,
) -> Deadline:  # fmt: skip
    """Vouch for the date as it stands: its reminders and its correction may go out.

    `seen`, here and below: the number under which whoever asks for it saw it; Conflict if it has changed since.
    Raises Forbidden, NotFound, Conflict.
    """
    with store.begin() as tx:
        return confirmed(tx, queue, languages, id, by=by, now=now, seen=seen, told_by=told_by)


def confirmed(
    tx: Tx, queue: Queue, languages: Iterable[str], id: str, *, by: Voice, now: Instant, seen: int | None = None,
    told_by: Teller | None = None,
) -> Deadline:  # fmt: skip
    """As `confirm`, as one step of a larger one."""
    before = _seen(tx, id, seen)
    deadline = deadlines.confirm(before, by=by, now=now, told_by=told_by)
    _changed(tx, queue, languages, before, deadline, by, now)
    tx.audit.add("deadline confirmed", id, by=by, at=now)
    return deadline


def reschedule(
    store: Store, queue: Queue, languages: Iterable[str], id: str, when: LocalTime, *, reason: str, by: Voice,
    now: Instant, court: str = "", seen: int | None = None, told_by: Teller | None = None,
) -> Deadline:  # fmt: skip
    """Another date, earlier or later; everybody who had the old one is told at once. Raises as the domain does."""
    with store.begin() as tx:
        return rescheduled(
            tx, queue, languages, id, when, reason=reason, by=by, now=now, court=court, seen=seen, told_by=told_by
        )


def rescheduled(
    tx: Tx, queue: Queue, languages: Iterable[str], id: str, when: LocalTime, *, reason: str, by: Voice, now: Instant,
    court: str = "", seen: int | None = None, told_by: Teller | None = None,
) -> Deadline:  # fmt: skip
    """As `reschedule`, as one step of a larger one."""
    before = _seen(tx, id, seen)
    deadline = deadlines.reschedule(before, when, reason=reason, by=by, now=now, court=court, told_by=told_by)
    _changed(tx, queue, languages, before, deadline, by, now)
    tx.audit.add("deadline rescheduled", id, spoken(when), by=by, at=now)
    return deadline


def relocate(
    store: Store, queue: Queue, languages: Iterable[str], id: str, court: str, *, reason: str, by: Voice,
    now: Instant, seen: int | None = None, told_by: Teller | None = None,
) -> Deadline:  # fmt: skip
    """The same date at another place; everybody who had the old one is told at once. Raises as the domain does."""
    with store.begin() as tx:
        before = _seen(tx, id, seen)
        deadline = deadlines.relocate(before, court, reason=reason, by=by, now=now, told_by=told_by)
        _changed(tx, queue, languages, before, deadline, by, now)
        tx.audit.add("deadline relocated", id, deadline.court, by=by, at=now)
    return deadline


def close(
    store: Store, queue: Queue, languages: Iterable[str], id: str, *, reason: str, by: Voice, now: Instant,
    seen: int | None = None, told_by: Teller | None = None,
) -> Deadline:  # fmt: skip
    """Closed to the public; everybody who had the date is told not to come for nothing, and reminded no more."""
    with store.begin() as tx:
        before = _seen(tx, id, seen)
        deadline = deadlines.close(before, reason=reason, by=by, now=now, told_by=told_by)
        _changed(tx, queue, languages, before, deadline, by, now)
        tx.audit.add("deadline closed to the public", id, by=by, at=now)
    return deadline


def reopen(
    store: Store, queue: Queue, languages: Iterable[str], id: str, *, reason: str, by: Voice, now: Instant,
    seen: int | None = None, told_by: Teller | None = None,
) -> Deadline:  # fmt: skip
    """Open to the public after all; who was told not to come is told. Raises Forbidden, NotFound, Conflict."""
    with store.begin() as tx:
        before = _seen(tx, id, seen)
        deadline = deadlines.reopen(before, reason=reason, by=by, now=now, told_by=told_by)
        _changed(tx, queue, languages, before, deadline, by, now)
        tx.audit.add("deadline open to the public", id, by=by, at=now)
    return deadline


def adjourn(
    store: Store, queue: Queue, languages: Iterable[str], id: str, *, reason: str, by: Voice, now: Instant,
    seen: int | None = None, told_by: Teller | None = None,
) -> Deadline:  # fmt: skip
    """Put off sine die; everybody who had the date is told. Staff are asked for a new one every 14 days."""
    with store.begin() as tx:
        before = _seen(tx, id, seen)
        deadline = deadlines.adjourn(before, reason=reason, by=by, now=now, told_by=told_by)
        _changed(tx, queue, languages, before, deadline, by, now)
        tx.audit.add("deadline adjourned", id, by=by, at=now)
    return deadline


def cancel(
    store: Store, queue: Queue, languages: Iterable[str], id: str, *, reason: str, by: Voice, now: Instant,
    seen: int | None = None, told_by: Teller | None = None,
) -> Deadline:  # fmt: skip
    """It will not take place; everybody who had the date is told. Raises Forbidden, NotFound, Conflict."""
    with store.begin() as tx:
        before = _seen(tx, id, seen)
        deadline = deadlines.cancel(before, reason=reason, by=by, now=now, told_by=told_by)
        _changed(tx, queue, languages, before, deadline, by, now)
        tx.audit.add("deadline cancelled", id, by=by, at=now)
    return deadline


def held(store: Store, id: str, *, outcome: str, by: Voice, now: Instant, seen: int | None = None) -> Deadline:
    """It took place: what is left of its ladder is done with. Raises Forbidden, NotFound, Conflict, Invalid."""
    with store.begin() as tx:
        deadline = deadlines.held(_seen(tx, id, seen), outcome=outcome, by=by)
        tx.deadlines.save(deadline)
        revoke(tx, id, "it was held")
        tx.audit.add("deadline held", id, by=by, at=now)
    return deadline


def report(store: Store, id: str, text: str, *, by: Voice, now: Instant) -> Deadline:
    """What those who were there report: nobody is asked any more. Raises Forbidden, NotFound, Conflict, Invalid."""
    with store.begin() as tx:
        deadline = deadlines.report(tx.deadlines.get(id), text, by=by)
        tx.deadlines.save(deadline)
        revoke(tx, id, "it was reported")
        tx.audit.add("deadline reported", id, by=by, at=now)
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


def _seen(tx: Tx, id: str, seen: int | None) -> Deadline:
    """The deadline, held until the transaction ends. Raises NotFound, Conflict (it has another number by now)."""
    deadline = tx.deadlines.get(id)
    who = tx.staff.find(STAFF.c.id == deadline.set_by)
    check_seen(deadline, seen, who.name or who.email if who else "Somebody who knows it first")
    return deadline


def _changed(
    tx: Tx, queue: Queue, languages: Iterable[str], before: Deadline, deadline: Deadline, by: Voice, now: Instant
) -> None:
    """Keep what it was, retract the old ladder, correct those who had another date, and start the new ladder, if what
    stands here is vouched for.
    """
    tx.deadlines.save(deadline)
    if deadline.revision != before.revision:
        tx.was.add(was(before, new_id(now), now))
    revoke(tx, deadline.id, f"the date changed: {deadline.state}")
    if deadline.dateless:
        climb(tx, deadline, _asked(deadline, now), now)
    if not deadline.confirmed:
        return
    old = stood(tx.was.where(WAS.c.deadline_id == deadline.id))
    told = notices.correct(tx, queue, languages, deadline, by=by, now=now)
    planned = plan(deadline, now, told=told.know, rungs=rungs_of(tx, deadline))
    public = any(one.rung.whom is Whom.SUBSCRIBERS for one in planned)  # not what is only ours, nor a closed hearing
    if public and brought_forward(old.when if old else None, deadline.when, now):
        notices.wave(tx, queue, languages, deadline, told, now)
        planned = [_said_at_once(one) for one in planned]
    climb(tx, deadline, planned, now)
    calling.opened(tx, deadline, old, told.holders, now)


def _said_at_once(planned: Planned) -> Planned:
    """A rung for readers collapses into the one wave that has just gone out."""
    if planned.rung.whom is not Whom.SUBSCRIBERS or planned.fate is Fate.SKIPPED:
        return planned
    return replace(planned, fate=Fate.SKIPPED, reason="brought forward: all was said at once")


def _asked(deadline: Deadline, now: Instant) -> list[Planned]:
    """When staff are asked for the date of what has none: at the latest on the first day that it may be."""
    asked, starts = recheck(now), deadline.starts_at
    return [replace(asked, fire_at=starts) if starts and now < starts < asked.fire_at else asked]
