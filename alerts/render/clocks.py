"""Times in words, the court's clock first. What is vague stays vague: no day and no hour is made up."""

from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date

from alerts.domain.times import Instant, LocalTime, Precision, zone_info
from alerts.render.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Patterns:
    """CLDR date patterns. `short` and `brief` are for subject lines."""

    full: str = "EEEE d MMMM y"
    day: str = "d MMMM y"
    month: str = "LLLL y"
    year: str = "y"
    short: str = "EEE d MMM"
    brief: str = "d MMM"


PATTERNS = {
    # No line may break before “г.” (year): the escape is a space that does not.
    "ru": Patterns(
        "EEEE, d MMMM y\u00a0'г.'", "d MMMM y\u00a0'г.'", "LLLL y\u00a0'г.'", "y\u00a0'г.'", "EEE d MMM", "d MMMM"
    ),
}


def patterns(words: Catalogue) -> Patterns:
    return PATTERNS.get(words.language, Patterns())


def written(value: date, pattern: str, words: Catalogue) -> str:
    return format_date(value, pattern, words.locale)


def day(value: date, words: Catalogue) -> str:
    """`15 September 2010`."""
    return written(value, patterns(words).day, words)


def short(value: date, words: Catalogue, this_year: int, pattern: str = "") -> str:
    """`Thu 3 Dec`, with the year where it is not this one."""
    found = written(value, pattern or patterns(words).short, words).replace(".", "")
    return found if value.year == this_year else f"{found} {value.year}"


def hour(value: datetime) -> str:
    return f"{value:%H:%M}"


def clock(value: Instant, zone: str, words: Catalogue) -> str:
    """An instant on one clock, with its place: `24 November 2026, 22:50, Bishkek`."""
    there = value.astimezone(zone_info(zone))
    return f"{day(there, words)}, {hour(there)}, {words.city(zone)}"


def partial(time: LocalTime, words: Catalogue) -> str:
    """The date as far as it is known, without the hour."""
    style = patterns(words)
    match time.precision:
        case Precision.SPAN if not time.claim:  # counted from a vague date: nobody ever wrote it
            first, last = written(time.first, style.day, words), written(time.last, style.day, words)
            return words.say("between %(first)s and %(last)s", first=first, last=last)
        case Precision.SPAN:
            return words.claim(time.claim)
        case Precision.MONTH:
            return written(time.first, style.month, words)
        case Precision.YEAR:
            return written(time.first, style.year, words)
        case Precision.DAY:
            return written(time.first, style.day, words)
        case Precision.MINUTE:
            return written(time.first, style.full, words)


def when(time: LocalTime, words: Catalogue, reader_zone: str = "") -> list[str]:
    """The court's clock, and the reader's where it shows another time at that instant."""
    if not time.exact:
        return [partial(time, words)]
    lines = [f"{partial(time, words)}, {hour(time.wall)}, {words.city(time.zone)}"]
    if reader_zone:
        theirs = time.instant.astimezone(zone_info(reader_zone)).replace(tzinfo=None)
        if theirs != time.wall:
            there = words.say("%(clock)s in %(city)s", clock=hour(theirs), city=words.city(reader_zone))
            other_day = theirs.date() != time.wall.date()
            lines.append(f"{written(theirs, patterns(words).full, words)}, {there}" if other_day else there)
    return lines
