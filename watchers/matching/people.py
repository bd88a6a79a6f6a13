"""The people whom we know, as parts that words are held against: each word of each spelling, once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from watchers.matching.endings import split, without_fleeting
from watchers.matching.names import Name, is_surname, read
from watchers.matching.romanise import sounds
from watchers.matching.skeleton import DECLINED, Part, key, part

GIVEN, FAMILY, SOLE = 0, 1, 2
"""Places of a name of two words, and of a name of one. Longer names have places of their own behind these."""

LONGEST = 4
_THREE = 3
_RANGES = ((3, 3), (6, 4), (10, 2), (12, 2))
"""First place and number of words of names of three and four words, and of those of three of which the first two, or
the last two, are written as one.
"""
_OF_THREE, _OF_FOUR, _FRONT, _BACK = (first for first, _ in _RANGES)


@dataclass(frozen=True, slots=True)
class Form:
    """One spelling of one person of one case."""

    case_id: str
    person_id: str
    form: str


@dataclass(frozen=True, slots=True)
class Spelt:
    """A form, and which word of it stands in which place."""

    form: str
    words: dict[int, str]
    initial: str = ""


@dataclass(slots=True)
class Person:
    """`initials`: by what sounds of first names."""

    case_id: str
    person_id: str
    spelt: list[Spelt] = field(default_factory=list)
    initials: set[str] = field(default_factory=set)


class Parts:
    """`by_key`: candidates for another spelling. `by_stem`: those that sound the same. `exact`: words that cannot be
    read aloud, as they are written. `owners`: whose a part is, and in which place.
    """

    def __init__(self, forms: Iterable[Form]) -> None:
        self.people: list[Person] = []
        self.by_key: dict[str, list[Part]] = defaultdict(list)
        self.by_stem: dict[str, list[Part]] = defaultdict(list)
        self.exact: dict[str, int] = {}
        self.owners: list[dict[tuple[int, int], None]] = []
        self._no: dict[str, int] = {}
        self._by_id: dict[tuple[str, str], int] = {}
        for form in dict.fromkeys(forms):
            name = read(form.form)
            if name.words:
                no = self._person(form)
                for variant, first in _variants(name):
                    self._spell(no, form.form, variant, first)

    def one_name(self, word: str, scores: dict[int, float]) -> dict[int, float]:
        """Without what only resembles a word that is itself a name of somebody’s: where one is called Влатко, Владко is
        another. Unless the two are spellings of one person’s name, as Azimjon and Азимжан.
        """
        no = self._no.get(word)
        if no is None or len(scores) < 2:
            return scores
        mine = self.owners[no].keys()
        return {
            other: score
            for other, score in scores.items()
            if score >= DECLINED or not mine.isdisjoint(self.owners[other].keys())
        }

    def _person(self, form: Form) -> int:
        no = self._by_id.setdefault((form.case_id, form.person_id), len(self.people))
        if no == len(self.people):
            self.people.append(Person(form.case_id, form.person_id))
        return no

    def _spell(self, no: int, form: str, name: Name, first: int) -> None:
        person, words = self.people[no], name.words
        places: tuple[int, ...]
        if first:
            places = tuple(range(first, first + len(words)))
        elif name.initial:
            places = (FAMILY,)
            person.initials.add(first_sound(name.initial))
        elif len(words) == 1:
            places = (SOLE,)
        else:
            places = self._order(person, words)
            person.initials.add(first_sound(words[places.index(GIVEN)]))
        person.spelt.append(Spelt(form, dict(zip(places, words, strict=True)), name.initial))
        for word, place in zip(words, places, strict=True):
            self.owners[self._part(word)][no, place] = None

    def _order(self, person: Person, words: tuple[str, ...]) -> tuple[int, ...]:
        """Which of the two is the family’s: by the spellings before, by the look of it, else the second."""
        mine = [_keys(word) for word in words]
        for known in person.spelt:
            if GIVEN in known.words:
                given, family = _keys(known.words[GIVEN]), _keys(known.words[FAMILY])
                straight = bool(mine[0] & given) + bool(mine[1] & family)
                crossed = bool(mine[0] & family) + bool(mine[1] & given)
                if straight != crossed:
                    return (GIVEN, FAMILY) if straight > crossed else (FAMILY, GIVEN)
        return (FAMILY, GIVEN) if is_surname(words[0]) and not is_surname(words[1]) else (GIVEN, FAMILY)

    def _part(self, word: str) -> int:
        no = self._no.get(word)
        if no is None:
            no = self._no[word] = len(self.owners)
            self.owners.append({})
            read_as = sounds(word) if len(word) > 1 else ()
            for sound in read_as:
                stem, final = split(sound)
                cyrillic = word[0] > "\u03ff"
                for way in (stem, without_fleeting(stem)) if cyrillic and not final else (stem,):
                    one = part(no, way, final, cyrillic)
                    self.by_key[key(way)].append(one)
                    self.by_stem[way].append(one)
            if not read_as:
                self.exact[word] = no
        return no


def place_of(place: int) -> tuple[int, int]:
    """Of a place in a longer name: the first place of that name, and how many it has."""
    return next((first, length) for first, length in reversed(_RANGES) if first <= place)


def first_sound(word: str) -> str:
    """By which an initial is known: Е, Ye and E are one."""
    sound = (sounds(word) or (word,))[0]
    sound = sound[1:] if sound[0] == "i" and sound[1:2] in ("e", "a", "u", "o") else sound
    return "e" if sound[0] == "i" else sound[0]


def _keys(word: str) -> set[str]:
    return {key(split(sound)[0]) for sound in sounds(word)}


def _variants(name: Name) -> Iterator[tuple[Name, int]]:
    """Each way to write a name, with its first place if it has more than two words. “Касым-Жомарт Токаев” is also
    written as three words, a name of three as two; of more than four the first three and the last must do.
    """
    words = name.words
    if len(words) > LONGEST:
        words = (*words[: LONGEST - 1], words[-1])
    yield Name(words, name.initial), {_THREE: _OF_THREE, LONGEST: _OF_FOUR}.get(len(words), 0)
    if len(words) == _THREE:
        yield Name((words[0] + words[1], words[2])), _FRONT
        yield Name((words[0], words[1] + words[2])), _BACK
    pieces = tuple(piece for word in words for piece in word.split("-"))
    if 1 < len(words) < len(pieces) <= LONGEST and all(len(piece) >= _THREE for piece in pieces):
        yield Name(pieces), {_THREE: _OF_THREE, LONGEST: _OF_FOUR}[len(pieces)]
