"""Whether a reader can still be there: how far away they are, as they told us, and how soon it is."""

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache

from alerts.domain.countries import Country, country
from alerts.domain.errors import Invalid
from alerts.domain.times import Instant, LocalTime

ELSE = "else"
"""What stands for every place that is not named."""

MOST = 20


class Far(StrEnum):
    """How soon they can be at a place, the nearest first; `phone`: never in person, only by phone or on paper."""

    SAME_DAY = "same day"
    NEXT_DAY = "next day"
    TWO_DAYS = "two days"
    PHONE = "phone"


NEEDED = {Far.SAME_DAY: timedelta(hours=2), Far.NEXT_DAY: timedelta(hours=20), Far.TWO_DAYS: timedelta(hours=44)}
"""How long before the hour they must know of it. A day less four hours: who is told the day before at the same hour, or
at lunch, still finds a way; who is told late in the evening does not.
"""


def away(kept: str, country: str, court: str, when: LocalTime, now: Instant) -> Far | None:
    """How far away the reader is, if too far to be there in time; None: they still can, or did not say how far it is.

    Of a vague date the last moment counts: they may still be in time.
    """
    far = far_from(kept, country, court)
    if far is None or (far in NEEDED and when.ends - now >= NEEDED[far]):
        return None
    return far


@lru_cache(maxsize=10_000)
def far_from(kept: str, country: str, court: str) -> Far | None:
    """How far a court is. Where its name says no city that they named, their whole country counts, or the farthest."""
    told, court = places(kept), court.casefold()
    cities = {place.partition("/")[2].casefold(): far for place, far in told.items() if place.startswith(f"{country}/")}
    named = [far for city, far in cities.items() if re.search(rf"\b{re.escape(city)}\b", court)]
    if country in told and not named:
        return told[country]
    found = named or [*cities.values()]
    return max(found, key=list(Far).index) if found else told.get(ELSE)


def check(text: str, known: Mapping[str, Country]) -> str:
    """A reader's reach as it is kept: `KG two days;KZ/Almaty next day;else phone`. Raises Invalid."""
    found: dict[str, Far] = {}
    for part in filter(None, (" ".join(part.split()) for part in text.split(";"))):
        place, far = _entry(part, known)
        if found.setdefault(place, far) is not far:
            raise Invalid(f"{place} stands there twice, as “{found[place]}” and as “{far}”: keep one")
    if len(found) > MOST:
        raise Invalid(f"{len(found)} places are too many: name {MOST} at most")
    return ";".join(f"{place} {found[place]}" for place in sorted(found, key=lambda place: (place == ELSE, place)))


@lru_cache(maxsize=1_000)
def places(kept: str) -> dict[str, Far]:
    """What `check` answered, as places (`KG`, `KZ/Almaty`, `else`) and how far each is."""
    found = (re.split(rf" (?={'|'.join(Far)})", part, maxsplit=1) for part in kept.split(";") if part)
    return {place: Far(far) for place, far in found}


def _entry(part: str, known: Mapping[str, Country]) -> tuple[str, Far]:
    match = re.fullmatch(rf"(.+?):? ({'|'.join(Far)})", part, re.IGNORECASE)
    place, slash, city = match[1].partition("/") if match else ("", "", "")
    if not match or (slash and not city.strip()) or re.search(r"[\d@/;]", city) or len(city) > 60:
        raise Invalid(
            f"“{part}” does not say how soon you can be where: write a country, or a city in it, and one of "
            f"{', '.join(Far)}, as KG two days; KZ/Almaty next day"
        )
    if place.strip().lower() == ELSE and not slash:
        return ELSE, Far(match[2].lower())
    try:
        code = country(place.strip(), known).code
    except Invalid:
        raise Invalid(
            f"“{place.strip()}” is no country: write its two letters, and a city after them, as KZ/Astana same day"
        ) from None
    return f"{code}/{city.strip()}" if slash else code, Far(match[2].lower())
