"""Find the people whom we follow in a text, by the exact spellings that we know. (Inflected names come later.)"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

SAME = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "‐": "-", "‑": "-", "–": "-"})


@dataclass(frozen=True, slots=True)
class Form:
    """One spelling of one person of one case."""

    case_id: str
    person_id: str
    form: str


@dataclass(frozen=True, slots=True)
class Hit:
    """`words` is what stands in the text from `start` to `end`; `form` the spelling of ours that it is."""

    case_id: str
    person_id: str
    form: str
    words: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Token:
    folded: str
    start: int
    end: int


class Index:
    """Built once from every form, then asked with any number of texts."""

    def __init__(self, forms: Iterable[Form]) -> None:
        self._by_first: dict[str, list[tuple[list[str], Form]]] = defaultdict(list)
        for form in dict.fromkeys(forms):
            words = [token.folded for token in _tokens(form.form)]
            if any(word[0].isalnum() for word in words):  # a form of dots and dashes would be found everywhere
                self._by_first[words[0]].append((words, form))

    def find(self, words: str) -> list[Hit]:
        """Every place where somebody is named, in order. Capitals, white space and the way in which an accent is
        encoded do not matter; a form is found as whole words only. Where several forms of one person overlap, the
        longest stands.
        """
        tokens = _tokens(words)
        folded = [token.folded for token in tokens]
        hits = []
        for at, token in enumerate(tokens):
            for wanted, form in self._by_first.get(token.folded, ()):
                if folded[at : at + len(wanted)] == wanted:
                    start, end = token.start, tokens[at + len(wanted) - 1].end
                    hits.append(Hit(form.case_id, form.person_id, form.form, words[start:end], start, end))
        return sorted(_longest(hits), key=lambda hit: (hit.start, hit.end, hit.person_id))


def _longest(hits: list[Hit]) -> list[Hit]:
    kept: dict[str, list[Hit]] = defaultdict(list)
    for hit in sorted(hits, key=lambda hit: (hit.start - hit.end, hit.start)):
        mine = kept[hit.person_id]
        if all(hit.end <= other.start or other.end <= hit.start for other in mine):
            mine.append(hit)
    return [hit for mine in kept.values() for hit in mine]


def _tokens(text: str) -> list[_Token]:
    """The words (letters and digits of any script, with the marks on them) and each other sign by itself."""
    return [_Token(_fold(found[0]), found.start(), found.end()) for found in _pattern().finditer(text)]


@lru_cache(maxsize=65_536)
def _fold(token: str) -> str:
    """Texts repeat their words (Zipf), so that this is seldom worked out twice."""
    folded = unicodedata.normalize("NFC", token).translate(SAME).casefold()
    return unicodedata.normalize("NFC", folded)


@cache
def _pattern() -> re.Pattern[str]:
    """What `str.isalnum` calls a letter is `\\w` without `_`. Marks belong to it as well: “й” may be written as two."""
    marks = "".join(chr(code) for code in range(0x300, 0x20000) if unicodedata.category(chr(code))[0] == "M")
    return re.compile(rf"[^\W_]+(?:[{re.escape(marks)}]+[^\W_]*)*|\S")
