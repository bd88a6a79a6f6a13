"""Who hears at once, who once their night is over, and who in a digest: a new alert put where it waits."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC
from functools import lru_cache

from apscheduler.triggers.cron import CronTrigger

from alerts.domain.alerts import Alert, Kind
from alerts.domain.audience import BATCH, Cadence, Recipient
from alerts.domain.cadence import AfterQuiet, AtOnce, Held, InDigest, Timing, when
from alerts.domain.delivery import Again
from alerts.domain.times import Instant, zone_info
from alerts.store import Tx, held

DIGEST_HOUR = 7
"""Digests come at seven on the reader's clock: daily, or on Mondays."""


Wish = tuple[Cadence, str, str, Instant | None]
"""How often a reader wants to hear, their quiet hours, their zone (the desk's if empty), and the digest for which the
older word already waits.
"""


class Clock:
    """Decides for one alert at one moment; once for all readers with the same wishes."""

    def __init__(self, alert: Alert, zone: str, now: Instant) -> None:
        self.alert, self.zone, self.now = alert, zone, now
        self._known: dict[Wish, Timing] = {}

    def timing(self, wish: Wish) -> Timing:
        """Who never had the older word waits for a correction as for any news."""
        known = self._known.get(wish)
        if known is None:
            cadence, quiet, zone, waits = wish
            alert = replace(self.alert, kind=Kind.UPDATE) if waits else self.alert
            zone = zone or self.zone
            known = self._known[wish] = when(alert, quiet, zone, waits or next_at(cadence, zone, self.now), self.now)
        return known


@lru_cache(maxsize=1_000)
def next_at(cadence: Cadence, zone: str, now: Instant) -> Instant | None:
    """When the next digest of that cadence comes in that zone, after now; None for who gets everything at once."""
    if cadence is Cadence.IMMEDIATE:
        return None
    day = "mon" if cadence is Cadence.WEEKLY else "*"
    trigger = CronTrigger(day_of_week=day, hour=DIGEST_HOUR, minute=0, second=0, timezone=zone_info(zone))
    found: Instant = trigger.get_next_fire_time(now, now)
    return found.astimezone(UTC)


def spread(tx: Tx, alert: Alert, timed: Iterable[tuple[Recipient, Timing]], now: Instant) -> tuple[list[int], int]:
    """Freeze whom it goes to by itself, and keep it for the digests of the others.

    Answers the numbers of its batches, and how many are in them. Who sleeps is in a batch and waits there.
    """
    spreading = Spreading(tx, alert, now)
    for recipient, timing in timed:
        spreading.put(recipient, timing)
    return spreading.ended()


class Spreading:
    """An alert's recipients, one after another: into batches, or kept for their digests."""

    def __init__(self, tx: Tx, alert: Alert, now: Instant) -> None:
        self.tx, self.alert, self.now = tx, alert, now
        self._batch: list[Recipient] = []
        self._asleep: dict[int, Instant] = {}
        self._kept: list[Held] = []
        self._numbers: list[int] = []
        self._size = 0

    def put(self, recipient: Recipient, timing: Timing) -> None:
        match timing:
            case InDigest(next_at):
                id, language, because = recipient
                self._kept.append(Held(id, self.alert.id, language, because, next_at))
                if len(self._kept) >= held.AT_ONCE:
                    self._keep()
                return
            case AfterQuiet(until):
                self._asleep[len(self._batch)] = until
            case AtOnce():
                pass
        self._batch.append(recipient)
        if len(self._batch) >= BATCH:
            self._close()

    def ended(self) -> tuple[list[int], int]:
        """The numbers of the batches, and how many are in them."""
        if self._batch:
            self._close()
        self._keep()
        return self._numbers, self._size

    def _close(self) -> None:
        [no] = self.tx.ledger.add(self.alert, [self._batch])
        asleep = self._asleep.items()
        held.sleep(self.tx, [Again(no, n, 0, self.now, until, "quiet", "quiet hours") for n, until in asleep])
        self._numbers.append(no)
        self._size += len(self._batch)
        self._batch, self._asleep = [], {}

    def _keep(self) -> None:
        held.hold(self.tx, self._kept)
        self._kept = []
