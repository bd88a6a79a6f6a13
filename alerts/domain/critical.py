"""When news of a case cannot wait: while a hold clock runs, and from the day before a hearing to the day after."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from alerts.domain.deadlines import ATTENDED, Deadline, Kind
from alerts.domain.times import Instant, LocalTime, resolve

A_DAY = timedelta(days=1)
LONGEST_HOLD = timedelta(days=3)
"""Police custody lasts 48 or 72 hours in the laws that we know. A hold that ends later is not running yet."""

ENDS = (Kind.HOLD,)


class Why(StrEnum):
    HOLD = "the hold runs out"
    COURT = "a court sits"


@dataclass(frozen=True, slots=True)
class Window:
    """Why a case is in critical hours, and when what they are about is due."""

    case_id: str
    why: Why
    when: LocalTime
    deadline_id: str = ""

    @property
    def at(self) -> Instant:
        return self.when.instant


def window(deadline: Deadline, now: Instant) -> Window | None:
    """The critical window that this date opens at `now`, if it does.

    Whoever entered the date: what nobody has confirmed yet is no reason to overlook news. A vague date opens it on each
    day that it may mean.
    """
    when = deadline.when
    if when is None or deadline.case_id is None or not deadline.open:
        return None
    if deadline.kind in ENDS and when.instant - LONGEST_HOLD <= now <= when.ends:
        return Window(deadline.case_id, Why.HOLD, when, deadline.id)
    if deadline.kind in ATTENDED:
        midnight = when.wall.replace(hour=0, minute=0)
        first = resolve(midnight - A_DAY, when.zone)
        last = resolve(midnight.replace(year=when.last.year, month=when.last.month, day=when.last.day), when.zone)
        if first <= now < last + 2 * A_DAY:
            return Window(deadline.case_id, Why.COURT, when, deadline.id)
    return None


def windows(deadlines: Iterable[Deadline], now: Instant) -> dict[str, Window]:
    """By case, the most pressing first: a hold before a hearing, the nearer before the later."""
    found = [each for each in (window(deadline, now) for deadline in deadlines) if each]
    by_case: dict[str, Window] = {}
    for each in sorted(found, key=lambda w: (w.why is not Why.HOLD, abs(w.at - now))):
        by_case.setdefault(each.case_id, each)
    return by_case
