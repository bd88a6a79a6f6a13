"""Text that others wrote, made safe to print: it may hold anything."""

import re
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import TypeVar

T = TypeVar("T")

_LINE_ENDS = re.compile("\r\n?|[\u0085\u2028\u2029\v\f]")
# Controls do nothing good in a mail; embeddings, overrides and isolates can make a line read otherwise than it is.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")

LONGEST = 900
"""Octets in a line: SMTP allows 998 (RFC 5321 4.5.3.1.6), and what is added later needs room."""


def text(value: str) -> str:
    return _UNSEEN.sub("", _LINE_ENDS.sub("\n", value).replace("\t", " "))


def line(value: str) -> str:
    """On one line, as a header needs it."""
    return " ".join(text(value).split())


def everything(value: T) -> T:
    """The same value with every text in it made safe."""
    if isinstance(value, str) and not isinstance(value, Enum):  # an enum's word is ours
        return text(value)  # type: ignore[return-value]
    if isinstance(value, tuple):
        return tuple(everything(item) for item in value)  # type: ignore[return-value]
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: everything(getattr(value, f.name)) for f in fields(value)})
    return value


def paragraphs(value: str) -> list[list[str]]:
    """Paragraphs as lines: staff part them with blank lines."""
    parts = re.split(r"\n[ ]*\n", value.strip())
    return [[row.strip() for row in part.strip().split("\n")] for part in parts if part.strip()]


def folded(value: str) -> str:
    """No line longer than a mail may have. Breaks at a space, or where there is none, between letters."""
    return "\n".join(piece for row in value.split("\n") for piece in _fold(row))


def _fold(row: str) -> list[str]:
    pieces = []
    while len(row.encode()) > LONGEST:
        end = len(row.encode()[:LONGEST].decode(errors="ignore"))
        space = row.rfind(" ", 1, end)
        mark = row.rfind("&", max(0, end - 8), end)  # an entity must not be cut in two
        cut = space if space > 0 else mark if mark > 0 else end
        pieces.append(row[:cut])
        row = row[cut:].lstrip(" ")
    return [*pieces, row]


def closed_up(value: str) -> str:
    """Text as a template left it, without the empty lines that its branches left behind."""
    rows = "\n".join(row.rstrip() for row in value.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", rows).strip() + "\n"
