"""Rules of law as data: what follows from what, within how long, by which article, and how sure we are of it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from alerts.domain.errors import NotFound


class Certainty(StrEnum):
    """How well a rule is known, the best first: read in two copies, in one, in an old one, second-hand, recalled."""

    TWICE = "A²"
    READ = "A"
    OLD = "A*"
    SECOND_HAND = "B"
    RECALLED = "C"

    @property
    def verified(self) -> bool:
        """Of what is only recalled the lawyer is asked: it reminds early, and never says that a period is over."""
        return self is not Certainty.RECALLED

    @property
    def rank(self) -> int:
        return list(Certainty).index(self)


class Unit(StrEnum):
    HOUR = "hour"
    SUTKI = "сутки"
    DAY = "calendar day"
    WORKING_DAY = "working day"
    MONTH = "month"
    YEAR = "year"

    @property
    def days(self) -> bool:
        return self in (Unit.SUTKI, Unit.DAY, Unit.WORKING_DAY)


class CountedFrom(StrEnum):
    FACT = "fact"
    PROCLAMATION = "proclamation"
    COPY = "service of copy"


class Ends(StrEnum):
    """When the last day is over: at midnight, or when the court closes if the act must be done there."""

    MIDNIGHT = "24:00"
    CLOSING = "closing"


class Trigger(StrEnum):
    """What sets a period running."""

    HOLD = "hold"
    REMAND = "remand"
    RECORD = "record"
    MATERIALS = "materials"
    ORDER = "order"
    INVESTIGATOR_DECISION = "investigator decision"
    VERDICT = "verdict"
    RULING = "ruling"
    FILING = "filing"
    RECEIPT = "receipt"
    TERM_END = "term end"
    APPEAL_RECEIPT = "appeal receipt"
    APPEAL_RULING = "appeal ruling"
    FORCE = "force"
    EXPIRY = "expiry"
    ADMINISTRATIVE_HOLD = "administrative hold"
    ADMINISTRATIVE_RECORD = "administrative record"
    ARREST = "arrest"
    ADMINISTRATIVE_RULING = "administrative ruling"
    ADMINISTRATIVE_FILING = "administrative filing"
    ADMINISTRATIVE_APPEAL_RECEIPT = "administrative appeal receipt"
    AGENCY_DECISION = "agency decision"
    CIVIL_PREPARATION = "civil preparation"
    CIVIL_DECISION = "civil decision"
    CIVIL_RULING = "civil ruling"
    CIVIL_FILING = "civil filing"
    CIVIL_APPEAL_RECEIPT = "civil appeal receipt"
    CIVIL_APPEAL_RULING = "civil appeal ruling"
    CIVIL_FORCE = "civil force"
    ACT = "act"
    SENDING = "sending"
    NOTICE = "notice"
    REQUEST = "request"
    INVOCATION = "invocation"
    APPOINTMENT = "appointment"
    EXHAUSTION = "exhaustion"
    HEARING = "hearing"
    PRELIMINARY_RULING = "preliminary ruling"
    REMARKS = "remarks"
    TRANSMISSION = "transmission"
    SESSION = "session"
    PUBLICATION = "publication"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the law that was read."""

    key: str
    what: str
    address: str = ""
    read: str = ""


@dataclass(frozen=True, slots=True)
class Counting:
    """How terms under one code are counted.

    `first_day`: whether the day (or hour) in which a term begins counts. `rolls`: whether a last day on which nobody
    works moves on. `working_days_only`: units of which days off are left out.
    """

    id: str
    first_day: bool
    rolls: bool
    rolls_in_custody: bool
    certainty: Certainty
    source: str
    working_days_only: tuple[Unit, ...] = ()
    ends: Ends = Ends.MIDNIGHT
    article: str = ""
    quote: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """Another amount for some: a minor, six listed offences, who is serving an arrest."""

    when: str
    amount: int
    unit: Unit
    says: str = ""
    article: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """A rule as it stood from one day to another. No amount: it has none, and `says` says what it has instead."""

    article: str
    source: str
    certainty: Certainty
    amount: int | None = None
    unit: Unit | None = None
    counted_from: CountedFrom = CountedFrom.FACT
    in_custody: CountedFrom | None = None
    says: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    valid_words: str = ""
    quote: str = ""
    reviewed_by: str = ""
    reviewed_on: date | None = None
    variants: tuple[Variant, ...] = ()

    def held_on(self, day: date) -> bool:
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)

    @property
    def counts(self) -> bool:
        return self.amount is not None or bool(self.variants)


@dataclass(frozen=True, slots=True)
class Rule:
    """`gives`: the kind of deadline it makes; empty where it is a note for people. `for_court`: a limit that the law
    sets for a court or a State, and no forecast. `before`: counted back from the trigger.
    """

    id: str
    jurisdiction: str
    what: str
    versions: tuple[Version, ...]
    triggers: tuple[Trigger, ...] = ()
    gives: str = ""
    for_court: bool = False
    before: bool = False
    counting: Counting | None = None
    says: str = ""

    @property
    def cases(self) -> dict[str, str]:
        """For whom there are other amounts, and the law's words on them."""
        return {variant.when: variant.says for version in self.versions for variant in version.variants}

    def between(self, first: date, last: date) -> tuple[tuple[Version, ...], bool]:
        """The versions that may have held when it began, and whether it is known that they did."""
        held = tuple(version for version in self.versions if _overlaps(version, first, last))
        known = all(any(version.held_on(day) for version in held) for day in (first, last))
        if held and known:
            return held, True
        earlier = [version for version in self.versions if version.valid_to and version.valid_to < last]
        later = [version for version in self.versions if version.valid_from and version.valid_from > first]
        nearest = (*earlier[-1:], *held, *later[:1])
        return tuple(version for version in self.versions if version in nearest), False


@dataclass(frozen=True, slots=True)
class Law:
    """Every rule that is known, and the copies in which they were read."""

    rules: tuple[Rule, ...] = ()
    copies: tuple[Copy, ...] = ()

    def get(self, id: str) -> Rule:
        """Raises NotFound."""
        for rule in self.rules:
            if rule.id == id.strip().upper():
                return rule
        raise NotFound(f"There is no rule {id.strip()}: `vigil law list` shows them all.")

    def of(self, jurisdiction: str) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.jurisdiction == jurisdiction)

    def after(self, trigger: Trigger, jurisdiction: str) -> tuple[Rule, ...]:
        """What follows from this, there: deadlines, and notes."""
        return tuple(rule for rule in self.of(jurisdiction) if trigger in rule.triggers)

    def read_in(self, source: str) -> tuple[Copy, ...]:
        """The copies that a source names by their keys."""
        named = {part.strip(" ,;().") for part in source.replace(",", " ").replace(";", " ").split()}
        return tuple(copy for copy in self.copies if copy.key in named)


def _overlaps(version: Version, first: date, last: date) -> bool:
    return (version.valid_from or date.min) <= last and first <= (version.valid_to or date.max)
