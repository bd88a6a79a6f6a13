"""A deadline's reminders: rungs before and after it, and which of them still make sense now."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum

from alerts.domain.deadlines import ATTENDED, Deadline, Kind
from alerts.domain.errors import Invalid
from alerts.domain.times import Instant, resolve

TOO_NEAR = timedelta(hours=1)
MORNING = time(9)


class Whom(StrEnum):
    SUBSCRIBERS = "subscribers"
    STAFF = "staff"
    LAWYER = "lawyer"


class Fate(StrEnum):
    """`missed`: the desk was down until it was too late, and a person must decide what to do."""

    PENDING = "pending"
    FIRED = "fired"
    SKIPPED = "skipped"
    REVOKED = "revoked"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Rung:
    """So many days or hours before (negative) or after a deadline: tell these people.

    `at`: at this hour of that day on the clock of the place. `share`: instead, so many per cent of the time from when
    it was entered before it.
    """

    days: int = 0
    hours: int = 0
    whom: Whom = Whom.SUBSCRIBERS
    at: time | None = None
    share: int = 0

    @property
    def name(self) -> str:
        """As people write it: T-7d, T+6h, T-1d 09:00, T-50%."""
        amount, unit = (self.share, "%") if self.share else (self.days, "d") if self.days else (self.hours, "h")
        return f"T{amount:+d}{unit}{f' {self.at:%H:%M}' if self.at else ''}"

    @property
    def before(self) -> bool:
        return self.days < 0 or self.hours < 0 or self.share < 0


_NAME = re.compile(r"T?([+-]?)(\d{1,3})([dh%])(?: (\d\d):(\d\d))?", re.IGNORECASE)


def rung(text: str, whom: Whom = Whom.SUBSCRIBERS) -> Rung:
    """`T-3d`, `3d` (before, where no sign says so), `+6h`, `T-1d 09:00`, `T-50%`. Raises Invalid."""
    found = _NAME.fullmatch(text.strip())
    amount = int(found[2]) if found else 0
    hour, minute = (int(found[4] or 0), int(found[5] or 0)) if found else (0, 0)
    timed = bool(found and found[4])
    if not found or hour > 23 or minute > 59 or (timed and found[3] not in "dD") or not amount > 0:
        raise Invalid(f"“{text.strip()}” is no reminder: write days or hours before as 3d or 12h, after as +6h.")
    amount *= 1 if found[1] == "+" else -1
    unit = {"d": "days", "h": "hours", "%": "share"}[found[3].lower()]
    if unit == "share" and not -100 < amount < 0:
        raise Invalid(f"“{text.strip()}” is no reminder: a share of the time lies before it, as T-50%.")
    return Rung(whom=whom, at=time(hour, minute) if timed else None, **{unit: amount})


def _rungs(*days: int, hours: Sequence[int] = (), after: Rung, whom: Whom = Whom.SUBSCRIBERS) -> tuple[Rung, ...]:
    """Days and hours before the deadline, and the rung after it on which staff ask what happened."""
    return (*(Rung(days=-d, whom=whom) for d in days), *(Rung(hours=-h, whom=whom) for h in hours), after)


def _private(*rungs: Rung, after: Rung) -> tuple[Rung, ...]:
    """Only for us and the lawyer: readers can do nothing about it."""
    return (*(replace(rung, whom=whom) for rung in rungs for whom in (Whom.STAFF, Whom.LAWYER)), after)


_ASK_6H, _ASK_1D = Rung(hours=6, whom=Whom.STAFF), Rung(days=1, whom=Whom.STAFF)

LADDERS: dict[Kind, tuple[Rung, ...]] = {
    Kind.HEARING: _rungs(14, 7, 3, 1, hours=[3], after=_ASK_6H),
    Kind.APPEAL: _rungs(14, 7, 3, 1, hours=[3], after=_ASK_6H),
    Kind.VERDICT: _rungs(3, 1, after=Rung(hours=2, whom=Whom.STAFF)),
    Kind.HOLD: _rungs(hours=[12, 2], after=Rung(hours=1, whom=Whom.STAFF)),
    Kind.REMAND: _rungs(7, 2, 1, after=_ASK_1D),
    Kind.APPEAL_END: _private(Rung(share=-50), Rung(days=-5), Rung(days=-2), Rung(days=-1), after=_ASK_1D),
    Kind.RELEASE: _rungs(60, 14, 1, after=_ASK_1D),
    Kind.SUMMIT: _rungs(60, 21, 7, 1, after=_ASK_1D),
    Kind.SUBMISSION: _rungs(60, 21, 7, after=_ASK_1D),
    Kind.RECHECK: _rungs(after=Rung(hours=0, days=0, whom=Whom.STAFF)),
    Kind.ANSWER: (*_rungs(15, after=Rung(whom=Whom.STAFF), whom=Whom.STAFF), Rung(days=7, whom=Whom.STAFF)),
    Kind.EMBARGO: _rungs(1, hours=[1], after=Rung(whom=Whom.STAFF), whom=Whom.STAFF),
    Kind.COURT_LIMIT: _rungs(2, after=_ASK_1D, whom=Whom.STAFF),
}


def for_readers(rungs: Iterable[Rung]) -> bool:
    """Whether readers are reminded at all: of some dates only staff and lawyers are."""
    return any(one.before and one.whom is Whom.SUBSCRIBERS for one in rungs)


PUBLIC = tuple(kind for kind, rungs in LADDERS.items() if for_readers(rungs))
"""Kinds of which readers are reminded."""

NAG = Rung(days=1, at=MORNING)
"""Who wants to be asked until it is reported is asked each morning after what people come to."""


def ladder(
    kind: Kind, own: Sequence[str] = (), asked: Iterable[str] = (), nag: bool = False
) -> tuple[Rung, ...]:  # fmt: skip
    """The rungs of one deadline. `own`: those of its case, as `hearing T-10d`, in the place of ours. `asked`: what
    readers ask for besides; no reader makes a rung where all of them are ours and the lawyer's. `nag`: some of them
    want to be asked what became of it.
    """
    rungs = _own(kind, own) or LADDERS[kind]
    if not for_readers(rungs):
        return rungs
    names = {one.name for one in rungs if one.whom is Whom.SUBSCRIBERS}
    after = (NAG,) if nag and kind in ATTENDED else ()
    return (*rungs, *(rung(name) for name in sorted(set(asked) - names)), *after)


def _own(kind: Kind, own: Sequence[str]) -> tuple[Rung, ...]:
    """After it staff are asked in any case, and what is ours and the lawyer's stays so."""
    mine = [rung(name) for of, _, name in (word.partition(" ") for word in own) if of == kind]
    whoms = dict.fromkeys(one.whom for one in LADDERS[kind] if one.before)
    before = [replace(one, whom=whom) for one in mine if one.before for whom in whoms]
    after = [replace(one, whom=Whom.STAFF) for one in mine if not one.before]
    asks = after or [one for one in LADDERS[kind] if not one.before]
    return (*before, *asks) if mine else ()


def own_ladders(own: Sequence[str]) -> list[tuple[Kind, list[str]]]:
    """What a case has of its own, kind by kind."""
    found: dict[Kind, list[str]] = {}
    for word in own:
        kind, _, name = word.partition(" ")
        found.setdefault(Kind(kind), []).append(name)
    return list(found.items())


def check(kind: Kind, names: Iterable[str]) -> tuple[str, ...]:
    """A case's own rungs of one kind as they are kept. Raises Invalid."""
    found = [rung(name) for name in names]
    if found and not any(one.before for one in found):
        raise Invalid("Name at least one reminder before the date, as 3d; without any it has the desk's.")
    return tuple(dict.fromkeys(f"{kind} {one.name}" for one in found))


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

    @property
    def before(self) -> bool:
        return self.rung.startswith("T-")


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
    if rung.share and deadline.created_at:
        return when.instant + (when.instant - deadline.created_at) * rung.share / 100
    if rung.at:
        return resolve(datetime.combine(when.first if rung.before else when.last, rung.at) + _days(rung), when.zone)
    if not rung.before:
        return when.ends + timedelta(days=rung.days, hours=rung.hours)
    if rung.hours:
        return when.instant + timedelta(hours=rung.hours)
    wall = when.wall if when.exact else datetime.combine(when.first, MORNING)
    return resolve(wall + _days(rung), when.zone)


def _days(rung: Rung) -> timedelta:
    return timedelta(days=rung.days)


def _possible(rung: Rung, deadline: Deadline) -> bool:
    """No hours before a date whose hour nobody knows, no share of a time that did not pass."""
    assert deadline.when is not None
    if rung.share:
        return bool(deadline.created_at and deadline.created_at < deadline.when.instant)
    return deadline.when.exact or not rung.hours or not rung.before


def plan(
    deadline: Deadline, now: Instant, *, told: bool = False, rungs: Sequence[Rung] | None = None
) -> list[Planned]:  # fmt: skip
    """The ladder of a date that has just been set or changed, oldest rung first; each audience climbs its own.

    Rungs that are past do not fire one by one. If the nearest future rung is more than an hour away, the youngest past
    rung fires at once, and the others are skipped. `told`: a correction goes out and stands for that one reminder.
    """
    if not deadline.on:
        return []
    possible = [one for one in rungs or LADDERS[deadline.kind] if _possible(one, deadline)]
    if deadline.closed:
        possible = [one for one in possible if one.whom is not Whom.SUBSCRIBERS]
    if deadline.ours:
        possible = [replace(one, whom=Whom.STAFF) if one.whom is Whom.SUBSCRIBERS else one for one in possible]
    found = []
    for whom in Whom:
        timed = [(fires_at(one, deadline), one) for one in possible if one.whom is whom]
        found += _climbed(deadline, sorted(timed, key=lambda pair: pair[0]), now, told)
    return sorted(found, key=lambda planned: planned.fire_at)


def _climbed(deadline: Deadline, timed: list[tuple[Instant, Rung]], now: Instant, told: bool) -> list[Planned]:
    assert deadline.when is not None
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
