"""Who is named in a text: words that are parts of somebody's name, and stand together as one."""

from collections.abc import Iterable, Iterator

from watchers.matching.found import Candidate, Hit, settle
from watchers.matching.ignored import Ignored
from watchers.matching.judging import judge
from watchers.matching.nearby import REACH, Text
from watchers.matching.people import FAMILY, GIVEN, SOLE, Form, Parts, place_of
from watchers.matching.skeleton import DECLINED
from watchers.matching.tokens import is_unusual, spans_of, words_of
from watchers.matching.words import Found, People, Words
from watchers.matching.written import Written, unparted

Place = tuple[int, Found]
_INITIALS, _MANY = 2, 20
_ORDERS = ((GIVEN, FAMILY), (FAMILY, GIVEN))


class Index:
    """Built once from every form, then asked with any number of texts.

    `not_them`: people by id with words that staff said are not theirs, as hits had them.
    """

    def __init__(self, forms: Iterable[Form], not_them: Iterable[tuple[str, str]] = ()) -> None:
        forms = list(dict.fromkeys(forms))
        self._parts = Parts(form for form in forms if not unparted(form.form))
        self._written = Written(form for form in forms if unparted(form.form))
        self._ignored = Ignored(not_them)
        self._words, self._bare = Words(self._parts, capitals=True), Words(self._parts, capitals=False)

    def find(self, text: str) -> list[Hit]:
        """Every place where somebody is named, in order; `start` and `end` count code points of `text` as it is.

        Capitals, accents' encoding, script, case and spelling do not matter, as far as the words sound alike. Both
        words of a name must stand together, in either order. Where several forms of one person overlap, one hit stands.
        """
        capitals, unusual = not text.islower(), is_unusual(text)
        words = words_of(text, unusual)
        known = self._words if capitals else self._bare
        places = [(i, one) for i, one in enumerate(map(known.__getitem__, words)) if one is not None]
        candidates = list(self._candidates(places))
        hits: list[Hit] = []
        if candidates:
            whole = Text(text, words, spans_of(text, unusual), capitals)
            judged = (judge(whole, self._parts.people, candidate) for candidate in candidates)
            hits = [hit for hit in judged if hit]
        if unusual:
            hits += [
                Hit(form.case_id, form.person_id, form.form, text[start:end], start, end)
                for form, start, end in self._written.find(text)
            ]
        return settle(self._ignored.sink(hits)) if hits else []

    def _candidates(self, places: list[Place]) -> Iterator[Candidate]:
        last = len(places) - 1
        for n, (i, one) in enumerate(places):
            for person, score in one.last[SOLE].items():
                yield Candidate(person, (i,), (SOLE,), (score,))
            if one.longer:
                yield from _longer(places[n:])
            for m in range(n + 1, min(n + REACH, last) + 1):
                j, other = places[m]
                if j - i > REACH:
                    break
                for order in _ORDERS:
                    mine, theirs = one.fits[order[0]], other.last[order[1]]
                    for person in mine.keys() & theirs.keys():
                        yield Candidate(person, (i, j), order, (mine[person], theirs[person]))
                if one.initial and j - i <= _INITIALS:
                    yield from self._by_initial(one.initial, other.last[FAMILY], (i, j), (GIVEN, FAMILY))
                if other.initial and j - i == 1:
                    yield from self._by_initial(other.initial, one.fits[FAMILY], (i, j), (FAMILY, GIVEN))

    def _by_initial(
        self, initial: str, family: People, at: tuple[int, int], places: tuple[int, int]
    ) -> Iterator[Candidate]:
        fitting = {
            person: score
            for person, score in family.items()
            if score >= DECLINED and initial in self._parts.people[person].initials
        }
        if len(fitting) > _MANY:
            return  # of so many a letter tells nobody
        for person, score in fitting.items():
            rivals = sum(other >= score for other in fitting.values()) - 1
            yield Candidate(person, at, places, (score,), initial=True, rivals=rivals)


def _longer(places: list[Place]) -> Iterator[Candidate]:
    """Names of three or more words that begin with the first of `places`. A word may be missing, but not the last."""
    (first, one), *rest = places
    for (person, place), score in one.longer.items():
        start, length = place_of(place)
        filled, at = {place: (first, score)}, first
        for i, other in rest:
            if i - at > REACH or len(filled) == length:
                break
            wanted = [p for p in range(start, start + length) if p not in filled]
            free = [(other.longer[person, p], p) for p in wanted if (person, p) in other.longer]
            if free:
                best, at = max(free), i
                filled[best[1]] = (i, best[0])
        if start + length - 1 in filled and len(filled) >= max(2, length - 1):
            words, fit, scores = zip(*sorted((i, p, s) for p, (i, s) in filled.items()), strict=True)
            yield Candidate(person, words, fit, scores, partly=len(filled) < length)
