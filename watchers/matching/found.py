"""What was found, and which of it stands where several people’s names lie over each other."""

from collections import defaultdict
from dataclasses import dataclass, replace

from alerts.domain.watching import Tier
from watchers.matching.skeleton import DECLINED


@dataclass(frozen=True, slots=True)
class Hit:
    """`words` is what stands in the text from `start` to `end`; `form` the spelling of ours that comes nearest.

    `score`: from 0 to 100, how alike they are; by `tier` to decide.
    """

    case_id: str
    person_id: str
    form: str
    words: str
    start: int
    end: int
    tier: Tier = Tier.SURE
    score: float = 100.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """Words of a text (`at`: which) that fill the `places` of a person's name, each as well as `scores` say.

    `initial`: the first name is only a letter. `rivals`: how many people those words would fit as well. `partly`: a
    word of the name is missing.
    """

    person: int
    at: tuple[int, ...]
    places: tuple[int, ...]
    scores: tuple[float, ...]
    initial: bool = False
    rivals: int = 0
    partly: bool = False

    @property
    def family_first(self) -> bool:
        return self.places == (1, 0)


def settle(hits: list[Hit]) -> list[Hit]:
    """One hit a person and place: the longest that is likely, else the longest. And whom words name exactly, they do
    not name by another spelling: “Каримова Азиза” is not also the genitive of Азиз Каримов.
    """
    kept: dict[tuple[str, str], list[Hit]] = defaultdict(list)
    for hit in sorted(hits, key=lambda hit: (hit.tier is Tier.PERHAPS, hit.start - hit.end, hit.tier, -hit.score)):
        mine = kept[hit.case_id, hit.person_id]
        if all(hit.end <= other.start or other.end <= hit.start for other in mine):
            mine.append(hit)
    stand = [hit for mine in kept.values() for hit in mine]
    best: dict[tuple[int, int], float] = defaultdict(float)
    for hit in stand:
        best[hit.start, hit.end] = max(best[hit.start, hit.end], hit.score)
    told = [
        replace(hit, tier=Tier.PERHAPS) if DECLINED <= best[hit.start, hit.end] > hit.score else hit for hit in stand
    ]
    return sorted(told, key=lambda hit: (hit.start, hit.end, hit.case_id, hit.person_id))
