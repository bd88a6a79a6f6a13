"""What staff said of earlier matches: “Not her”."""

from collections.abc import Iterable
from dataclasses import replace

from alerts.domain.watching import Tier
from watchers.matching.endings import split
from watchers.matching.found import Hit
from watchers.matching.lookalikes import fold
from watchers.matching.romanise import sounds
from watchers.matching.tokens import is_unusual, words_of


def gist(words: str) -> frozenset[str]:
    """The same for “Айгуль Каримова” and “Каримовой Айгуль”: what was said of one holds for the other."""
    folded = map(fold, words_of(words, is_unusual(words)))
    return frozenset(split(read_as[0])[0] if (read_as := sounds(word)) else word for word in folded if word)


class Ignored:
    """A spelling that only resembles theirs no longer counts. One that is theirs, letter by letter or in another case,
    sinks to `PERHAPS`: a namesake must not flood the desk, and yet the person herself may be taken tomorrow.
    """

    def __init__(self, not_them: Iterable[tuple[str, str]]) -> None:
        self._pairs = {(person_id, gist(words)) for person_id, words in not_them}

    def sink(self, hits: list[Hit]) -> list[Hit]:
        if not self._pairs:
            return hits
        kept = []
        for hit in hits:
            if (hit.person_id, gist(hit.words)) not in self._pairs:
                kept.append(hit)
            elif hit.tier is Tier.SURE:
                kept.append(replace(hit, tier=Tier.PERHAPS))
        return kept
