"""Who tells us things without being asked: partners whose bulletins come by mail, and staff who paste a message."""

from dataclasses import dataclass

from alerts.domain.times import Instant


@dataclass(frozen=True, slots=True)
class Partner:
    """An address that an admin vouched for: what comes from there is a signal, not an answer."""

    id: str
    email: str
    name: str
    source_id: str
    added_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Confided:
    """The words of a signal that nobody can read elsewhere, kept sealed. `id` is the signal's, whose own are empty."""

    id: str
    title: str
    text: str
