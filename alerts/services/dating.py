"""The dates that a signal tells of, kept beside it for a person to take."""

from alerts.domain.proposals import Proposal
from alerts.domain.times import Instant, zone_info
from alerts.domain.watching import Signal
from alerts.services.ids import new_id
from alerts.settings import countries
from alerts.store import Tx
from watchers import dates


def proposed(tx: Tx, signal: Signal, case_id: str, now: Instant) -> list[Proposal]:
    """On the clock of the country that the source is of, else of the case; counted from the day it was published."""
    place = countries().get(signal.country) or countries().get(tx.cases.look(case_id).country)
    zone = place.zone if place else tx.zone
    written = (signal.published or signal.seen_at or now).astimezone(zone_info(zone)).date()
    return [
        Proposal(new_id(now), signal.id, found.start, found.end, found.kind, found.when, found.doubt)
        for found in dates.find(signal.words, written, zone)
        if found.when.ends > now
    ]
