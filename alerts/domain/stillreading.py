"""“Are you still the right reader?”: when we ask, and when silence is for staff to judge."""

from datetime import timedelta

from alerts.domain.times import Instant

A_YEAR = timedelta(days=365)
AFTER_CLOSING = timedelta(days=90)
SILENT = timedelta(days=180)


def ask(heard: Instant, asked: Instant | None, closed: Instant | None, now: Instant) -> bool:
    """Whether to ask a reader: a year after we last heard of them or asked, or 90 days after their last case closed.

    `closed`: None while one of their cases is open, or where they follow more than cases.
    """
    last = max(heard, asked) if asked else heard
    return now - last >= A_YEAR or (closed is not None and now - closed >= AFTER_CLOSING and last < closed)


def silent(heard: Instant | None, asked: Instant | None, now: Instant) -> bool:
    """Whether a reader has not said a word for 180 days since we asked: staff decide, nobody is dropped by itself."""
    return asked is not None and (heard is None or heard < asked) and now - asked >= SILENT
