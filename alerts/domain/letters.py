"""One-off mails that belong to no alert: please confirm, here is your link, you are signed off."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from alerts.domain.times import Instant


class Kind(StrEnum):
    CONFIRM = "confirm"
    PREFERENCES = "preferences"
    WELCOME = "welcome"
    LEFT = "left"
    NOTED = "noted"
    STILL_READING = "still-reading"
    REFUSED = "relay-refuses"
    STORM = "bounce-storm"
    SOURCES = "sources"
    NETWORK = "network"
    NEWS = "urgent-news"
    QUESTION = "question"
    TOLD = "told"
    SILENCE = "silence"


AN_HOUR, A_DAY = (timedelta(hours=1), 1), (timedelta(days=1), 3)
"""At most one an hour and three a day to one address, from all forms together."""


@dataclass(frozen=True, slots=True)
class Letter:
    """To a subscriber, to one of staff, or to a confidant. `details` is sealed.

    `result` is empty until it ended: sent, or refused with its reason.
    """

    id: str
    kind: Kind
    subscriber_id: str | None
    staff_id: str | None = None
    details: str = ""
    created_at: Instant | None = None
    not_before: Instant | None = None
    attempts: int = 0
    ended_at: Instant | None = None
    result: str = ""
    reason: str = ""
    confidant_id: str | None = None


def may_write(written: list[Instant], now: Instant) -> bool:
    """Whether one more letter may go to an address that was written to at these times."""
    return all(sum(now - at < span for at in written) < most for span, most in (AN_HOUR, A_DAY))
