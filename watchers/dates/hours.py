"""The hour that a sentence gives for a day: only where it is written as an hour, beside that day."""

import re

from watchers.dates.words import HOUR_WORDS

AFTER, BEFORE = 45, 30
"""Letters within which an hour belongs to a day."""

COLON = re.compile(r"(?<![\d.:])(?P<h>[01]?\d|2[0-3]):(?P<m>[0-5]\d)(?![\d:])(?:\s?(?P<half>[ap])\.?m)?", re.IGNORECASE)
POINT = re.compile(rf"(?<!\w)(?:{HOUR_WORDS})\s+(?P<h>[01]?\d|2[0-3])\.(?P<m>[0-5]\d)(?![\d.])", re.IGNORECASE)
WORDS = re.compile(
    r"(?<![\d.:])(?P<h>[01]?\d|2[0-3])\s+час\w*(?:\s+(?P<m>[0-5]\d)\s+мин\w*)?(?:\s+(?P<part>утра|дня|вечера|ночи))?",
    re.IGNORECASE,
)
HALVES = re.compile(r"(?<![\d.:])(?P<h>1[0-2]|[1-9])\s?(?P<half>[ap])\.?m\b", re.IGNORECASE)


def hour(said: str, start: int, end: int) -> str:
    """As “10:00”, or nothing. What stands after the day is asked first; of two, the nearer one."""
    after, before = said[end : end + AFTER], said[max(0, start - BEFORE) : start]
    return _first(after) or _first(before)


def _first(said: str) -> str:
    found = [match for pattern in (COLON, POINT, WORDS, HALVES) for match in [pattern.search(said)] if match]
    return _clock(min(found, key=lambda match: match.start())) if found else ""


def _clock(match: re.Match[str]) -> str:
    parts = match.groupdict()
    hours, minutes = int(parts["h"]), int(parts.get("m") or 0)
    half, part = (parts.get("half") or "").lower(), (parts.get("part") or "").lower()
    if hours < 12 and (half == "p" or part in ("дня", "вечера")):
        hours += 12
    if hours == 12 and half == "a":
        hours = 0
    return f"{hours:02d}:{minutes:02d}"
