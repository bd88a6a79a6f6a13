"""Endings of words in running text, as alternatives: “Каримова” is his genitive or her nominative, so both are tried.

All are written as `romanise.sounds` writes them, so that “-ның”, “-нин” and “-ning” are few lines and not twenty.
Sources: the case tables of Russian first names and surnames (Грамматика-80 §§1166–1200), and of Kazakh, Kyrgyz, Uzbek,
Turkmen and Tajik nouns.
"""

import re
from collections import defaultdict

VOWELS = "aeiou"
_FLEETING = re.compile(r"([^aeiou])[eo]([clk]|(?<=^le)v)$")
LETTERS = "abcdefghijklmnoprstuvzSC"

DECLINED = {
    "": "a u om em im e i ih imi ia iu iam",
    "a": "a i e u oi ei oiu eiu am ami ah",
    "ia": "ia i e iu ei eiu ii iei",
    "ii": "ii i ia iu im em e ogo omu om ego emu ih imi iam",
    "ei": "ei eia eiu em e eiam",
    "ai": "ai aia aiu aem ae em aiam",
    "oi": "oi oia oiu oem oe em ogo omu im om ih imi",
    "ui": "ui uia uiu uem ue",
    "aia": "aia oi uiu oiu ei",
}  # fmt: skip
"""By what a Cyrillic name ends on in the nominative (its last vowels): what may stand there in any case."""

SUFFIXES = frozenset(
    (
        # genitive, accusative, dative, locative, ablative, instrumental, plural: kk, ky, uz, tk, with vowel harmony
        "nin", "ning", "din", "tin", "in", "un", "ing", "ni", "di", "ti", "ga", "ge", "ka", "ke", "na", "ne",
        "da", "de", "ta", "te", "nda", "nde", "dan", "den", "tan", "ten", "nan", "nen", "ndan", "nden",
        "men", "ben", "pen", "lar", "ler", "dar", "der", "tar", "ter", "larga", "lardin", "nika", "Ca",
        "ro", "i", "s",  # Tajik, and what English, German and Latvian add
    )
)  # fmt: skip
"""What is glued to the nominative of a name's last word. What begins with the name's own last consonant stands without
it: sounds are single.
"""

ROUNDED = frozenset((
    "nun", "dun", "tun", "nu", "du", "tu", "go", "gu", "ko", "do", "to", "don", "ton", "lor", "dor", "tor",
))  # fmt: skip
"""The same of Kyrgyz after rounded vowels; it is written in Cyrillic."""

_CASE_TAILS = ("m", "h", "go", "mu", "mi")
"""The consonants of those in DECLINED that do not end on their first vowels."""

_SHORTEST = 2
_FORMS = {final: frozenset(endings.split()) for final, endings in DECLINED.items()}


def _by_last_two(*tails: tuple[str, bool]) -> dict[str, tuple[tuple[str, bool], ...]]:
    found: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for tail, glued in tails:
        for pair in [tail[-2:]] if len(tail) > 1 else [letter + tail for letter in LETTERS]:
            found[pair].append((tail, glued))
    return {pair: tuple(tails) for pair, tails in found.items()}


_GLUED = [(suffix, True) for suffix in sorted(SUFFIXES)]
_LATIN = _by_last_two(*_GLUED)
_CYRILLIC = _by_last_two(
    *((tail, False) for tail in _CASE_TAILS), *_GLUED, *((suffix, True) for suffix in sorted(ROUNDED))
)


def split(sound: str) -> tuple[str, str]:
    """Up to the last consonant, and the vowels after it."""
    stem = sound.rstrip(VOWELS)
    return stem, sound[len(stem) :]


def alternatives(sound: str, cyrillic: bool) -> list[tuple[str, str, bool]]:
    """Each way to take a word apart: stem, ending, and whether that is the nominative's with a suffix behind it."""
    stem = sound.rstrip(VOWELS)
    found = [(stem, sound[len(stem) :], False)]
    for tail, glued in (_CYRILLIC if cyrillic else _LATIN).get(sound[-2:], ()):
        if sound.endswith(tail):
            body = sound[: -len(tail)]
            stem = body.rstrip(VOWELS)
            if len(stem) >= _SHORTEST and (glued or len(stem) < len(body)):
                found.append((stem, body[len(stem) :] if glued else sound[len(stem) :], glued))
    return found


def without_fleeting(stem: str) -> str:
    """As before a Russian ending: Павел, Павла; Кравец, Кравца; Лев, Льва. The same where no vowel goes."""
    return _FLEETING.sub(r"\1\2", stem)


def declines(final: str, ending: str) -> bool:
    """Whether a Cyrillic name that ends on `final` may end on `ending` in some case."""
    return ending in _FORMS.get(final, ())
