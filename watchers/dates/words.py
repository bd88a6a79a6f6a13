"""What days, months and hours are called where our news comes from. Names of months and weekdays are Unicode CLDR's."""

from functools import cache

from babel import Locale

LOCALES = ("ru", "kk", "ky", "tg", "uz_Latn", "uz_Cyrl", "tk", "en", "de", "fr")

AHEAD = {
    "today": 0, "сегодня": 0, "бүгүн": 0, "бүгін": 0, "bugun": 0, "бугун": 0, "имрӯз": 0, "şugün": 0, "heute": 0,
    "tomorrow": 1, "завтра": 1, "эртең": 1, "ертең": 1, "ertaga": 1, "эртага": 1, "фардо": 1, "ertir": 1, "demain": 1,
    "послезавтра": 2, "бүрсүгүнү": 2, "бүрсігүні": 2, "indinga": 2, "индинга": 2, "пасфардо": 2, "birigün": 2,
    "übermorgen": 2,
}  # fmt: skip
"""Days from the day on which it was written. “morgen” is left out: it is a time of day as well."""

ACCUSATIVE = {"среду": 2, "пятницу": 4, "субботу": 5}

HOUR_WORDS = r"в|во|саат\w*|сағат\w*|соат\w*|soat\w*|sagat\w*|at|um|à|начало"
"""Before an hour that is written with a point, or without minutes."""

CUES = {
    "verdict": ("приговор", "оглас", "вердикт", "өкүм", "үкім", "hukm", "ҳукм", "höküm", "verdict", "sentenc"),
    "appeal": ("апелляц", "кассац", "аппеляц", "apellyats", "апеллятс", "appeal", "berufung"),
    "remand": ("под страж", "продлен", "камакта", "қамақта", "qamoq", "ҳибс", "remand", "pre-trial", "custody until"),
    "hearing": (
        r"суд(?:а|у|е|ом|ы|ов|ья|ьи|ье|ей|ебн\w*)?\b", "заседани", "слушани",
        r"сот(?:то|ко|у|ун|тун|ту|та|қа|тың|ы)?\b",
        r"sud(?:i|ya|ning|ga|da|ida|iga|lov|lovi)?\b", "majlis", "маҷлис", "kazyýet", r"court\b", r"hearings?\b",
        r"trial\b", "gericht",
    ),
}  # fmt: skip
"""Beginnings of words by which a sentence tells what is on that day; the first kind that is found stands."""


@cache
def months() -> dict[str, int]:
    """Every name and form of a month that CLDR knows, without points, in small letters."""
    found: dict[str, int] = {}
    for locale in map(Locale.parse, LOCALES):
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in locale.months[context][width].items():
                    word = name.casefold().rstrip(".")
                    if len(word) >= 3 and word.isalpha():
                        found.setdefault(word, number)
    return found


@cache
def weekdays() -> dict[str, int]:
    """Every name of a weekday, Monday being 0."""
    found = dict(ACCUSATIVE)
    for locale in map(Locale.parse, LOCALES):
        for number, name in locale.days["format"]["wide"].items():
            found.setdefault(name.casefold(), number)
    return found


@cache
def month(word: str) -> int | None:
    """The month that a word names, whatever ending hangs on it: декабря, декабрында, dekabrynda."""
    return _begins(word.casefold(), months(), 4)


@cache
def weekday(word: str) -> int | None:
    return _begins(word.casefold(), weekdays(), 3)


def _begins(word: str, known: dict[str, int], endings: int) -> int | None:
    """Found whole, or as the longest beginning of at least four letters with an ending of so many."""
    if word in known:
        return known[word]
    for cut in range(1, endings + 2):
        stem = word[:-cut]
        if len(stem) >= 4 and stem in known:
            return known[stem]
    return None
