"""How near two words are, and by which key the near ones are looked up."""

import re
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from watchers.matching.endings import declines

_KEY = str.maketrans("bpvfgkdtzscSCjlmnr", "ppffkkttsssssslmnr", "aeiouh")
_BONES = str.maketrans("", "", "aeiou")
_BROAD = str.maketrans("eou", "iaa")
_GLIDE = re.compile(r"i(?=[aou])|(?<=[aeou])i")
_TWICE = re.compile(r"(.)\1+")

BREATH, VOWEL, LAST, GENDER = 0.15, 0.10, 0.15, 1.5
"""What each difference costs: an h; a vowel; a vowel of the ending; the -a that tells a woman's name from a man's."""

CONSONANT, KIND = {True: 0.6, False: 0.25}, {True: 0.3, False: 0.16}
"""A consonant of the same place in the mouth; a vowel of another kind, of which there may be one. Within Cyrillic
(True) it is another name more often (Хамидов, Хамитов), else a spelling.
"""

LIMITS = (0.05, 0.05, 0.20, 0.36, 0.5, 0.65, 0.8)
"""What one name may cost, by how many consonants it has: what is short has many neighbours. Weights and limits were
chosen on one half of 20,000 names in Cyrillic and Latin, by how many spellings of one name, and of two, cost as much.
"""

LIKELY, DECLINED = 80.0, 99.5
"""Of likeness: the same name in another spelling; and in another case than the first, which may be another name in the
first.
"""

_SHORT = 2
_HIS = ("", "i", "ii")

distance = Levenshtein.distance


@dataclass(frozen=True, slots=True)
class Part:
    """One way to read one word of a name that we know: what it is up to its last consonant, and the vowels behind."""

    no: int
    stem: str
    final: str
    bones: str
    broad: str
    vowels: int
    cyrillic: bool
    limit: float


def part(no: int, stem: str, final: str, cyrillic: bool) -> Part:
    bones = stem.translate(_BONES)
    wide = broad(stem)
    limit = LIMITS[min(len(bones), len(LIMITS) - 1)]
    return Part(no, stem, final, bones, wide, len(wide) - len(bones), cyrillic, limit)


def key(stem: str) -> str:
    """Names that may be one share it: the consonants, those of one place in the mouth as one, and whether a vowel comes
    first. Of short names it holds the vowels too: they may hardly differ, and there are many.
    """
    bare = stem.translate(_KEY)
    if len(bare) <= _SHORT:
        return broad(stem)
    return f"-{bare}" if stem[0] in "aeiou" else bare


def broad(stem: str) -> str:
    """With three vowels fewer and without glides: what stays the same between most spellings."""
    return _TWICE.sub(r"\1", _GLIDE.sub("", stem).translate(_BROAD))


def near(stem: str, cyrillic: bool, candidates: list[Part]) -> list[tuple[Part, float]]:
    """The candidates that are not too far, with what the difference costs; the ending not counted."""
    bones, wide = stem.translate(_BONES), broad(stem)
    vowels = len(wide) - len(bones)
    found = []
    for one in candidates:
        if stem == one.stem:
            found.append((one, 0.0))
            continue
        if not -1 <= vowels - one.vowels <= 1:
            continue
        hard = distance(bones, one.bones) if bones != one.bones else 0
        kinds = distance(wide, one.broad) - hard if wide != one.broad else 0
        if kinds > 1:
            continue
        both = cyrillic and one.cyrillic
        costs = KIND[both] * kinds if kinds > 0 else 0.0
        if hard:
            breath = min(hard, abs(bones.count("h") - one.bones.count("h")))
            costs += BREATH * breath + CONSONANT[both] * (hard - breath)
        if costs <= one.limit:
            costs += VOWEL * max(0, distance(stem, one.stem) - hard)
            if costs <= one.limit:
                found.append((one, costs))
    return found


def likeness(one: Part, costs: float, ending: str, glued: bool, cyrillic: bool) -> float:
    """From 0 to 100. `DECLINED` and more: the name, in some case; `LIKELY` and more: the same name in another spelling.

    `glued`: a suffix stood behind the ending, so that the ending itself is the nominative's.
    """
    if ending != one.final and not (cyrillic and not glued and declines(one.final, ending)):
        if (ending in _HIS and one.final[:1] == "a") or (one.final in _HIS and ending[:1] == "a"):
            costs += GENDER
        else:
            costs += LAST * distance(ending, one.final)
    if costs:
        return 100.0 - (100.0 - LIKELY) * costs / one.limit
    return DECLINED if glued or ending != one.final else 100.0
