"""What readers promised and wrote is reduced to counts once it is over: who it was is forgotten."""

from collections import Counter
from dataclasses import replace

import sqlalchemy as sa

from alerts.domain.letters import Kind
from alerts.domain.responses import AFTER_HEARING, WITHOUT_DATE, Answer, over
from alerts.domain.returns import REDUCED
from alerts.domain.times import Instant
from alerts.services.letters import details_of
from alerts.store import Store, Tx
from alerts.store.dates import CALL, DEADLINE
from alerts.store.tables import ALERT, LETTER, REPLY, RESPONSE

ANSWERS, MAILS = "answers reduced", "mails reduced"
AT_ONCE = 200
"""Mails in one transaction: each is sealed anew."""


def reduce(store: Store, now: Instant) -> int:
    """Forget who gave the answers that are over, and their mails that staff have read. Answers how many went.

    The counts stay in the audit log; a mail that nobody has read yet stays until somebody has.
    """
    with store.read() as tx:
        alerts, mails = _alerts(tx, now), _mails(tx, now)
    _calls(store, now)
    gone = sum(_answers(store, alert_id, ids, now) for alert_id, ids in alerts.items())
    for start in range(0, len(mails), AT_ONCE):
        gone += _blank(store, mails[start : start + AT_ONCE], now)
    return gone


def counts(tx: Tx, alert_id: str) -> dict[Answer, int]:
    """How many gave each answer to this alert, of those whose names were forgotten."""
    found: Counter[Answer] = Counter()
    for entry in tx.audit.about(alert_id, ANSWERS):
        for part in entry.detail.split(", "):
            number, _, answer = part.partition(" ")
            found[Answer(answer)] += int(number)
    return {answer: found[answer] for answer in Answer if found[answer]}


def _alerts(tx: Tx, now: Instant) -> dict[str, list[str]]:
    """The answers that are over, by their alert. Nothing sealed is opened."""
    r = RESPONSE.c
    query = sa.select(r.id, r.alert_id, r.at, DEADLINE.c.when).select_from(
        RESPONSE.join(ALERT, ALERT.c.id == r.alert_id).outerjoin(DEADLINE, DEADLINE.c.id == ALERT.c.deadline_id)
    ).where(r.at <= now - AFTER_HEARING).order_by(r.alert_id, r.id)  # fmt: skip
    found: dict[str, list[str]] = {}
    for row in tx.conn.execute(query):
        if over(row.at, row.when.ends if row.when else None, now):
            found.setdefault(row.alert_id, []).append(row.id)
    return found


def _mails(tx: Tx, now: Instant) -> list[str]:
    p = REPLY.c
    query = sa.select(p.id, p.at, DEADLINE.c.when).select_from(
        REPLY.outerjoin(DEADLINE, DEADLINE.c.id == p.deadline_id)
    ).where(p.at <= now - AFTER_HEARING, p.handled.not_in(["", REDUCED])).order_by(p.id)  # fmt: skip
    return [row.id for row in tx.conn.execute(query) if over(row.at, row.when.ends if row.when else None, now)]


def _answers(store: Store, alert_id: str, ids: list[str], now: Instant) -> int:
    """Their receipts name them as well, and go with them."""
    with store.begin() as tx:
        query = sa.select(RESPONSE.c.subscriber_id, RESPONSE.c.answer).where(RESPONSE.c.id.in_(ids))
        given = tx.conn.execute(query).all()
        if not given:
            return 0
        whose = [row.subscriber_id for row in given]
        receipts = tx.letters.where(
            LETTER.c.subscriber_id.in_(whose), LETTER.c.kind == Kind.NOTED, LETTER.c.created_at <= now - AFTER_HEARING
        )
        mine = [letter.id for letter in receipts if details_of(letter).get("alert") == alert_id]
        tx.letters.delete(LETTER.c.id.in_(mine))
        tx.responses.delete(RESPONSE.c.id.in_(ids))
        each = Counter(row.answer for row in given)
        said = ", ".join(f"{each[answer]} {answer.value}" for answer in Answer if each[answer])
        tx.audit.add(ANSWERS, alert_id, said, by=None, at=now)
    return len(given)


def _calls(store: Store, now: Instant) -> None:
    """Whom we rang, and who knew, matters no more."""
    d = DEADLINE.c
    over = sa.or_(
        d.starts_at <= now - AFTER_HEARING, sa.and_(d.starts_at.is_(None), d.changed_at <= now - WITHOUT_DATE)
    )
    mine = CALL.c.deadline_id.in_(sa.select(d.id).where(over))
    with store.read() as tx:
        if not tx.calls.count(mine):
            return
    with store.begin() as tx:
        tx.audit.add("calls reduced", "", str(tx.calls.delete(mine)), by=None, at=now)


def _blank(store: Store, ids: list[str], now: Instant) -> int:
    """The row stays, so that the same mail is not taken once more; it says nothing of anybody."""
    with store.begin() as tx:
        found = tx.replies.where(REPLY.c.id.in_(ids), REPLY.c.handled != REDUCED)
        for mail in found:
            tx.replies.save(replace(
                mail, alert_id=None, deadline_id=None, subscriber_id=None, sender="", subject="", text="",
                handled=REDUCED,
            ))  # fmt: skip
        if found:
            tx.audit.add(MAILS, "", str(len(found)), by=None, at=now)
    return len(found)
