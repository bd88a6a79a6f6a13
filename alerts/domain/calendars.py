"""A reader's calendar: what they may be told of a deadline, as entries, before they are words.

Google drops what is CANCELLED without a word, so a date that was moved or cancelled leaves an entry of its own where it
stood, to be seen by whoever looks at that day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from alerts.domain.alerts import Notice
from alerts.domain.chains import Was
from alerts.domain.deadlines import Deadline, Kind, State
from alerts.domain.ladders import LADDERS, Rung, Whom, fires_at, rung
from alerts.domain.times import Instant, LocalTime, Precision

KEPT = timedelta(days=30)
"""How long an entry stays in a feed once its day is over."""


class Status(StrEnum):
    """As RFC 5545 writes it."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


class Mark(StrEnum):
    """What the title says first, for programs that look at no status."""

    NONE = ""
    UNSURE = "to be confirmed"
    MOVED = "moved"
    PUT_OFF = "put off"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Calendar:
    """A reader's secret feed. The id is the hash of what its address holds."""

    id: str
    subscriber_id: str
    made_at: Instant


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry at `when`. `uid`: what it is known by, in the feed and in the mail alike, the same for all readers.

    `notice.when` is the date that holds now: another one than `when` where this entry says “moved”. `alarms`: how long
    before the start. `country`: where no place is known.
    """

    uid: str
    sequence: int
    status: Status
    notice: Notice
    when: LocalTime
    changed_at: Instant
    mark: Mark = Mark.NONE
    alarms: tuple[timedelta, ...] = ()
    country: str = ""
    reference: str = ""
    fictional: bool = False

    @property
    def busy(self) -> bool:
        """Whether it takes up somebody's time: what has no hour, or takes place no more, does not."""
        return self.when.exact and self.mark in (Mark.NONE, Mark.UNSURE)


def sequence(revision: int, *, confirmed: bool = True) -> int:
    """Rises when a date is changed, and again when the change is confirmed: between the two it is not sure."""
    return 2 * revision - (not confirmed)


def wished(rungs: str) -> tuple[Rung, ...] | None:
    """A reader's own reminders, as `T-3d;T-3h`; None where they take the ladder of each kind."""
    return tuple(rung(name) for name in rungs.split(";") if name) or None


def alarms(kind: Kind, when: LocalTime, rungs: Iterable[Rung] | None = None) -> tuple[timedelta, ...]:
    """When a calendar rings: as the ladder of its kind, or the reader's own, would remind them. The longest first."""
    ladder = LADDERS[kind] if rungs is None else rungs
    before = [one for one in ladder if one.before and one.whom is Whom.SUBSCRIBERS]
    date = Deadline("", kind, when)
    return tuple(
        sorted({fires_at(one, date) - when.instant for one in before if when.exact or not one.hours})
    )  # fmt: skip


def discreet(notice: Notice, case_id: str | None) -> Notice:
    """Without a name, and without free words about a case that may hold one: calendars are seen by others."""
    return replace(notice, names=(), title="" if case_id else notice.title)


def entries(
    deadline: Deadline, chain: Sequence[Was], notice: Notice, now: Instant, rungs: Iterable[Rung] | None = None
) -> list[Entry]:
    """What a feed holds of a deadline. `chain`: what it was, the oldest first; `notice`: as they may know it.

    A change that nobody has confirmed yet makes the date that was told unsure, and says no more.
    """
    had = [(link, when) for link in chain if (when := link.told)]
    stands = _stands(deadline, had[-1][1] if had else None)
    if stands is None:
        return []
    when, status, mark = stands
    changed = deadline.confirmed_at if deadline.confirmed else had[-1][0].ended_at
    assert changed is not None
    number = sequence(deadline.revision, confirmed=deadline.confirmed)
    main = Entry(deadline.id, number, status, replace(notice, when=when), when, changed, mark, country=deadline.country)
    gone = mark in (Mark.CANCELLED, Mark.PUT_OFF)
    found = [main if gone else replace(main, alarms=alarms(deadline.kind, when, rungs))]
    for link, old in {_place(old): (link, old) for link, old in had}.values():
        if gone or _place(old) != _place(when):
            found.append(replace(
                main, uid=f"{deadline.id}|{link.revision}", status=Status.CONFIRMED, when=old,
                mark=mark if gone else Mark.MOVED,
            ))  # fmt: skip
    return [entry for entry in found if entry.when.ends >= now - KEPT]


def invitation(
    uid: str, revision: int, notice: Notice, changed_at: Instant, country: str = "", rungs: Iterable[Rung] | None = None
) -> Entry | None:
    """What the mail about a date holds for a calendar: one entry, under the same UID as in the feed.

    None where there never was a date that a calendar could show.
    """
    gone = {State.CANCELLED: Mark.CANCELLED, State.ADJOURNED: Mark.PUT_OFF}.get(State(notice.state))
    when = notice.when or notice.was
    if when is None:
        return None
    status = Status.CANCELLED if gone else _sure(when)
    ring = () if gone else alarms(Kind(notice.deadline), when, rungs)
    return Entry(uid, sequence(revision), status, notice, when, changed_at, gone or Mark.NONE, ring, country)


def _stands(deadline: Deadline, last: LocalTime | None) -> tuple[LocalTime, Status, Mark] | None:
    """Where it is shown now, and as what; None where readers were never told of a date. `last`: the one before."""
    if not deadline.confirmed:
        return (last, Status.TENTATIVE, Mark.UNSURE) if last else None
    if deadline.state in (State.CANCELLED, State.ADJOURNED) or deadline.when is None:
        mark = Mark.CANCELLED if deadline.state is State.CANCELLED else Mark.PUT_OFF
        return (last, Status.CANCELLED, mark) if last else None
    return deadline.when, _sure(deadline.when), Mark.NONE


def _sure(when: LocalTime) -> Status:
    return Status.CONFIRMED if when.precision in (Precision.MINUTE, Precision.DAY) else Status.TENTATIVE


def _place(when: LocalTime) -> tuple[object, ...]:
    return when.wall, when.zone, when.last
