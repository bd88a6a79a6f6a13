"""When the next thing is due, whatever it is: the replay jumps there."""

from datetime import datetime

import sqlalchemy as sa

from alerts.domain import deadlines, questions
from alerts.domain.alerts import State
from alerts.domain.ladders import Fate
from alerts.store.dates import CONFIDANT, DEADLINE, REMINDER, SILENCE
from alerts.store.held import first_due
from alerts.store.tables import ALERT, LETTER, RETRY, SOURCE
from alerts.store.tx import Tx


def next_due(tx: Tx, now: datetime) -> datetime | None:
    """The earliest of all reminders, publications, retries, digests, letters, silences and visits that wait, and of
    the questions to lawyers and families after `now`.
    """
    queries = (
        sa.select(sa.func.min(REMINDER.c.fire_at)).where(REMINDER.c.fate == Fate.PENDING),
        sa.select(sa.func.min(ALERT.c.publish_at)).where(ALERT.c.state == State.SCHEDULED),
        sa.select(sa.func.min(RETRY.c.not_before)),
        sa.select(sa.func.min(LETTER.c.not_before)),
        sa.select(sa.func.min(SOURCE.c.next_poll_at)),
        sa.select(sa.func.min(SILENCE.c.due_at)).where(SILENCE.c.fired_at.is_(None)),
    )
    found = [first_due(tx), _question_due(tx, now), *(tx.conn.execute(query).scalar() for query in queries)]
    return min((at for at in found if at is not None), default=None)


def _question_due(tx: Tx, now: datetime) -> datetime | None:
    """No row waits for a question: its time is read from the date it is of."""
    d, here = DEADLINE.c, sa.select(CONFIDANT.c.case_id).where(CONFIDANT.c.ended_at.is_(None))
    mine = (d.kind.in_(deadlines.ATTENDED), d.state.in_(deadlines.OPEN), d.starts_at > now, d.case_id.in_(here))
    found = (questions.next_due(deadline, now) for deadline in tx.deadlines.where(*mine))
    return min((at for at in found if at is not None), default=None)
