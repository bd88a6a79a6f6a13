"""Thousands of people and texts for the matcher: names of all the world, and pages in which few of them are meant.

People share names: five or more have the same surname. Each text names other people of the same names, who are followed
by nobody.
"""

import random
from dataclasses import dataclass
from pathlib import Path

GIVEN = 600
"""Of the names of a half, so many are first names; the rest are surnames."""

FORMS, STRANGERS, LETTERS, NAMED = 4, 5, 2_500, 5
VOCABULARY, FREQUENT = 40_000, 0.45

SMALL = [
    "и", "в", "не", "на", "что", "он", "с", "как", "это", "по", "но", "к", "из", "у", "за", "от", "так", "же",
    "для", "бы", "его", "только", "её", "было", "вот", "от", "ещё", "нет", "о", "когда", "даже", "ну", "если",
    "уже", "или", "ни", "быть", "был", "него", "до", "вас", "опять", "уж", "вам", "ведь", "там", "потом", "себя",
    "ничего", "ей", "может", "они", "тут", "где", "есть", "надо", "ней", "мы", "тебя", "их", "чем", "была", "сам",
    "чтоб", "без", "будто", "чего", "раз", "тоже", "себе", "под", "будет", "тогда", "кто", "этот", "того", "потому",
    "этого", "какой", "совсем", "ним", "здесь", "этом", "один", "почти", "мой", "тем", "чтобы", "нее", "сейчас",
    "были", "куда", "зачем", "всех", "никогда", "можно", "при", "наконец", "два", "об", "другой", "хоть", "после",
    "над", "больше", "тот", "через", "эти", "нас", "про", "всего", "них", "какая", "много", "разве", "три", "эту",
    "моя", "впрочем", "хорошо", "свою", "этой", "перед", "иногда", "лучше", "чуть", "том", "нельзя", "такой", "им",
    "более", "всегда", "конечно", "всю", "между", "суд", "прокурор", "адвокат", "приговор", "область", "милиция",
    "журналист",
]  # fmt: skip
ONSETS = [
    "б", "в", "г", "д", "ж", "з", "к", "л", "м", "н", "п", "р", "с", "т", "ф", "х", "ц", "ч", "ш", "бр", "вл", "гр",
    "др", "кр", "пр", "ст", "тр", "сл", "пл",
]  # fmt: skip
MIDDLES = ["а", "о", "у", "е", "и", "я", "ы"]
ENDS = [
    "ть", "ла", "ли", "ный", "ная", "ное", "ние", "ния", "ость", "ом", "ами", "ах", "ов", "ей", "ая", "ого", "ому",
    "ет", "ут", "ют", "ил", "ся", "ство",
]  # fmt: skip


@dataclass(frozen=True)
class Person:
    """`forms`: pairs of a first name and a surname in one spelling, the first in Cyrillic, the second in Latin."""

    names: tuple[int, int]
    forms: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Page:
    """`who`: the one of the people who is named in it, in any of the forms; or nobody."""

    text: str
    who: int | None


@dataclass(frozen=True)
class Scale:
    people: list[Person]
    pages: list[Page]


def scale(people: int, pages: int, half: str, seed: int = 7) -> Scale:
    """Every fifth page names one of the people, and each five strangers."""
    rng = random.Random(seed)
    names = _read(half)
    given, family = names[:GIVEN], names[GIVEN:]
    followed: dict[tuple[int, int], Person] = {}
    while len(followed) < people:
        person = _person(given, family, rng)
        followed.setdefault(person.names, person)
    chosen = list(followed.values())
    spellings = {form for person in chosen for form in person.forms}
    words = _vocabulary(rng)
    found = []
    for page in range(pages):
        who = rng.randrange(people) if page % NAMED == 0 else None
        named = [] if who is None else [rng.choice(chosen[who].forms)]
        while len(named) < STRANGERS + (who is not None):
            stranger = _person(given, family, rng)
            form = rng.choice(stranger.forms)
            if stranger.names not in followed and form not in spellings:  # who is called the same cannot be told apart
                named.append(form)
        found.append(Page(_page(named, words, rng), who))
    return Scale(chosen, found)


def _person(given: list[list[str]], family: list[list[str]], rng: random.Random) -> Person:
    one, other = rng.randrange(len(given)), rng.randrange(len(family))
    first, last = given[one], family[other]
    forms = [(first[0], last[0]), (first[1], last[1])]
    for a, b in zip(first[2:] + first[:2], last[2:] + last[:2], strict=False):
        if (a > "\u03ff") == (b > "\u03ff"):
            forms.append((a, b))
    unique = dict.fromkeys((a.title(), b.title()) for a, b in forms)
    return Person((one, other), tuple(unique)[:FORMS])


def _page(named: list[tuple[str, str]], words: list[str], rng: random.Random) -> str:
    sentences: list[list[str]] = []
    letters = 0
    while letters < LETTERS - 20 * len(named):
        sentence = [_word(words, rng) for _ in range(rng.randint(6, 18))]
        letters += sum(map(len, sentence)) + len(sentence)
        sentences.append(sentence)
    for a, b in named:
        sentence = rng.choice(sentences)
        pair = f"{b} {a}" if rng.random() < 0.3 else f"{a} {b}"
        sentence.insert(rng.randrange(1, len(sentence)), pair)
    return " ".join(" ".join((first.capitalize(), *rest)) + "." for first, *rest in sentences)


def _word(words: list[str], rng: random.Random) -> str:
    """By Zipf: the place in the list is as rare as it is far."""
    if rng.random() < FREQUENT:
        return rng.choice(SMALL)
    return words[int(VOCABULARY ** rng.random()) - 1]


def _vocabulary(rng: random.Random) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < VOCABULARY:
        syllables = "".join(rng.choice(ONSETS) + rng.choice(MIDDLES) for _ in range(rng.randint(1, 3)))
        found[syllables + rng.choice(ONSETS)[:1] + rng.choice(MIDDLES) + rng.choice(ENDS)] = None
    return list(found)


def _read(half: str) -> list[list[str]]:
    lines = Path(__file__).with_name("names.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return [forms.split(", ") for which, _, forms in rows if which == half]
