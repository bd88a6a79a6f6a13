"""Letters to staff who asked for them: sources that need a look, and that it is our own network that is away."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from alerts.domain.health import to_be_told
from alerts.domain.letters import Kind, Letter
from alerts.domain.times import Instant, zone_info
from alerts.domain.watching import Health, Source
from alerts.queue import Queue
from alerts.services.letters import details_of, notice, wake, wanting
from alerts.settings import Settings
from alerts.store import Store, Tx, visits
from alerts.store.tables import LETTER, SOURCE

A_DAY, AN_HOUR, AN_OUTAGE = timedelta(days=1), timedelta(hours=1), timedelta(hours=12)
MORNING = 7
MOST = 30
"""Sources in one letter. Who has more to look at looks at the page."""


def tell(store: Store, queue: Queue, settings: Settings, now: Instant) -> int:
    """Write of each source once for each state it is in: of starred ones at once, of the others in one letter a day,
    from seven in the morning on the desk's clock. Answers how many letters.
    """
    with store.read() as tx:
        if not wanting(tx):
            return 0
        if not _due(tx, settings, now) and not _away(tx, now):
            return 0
    with store.begin() as tx:
        told = 0
        if sources := _due(tx, settings, now):
            told += _write(tx, Kind.SOURCES, _details(sources), now)
            for source in sources:
                tx.sources.update(SOURCE.c.id == source.id, habits=replace(source.habits, told=source.health))
        if unreached := _away(tx, now):
            told += _write(tx, Kind.NETWORK, {"unreached": str(unreached)}, now)
        if told:
            wake(tx, queue)
    return told


def _due(tx: Tx, settings: Settings, now: Instant) -> list[Source]:
    """Of whom is to be written now. Starred ones bring the others with them, where the day's letter is due as well."""
    worth = [health for health in Health if health not in (Health.OK, Health.NEW, Health.SLOW)]
    found = tx.sources.where(SOURCE.c.health.in_(worth), by=[SOURCE.c.starred.desc(), SOURCE.c.title, SOURCE.c.id])
    found = [source for source in found if to_be_told(source, now)]
    if not found or _written(tx, Kind.SOURCES, now - AN_HOUR):
        return []
    morning = now.astimezone(zone_info(settings.desk.zone)).hour >= MORNING
    daily = morning and not any("daily" in details_of(one) for one in _written(tx, Kind.SOURCES, now - A_DAY))
    return found if daily else [source for source in found if source.starred]


def _details(sources: Sequence[Source]) -> dict[str, str]:
    """A line for each; `daily` where it is the day's letter."""
    shown = [f"{s.health}\t{s.title or s.url}\t{s.reason}".replace("\n", " ") for s in sources[:MOST]]
    more = len(sources) - len(shown)
    daily = {} if all(source.starred for source in sources) else {"daily": "yes"}
    return {"sources": "\n".join(shown), **({"more": str(more)} if more else {}), **daily}


def _away(tx: Tx, now: Instant) -> int:
    """How many sources our network keeps from us, where that was not told yet."""
    return 0 if _written(tx, Kind.NETWORK, now - AN_OUTAGE) else visits.unreached(tx, now)


def _written(tx: Tx, kind: Kind, since: Instant) -> list[Letter]:
    return tx.letters.where(LETTER.c.kind == kind.value, LETTER.c.created_at > since)


def _write(tx: Tx, kind: Kind, details: dict[str, str], now: Instant) -> int:
    to = wanting(tx)
    tx.letters.add(*(notice(kind, one, details, now) for one in to))
    return len(to)
