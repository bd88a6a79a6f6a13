"""What an HTTP answer means for a delivery. Shared by every channel that posts."""

from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from alerts.domain.delivery import Outcome, Rejected, Retry, Sent
from alerts.domain.times import Instant
from alerts.egress import Answer, Failed

LONGEST_ASKED = timedelta(hours=24)
GONE = "gone (410): they want nothing more at this address"
MOVED = "they answer with a redirect ({status}), which is not followed: ask them for the final address"


def outcome(answer: Answer | Failed, now: Instant) -> Outcome:
    """As Standard Webhooks has it: 2xx is success, 410 the end, and all else is tried again.

    Also 404 or 401: a mistake in their settings must not lose an alert, and the ledger gives up after 72 hours.
    """
    match answer:
        case Failed(reason):
            return Retry(reason)
        case Answer(status=status) if 200 <= status < 300:
            return Sent()
        case Answer(status=HTTPStatus.GONE):
            return Rejected(GONE)
        case Answer(status=status) if 300 <= status < 400:
            return Retry(MOVED.format(status=status))
        case Answer(status=status):
            return Retry(f"they answer HTTP {status}", _asked(answer, now))


def _asked(answer: Answer, now: Instant) -> timedelta | None:
    """Retry-After, in seconds or as a date (RFC 9110 §10.2.3)."""
    said = answer.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return timedelta(seconds=min(int(said[:10]), LONGEST_ASKED.total_seconds()))
    try:
        until = parsedate_to_datetime(said)
        span = (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return None
    return min(max(span, timedelta()), LONGEST_ASKED)
