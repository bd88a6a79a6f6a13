"""Tell staff at once of news that cannot wait: by letter, to those who asked for such letters. Never to a reader."""

from datetime import timedelta

import sqlalchemy as sa

from alerts.domain.letters import Kind
from alerts.domain.times import Instant
from alerts.domain.triage import Handled, Then, Verdict
from alerts.queue import Queue
from alerts.services.letters import notice, wake, wanting
from alerts.settings import Settings
from alerts.store import Store, Tx
from alerts.store.tables import CASE, LETTER, MATCH, VERDICT

BETWEEN = timedelta(minutes=10)
"""What comes within ten minutes of a letter goes into the next one: a flood must not become a flood of letters."""

MOST = 200
LONGEST = 20


def page(store: Store, queue: Queue, settings: Settings, now: Instant) -> int:
    """Write one letter to each of staff who wants it, on all that waits for it. Answers how many letters.

    It names codes of cases and reasons, never a person and nothing of the text: it goes through mail servers of others.
    """
    due = VERDICT.c.page_due.is_not(None)
    with store.read() as tx:
        if not tx.verdicts.count(due) or _lately(tx, now):
            return 0
    with store.begin() as tx:
        waiting = tx.verdicts.where(due, by=[VERDICT.c.page_due, VERDICT.c.signal_id], limit=MOST)
        tx.verdicts.update(VERDICT.c.signal_id.in_([verdict.signal_id for verdict in waiting]), page_due=None)
        told = [v for v in waiting if v.handled is Handled.WAITING and _is_to_be_told(v, settings)]
        staff = wanting(tx) if told else []
        if staff:
            said = _said(tx, told)
            tx.letters.add(*(notice(Kind.NEWS, one, said, now) for one in staff))
            wake(tx, queue)
    return len(staff)


def _is_to_be_told(verdict: Verdict, settings: Settings) -> bool:
    return verdict.then is Then.PAGE or settings.triage.page_critical


def _lately(tx: Tx, now: Instant) -> bool:
    return tx.letters.count(LETTER.c.kind == Kind.NEWS.value, LETTER.c.created_at > now - BETWEEN) > 0


def _said(tx: Tx, told: list[Verdict]) -> dict[str, str]:
    named = sa.select(MATCH.c.case_id).where(MATCH.c.signal_id.in_([verdict.signal_id for verdict in told]))
    codes = [case.code for case in tx.cases.where(CASE.c.id.in_(named), by=CASE.c.code)]
    reasons = sorted({verdict.because for verdict in told})
    return {"news": str(len(told)), "codes": ", ".join(codes[:LONGEST]), "because": "; ".join(reasons[:LONGEST])}
