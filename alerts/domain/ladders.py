"""A deadline's reminders: rungs before and after it, and which of them still make sense now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum

from alerts.domain.deadlines import Deadline, Kind
from alerts.domain.times import Instant, resolve

TOO_NEAR = timedelta(hours=1)
MORNING = time(9)


class Whom(StrEnum):
    SUBSCRIBERS = "subscribers"
    STAFF = "staff"


class Fate(StrEnum):
    PENDING = "pending"
    FIRED = "fired"
    SKIPPED = "skipped"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Rung:
    """So many days or hours before (negative) or after a deadline: tell these people."""

    days: int = 0
    hours: int = 0
    whom: Whom = Whom.SUBSCRIBERS

    @property
    def name(self) -> str:
        """As people write it: T-7d, T+6h."""
        amount, unit = (self.days, "d") if self.days else (self.hours, "h")
        return f"T{amount:+d}{unit}"

    @property
    def before(self) -> bool:
        return self.days < 0 or self.hours < 0


def _rungs(*days: int, hours: Sequence[int] = (), after: Rung, whom: Whom = Whom.SUBSCRIBERS) -> tuple[Rung, ...]:
    """Days and hours before the deadline, and the rung after it on which staff ask what happened."""
    return (*(Rung(days=-d, whom=whom) for d in days), *(Rung(hours=-h, whom=whom) for h in hours), after)


_ASK_6H, _ASK_1D = Rung(hours=6, whom=Whom.STAFF), Rung(days=1, whom=Whom.STAFF)

LADDERS: dict[Kind, tuple[Rung, ...]] = {
    Kind.HEARING: _rungs(14, 7, 3, 1, hours=[3], after=_ASK_6H),
    Kind.APPEAL: _rungs(14, 7, 3, 1, hours=[3], after=_ASK_6H),
    Kind.VERDICT: _rungs(3, 1, after=Rung(hours=2, whom=Whom.STAFF)),
    Kind.HOLD: _rungs(hours=[12, 2], after=Rung(hours=1, whom=Whom.STAFF)),
    Kind.REMAND: _rungs(7, 2, 1, after=_ASK_1D),
    Kind.APPEAL_END: _rungs(5, 2, 1, after=_ASK_1D, whom=Whom.STAFF),
    Kind.RELEASE: _rungs(60, 14, 1, after=_ASK_1D),
    Kind.SUMMIT: _rungs(60, 21, 7, 1, after=_ASK_1D),
    Kind.SUBMISSION: _rungs(60, 21, 7, after=_ASK_1D),
    Kind.RECHECK: _rungs(after=Rung(hours=0, days=0, whom=Whom.STAFF)),
    Kind.ANSWER: (*_rungs(15, after=Rung(whom=Whom.STAFF), whom=Whom.STAFF), Rung(days=7, whom=Whom.STAFF)),
    Kind.EMBARGO: _rungs(1, hours=[1], after=Rung(whom=Whom.STAFF), whom=Whom.STAFF),
    Kind.COURT_LIMIT: _rungs(2, after=_ASK_1D, whom=Whom.STAFF),
}


@dataclass(frozen=True, slots=True)
class Reminder:
    """One rung of one date of a deadline: whom to tell, when, and what became of it."""

    id: str
    deadline_id: str
    revision: int
    rung: str
    whom: Whom
    fire_at: Instant
    fate: Fate = Fate.PENDING
    reason: str = ""
    alert_id: str | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    rung: Rung
    fire_at: Instant
    fate: Fate
    reason: str = ""


def fires_at(rung: Rung, deadline: Deadline) -> Instant:
    """Days are counted on the wall clock of the place, hours in real time; a vague date is reminded of in the
    morning.
    """
    when = deadline.when
    assert when is not None
    if not rung.before:
        return when.ends + timedelta(days=rung.days, hours=rung.hours)
    if rung.hours:
        return when.instant + timedelta(hours=rung.hours)
    wall = when.wall if when.exact else datetime.combine(when.first, MORNING)
    return resolve(wall + timedelta(days=rung.days), when.zone)


def plan(deadline: Deadline, now: Instant, *, told: bool = False) -> list[Planned]:
    """The ladder of a date that has just been set or changed, oldest rung first.

    Rungs that are past do not fire one by one. If the nearest future rung is more than an hour away, the youngest past
    rung fires at once, and the others are skipped. `told`: a correction goes out and stands for that one reminder.
    """
    if not deadline.on:
        return []
    assert deadline.when is not None
    exact = deadline.when.exact
    rungs = [rung for rung in LADDERS[deadline.kind] if exact or not rung.hours or not rung.before]
    if deadline.ours:
        rungs = [replace(rung, whom=Whom.STAFF) for rung in rungs]
    timed = sorted(((fires_at(rung, deadline), rung) for rung in rungs), key=lambda pair: pair[0])
    past = [(at, rung) for at, rung in timed if at <= now and rung.before]
    future = [(at, rung) for at, rung in timed if at > now]
    nearest = min((at for at, rung in future if rung.before), default=None)
    catch_up = bool(past) and not told and (nearest is None or nearest - now > TOO_NEAR) and now <= deadline.when.ends
    planned = []
    for at, rung in past:
        if catch_up and rung is past[-1][1]:
            planned.append(Planned(rung, now, Fate.PENDING, "past when the date was set: told at once"))
        else:
            planned.append(Planned(rung, at, Fate.SKIPPED, _why(told, catch_up, now > deadline.when.ends)))
    return planned + [Planned(rung, at, Fate.PENDING) for at, rung in future]


def _why(told: bool, catch_up: bool, over: bool) -> str:
    if told:
        return "past: the correction stands for it"
    if over:
        return "past: it is over"
    return "past: a later reminder stands for it" if catch_up else "past: the next one is less than an hour away"


RECHECK_EVERY = timedelta(days=14)


def recheck(now: Instant) -> Planned:
    """What staff are asked of a deadline adjourned sine die: is there a date yet? Again every 14 days."""
    return Planned(
        Rung(days=14, whom=Whom.STAFF), now + RECHECK_EVERY, Fate.PENDING, "adjourned sine die: is there a date yet?"
    )
