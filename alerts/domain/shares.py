"""Several reminders that are due together: which of them each reader gets, so that they can come as one mail."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from alerts.domain.alerts import Alert
from alerts.domain.audience import Cadence, Candidate, Met, Recipient, Subscription, edition_for, how_met, refused
from alerts.domain.strikes import Wanting


@dataclass(frozen=True, slots=True)
class Told:
    """One reminder. `wanting`: who asked for its rung, or for one that it stands for.

    `knowing`: who has this date already, by its correction: they get it only if they asked for the rung `itself`.
    """

    alert: Alert
    case_code: str
    itself: Wanting
    wanting: Wanting
    knowing: AbstractSet[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Share:
    """`place`: which of the reminders it is."""

    place: int
    recipient: Recipient
    cadence: Cadence


def shares(
    told: Sequence[Told], candidates: Iterable[Candidate], languages: Sequence[str]
) -> Iterator[tuple[Candidate, list[Share]]]:
    """Each candidate who gets any of them, once, with all that they get."""
    editions = list(languages)
    met: dict[tuple[tuple[Subscription, ...], str, bool], list[tuple[int, Met]]] = {}
    for candidate in candidates:
        key = (candidate.subscriptions, candidate.rungs, candidate.nag)
        try:
            found = met[key]
        except KeyError:
            found = met[key] = list(_met(told, *key))
        if not found:
            continue
        language = edition_for(candidate.language, editions)
        theirs = [
            Share(place, Recipient(candidate.subscriber_id, language, how.because), how.cadence)
            for place, how in found
            if not refused(candidate.standing, told[place].alert.label) and not _knows(told[place], candidate)
        ]
        if theirs:
            yield candidate, theirs


def _met(
    told: Sequence[Told], subscriptions: tuple[Subscription, ...], rungs: str, nag: bool
) -> Iterator[tuple[int, Met]]:
    for place, one in enumerate(told):
        if one.wanting.by(rungs, nag):
            how = how_met(subscriptions, one.alert, one.case_code)
            if how:
                yield place, how


def _knows(one: Told, candidate: Candidate) -> bool:
    return candidate.subscriber_id in one.knowing and not one.itself.by(candidate.rungs, candidate.nag)
