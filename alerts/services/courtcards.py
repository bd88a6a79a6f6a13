"""The court card of a hearing: kept sealed, each version until a month after the day, so that what was sent can be read
again.
"""

import sqlalchemy as sa

from alerts.domain import card
from alerts.domain.alerts import Alert
from alerts.domain.card import Card, Written
from alerts.domain.errors import Conflict, Invalid
from alerts.domain.responses import AFTER_HEARING, over
from alerts.domain.staff import Role, Voice
from alerts.domain.times import Instant
from alerts.services.ids import new_id
from alerts.store import Store, Tx
from alerts.store.dates import CARD, DEADLINE


def write(store: Store, deadline_id: str, said: Card, *, by: Voice, now: Instant) -> Written:
    """The card from now on: the next mail on this date has it. An empty one takes it back.

    Raises Forbidden, NotFound, Conflict (it is over, or the card says just that already).
    """
    by.must_be(Role.AUTHOR, "write a court card")
    with store.begin() as tx:
        deadline = tx.deadlines.get(deadline_id)
        if not deadline.open:
            raise Conflict(f"This deadline is {deadline.state} already.")
        last = latest(tx, deadline_id)
        if (last.card, last.revision) == (said, deadline.revision) if last else not said:
            raise Conflict("Nothing was changed: the card says just that already." if last else "The card is empty.")
        written = Written(new_id(now), deadline_id, deadline.revision, card.dump(said), by.id, now)
        tx.cards.add(written)
        tx.audit.add("court card written", deadline_id, by=by, at=now)
    return written


def read(store: Store, deadline_id: str) -> Written | None:
    """The card as it stands; None where nobody wrote one. Raises NotFound."""
    with store.read() as tx:
        tx.deadlines.get(deadline_id)
        return latest(tx, deadline_id)


def latest(tx: Tx, deadline_id: str) -> Written | None:
    found = tx.cards.where(CARD.c.deadline_id == deadline_id, by=[CARD.c.written_at.desc(), CARD.c.id.desc()], limit=1)
    return found[0] if found else None


def frozen(tx: Tx, deadline_id: str) -> str:
    """The id of the version that an alert issued now carries; empty where there is nothing to say."""
    last = latest(tx, deadline_id)
    return last.id if last and last.card else ""


def carried(tx: Tx, alert: Alert) -> Written | None:
    """The card that goes to the trusted readers of this alert, if its case still allows it at this moment.

    One that was damaged must not keep the date from its readers.
    """
    if not (alert.notice and alert.notice.card):
        return None
    case = tx.cases.look(alert.case_id) if alert.case_id else None
    if not card.may_go(alert.label, case):
        return None
    try:
        return tx.cards.find(CARD.c.id == alert.notice.card)
    except Invalid:
        return None


def forget(store: Store, now: Instant) -> int:
    """Cards name who stood at a door: a month after the day they go, as do the names of who promised to come.

    Answers how many went.
    """
    with store.read() as tx:
        query = sa.select(CARD.c.id, CARD.c.written_at, DEADLINE.c.when).join(DEADLINE)
        found = tx.conn.execute(query.where(CARD.c.written_at <= now - AFTER_HEARING)).all()
    gone = [row.id for row in found if over(row.written_at, row.when.ends if row.when else None, now)]
    if gone:
        with store.begin() as tx:
            tx.cards.delete(CARD.c.id.in_(gone))
            tx.audit.add("court cards forgotten", "", str(len(gone)), by=None, at=now)
    return len(gone)
