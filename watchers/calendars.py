"""A calendar file (RFC 5545) as its entries. Whatever it holds, it is read and never obeyed: nothing is expanded."""

import re
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import icalendar
from icalendar.error import BrokenCalendarProperty
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from alerts.domain.calendarfile import LARGEST, MOST, Written
from alerts.domain.errors import Invalid

EVENT = re.compile(rb"(?im)^BEGIN:VEVENT[ \t]*\r?$")
REPEATS = ("rrule", "rdate", "exrule", "recurrence-id")
UTC = ("UTC", "Etc/UTC", "GMT", "Etc/GMT", "Z")
LONGEST = 500


def parse(data: bytes) -> list[Written]:
    """Its entries, in their order. Raises Invalid where it is no calendar, or too large to be one."""
    if len(data) > LARGEST:
        raise Invalid(f"has {len(data):,} bytes, more than {LARGEST:,}: send the dates that matter.")
    places = [data.count(b"\n", 0, found.start()) + 1 for found in EVENT.finditer(data)]
    if len(places) > MOST:
        raise Invalid(f"has {len(places):,} events, more than {MOST:,}: send the dates that matter.")
    try:
        calendar = icalendar.Calendar.from_ical(data)
        events = [each for each in calendar.walk("VEVENT") if isinstance(each, icalendar.Event)]
        zones = {str(zone.get("tzid", "")): zone for zone in calendar.walk("VTIMEZONE")}
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise Invalid(f"is no calendar that can be read: {_first_line(error)}") from None
    if len(events) != len(places):
        raise Invalid("is no calendar that can be read: an event is begun and not ended.")
    return [_entry(event, line, zones) for event, line in zip(events, places, strict=True)]


def _entry(event: icalendar.Event, line: int, zones: dict[str, Any]) -> Written:
    errors = [f"{name}: {_first_line(reason)}" for name, reason in event.errors]
    start, zone = _time(event, "dtstart")
    end, _ = _time(event, "dtend")
    if end is None and start is not None and "duration" in event:
        end = _after(start, event["duration"])
    named = _known(zone)
    return Written(
        line, _text(event, "uid"), _number(event, "sequence"), _text(event, "status").upper(), _text(event, "summary"),
        _text(event, "location"), "dtstamp" in event, start, end, zone, named, _offset(start, zones.get(zone)),
        tuple(_trigger(alarm) for alarm in event.walk("VALARM")), any(name in event for name in REPEATS),
        _guests(event), tuple(errors),
    )  # fmt: skip


def _time(event: icalendar.Event, name: str) -> tuple[date | None, str]:
    """The wall time or day, and the name of its clock."""
    value = event.get(name)
    found = _dt(value)
    if not isinstance(found, date):
        return None, ""
    if not isinstance(found, datetime):
        return found, ""
    zone = str(value.params.get("TZID", ""))
    if zone in UTC or (not zone and found.tzinfo is not None):
        zone = "UTC"
    return found.replace(tzinfo=None), zone


def _after(start: date, duration: Any) -> date | None:
    span = _dt(duration)
    try:
        return start + span if isinstance(span, timedelta) else None
    except OverflowError:
        return None


def _known(zone: str) -> str:
    """The name in the list of zones by which a clock goes, if it is there, under its own or Windows' name."""
    if zone == "UTC":
        return ""
    if zone in _zones():
        return zone
    return str(WINDOWS_TO_OLSON.get(zone, ""))


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _offset(start: date | None, zone: Any) -> timedelta | None:
    if zone is None or not isinstance(start, datetime):
        return None
    try:
        found: timedelta | None = start.replace(tzinfo=zone.to_tz(lookup_tzid=False)).utcoffset()
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError):
        return None
    return found


def _text(event: icalendar.Event, name: str) -> str:
    value = event.get(name, "")
    value = value[0] if isinstance(value, list) else value
    return " ".join(str(value).split())[:LONGEST]


def _number(event: icalendar.Event, name: str) -> int | None:
    text = _text(event, name)
    return int(text) if re.fullmatch(r"\d{1,9}", text) else None


def _guests(event: icalendar.Event) -> int:
    found = event.get("attendee", [])
    return len(found) if isinstance(found, list) else 1


def _trigger(alarm: Any) -> str:
    found = _dt(alarm.get("trigger"))
    return icalendar.vDDDTypes(found).to_ical().decode() if found is not None else "?"


def _dt(value: Any) -> Any:
    """What a property says of time; None where it could not be read, or stands there twice."""
    try:
        return getattr(value, "dt", None)
    except BrokenCalendarProperty:
        return None


def _first_line(reason: object) -> str:
    line = str(reason).partition("\n")[0]
    return f"{line[:120]}{'…' if len(line) > 120 else ''}"
