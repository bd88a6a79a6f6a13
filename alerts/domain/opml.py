"""OPML: the list of feeds that every reader of feeds takes. What only we know stands in a namespace of ours."""

import codecs
import re
from collections.abc import Iterable, Mapping
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from alerts.domain.errors import Invalid

OURS = "urn:vigil:source"
"""The namespace of the attributes of our own: what the columns of a CSV are called."""

OWN = ("country", "starred", "identity", "kind", "pick")
UNBOUND = expat.errors.codes[expat.errors.XML_ERROR_UNBOUND_PREFIX]
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,100}?\sencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']""")


class Malformed(Exception):
    """From that line on it cannot be read."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def decode(data: bytes) -> str:
    """The text of a file of sources: by its byte order mark, by what its XML declares, or as UTF-8. Line ends as one.

    Raises Invalid with the line where it is not in that encoding.
    """
    declared = DECLARED.match(data)
    name = next((name for mark, name in MARKS if data.startswith(mark)), "")
    name = name or (declared[1].decode() if declared else "utf-8")
    try:
        text = data.decode(name)
    except LookupError:
        raise Invalid(f"The file says that it is in “{name}”, an unknown encoding: save it as UTF-8.") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Invalid(
            f"The file is not {name.removesuffix('-sig').upper()} text (line {line}): save it as UTF-8."
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read(text: str) -> list[tuple[int, dict[str, str]]]:
    """Every outline with an `xmlUrl`: its line, and its values by the names of our columns.

    A document type is refused before it can define anything. Raises Malformed.
    """
    try:
        return _Outlines(" ").read(text)
    except _Unbound:  # some programs write a prefix that they never declare: then nothing in it is ours
        return _Outlines(None).read(text)


def write(title: str, sources: Iterable[Mapping[str, str]]) -> str:
    """The columns of each source as OPML 2.0, in UTF-8."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>', f'<opml version="2.0" xmlns:vigil="{OURS}">',
        f"<head><title>{quoteattr(title)[1:-1]}</title></head>", "<body>",
    ]  # fmt: skip
    for source in sources:
        own = "".join(f" vigil:{name}={quoteattr(source[name])}" for name in OWN if source.get(name))
        text = quoteattr(source["title"] or source["url"])
        lines.append(f'<outline type="rss" text={text} title={text} xmlUrl={quoteattr(source["url"])}{own}/>')
    return "\n".join([*lines, "</body>", "</opml>", ""])


class _Unbound(Exception):
    pass


class _Outlines:
    def __init__(self, separator: str | None) -> None:
        self.found: list[tuple[int, dict[str, str]]] = []
        self.root = ""
        self.parser = expat.ParserCreate("utf-8", separator)
        self.parser.StartElementHandler, self.parser.StartDoctypeDeclHandler = self._start, self._doctype

    def read(self, text: str) -> list[tuple[int, dict[str, str]]]:
        try:
            self.parser.Parse(text.lstrip("\ufeff \t\r\n"), True)
        except expat.ExpatError as error:
            if error.code == UNBOUND:
                raise _Unbound from None
            raise Malformed(error.lineno, f"this is not XML from here on: {expat.ErrorString(error.code)}") from None
        if self.root != "opml":
            raise Malformed(1, f"this is a <{self.root}> document, not OPML")
        return self.found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(" ")[2].lower()
        self.root = self.root or name
        values = {key.lower(): value for key, value in attributes.items()}
        if name == "outline" and "xmlurl" in values:
            title = values.get("title") or values.get("text", "")
            own = {key: values[f"{OURS} {key}"] for key in OWN if f"{OURS} {key}" in values}
            row = {"url": values["xmlurl"], "title": " ".join(title.split()), **own}
            self.found.append((self.parser.CurrentLineNumber, row))

    def _doctype(self, *_: object) -> None:
        line = self.parser.CurrentLineNumber
        raise Malformed(line, "a document type (<!DOCTYPE …>) has no place in OPML: remove it")
