"""Who hears first when a day's allowance does not suffice for all."""

import sqlalchemy as sa

from alerts.domain.alerts import Alert
from alerts.domain.need import LAST, rank
from alerts.domain.responses import Answer
from alerts.settings import countries
from alerts.store import Tx
from alerts.store.tables import ALERT, RELAY, RESPONSE, SUBSCRIBER


def scarce(tx: Tx) -> bool:
    """Whether any relay of the desk has a limit: else nobody has to wait, and nobody to be ranked."""
    limits = sa.or_(RELAY.c.daily > 0, RELAY.c.per_minute > 0, RELAY.c.ramp_from.is_not(None))
    return tx.scarce or bool(tx.relays.count(limits))


def ranks(tx: Tx, alert: Alert) -> dict[str, int]:
    """Who of all subscribers should hear first, by id (`need.rank`); who is not in it has no claim (`need.LAST`).

    Only worth asking where a relay has a limit: most of a desk's readers may live near the court.
    """
    zone = _court(tx, alert)
    same = [ALERT.c.thread == alert.thread, *([ALERT.c.deadline_id == alert.deadline_id] if alert.deadline_id else [])]
    promised = sa.select(RESPONSE.c.subscriber_id).join(ALERT, ALERT.c.id == RESPONSE.c.alert_id)
    promised = promised.where(RESPONSE.c.answer == Answer.YES, sa.or_(*same))
    coming = set(tx.conn.execute(promised).scalars())
    query = sa.select(SUBSCRIBER.c.id, SUBSCRIBER.c.zone, SUBSCRIBER.c.head)
    near = SUBSCRIBER.c.zone == zone if zone else sa.false()
    rows = tx.conn.execute(query.where(sa.or_(SUBSCRIBER.c.head, near, SUBSCRIBER.c.id.in_(promised))))
    found = {row.id: rank(bool(zone) and row.zone == zone, row.id in coming, bool(row.head)) for row in rows}
    return {id: place for id, place in found.items() if place < LAST}


def _court(tx: Tx, alert: Alert) -> str:
    """The zone in which the alert's matter takes place: of its date, else of its one country."""
    if alert.deadline_id:
        when = tx.deadlines.get(alert.deadline_id).when
        when = when or (alert.notice.was if alert.notice else None)
        if when:
            return when.zone
    return countries()[alert.countries[0]].zone if len(alert.countries) == 1 else ""
