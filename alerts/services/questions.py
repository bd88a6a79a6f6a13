"""Asking lawyer and family: before each date by the clock, at once by staff. Each rung asks each of them once."""

from dataclasses import replace

import sqlalchemy as sa

from alerts.domain import questions
from alerts.domain.confidants import Confidant, ConfidantRole
from alerts.domain.deadlines import ATTENDED, OPEN, Deadline
from alerts.domain.errors import Conflict, Invalid
from alerts.domain.questions import AHEAD, Fate, Question, What
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.queue import Queue
from alerts.services import asking, confidants
from alerts.services.ids import new_id
from alerts.services.letters import wake
from alerts.store import Store, Tx
from alerts.store.dates import DEADLINE, QUESTION


def ask_due(store: Store, queue: Queue, now: Instant) -> int:
    """Ask whoever can tell us of each date whose rung is due, once whoever else looks at the clock. Answers how many.

    What was asked of a date that has changed since is revoked; what nobody answered in time has lapsed.
    """
    with store.read() as tx:
        due, stale = _due(tx, now), tx.questions.count(*_revoked()) + tx.questions.count(*_lapsed(now))
    if stale:
        with store.begin() as tx:
            tx.questions.update(*_revoked(), fate=Fate.REVOKED)
            tx.questions.update(*_lapsed(now), fate=Fate.LAPSED)
    return sum(_ask_of(store, queue, id, now) for id in due)


def remind_lawyer(tx: Tx, queue: Queue, deadline: Deadline, rung: str, now: Instant) -> int:
    """A rung of an appeal period, to the lawyers of its case: it ends then; was the appeal filed?

    As one step of the transaction that fires the rung; nobody is asked twice. Answers how many lawyers we know.
    """
    here = confidants.of_case(tx, deadline.case_id) if deadline.case_id else []
    lawyers = [one for one in here if one.role is ConfidantRole.LAWYER]
    for one in lawyers:
        _ask(tx, queue, _question(one, What.APPEALED, deadline, rung, now), one, now)
    return len(lawyers)


def ask(
    store: Store,
    queue: Queue,
    confidant_id: str,
    what: What,
    *,
    by: Staff,
    now: Instant,
    deadline_id: str | None = None,
) -> Question:
    """Staff ask now. Raises Forbidden, NotFound, Invalid, Conflict (asked within the hour, or no date to ask of)."""
    by.must_be(Role.AUTHOR, "ask a confidant")
    with store.begin() as tx:
        deadline = _date(tx, what, deadline_id)
        confidant = tx.confidants.get(confidant_id)
        if not confidant.here:
            raise Conflict("They are asked no more: their part in the case is over.")
        if deadline:
            confidant.on(deadline)
        mine = (QUESTION.c.confidant_id == confidant.id, QUESTION.c.asked_at > now - questions.BETWEEN)
        questions.may_ask(tx.questions.where(*mine), what, now)
        question = _question(confidant, what, deadline, "", now)
        _ask(tx, queue, question, confidant, now)
        tx.audit.add("confidant asked", confidant.id, what.value, by=by, at=now)
    return question


def _due(tx: Tx, now: Instant) -> list[str]:
    """Dates with somebody whom their present rung has not reached."""
    d = DEADLINE.c
    near = (d.starts_at.between(now - AHEAD, now + AHEAD), d.kind.in_(ATTENDED), d.state.in_(OPEN))
    found = []
    for deadline in tx.deadlines.where(*near, d.case_id.is_not(None), by=d.starts_at):
        wanted = {question.once for question, _ in _of(tx, deadline, now)}
        if len(wanted) > tx.questions.count(QUESTION.c.once.in_(wanted)):
            found.append(deadline.id)
    return found


def _ask_of(store: Store, queue: Queue, id: str, now: Instant) -> int:
    with store.begin() as tx:
        return sum(
            _ask(tx, queue, question, confidant, now) for question, confidant in _of(tx, tx.deadlines.get(id), now)
        )


def _of(tx: Tx, deadline: Deadline, now: Instant) -> list[tuple[Question, Confidant]]:
    """What the rung that is due asks, and whom."""
    rung = questions.rung_due(deadline, now)
    here = confidants.of_case(tx, deadline.case_id) if rung and deadline.case_id else []
    return [(_question(one, What.STILL, deadline, rung.name, now), one) for one in here] if rung else []


def _question(confidant: Confidant, what: What, deadline: Deadline | None, rung: str, now: Instant) -> Question:
    question = Question(
        new_id(now), confidant.case_id, confidant.id, what, now, questions.ends(what, deadline, now), rung=rung,
        handled_at=now if confidant.email else None,
    )  # fmt: skip
    if deadline is None:
        return question
    return replace(question, deadline_id=deadline.id, revision=deadline.revision, when=deadline.when)


def _ask(tx: Tx, queue: Queue, question: Question, confidant: Confidant, now: Instant) -> bool:
    """Whether it was asked: of two clocks one is too late. Who reads no mail gets the link from staff."""
    row = tx.ledger.insert(QUESTION).values(tx.questions.dump(question))
    if tx.conn.execute(row.on_conflict_do_nothing().returning(QUESTION.c.id)).first() is None:
        return False
    if confidant.email:
        tx.letters.add(asking.letter(question, confidant, now))
        wake(tx, queue)
    return True


def _date(tx: Tx, what: What, deadline_id: str | None) -> Deadline | None:
    """The date that staff ask of. Raises Invalid, NotFound, Conflict."""
    if what is What.SEEN:
        return None
    if not deadline_id:
        raise Invalid("Say of which date they are asked.")
    deadline = tx.deadlines.get(deadline_id)
    if not deadline.open or deadline.when is None:
        raise Conflict("That date is not to come any more: there is nothing to ask of it.")
    return deadline


def _revoked() -> tuple[sa.ColumnElement[bool], ...]:
    d, q = DEADLINE.c, QUESTION.c
    changed = sa.or_(d.revision != q.revision, d.state.not_in(OPEN))
    return q.fate == Fate.ASKED, sa.exists().where(d.id == q.deadline_id, changed)


def _lapsed(now: Instant) -> tuple[sa.ColumnElement[bool], ...]:
    return QUESTION.c.fate == Fate.ASKED, QUESTION.c.until < now
