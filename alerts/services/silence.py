"""Listening: where something must be heard we begin to wait, and where it was not, whoever must act is told.

What counts as news is read from the rows that news leaves; there is nothing that anybody could forget to call.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from alerts.domain.cases import Case
from alerts.domain.deadlines import OPEN, State
from alerts.domain.errors import Conflict, Invalid
from alerts.domain.letters import Kind
from alerts.domain.silence import (
    Awaited,
    Silence,
    asked_for,
    from_custody,
    from_date,
    from_promise,
    from_source,
    heard,
    later,
    looked_at,
    named,
)
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.domain.watching import Health
from alerts.queue import Queue
from alerts.services import casework
from alerts.services.ids import made_since
from alerts.services.letters import notice, wake, wanting
from alerts.store import Store, Tx
from alerts.store import silence as rows
from alerts.store.tables import CASE, DEADLINE, SILENCE, SOURCE

MOST = 200
"""Looked at in one turn; what has not fired yet comes first."""

LINES = 30
"""In one letter. Who has more to do looks at Today."""


def listen(store: Store, queue: Queue, now: Instant) -> int:
    """Begin to listen where something must be heard, and fire where it was not: each once, whoever else looks at the
    clock, with a letter to staff in the same transaction. Answers how many fired.
    """
    _begin(store, now)
    with store.read() as tx:
        changed = sorted(was.id for was in _due(tx, now) if look(tx, was, now) != was)
    if not changed:
        return 0
    with store.begin() as tx:
        fired = [now_ for id in changed if (now_ := _turn(tx, id, now))]
        if told := [one for one in fired if one.awaited is not Awaited.SOURCE]:  # of sources their own letter tells
            _tell(tx, queue, told, now)
    return len(fired)


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
            for silence in new:
                if silence:
                    rows.begin(tx, silence)


def _due(tx: Tx, now: Instant) -> list[Silence]:
    """What may fire, and what has fired and may have been ended by news."""
    order = [SILENCE.c.fired_at.is_not(None), SILENCE.c.due_at, SILENCE.c.id]
    return tx.silences.where(SILENCE.c.due_at <= now, by=order, limit=MOST)


def _turn(tx: Tx, id: str, now: Instant) -> Silence | None:
    """Look again at one whose row is held by now. Answers it, if it is for us to tell."""
    was = tx.silences.get(id)
    is_ = look(tx, was, now) if was.due_at and was.due_at <= now else was
    if is_ == was:
        return None
    tx.silences.save(is_)
    return is_ if is_.fired_at and not was.fired_at else None


def look(tx: Tx, silence: Silence, now: Instant) -> Silence:
    """What has become of it, by all that is known at `now`."""
    match silence.awaited:
        case Awaited.SEEN | Awaited.CHECK_IN:
            kept = silence.kept_by and tx.cases.count(CASE.c.id == silence.case_id, CASE.c.closed_at.is_(None))
            return looked_at(silence, None, not (kept or rows.held_now(tx, silence.case_id or "")), now)
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
    return silence.awaited is Awaited.COURT and rows.of_court(tx, deadline, silence.since, made_since(silence.since))


def _tell(tx: Tx, queue: Queue, fired: list[Silence], now: Instant) -> None:
    """A letter to each of staff who wants some: codes of cases and who of staff must act, nobody else's name."""
    to = wanting(tx)
    if not to:
        return
    said = {id: case.code for id, case in _cases(tx, fired).items()}
    names = {one.id: one.name for one in tx.staff.where()}
    acts = [(one, names.get(whose(tx, one), "")) for one in fired]
    lines = [f"{one.awaited}\t{said.get(one.case_id or '', '')}\t{name}".replace("\n", " ") for one, name in acts]
    details = {"silences": "\n".join(lines[:LINES]), "more": str(max(0, len(lines) - LINES))}
    tx.letters.add(*(notice(Kind.SILENCE, one, details, now) for one in to))
    wake(tx, queue)


def whose(tx: Tx, silence: Silence) -> str:
    """Who of staff must act: whom staff named, else who asked to listen, else who entered the date, if they still work
    here. Empty: whoever is at the desk.
    """
    set_by = [one.set_by for one in tx.deadlines.where(DEADLINE.c.id == silence.deadline_id)]
    here = {one.id for one in tx.staff.where() if one.disabled_at is None}
    return next((id for id in (silence.who, silence.kept_by, *set_by) if id in here), "")


def _cases(tx: Tx, silences: Sequence[Silence]) -> dict[str, Case]:
    ids = {one.case_id for one in silences if one.case_id}
    return {case.id: case for case in tx.cases.where(CASE.c.id.in_(sorted(ids)))}


# what people see, and say


def fired(tx: Tx, now: Instant) -> list[Silence]:
    """The alarms that stand, the oldest first. What was ended by news since the last tick is none."""
    found = tx.silences.where(SILENCE.c.fired_at.is_not(None), by=[SILENCE.c.due_at, SILENCE.c.id], limit=50)
    return [one for one in found if look(tx, one, now) == one]


def listing(tx: Tx, case_id: str | None = None) -> list[Silence]:
    """All that we wait to hear (of one case), what is due first comes first."""
    mine = (SILENCE.c.case_id == case_id,) if case_id else ()
    return tx.silences.where(SILENCE.c.due_at.is_not(None), *mine, by=[SILENCE.c.due_at, SILENCE.c.id])


@dataclass(frozen=True, slots=True)
class Expected:
    """What staff want to hear of a case: every so many hours, or first (or only) by `once`. Neither: not at all."""

    awaited: Awaited
    every: int = 0
    once: Instant | None = None


def expect(
    store: Store, code: str, wanted: Sequence[Expected], *, by: Staff, now: Instant, who: str = "", note: str = ""
) -> list[Silence]:
    """Listen to this case as staff want it. `who`: the id of whom of staff must act; `note`: how, in their words.

    Raises Forbidden, NotFound, Conflict (the case is closed), Invalid.
    """
    by.must_be(Role.AUTHOR, "say what is to be heard")
    with store.begin() as tx:
        case = casework.find(tx, code)
        if case.closed_at:
            raise Conflict(f"The case {case.code} is closed.")
        if who and not tx.staff.count(tx.staff.table.c.id == who, tx.staff.table.c.disabled_at.is_(None)):
            raise Invalid("Whoever must act works here no more: choose somebody else.")
        silences = []
        for one in wanted:
            known = tx.silences.find(SILENCE.c.id == named(one.awaited, case.id))
            silence = asked_for(
                known, one.awaited, case.id, every=one.every, once=one.once, who=who, note=note, by=by.id, now=now
            )
            if known:
                tx.silences.save(silence)
            elif not silence.off or one.awaited is Awaited.SEEN:
                tx.silences.add(silence)
            silences.append(silence)
        tx.audit.add("listening changed", case.id, ", ".join(_spoken(one) for one in silences), by=by, at=now)
    return silences


def hear(store: Store, id: str, *, by: Staff, now: Instant) -> Silence:
    """Staff heard what was awaited. Raises Forbidden, NotFound, Conflict (of a source only itself is heard)."""
    return _said(store, id, "heard", heard, by, now)


def put_off(store: Store, id: str, *, by: Staff, now: Instant) -> Silence:
    """Somebody is at it: it fires again if there is still nothing later. Raises Forbidden, NotFound, Conflict."""
    return _said(store, id, "silence put off", lambda silence, at, _: later(silence, at), by, now)


def _said(
    store: Store, id: str, verb: str, change: Callable[[Silence, Instant, str], Silence], by: Staff, now: Instant
) -> Silence:
    by.must_be(Role.AUTHOR, "say what was heard")
    with store.begin() as tx:
        silence = change(tx.silences.get(id), now, by.id)
        tx.silences.save(silence)
        tx.audit.add(verb, silence.case_id or silence.source_id or "", silence.awaited, by=by, at=now)
    return silence


def _spoken(silence: Silence) -> str:
    if silence.off:
        return f"{silence.awaited} not"
    return f"{silence.awaited} every {silence.every} h" if silence.every else f"{silence.awaited} once"
