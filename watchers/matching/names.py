"""What a spelling is made of: which words name the person, which may be left out, which is only an initial."""

import re
from dataclasses import dataclass

from watchers.matching.lookalikes import fold
from watchers.matching.romanise import sounds
from watchers.matching.tokens import is_unusual, words_of

PARTICLES = frozenset((
    "uulu", "uuly", "ulu", "uly", "uli", "oglu", "ogly", "ogli", "o'g'li", "ugli", "ўғли", "оглы", "оглу", "улу",
    "ўғлі", "ұлы", "уулу", "углы", "угли", "ўғил", "kyzy", "kizi", "qizi", "gyzy", "gizi", "qyzy", "kızı", "qızı",
    "кызы", "қызы", "гызы", "қизи", "кизи", "zoda", "zada", "зода", "заде", "bin", "ibn", "ben", "binti", "bint",
    "al", "el", "ul", "ud", "ad", "аль", "эль", "ал", "ибн", "бин", "бинт", "von", "van", "der", "den", "de", "del",
    "della", "di", "da", "dos", "du", "la", "le", "фон", "ван", "дер", "де", "да", "ди", "дель",
))  # fmt: skip
"""Words of names that are left out as often as not."""

_PATRONYMIC = re.compile(r".{2,}(?:viC(?:a|u|em|om|e)?|iC|[oei]vn(?:a|i|e|u|oi)|iCn(?:a|i|e|u|oi))$")
_TURKIC = re.compile(r".{3,}(?:uli|ulu|[ou]gli|[ou]glu|kizi|gizi)(?:n?[iu]n|ga|n[ae]|d[ae]n|n[iu])?$")
_SURNAME = re.compile(
    r".{2,}(?:[oei]v|in|sk)(?:a|u|om|im|oi|i|ii|ogo|omu|aia|uiu|e)?$|.{2,}(?:enko|Cuk|ian|Svili|dze|zade|zoda|pur)$"
)


@dataclass(frozen=True, slots=True)
class Name:
    """`words` must all be found, in either order. `initial`: of the first name only that letter is known."""

    words: tuple[str, ...]
    initial: str = ""


def read(form: str) -> Name:
    """A spelling as its words. One without a letter gives none."""
    found = [word for word in map(fold, words_of(form, is_unusual(form))) if word]
    full = [word for word in found if len(word) > 1 or word > "\u2e7f"]
    bare = [word for word in full if word not in PARTICLES]
    kept = bare if len(bare) > 1 else full
    if len(kept) > 2:
        bare = [word for word in kept if not is_patronymic(word)]
        kept = bare if len(bare) > 1 else kept
    if len(kept) == 1 and len(full) == 1 and len(found) > 1:
        return Name((kept[0],), next(word for word in found if word != kept[0]))
    return Name(tuple(kept or found))


def is_patronymic(word: str) -> bool:
    return any(_PATRONYMIC.match(sound) or _TURKIC.match(sound) for sound in sounds(word)[:1])


def is_surname(word: str) -> bool:
    """By its look alone: for the questions to which a wrong answer costs little."""
    return any(_SURNAME.match(sound) for sound in sounds(word)[:1])
