"""The two types of time, and no third.

An *instant* is an aware UTC datetime: when something happened to us, when something is due.
A `LocalTime` is what people at a place say: a wall clock and a zone, or a vague claim and the days it may mean.
"""

import calendar
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, ZoneInfoNotFoundError

from alerts.domain.errors import Invalid

Instant = datetime


def instant(value: datetime) -> Instant:
    """`value` as it is, if it is an instant. A naive or other-zone value is a bug: ValueError."""
    if value.tzinfo is not UTC:
        raise ValueError(f"not UTC: {value!r}")
    return value


class Precision(StrEnum):
    MINUTE = "minute"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    SPAN = "span"


@dataclass(frozen=True, slots=True)
class LocalTime:
    """When something is, as people at the place say it.

    `wall` is naive; below minute precision it is the first midnight of what is claimed, and `last` its last day.
    `instant` is `wall` in `zone` by the rules of `tzdata`; it is derived again when the rules change (`rederived`).
    Two that differ in `tzdata` alone are the same time.
    """

    wall: datetime
    zone: str
    precision: Precision
    last: date
    claim: str
    instant: Instant
    tzdata: str = field(compare=False)

    @property
    def exact(self) -> bool:
        return self.precision is Precision.MINUTE

    @property
    def said(self) -> tuple[datetime, str, Precision, date, Instant]:
        """What people were told, whatever words it was claimed in; a country that changes its clocks changes it."""
        return self.wall, self.zone, self.precision, self.last, self.instant

    @property
    def first(self) -> date:
        return self.wall.date()

    @property
    def ends(self) -> Instant:
        """The last instant that the claim allows: the minute itself, or the end of its last day."""
        if self.exact:
            return self.instant
        return resolve(datetime.combine(self.last + timedelta(days=1), datetime.min.time()), self.zone)

    def rederived(self) -> "LocalTime":
        """The same wall time under today's zone rules."""
        return replace(self, instant=resolve(self.wall, self.zone), tzdata=tzdata())


def at(wall: str, zone: str) -> LocalTime:
    """A time of day, as `2026-12-01 10:00`. Raises Invalid where that minute does not exist in that zone."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d", wall.strip()):
        raise Invalid(f"“{wall}” is not a time: write it as 2026-12-01 10:00.")
    try:
        time = datetime.fromisoformat(wall.strip())
    except ValueError:
        raise Invalid(f"“{wall}” does not exist: write it as 2026-12-01 10:00.") from None
    _sensible(time.year)
    when = resolve(time, zone)
    if when.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != time:
        raise Invalid(f"{wall} does not exist in {zone}: the clocks go forward over it.")
    return LocalTime(time, zone, Precision.MINUTE, time.date(), "", when, tzdata())


def on(text: str, zone: str) -> LocalTime:
    """A partial date: `2010-09-15`, `2010-06` or `2010`; no day is made up. Raises Invalid."""
    text = text.strip()
    match = re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", text)
    if not match:
        raise Invalid(f"“{text}” is not a date: write 2010-09-15, 2010-06 or 2010.")
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        # a zero is written, so it is refused: read as “not given”, 2010-00-15 would become a day in January
        first = date(year or 0, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        raise Invalid(f"{text} does not exist.") from None
    _sensible(first.year)
    if day is not None:
        return _days(first, first, zone, Precision.DAY, "")
    if month is not None:
        last = first.replace(day=calendar.monthrange(first.year, month)[1])
        return _days(first, last, zone, Precision.MONTH, "")
    return _days(first, date(first.year, 12, 31), zone, Precision.YEAR, "")


def between(claim: str, first: str, last: str, zone: str) -> LocalTime:
    """A vague date: the claim as it was written, and the days that it may mean. Raises Invalid."""
    start, end = on(first, zone), on(last, zone)
    if not claim.strip():
        raise Invalid("A vague date needs the claim as it was written.")
    if end.last < start.first:
        raise Invalid(f"“{claim}”: {last} comes before {first}.")
    return _days(start.first, end.last, zone, Precision.SPAN, claim.strip())


def resolve(wall: datetime, zone: str) -> Instant:
    """The instant of a wall time. A repeated minute is its first; for one in a gap the next that exists is taken.

    Raises Invalid.
    """
    there = zone_info(zone)
    first, second = (wall.replace(tzinfo=there, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second or first.astimezone(there).replace(tzinfo=None) == wall:
        return first
    before, after = second, first  # the clocks go forward between these two
    while after - before > timedelta(minutes=1):
        middle = before + (after - before) // 2
        if middle.astimezone(there).replace(tzinfo=None) < wall:
            before = middle
        else:
            after = middle
    return after.replace(second=0, microsecond=0)


_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def span(text: str) -> timedelta:
    """So many hours, days or weeks: `12h`, `7d`, `2w`. Raises Invalid."""
    found = re.fullmatch(r"(\d{1,4})([hdw])", text.strip())
    if not found or not int(found[1]):
        raise Invalid(f"“{text}” is no span of time: write hours, days or weeks, as 12h, 7d or 2w.")
    return int(found[1]) * _UNITS[found[2]]


@cache
def zone_info(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(f"There is no time zone “{name}”: write one as Asia/Bishkek.") from None


@cache
def tzdata() -> str:
    """The version of the zone rules in use: the system's, which Python prefers, else those of the package."""
    for folder in map(Path, TZPATH):
        if (folder / "UTC").exists():
            return _said_version(folder / "tzdata.zi")
    try:
        return version("tzdata")
    except PackageNotFoundError:
        return SYSTEM


SYSTEM = "system"
"""Zone rules that do not say how old they are."""


def _said_version(file: Path) -> str:
    """`2025b` is `2025.2`, as the package counts."""
    try:
        with file.open(encoding="utf-8") as lines:
            found = re.search(r"(\d{4})([a-z])", lines.readline())
    except OSError:
        found = None
    return f"{found[1]}.{ord(found[2]) - ord('a') + 1}" if found else SYSTEM


def newer(ours: str, theirs: str) -> bool:
    """Whether rules of zones are younger than others. Those that do not say so are older than any."""
    return _age(ours) > _age(theirs)


def _age(of: str) -> tuple[int, ...]:
    return tuple(int(part) for part in of.split(".")) if re.fullmatch(r"\d+(\.\d+)*", of) else ()


def _sensible(year: int) -> None:
    """At the ends of the calendar a zone's offset, or the day after, would not exist."""
    if not 1000 <= year < 9000:
        raise Invalid(f"The year {year} is a slip of the pen: write a year with four digits, as 2026.")


def _days(first: date, last: date, zone: str, precision: Precision, claim: str) -> LocalTime:
    wall = datetime.combine(first, datetime.min.time())
    return LocalTime(wall, zone, precision, last, claim, resolve(wall, zone), tzdata())
