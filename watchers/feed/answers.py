"""What a server's answer means for a source: its refusals in words, and for how long it wants to be left alone."""

import re
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from alerts.domain.polling import LONGEST_WAIT
from alerts.domain.times import Instant
from alerts.domain.watching import Cursor, Health, Poll
from alerts.egress import Answer


def validators(answer: Answer, body: str) -> Cursor:
    return Cursor(_kept(answer.etag), _kept(answer.modified), body)


def refusal(answer: Answer, cursor: Cursor, now: Instant) -> Poll:
    """Why an answer that is neither news nor “unchanged” is none. The cursor stays."""
    wait = _retry_after(answer.headers.get("retry-after", ""), now)
    match answer.status:
        case 410:
            return Poll((), cursor, Health.GONE, "the server says that this feed is gone for good (410)", wait)
        case 401 | 407:
            return Poll((), cursor, Health.BLOCKED, f"the server wants a log-in ({answer.status})", wait)
        case 403 | 451:
            return Poll((), cursor, Health.BLOCKED, f"the server refuses us ({answer.status})", wait)
        case 429:
            return Poll((), cursor, Health.BLOCKED, "the server says that we come too often (429)", wait)
        case 404:
            return Poll((), cursor, Health.BROKEN, "there is nothing at this address (404)", wait)
    return Poll((), cursor, Health.BROKEN, f"the server answers {answer.status} {_phrase(answer.status)}".strip(), wait)


def lifetime(answer: Answer, now: Instant, ttl: int = 0) -> timedelta | None:
    """For how long nothing is said to change: the longest of max-age, Expires (RFC 9111) and the feed's own `ttl`."""
    waits = [timedelta(seconds=ttl)]
    control = answer.headers.get("cache-control", "").lower()
    if found := re.search(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", control):
        waits.append(timedelta(seconds=int(found[1])))
    elif "no-cache" not in control and "no-store" not in control and "expires" in answer.headers:
        waits.append(_until(answer.headers["expires"], now) or timedelta(0))
    longest = min(max(waits), LONGEST_WAIT)
    return longest if longest > timedelta(0) else None


def _kept(validator: str) -> str:
    """Byte for byte, or not at all: what is no text cannot be stored, and is no validator either."""
    return validator if validator.isprintable() and len(validator) <= 500 else ""


def _phrase(status: int) -> str:
    try:
        return f"({HTTPStatus(status).phrase})"
    except ValueError:
        return ""


def _retry_after(value: str, now: Instant) -> timedelta | None:
    """How long we are asked to stay away, a day at most: seconds, or a date."""
    if re.fullmatch(r"[0-9]{1,9}", value.strip()):
        return min(timedelta(seconds=int(value)), LONGEST_WAIT)
    return _until(value, now)


def _until(date: str, now: Instant) -> timedelta | None:
    try:
        return min(max(parsedate_to_datetime(date) - now, timedelta(0)), LONGEST_WAIT)
    except (TypeError, ValueError, OverflowError):  # none, nonsense, or a date without its zone
        return None
