"""A hearing as a chain: what it was before, who said so, and that nobody changes what they have not seen."""

from dataclasses import dataclass

from alerts.domain.deadlines import OPEN, Deadline, State, Teller
from alerts.domain.errors import Conflict
from alerts.domain.times import Instant, LocalTime


@dataclass(frozen=True, slots=True)
class Was:
    """A deadline as it stood under one number, until `ended_at`. A link of its chain is never changed or removed."""

    id: str
    deadline_id: str
    revision: int
    when: LocalTime | None
    court: str
    state: State
    reason: str
    told_by: Teller | None
    set_by: str
    set_at: Instant | None
    confirmed_by: str | None
    ended_at: Instant | None

    @property
    def told(self) -> LocalTime | None:
        """The date that readers could have had by then; None where there was none for them."""
        return self.when if self.confirmed_by and self.state in OPEN else None

    @property
    def until(self) -> Instant | None:
        """How long that date matters to anybody."""
        return self.told.ends if self.told else None


def was(deadline: Deadline, id: str, now: Instant) -> Was:
    """What is about to be changed, as a link of the chain."""
    d = deadline
    return Was(
        id, d.id, d.revision, d.when, d.court, d.state, d.reason, d.told_by, d.set_by, d.changed_at, d.confirmed_by, now
    )


def stood(chain: list[Was]) -> Was | None:
    """What people had reason to expect before: the newest link that somebody stood for. None: nobody ever did."""
    return max((link for link in chain if link.confirmed_by), key=lambda link: link.revision, default=None)


def check_seen(deadline: Deadline, seen: int | None, who: str) -> None:
    """Raises Conflict if `who` has changed it since it had the number that was `seen`. None: nobody looked."""
    if seen is not None and seen != deadline.revision:
        raise Conflict(f"{who} {_did(deadline)} since you looked: look again.")


def _did(deadline: Deadline) -> str:
    match deadline.state:
        case State.ADJOURNED:
            return "put it off without a date"
        case State.CANCELLED:
            return "cancelled it"
        case State.CLOSED:
            return "said that it is closed to the public"
        case State.RELOCATED:
            return f"moved it to {deadline.court}"
    return f"moved it to {spoken(deadline.when)}" if deadline.when else "changed it"


def spoken(when: LocalTime) -> str:
    """A date in the words of the audit log and of a refusal."""
    if when.exact:
        return f"{when.wall:%Y-%m-%d %H:%M} {when.zone}"
    return when.claim or f"{when.wall:%Y-%m-%d %H:%M} {when.zone} ({when.precision})"
