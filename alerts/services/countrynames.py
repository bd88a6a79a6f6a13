"""Which countries somebody names in a mail, in any language that our readers read."""

import re
from functools import cache

from babel import Locale

from alerts.domain.replywords import folded
from alerts.settings import countries

LANGUAGES = ("en", "ru", "kk", "ky", "tg", "tk", "uz", "fr", "de")

ALSO = {
    "KG": ("kirghizia", "киргизию", "кыргызстан"), "KZ": ("kazakstan",), "TM": ("turkmenia", "туркмения", "туркмению"),
    "GB": ("uk", "great britain"), "US": ("usa",),
}  # fmt: skip
"""What people write, beside the names that Unicode CLDR knows."""


def named(words: str) -> tuple[str, ...]:
    """Codes of the countries in these folded words (replywords.folded), each once, in their order.

    Codes themselves count where there is nothing else, as in “KG KZ”: “me”, “to” and “in” are codes too.
    """
    found = [_names()[match[0]] for match in _pattern().finditer(words)]
    codes = [word.upper() for word in words.split()]
    if not found and all(code in countries() for code in codes):
        found = codes
    return tuple(dict.fromkeys(found))


@cache
def _names() -> dict[str, str]:
    """Every name, folded, with its code."""
    known, found = countries(), dict[str, str]()
    for language in LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if code in known:
                found.setdefault(folded(name), code)
    for code, names in ALSO.items():
        found |= {folded(name): code for name in names}
    return {name: code for name, code in found.items() if name}


@cache
def _pattern() -> re.Pattern[str]:
    names = sorted(_names(), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")
