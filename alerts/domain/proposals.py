"""A date that stands in a text: proposed to people beside the news, never taken by itself."""

from dataclasses import dataclass
from enum import StrEnum

from alerts.domain.deadlines import Kind
from alerts.domain.times import Instant, LocalTime


class Doubt(StrEnum):
    """Why a person should look twice before they take it."""

    RELATIVE = "relative"
    NO_YEAR = "no year"
    DAY_OR_MONTH = "day or month"


@dataclass(frozen=True, slots=True)
class Proposal:
    """`start` and `end` are the words of the signal that say it. `deadline_id`: what somebody made of it."""

    id: str
    signal_id: str
    start: int
    end: int
    kind: Kind
    when: LocalTime
    doubt: Doubt | None = None
    deadline_id: str | None = None

    def offered(self, now: Instant) -> bool:
        """Whether it still waits for somebody to take it: a date that is over is no deadline any more."""
        return self.deadline_id is None and self.when.ends > now
