"""The life of a deadline, each step one transaction: its date, its ladder, the correction of who had the old one."""

from collections.abc import Iterable

from alerts.domain import alerts, deadlines
from alerts.domain.cases import Case
from alerts.domain.counting import Proof
from alerts.domain.deadlines import Deadline, Kind, State
from alerts.domain.errors import Invalid
from alerts.domain.ladders import recheck
from alerts.domain.staff import Voice
from alerts.domain.times import Instant, LocalTime
from alerts.queue import Queue
from alerts.services import calendars, casework, notices
from alerts.services.ids import new_id
from alerts.services.reminding import climb, revoke, start
from alerts.store import Store, Tx
from alerts.store.tables import DEADLINE


def enter(
    store: Store, case_code: str | None, kind: Kind, when: LocalTime, *, by: Voice, now: Instant,
    title: str = "", court: str = "",
) -> Deadline:  # fmt: skip
    """A new deadline and its ladder. Raises Forbidden, NotFound, Invalid."""
    with store.begin() as tx:
        return entered(tx, case_code, kind, when, by=by, now=now, title=title, court=court)


def entered(
    tx: Tx, case_code: str | None, kind: Kind, when: LocalTime, *, by: Voice, now: Instant, title: str = "",
    court: str = "", proof: Proof | None = None, person_id: str | None = None,
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
    deadline = deadlines.enter(deadline, by=by, now=now)
    tx.deadlines.add(deadline)
    start(tx, deadline, now)
    tx.audit.add("deadline set", deadline.id, _spoken(when), by=by, at=now)
    return deadline


def confirm(store: Store, queue: Queue, languages: Iterable[str], id: str, *, by: Voice, now: Instant) -> Deadline:
    """Vouch for the date as it stands: its reminders and its correction may go out.

    Raises Forbidden, NotFound, Conflict.
    """
    with store.begin() as tx:
        return confirmed(tx, queue, languages, id, by=by, now=now)


def confirmed(tx: Tx, queue: Queue, languages: Iterable[str], id: str, *, by: Voice, now: Instant) -> Deadline:
    """As `confirm`, as one step of a larger one."""
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
    by: Voice,
    now: Instant,
) -> Deadline:
    """Another date, earlier or later; everybody who had the old one is told at once. Raises as the domain does."""
    with store.begin() as tx:
        return rescheduled(tx, queue, languages, id, when, reason=reason, by=by, now=now)


def rescheduled(
    tx: Tx, queue: Queue, languages: Iterable[str], id: str, when: LocalTime, *, reason: str, by: Voice, now: Instant
) -> Deadline:
    """As `reschedule`, as one step of a larger one."""
    before = tx.deadlines.get(id)
    deadline = deadlines.reschedule(before, when, reason=reason, by=by, now=now)
    _changed(tx, queue, languages, deadline, before.when, by, now)
    tx.audit.add("deadline rescheduled", id, _spoken(when), by=by, at=now)
    return deadline


def adjourn(
    store: Store, queue: Queue, languages: Iterable[str], id: str, *, reason: str, by: Voice, now: Instant
) -> Deadline:
    """Put off sine die; everybody who had the date is told. Staff are asked for a new one every 14 days."""
    with store.begin() as tx:
        before = tx.deadlines.get(id)
        deadline = deadlines.adjourn(before, reason=reason, by=by, now=now)
        _changed(tx, queue, languages, deadline, before.when, by, now)
        tx.audit.add("deadline adjourned", id, by=by, at=now)
    return deadline


def cancel(
    store: Store, queue: Queue, languages: Iterable[str], id: str, *, reason: str, by: Voice, now: Instant
) -> Deadline:
    """It will not take place; everybody who had the date is told. Raises Forbidden, NotFound, Conflict."""
    with store.begin() as tx:
        before = tx.deadlines.get(id)
        deadline = deadlines.cancel(before, reason=reason, by=by, now=now)
        _changed(tx, queue, languages, deadline, before.when, by, now)
        tx.audit.add("deadline cancelled", id, by=by, at=now)
    return deadline


def held(store: Store, id: str, *, outcome: str, by: Voice, now: Instant) -> Deadline:
    """It took place: what is left of its ladder is done with. Raises Forbidden, NotFound, Conflict, Invalid."""
    with store.begin() as tx:
        deadline = deadlines.held(tx.deadlines.get(id), outcome=outcome, by=by)
        tx.deadlines.save(deadline)
        revoke(tx, id, "it was held")
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


def _changed(
    tx: Tx, queue: Queue, languages: Iterable[str], deadline: Deadline, was: LocalTime | None, by: Voice, now: Instant
) -> None:
    """Retract the old ladder, correct those who had another date, and start the new ladder, if the date is vouched
    for.
    """
    calendars.outdated(tx, deadline, now)
    tx.deadlines.save(deadline)
    revoke(tx, deadline.id, f"the date changed: {deadline.state}")
    if deadline.state is State.ADJOURNED:
        climb(tx, deadline, [recheck(now)], now)
    if not deadline.confirmed:
        return
    told = notices.correct(tx, queue, languages, deadline, was, by=by, now=now)
    start(tx, deadline, now, told=told)


def _spoken(when: LocalTime) -> str:
    return when.claim or f"{when.wall:%Y-%m-%d %H:%M} {when.zone} ({when.precision})"
