"""Organisations, places and topics: found as whole words, in every case, by Aho-Corasick.

The forms are made when the automaton is built. The text itself is never stemmed: to a stemmer “узбекистан” has an
ending, and “пыток” is no form of “пытка”. Plurals are terms of their own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import ahocorasick

CASES = {
    "ия": ("ия", "ии", "ии", "ию", "ией", "ии"), "ая": ("ая", "ой", "ой", "ую", "ой", "ой"),
    "ый": ("ый", "ого", "ому", "ого", "ым", "ом"), "ий": ("ий", "ого", "ому", "ого", "им", "ом"),
    "ое": ("ое", "ого", "ому", "ое", "ым", "ом"), "ие": ("ие", "ия", "ию", "ие", "ием", "ии"),
    "ые": ("ые", "ых", "ым", "ые", "ыми", "ых"), "ка": ("ка", "ки", "ке", "ку", "кой", "ке"),
    "га": ("га", "ги", "ге", "гу", "гой", "ге"), "ша": ("ша", "ши", "ше", "шу", "шой", "ше"),
    "а": ("а", "ы", "е", "у", "ой", "е"), "я": ("я", "и", "е", "ю", "ей", "е"),
    "о": ("о", "а", "у", "о", "ом", "е"), "ь": ("ь", "и", "и", "ь", "ью", "и"),
    "й": ("й", "я", "ю", "й", "ем", "е"), "ы": ("ы", "ов", "ам", "ы", "ами", "ах"),
}  # fmt: skip
"""Of Russian nouns and adjectives by their last letters: the six cases."""

HARD = ("", "а", "у", "", "ом", "е")
CONSONANTS = frozenset("бвгджзклмнпрстфхцчшщ")

SUFFIXES = (
    "ның", "нің", "дың", "дің", "тың", "тің", "нын", "нин", "дын", "дин", "тын", "тин", "нинг", "ни", "ны", "ди", "ды",
    "га", "ге", "ға", "ка", "ке", "қа", "да", "де", "та", "те", "дан", "ден", "тан", "тен", "дағы", "дагы", "даги",
    "ро", "и", "ning", "ni", "ga", "ka", "qa", "da", "dan", "dagi", "yň", "iň", "nyň", "ny", "y", "i", "a",
)  # fmt: skip
"""What Kazakh, Kyrgyz, Uzbek, Tajik and Turkmen glue to the last word."""


@dataclass(frozen=True, slots=True)
class Term:
    """What stands for `means` (a code, a topic, an organisation) where it is written. `glued`: suffixes may follow."""

    means: str
    words: str
    glued: bool = True


@dataclass(frozen=True, slots=True)
class Mention:
    """`words` is what stands in the text from `start` to `end`."""

    means: str
    words: str
    start: int
    end: int


class Terms:
    """Built once, then asked with any number of texts."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._automaton = ahocorasick.Automaton()
        for term in terms:
            for form in forms(term):
                if form and form not in self._automaton:
                    self._automaton.add_word(form, (term.means, len(form)))
        if len(self._automaton):
            self._automaton.make_automaton()

    def find(self, text: str) -> list[Mention]:
        """Every mention in its order; of those that lie over each other the longest. Capitals do not matter."""
        if not len(self._automaton):
            return []
        low = lower(text)
        found = sorted(self._whole(low), key=lambda one: (one[1], -one[2]))
        kept: list[Mention] = []
        for means, start, end in found:
            if not kept or start >= kept[-1].end:
                kept.append(Mention(means, text[start:end], start, end))
        return kept

    def _whole(self, low: str) -> Iterator[tuple[str, int, int]]:
        for last, (means, length) in self._automaton.iter(low):
            start, end = last + 1 - length, last + 1
            # word boundaries by `isalnum`: regular expressions do not agree on what a letter is
            if not low[start - 1 : start].isalnum() and not low[end : end + 1].isalnum():
                yield means, start, end


def forms(term: Term) -> set[str]:
    """The term in every case that it may stand in: all words of it declined, or the first ones alone (as in “комитет
    против пыток”); or a suffix behind the last.
    """
    words = lower(" ".join(term.words.split())).split(" ")
    found = {" ".join(words)}
    for declined in range(1, len(words) + 1):
        for case in range(len(HARD)):
            found.add(" ".join([*(_case(word, case) for word in words[:declined]), *words[declined:]]))
    if term.glued:
        found |= {f"{' '.join(words)}{suffix}" for suffix in SUFFIXES}
    return found


def _case(word: str, case: int) -> str:
    for ending, cases in CASES.items():
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word.removesuffix(ending) + cases[case]
    return word + HARD[case] if word[-1:] in CONSONANTS else word


def lower(text: str) -> str:
    """In small letters, each in its place: some capitals have a small form of two letters."""
    small = text.lower()
    if len(small) != len(text):
        small = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    return small.translate(_APOSTROPHES)


_APOSTROPHES = str.maketrans(dict.fromkeys("\u02bb\u02bc\u2019\u2018`\u00b4\u02b9\u2032", "'"))
