"""How sure it is that words name a person, and why not surer."""

from rapidfuzz.distance import Levenshtein

from alerts.domain.watching import Tier
from watchers.matching.found import Candidate, Hit
from watchers.matching.lookalikes import fold
from watchers.matching.names import is_surname
from watchers.matching.nearby import Text, together
from watchers.matching.people import GIVEN, SOLE, Person, Spelt
from watchers.matching.skeleton import DECLINED

BOTH = 168.0
"""The likeness of two words together: not both may be far off."""

SOLE_LENGTH, SOLE_LIKENESS, LONG_WORD, SMALL_WORD = 5, 92.0, 6, 4
"""A name of one word has nothing that bears it out: it must be long, and nearly as we know it."""


def judge(text: Text, people: list[Person], candidate: Candidate) -> Hit | None:
    """The hit, or None where the words do not stand together as a name, or are too far from it."""
    person = people[candidate.person]
    found = [fold(text.words[i]) for i in candidate.at]
    spelt = _nearest(person, candidate, found)
    if candidate.initial:
        tier = _by_initial(text, candidate, spelt, found)
    elif candidate.places == (SOLE,):
        tier = _by_one_word(text, candidate, spelt, found[0])
    else:
        tier = _by_words(text, candidate, found)
    if tier is None:
        return None
    start, end = _span(text, candidate)
    score = round(sum(candidate.scores) / len(candidate.scores), 1)
    return Hit(person.case_id, person.person_id, spelt.form, text.text[start:end], start, end, tier, score)


def _by_words(text: Text, candidate: Candidate, found: list[str]) -> Tier | None:
    least, most = min(candidate.scores), max(candidate.scores)
    small = [text.words[i] for i in candidate.at if text.capitals and not text.has_capital(i)]
    if small and (least < DECLINED or len(min(small, key=len)) < SMALL_WORD):
        return None  # in a text that uses capitals, a small word that only resembles a name is a word
    one_name = together(text, candidate.at, candidate.family_first)
    if one_name is False:
        return None
    if one_name is None or candidate.partly or least + most < BOTH:
        return Tier.PERHAPS
    if len(small) == len(found) and not _unlike_words(found):
        return Tier.PERHAPS
    return Tier.SURE if least >= DECLINED and not small else Tier.LIKELY


def _unlike_words(found: list[str]) -> bool:
    """Whether small letters may still be a name: “надежда мир” is two words, “азимжан аскаров” is not."""
    return sum(map(len, found)) >= LONG_WORD * len(found) and any(map(is_surname, found))


def _by_one_word(text: Text, candidate: Candidate, spelt: Spelt, found: str) -> Tier | None:
    [score], [word] = candidate.scores, spelt.words.values()
    small = not text.has_capital(candidate.at[0]) and spelt.form[:1].isupper()
    if found == word:
        return Tier.PERHAPS if small else Tier.SURE
    if score < SOLE_LIKENESS or len(found) < SOLE_LENGTH:
        return None
    return Tier.LIKELY if score >= DECLINED and not small else Tier.PERHAPS


def _by_initial(text: Text, candidate: Candidate, spelt: Spelt, found: list[str]) -> Tier | None:
    """“А. Аскаров”, “А. Т. Аскаров”, “Аскаров А.”: likely where nobody else whom we know is called so."""
    first, last = candidate.at
    before = candidate.family_first
    if before and not (text.side_by_side(first) and text.ends_as_initial(last)):
        return None
    if before and last + 1 < len(text.words) and text.is_initial(last) and text.has_capital(last + 1):
        following = last + 1
        if len(text.words[following]) > 1 and is_surname(fold(text.words[following])):
            return None  # “Каримов А. Аскаров”: the letter belongs to the word behind it
    if not before and (not all(map(text.is_initial, range(first, last))) or (first and text.is_initial(first - 1))):
        return None
    if spelt.initial and fold(text.words[last if not before else first]) == next(iter(spelt.words.values())):
        return Tier.SURE
    return Tier.LIKELY if candidate.rivals == 0 else Tier.PERHAPS


def _nearest(person: Person, candidate: Candidate, found: list[str]) -> Spelt:
    """The spelling that is most like these words."""
    wanted = dict(zip(candidate.places, found, strict=True))
    if candidate.initial:
        del wanted[GIVEN]

    def likeness(spelt: Spelt) -> tuple[float, bool]:
        alike = sum(Levenshtein.normalized_similarity(word, spelt.words[place]) for place, word in wanted.items())
        return alike, bool(spelt.initial) is candidate.initial

    return max((spelt for spelt in person.spelt if wanted.keys() <= spelt.words.keys()), key=likeness)


def _span(text: Text, candidate: Candidate) -> tuple[int, int]:
    start, end = text.spans[candidate.at[0]][0], text.spans[candidate.at[-1]][1]
    if candidate.initial and candidate.family_first:
        end += 1  # the point
    return start, end
