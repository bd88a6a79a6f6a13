"""Find the dates that a text tells of: what is still to come, as it is written, at the words that say it.

A wrong court date sends people to a closed door. So only what can be read in one way is found, and where something
had to be added (a year, a day counted from the day of writing) that is said.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from alerts.domain import times
from alerts.domain.deadlines import Kind
from alerts.domain.errors import Invalid
from alerts.domain.proposals import Doubt
from alerts.domain.times import LocalTime
from watchers.dates import words
from watchers.dates.hours import hour

MOST = 5
LONGEST, LONGEST_SENTENCE = 20_000, 1_000
SENTENCE = re.compile(r"[^\n]+?(?:(?<=[^\W\d_]{3})[.!?…]+(?=\s+[^\W\d_])|$|\n)", re.MULTILINE)
WORD = r"[^\W\d_]+"
YEAR_BEFORE = r"(?:(?P<y0>20\d\d)(?:\s?-?\s?(?:njy|nji))?[\s-]*(?:г\w*|жыл\w*|йил\w*|yil\w*|ýyl\w*|сол\w*)?[\s,]+)?"
YEAR_AFTER = r"(?:[\s,]+(?:сол\w*\s+)?(?P<y1>20\d\d)(?!\d))?"
DAY_FIRST = re.compile(
    rf"(?<![\d.:/]){YEAR_BEFORE}(?P<d>[0-3]?\d)(?:-?(?:го|ое|е|й|njy|nji|nd|st|rd|th|er|нчи|чи)|\.)?"
    rf"(?:\s+of)?[\s-]+(?P<m>{WORD}){YEAR_AFTER}"
)
MONTH_FIRST = re.compile(rf"(?<!\w)(?P<m>{WORD})\s+(?P<d>[0-3]?\d)(?:st|nd|rd|th)?(?![\d:.]|\s*час){YEAR_AFTER}")
NUMBERS = re.compile(r"(?<![\d.:/-])(?P<a>\d{1,2})(?P<sep>[./])(?P<b>\d{1,2})(?P=sep)(?P<y>20\d\d|\d\d)(?![\d/])")
ISO = re.compile(r"(?<![\d-])(?P<y>20\d\d)-(?P<b>\d\d)-(?P<a>\d\d)(?![\d-])")

SOON = timedelta(days=31)
NO_YEAR_WITHIN = timedelta(days=120)
"""A day without a year that would lie further ahead is most likely one that was: news tell more of what happened."""


@dataclass(frozen=True, slots=True)
class Found:
    """`start` and `end` in the text are the words that say the day."""

    start: int
    end: int
    kind: Kind
    when: LocalTime
    doubt: Doubt | None = None


@dataclass(frozen=True, slots=True)
class _Day:
    start: int
    end: int
    day: date
    doubt: Doubt | None = None


def find(text: str, written: date, zone: str) -> list[Found]:
    """What is to come after the day on which it was `written`, on the clock of `zone`; at most five, in order."""
    found: list[Found] = []
    seen: set[tuple[date, str]] = set()
    for sentence in SENTENCE.finditer(text[:LONGEST]):
        said, at = sentence[0][:LONGEST_SENTENCE], sentence.start()
        days = [day for day in _days(said, written) if day.day >= written]
        kind = _kind(said) if days else None
        for each in days:
            clock = hour(said, each.start, each.end)
            guessed = each.doubt in (Doubt.RELATIVE, Doubt.NO_YEAR)
            if (kind is None and guessed) or (each.day == written and not clock):
                continue  # “today”, “on Thursday” and the day of some birthday stand in every text
            when = _when(each.day, clock, zone)
            if when and (each.day, clock) not in seen:
                seen.add((each.day, clock))
                found.append(Found(at + each.start, at + each.end, kind or Kind.RECHECK, when, each.doubt))
        if len(found) >= 2 * MOST:
            break
    exact = {one.when.first for one in found if one.when.exact}
    return [one for one in found if one.when.exact or one.when.first not in exact][:MOST]


def _days(said: str, written: date) -> list[_Day]:
    """The days of one sentence, in order. Weekdays and “tomorrow” count only where no day is said outright."""
    whole = sorted(_outright(said, written), key=lambda day: (day.start, -day.end))
    apart: list[_Day] = []
    for day in whole:
        if not apart or day.start >= apart[-1].end:
            apart.append(day)
    return apart or list(_counted(said, written))


def _outright(said: str, written: date) -> Iterator[_Day]:
    for pattern in (DAY_FIRST, MONTH_FIRST):
        for match in pattern.finditer(said):
            month = words.month(match["m"])
            if month is None:
                continue
            groups = match.groupdict()
            year = groups.get("y0") or groups.get("y1")
            day = _date(int(year), month, int(match["d"])) if year else _next(month, int(match["d"]), written)
            if day:
                doubt = Doubt.NO_YEAR if not year and day - written > SOON else None
                yield _Day(match.start(), match.end(), day, doubt)
    for match in NUMBERS.finditer(said):
        first, second, year = int(match["a"]), int(match["b"]), int(match["y"]) % 100 + 2000
        either = match["sep"] == "/" and first <= 12 and second <= 12 and first != second
        first, second = (second, first) if match["sep"] == "/" and second > 12 else (first, second)
        if day := _date(year, second, first):
            yield _Day(match.start(), match.end(), day, Doubt.DAY_OR_MONTH if either else None)
    for match in ISO.finditer(said):
        if day := _date(int(match["y"]), int(match["b"]), int(match["a"])):
            yield _Day(match.start(), match.end(), day)


def _counted(said: str, written: date) -> Iterator[_Day]:
    for match in re.finditer(WORD, said):
        word = match[0].casefold()
        if word in words.AHEAD:
            ahead = words.AHEAD[word]
        else:
            weekday = words.weekday(word)
            if weekday is None:
                continue
            ahead = (weekday - written.weekday()) % 7
        yield _Day(match.start(), match.end(), written + timedelta(days=ahead), Doubt.RELATIVE)


def _next(month: int, day: int, written: date) -> date | None:
    """That day, this year or next, if it comes soon enough to be what is meant."""
    for year in (written.year, written.year + 1):
        found = _date(year, month, day)
        if found and written <= found <= written + NO_YEAR_WITHIN:
            return found
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _when(day: date, clock: str, zone: str) -> LocalTime | None:
    try:
        return times.at(f"{day.isoformat()} {clock}", zone) if clock else times.on(day.isoformat(), zone)
    except Invalid:  # an hour that the clocks jump over there
        return None


def _kind(said: str) -> Kind | None:
    """What is on that day, by the words around it."""
    spoken = said.casefold()
    for kind, cues in words.CUES.items():
        if any(re.search(rf"(?<!\w){cue}", spoken) for cue in cues):
            return Kind(kind)
    return None
