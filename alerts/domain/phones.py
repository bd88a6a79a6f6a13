"""The number at which somebody who subscribes is rung when mail is too slow."""

import re
from dataclasses import dataclass

from alerts.domain.errors import Invalid


@dataclass(frozen=True, slots=True)
class Phone:
    """Its id is the subscriber's. The number is kept as it was given, sealed."""

    id: str
    number: str


def phone(subscriber_id: str, number: str) -> Phone:
    """Raises Invalid for what nobody could dial."""
    number = " ".join(number.split())
    if not re.fullmatch(r"\+?[0-9 ()/.,x-]{3,40}", number) or sum(letter.isdigit() for letter in number) < 3:
        raise Invalid("That is no number to dial: write it as +996 312 000000.")
    return Phone(subscriber_id, number)
