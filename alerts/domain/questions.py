"""What lawyer and family are asked, when, and what their answer does. An answer is a choice, made on a page."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from alerts.domain.confidants import Confidant
from alerts.domain.deadlines import ATTENDED, Deadline
from alerts.domain.errors import Conflict, Invalid
from alerts.domain.ladders import Rung, fires_at
from alerts.domain.times import Instant, LocalTime, Precision

LADDER = (Rung(days=-3), Rung(hours=-15), Rung(hours=-2))
AHEAD = timedelta(days=5)
"""No rung is further before its date than this, whatever a zone's clocks do."""

BY_NOW = timedelta(hours=2)
"""Who has not answered this long before is rung."""

LATELY = timedelta(hours=15)
SEEN_LASTS = timedelta(days=2)
FILED_LASTS = timedelta(days=7)
BETWEEN = timedelta(hours=1)
TOLD_AGAIN = timedelta(minutes=10)
MOST_MOVES = 3
LONGEST = 500


class What(StrEnum):
    STILL = "still"
    SEEN = "seen"
    APPEALED = "appealed"


class Fate(StrEnum):
    ASKED = "asked"
    ANSWERED = "answered"
    LAPSED = "lapsed"
    REVOKED = "revoked"


class Answer(StrEnum):
    """To “is it still then?” and “was the appeal filed?”. Empty: they left that question out.

    `not then` is what becomes of “moved” without a day.
    """

    NONE = ""
    YES = "yes"
    MOVED = "moved"
    NOT_THEN = "not then"
    NO = "no"
    UNKNOWN = "unknown"


class Seen(StrEnum):
    NONE = ""
    WELL = "well"
    UNWELL = "unwell"
    REFUSED = "refused"
    NO = "no"


ANSWERS = {
    What.STILL: (Answer.YES, Answer.MOVED, Answer.UNKNOWN),
    What.APPEALED: (Answer.YES, Answer.NO, Answer.UNKNOWN),
    What.SEEN: (),
}


@dataclass(frozen=True, slots=True)
class Question:
    """One question to one confidant. `answer`, `seen` and `text` are sealed.

    `when` is the date that was asked about and `revision` its number; `led_to` is the number of the date that their
    answer set. `handled_at` is None while it waits for staff: to send the link by hand, or to do what the answer asks.
    """

    id: str
    case_id: str
    confidant_id: str
    what: What
    asked_at: Instant
    until: Instant
    deadline_id: str | None = None
    revision: int = 0
    rung: str = ""
    when: LocalTime | None = None
    fate: Fate = Fate.ASKED
    answer: str = ""
    seen: str = ""
    text: str = ""
    led_to: int | None = None
    answered_at: Instant | None = None
    handled_at: Instant | None = None

    @property
    def once(self) -> str:
        """What a second clock may not ask again; what staff ask has no rung, and stands by itself."""
        return f"{self.deadline_id}-{self.revision}-{self.rung}-{self.confidant_id}" if self.rung else self.id


@dataclass(frozen=True, slots=True)
class Given:
    """What was chosen and typed on the page."""

    answer: Answer = Answer.NONE
    seen: Seen = Seen.NONE
    to: LocalTime | None = None
    text: str = ""


class Then(StrEnum):
    """What an answer does to a date: it moves it, vouches for it, or is only written down."""

    MOVE = "move"
    CONFIRM = "confirm"
    NOTE = "note"


def rung_due(deadline: Deadline, now: Instant) -> Rung | None:
    """The youngest rung that is due; those before it are asked no more.

    Whoever vouched for the date after a rung's time has answered it.
    """
    if deadline.when is None or now >= deadline.when.ends:
        return None
    due = [rung for rung in _rungs(deadline) if fires_at(rung, deadline) <= now]
    if not due or (deadline.confirmed_at and fires_at(due[-1], deadline) <= deadline.confirmed_at):
        return None
    return due[-1]


def next_due(deadline: Deadline, now: Instant) -> Instant | None:
    """When its next rung comes, if it comes to that."""
    return min((at for rung in _rungs(deadline) if (at := fires_at(rung, deadline)) > now), default=None)


def _rungs(deadline: Deadline) -> list[Rung]:
    """A date that may mean several days is not asked of."""
    when = deadline.when
    if deadline.kind not in ATTENDED or not deadline.open or deadline.dateless or when is None:
        return []
    if when.precision not in (Precision.MINUTE, Precision.DAY):
        return []
    return [rung for rung in LADDER if when.exact or rung.days]


def ends(what: What, deadline: Deadline | None, now: Instant) -> Instant:
    """How long the link is good: until the hearing; a week after an appeal period; two days where there is no date."""
    if deadline is None or deadline.when is None or what is What.SEEN:
        return now + SEEN_LASTS
    return deadline.when.ends + (FILED_LASTS if what is What.APPEALED else timedelta())


def stands(question: Question, deadline: Deadline | None) -> bool:
    """Whether the date is still the one that was asked about, or the one that their own answer made of it."""
    if deadline is None or question.what is What.SEEN:
        return True
    return deadline.open and deadline.revision == (question.led_to or question.revision)


def answered(question: Question, deadline: Deadline | None, given: Given, now: Instant) -> Question:
    """The question with its answer; a later answer replaces it. Raises Conflict, Invalid (nothing was chosen)."""
    if not stands(question, deadline):
        raise Conflict("The date has changed since we asked: nothing was changed.")
    if not (given.answer in ANSWERS[question.what] or (given.seen and not given.answer)):
        raise Invalid("Nothing is done yet: choose one of the answers.")
    if given.to and given.answer is not Answer.MOVED:
        raise Invalid("You gave a new day: choose “moved” as well, or empty the day.")
    if given.to and given.to.ends < now:
        raise Invalid("That day is over already: look at it again.")
    if len(given.text) > LONGEST:
        raise Invalid(f"Please write at most {LONGEST} letters.")
    kept = replace(
        question, fate=Fate.ANSWERED, answer=_kept(given).value, seen=given.seen.value, text=given.text.strip(),
        answered_at=now,
    )  # fmt: skip
    return replace(kept, handled_at=None if needs_us(kept) else now)


def _kept(given: Given) -> Answer:
    return Answer.NOT_THEN if given.answer is Answer.MOVED and not given.to else given.answer


def then(question: Question, confidant: Confidant, deadline: Deadline, given: Given) -> tuple[Then, LocalTime | None]:
    """What the answer does to the date, and which date it sets. Raises Conflict (it was moved by this link too often).

    “Yes” after “moved” takes the move back. “Moved” without a day changes nothing: nobody knows where to go instead.
    """
    if question.what is not What.STILL:
        return Then.NOTE, None
    to = question.when if given.answer is Answer.YES else given.to
    if to and to != deadline.when:
        if (question.led_to or question.revision) - question.revision >= MOST_MOVES:
            raise Conflict("The date was moved three times by this link: please ring us.")
        return Then.MOVE, to
    if given.answer is Answer.YES and confidant.confirms and not deadline.confirmed:
        return Then.CONFIRM, None
    return Then.NOTE, None


def needs_us(question: Question) -> bool:
    """Whether an answer cannot wait, and nothing but what staff do will come of it."""
    unsure = question.answer in (Answer.UNKNOWN, Answer.NO, Answer.NOT_THEN)
    filed = question.what is What.APPEALED and question.answer == Answer.YES
    return unsure or filed or question.seen in (Seen.UNWELL, Seen.REFUSED)


def silent(deadline: Deadline, asked: Iterable[Question], now: Instant) -> bool:
    """Whether nobody has said a word on the date since the evening before, two hours before it, and nobody has rung.

    `asked`: what was asked of it, of the lawyers where there are any.
    """
    when = deadline.when
    if when is None or not (deadline.open and when.exact and when.instant - BY_NOW <= now <= when.instant):
        return False
    mine = [one for one in asked if one.what is What.STILL and one.revision == deadline.revision]
    heard = [deadline.confirmed_at, *(_heard(one) for one in mine)]
    return bool(mine) and not any(at and at >= when.instant - LATELY for at in heard)


def _heard(question: Question) -> Instant | None:
    """When they answered of the date, or staff rang them."""
    rang = question.handled_at if question.handled_at and question.handled_at > question.asked_at else None
    return question.answered_at if question.answer else rang


def may_ask(asked: Iterable[Question], what: What, now: Instant) -> None:
    """Raises Conflict where staff would ask the same again within the hour."""
    if any(one.what is what and one.fate is Fate.ASKED and now - one.asked_at < BETWEEN for one in asked):
        raise Conflict("They were asked this within the last hour: give them time, or ring them.")
