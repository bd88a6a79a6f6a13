"""Which countries a text speaks of: by their names in eight languages, their capitals and their people."""

from collections import Counter
from functools import cache

from babel import Locale

from watchers.matching.terms import Mention, Term, Terms

LANGUAGES = ("en", "ru", "kk", "ky", "tg", "tk", "uz", "uz_Cyrl")
"""Names come from Unicode CLDR."""

ALSO = {
    "KG": (
        "Киргизия", "Кыргызстан", "Кыргызская Республика", "Киргизская Республика", "Kirghizia", "Kyrgyz Republic",
        "Бишкек", "Bishkek", "Biškek", "Ош", "Osh", "киргизский", "кыргызский", "кыргызстанский", "кыргызстанец",
        "Kyrgyzstani", "Kyrgyz", "Қирғизистон", "Qirg'iziston",
    ),
    "KZ": (
        "Казахстан", "Республика Казахстан", "Kazakstan", "Астана", "Astana", "Нур-Султан", "Nur-Sultan", "Алматы",
        "Almaty", "Алма-Ата", "казахский", "казахстанский", "казахстанец", "Kazakh", "Kazakhstani", "Қозоғистон",
        "Qozog'iston", "Шымкент", "Shymkent",
    ),
    "TJ": (
        "Таджикистан", "Республика Таджикистан", "Tajikistan", "Tadzhikistan", "Душанбе", "Dushanbe", "Duşanbe",
        "таджикский", "таджикистанский", "таджикистанец", "Tajik", "Tajikistani", "Тоҷикистон", "Тожикистон",
        "Tojikiston", "Худжанд", "Khujand", "Хорог", "Khorog",
    ),
    "TM": (
        "Туркмения", "Туркменистан", "Turkmenia", "Türkmenistan", "Ашхабад", "Ashgabat", "Aşgabat", "Ашгабат",
        "туркменский", "туркменистанец", "Turkmen", "Дашогуз", "Dashoguz",
    ),
    "UZ": (
        "Узбекистан", "Республика Узбекистан", "Ўзбекистон", "O'zbekiston", "Özbegistan", "Ташкент", "Tashkent",
        "Toshkent", "Тошкент", "узбекский", "узбекистанский", "узбекистанец", "Uzbek", "Uzbekistani", "Нукус", "Nukus",
        "Каракалпакстан", "Karakalpakstan", "Андижан", "Andijan", "Самарканд", "Samarkand",
    ),
    "RU": ("Россия", "Российская Федерация", "Russia", "Москва", "Moscow", "российский", "россиянин", "Russian"),
    "AF": ("Афганистан", "Кабул", "Kabul", "афганский", "Afghan"),
    "CN": ("Китай", "КНР", "Пекин", "Beijing", "китайский", "Chinese", "Синьцзян", "Xinjiang"),
    "BY": ("Беларусь", "Белоруссия", "Минск", "Minsk", "белорусский", "беларусский", "Belarusian"),
    "AZ": ("Азербайджан", "Баку", "Baku", "азербайджанский", "Azerbaijani"),
    "TR": ("Турция", "Анкара", "Ankara", "Стамбул", "Istanbul", "турецкий", "Turkish"),
    "IR": ("Иран", "Тегеран", "Tehran", "иранский", "Iranian"),
}  # fmt: skip
"""What else newspapers write, by hand: other names, capitals, cities of trials, adjectives and who comes from there."""

COUNTRY = 2
"""Letters of a country’s code; continents and the like have three figures."""

WORDS = frozenset(("того", "мали", "чад", "jersey", "чили"))
"""Names of countries that are words as well (“того” is “of that”); they are not looked for."""


def mentions(text: str) -> list[Mention]:
    """Each country that is named, by its two letters, where it stands."""
    return _terms().find(text)


def country(text: str) -> str:
    """The one that is named most often, of several the first; empty where none is."""
    counted = Counter(mention.means for mention in mentions(text))
    return counted.most_common(1)[0][0] if counted else ""


@cache
def _terms() -> Terms:
    """Our own list goes first: where a name is in both, its forms are the same."""
    found = [Term(code, words) for code, names in ALSO.items() for words in names]
    for language in LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == COUNTRY and code.isalpha() and name.lower() not in WORDS:
                found.append(Term(code, name))
    return Terms(found)
