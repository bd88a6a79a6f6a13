"""Ids are made by the program before a row is written."""

from ulid import ULID

from alerts.domain.times import Instant


def new_id(now: Instant) -> str:
    """A ULID: sorts by the time at which it was made; unique, never secret."""
    return str(ULID.from_datetime(now))


def made_since(at: Instant) -> str:
    """What the ids of rows begin with that were made at `at`: theirs and all later ones are not smaller."""
    return str(ULID.from_datetime(at))[:10]
