"""Sentences in which people of Central Asia are named, and sentences that only look so; made from defenders.tsv.

First names and surnames are split into halves by their line: the tables of the matcher were tuned on the people of the
even half alone. How a name is inflected here is written apart from the matcher's tables, as a grammar says it.
"""

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

WATCHED, STRANGERS = 60, 600
APOSTROPHES = "ʻʼ’‘'`"
LOOKALIKES = dict(zip("аеорсухіАВЕКМНОРСТХ", "aeopcyxiABEKMHOPCTX", strict=True))
CONSONANTS = "бвгджзклмнпрстфхчш"


@dataclass(frozen=True)
class Spelt:
    """A first name or a surname: in Russian, in other Cyrillic, in Latin letters."""

    kind: str
    russian: str
    cyrillic: tuple[str, ...]
    latin: tuple[str, ...]


@dataclass(frozen=True)
class Someone:
    given: Spelt
    family: Spelt

    @property
    def woman(self) -> bool:
        return self.given.kind == "f"

    def russian(self) -> tuple[str, str]:
        return self.given.russian, gendered(self.family.russian, self.woman)

    def cyrillic(self, rng: random.Random) -> tuple[str, str]:
        given = rng.choice(self.given.cyrillic or (self.given.russian,))
        return given, gendered(rng.choice(self.family.cyrillic or (self.family.russian,)), self.woman)

    def latin(self, rng: random.Random) -> tuple[str, str]:
        return rng.choice(self.given.latin), gendered(rng.choice(self.family.latin), self.woman)

    def forms(self, known: int) -> list[str]:
        """The spellings a desk would know first: in Russian, then in Latin letters, then the others."""
        found = [" ".join(self.russian())]
        found += [
            f"{given} {gendered(family, self.woman)}"
            for given, family in zip(self.given.latin, self.family.latin * 3, strict=False)
        ]
        found += (
            [f"{self.given.cyrillic[0]} {gendered(self.family.cyrillic[0], self.woman)}"]
            if (self.given.cyrillic and self.family.cyrillic)
            else []
        )
        return list(dict.fromkeys(found))[:known]


@dataclass
class Line:
    """One text: who is named in it, if anybody of those whom we watch, and what it is an example of."""

    text: str
    who: int | None
    kind: str


@dataclass
class Evaluation:
    watched: list[Someone]
    lines: list[Line] = field(default_factory=list)


def evaluation(half: int, seed: int = 11) -> Evaluation:
    """`half` 0: the people on whom tables were tuned; 1: the others."""
    rng = random.Random(seed)
    names = _read()
    given = [name for n, name in enumerate(name for name in names if name.kind != "s") if n % 2 == half]
    family = [name for n, name in enumerate(name for name in names if name.kind == "s") if n % 2 == half]
    everybody = [Someone(one, other) for one in given for other in family]
    rng.shuffle(everybody)
    found = Evaluation(everybody[:WATCHED])
    for who, someone in enumerate(found.watched):
        found.lines += [Line(text, who, kind) for kind, text in _named(someone, rng)]
    strangers = everybody[WATCHED : WATCHED + STRANGERS]
    for someone in strangers:
        kind, text = rng.choice([one for one in _named(someone, rng) if one[0] != "initials"])
        found.lines.append(Line(text, None, f"stranger, {kind}"))
    found.lines += [Line(text, None, kind) for kind, text in _near(found.watched, strangers, rng)]
    return found


def gendered(family: str, woman: bool) -> str:
    if not woman:
        return family
    if family.endswith(("ов", "ев", "ёв", "ин", "ын")):
        return family + "а"
    return family + "a" if family.endswith(("ov", "ev", "ow", "in", "yn", "jow", "ýew")) else family


def declined(given: str, family: str, woman: bool) -> Iterator[tuple[str, str]]:
    """The six cases of Russian."""
    for n in range(6):
        yield _given(given, n), _family(family, woman, n)


def _given(word: str, n: int) -> str:
    if word.endswith("ий"):
        return word[:-1] + ("й", "я", "ю", "я", "ем", "и")[n]
    if word.endswith("й"):
        return word[:-1] + ("й", "я", "ю", "я", "ем", "е")[n]
    if word.endswith("ия"):
        return word[:-1] + ("я", "и", "и", "ю", "ей", "и")[n]
    if word.endswith("я"):
        return word[:-1] + ("я", "и", "е", "ю", "ей", "е")[n]
    if word.endswith("а"):
        soft = word[-2] in "гкхжчшщ"
        return word[:-1] + ("а", "и" if soft else "ы", "е", "у", "ой", "е")[n]
    if word == "Игорь":
        return word[:-1] + ("ь", "я", "ю", "я", "ем", "е")[n]
    if word == "Павел":
        return ("Павел", "Павла", "Павлу", "Павла", "Павлом", "Павле")[n]
    if word[-1] in "иыоуэеюь" or word in ("Айгуль", "Назгуль", "Асель", "Гузаль"):
        return word
    if word in WOMEN_ON_CONSONANT:
        return word
    return word + ("", "а", "у", "а", "ем" if word[-1] in "жшчц" else "ом", "е")[n]


WOMEN_ON_CONSONANT = ("Жаннат", "Мутабар", "Бахыт", "Огулджан", "Жылдыз", "Толекан", "Юлдуз", "Шолпан")


def _family(word: str, woman: bool, n: int) -> str:
    if word.endswith(("ова", "ева", "ёва", "ина", "ына")) and woman:
        return word[:-1] + ("а", "ой", "ой", "у", "ой", "ой")[n]
    if word.endswith(("ов", "ев", "ёв", "ин", "ын")):
        return word + ("", "а", "у", "а", "ым", "е")[n]
    if woman or word[-1] in "оиыуэею":
        return word
    if word.endswith("й"):
        return word[:-1] + ("й", "я", "ю", "я", "ем", "е")[n]
    if word.endswith("а"):
        return word[:-1] + ("а", "и", "е", "у", "ой", "е")[n]
    return word + ("", "а", "у", "а", "ом", "е")[n]


RUSSIAN = (
    "Вчера {} не вышел на связь.", "Жена {} рассказала журналистам об обыске.", "Адвокату {} отказали в свидании.",
    "Милиция задержала {} у дома.", "Встреча с {} прошла в Бишкеке.", "Правозащитники говорят о {} и требуют суда.",
)  # fmt: skip
SUFFIXED = {
    "kk": ("Сот {}{} ісін қарады.", ("ның", "ға", "ды", "да", "дан", "мен")),
    "ky": ("Сот {}{} ишин карады.", ("нын", "га", "ды", "да", "дан", "дун")),
    "uz": ("Суд {}{} ишини кўриб чиқди.", ("нинг", "га", "ни", "да", "дан")),
    "tg": ("Додгоҳ {}{} озод кард.", ("ро", "и")),
}  # fmt: skip
UZBEK = ("Sud {}{} ishini koʻrib chiqdi.", ("ning", "ga", "ni", "da", "dan"))
TURKMEN = ("Kazyýet {}{} barada karar çykardy.", ("yň", "a", "y", "da", "dan"))
ENGLISH = ("On Friday {} was taken from home.", "{}’s lawyer was not let in.", "The trial of {} was adjourned.")


def _named(someone: Someone, rng: random.Random) -> Iterator[tuple[str, str]]:
    given, family = someone.russian()
    for n, (one, other) in enumerate(declined(given, family, someone.woman)):
        yield "Russian case", RUSSIAN[n].format(f"{one} {other}")
        yield "Russian case, family first", RUSSIAN[n].format(f"{other} {one}")
    one, other = list(declined(given, family, someone.woman))[rng.randrange(6)]
    patronymic = rng.choice(("Тургуновна", "Рашидовна") if someone.woman else ("Тургунович", "Рашидович"))
    yield "patronymic", f"В суде выступит {given} {patronymic} {family}, сообщили вчера."
    yield "patronymic, family first", f"{family} {given} {patronymic}, правозащитник."
    yield "patronymic of Kyrgyz", f"Кечээ {given} Турсун {'кызы' if someone.woman else 'уулу'} {family} кармалды."
    for language, (frame, suffixes) in SUFFIXED.items():
        a, b = someone.cyrillic(rng)
        yield f"suffix, {language}", frame.format(f"{a} {b}", rng.choice(suffixes))
    a, b = someone.given.latin[0], gendered(someone.family.latin[0], someone.woman)
    apostrophe = rng.choice(APOSTROPHES)
    a, b = (word.replace("ʻ", apostrophe).replace("ʼ", apostrophe) for word in (a, b))
    yield "state Latin, suffix of Uzbek", UZBEK[0].format(f"{a} {b}", rng.choice(UZBEK[1]))
    yield "state Latin, suffix of Turkmen", TURKMEN[0].format(f"{a} {b}", rng.choice(TURKMEN[1][3:]))
    for frame in ENGLISH:
        yield "Latin variant", frame.format(" ".join(someone.latin(rng)))
    yield "initials", f"Прокурор огласил обвинение: {given[0]}. {family}, ранее судимый."
    yield "initials", f"В зале были {family} {given[0]}. и его адвокат."
    yield "initials", f"В суд доставили {given[0]}.{rng.choice('АБДКМ')}. {family}."
    yield "capitals", RUSSIAN[3].format(f"{one} {other}").upper()
    yield "small letters", RUSSIAN[1].format(f"{one} {other}").lower()
    yield "lookalikes", RUSSIAN[0].format(_disguised(f"{given} {family}", rng))
    yield "accents apart", unicodedata.normalize("NFD", RUSSIAN[2].format(f"{one} {other}"))
    yield "family, given", f"Список: {family}, {given}; и другие."


def _disguised(words: str, rng: random.Random) -> str:
    places = [n for n, letter in enumerate(words) if letter in LOOKALIKES]
    chosen = set(rng.sample(places, min(3, len(places))))
    return "".join(LOOKALIKES[letter] if n in chosen else letter for n, letter in enumerate(words))


def _near(watched: list[Someone], strangers: list[Someone], rng: random.Random) -> Iterator[tuple[str, str]]:
    """What must not be found. None of the people made here is one of the watched."""
    known = {someone.russian() for someone in watched}
    for someone in watched:
        given, family = someone.russian()
        other = _one_consonant_apart(family, rng)
        yield "one consonant apart", f"Вчера {given} {other} выступил в парламенте."
        yield "one consonant apart", f"Вчера {_one_consonant_apart(given, rng)} {family} выступил в парламенте."
        yield "two sentences", f"Об этом сообщил {given}. {family} промолчал."
        stranger = rng.choice([one for one in strangers if one.woman == someone.woman])
        theirs, clan = stranger.russian()
        if (given, clan) not in known and (theirs, family) not in known:
            yield "names side by side", f"Задержаны {theirs} {family}, {given} {clan} и другие."
            yield "names side by side", f"Это {theirs} {family} и {given} {clan}."
            yield "far apart", f"{given} вместе с братьями и сёстрами ждал, когда выйдет {family}."
        if someone.woman and family != someone.family.russian and given.endswith(("а", "я")):
            yield "his, not hers", f"Вчера {given[:-1]} {someone.family.russian} вышел на свободу."
        yield "double name", f"Вчера {given} {family}-{clan} приехал в город."
    for words in COMMON:
        yield "common words", words


COMMON = (
    "Вера в надежду и любовь к миру остались с нами.", "Он не дал и слова, а она ушла.",
    "Суд идёт, а воз и ныне там.", "На базаре подорожали айва, дыни и арбузы.", "Как там кино? Так себе, но цой жив.",
    "Адам – азамат, бақыт – байлық.", "Эркин жүр, бакыт тап.", "Tong otdi, kun chiqdi, bahor keldi.",
)  # fmt: skip


def _one_consonant_apart(word: str, rng: random.Random) -> str:
    places = [n for n, letter in enumerate(word[:-2]) if letter.lower() in CONSONANTS and n > 0] or [0]
    n = rng.choice(places)
    pairs = ("бп", "вф", "гк", "дт", "зсшжч", "гх", "кх")
    near = {letter for pair in pairs if word[n].lower() in pair for letter in pair} | {word[n].lower()}
    other = rng.choice([letter for letter in CONSONANTS if letter not in near])
    return word[:n] + (other.upper() if word[n].isupper() else other) + word[n + 1 :]


def _read() -> list[Spelt]:
    found = []
    for line in Path(__file__).with_name("defenders.tsv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, russian, cyrillic, latin = line.split("\t")
            found.append(Spelt(kind, russian, _many(cyrillic), _many(latin)))
    return found


def _many(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
