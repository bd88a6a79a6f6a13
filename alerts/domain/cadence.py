"""When a reader wants to hear: at once, in a digest, or not at night."""

from dataclasses import dataclass

from alerts.domain.times import Instant


@dataclass(frozen=True, slots=True)
class Held:
    """An alert that waits for one reader's next digest."""

    subscriber_id: str
    alert_id: str
    language: str
    because: tuple[str, ...]
    next_at: Instant
