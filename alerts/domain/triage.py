"""Decide what a signal is worth. Pure: no clock, no database, no network."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from alerts.domain.times import Instant
from alerts.domain.watching import Match, Signal, Tier

BEFORE = "from before we watched this source"
"""Why what an entry says is no news, whatever it says."""


class Then(StrEnum):
    DISMISS = "dismiss"
    HOLD = "hold"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Rule:
    """A signal in one of `countries` (empty: any) whose best match is at least `tier`: do `then`."""

    name: str
    then: Then
    countries: frozenset[str] = frozenset()
    tier: Tier | None = None
    words: frozenset[str] = frozenset()

    def fits(self, signal: Signal, matches: Iterable[Match]) -> bool:
        best = min((match.tier for match in matches), default=None)
        return (
            (not self.countries or signal.country in self.countries)
            and (self.tier is None or (best is not None and best <= self.tier))
            and (not self.words or any(word in signal.words.casefold() for word in self.words))
        )


class Handled(StrEnum):
    """What became of a signal in people's hands."""

    WAITING = "waiting"
    USED = "used"
    NOT_THEM = "not-them"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Verdict:
    signal_id: str
    then: Then
    because: str
    handled: Handled = Handled.WAITING
    handled_by: str | None = None
    handled_at: Instant | None = None
    alert_id: str | None = None


def triage(signal: Signal, matches: list[Match], rules: Iterable[Rule]) -> Verdict:
    """The first rule that fits wins. Without one, news of our people waits for a person, and the rest is set aside."""
    for rule in rules:
        if rule.fits(signal, matches):
            return _verdict(signal, rule.then, f"rule “{rule.name}”")
    if matches:
        surest = min(matches, key=lambda match: match.tier)
        names = "may name" if surest.tier is Tier.PERHAPS else "names"
        return _verdict(signal, Then.HOLD, f"{names} {surest.form}")
    return _verdict(signal, Then.DISMISS, "names nobody whom we follow")


def _verdict(signal: Signal, then: Then, because: str) -> Verdict:
    handled = Handled.DISMISSED if then is Then.DISMISS else Handled.WAITING
    return Verdict(signal.id, then, because, handled)
