"""Where something must be heard and nobody listens yet; and what was heard since, from the rows that news leaves.

Nothing is hooked where news is written: a row's id says when it was made.
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from alerts.domain.deadlines import OPEN, Deadline, Kind, State
from alerts.domain.responses import Answer
from alerts.domain.silence import AFTER_DATES, Awaited, Silence
from alerts.domain.triage import Handled
from alerts.domain.watching import Health, Source
from alerts.store.dates import DEADLINE, SILENCE
from alerts.store.tables import ALERT, CASE, FACT, MATCH, REPLY, RESPONSE, SOURCE, SUBSCRIBER, VERDICT
from alerts.store.tx import Tx

_S, _D = SILENCE.c, DEADLINE.c
MOST = 100
CUSTODY = (Kind.HOLD, Kind.REMAND, Kind.RELEASE)
PROMISES = timedelta(days=30)
"""Who promised is forgotten so long after a hearing."""

_IDLE = sa.or_(_S.id.is_(None), sa.and_(_S.due_at.is_(None), _S.off == sa.false()))
"""Nobody listens, and nobody said that nobody should."""


def in_custody() -> Any:
    """Whether the person of a case is held: it says where, or a date of custody is open."""
    held = sa.exists().where(_D.case_id == CASE.c.id, _D.kind.in_(CUSTODY), _D.state.in_(OPEN))
    return sa.and_(CASE.c.closed_at.is_(None), sa.or_(CASE.c.detention != "", held))


def unwatched_custody(tx: Tx) -> list[str]:
    """Cases whose person is in custody, and nobody waits to hear that their lawyer has seen them."""
    mine = _S.id == sa.literal(f"{Awaited.SEEN}-").concat(CASE.c.id)
    query = sa.select(CASE.c.id).select_from(CASE.outerjoin(SILENCE, mine)).where(in_custody(), _IDLE)
    return list(tx.conn.execute(query.order_by(CASE.c.id).limit(MOST)).scalars())


def unwatched_dates(tx: Tx, now: datetime) -> list[Deadline]:
    """Dates that have begun, after which something must be heard."""
    known = sa.exists().where(_S.deadline_id == _D.id, _is_of_date(), _S.awaited != Awaited.OBSERVER)
    kinds = _D.kind.in_([kind for kind in Kind if kind in AFTER_DATES])
    return tx.deadlines.where(_D.state.in_(OPEN), _D.starts_at <= now, kinds, ~known, by=_D.starts_at, limit=MOST)


def unwatched_promises(tx: Tx, now: datetime) -> list[Deadline]:
    """Hearings of the last weeks to which somebody promised to come."""
    known = sa.exists().where(_S.deadline_id == _D.id, _is_of_date(), _S.awaited == Awaited.OBSERVER)
    promised = sa.exists().where(
        ALERT.c.deadline_id == _D.id, RESPONSE.c.alert_id == ALERT.c.id, RESPONSE.c.answer == Answer.YES
    )
    near = (_D.state.in_((*OPEN, State.HELD)), _D.starts_at.between(now - PROMISES, now))
    return tx.deadlines.where(*near, ~known, promised, by=_D.starts_at, limit=MOST)


def unwatched_sources(tx: Tx) -> list[Source]:
    """Starred sources that were found to be quiet."""
    known = sa.exists().where(_S.source_id == SOURCE.c.id, _S.due_at.is_not(None))
    quiet = (SOURCE.c.starred == sa.true(), SOURCE.c.health == Health.QUIET)
    return tx.sources.where(*quiet, ~known, by=SOURCE.c.id, limit=MOST)


def begin(tx: Tx, silence: Silence) -> None:
    """Listen, unless another clock began meanwhile. What rested goes on: custody and quiet sources come again."""
    row = tx.silences.dump(silence)
    tx.conn.execute(tx.ledger.insert(SILENCE).values(row).on_conflict_do_nothing())
    rests = (_S.id == silence.id, _S.due_at.is_(None), _S.off == sa.false(), _S.deadline_id.is_(None))
    tx.silences.update(*rests, since=silence.since, due_at=silence.due_at, heard_by="")


def held_now(tx: Tx, case_id: str) -> bool:
    return tx.cases.count(CASE.c.id == case_id, in_custody()) > 0


def of_court(tx: Tx, deadline: Deadline, since: datetime, made_since: str) -> bool:
    """Whether anything of the case came since: a fact, another date, or a signal that somebody used.

    A signal by itself is none: that a paper names somebody does not say where they are.
    """
    mine = (FACT.c.case_id == deadline.case_id, FACT.c.id >= made_since)
    dates = (_D.case_id == deadline.case_id, _D.id != deadline.id, _D.created_at > since)
    if tx.facts.count(*mine) or tx.deadlines.count(*dates):
        return True
    used = sa.select(sa.literal(1)).select_from(MATCH.join(VERDICT, VERDICT.c.signal_id == MATCH.c.signal_id)).where(
        MATCH.c.case_id == deadline.case_id, VERDICT.c.handled == Handled.USED, VERDICT.c.handled_at > since
    )  # fmt: skip
    return tx.conn.execute(used.limit(1)).first() is not None


def silent_observers(tx: Tx, deadline_id: str, since: datetime) -> list[str]:
    """Subscribers whose last answer on this date was yes, and of whom nothing came since."""
    r = RESPONSE.c
    query = sa.select(r.subscriber_id, r.answer).join_from(RESPONSE, ALERT, ALERT.c.id == r.alert_id)
    found = tx.conn.execute(query.where(ALERT.c.deadline_id == deadline_id).order_by(r.at, r.id))
    last = {row.subscriber_id: row.answer for row in found}
    promised = [id for id, answer in last.items() if answer is Answer.YES]
    if not promised:
        return []
    wrote = sa.exists().where(REPLY.c.subscriber_id == SUBSCRIBER.c.id, REPLY.c.at > since)
    quiet = sa.or_(SUBSCRIBER.c.heard_at.is_(None), SUBSCRIBER.c.heard_at <= since)
    query = sa.select(SUBSCRIBER.c.id).where(SUBSCRIBER.c.id.in_(promised), quiet, ~wrote)
    return list(tx.conn.execute(query.order_by(SUBSCRIBER.c.id)).scalars())


def _is_of_date() -> Any:
    """A silence belongs to one date of a deadline: its id ends in the revision."""
    return _S.id.endswith(sa.literal("-").concat(sa.cast(_D.revision, sa.Text)))
