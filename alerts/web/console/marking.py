"""A signal's words with the names marked: pieces of text, never markup, for anybody may have written them."""

from urllib.parse import urlsplit

from alerts.render import clean
from alerts.store.feeds import Seen

AROUND, LONGEST = 90, 300

Pieces = list[tuple[str, bool]]


def title(seen: Seen) -> Pieces:
    return _pieces(seen, 0, len(seen.signal.title))


def excerpt(seen: Seen) -> Pieces:
    """The text around the first name in it, if the title does not hold one; else how it begins."""
    words, start = seen.signal.words, len(seen.signal.title) + 1
    inside = [named for named in seen.matches if named.start >= start]
    first = max(start, inside[0].start - AROUND) if inside else start
    if first > start:  # not in the middle of a word
        first = words.find(" ", first, inside[0].start) + 1 or first
    last = min(len(words), first + LONGEST)
    found = _pieces(seen, first, last)
    if first > start:
        found.insert(0, ("… ", False))
    return [*found, (" …", False)] if last < len(words) else found


def whole(seen: Seen) -> list[Pieces]:
    """All of the text, line by line."""
    text, at, lines = seen.signal.text, len(seen.signal.title) + 1, list[Pieces]()
    for row in text.split("\n"):
        if row.strip():
            lines.append(_pieces(seen, at, at + len(row)))
        at += len(row) + 1
    return lines


def words(seen: Seen, start: int, end: int) -> str:
    """What stands there, on one line."""
    return clean.line(seen.signal.words[start:end])


def link(url: str) -> str:
    """The address, if a browser may go there."""
    try:
        return url if urlsplit(url).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def line(text: str, longest: int = 200) -> str:
    """On one line, as a title may be."""
    found = clean.line(text)
    return found if len(found) <= longest else found[: longest - 1] + "…"


def _pieces(seen: Seen, first: int, last: int) -> Pieces:
    words, pieces, at = seen.signal.words, list[tuple[str, bool]](), first
    for start, end in sorted({(named.start, named.end) for named in seen.matches}):
        if start < at or end > last:
            continue
        pieces += [(words[at:start], False), (words[start:end], True)]
        at = end
    pieces.append((words[at:last], False))
    return [(clean.text(text).replace("\n", " "), marked) for text, marked in pieces if text]
