"""Decide what a signal is worth. Pure: no clock, no database, no network."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from alerts.domain.cases import Case
from alerts.domain.critical import Window
from alerts.domain.times import Instant
from alerts.domain.watching import Match, Signal, Source, Tier

BEFORE = "from before we watched this source"
"""Why what an entry says is no news, whatever it says."""


class Then(StrEnum):
    """What becomes of a signal. `DRAFT` and `PAGE` hold it as well: nothing is ever published by itself."""

    DISMISS = "dismiss"
    HOLD = "hold"
    DRAFT = "draft"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Around:
    """What is known around a signal: its source, and of the cases that it names themselves and the critical hours.

    `said`: which words of rules stand in it, in whatever grammatical case.
    """

    source: Source | None = None
    cases: Mapping[str, Case] = field(default_factory=dict)
    critical: Mapping[str, Window] = field(default_factory=dict)
    said: frozenset[str] = frozenset()


NOTHING = Around()


@dataclass(frozen=True, slots=True)
class Rule:
    """Where all conditions hold that are not empty, do `then`. Each is met by any one of its values.

    `tier`: the best match is at least so sure. `cases` are codes; `topics` are those of a case that is named; `words`
    stand in the title or text, in whatever grammatical case, or as a part of a longer word; `sources` are titles or
    addresses; `starred`: only what a starred source brought.
    """

    name: str
    then: Then
    countries: frozenset[str] = frozenset()
    tier: Tier | None = None
    words: frozenset[str] = frozenset()
    cases: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    starred: bool = False

    def fits(self, signal: Signal, matches: Iterable[Match], around: Around = NOTHING) -> bool:
        matches = list(matches)
        best = min((match.tier for match in matches), default=None)
        named = [around.cases[match.case_id] for match in matches if match.case_id in around.cases]
        return (
            (not self.countries or signal.country in self.countries)
            and (self.tier is None or (best is not None and best <= self.tier))
            and (not self.cases or any(case.code in self.cases for case in named))
            and (not self.topics or any(t.casefold() in self.topics for case in named for t in case.topics))
            and (not self.sources or _names(around.source) & self.sources != frozenset())
            and (not self.starred or (around.source is not None and around.source.starred))
            and (not self.words or self._says(signal, around))
        )

    def _says(self, signal: Signal, around: Around) -> bool:
        said = signal.words.casefold()
        return not self.words.isdisjoint(around.said) or any(word in said for word in self.words)


def _names(source: Source | None) -> frozenset[str]:
    return frozenset({source.title.casefold(), source.url.casefold()} - {""}) if source else frozenset()


class Handled(StrEnum):
    """What became of a signal in people's hands."""

    WAITING = "waiting"
    USED = "used"
    NOT_THEM = "not-them"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`alert_id`: the alert it was used for, or the draft that a rule began. `page_due`: staff are to be told of it."""

    signal_id: str
    then: Then
    because: str
    handled: Handled = Handled.WAITING
    handled_by: str | None = None
    handled_at: Instant | None = None
    alert_id: str | None = None
    page_due: Instant | None = None


def triage(signal: Signal, matches: list[Match], rules: Iterable[Rule], around: Around = NOTHING) -> Verdict:
    """The first rule that fits wins. Without one, news of our people waits for a person, and the rest is set aside.

    In a critical window no rule sets aside what surely or likely names the person whom it is about.
    """
    rule = next((rule for rule in rules if rule.fits(signal, matches, around)), None)
    window = rises(matches, around.critical)
    if window and (rule is None or rule.then is Then.DISMISS):
        return _verdict(signal, Then.HOLD, f"critical: {window.why}")
    if rule:
        return _verdict(signal, rule.then, f"rule “{rule.name}”")
    if matches:
        surest = min(matches, key=lambda match: match.tier)
        names = "may name" if surest.tier is Tier.PERHAPS else "names"
        return _verdict(signal, Then.HOLD, f"{names} {surest.form}")
    return _verdict(signal, Then.DISMISS, "names nobody whom we follow")


class Naming(Protocol):
    """Whatever says of which case somebody is named, and how surely."""

    @property
    def case_id(self) -> str: ...

    @property
    def tier(self) -> Tier: ...


def rises(matches: Iterable[Naming], critical: Mapping[str, Window]) -> Window | None:
    """The most pressing critical window of a case that is named surely or likely, if there is one."""
    found = [critical[m.case_id] for m in matches if m.tier <= Tier.LIKELY and m.case_id in critical]
    return min(found, key=lambda window: window.at, default=None)


def _verdict(signal: Signal, then: Then, because: str) -> Verdict:
    handled = Handled.DISMISSED if then is Then.DISMISS else Handled.WAITING
    return Verdict(signal.id, then, because, handled)
