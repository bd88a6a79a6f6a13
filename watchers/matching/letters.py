"""What letters and groups of letters sound like, as `romanise` writes sounds.

Sources: BGN/PCGN and ISO 9 for Russian, Kazakh, Kyrgyz, Tajik, Turkmen and Uzbek; the Latin alphabets of Uzbekistan
(1995), Turkmenistan (1999) and Kazakhstan (2021); and how English, German, French, Slavic and Baltic newspapers write
such names.
"""

CYRILLIC = {
    # Russian
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "j", "з": "z", "и": "i", "й": "i",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "h", "ц": "c", "ч": "C", "ш": "S", "щ": "S", "ъ": "", "ы": "i", "ь": "", "э": "e", "ю": "iu", "я": "ia",
    # Kazakh, Kyrgyz, Tajik, Uzbek, Turkmen, Tatar, Bashkir
    "ә": "a", "ғ": "g", "қ": "k", "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "һ": "h", "і": "i", "ӣ": "i", "ӯ": "u",
    "ҳ": "h", "ҷ": "j", "ў": "o", "җ": "j", "ҡ": "k", "ҙ": "z", "ҫ": "s", "ӊ": "n", "ҥ": "n", "ӈ": "n", "ѓ": "g",
    # Ukrainian, Belarusian, Serbian, Macedonian, and others that occur in names
    "ї": "i", "є": "e", "ґ": "g", "ђ": "j", "ћ": "C", "џ": "j", "љ": "l", "њ": "n", "ј": "i", "ќ": "k", "ѕ": "z",
    "ѐ": "e", "ѝ": "i", "ӕ": "e", "ӷ": "g", "ӑ": "a", "ӗ": "e", "ӳ": "u", "ӱ": "u", "ӧ": "o", "ӓ": "a", "ӹ": "i",
}  # fmt: skip

CYRILLIC_TOO = {"ң": "ng", "қ": "h"}
"""What else they may be in Russian and Latin letters: Жаңыл, Zhangyl; Бақыт, Бахыт."""

LATIN = {
    "á": "a", "à": "a", "â": "a", "ä": "a", "ã": "a", "å": "a", "ā": "a", "ă": "a", "ą": "a", "ə": "a", "ǎ": "a",
    "æ": "e", "é": "e", "è": "e", "ê": "e", "ë": "e", "ē": "e", "ė": "e", "ę": "e", "ě": "e", "ĕ": "e", "í": "i",
    "ì": "i", "î": "i", "ï": "i", "ī": "i", "į": "i", "ı": "i", "ĭ": "i", "ĩ": "i", "ý": "i", "ÿ": "i", "ȳ": "i",
    "ó": "o", "ò": "o", "ô": "o", "ö": "o", "õ": "o", "ø": "o", "ō": "o", "ő": "o", "ơ": "o", "ŏ": "o", "ǒ": "o",
    "œ": "e", "ú": "u", "ù": "u", "û": "u", "ü": "u", "ū": "u", "ů": "u", "ű": "u", "ų": "u", "ŭ": "u", "ư": "u",
    "š": "S", "ş": "S", "ș": "S", "ś": "S", "ŝ": "S", "ṣ": "s", "č": "C", "ć": "C", "ç": "C", "ĉ": "C", "ċ": "C",
    "ž": "j", "ż": "j", "ź": "z", "ẓ": "z", "ẕ": "z", "ǰ": "j", "ĵ": "j", "đ": "d", "ď": "d", "ḍ": "d", "ð": "d",
    "ğ": "g", "ǧ": "g", "ģ": "g", "ġ": "g", "ĝ": "g", "ḡ": "g", "ḥ": "h", "ḫ": "h", "ẖ": "h", "ĥ": "h", "ħ": "h",
    "ķ": "k", "ḳ": "k", "ł": "l", "ľ": "l", "ļ": "l", "ĺ": "l", "ñ": "n", "ń": "n", "ň": "n", "ņ": "n", "ŋ": "n",
    "ṇ": "n", "ř": "r", "ŕ": "r", "ŗ": "r", "ß": "s", "ť": "t", "ţ": "c", "ț": "c", "ṭ": "t", "þ": "t", "ŧ": "t",
    "ŵ": "v", "w": "v", "q": "k", "y": "i",
}  # fmt: skip

SILENT = "'-"
"""What stands in a folded word and is not heard; “oʻ” and “gʻ” of Uzbek are o and g with it."""

GROUPS = {
    "shch": "S", "chtch": "S", "schtsch": "S", "šč": "S", "tsch": "C", "tch": "C", "tš": "C", "ch": "C", "cz": "C",
    "tsj": "C", "sch": "S", "sh": "S", "sz": "S", "sj": "S", "stsj": "S", "dsch": "j", "dzh": "j",
    "zh": "j", "dj": "j", "dž": "j", "zj": "j", "dzj": "j", "kh": "h", "gh": "g", "ph": "f", "th": "t",
    "ck": "k", "qu": "k", "tz": "c", "ts": "c", "x": "ks", "ce": "se", "ci": "si", "cy": "si", "c": "k",
    "oo": "u", "ou": "u", "ee": "i", "yo": "e",
}  # fmt: skip
"""As English writes, and most of the world’s newspapers."""

UZBEK = {"x": "h"}
CONTINENTAL = {"ch": "h", "j": "i", "dj": "di", "ce": "ce", "ci": "ci", "cy": "ci", "c": "c"}
"""As German and Slavic languages write."""

FRENCH = {"ch": "S"}
NORDIC = {"tj": "C", "sjtj": "S", "stj": "S"}
SOFTENED = {"q": "h", "qu": "hu"}
BREATHED = {"h": "g"}
"""What Azeri, Ukrainian and Belarusian breathe, Russian writes with г: Huseynov, Гусейнов."""

JAPANESE = {
    "shi": "si", "sh": "si", "sy": "si", "chi": "ti", "ch": "ti", "ty": "ti", "tsu": "cu", "tu": "cu", "ts": "c",
    "ji": "dzi", "zi": "dzi", "di": "dzi", "j": "dzi", "zy": "dzi", "zu": "dzu", "du": "dzu", "z": "dz", "hu": "fu",
    "oh": "o", "ou": "o",
}  # fmt: skip
"""Hepburn’s and the state’s spelling, as Polivanov writes them in Cyrillic."""
