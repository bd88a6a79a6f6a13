"""When the next thing is due, whatever it is: the replay jumps there."""

from datetime import datetime

import sqlalchemy as sa

from alerts.domain.alerts import State
from alerts.domain.ladders import Fate
from alerts.store.dates import REMINDER, SILENCE
from alerts.store.held import first_due
from alerts.store.tables import ALERT, LETTER, RETRY, SOURCE
from alerts.store.tx import Tx


def next_due(tx: Tx) -> datetime | None:
    """The earliest of all reminders, publications, retries, digests, letters, silences and visits that wait."""
    queries = (
        sa.select(sa.func.min(REMINDER.c.fire_at)).where(REMINDER.c.fate == Fate.PENDING),
        sa.select(sa.func.min(ALERT.c.publish_at)).where(ALERT.c.state == State.SCHEDULED),
        sa.select(sa.func.min(RETRY.c.not_before)),
        sa.select(sa.func.min(LETTER.c.not_before)),
        sa.select(sa.func.min(SOURCE.c.next_poll_at)),
        sa.select(sa.func.min(SILENCE.c.due_at)).where(SILENCE.c.fired_at.is_(None)),
    )
    found = [first_due(tx), *(tx.conn.execute(query).scalar() for query in queries)]
    return min((at for at in found if at is not None), default=None)
