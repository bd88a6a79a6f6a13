"""A zone's clock as iCalendar writes it out (VTIMEZONE), for programs whose rules are older than ours."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import icalendar

from alerts.domain.times import Instant, zone_info


@lru_cache(maxsize=1_000)
def written(name: str, first: int, last: int) -> bytes:
    """Its rules from the year `first` to the year `last`, each change by itself.

    icalendar's own `from_tzinfo` puts the hour at which clocks go forward an hour late (7.3.2), so it is not used.
    """
    zone = icalendar.Timezone()
    zone.add("tzid", name)
    start = datetime(first, 1, 1, tzinfo=UTC)
    before = _offset(start, name)
    changes = [(start, before), *_changes(name, start, datetime(last + 1, 1, 2, tzinfo=UTC))]
    for at, after in changes:
        summer = bool(at.astimezone(zone_info(name)).dst())
        rule = icalendar.TimezoneDaylight() if summer else icalendar.TimezoneStandard()
        onset = at + before  # on the clock that went until then: RFC 5545, 3.6.5
        rule.add("dtstart", onset.replace(tzinfo=None) if at != start else datetime(first, 1, 1))  # noqa: DTZ001
        rule.add("tzoffsetfrom", before)
        rule.add("tzoffsetto", after)
        rule.add("tzname", at.astimezone(zone_info(name)).tzname() or name)
        zone.add_component(rule)
        before = after
    return bytes(zone.to_ical())


def _changes(name: str, start: Instant, end: Instant) -> Iterator[tuple[Instant, timedelta]]:
    """Each instant at which its offset changes, and to what: looked for day by day, then by halves."""
    at, before = start, _offset(start, name)
    while at < end:
        following = at + timedelta(days=1)
        after = _offset(following, name)
        if after != before:
            low, high = at, following
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low).total_seconds() // 2)
                low, high = (middle, high) if _offset(middle, name) == before else (low, middle)
            yield high, after
            before = after
        at = following


def _offset(at: Instant, name: str) -> timedelta:
    return at.astimezone(zone_info(name)).utcoffset() or timedelta()
