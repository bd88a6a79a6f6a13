"""What staff want to hear of a case, and what they heard."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from alerts.domain.deadlines import Deadline
from alerts.domain.errors import Conflict, Invalid
from alerts.domain.silence import Awaited, Silence, asked_for, from_date, heard, later, named
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.services import casework
from alerts.services.silence import look
from alerts.store import Store, Tx
from alerts.store.dates import DEADLINE, SILENCE
from alerts.store.tables import STAFF

MOST = 50


@dataclass(frozen=True, slots=True)
class Expected:
    """What staff want to hear: news every so many hours, or first (or only) by `once`. Neither: they want none."""

    awaited: Awaited
    every: int = 0
    once: Instant | None = None


def fired(tx: Tx, now: Instant) -> list[Silence]:
    """The alarms that stand, the oldest first. What news ended since the last tick is none."""
    found = tx.silences.where(SILENCE.c.fired_at.is_not(None), by=[SILENCE.c.due_at, SILENCE.c.id], limit=MOST)
    return [one for one in found if look(tx, one, now) == one]


def seen_to(tx: Tx, now: Instant) -> set[str]:
    """The deadlines of which staff have put an alarm off: somebody is at it."""
    mine = (SILENCE.c.deadline_id.is_not(None), SILENCE.c.fired_at.is_(None), SILENCE.c.due_at > now)
    waits = {one.deadline_id: one for one in tx.silences.where(*mine, by=SILENCE.c.due_at, limit=MOST)}
    dates = tx.deadlines.where(DEADLINE.c.id.in_([id for id in waits if id]))
    usual = {date.id: at.due_at for date in dates if (at := from_date(date)) and at.due_at}
    return {id for id, at in usual.items() if (due := waits[id].due_at) and due > at}


def listing(tx: Tx, now: Instant) -> list[Silence]:
    """All that we wait to hear, as it is at `now`; what is due first comes first."""
    return _in_order(look(tx, one, now) for one in tx.silences.where(SILENCE.c.due_at.is_not(None)))


def of_case(tx: Tx, case_id: str, deadlines: Iterable[Deadline], now: Instant) -> list[Silence]:
    """What we wait to hear of a case, and after which date next; what is due first comes first."""
    known = tx.silences.where(SILENCE.c.case_id == case_id)
    here = {one.id for one in known}
    coming = _in_order(one for one in map(from_date, deadlines) if one and one.id not in here)
    return _in_order([*(look(tx, one, now) for one in known if one.due_at), *coming[:1]])


def _in_order(silences: Iterable[Silence]) -> list[Silence]:
    return [one for _, _, one in sorted((one.due_at, one.id, one) for one in silences if one.due_at)]


def wanted(tx: Tx, case_id: str) -> dict[Awaited, Silence]:
    """As staff, or what the desk knows, have it now, to be changed: also what they do not want."""
    ours = [named(awaited, case_id) for awaited in (Awaited.SEEN, Awaited.CHECK_IN)]
    return {one.awaited: one for one in tx.silences.where(SILENCE.c.id.in_(ours))}


def expect(
    store: Store, code: str, asked: Sequence[Expected], *, by: Staff, now: Instant, who: str = "", note: str = ""
) -> list[Silence]:
    """Listen to this case as staff want it. `who`: the id of whom of staff must act; `note`: how, in their words.

    Raises Forbidden, NotFound, Conflict (the case is closed), Invalid.
    """
    by.must_be(Role.AUTHOR, "say what is to be heard")
    with store.begin() as tx:
        case = casework.find(tx, code)
        if case.closed_at:
            raise Conflict(f"The case {case.code} is closed.")
        if who and not tx.staff.count(STAFF.c.id == who, STAFF.c.disabled_at.is_(None)):
            raise Invalid("Whoever must act works here no more: choose somebody else.")
        known = wanted(tx, case.id)
        said = [
            asked_for(
                known.get(one.awaited), one.awaited, case.id, every=one.every, once=one.once, who=who, note=note,
                by=by.id, now=now,
            )
            for one in asked
        ]  # fmt: skip
        for silence in said:
            if silence.awaited in known:
                tx.silences.save(silence)
            else:
                tx.silences.add(silence)
        tx.audit.add("listening changed", case.id, ", ".join(map(_spoken, said)), by=by, at=now)
    return said


def hear(store: Store, id: str, *, by: Staff, now: Instant) -> Silence:
    """Staff heard what was awaited. Raises Forbidden, NotFound, Conflict (nobody waits for it; it is a source)."""
    return _said(store, id, "heard", lambda silence: heard(silence, now, by.id), by, now)


def put_off(store: Store, id: str, *, by: Staff, now: Instant) -> Silence:
    """Somebody is at it: it fires again if there is still nothing later. Raises Forbidden, NotFound, Conflict."""
    return _said(store, id, "silence put off", lambda silence: later(silence, now), by, now)


def _said(store: Store, id: str, verb: str, change: Callable[[Silence], Silence], by: Staff, now: Instant) -> Silence:
    by.must_be(Role.AUTHOR, "say what was heard")
    with store.begin() as tx:
        silence = change(tx.silences.get(id))
        tx.silences.save(silence)
        tx.audit.add(verb, silence.case_id or silence.source_id or "", silence.awaited, by=by, at=now)
    return silence


def _spoken(silence: Silence) -> str:
    if silence.off:
        return f"{silence.awaited}: not"
    return f"{silence.awaited}: every {silence.every} h" if silence.every else f"{silence.awaited}: once"
