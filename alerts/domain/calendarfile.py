"""A calendar file that somebody sent: what its entries say, what is wrong with them, and what they would change."""

from dataclasses import dataclass
from enum import StrEnum

from alerts.domain.times import Instant, LocalTime


class Proposes(StrEnum):
    """What a newer version of a partner's entry would do to our deadline, if somebody agrees."""

    NOTHING = "nothing"
    MOVE = "move"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Imported:
    """An entry of a partner's calendar, and the deadline made of it. `uid`: a keyed hash, for it may hold a name."""

    id: str
    deadline_id: str
    uid: str
    sequence: int
    at: Instant
    proposes: Proposes = Proposes.NOTHING
    when: LocalTime | None = None
