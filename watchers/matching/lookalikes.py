"""What a word is compared as: capitals, encodings, apostrophes and letters of another script do not matter."""

import re
import unicodedata

APOSTROPHES = "'\u02bb\u02bc\u2019\u2018`\u00b4\u02b9\u02be\u02bf\u2032"
HYPHENS = "-\u2010\u2011"
INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060"

_LATIN_IN_CYRILLIC = dict(zip("aceopxyikmhtbngr", "асеорхуікмнтвпдг", strict=True)) | {"ï": "ї", "ë": "ё", "j": "ј"}
_CYRILLIC_IN_LATIN = dict(zip("асеорхуіјѕкмнтвһ", "aceopxyijskmhtbh", strict=True)) | {"ё": "ë", "ї": "ï"}
"""Small letters that look alike, or whose capitals do, or that look alike in italics."""

_TO_CYRILLIC = str.maketrans(_LATIN_IN_CYRILLIC | {"0": "о", "3": "з"})
_TO_LATIN = str.maketrans(_CYRILLIC_IN_LATIN | {"0": "o", "1": "l"})
_SAME = str.maketrans(
    dict.fromkeys(APOSTROPHES, "'") | dict.fromkeys(HYPHENS, "-") | dict.fromkeys(INVISIBLE, "")
    | {"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "أ": "ا", "إ": "ا", "آ": "ا", "ـ": ""}
    | dict.fromkeys("\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0670", "")
)  # fmt: skip
"""Arabic and Persian keyboards write the same letters differently, and vowel marks seldom."""

_AROUND = re.compile(
    "^(?:a[dlnrst]|ash|el|аль?|а[днрстшз]|эль?|э[днрстшз])-(?=..)"
    "|(?<=..)-(?:ака|ока|ага|ога|апа|опа|ата|ота|эже|байке|аке|уста|aka|aga|apa|opa|ota|usta)$"
)
"""The article before Arabic names; and what Central Asians say behind a first name out of respect."""

_PURE = re.compile("[a-z]+|[а-яё]+")
_LATIN, _CYRILLIC = re.compile("[a-z]"), re.compile("[\u0400-\u052f]")
_ALIKE = str.maketrans("", "", "aceopxyijsасеорхуіјѕ")
_DIGIT = re.compile(r"\d")


def fold(word: str) -> str:
    """The word as it is compared. “Acкapoв” with Latin A, c, a, p inside is “аскаров”, and so is “Аскар0в”."""
    folded = word.casefold()
    if _PURE.fullmatch(folded):
        return folded
    folded = unicodedata.normalize("NFC", folded).replace("i\u0307", "i").translate(_SAME)
    if "-" in folded:
        folded = _AROUND.sub("", folded)
    latin, cyrillic = len(_LATIN.findall(folded)), len(_CYRILLIC.findall(folded))
    if latin and cyrillic:
        return _one_script(folded, latin, cyrillic)
    if cyrillic and _DIGIT.search(folded):
        changed = folded.translate(_TO_CYRILLIC)
        return folded if _DIGIT.search(changed) else changed
    return folded


def _one_script(word: str, latin: int, cyrillic: int) -> str:
    """Into the script of the letters that cannot be mistaken; else into that of most; if every other has a double."""
    ways = ((_TO_CYRILLIC, _LATIN), (_TO_LATIN, _CYRILLIC))
    sure = len(_CYRILLIC.findall(word.translate(_ALIKE))) - len(_LATIN.findall(word.translate(_ALIKE)))
    for table, stranger in ways if (sure or cyrillic - latin) >= 0 else ways[::-1]:
        changed = word.translate(table)
        if not stranger.search(changed):
            return changed
    return word
