"""The court card of a hearing: what who comes must know at the door. For trusted readers only."""

import json
from dataclasses import asdict, dataclass, fields
from datetime import date
from enum import StrEnum
from typing import TypeVar

from alerts.domain.cases import Case, Wish
from alerts.domain.errors import Invalid
from alerts.domain.labels import Label
from alerts.domain.times import Instant

LONGEST = 300
LATEST = 24 * 60
Word = TypeVar("Word", bound=StrEnum)


class Phones(StrEnum):
    """What becomes of telephones at the door."""

    UNKNOWN = ""
    TAKEN = "taken"
    ALLOWED = "allowed"


class Interpreter(StrEnum):
    UNKNOWN = ""
    NONE = "none"
    THERE = "there"


@dataclass(frozen=True, slots=True)
class Card:
    """All of it may be empty. `note_by`: the day by which a note verbale must be there. `late`: minutes by which it
    usually begins late. `language`: as `ru`. `meet`: whom to meet at the door, and when; `contact`: how to reach them.
    """

    address: str = ""
    entrance: str = ""
    room: str = ""
    judge: str = ""
    language: str = ""
    interpreter: Interpreter = Interpreter.UNKNOWN
    bring: str = ""
    note_by: date | None = None
    phones: Phones = Phones.UNKNOWN
    late: int = 0
    meet: str = ""
    contact: str = ""

    def __bool__(self) -> bool:
        return self != Card()


@dataclass(frozen=True, slots=True)
class Written:
    """A card as somebody wrote it: never changed, only followed by another. `revision`: which date it was written for.

    `text` is the card as `dump` makes it, sealed where it is kept.
    """

    id: str
    deadline_id: str
    revision: int
    text: str
    written_by: str
    written_at: Instant | None = None

    @property
    def card(self) -> Card:
        return load(self.text)


def may_go(label: Label, case: Case | None) -> bool:
    """Whether a card may go with an alert of this label, on this case as it stands: it brings people to the door."""
    return label is not Label.RED and (
        case is None or (case.fact_label is not Label.RED and case.missions is not Wish.NO)
    )


def card(values: dict[str, str]) -> Card:
    """A form's fields, each one line. Raises Invalid with the field that is wrong."""
    names = {field.name for field in fields(Card)}
    unknown = sorted(values.keys() - names)
    if unknown:
        raise Invalid(f"A court card has no “{unknown[0]}”: it has {', '.join(sorted(names))}.")
    said = {name: _line(name, values.get(name, "")) for name in names}
    return Card(
        said["address"], said["entrance"], said["room"], said["judge"], _language(said["language"]),
        _word(Interpreter, "interpreter", said["interpreter"]), said["bring"], _day(said["note_by"]),
        _word(Phones, "phones", said["phones"]), _minutes(said["late"]), said["meet"], said["contact"],
    )  # fmt: skip


def said(card: Card) -> dict[str, str]:
    """The card as the form that `card` reads: what is empty is empty."""
    return {name: str(value) if value else "" for name, value in asdict(card).items()}


def dump(card: Card) -> str:
    return json.dumps({name: value for name, value in said(card).items() if value}, ensure_ascii=False, sort_keys=True)


def load(text: str) -> Card:
    return card(json.loads(text))


def _line(name: str, value: str) -> str:
    found = " ".join(value.split())
    if len(found) > LONGEST:
        raise Invalid(f"{name}: is longer than {LONGEST} letters.")
    if not found.isprintable():
        raise Invalid(f"{name}: holds a control character.")
    return found


def _language(text: str) -> str:
    if text and not (text.isascii() and text.isalpha() and len(text) in (2, 3)):
        raise Invalid(f"language: “{text}” is not a language: write its two letters, as ru.")
    return text.lower()


def _word(kind: type[Word], name: str, text: str) -> Word:
    try:
        return kind(text.lower())
    except ValueError:
        raise Invalid(f"{name}: “{text}” is none of {', '.join(filter(None, kind))}; leave it empty.") from None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(f"note_by: “{text}” is not a day: write it as 2026-12-01.") from None


def _minutes(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and int(text) <= LATEST):
        raise Invalid(f"late: “{text}” are no minutes: write a number, as 20.")
    return int(text)
