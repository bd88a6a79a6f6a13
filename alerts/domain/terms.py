"""One term laid on the calendar: plainly, as far as the law lets it reach, or counted back."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from alerts.domain import times
from alerts.domain.law import Counting, Ends, Unit
from alerts.domain.times import Instant, LocalTime, Precision, zone_info

DAY = timedelta(days=1)
OPEN = timedelta(hours=9)
"""How long a court is open before it closes."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The last moment of a term, the days off that were passed over on the way, and whether its last day was one.

    `withheld`: days off over which it would roll by another reading of the law, but in custody is not taken to.
    """

    end: LocalTime
    passed: Mapping[date, str] = field(default_factory=dict)
    rolled: bool = False
    withheld: Mapping[date, str] = field(default_factory=dict)


def plain(start: LocalTime, amount: int, unit: Unit, way: Counting, closing: time) -> LocalTime:
    """By calendar days: the earliest end that the law can be read to mean."""
    if unit is Unit.HOUR:
        end = exactly(start.instant + timedelta(hours=amount), start.zone)
        return _while_open(start, end, closing) if way.ends is Ends.CLOSING else end
    last = _last(start.first, amount, unit, way, strict=True)
    if way.ends is Ends.CLOSING:
        return moment(datetime.combine(last, closing), start.zone)
    return times.on(last.isoformat(), start.zone)


def extended(
    start: LocalTime, amount: int, unit: Unit, way: Counting, custody: bool | None, off: Mapping[date, str]
) -> Reach:
    """With days off left out, or rolled off a last day that is one: the latest end that the law can be read to mean.

    Hours run through nights and weekends; where the hour of the start does not count, they start with the next one.
    """
    passed: dict[date, str] = {}
    withheld: dict[date, str] = {}
    rolls = way.rolls and (custody is not True or way.rolls_in_custody)
    aside = passed if rolls else withheld
    if unit is Unit.HOUR:
        begun = start.instant if way.first_day else start.instant.replace(minute=0) + timedelta(hours=1)
        end = exactly(begun + timedelta(hours=amount), start.zone)
        moved = _working(end.first, off, aside) if way.rolls else end.first
        if not rolls or moved == end.first:
            return Reach(end, withheld=withheld)
        return Reach(times.on(moved.isoformat(), start.zone), passed, rolled=True)
    if unit is Unit.WORKING_DAY or unit in way.working_days_only:
        last = start.first - DAY if way.first_day else start.first
        for _ in range(amount):
            last = _working(last + DAY, off, passed)
    else:
        last = _last(start.first, amount, unit, way, strict=False)
    moved = _working(last, off, aside) if way.rolls else last
    shown = moved if rolls else last
    return Reach(times.on(shown.isoformat(), start.zone), passed, shown != last, withheld)


def back(start: LocalTime, amount: int, unit: Unit, way: Counting, *, strict: bool) -> LocalTime:
    """The last moment that lies so long before. `strict`: with so many whole days between the two."""
    if unit is Unit.HOUR:
        return exactly(start.instant - timedelta(hours=amount), start.zone)
    last = start.first - amount * DAY if unit.days else _months(start.first, -_in_months(amount, unit))[0]
    return times.on((last - DAY if strict and not way.first_day else last).isoformat(), start.zone)


def exactly(at: Instant, zone: str) -> LocalTime:
    """An instant as the clock of the place shows it, to the minute."""
    return moment(at.astimezone(zone_info(zone)).replace(tzinfo=None, second=0, microsecond=0), zone)


def moment(wall: datetime, zone: str) -> LocalTime:
    """A counted time of day: one that the clocks skip is the minute after the gap."""
    return LocalTime(wall, zone, Precision.MINUTE, wall.date(), "", times.resolve(wall, zone), times.tzdata())


def _last(start: date, amount: int, unit: Unit, way: Counting, *, strict: bool) -> date:
    """The last day. A month ends on the same number, or on its last day where it has none.

    Where the first day counts, a month may be read to end the day before that number, and сутки to be days of the
    calendar or 24 hours each: `strict` reads them shorter.
    """
    if unit.days:
        shorter = way.first_day and (strict or unit is not Unit.SUTKI)
        return max(start, start + amount * DAY - (DAY if shorter else timedelta()))
    last, there = _months(start, _in_months(amount, unit))
    return last - DAY if strict and way.first_day and there else last


def _while_open(start: LocalTime, end: LocalTime, closing: time) -> LocalTime:
    """The end itself, or the last moment before it at which the court was open: nobody takes a paper at night."""
    opening = (datetime.combine(end.first, closing) - OPEN).time()
    if opening <= end.wall.time() <= closing:
        return end
    day = end.first if end.wall.time() > closing else end.first - DAY
    return max(start, moment(datetime.combine(day, closing), end.zone), key=lambda when: when.instant)


def _in_months(amount: int, unit: Unit) -> int:
    return amount * 12 if unit is Unit.YEAR else amount


def _months(start: date, months: int) -> tuple[date, bool]:
    """That many months on, and whether that month has a day of the same number."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    days = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, days)), start.day <= days


def _working(day: date, off: Mapping[date, str], passed: dict[date, str]) -> date:
    """That day, or the first working day after it."""
    while day in off:
        passed[day] = off[day]
        day += DAY
    return day
