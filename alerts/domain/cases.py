"""The matter we follow: a case, its people and their name forms, what happened, and each claim about it.

Claims, not facts: several sources, partial dates and contradictions are kept; nothing is merged.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from alerts.domain.labels import Answer, Label, labels
from alerts.domain.times import Instant, LocalTime


class Certainty(StrEnum):
    REPORTED = "reported"
    CONFIRMED = "confirmed"
    INFERRED = "inferred"


class Wish(StrEnum):
    """What the person, or who speaks for them, wants done."""

    YES = "yes"
    NO = "no"
    ASK = "ask"


PRIVATE_ROLES = frozenset({"relative"})


@dataclass(frozen=True, slots=True)
class Case:
    id: str
    code: str
    country: str
    topics: tuple[str, ...] = ()
    court: str = ""
    detention: str = ""
    charge: str = ""
    proceeding: str = ""
    others: str = ""
    linked: tuple[str, ...] = ()
    source: str = ""
    fictional: bool = False
    answer: Answer | None = None
    agreed_by: str = ""
    agreed_on: date | None = None
    publicity: Wish = Wish.ASK
    missions: Wish = Wish.ASK
    visits: Wish = Wish.ASK
    notes: str = ""
    created_at: Instant | None = None
    closed_at: Instant | None = None
    ladder: tuple[str, ...] = ()

    @property
    def fact_label(self) -> Label:
        return labels(self.answer)[0]

    @property
    def name_label(self) -> Label:
        return labels(self.answer)[1]


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    case_id: str
    position: int
    name: str
    role: str = "defender"
    organisation: str = ""
    post: str = ""
    status: str = ""
    sensitive: bool = False

    def label(self, case: Case) -> Label:
        """Who may read this name. Relatives and what is marked sensitive are RED whatever the case's answer."""
        return Label.RED if self.sensitive or self.role in PRIVATE_ROLES else case.name_label


@dataclass(frozen=True, slots=True)
class NameForm:
    """One spelling under which a person (or an organisation) appears in the news."""

    id: str
    person_id: str
    form: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """That something happened. What is said of it are its facts."""

    id: str
    case_id: str
    position: int
    kind: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One claim: `when` as far as it can be placed, `claim` the date as it was written where it cannot."""

    id: str
    case_id: str
    position: int
    text: str
    event_id: str | None = None
    when: LocalTime | None = None
    claim: str = ""
    outcome: str = ""
    place: str = ""
    source: str = ""
    certainty: Certainty = Certainty.REPORTED
    label: Label | None = None
    consent_by: str = ""
    consent_on: date | None = None
    sensitive: bool = False
    contradicts: str | None = None

    def carries(self, case: Case) -> Label:
        """Who may read this claim: its own label where it was set apart, else what the case answers."""
        if self.sensitive:
            return Label.RED
        return self.label or case.fact_label


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of a government or a body. `needs` names the wish of the case without which it is unwelcome."""

    id: str
    body: str
    text: str
    position: int
    case_id: str | None = None
    needs: str = ""
    source: str = ""

    def welcome(self, case: Case | None) -> bool:
        return not self.needs or case is None or getattr(case, self.needs) is not Wish.NO


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom readers write to: an office and, for as long as it is valid, its holder. Salutations by language.

    One that belongs to a case is written to for that case alone.
    """

    id: str
    country: str
    office: str
    holder: str = ""
    address: str = ""
    salutations: dict[str, str] | None = None
    copy: bool = False
    checked_on: date | None = None
    valid_until: date | None = None
    case_id: str | None = None


def may_say(case: Case, facts: list[Fact], audience: Label) -> list[Fact]:
    """The facts that a text for this audience may be built from, in order. Contradicted claims stay with us."""
    disputed = {fact.contradicts for fact in facts if fact.contradicts}
    return [
        fact
        for fact in facts
        if fact.carries(case).allows(audience) and not fact.contradicts and fact.id not in disputed
    ]


def may_name(case: Case, people: list[Person], audience: Label) -> list[Person]:
    return [person for person in people if person.label(case).allows(audience)]


def default_label(case: Case | None) -> Label:
    """The label that a new alert on this case starts with."""
    return case.fact_label if case else Label.GREEN


def widest(case: Case | None) -> Label | None:
    """The widest label that somebody agreed to, or None where nobody was asked yet."""
    return case.fact_label if case and case.answer else None


def may_cite(case: Case, people: list[Person], audience: Label) -> str:
    """The case's code, unless it tells the name of somebody whom these readers may not have named."""
    hidden = [person for person in people if not person.label(case).allows(audience)]
    words = {word.casefold() for person in hidden for word in person.name.split() if len(word) > 2}
    return "" if any(word in case.code.casefold() for word in words) else case.code
