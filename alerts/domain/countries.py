"""Countries as this program needs them."""

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.domain.errors import Invalid


@dataclass(frozen=True, slots=True)
class Country:
    """ISO 3166-1: two letters, three letters; and the zone of the capital or the largest city."""

    code: str
    alpha3: str
    zone: str


def country(code: str, known: Mapping[str, Country]) -> Country:
    """The country with this code. Raises Invalid."""
    found = known.get(code.strip().upper())
    if found is None:
        raise Invalid(f"“{code}” is not a country: write its two letters, as KG.")
    return found
