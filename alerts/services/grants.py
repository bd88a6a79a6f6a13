"""What relays are given: counted before it is sent, and given back where it is not, also by who died meanwhile."""

from collections import Counter
from collections.abc import Collection, Mapping

import sqlalchemy as sa

from alerts.domain import relays as rules
from alerts.domain.relays import Relay, Use, hour_of
from alerts.domain.times import Instant
from alerts.services.relays import all_relays, held, keep, uses
from alerts.settings import Settings
from alerts.store import Tx
from alerts.store.tables import GRANTED, RELAY_USE


class Grants:
    """What relays may be given within one transaction: their rows are held, and `write` puts down what was given."""

    def __init__(self, tx: Tx, settings: Settings, now: Instant) -> None:
        self.tx, self.now = tx, now
        there = sorted(all_relays(tx, settings), key=lambda relay: relay.id)
        self._relays = {relay.id: held(tx, relay) for relay in there}
        self._uses = uses(tx, now)
        self._given: Counter[str] = Counter()

    def give(self, wanted: int, only: Collection[str] | None = None) -> tuple[Relay, int] | None:
        """A relay that takes mail now and how many of `wanted` it may be given, which count as given from here on.

        `only`: those whose connections have room for more; who has its share is decided among all. None: every relay
        rests (`rests_until`), or there is none.
        """
        for relay in rules.order(self._relays.values(), self._uses, self.now):
            if only is not None and relay.id not in only:
                continue
            granted, moved = rules.grant(relay, self._uses, wanted, self.now)
            if granted > 0:
                self._relays[relay.id] = moved
                self._uses.append(Use(relay.id, hour_of(self.now), granted))
                self._given[relay.id] += granted
                return moved, granted
        return None

    def write(self) -> None:
        for id, given in self._given.items():
            charge(self.tx, self._relays[id], given, self.now)


def grant(
    tx: Tx, settings: Settings, wanted: int, now: Instant, only: Collection[str] | None = None
) -> tuple[Relay, int] | None:
    """As `Grants`, once. Two workers never give the same allowance twice: the rows are held until the transaction
    ends.
    """
    grants = Grants(tx, settings, now)
    found = grants.give(wanted, only)
    grants.write()
    return found


def charge(tx: Tx, relay: Relay, granted: int, now: Instant) -> None:
    """Write down that the relay is given so many recipients, and its minute's tokens as `relays.grant` left them."""
    first = tx.ledger.insert(RELAY_USE).values(relay_id=relay.id, hour=hour_of(now), taken=granted)
    more = RELAY_USE.c.taken + granted
    tx.conn.execute(first.on_conflict_do_update(index_elements=["relay_id", "hour"], set_={"taken": more}))
    if relay.per_minute:
        keep(tx, relay, tokens=relay.tokens, filled_at=relay.filled_at)


def give_back(tx: Tx, relay_id: str, count: int, now: Instant) -> None:
    """So many that were granted never went to the relay: they count no more."""
    if count <= 0:
        return
    last = tx.uses.where(RELAY_USE.c.relay_id == relay_id, by=RELAY_USE.c.hour.desc(), limit=2)
    for use in last:
        back = min(count, use.taken)
        place = (RELAY_USE.c.relay_id == relay_id, RELAY_USE.c.hour == use.hour)
        tx.conn.execute(sa.update(RELAY_USE).where(*place).values(taken=RELAY_USE.c.taken - back))
        count -= back


# of a batch, where the relay has a limit: what is not sent of it must be known when its holder dies


def reserve(tx: Tx, batch_no: int, relay: Relay, granted: int, now: Instant) -> bool:
    """The holder of this batch may hand over so many. Answers whether that is written down."""
    if not relay.per_minute and rules.limit(relay, now) is None:
        return False
    tx.conn.execute(sa.insert(GRANTED).values(batch_no=batch_no, relay_id=relay.id, remaining=granted))
    return True


def spent(tx: Tx, batch_no: int, remaining: int) -> None:
    """So many of them are left."""
    tx.conn.execute(sa.update(GRANTED).where(GRANTED.c.batch_no == batch_no).values(remaining=remaining))


def release(tx: Tx, batches: Collection[int], sent: Mapping[int, int], now: Instant) -> None:
    """Nobody holds these batches any more: what was granted of them counts no more, but for what was sent since it was
    last written down.
    """
    rows = tx.conn.execute(sa.select(GRANTED).where(GRANTED.c.batch_no.in_(batches))).all()
    for row in rows:
        give_back(tx, row.relay_id, row.remaining - sent.get(row.batch_no, 0), now)
    tx.conn.execute(sa.delete(GRANTED).where(GRANTED.c.batch_no.in_([row.batch_no for row in rows])))
