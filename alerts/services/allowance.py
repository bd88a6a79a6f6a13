"""What the relays take today: how many of an alert's readers would wait, and until when."""

from dataclasses import dataclass, replace
from datetime import timedelta

import sqlalchemy as sa

from alerts.domain import relays
from alerts.domain.relays import Relay, Use
from alerts.domain.replies import about_quota
from alerts.domain.times import Instant, zone_info
from alerts.services.composing import editions
from alerts.services.issuing import Audience
from alerts.services.relays import all_relays, uses
from alerts.settings import Settings
from alerts.store import Store, Tx
from alerts.store.tables import BATCH, DELIVERY, RETRY


@dataclass(frozen=True, slots=True)
class Allowance:
    """For so many `recipients`, `left` may still go today (None: as many as there are), `waiting` later.

    `until`: when the last of them has gone; None where nobody waits, or it takes more than a year.
    """

    recipients: int
    left: int | None
    waiting: int = 0
    until: Instant | None = None

    def words(self, zone: str, now: Instant) -> str:
        """One sentence, its hours on the clock of `zone`; empty where there is no limit."""
        if self.left is None:
            return ""
        if not self.waiting:
            return f"{self.left} more possible today: enough."
        verb = "waits" if self.waiting == 1 else "wait"
        when = f"until {_when(self.until, zone, now)}" if self.until else "for more than a year"
        return f"{self.left} more possible today: {self.waiting} of {self.recipients} {verb} {when}."


def forecast(tx: Tx, settings: Settings, recipients: int, priority: int, now: Instant) -> Allowance:
    """What would become of an alert to so many, published now. What waits at its priority or before it goes first."""
    used = uses(tx, now)
    there = [_as_it_says(relay, used, now) for relay in all_relays(tx, settings)]
    lefts = [relays.left_today(relay, used, now) for relay in there]
    if None in lefts or not there:
        return Allowance(recipients, None)
    ahead = pending(tx, priority)
    left = max(0, sum(left for left in lefts if left is not None) - ahead)
    waiting = max(0, recipients - left)
    until = relays.until(there, used, ahead + recipients, now) if waiting else None
    return Allowance(recipients, left, waiting, until)


def before(store: Store, settings: Settings, alert_id: str, now: Instant) -> Allowance | None:
    """What would become of this alert, published now. None where no relay has a limit. Raises NotFound."""
    with store.read() as tx:
        if forecast(tx, settings, 0, 0, now).left is None:
            return None
        alert = tx.alerts.get(alert_id)
        found = Audience(tx, alert, editions(tx, alert_id)).counted()
        return forecast(tx, settings, found.size, alert.kind.priority, now)


def pending(tx: Tx, priority: int) -> int:
    """Mails that go before an alert of this priority: those not handed over yet, and those that are tried again."""
    first = (BATCH.c.priority <= priority, BATCH.c.open == sa.true())
    sizes = sa.select(sa.func.coalesce(sa.func.sum(BATCH.c.size), 0)).where(*first)
    ended = (
        sa.select(sa.func.count()).select_from(DELIVERY.join(BATCH, BATCH.c.no == DELIVERY.c.batch_no)).where(*first)
    )
    later = sa.select(sa.func.count()).select_from(RETRY.join(BATCH, BATCH.c.no == RETRY.c.batch_no))
    later = later.where(BATCH.c.priority <= priority, BATCH.c.open == sa.false())
    size, done, again = (int(tx.conn.execute(query).scalar_one()) for query in (sizes, ended, later))
    return max(0, size - done) + again


def _as_it_says(relay: Relay, used: list[Use], now: Instant) -> Relay:
    """A relay that speaks of a full day takes no more than it took, whatever limit we know."""
    took = relays.taken(relay, used, now)
    full = relay.blocks and about_quota(relay.reason) and took
    return replace(relay, daily=took, ramp_from=None) if full else relay


def _when(at: Instant, zone: str, now: Instant) -> str:
    there, here = at.astimezone(zone_info(zone)), now.astimezone(zone_info(zone))
    days = (there.date() - here.date()) // timedelta(days=1)
    near = {0: "", 1: " tomorrow"}
    return f"{there:%H:%M}{near[days]}" if days in near else f"{there:%d %B %H:%M}"
