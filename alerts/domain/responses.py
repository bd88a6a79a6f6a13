"""What comes back from readers."""

from dataclasses import dataclass
from enum import StrEnum

from alerts.domain.times import Instant


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
