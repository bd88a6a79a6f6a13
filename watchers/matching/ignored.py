"""What staff said of earlier matches: “Not her”."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from alerts.domain.watching import Tier
from watchers.matching.endings import alternatives
from watchers.matching.found import Hit
from watchers.matching.lookalikes import fold
from watchers.matching.romanise import sounds
from watchers.matching.tokens import is_unusual, words_of

Stems = list[frozenset[str]]


class Ignored:
    """A spelling that only resembles theirs no longer counts. One that is theirs, letter by letter or in another case,
    sinks to `PERHAPS`: a namesake must not flood the desk, and yet the person herself may be taken tomorrow.
    """

    def __init__(self, not_them: Iterable[tuple[str, str]]) -> None:
        self._said: dict[str, list[Stems]] = defaultdict(list)
        for person_id, words in not_them:
            self._said[person_id].append(_stems(words))

    def sink(self, hits: list[Hit]) -> list[Hit]:
        kept = []
        for hit in hits:
            said = self._said.get(hit.person_id)
            if not said or not _are_among(_stems(hit.words), said):
                kept.append(hit)
            elif hit.tier is Tier.SURE:
                kept.append(replace(hit, tier=Tier.PERHAPS))
        return kept


def _are_among(words: Stems, said: list[Stems]) -> bool:
    """Whether they are the same words, in any case and order: what was said of “Айгуль Каримова” holds for “Каримовой
    Айгуль”.
    """
    return any(
        len(words) == len(others) and all(any(word & other for other in others) for word in words) for others in said
    )


def _stems(words: str) -> Stems:
    """For each word what it may be without its ending."""
    folded = filter(None, map(fold, words_of(words, is_unusual(words))))
    return [
        frozenset(stem for sound in sounds(word)[:1] for stem, _, _ in alternatives(sound, word > "\u03ff"))
        or frozenset([word])
        for word in folded
    ]
