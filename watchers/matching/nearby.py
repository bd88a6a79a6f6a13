"""Whether words that may be one person’s stand together as one name."""

import re
from dataclasses import dataclass

from watchers.matching.lookalikes import fold
from watchers.matching.names import PARTICLES, is_patronymic, is_surname

REACH = 3
"""How many words on the next word of a name may stand: two may lie between."""

_TWO = 2
_BLANK = "[ _\\t\u00a0\u2007\u2009\u202f\u3000]*"
_SIDE_BY_SIDE = re.compile(rf"{_BLANK}(?:\r?\n[ \t]*)?[\"'«»“”„‟’‘‹›]*{_BLANK}")
_COMMA = re.compile(rf"{_BLANK},{_BLANK}")
_POINT = re.compile(rf"\.{_BLANK}")
_AND = frozenset((
    "и", "й", "а", "но", "да", "с", "в", "к", "от", "для", "или", "and", "or", "with", "of", "va", "ва", "жана",
    "және", "мен", "менен", "bilan", "билан", "ile", "hem", "we", "und", "et", "y", "von", "و",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    """A text with its words and where they stand. `capitals`: it tells names by them."""

    text: str
    words: list[str]
    spans: list[tuple[int, int]]
    capitals: bool

    def between(self, i: int) -> str:
        """What stands between this word and the next."""
        return self.text[self.spans[i][1] : self.spans[i + 1][0]]

    def side_by_side(self, i: int) -> bool:
        """Whether nothing but white space and quotes stands between this word and the next."""
        return 0 <= i < len(self.words) - 1 and _SIDE_BY_SIDE.fullmatch(self.between(i)) is not None

    def is_initial(self, i: int) -> bool:
        """Whether it is a letter (Sh. and Дж. count as one) with a point behind it."""
        return self._is_letter(i) and i + 1 < len(self.words) and _POINT.fullmatch(self.between(i)) is not None

    def ends_as_initial(self, i: int) -> bool:
        """As `is_initial`, and at the end of a sentence or text as well."""
        return self._is_letter(i) and self.text[self.spans[i][1] :][:1] == "."

    def _is_letter(self, i: int) -> bool:
        return len(self.words[i]) <= _TWO and (self.has_capital(i) or not self.capitals)

    def has_capital(self, i: int) -> bool:
        """Or none to lose: Arabic and Chinese know no capitals."""
        return not self.words[i][0].islower()


def together(text: Text, at: tuple[int, ...], family_first: bool) -> bool | None:
    """Whether these words, and what lies between, are one name. None: perhaps, but they may be two people’s."""
    first, last = at[0], at[-1]
    if last == first + 1 and family_first and _COMMA.fullmatch(text.between(first)):
        return not _named_before(text, first) and not _named_after(text, last)
    for i in range(first, last):
        if not text.side_by_side(i) and not text.is_initial(i):
            return False
        if last > first + 1 and "\n" in text.between(i):
            return False
    inner = [i for i in range(first + 1, last) if i not in at]
    strange = [i for i in inner if not _goes_with_names(text, i)]
    if any(fold(text.words[i]) in _AND for i in inner) or len(strange) > 1:
        return False
    if strange:
        if not text.words[strange[0]][0].isupper():
            return False
        return None if is_surname(fold(text.words[strange[0]])) else True
    if family_first and text.capitals and text.side_by_side(last) and _looks_like_family(text, last + 1):
        return None  # “адвокат Петров Сергея Иванова”: the first name belongs to the word behind it
    return True


def _goes_with_names(text: Text, i: int) -> bool:
    word = fold(text.words[i])
    return word in PARTICLES or text.is_initial(i) or is_patronymic(word)


def _named_before(text: Text, i: int) -> bool:
    return text.side_by_side(i - 1) and (text.has_capital(i - 1) or not text.capitals)


def _named_after(text: Text, i: int) -> bool:
    after = i + 1
    named = text.side_by_side(i) and (text.has_capital(after) or not text.capitals)
    return named and not is_patronymic(fold(text.words[after]))


def _looks_like_family(text: Text, i: int) -> bool:
    word = fold(text.words[i])
    return text.has_capital(i) and is_surname(word) and not is_patronymic(word)
