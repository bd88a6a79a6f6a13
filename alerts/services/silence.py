"""Listening: where something must be heard we begin to wait, and where it was not, whoever must act is told.

What counts as news is read from the rows that news leaves; there is nothing that anybody could forget to call.
"""

from alerts.domain.deadlines import OPEN, State
from alerts.domain.letters import Kind
from alerts.domain.silence import Awaited, Silence, from_custody, from_date, from_promise, from_source, looked_at, named
from alerts.domain.times import Instant
from alerts.domain.watching import Health
from alerts.queue import Queue
from alerts.services import confidants
from alerts.services.ids import made_since
from alerts.services.letters import notice, wake, wanting
from alerts.store import Store, Tx
from alerts.store import silence as rows
from alerts.store.dates import SILENCE
from alerts.store.pages.silence import with_all
from alerts.store.tables import CASE, SOURCE

MOST, AT_ONCE = 200, 50
"""Looked at in one round, what has not fired yet first; and changed in one transaction: others must not wait for it."""

LINES = 30
"""In one letter. Who has more to do looks at Today."""


def listen(store: Store, queue: Queue, now: Instant) -> int:
    """Begin to listen where something must be heard, and fire where it was not: each once, whoever else looks at the
    clock, with a letter to staff in the same transaction. Answers how many fired.
    """
    _begin(store, now)
    fired = 0
    while changed := _changed(store, now):
        with store.begin() as tx:
            new = [one for id in changed if (one := _turn(tx, id, now))]
            if told := [one for one in new if one.awaited is not Awaited.SOURCE]:  # of sources their own letter tells
                _tell(tx, queue, told, now)
        fired += len(new)
    return fired


def _begin(store: Store, now: Instant) -> None:
    with store.read() as tx:
        new = [
            *(from_custody(case_id, now) for case_id in rows.unwatched_custody(tx)),
            *(from_date(deadline) for deadline in rows.unwatched_dates(tx, now)),
            *(from_promise(deadline) for deadline in rows.unwatched_promises(tx, now)),
            *(from_source(source.id, source.habits.news_at or now, now) for source in rows.unwatched_sources(tx)),
        ]
    if new:
        with store.begin() as tx:
            for silence in sorted(filter(None, new), key=lambda one: one.id):  # two clocks in one order: none waits
                rows.begin(tx, silence)


def _changed(store: Store, now: Instant) -> list[str]:
    """What has to fire, and what has fired and was ended by news."""
    order = [SILENCE.c.fired_at.is_not(None), SILENCE.c.due_at, SILENCE.c.id]
    with store.read() as tx:
        due = tx.silences.where(SILENCE.c.due_at <= now, by=order, limit=MOST)
        return sorted([was.id for was in due if look(tx, was, now) != was][:AT_ONCE])


def _turn(tx: Tx, id: str, now: Instant) -> Silence | None:
    """Look again at one whose row is held by now. Answers it, if it is for us to tell."""
    was = tx.silences.get(id)
    looked = look(tx, was, now) if was.due_at and was.due_at <= now else was
    if looked == was:
        return None
    tx.silences.save(looked)
    return looked if looked.fired_at and not was.fired_at else None


def look(tx: Tx, silence: Silence, now: Instant) -> Silence:
    """What has become of it, by all that is known at `now`."""
    match silence.awaited:
        case Awaited.SEEN | Awaited.CHECK_IN:
            case_id = silence.case_id or ""
            kept = silence.kept_by and tx.cases.count(CASE.c.id == case_id, CASE.c.closed_at.is_(None))
            seen = confidants.last_seen(tx, case_id) if silence.awaited is Awaited.SEEN else None
            return looked_at(silence, seen, not (kept or rows.held_now(tx, case_id)), now)
        case Awaited.SOURCE:
            quiet = (SOURCE.c.id == silence.source_id, SOURCE.c.health == Health.QUIET, SOURCE.c.starred)
            return looked_at(silence, None, not tx.sources.count(*quiet), now)
        case _:
            return looked_at(silence, None, _answered(tx, silence), now)


def _answered(tx: Tx, silence: Silence) -> bool:
    """Whether what was awaited after a date has come, or the date is another by now."""
    deadline = tx.deadlines.look(silence.deadline_id or "")
    if named(silence.awaited, deadline.id, deadline.revision) != silence.id:
        return True
    if silence.awaited is Awaited.OBSERVER:
        gone = deadline.state not in (*OPEN, State.HELD)
        return gone or not rows.silent_observers(tx, deadline.id, silence.since)
    if not deadline.open:
        return True
    if silence.awaited is not Awaited.COURT:
        return False
    seen = confidants.last_seen(tx, deadline.case_id) if deadline.case_id else None
    known = seen is not None and seen > silence.since  # who saw them knows where they are
    return known or rows.of_court(tx, deadline, silence.since, made_since(silence.since))


def _tell(tx: Tx, queue: Queue, fired: list[Silence], now: Instant) -> None:
    """A letter to each of staff who wants some: codes of cases and who of staff must act, nobody else's name."""
    to = wanting(tx)
    if not to:
        return
    names = {one.id: one.name for one in tx.staff.where()}
    lines = [
        f"{row.silence.awaited}\t{row.about.case.code if row.about else ''}\t{names.get(row.who, '')}".replace(
            "\n", " "
        )
        for row in with_all(tx, fired)
    ]
    more = {"more": str(len(lines) - LINES)} if len(lines) > LINES else {}
    tx.letters.add(*(notice(Kind.SILENCE, one, {"silences": "\n".join(lines[:LINES]), **more}, now) for one in to))
    wake(tx, queue)
