"""What the pages show of lawyer and family: who can tell us of a case, what they said, and what of it waits for us."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from alerts.domain import questions
from alerts.domain.confidants import Confidant, lawyers_first
from alerts.domain.deadlines import ATTENDED, OPEN, Deadline
from alerts.domain.questions import Fate, Question
from alerts.domain.times import Instant
from alerts.store import views
from alerts.store.dates import CONFIDANT, DEADLINE, QUESTION
from alerts.store.tables import CASE
from alerts.store.tx import Tx
from alerts.store.views import About

MOST = 50


@dataclass(frozen=True, slots=True)
class Teller:
    """Somebody of a case, with the last thing that they said and what they are asked now."""

    confidant: Confidant
    said: Question | None
    asked: Question | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that only staff can do: ring, or send a link by hand. `kind` says which."""

    kind: str
    question: Question
    confidant: Confidant
    deadline: Deadline | None
    about: About | None


def tellers(tx: Tx, case_id: str) -> list[Teller]:
    """Who may be asked about a case, the lawyer first."""
    here = lawyers_first(tx.confidants.where(CONFIDANT.c.case_id == case_id, CONFIDANT.c.ended_at.is_(None)))
    known = tx.questions.where(QUESTION.c.confidant_id.in_([one.id for one in here]), by=QUESTION.c.asked_at.desc())
    rows = []
    for one in here:
        mine = [question for question in known if question.confidant_id == one.id]
        said = sorted((q for q in mine if q.answered_at), key=lambda q: q.answered_at or q.asked_at)
        rows.append(Teller(one, said[-1] if said else None, next((q for q in mine if q.fate is Fate.ASKED), None)))
    return rows


def of_confidant(tx: Tx, id: str) -> list[Question]:
    """All that one of them was asked, newest first."""
    return tx.questions.where(QUESTION.c.confidant_id == id, by=QUESTION.c.asked_at.desc(), limit=MOST)


def of_date(tx: Tx, deadline_id: str) -> list[tuple[Question, Confidant]]:
    """What was asked of one date, and whom, newest first."""
    found = tx.questions.where(QUESTION.c.deadline_id == deadline_id, by=QUESTION.c.asked_at.desc(), limit=MOST)
    people = _people(tx, (question.confidant_id for question in found))
    return [(question, people[question.confidant_id]) for question in found]


def waiting(tx: Tx, now: Instant) -> list[Waiting]:
    """Answers that nobody has dealt with, links that only staff can send, and lawyers who say nothing before a date."""
    q = QUESTION.c
    unhandled = (q.handled_at.is_(None), q.case_id.in_(sa.select(CASE.c.id).where(CASE.c.closed_at.is_(None))))
    answers = tx.questions.where(q.fate == Fate.ANSWERED, *unhandled, by=q.answered_at, limit=MOST)
    by_hand = tx.questions.where(q.fate == Fate.ASKED, *unhandled, q.until > now, by=q.asked_at, limit=MOST)
    silent = _silent(tx, now)
    found = [*(("told", one) for one in answers), *(("silent", one) for one in silent)]
    quiet = {one.id for one in silent}
    found += [("by-hand", one) for one in by_hand if one.id not in quiet]
    people = _people(tx, (one.confidant_id for _, one in found))
    dates = {d.id: d for d in tx.deadlines.where(DEADLINE.c.id.in_([one.deadline_id for _, one in found]))}
    cases = views.about(tx, (one.case_id for _, one in found))
    return [
        Waiting(kind, one, people[one.confidant_id], dates.get(one.deadline_id or ""), cases.get(one.case_id))
        for kind, one in found
        if people[one.confidant_id].here
    ]


def _silent(tx: Tx, now: Instant) -> list[Question]:
    """The last question of each date that is near and of which nobody has said a word."""
    d = DEADLINE.c
    near = tx.deadlines.where(d.starts_at.between(now, now + questions.BY_NOW), d.kind.in_(ATTENDED), d.state.in_(OPEN))
    found = []
    for deadline in near:
        of_all = of_date(tx, deadline.id)
        asked = [one for one, confidant in of_all if confidant.confirms] or [one for one, _ in of_all]
        if questions.silent(deadline, asked, now):
            found.append(asked[0])
    return found


def _people(tx: Tx, ids: Iterable[str]) -> dict[str, Confidant]:
    return {one.id: one for one in tx.confidants.where(CONFIDANT.c.id.in_(set(ids)))}
