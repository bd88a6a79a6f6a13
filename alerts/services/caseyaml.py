"""YAML as text only: no tags, no anchors, no aliases, no merging. `NO` is Norway, and `10:30` a time."""

from collections.abc import Iterator
from typing import Any

import yaml

from alerts.domain.documents import Node
from alerts.domain.refusals import Refusal, Refused

BIGGEST, DEEPEST = 5_000_000, 20


def read(text: str) -> Node:
    """The whole document, every scalar as the text that was written. Raises Refused with the line."""
    if len(text) > BIGGEST:
        raise Refused([Refusal(0, f"the file is larger than {BIGGEST // 1_000_000} million letters")])
    try:
        return _document(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Refused([Refusal(line, "this is not YAML: it holds a control character")]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _refused(mark, f"this is not YAML: {error.problem or error.context or 'it does not parse'}") from None


def _document(events: Iterator[yaml.Event]) -> Node:
    root = None
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            if root is not None:
                raise _refused(event.start_mark, "a second document begins here: a file holds one")
            root = _node(next(events), events, 1)
    if root is None:
        raise Refused([Refusal(1, "the file is empty")])
    return root


def _node(event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
    _plain(event, depth)
    line = _line(event.start_mark)
    if isinstance(event, yaml.SequenceStartEvent):
        items = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(_node(event, events, depth + 1))
        return Node(tuple(items), line)
    if isinstance(event, yaml.MappingStartEvent):
        return Node(_mapping(events, depth), line)
    assert isinstance(event, yaml.ScalarEvent)
    return Node(event.value, line)


def _mapping(events: Iterator[yaml.Event], depth: int) -> dict[str, Node]:
    found: dict[str, Node] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        _plain(event, depth)
        if not isinstance(event, yaml.ScalarEvent):
            raise _refused(event.start_mark, "a name before a colon is text, not a list or a mapping")
        key, line = event.value, _line(event.start_mark)
        if key == "<<":
            raise Refused([Refusal(line, "“<<” (merging) is not read here: write the values out")])
        if key in found:
            raise Refused([Refusal(line, f"“{key}” stands here twice, first in line {found[key].line}")])
        value = _node(next(events), events, depth + 1)
        found[key] = Node(value.value, line)
    return found


def _plain(event: yaml.Event, depth: int) -> None:
    """Refuses whatever would make the text mean something else than it says."""
    if isinstance(event, yaml.AliasEvent):
        raise _refused(event.start_mark, f"“*{event.anchor}” (an alias) is not read here: write the value out")
    if getattr(event, "anchor", None):
        raise _refused(event.start_mark, f"“&{event.anchor}” (an anchor) is not read here: leave it out")  # type: ignore[attr-defined]
    if getattr(event, "tag", None):
        raise _refused(event.start_mark, "a tag (“!…”) is not read here: every value is text")
    if depth > DEEPEST:
        raise _refused(event.start_mark, "this is nested too deeply")


def _refused(mark: Any, reason: str) -> Refused:
    return Refused([Refusal(_line(mark), reason)])


def _line(mark: Any) -> int:
    return mark.line + 1 if mark else 1
