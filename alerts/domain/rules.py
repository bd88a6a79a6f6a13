"""The rules of triage as people write them, in TOML or in the console: the same keys, and the same refusals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from alerts.domain.countries import Country, country
from alerts.domain.errors import Invalid
from alerts.domain.triage import Rule, Then
from alerts.domain.watching import Tier

KEYS = ("name", "then", "countries", "cases", "topics", "words", "tier", "sources", "starred")
LONGEST_NAME = 80
TIERS = {tier.name.lower(): tier for tier in Tier}


@dataclass(frozen=True, slots=True)
class Kept:
    """A rule that an admin wrote in the console. `conditions`: the other keys, as TOML would hold them."""

    id: str
    position: int
    name: str
    then: Then
    conditions: dict[str, Any] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Any]:
        return {"name": self.name, "then": self.then.value, **self.conditions}


def rule(values: Mapping[str, Any], known: Mapping[str, Country]) -> Rule:
    """The rule that these keys say. Raises Invalid, with the key."""
    for key in values:
        if key not in KEYS:
            raise Invalid(f"there is no key “{key}”; there are {', '.join(KEYS)}.")
    return Rule(
        name(values.get("name")), _one_of({then.value: then for then in Then}, values.get("then"), "then"),
        frozenset(country(code, known).code for code in _words(values, "countries")),
        _one_of(TIERS, values["tier"], "tier") if "tier" in values else None,
        _folded(values, "words"), frozenset(code.strip() for code in _words(values, "cases")),
        _folded(values, "topics"), _folded(values, "sources"), _flag(values, "starred"),
    )  # fmt: skip


def name(value: object) -> str:
    """Raises Invalid: what a rule decides is shown with its name, so it must have one, of one line."""
    if not isinstance(value, str) or not value.strip():
        raise Invalid("give it a name, which is shown beside what it decides.")
    value = value.strip()
    if not value.isprintable() or len(value) > LONGEST_NAME:
        raise Invalid(f"name must be one line of at most {LONGEST_NAME} letters.")
    return value


def _folded(values: Mapping[str, Any], key: str) -> frozenset[str]:
    return frozenset(word.strip().casefold() for word in _words(values, key))


def _words(values: Mapping[str, Any], key: str) -> list[str]:
    found = values.get(key, [])
    if not isinstance(found, list) or not all(isinstance(word, str) and word.strip() for word in found):
        raise Invalid(f'{key} must be a list of words, as ["one", "two"].')
    return found


def _flag(values: Mapping[str, Any], key: str) -> bool:
    found = values.get(key, False)
    if not isinstance(found, bool):
        raise Invalid(f"{key} must be true or false, not “{found}”.")
    return found


def _one_of(choices: dict[str, Any], value: object, key: str) -> Any:
    if value not in choices:
        raise Invalid(f"{key} must be one of {', '.join(choices)}, not “{value}”.")
    return choices[str(value)]
