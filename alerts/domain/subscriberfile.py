"""A CSV of subscribers: read row by row, every value checked, every refusal with its line and its field."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from alerts.domain import reach, wishes
from alerts.domain.audience import KINDS, Cadence, ReaderKind
from alerts.domain.countries import Country, country
from alerts.domain.errors import Invalid
from alerts.domain.refusals import Refusal
from alerts.domain.times import zone_info

NEEDED = ("email", "name", "organisation", "kind", "language", "countries", "cases", "topics", "kinds", "cadence")
OPTIONAL = (
    "zone", "quiet", "note", "consented_on", "consented_how", "show_note", "head", "reach", "rungs", "nag",
    "calendar_names",
)  # fmt: skip
PERSON = (
    "name", "organisation", "kind", "language", "zone", "quiet", "consented_on", "consented_how", "reach", "rungs",
)  # fmt: skip
WISHES = ("countries", "cases", "topics", "kinds")
LONGEST = 500
"""Letters in one value: more is a broken quote, or an attack."""

Word = TypeVar("Word", bound=StrEnum)
Check = Callable[[str], str]
"""Answers a mail address as it goes over the wire; raises Invalid."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one person asks for: the row of a file, or a form on a page. `line` is 0 for a form.

    `show_note`: whether their note stands in each mail, `head`: of a mission or organisation, which only staff may say,
    `nag` and `calendar_names` as of a Subscriber; None where nothing is said of it.
    """

    line: int
    email: str
    name: str = ""
    organisation: str = ""
    kind: ReaderKind = ReaderKind.OTHER
    language: str = "en"
    countries: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    cadence: Cadence = Cadence.IMMEDIATE
    zone: str = ""
    quiet: str = ""
    note: str = ""
    consented_on: date | None = None
    consented_how: str = ""
    show_note: bool | None = None
    head: bool | None = None
    reach: str = ""
    rungs: str = ""
    nag: bool | None = None
    calendar_names: bool | None = None


def parse(
    lines: Iterable[str], known: Mapping[str, Country], address: Check
) -> tuple[list[Wanted], list[Refusal]]:  # fmt: skip
    """The rows that may be taken, and every line that may not. A second row of an address is one more subscription."""
    rows = _rows(lines)
    found: list[Wanted] = []
    refusals: list[Refusal] = []
    seen: dict[str, list[Wanted]] = {}
    try:
        header = [name.strip().lower() for name in next(rows, (1, []))[1]]
        if problem := _header(header):
            return [], [Refusal(1, problem)]
        for line, values in rows:
            if not any(value.strip() for value in values):
                continue
            try:
                if len(values) != len(header):
                    raise Invalid(f"{len(values)} values, but the first line names {len(header)}: is a quote missing?")
                row = wanted(dict(zip(header, values, strict=True)), known, address, line=line)
                before = seen.setdefault(row.email.lower(), [])
                _more(row, before)
                before.append(row)
                found.append(row)
            except Invalid as refusal:
                refusals.append(Refusal(line, str(refusal).rstrip(".")))
    except _Malformed as malformed:
        refusals.append(Refusal(malformed.line, str(malformed)))
    return found, refusals


def wanted(values: Mapping[str, str], known: Mapping[str, Country], address: Check, *, line: int = 0) -> Wanted:
    """One person's values, checked. Lists are separated by “;”. Raises Invalid with every field that is wrong."""
    wrong: list[str] = []

    def read(name: str, check: Callable[[str], T], empty: T) -> T:
        text = values.get(name, "").strip()
        try:
            return check(_one_line(text)) if text or name == "email" else empty
        except Invalid as refusal:
            said = str(refusal).rstrip(".")
            wrong.append(said if said.startswith(f"{name}:") else f"{name}: {said}")
            return empty

    row = Wanted(
        line,
        read("email", address, ""),
        read("name", str, ""),
        read("organisation", str, ""),
        read("kind", _word(ReaderKind), ReaderKind.OTHER),
        read("language", _language, "en"),
        read("countries", lambda text: tuple(dict.fromkeys(country(code, known).code for code in _list(text))), ()),
        read("cases", _list, ()),
        read("topics", _list, ()),
        read("kinds", lambda text: tuple(_kind(kind) for kind in _list(text)), ()),
        read("cadence", _word(Cadence), Cadence.IMMEDIATE),
        read("zone", _zone, ""),
        read("quiet", _quiet, ""),
        read("note", str, ""),
        read("consented_on", _day, None),
        read("consented_how", str, ""),
        read("show_note", _yes_no, None),
        read("head", _yes_no, None) if line else None,
        read("reach", lambda text: reach.check(text, known), ""),
        read("rungs", wishes.rungs, ""),
        read("nag", _yes_no, None),
        read("calendar_names", _yes_no, None),
    )
    if not (wrong or row.countries or row.cases or row.topics):
        wrong.append("this subscribes to nothing: name at least one country, case or topic")
    if wrong:
        raise Invalid("; ".join(wrong))
    return row


T = TypeVar("T")


def _more(row: Wanted, before: list[Wanted]) -> None:
    """Raises Invalid for a further row of an address that asks for nothing else, or tells of somebody else."""
    for other in before:
        if [getattr(row, name) for name in WISHES] == [getattr(other, name) for name in WISHES]:
            raise Invalid(f"email: this address stands in line {other.line} already, and asks for the same there")
        for name in PERSON:
            said, now = getattr(other, name), getattr(row, name)
            if said and now and said != now:
                raise Invalid(f"{name}: line {other.line} says “{said}” of this address, and this line “{now}”")


class _Malformed(Exception):
    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def _rows(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it begins."""
    reader = csv.reader(lines, strict=True)
    while True:
        begins = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _Malformed(begins, f"this is not CSV from here on: {error}") from None
        yield begins, values


def _header(header: list[str]) -> str:
    """What is wrong with the first line, or nothing."""
    header[:1] = [name.removeprefix("\ufeff") for name in header[:1]]
    missing = [name for name in NEEDED if name not in header]
    unknown = [name for name in header if name not in (*NEEDED, *OPTIONAL)]
    twice = [name for name in header if header.count(name) > 1]
    if len(header) == 1 and re.search(r"[;\t]", header[0]):
        return "the columns are not separated by commas: save the file as comma-separated, with lists separated by “;”"
    if unknown:
        return f"there is no column “{unknown[0]}”; there may be {', '.join((*NEEDED, *OPTIONAL))}"
    if missing:
        return (
            f"the first line must name the columns; {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
        )
    return f"the column “{twice[0]}” stands here twice" if twice else ""


def _one_line(text: str) -> str:
    if len(text) > LONGEST:
        raise Invalid(f"is longer than {LONGEST} letters: is a quote missing?")
    if not text.isprintable() and any(ord(letter) < 32 or letter in "\x7f\x85\u2028\u2029" for letter in text):
        raise Invalid("must be one line, without control characters")
    return text


def _list(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for value in text.split(";") if (part := " ".join(value.split()))))


def _word(kind: type[Word]) -> Callable[[str], Word]:
    def read(text: str) -> Word:
        try:
            return kind(text.lower())
        except ValueError:
            raise Invalid(f"“{text}” is none of {', '.join(kind)}") from None

    return read


def _kind(text: str) -> str:
    if text.lower() not in KINDS:
        raise Invalid(f"“{text}” is none of {', '.join(KINDS)}")
    return text.lower()


def _yes_no(text: str) -> bool:
    if text.lower() not in ("yes", "no"):
        raise Invalid(f"“{text}” is neither yes nor no")
    return text.lower() == "yes"


def _language(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}", text.lower()):
        raise Invalid(f"“{text}” is not a language: write its two letters, as en")
    return text.lower()


def _zone(text: str) -> str:
    zone_info(text)
    return text


def _quiet(text: str) -> str:
    match = re.fullmatch(r"(\d{1,2})-(\d{1,2})", text)
    if not match or not all(int(hour) < 24 for hour in match.groups()) or len(set(map(int, match.groups()))) < 2:
        raise Invalid(f"“{text}” are no quiet hours: write them as 22-07")
    return "-".join(f"{int(hour):02d}" for hour in match.groups())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"“{text}” is not a day: write it as 2026-12-01") from None
