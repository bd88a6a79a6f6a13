"""A file of sources, CSV or OPML: read row by row, every refusal with its line and its reason."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from alerts.domain import opml
from alerts.domain.countries import Country, country
from alerts.domain.errors import Invalid
from alerts.domain.opml import Malformed
from alerts.domain.refusals import Refusal
from alerts.domain.watching import VISITED, Identity, Source

COLUMNS = ("url", "title", "country", "starred", "identity", "kind", "pick")
YES, NO = frozenset({"1", "yes", "true", "x"}), frozenset({"", "0", "no", "false"})
LONGEST_URL, LONGEST_TITLE = 2000, 300


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    url: str
    title: str = ""
    country: str = ""
    starred: bool = False
    identity: Identity | None = None
    kind: str = "feed"
    pick: str = ""


def parse(text: str, known: Mapping[str, Country]) -> tuple[list[Row], list[Refusal]]:
    """The rows that may be taken, and every line that may not. A second row for one address is refused."""
    found: list[Row] = []
    refusals: list[Refusal] = []
    seen: dict[str, int] = {}
    try:
        for line, values in opml.read(text) if text.lstrip("\ufeff \t\r\n").startswith("<") else _csv(text):
            try:
                row = _row(line, values, known)
                first = seen.setdefault(row.url, line)
                if first != line:
                    raise Invalid(f"url: this address stands in line {first} already")
                found.append(row)
            except Invalid as refusal:
                refusals.append(Refusal(line, str(refusal).rstrip(".")))
    except Malformed as malformed:
        refusals.append(Refusal(malformed.line, str(malformed)))
    if not found and not refusals:
        refusals.append(Refusal(0, "the file names no source"))
    return found, refusals


def _row(line: int, values: Mapping[str, str], known: Mapping[str, Country]) -> Row:
    title, code, starred, identity, kind, pick = (values.get(name, "").strip() for name in COLUMNS[1:])
    if len(title) > LONGEST_TITLE or not title.isprintable():
        raise Invalid(f"title: write one line of at most {LONGEST_TITLE} letters")
    if starred.lower() not in YES | NO:
        raise Invalid(f"starred: “{starred}” is neither yes nor no")
    if identity and identity not in list(Identity):
        raise Invalid(f"identity: “{identity}” is none of {', '.join(Identity)}")
    if kind not in ("", *VISITED):
        raise Invalid(f"kind: “{kind}” is none of {', '.join(VISITED)}")
    if pick and kind != "page":
        raise Invalid("pick: only of a page a part can be picked; write page as its kind")
    if len(pick) > LONGEST_TITLE or not pick.isprintable():
        raise Invalid("pick: write a CSS selector, as table.hearings tr")
    return Row(
        line, address(values.get("url", "").strip()), title, country(code, known).code if code else "",
        starred.lower() in YES, Identity(identity) if identity else None, kind or "feed", pick,
    )  # fmt: skip


def columns(source: Source) -> dict[str, str]:
    """A source as a row of the file that names it."""
    return {
        "url": source.url, "title": source.title, "country": source.country, "starred": "yes" if source.starred else "",
        "identity": source.habits.identity or "" if source.kind == "feed" else "",
        "kind": "" if source.kind == "feed" else source.kind, "pick": source.pick,
    }  # fmt: skip


def write(rows: Iterable[Mapping[str, str]]) -> str:
    """As CSV."""
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def address(text: str) -> str:
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
            raise Malformed(begins, f"this is not CSV from here on: {error}") from None
        if not any(value.strip() for value in values):
            continue
        if not header:
            header = [value.strip().lower() for value in values]
            if problem := _header(header):
                raise Malformed(begins, problem)
            continue
        if len(values) > len(header):
            raise Malformed(
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
