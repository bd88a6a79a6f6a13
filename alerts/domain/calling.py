"""The call list: who holds an old date that comes too soon for mail alone, and who of them has said that they know."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from alerts.domain.cadence import imminent
from alerts.domain.deadlines import Deadline, State
from alerts.domain.errors import Conflict
from alerts.domain.need import LAST
from alerts.domain.staff import Role, Voice
from alerts.domain.times import Instant, LocalTime


class How(StrEnum):
    RANG = "rang"
    WROTE = "wrote"
    NOT_REACHED = "not reached"


class Mailed(StrEnum):
    """Where the correction is."""

    SENT = "sent"
    PENDING = "pending"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Call:
    """One person who holds what stood under an older number, to be told what stands under this one."""

    deadline_id: str
    revision: int
    subscriber_id: str
    ticked_at: Instant | None = None
    ticked_by: str | None = None
    how: How | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """A call with what else is known: where their mail is, when they answered it, how much they need it (`need`)."""

    call: Call
    mailed: Mailed
    said_at: Instant | None = None
    rank: int = LAST

    @property
    def knows(self) -> bool:
        """They said so themselves, or one of us has told them."""
        return self.said_at is not None or self.call.how in (How.RANG, How.WROTE)

    @property
    def phone_only(self) -> bool:
        return not self.knows and self.mailed is Mailed.FAILED

    @property
    def silent(self) -> bool:
        return not self.knows and self.mailed is not Mailed.FAILED


@dataclass(frozen=True, slots=True)
class Count:
    know: int = 0
    silent: int = 0
    phone_only: int = 0

    @property
    def holders(self) -> int:
        return self.know + self.silent + self.phone_only

    @property
    def to_ring(self) -> int:
        return self.silent + self.phone_only


def needed(was: LocalTime | None, when: LocalTime | None, now: Instant) -> bool:
    """Whether a change comes so late that mail alone will not do: the old date is near, or the new one."""
    return imminent(was, now) or imminent(when, now)


def brought_forward(was: LocalTime | None, when: LocalTime | None, now: Instant) -> bool:
    """Whether it comes earlier than it stood, and within the notice window: then all that is left is said at once."""
    return bool(was and when and when.instant < was.instant and imminent(when, now))


def of_use(deadline: Deadline, now: Instant) -> bool:
    """Whether it still matters who knows."""
    return deadline.state not in (State.HELD, State.REPORTED) and not (deadline.when and deadline.when.ends <= now)


def order(holders: Iterable[Holder]) -> list[Holder]:
    """Whom to ring first: who needs it most, then whom no mail reaches; those we tried in vain wait their turn again.

    Who knows comes last.
    """
    return sorted(
        holders,
        key=lambda one: (one.knows, one.rank, one.call.how is not None, not one.phone_only, one.call.subscriber_id),
    )


def count(holders: Iterable[Holder]) -> Count:
    found = list(holders)
    return Count(
        sum(one.knows for one in found), sum(one.silent for one in found), sum(one.phone_only for one in found)
    )


def tick(call: Call, how: How, *, by: Voice, now: Instant) -> Call:
    """What came of trying to tell them. Raises Forbidden, Conflict (somebody has told them already)."""
    by.must_be(Role.AUTHOR, "tick a call")
    if call.how in (How.RANG, How.WROTE):
        raise Conflict("Somebody has told them already.")
    return replace(call, how=how, ticked_by=by.id, ticked_at=now)
