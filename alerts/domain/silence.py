"""Silence as an event: what we wait to hear, and when hearing nothing is an alarm.

Each fires once, and again only after news.
"""

from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from alerts.domain.deadlines import OPEN, Deadline, State
from alerts.domain.errors import Conflict, Invalid
from alerts.domain.times import Instant

AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)


class Awaited(StrEnum):
    """What we wait to hear."""

    SEEN = "seen"
    CHECK_IN = "check-in"
    COURT = "court"
    ANSWER = "answer"
    OBSERVER = "observer"
    OUTCOME = "outcome"
    SOURCE = "source"


WHAT = {
    Awaited.SEEN: "the lawyer has not seen the client",
    Awaited.CHECK_IN: "they have not checked in",
    Awaited.COURT: "nothing is heard from the court since custody should have ended",
    Awaited.ANSWER: "the time to answer is over, and no answer is known",
    Awaited.OBSERVER: "whoever promised to be in court has sent no word",
    Awaited.OUTCOME: "nobody has said what happened",
    Awaited.SOURCE: "a starred source has brought nothing new for long",
}
"""What silence means, in a sentence that follows the name of a case."""

TO_DO = {
    Awaited.SEEN: "ring the lawyer; if they cannot get in, write the urgent appeal",
    Awaited.CHECK_IN: "ring them, then the lawyer and the family; if nobody has heard, write the urgent appeal",
    Awaited.COURT: "ask the lawyer where the client is, and by whose order; if nobody knows, write the urgent appeal",
    Awaited.ANSWER: "ask for the answer once more; if publicity is wanted, say that there was none",
    Awaited.OBSERVER: "ring them: did they get in, and are they safe?",
    Awaited.OUTCOME: "ring the lawyer, and say what happened",
    Awaited.SOURCE: "open it in a browser; if it has a newer feed, change its address",
}
"""What whoever must act does first."""

ABOUT_PEOPLE = (Awaited.SEEN, Awaited.CHECK_IN, Awaited.COURT)
"""Somebody may be in danger now."""

AFTER_DATES = {
    "hold": (Awaited.COURT, AN_HOUR),
    "remand": (Awaited.COURT, A_DAY),
    "hearing": (Awaited.OUTCOME, A_DAY),
    "verdict": (Awaited.OUTCOME, A_DAY),
    "appeal": (Awaited.OUTCOME, A_DAY),
    "release": (Awaited.OUTCOME, A_DAY),
    "answer": (Awaited.ANSWER, timedelta(0)),
}
"""By kind of deadline: what must be heard once it has passed, and how long after.

Staff are asked what happened some hours after a hearing; after a day of silence it is an alarm.
"""

AFTER_HEARING = timedelta(hours=6)
"""Who promised to be in court has so long to send word."""

LAWYER = timedelta(days=7)
"""Without another word, so long may the lawyer of somebody in custody not see them."""

LONGEST = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Silence:
    """One thing that we wait to hear, of a case, a date or a source.

    `since`: the last news, or when we began to listen. `due_at`: silence until then is an alarm; None while we do not
    listen. `every`: hours that may pass between news; 0: it is awaited once. `who` must act, and `note` says how, where
    staff said so. `kept_by`: staff who asked for it; empty: it follows from what the desk knows. `off`: they do not
    want it.
    """

    id: str
    awaited: Awaited
    since: Instant
    due_at: Instant | None
    every: int = 0
    case_id: str | None = None
    deadline_id: str | None = None
    source_id: str | None = None
    who: str = ""
    note: str = ""
    kept_by: str = ""
    heard_by: str = ""
    fired_at: Instant | None = None
    off: bool = False

    @property
    def what(self) -> str:
        return WHAT[self.awaited]

    @property
    def act(self) -> str:
        return TO_DO[self.awaited]


def named(awaited: Awaited, subject: str, revision: int = 0) -> str:
    """The id of a silence: the same whoever begins to listen. Each date of a deadline has its own."""
    return f"{awaited}-{subject}-{revision}" if revision else f"{awaited}-{subject}"


def grace(awaited: Awaited, every: int) -> timedelta:
    """How late news may come: a check-in is given a quarter of its rhythm, between 15 minutes and 2 hours."""
    if awaited is not Awaited.CHECK_IN:
        return timedelta(0)
    return max(timedelta(minutes=15), min(timedelta(hours=every) / 4, timedelta(hours=2)))


def from_custody(case_id: str, now: Instant) -> Silence:
    """Somebody is in custody: their lawyer must see them."""
    hours = LAWYER // AN_HOUR
    return Silence(named(Awaited.SEEN, case_id), Awaited.SEEN, now, now + LAWYER, hours, case_id)


def from_date(deadline: Deadline) -> Silence | None:
    """What must be heard after this date; None where nothing must, or it has no date.

    Whoever entered the date, and however sure it is: a clock that may be wrong is a reason to ask, never to wait.
    """
    if not deadline.open or deadline.when is None or deadline.kind not in AFTER_DATES:
        return None
    awaited, wait = AFTER_DATES[deadline.kind]
    return _of_date(deadline, awaited, deadline.when.ends, wait)


def from_promise(deadline: Deadline) -> Silence | None:
    """Somebody promised to be there: they must send word, whether or not others have told us what happened."""
    if deadline.state not in (*OPEN, State.HELD) or deadline.when is None:
        return None
    return _of_date(deadline, Awaited.OBSERVER, deadline.when.ends, AFTER_HEARING)


def from_source(source_id: str, since: Instant, now: Instant) -> Silence:
    """A starred source was found to be quiet, measured by its own rhythm: that is an alarm by itself."""
    return Silence(named(Awaited.SOURCE, source_id), Awaited.SOURCE, since, now, source_id=source_id)


def _of_date(deadline: Deadline, awaited: Awaited, since: Instant, wait: timedelta) -> Silence:
    id = named(awaited, deadline.id, deadline.revision)
    return Silence(id, awaited, since, since + wait, case_id=deadline.case_id, deadline_id=deadline.id)


def asked_for(
    known: Silence | None, awaited: Awaited, case_id: str, *, every: int, once: Instant | None, who: str, note: str,
    by: str, now: Instant,
) -> Silence:  # fmt: skip
    """As staff want it: news every so many hours, or first (or only) by `once`. Neither: they do not want it.

    What is asked for again as it was goes on from its last news. Raises Invalid.
    """
    if not 0 <= every <= LONGEST // AN_HOUR:
        raise Invalid(f"Say at most {LONGEST.days} days, and no less than an hour.")
    if once and once <= now:
        raise Invalid("That time is over already: say when they will check in next.")
    goes_on = known is not None and known.due_at is not None
    since = known.since if known and goes_on else now
    silence = replace(
        known or Silence(named(awaited, case_id), awaited, now, None, case_id=case_id),
        since=since, every=every, who=who, note=note.strip(), kept_by=by, off=not (every or once), fired_at=None,
    )  # fmt: skip
    if known and goes_on and known.every == every and not once:
        return replace(silence, due_at=known.due_at, fired_at=known.fired_at)
    return replace(silence, due_at=once + grace(awaited, every) if once else _next(silence))


def heard(silence: Silence, at: Instant, by: str = "") -> Silence:
    """There is news: listen anew. What was awaited once is over. Raises Conflict (nobody listens; of a source)."""
    if silence.due_at is None:
        raise Conflict("This is not waited for any more: somebody has heard, or it is over.")
    if silence.awaited is Awaited.SOURCE:
        raise Conflict("Only the source itself ends this: it is over once it brings something new.")
    silence = replace(silence, since=at, heard_by=by, fired_at=None)
    return replace(silence, due_at=_next(silence))


def later(silence: Silence, now: Instant) -> Silence:
    """Whoever must act is at it: it fires again if there is still nothing in 12 hours; of a source, in a week.

    Raises Conflict (there is no alarm).
    """
    if silence.fired_at is None:
        raise Conflict("There is no alarm to put off: somebody has put it off, or there is news.")
    wait = timedelta(days=7) if silence.awaited is Awaited.SOURCE else timedelta(hours=12)
    return replace(silence, due_at=now + wait, fired_at=None)


def over(silence: Silence) -> Silence:
    """There is nothing to wait for any more."""
    return replace(silence, due_at=None, fired_at=None)


def looked_at(silence: Silence, news: Instant | None, is_over: bool, now: Instant) -> Silence:
    """What has become of it by now: over, armed anew by news, or silent for so long that it fires.

    News that is itself so old that the next one is overdue fires at once: the desk was down, not the world.
    """
    if is_over:
        return over(silence)
    if news and news > silence.since:
        silence = heard(silence, news)
    if silence.fired_at is None and silence.due_at and silence.due_at <= now:
        return replace(silence, fired_at=now)
    return silence


def _next(silence: Silence) -> Instant | None:
    return (
        silence.since + timedelta(hours=silence.every) + grace(silence.awaited, silence.every)
        if silence.every
        else None
    )


def whose(silence: Silence, set_by: str, here: Container[str]) -> str:
    """Who of staff must act: whom staff named, else who asked to listen, else who entered the date, if they are `here`.

    Empty: whoever is at the desk.
    """
    return next((id for id in (silence.who, silence.kept_by, set_by) if id in here), "")
