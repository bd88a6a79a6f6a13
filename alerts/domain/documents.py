"""A file as people wrote it: text, lists and mappings with their lines, read field by field. All scalars are text."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from alerts.domain.errors import Invalid
from alerts.domain.refusals import Refusal

Word = TypeVar("Word", bound=StrEnum)

TRUTH = {"true": True, "yes": True, "false": False, "no": False, "": False}


@dataclass(frozen=True, slots=True)
class Node:
    """`line` is where its key stands, or where it begins if it has none."""

    value: "str | tuple[Node, ...] | dict[str, Node]"
    line: int

    @property
    def kind(self) -> str:
        return {str: "text", tuple: "a list", dict: "a mapping"}[type(self.value)]

    @property
    def empty(self) -> bool:
        return not self.value


class Reader:
    """Reads nodes and keeps what it refuses, so that everything wrong with a file is told at once."""

    def __init__(self) -> None:
        self.refusals: list[Refusal] = []

    def refuse(self, line: int, reason: str) -> None:
        self.refusals.append(Refusal(line, reason))

    def part(self, node: Node, what: str, keys: Iterable[str]) -> "Part":
        """A mapping with these keys and no other. `what` names it in a refusal: “a case”."""
        known = tuple(keys)
        if not isinstance(node.value, dict):
            self.refuse(node.line, f"{what} is a mapping of names to values, not {node.kind}")
            return Part(self, {}, node.line, what)
        for key, child in node.value.items():
            if key not in known:
                self.refuse(child.line, f"{what} has no “{key}”; it may have {', '.join(known)}")
        return Part(self, node.value, node.line, what)

    def items(self, node: Node | None, field: str) -> tuple[Node, ...]:
        """The items of a list; one that is missing or empty has none."""
        if node is None or node.empty:
            return ()
        if not isinstance(node.value, tuple):
            self.refuse(node.line, f"{field}: is a list, not {node.kind}")
            return ()
        return node.value

    def words(self, node: Node | None, field: str) -> tuple[str, ...]:
        found = ((item, self.scalar(item, field)) for item in self.items(node, field))
        return tuple(dict.fromkeys(text for _, text in found if text))

    def scalar(self, node: Node, field: str) -> str:
        """Text on one line, or on several where it was written so; control characters are refused."""
        if not isinstance(node.value, str):
            self.refuse(node.line, f"{field}: is text, not {node.kind}")
            return ""
        text = node.value.strip()
        if any(ord(letter) < 32 and letter not in "\n\t" for letter in text) or "\x7f" in text:
            self.refuse(node.line, f"{field}: holds a control character")
            return ""
        return text


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """One mapping of a file, asked for its fields by name."""

    reader: Reader
    values: dict[str, Node]
    line: int
    what: str

    def node(self, key: str) -> Node | None:
        found = self.values.get(key)
        return None if found is None or found.empty else found

    def line_of(self, key: str) -> int:
        return self.values[key].line if key in self.values else self.line

    def text(self, key: str, default: str = "") -> str:
        node = self.node(key)
        return self.reader.scalar(node, key) if node else default

    def needed(self, key: str) -> str:
        """Refused where it is missing or empty."""
        text = self.text(key)
        if not text and self.node(key) is None:
            self.reader.refuse(self.line_of(key), f"{self.what} needs “{key}”")
        return text

    def words(self, key: str) -> tuple[str, ...]:
        return self.reader.words(self.node(key), key)

    def items(self, key: str) -> tuple[Node, ...]:
        return self.reader.items(self.node(key), key)

    def flag(self, key: str, default: bool = False) -> bool:
        text = self.text(key).lower()
        if key not in self.values:
            return default
        if text not in TRUTH:
            self.reader.refuse(self.line_of(key), f"{key}: is yes or no, not “{text}”")
        return TRUTH.get(text, default)

    def word(self, key: str, kind: type[Word], default: Word) -> Word:
        return self._one_of(key, kind) or default

    def word_or_none(self, key: str, kind: type[Word]) -> Word | None:
        return self._one_of(key, kind)

    def _one_of(self, key: str, kind: type[Word]) -> Word | None:
        text = self.text(key).lower()
        if not text:
            return None
        try:
            return kind(text)
        except ValueError:
            self.reader.refuse(self.line_of(key), f"{key}: “{text}” is none of {', '.join(kind)}")
            return None

    def day(self, key: str) -> date | None:
        text = self.text(key)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.reader.refuse(self.line_of(key), f"{key}: “{text}” is not a day: write it as 2010-09-15")
            return None

    def checked(self, key: str, check: Callable[[str], T]) -> T | None:
        """What `check` makes of the text; its Invalid becomes a refusal with the line and the field."""
        text = self.text(key)
        try:
            return check(text) if text else None
        except Invalid as refusal:
            self.reader.refuse(self.line_of(key), f"{key}: {str(refusal).rstrip('.')}")
            return None
