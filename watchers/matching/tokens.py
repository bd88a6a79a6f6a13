"""The words of a text, and where they stand in it."""

import re
import unicodedata

from watchers.matching.lookalikes import APOSTROPHES, HYPHENS, INVISIBLE

_JOINED = re.escape(APOSTROPHES + HYPHENS + INVISIBLE)
_PLAIN = re.compile(rf"[^\W_]+(?:[{_JOINED}][^\W_]+)*")
_MARKS = re.escape("".join(chr(code) for code in range(0x300, 0x3000) if unicodedata.category(chr(code))[0] == "M"))
_MARKED = re.compile(rf"[^\W_]+(?:[{_MARKS}{_JOINED}]+[^\W_]+)*[{_MARKS}]*")
_UNUSUAL = re.compile("[^\0-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u1eff\u2000-\u206f\u20a0-\u22ff]")


def is_unusual(text: str) -> bool:
    """Whether there is more in it than Latin, Greek and Cyrillic letters that carry their accents in themselves."""
    return not text.isascii() and _UNUSUAL.search(text) is not None


def words_of(text: str, unusual: bool) -> list[str]:
    """Letters and digits of any script with the marks on them; apostrophes and hyphens inside a word are its own.

    Marks belong to the letter before them: “й” may be written as two. Few texts do, and the pattern for it is slow.
    """
    return (_MARKED if unusual else _PLAIN).findall(text)


def spans_of(text: str, unusual: bool) -> list[tuple[int, int]]:
    """Where each of `words_of` begins and ends."""
    return [found.span() for found in (_MARKED if unusual else _PLAIN).finditer(text)]
