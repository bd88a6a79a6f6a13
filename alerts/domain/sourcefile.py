"""A file of sources, CSV or OPML: read row by row, every refusal with its line and its reason."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit
from xml.parsers import expat

from alerts.domain.countries import Country, country
from alerts.domain.errors import Invalid
from alerts.domain.refusals import Refusal
from alerts.domain.watching import VISITED

COLUMNS = ("url", "title", "country", "starred", "kind", "pick")
YES, NO = frozenset({"1", "yes", "true", "x"}), frozenset({"", "0", "no", "false"})
LONGEST_URL, LONGEST_TITLE = 2000, 300


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    url: str
    title: str = ""
    country: str = ""
    starred: bool = False
    kind: str = "feed"
    pick: str = ""


def parse(text: str, known: Mapping[str, Country]) -> tuple[list[Row], list[Refusal]]:
    """The rows that may be taken, and every line that may not. A second row for one address is refused."""
    found: list[Row] = []
    refusals: list[Refusal] = []
    seen: dict[str, int] = {}
    try:
        for line, values in _opml(text) if text.lstrip("\ufeff \t\r\n").startswith("<") else _csv(text):
            try:
                row = _row(line, values, known)
                first = seen.setdefault(row.url, line)
                if first != line:
                    raise Invalid(f"url: this address stands in line {first} already")
                found.append(row)
            except Invalid as refusal:
                refusals.append(Refusal(line, str(refusal).rstrip(".")))
    except _Malformed as malformed:
        refusals.append(Refusal(malformed.line, str(malformed)))
    if not found and not refusals:
        refusals.append(Refusal(0, "the file names no source"))
    return found, refusals


class _Malformed(Exception):
    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def _row(line: int, values: Mapping[str, str], known: Mapping[str, Country]) -> Row:
    title, code, starred, kind, pick = (values.get(name, "").strip() for name in COLUMNS[1:])
    if len(title) > LONGEST_TITLE or not title.isprintable():
        raise Invalid(f"title: write one line of at most {LONGEST_TITLE} letters")
    if starred.lower() not in YES | NO:
        raise Invalid(f"starred: “{starred}” is neither yes nor no")
    if kind not in ("", *VISITED):
        raise Invalid(f"kind: “{kind}” is none of {', '.join(VISITED)}")
    if pick and kind != "page":
        raise Invalid("pick: only of a page a part can be picked; write page as its kind")
    if len(pick) > LONGEST_TITLE or not pick.isprintable():
        raise Invalid("pick: write a CSS selector, as table.hearings tr")
    url = _url(values.get("url", "").strip())
    code = country(code, known).code if code else ""
    return Row(line, url, title, code, starred.lower() in YES, kind or "feed", pick)


def _url(text: str) -> str:
    """As a feed's address is written. What the host resolves to is looked at when it is visited, each time."""
    if not text:
        raise Invalid("url: the address is empty")
    refusal = Invalid(f"url: “{text[:60]}” is not an address of the web: write https://…")
    if not text.isprintable() or " " in text or len(text) > LONGEST_URL:
        raise refusal
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        raise refusal from None
    if not good:
        raise refusal
    if parts.username or parts.password:
        raise Invalid("url: an address with a password in it would be kept in the clear")
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path or "/", parts.query, ""))


def _csv(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(text.lstrip("\ufeff").splitlines(keepends=True), strict=True)
    header: list[str] = []
    while True:
        begins = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _Malformed(begins, f"this is not CSV from here on: {error}") from None
        if not any(value.strip() for value in values):
            continue
        if not header:
            header = [value.strip().lower() for value in values]
            if problem := _header(header):
                raise _Malformed(begins, problem)
            continue
        if len(values) > len(header):
            raise _Malformed(
                begins, f"{len(values)} values, but the first line names {len(header)}: is a quote missing?"
            )
        yield begins, dict(zip(header, values, strict=False))


def _header(header: list[str]) -> str:
    """What is wrong with the first line, or nothing."""
    unknown = [name for name in header if name not in COLUMNS]
    if "url" not in header:
        return f"the first line must name the columns: url, and any of {', '.join(COLUMNS[1:])}"
    if unknown:
        return f"there is no column “{unknown[0]}”; there may be {', '.join(COLUMNS)}"
    return "a column stands here twice" if len(set(header)) < len(header) else ""


def _opml(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Every outline with an `xmlUrl`. A document type is refused before it can define anything."""
    found: list[tuple[int, dict[str, str]]] = []
    root: list[str] = []
    parser = expat.ParserCreate("utf-8")

    def start(name: str, attributes: dict[str, str]) -> None:
        root.append(name.lower())
        values = {key.lower(): value for key, value in attributes.items()}
        if root[-1] == "outline" and "xmlurl" in values:
            title = values.get("title") or values.get("text", "")
            found.append((parser.CurrentLineNumber, {"url": values["xmlurl"], "title": " ".join(title.split())}))

    def doctype(*_: object) -> None:
        raise _Malformed(parser.CurrentLineNumber, "a document type (<!DOCTYPE …>) has no place in OPML: remove it")

    parser.StartElementHandler, parser.StartDoctypeDeclHandler = start, doctype
    try:
        parser.Parse(text.lstrip("\ufeff \t\r\n"), True)
    except expat.ExpatError as error:
        raise _Malformed(error.lineno, f"this is not XML from here on: {expat.ErrorString(error.code)}") from None
    if root[0] != "opml":
        raise _Malformed(1, f"this is a <{root[0]}> document, not OPML")
    yield from found
