"""When a reader wants to hear: at once, in a digest, or not at night."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from alerts.domain.alerts import Alert, Kind
from alerts.domain.times import Instant, LocalTime, resolve, zone_info

NOTICE = timedelta(hours=36)
"""What comes sooner than this wakes a reader: they may have to travel."""

VAGUE = timedelta(days=3)
"""A date that may lie on more days than these wakes nobody."""

MAY_WAIT = frozenset({Kind.REMINDER, Kind.UPDATE})
"""Kinds that a digest may hold. Who asked for a digest was promised that what is urgent comes at once."""


@dataclass(frozen=True, slots=True)
class Held:
    """An alert that waits for one reader's next digest."""

    subscriber_id: str
    alert_id: str
    language: str
    because: tuple[str, ...]
    next_at: Instant


@dataclass(frozen=True, slots=True)
class AtOnce:
    why: str = ""


@dataclass(frozen=True, slots=True)
class AfterQuiet:
    until: Instant
    why: str = "quiet hours"


@dataclass(frozen=True, slots=True)
class InDigest:
    next_at: Instant
    why: str = "they asked for a digest"


Timing = AtOnce | AfterQuiet | InDigest


def when(alert: Alert, quiet: str, zone: str, next_digest: Instant | None, now: Instant) -> Timing:
    """When a reader gets an alert, and why then.

    `quiet` is as `22-07`, on the clock of `zone`. `next_digest`: None for who wants everything at once.
    """
    if alert.danger:
        return AtOnce("danger to life")
    if _wakes(alert, now):
        return AtOnce("what it speaks of comes within 36 hours")
    if next_digest and alert.kind in MAY_WAIT and not _before(alert, next_digest, zone, now):
        return InDigest(next_digest)
    until = quiet_until(quiet, zone, now)
    if until is None:
        return AtOnce()
    if alert.act_by and alert.act_by < _day(until, zone):
        return AtOnce("what is asked must be done before their quiet hours end")
    return AfterQuiet(until)


def quiet_until(quiet: str, zone: str, now: Instant) -> Instant | None:
    """When the quiet hours that `now` lies in end on the clock of `zone`; None outside of them."""
    if not quiet:
        return None
    start, end = (int(hour) for hour in quiet.split("-"))
    there = now.astimezone(zone_info(zone))
    late = there.hour >= start  # a night begins on one day and ends on the next
    if not (start <= there.hour < end if start < end else late or there.hour < end):
        return None
    day = there.date() + timedelta(days=1 if start > end and late else 0)
    until = resolve(datetime.combine(day, time(end)), zone)
    return until if until > now else None


def imminent(day: LocalTime | None, now: Instant) -> bool:
    """Whether that day comes within the notice window: people may be on their way, or should be."""
    if day is None or day.ends <= now:
        return False
    return day.instant - now <= NOTICE and (day.exact or day.last - day.first < VAGUE)


def _wakes(alert: Alert, now: Instant) -> bool:
    return any(imminent(day, now) for day in _ahead(alert, now))


def _before(alert: Alert, digest: Instant, zone: str, now: Instant) -> bool:
    """Whether the digest would come too late: after the date, after the last day to act, or when it may not be sent."""
    return bool(
        any(day.instant <= digest for day in _ahead(alert, now))
        or (alert.act_by and alert.act_by <= _day(digest, zone))
        or (alert.not_after and alert.not_after <= digest)
    )


def _ahead(alert: Alert, now: Instant) -> list[LocalTime]:
    """The dates that an alert speaks of and that are not over: readers may be on their way to the old one."""
    notice = alert.notice
    return [day for day in (notice.when, notice.was) if day and day.ends > now] if notice else []


def _day(at: Instant, zone: str) -> date:
    return at.astimezone(zone_info(zone)).date()
