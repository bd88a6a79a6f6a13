"""What one word of a text may be: whose name it is a part of, and how nearly."""

from dataclasses import dataclass

from watchers.matching.endings import alternatives
from watchers.matching.lookalikes import fold
from watchers.matching.people import SOLE, Parts, first_sound
from watchers.matching.romanise import sounds
from watchers.matching.skeleton import LIKELY, Part, key, likeness, near

REMEMBERED = 300_000
"""Words; about 60 MB. The texts of a day repeat theirs (Zipf), so that few are worked out twice."""

_TWO_LETTERS = frozenset(("Дж", "Дз", "Sh", "Ch", "Zh", "Kh", "Gh", "Ts", "Dj", "Ya", "Yu", "Ye", "Yo"))
_PREFIXES = tuple("وفبلك")
"""And, so, in, to, as: Arabic writes them as one with the name."""

_NONE: list[tuple[Part, float]] = []


People = dict[int, float]
"""How well a word fits a name of each, by the number of the person."""


@dataclass(frozen=True, slots=True)
class Found:
    """Whose name the word is a part of: as first name or surname of two (`GIVEN`, `FAMILY`) or as their only name
    (`SOLE`), by place; or in a place of a `longer` one. `last`: the same where it is the last word, so that it may have
    a suffix. `initial`: the sound by which it may stand for a first name.
    """

    fits: tuple[People, People, People]
    last: tuple[People, People, People]
    longer: dict[tuple[int, int], float]
    initial: str = ""


class Words(dict[str, Found | None]):
    """What each word seen so far may be: `words[word]` works it out where it is new.

    In a text that uses capitals a word without one is seldom a name: it is only held against names of its own script,
    and must sound the same.
    `capitals` false: every word is held against everything.
    """

    def __init__(self, parts: Parts, capitals: bool) -> None:
        super().__init__()
        self._parts, self._capitals = parts, capitals
        self._stems: dict[tuple[str, bool], list[tuple[Part, float]]] = {}

    def __missing__(self, word: str) -> Found | None:
        if len(self) >= REMEMBERED:
            self.clear()
            self._stems.clear()
        found = self[word] = self._look_up(word)
        return found

    def _look_up(self, word: str) -> Found | None:
        folded = fold(word)
        plain = self._capitals and word.islower()
        scores, glued = self._scores(folded, plain)
        letter = not plain and (word in _TWO_LETTERS or (len(folded) == 1 and folded.isalpha()))
        if not scores and not glued and not letter:
            return None
        fits, longer = self._people(scores)
        last, longer_last = self._people(scores | glued) if glued else (fits, longer)
        return Found(fits, last, longer_last, first_sound(folded) if letter else "")

    def _people(self, scores: dict[int, float]) -> tuple[tuple[People, People, People], dict[tuple[int, int], float]]:
        fits: tuple[People, People, People] = ({}, {}, {})
        longer: dict[tuple[int, int], float] = {}
        for no, score in scores.items():
            for person, place in self._parts.owners[no]:
                if place > SOLE:
                    longer[person, place] = max(score, longer.get((person, place), 0.0))
                elif score > fits[place].get(person, 0.0):
                    fits[place][person] = score
        return fits, longer

    def _scores(self, folded: str, plain: bool) -> tuple[dict[int, float], dict[int, float]]:
        """How well it fits each part that it may be; and each that it fits better with a suffix."""
        scores, glued = dict[int, float](), dict[int, float]()
        read_as = sounds(folded) if len(folded) > 1 else ()
        if not read_as:
            return self._as_written(folded), glued
        cyrillic = folded[0] > "\u03ff"
        for sound in read_as:
            for stem, ending, suffix in alternatives(sound, cyrillic):
                found = glued if suffix else scores
                for one, costs in self._same(stem, cyrillic) if plain else self._near(stem, cyrillic):
                    score = likeness(one, costs, ending, suffix, cyrillic)
                    if score >= LIKELY and score > found.get(one.no, 0.0):
                        found[one.no] = score
        scores = self._parts.one_name(folded, scores)
        return scores, {no: score for no, score in glued.items() if score > scores.get(no, 0.0)}

    def _as_written(self, folded: str) -> dict[int, float]:
        exact = self._parts.exact
        if folded in exact:
            return {exact[folded]: 100.0}
        bare = folded[1:]
        return {exact[bare]: 100.0} if folded[:1] in _PREFIXES and bare in exact else {}

    def _same(self, stem: str, cyrillic: bool) -> list[tuple[Part, float]]:
        known = self._parts.by_stem.get(stem)
        return [(one, 0.0) for one in known if one.cyrillic is cyrillic] if known else _NONE

    def _near(self, stem: str, cyrillic: bool) -> list[tuple[Part, float]]:
        """The cases of one word share a stem."""
        known = self._stems.get((stem, cyrillic))
        if known is None:
            candidates = self._parts.by_key.get(key(stem))
            known = near(stem, cyrillic, candidates) if candidates else _NONE
            self._stems[stem, cyrillic] = known
        return known
