"""Letters to staff who asked for them: a relay refuses us for long, or a storm of bounces came."""

from collections.abc import Iterator
from datetime import timedelta

from alerts.domain.letters import Kind
from alerts.domain.times import Instant
from alerts.queue import Queue
from alerts.services import relays
from alerts.services.bounces import STORM_VERB
from alerts.services.letters import details_of, notice, wake, wanting
from alerts.settings import Settings
from alerts.store import Store, Tx
from alerts.store.tables import LETTER

LONG = timedelta(minutes=15)
"""A shorter pause is over before anybody has read of it."""

EVERY, REMEMBERED = timedelta(hours=1), timedelta(days=2)
"""How often one of staff gets such a letter at most, and how long it is remembered what it was about."""

A_DAY = timedelta(days=1)

News = tuple[Kind, dict[str, str]]


def tell(store: Store, queue: Queue, settings: Settings, now: Instant) -> int:
    """Write to each of staff who wants it what they were not told yet, one letter an hour. Answers how many letters."""
    with store.read() as tx:
        if not wanting(tx):
            return 0
        news = list(_news(tx, settings, now))
    if not news:
        return 0
    told = 0
    with store.begin() as tx:
        for one in wanting(tx):
            # of these alone: letters about news and sources have a pace of their own, and must not hold these up
            mine = (LETTER.c.staff_id == one.id, LETTER.c.kind.in_([Kind.REFUSED.value, Kind.STORM.value]))
            written = tx.letters.where(*mine, LETTER.c.created_at > now - REMEMBERED)
            if any(letter.created_at and letter.created_at > now - EVERY for letter in written):
                continue
            known = [details_of(letter) for letter in written]
            for kind, details in [found for found in news if found[1] not in known][:1]:
                tx.letters.add(notice(kind, one, details, now))
                told += 1
        if told:
            wake(tx, queue)
    return told


def _news(tx: Tx, settings: Settings, now: Instant) -> Iterator[News]:
    """Of a relay only where another takes the letter: by the time that it goes out itself, the news is old."""
    if relays.rests_until(tx, settings, now) is None:
        for relay in relays.all_relays(tx, settings):
            if relay.blocks and relay.paused_until and relay.paused_until > now + LONG:
                until = relay.paused_until.isoformat()
                yield Kind.REFUSED, {"relay": relay.id, "reason": relay.reason, "until": until}
    for entry in tx.audit.since(now - A_DAY, STORM_VERB):
        yield Kind.STORM, {"entry": str(entry.no), "readers": entry.detail.partition(" ")[0]}
