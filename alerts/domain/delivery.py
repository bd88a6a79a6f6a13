"""What a channel may answer, and what a recipient's delivery becomes of it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from alerts.domain.times import Instant

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=2)
GIVE_UP_AFTER = timedelta(hours=72)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Sent:
    """The other side took it. `ref` is its name for the message, if it gave one."""

    ref: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """This recipient, later."""

    reason: str
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """This recipient, never: the address is bad, and trying again won't help."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have arrived: the line broke after the final dot."""

    reason: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """The relay refuses *us* (quota, account, policy), or is not there. No reader is to blame."""

    reason: str
    until: Instant | None = None


Outcome = Sent | Retry | Rejected | Unknown | Blocked


@dataclass(frozen=True, slots=True)
class NotNow:
    """Nobody was asked: it waits until then, and no attempt is counted. `why` is one of WAITING."""

    why: str
    until: Instant


WAITING = ("blocked", "quiet", "held", "slowed")
"""What `Again.last` says of a recipient whom nobody has refused yet: the relay refuses us, it is their night, their key
cannot be used, or their mail server is given time.
"""


class Result(StrEnum):
    """How one recipient's delivery ended, as the ledger keeps it."""

    SENT = "sent"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"
    WITHDRAWN = "withdrawn"


class Delivery(NamedTuple):
    """One recipient's result. `(batch_no, n)` is the idempotence key: n is the place in the batch's frozen list."""

    batch_no: int
    n: int
    result: Result
    reason: str = ""
    at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """One more try for one recipient (a row of `retry`). `last`: retry, unknown, or one of WAITING.

    Who waits for a relay (`blocked`) is tried as soon as one takes mail, all others at `not_before`.
    """

    batch_no: int
    n: int
    attempts: int
    first_at: Instant
    not_before: Instant
    last: str
    reason: str


def wait(attempt: int) -> timedelta:
    """How long after the attempt-th refusal the next try comes: 1, 2, 4 … 120 minutes."""
    return min(FIRST_WAIT * (1 << min(attempt - 1, 12)), LONGEST_WAIT)


def pause(blocks: int) -> timedelta:
    """How long a relay that refused us `blocks` times running is left alone: 5, 10, 20 s … 30 min."""
    return min(FIRST_PAUSE * (1 << min(blocks - 1, 12)), LONGEST_PAUSE)


def settle(
    outcome: Outcome | NotNow, batch_no: int, n: int, before: Again | None, paused_until: Instant | None, now: Instant
) -> Delivery | Again:
    """What the ledger keeps of one answer: an end, or one more try. After 72 hours every try ends.

    The hours run from the first answer that was about the reader: while the relay refuses us, they do not begin.
    """
    first, attempts = (before.first_at, before.attempts) if before and before.attempts else (now, 0)
    match outcome:
        case Sent(ref):
            return Delivery(batch_no, n, Result.SENT, ref, now)
        case Rejected(reason):
            return Delivery(batch_no, n, Result.REJECTED, reason, now)
        case Blocked(reason):
            last = "unknown" if before and before.last == "unknown" else "blocked"
            return Again(batch_no, n, attempts, first, paused_until or now, last, reason)
        case NotNow(why, until):
            last = "unknown" if before and before.last == "unknown" else why
            return Again(batch_no, n, attempts, first, until, last, why)
        case Retry(reason) | Unknown(reason):
            unknown = isinstance(outcome, Unknown) or (before is not None and before.last == "unknown")
            if now - first >= GIVE_UP_AFTER:
                return Delivery(batch_no, n, Result.UNKNOWN if unknown else Result.REJECTED, reason, now)
            asked = outcome.after if isinstance(outcome, Retry) else None
            later = now + (asked or wait(attempts + 1))
            return Again(batch_no, n, attempts + 1, first, later, "unknown" if unknown else "retry", reason)


@dataclass(frozen=True, slots=True)
class Tally:
    """An alert's recipients, counted: `audience` is always the sum of the rest."""

    audience: int = 0
    sent: int = 0
    retrying: int = 0
    rejected: int = 0
    unknown: int = 0
    suppressed: int = 0
    withdrawn: int = 0

    @property
    def pending(self) -> int:
        ended = self.sent + self.rejected + self.suppressed + self.withdrawn
        return self.audience - ended - self.retrying - self.unknown
