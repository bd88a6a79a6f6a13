"""When a period ends: two dates, and a proof that counts again to the same ones.

The early date is counted from the trigger by calendar days, and is never later than any reading of the law: people are
reminded of it. The outer date is counted from the copy's handing over, off a last day on which nobody works, or with
days off left out: it is shown beside the early one, and never alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from alerts.domain import times
from alerts.domain.errors import Invalid
from alerts.domain.law import Certainty, CountedFrom, Counting, Rule, Unit, Version
from alerts.domain.terms import Reach, back, extended, moment, plain
from alerts.domain.times import Instant, LocalTime, Precision

CLOSING = time(18)
DAYS = {Unit.HOUR: 1, Unit.SUTKI: 2, Unit.DAY: 1, Unit.WORKING_DAY: 2, Unit.MONTH: 31, Unit.YEAR: 366}
"""How many days one of each may take at most, for looking up days off."""


@dataclass(frozen=True, slots=True)
class DaysOff:
    """Days on which nobody works, each with its reason, and the version of the calendar that says so."""

    days: Mapping[date, str]
    calendar: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of the trigger. `custody` and `copy` (handed over when?) are None while nobody has said.

    `cases`: which of the rule's other amounts apply, as “minor”.
    """

    trigger: LocalTime
    custody: bool | None = None
    copy: LocalTime | None = None
    cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Excluded:
    day: date
    why: str


@dataclass(frozen=True, slots=True)
class Proof:
    """How the two dates of a deadline were counted: enough to count them again, and to explain them.

    `rule` keeps only the versions that may have been in force; `known`: whether it is known that they were.
    `excluded`: days off that the outer date passes over. `rolled`: whether its last day was moved off one.
    `withheld`: days off over which it might roll, but in custody is not taken to.
    """

    rule: Rule
    asked: Asked
    early: LocalTime
    outer: LocalTime
    known: bool
    excluded: tuple[Excluded, ...]
    rolled: bool
    closing: str
    tzdata: str
    calendar: str
    withheld: tuple[Excluded, ...] = ()

    @property
    def certainty(self) -> Certainty:
        """How sure the period itself is: the weakest of the wordings that may have been in force."""
        return max((version.certainty for version in self.rule.versions), key=lambda certainty: certainty.rank)

    @property
    def laid_out(self) -> Certainty:
        """How sure it is how its days are laid: of hours that nothing moves as sure as the period itself."""
        units = {unit for version in self.rule.versions for _, unit in amounts(version, self.asked.cases)}
        plain = units == {Unit.HOUR} and not _way(self.rule).rolls
        return self.certainty if plain else _way(self.rule).certainty

    @property
    def verified(self) -> bool:
        """Whether the words were read, and are known to have held on that day."""
        return self.certainty.verified and self.known

    @property
    def from_copy(self) -> bool:
        """Whether the law counts from the copy, or may: that can hang on an answer nobody has given yet."""
        return any(CountedFrom.COPY in _starts(version, self.asked.custody) for version in self.rule.versions)

    @property
    def bounded(self) -> bool:
        """Whether there is a last day at all: rule and counting were read, the wording is that of the day, and if it
        counts from the copy, somebody said when that was handed over.
        """
        return self.verified and self.laid_out.verified and not (self.from_copy and self.asked.copy is None)

    @property
    def over(self) -> Instant:
        """When it is over by every reading: what in custody does not roll may do so by the words of the law."""
        days = {excluded.day for excluded in self.withheld}
        day = self.outer.last
        while day in days:
            day += timedelta(days=1)
        return times.on(day.isoformat(), self.outer.zone).ends if day != self.outer.last else self.outer.ends

    @property
    def settled(self) -> bool:
        """Whether no reading goes beyond the outer date."""
        return self.bounded and self.over == self.outer.ends

    def lapsed(self, now: Instant) -> bool:
        """Whether the period is over by every reading. Of a rule that is only recalled nothing may say so."""
        return self.bounded and self.over <= now


def count(rule: Rule, asked: Asked, off: DaysOff, closing: time = CLOSING) -> Proof:
    """Raises Invalid: the rule gives no date, the copy comes before the trigger, or there is no such case."""
    trigger = asked.trigger
    versions, known = rule.between(trigger.first, trigger.last)
    versions = tuple(version for version in versions if version.counts)
    if not versions or rule.counting is None:
        said = "; ".join(version.says for version in rule.versions if version.says) or rule.says or "it has no amount"
        raise Invalid(f"{rule.id} gives no date: {said}.")
    _check(rule.id, asked, versions)
    early: list[LocalTime] = []
    outer: list[LocalTime] = []
    passed: dict[date, str] = {}
    withheld: dict[date, str] = {}
    rolled = False
    for start in _edges(trigger, versions):
        held = [version for version in versions if version.held_on(start.first)] or versions
        early.append(min((end for version in held for end in _early(rule, version, asked, start, closing)), key=_ends))
        for copy in _edges(asked.copy) if asked.copy else [start]:
            reaches = [r for version in held for r in _outer(rule, version, asked, start, copy, off)]
            furthest = max(reaches, key=lambda reach: reach.end.ends)
            outer.append(furthest.end)
            rolled = rolled or furthest.rolled
            for reach in reaches:
                passed |= reach.passed
                withheld |= reach.withheld
    return Proof(
        replace(rule, versions=versions), asked, _spanned(early), _spanned(outer), known,
        _excluded(passed), rolled, f"{closing:%H:%M}", times.tzdata(), off.calendar, _excluded(withheld),
    )  # fmt: skip


def recount(proof: Proof) -> Proof:
    """Counted again from nothing but what the proof holds."""
    off = DaysOff({excluded.day: excluded.why for excluded in proof.excluded + proof.withheld}, proof.calendar)
    return count(proof.rule, proof.asked, off, time.fromisoformat(proof.closing))


def span(rule: Rule, asked: Asked) -> tuple[date, date]:
    """The days for which days off must be known to count this."""
    last = max(asked.trigger.last, asked.copy.last if asked.copy else asked.trigger.last)
    terms = [amount * DAYS[unit] for version in rule.versions for amount, unit in amounts(version, None)]
    return asked.trigger.first, last + timedelta(days=max(terms, default=0) + 60)


def amounts(version: Version, cases: Iterable[str] | None) -> list[tuple[int, Unit]]:
    """The amounts of these cases, else the general one, else all of them; None: all that there are."""
    general = [] if version.amount is None or version.unit is None else [(version.amount, version.unit)]
    every = [(variant.amount, variant.unit) for variant in version.variants]
    if cases is None:
        return general + every
    chosen = [(variant.amount, variant.unit) for variant in version.variants if variant.when in cases]
    return chosen or general or every


def _early(rule: Rule, version: Version, asked: Asked, start: LocalTime, closing: time) -> list[LocalTime]:
    way, found = _way(rule), amounts(version, asked.cases)
    if rule.before:
        return [back(start, amount, unit, way, strict=True) for amount, unit in found]
    return [plain(start, amount, unit, way, closing) for amount, unit in found]


def _outer(rule: Rule, version: Version, asked: Asked, start: LocalTime, copy: LocalTime, off: DaysOff) -> list[Reach]:
    way, found = _way(rule), amounts(version, asked.cases)
    if rule.before:
        return [Reach(back(start, amount, unit, way, strict=False)) for amount, unit in found]
    copied = max(start, copy, key=lambda moment: moment.instant)
    starts = [copied if begins is CountedFrom.COPY else start for begins in _starts(version, asked.custody)]
    return [extended(s, amount, unit, way, asked.custody, off.days) for s in starts for amount, unit in found]


def _starts(version: Version, custody: bool | None) -> set[CountedFrom]:
    """From what the law counts, for somebody in custody, not in custody, or either."""
    inside = version.in_custody or version.counted_from
    if custody is None:
        return {version.counted_from, inside}
    return {inside if custody else version.counted_from}


def _edges(when: LocalTime, versions: Iterable[Version] = ()) -> list[LocalTime]:
    """The moment itself, or the edges of what a vague one may mean: there, and where a version ends, the count is at
    its extremes.
    """
    if when.exact:
        return [when]
    days = {when.first, when.last}
    for version in versions:
        days |= {day for day in (version.valid_from, version.valid_to) if day and when.first < day < when.last}
    walls = [datetime.combine(day, edge) for day in sorted(days) for edge in (time(0), time(23, 59))]
    return [moment(wall, when.zone) for wall in walls]


def _spanned(ends: list[LocalTime]) -> LocalTime:
    """One date where all agree, else the days between the first and the last: none of them is picked."""
    first, last = min(ends, key=_ends), max(ends, key=_ends)
    if first == last:
        return first
    if first.first == last.last:
        return times.on(first.first.isoformat(), first.zone)
    midnight = datetime.combine(first.first, time())
    start = times.resolve(midnight, first.zone)
    return LocalTime(midnight, first.zone, Precision.SPAN, last.last, "", start, first.tzdata)


def _excluded(days: Mapping[date, str]) -> tuple[Excluded, ...]:
    return tuple(Excluded(day, days[day]) for day in sorted(days))


def _ends(when: LocalTime) -> Instant:
    return when.ends


def _way(rule: Rule) -> Counting:
    assert rule.counting is not None
    return rule.counting


def _check(id: str, asked: Asked, versions: Iterable[Version]) -> None:
    if asked.copy and asked.copy.ends < asked.trigger.instant:
        raise Invalid("The copy cannot have been handed over before that: check the two dates.")
    known = sorted({variant.when for version in versions for variant in version.variants})
    for case in asked.cases:
        if case not in known:
            raise Invalid(f"{id} has no case “{case}”; it has {', '.join(known) or 'none'}.")
