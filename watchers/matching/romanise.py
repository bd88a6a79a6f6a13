"""How a word sounds, in one alphabet for all scripts and spellings: “Жўраев”, “Joʻrayev” and “Dzhurayev” come near.

One sign a sound: vowels `a e i o u`; `j` for ж, дж, ҷ; `S` sh; `C` ch; `c` ts; `h` for х, ҳ and kh. Soft and hard signs
are gone, and what is doubled stands once.
"""

import re
from functools import lru_cache

from watchers.matching.letters import (
    BREATHED,
    CONTINENTAL,
    CYRILLIC,
    CYRILLIC_TOO,
    FRENCH,
    GROUPS,
    JAPANESE,
    LATIN,
    NORDIC,
    SILENT,
    SOFTENED,
    UZBEK,
)  # fmt: skip

_TABLE = str.maketrans(CYRILLIC | LATIN | dict.fromkeys(SILENT, ""))
_TABLES = [("", _TABLE)] + [(letter, _TABLE | str.maketrans({letter: sound})) for letter, sound in CYRILLIC_TOO.items()]


def _groups(*tables: dict[str, str]) -> tuple[re.Pattern[str], dict[str, str]]:
    merged = {signs: sound for table in tables for signs, sound in table.items()}
    return re.compile("|".join(sorted(map(re.escape, merged), key=len, reverse=True))), merged


_PLAIN, _XE, _GERMAN, _FRANCE, _NORTH, _HARD_H, _SOFT_Q, _NIPPON = (
    _groups(GROUPS), _groups(GROUPS, UZBEK), _groups(GROUPS, CONTINENTAL), _groups(GROUPS, FRENCH),
    _groups(GROUPS, NORDIC),
    _groups(GROUPS, BREATHED), _groups(GROUPS, SOFTENED), _groups(JAPANESE),
)  # fmt: skip
_BARE_H = re.compile(r"(?<![sckzgptd])h(?=[aeiouyäöürlnmv])")
_SYLLABLES = re.compile(r"(?:(?:[kstnhmyrwgzdbpfj]|ch|sh|ts|[kgnhmrbpstz]y)?[aeiouāēīōū]h?|n)+")
_JAPANESE_SIGN = re.compile("ch|sh|ts|[tsz][iu]|[stz]y|j|z|[hd][ui]")
_SHORT_U = re.compile("(?<=[аеіоуыэюя])ў")
"""Behind a vowel it is Belarusian, and v: Акулаў. Else it is Uzbek, and a vowel."""

_BELARUSIAN = ("au", "eu", "aŭ", "eŭ")
_LATVIAN = re.compile("(?:[oe]v|in|sk[iy]|[aeiou]j)s$")

_WORN = re.compile(r"dj|ts|ie|io|ei|(.)\1")
_EI = re.compile("ei(?=[^aeiou])")
_TWICE = re.compile(r"(.)\1+")
_MUTE = ("ah", "eh", "ih", "oh", "uh")


@lru_cache(maxsize=32_768)
def sounds(word: str) -> tuple[str, ...]:
    """Each way to read a folded word of Cyrillic or Latin letters, the likeliest first. Empty where a letter of another
    script, a digit or another sign stands in it: such words are compared as they are written.
    """
    if word[0] > "\u03ff":
        if "ў" in word:
            word = _SHORT_U.sub("в", word)
        raw = [word.translate(table) for letter, table in _TABLES if letter in word]
    else:
        raw = _latin(word)
    worn = [_worn(sound) for sound in raw if sound.isascii() and sound.isalpha()]
    # a last h may be mute: Abdullah, Fatimah
    return tuple(dict.fromkeys(worn + [sound[:-1] for sound in worn if sound.endswith(_MUTE)]))


def _latin(word: str) -> list[str]:
    """Spelling is a matter of language, and a name in Latin letters does not say which."""
    ways = [_PLAIN]
    if "x" in word:
        ways.append(_XE)
    if "j" in word or "c" in word:
        ways.append(_GERMAN)
    if "q" in word:
        ways.append(_SOFT_Q)
    if "ch" in word:
        ways.append(_FRANCE)
    if "tj" in word:
        ways.append(_NORTH)
    if _BARE_H.search(word):
        ways.append(_HARD_H)
    if _JAPANESE_SIGN.search(word) and _SYLLABLES.fullmatch(word):
        ways.append(_NIPPON)
    found = [_read(word, way) for way in ways]
    if word.endswith(_BELARUSIAN):
        found.append(f"{found[0][:-1]}v")
    if _LATVIAN.search(word):
        found += [sound[:-1] for sound in found]
    return found


def _read(word: str, way: tuple[re.Pattern[str], dict[str, str]]) -> str:
    pattern, groups = way
    sound = pattern.sub(lambda found: groups[found[0]], word).translate(_TABLE)
    return f"{sound[:-2]}v" if sound.endswith("off") else sound


def _worn(sound: str) -> str:
    """Without the differences that mean nothing: дж and ж, ё and е, ай and ей, double letters."""
    if _WORN.search(sound):
        sound = sound.replace("dj", "j").replace("ts", "c").replace("ie", "e").replace("io", "e")
        sound = _EI.sub("ai", sound)
        tail = "i" if sound.endswith("ii") else ""  # “-ий” is declined, “-и” is not
        sound = _TWICE.sub(r"\1", sound) + tail
    return sound
