"""What comes back from readers."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from alerts.domain.times import Instant

AFTER_HEARING, WITHOUT_DATE = timedelta(days=30), timedelta(days=60)
"""Who answered is forgotten 30 days after the hearing, and 60 days after they wrote where there is none."""


class Answer(StrEnum):
    YES = "yes"
    CANNOT = "cannot"
    CALL_ME = "call-me"


@dataclass(frozen=True, slots=True)
class Response:
    """One reader's answer to one alert. Who answered, and what they wrote, is RED whatever the alert's label."""

    id: str
    alert_id: str
    subscriber_id: str
    answer: Answer
    text: str = ""
    at: Instant | None = None


def over(at: Instant, ends: Instant | None, now: Instant) -> bool:
    """Whether who wrote this at `at` is to be forgotten. `ends`: of what it is about; None: nothing with a date.

    What comes late is kept as long after it came: somebody must have the time to read it.
    """
    return now >= max(at, ends) + AFTER_HEARING if ends else now >= at + WITHOUT_DATE
