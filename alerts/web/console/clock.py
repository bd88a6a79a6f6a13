"""Times as rows show them: today, tomorrow, a day; the hour at the place; how long it is until then."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from babel.dates import format_date

from alerts.domain.times import Instant, LocalTime, resolve, zone_info


@dataclass(frozen=True, slots=True)
class Moment:
    """`near`: today, tomorrow, yesterday or "". `hour` is empty where nobody knows it. `left`: hours and minutes."""

    near: str
    day: str
    hour: str
    zone: str
    left: tuple[int, int] | None = None


def local(when: LocalTime, now: Instant, language: str) -> Moment:
    """A time on the clock of its place."""
    away = when.instant - now
    left = _span(away) if when.exact and timedelta() < away < timedelta(hours=72) else None
    hour = f"{when.wall:%H:%M}" if when.exact else ""
    return Moment(_near(when.first, now, when.zone), _day(when.first, now, language), hour, when.zone, left)


def here(at: Instant, zone: str, now: Instant, language: str) -> Moment:
    """An instant on the clock of the desk."""
    there = at.astimezone(zone_info(zone))
    return Moment(_near(there.date(), now, zone), _day(there.date(), now, language), f"{there:%H:%M}", zone)


def since(at: Instant | None, now: Instant) -> tuple[int, int]:
    """Hours and minutes that have gone by."""
    return _span(now - at) if at else (0, 0)


def midnight(now: Instant, zone: str) -> Instant:
    """When today began on the desk's clock."""
    return resolve(datetime.combine(now.astimezone(zone_info(zone)).date(), time()), zone)


def today(now: Instant, zone: str, language: str) -> str:
    day = format_date(now.astimezone(zone_info(zone)), "EEEE d MMMM", language)
    return day[:1].upper() + day[1:]


def _near(day: date, now: Instant, zone: str) -> str:
    away = (day - now.astimezone(zone_info(zone)).date()).days
    return {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(away, "")


def _day(day: date, now: Instant, language: str) -> str:
    pattern = "EEE d MMM" if day.year == now.year else "d MMM y"
    return format_date(day, pattern, language).replace(".", "")


def _span(length: timedelta) -> tuple[int, int]:
    minutes = max(0, int(length.total_seconds()) // 60)
    return minutes // 60, minutes % 60
