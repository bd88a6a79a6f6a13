"""What lawyer and family answer, by the one-tap link, or by telephone to one of staff. What they say is RED."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from alerts.domain import questions
from alerts.domain.confidants import Confidant
from alerts.domain.deadlines import Deadline
from alerts.domain.errors import Conflict, NotFound
from alerts.domain.letters import Kind
from alerts.domain.questions import Given, Question, Seen, Then, What
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.queue import Queue
from alerts.services import confidants, deadlines
from alerts.services.ids import new_id
from alerts.services.letters import notice, wake, wanting
from alerts.services.links import WORDS, Purpose, subject
from alerts.store import Store, Tx
from alerts.store.tables import PERSON

SAW = (Seen.WELL, Seen.UNWELL)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as its page shows it. `initials`: of the person, for who has several clients; never a name.

    `stands`: whether the date is still the one that we asked about.
    """

    question: Question
    confidant: Confidant
    deadline: Deadline | None
    initials: str
    stands: bool


def asked(store: Store, token: str, now: Instant) -> Asked:
    """The question that a link is about. Raises NotFound, in the same words for every flaw."""
    with store.read() as tx:
        return _asked(tx, token, now)


def answer(store: Store, queue: Queue, languages: Iterable[str], token: str, given: Given, now: Instant) -> Asked:
    """Record an answer, and let it do to the date what it may; a later answer replaces it.

    Raises NotFound, Invalid (no choice, or a day that is over), Conflict (the date has changed since).
    """
    with store.begin() as tx:
        was = _asked(tx, token, now)
        confidant, deadline = was.confidant, was.deadline
        now_said = questions.answered(was.question, deadline, given, now)
        step, to = questions.then(was.question, confidant, deadline, given) if deadline else (Then.NOTE, None)
        if deadline and step is Then.MOVE:
            now_said = replace(now_said, led_to=deadline.revision + 1)
        tx.questions.save(now_said)
        confidants.heard(tx, confidant.id, now, seen=given.seen in SAW)
        tell_staff = now_said.handled_at is None or (step is Then.MOVE and not confidant.confirms)
        if tell_staff and not _just_told(was.question, now):
            _tell(tx, queue, confidant, now)
        if deadline and step is Then.MOVE and to:
            deadlines.rescheduled(
                tx, queue, languages, deadline.id, to, reason="", by=confidant.on(deadline), now=now,
                told_by=confidant.told_by,
            )  # fmt: skip
        elif deadline and step is Then.CONFIRM:
            word, who = confidant.on(deadline), confidant.told_by
            deadlines.confirmed(tx, queue, languages, deadline.id, by=word, now=now, told_by=who)
        tx.audit.add("question answered", now_said.id, step.value, by=confidant.voice, at=now)
        return _asked(tx, token, now)


def saw(store: Store, confidant_id: str, seen: Seen, *, by: Staff, now: Instant, text: str = "") -> Question:
    """What they said by telephone of the person, as one of staff heard it.

    Raises Forbidden, NotFound, Conflict, Invalid.
    """
    by.must_be(Role.AUTHOR, "record what a confidant says")
    with store.begin() as tx:
        confidant = tx.confidants.get(confidant_id)
        if not confidant.here:
            raise Conflict("They are asked no more: their part in the case is over.")
        bare = Question(new_id(now), confidant.case_id, confidant.id, What.SEEN, now, now)
        question = replace(questions.answered(bare, None, Given(seen=seen, text=text), now), handled_at=now)
        tx.questions.add(question)
        confidants.heard(tx, confidant.id, now, seen=seen in SAW)
        tx.audit.add("confidant spoke", confidant.id, by=by, at=now)
    return question


def handled(store: Store, id: str, *, by: Staff, now: Instant) -> Question:
    """Staff have sent it by hand, or have rung. Raises Forbidden, NotFound, Conflict."""
    by.must_be(Role.AUTHOR, "deal with an answer")
    with store.begin() as tx:
        question = tx.questions.get(id)
        if question.handled_at and question.handled_at > question.asked_at:
            raise Conflict("Somebody has done that already.")
        done = replace(question, handled_at=now)
        tx.questions.save(done)
        tx.audit.add("question handled", id, by=by, at=now)
    return done


def _asked(tx: Tx, token: str, now: Instant) -> Asked:
    id = subject(tx.vault, Purpose.TELL, token, now)
    question = tx.questions.find(tx.questions.table.c.id == id)
    if question is None:
        raise NotFound(WORDS)
    confidant = tx.confidants.look(question.confidant_id)
    if not confidant.here or tx.cases.look(question.case_id).closed_at:
        raise NotFound(WORDS)
    deadline = tx.deadlines.get(question.deadline_id) if question.deadline_id else None
    return Asked(question, confidant, deadline, _initials(tx, confidant), questions.stands(question, deadline))


def _initials(tx: Tx, confidant: Confidant) -> str:
    whose = PERSON.c.id == confidant.person_id if confidant.person_id else PERSON.c.case_id == confidant.case_id
    people = tx.people.where(whose, by=PERSON.c.position, limit=1)
    return " ".join(f"{part[0]}." for part in people[0].name.split()[:2]) if people else ""


def _just_told(question: Question, now: Instant) -> bool:
    """Who changes their answer again and again sends staff no letter each time."""
    return question.answered_at is not None and now - question.answered_at < questions.TOLD_AGAIN


def _tell(tx: Tx, queue: Queue, confidant: Confidant, now: Instant) -> None:
    """To staff who asked for such letters: that somebody has told us something, and of which case; never what."""
    staff = wanting(tx)
    said = {"codes": tx.cases.look(confidant.case_id).code}
    if staff:
        tx.letters.add(*(notice(Kind.TOLD, one, said, now) for one in staff))
        wake(tx, queue)
