"""Ladders that change while they stand: a case gets rungs of its own, readers ask for others, a country its clocks."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from alerts.domain import ladders
from alerts.domain.cases import Case
from alerts.domain.chains import was
from alerts.domain.deadlines import ATTENDED, OPEN, Deadline, Kind
from alerts.domain.errors import Invalid
from alerts.domain.ladders import NAG, PUBLIC, Fate, Planned, Rung, fires_at, plan, rung
from alerts.domain.staff import Role, Voice
from alerts.domain.times import Instant, newer, tzdata
from alerts.queue import Queue
from alerts.services import casework, notices
from alerts.services.ids import new_id
from alerts.services.reminding import climb, revoke, rungs_of
from alerts.store import Store, Tx, readers
from alerts.store.dates import DEADLINE, REMINDER

AT_ONCE = 200


def set_own(store: Store, code: str, kind: Kind, names: Iterable[str], *, by: Voice, now: Instant) -> Case:
    """The rungs that a case's dates of this kind have from now on; none: the desk's again. What is past stays past.

    Raises Forbidden, NotFound, Invalid.
    """
    by.must_be(Role.AUTHOR, "set the reminders of a case")
    own = ladders.check(kind, names)
    with store.read() as tx:
        id = casework.find(tx, code).id
    with store.begin() as tx:
        mine = (DEADLINE.c.case_id == id, DEADLINE.c.kind == kind, DEADLINE.c.state.in_(OPEN))
        dates = [tx.deadlines.get(one.id) for one in tx.deadlines.where(*mine)]  # before their case, as everybody does
        case = tx.cases.get(id)
        others = [word for word in case.ladder if not word.startswith(f"{kind} ")]
        case = replace(case, ladder=(*others, *own))
        tx.cases.save(case)
        for deadline in dates:
            if deadline.on:
                revoke(tx, deadline.id, "the case has other reminders now", Fate.PENDING)
                ahead = plan(deadline, now, told=True, rungs=rungs_of(tx, deadline))
                climb(tx, deadline, [one for one in ahead if one.fate is Fate.PENDING], now)
        tx.audit.add("case reminders set", case.id, ", ".join(own) or f"{kind}: the usual ones", by=by, at=now)
    return case


def words(text: str) -> list[str]:
    """What somebody typed, one reminder after another: `10d, 3d, 3h, +6h`. Raises Invalid."""
    found = [word for word in text.replace(",", " ").replace(";", " ").split() if word]
    for word in found:
        rung(word)
    if len(found) > 12:
        raise Invalid("Name twelve reminders at most: more are not read.")
    return found


def widen(store: Store, now: Instant) -> int:
    """Readers may have asked for rungs since a date was set: put those where they wait too. Answers how many."""
    with store.read() as tx:
        asked = [rung(name) for name in sorted(readers.rungs_asked(tx))]
        asked += [NAG] if readers.anybody_nags(tx) else []
    return sum(_widened(store, one, now) for one in asked)


def _widened(store: Store, rung: Rung, now: Instant) -> int:
    made, last = 0, ""
    while True:
        with store.read() as tx:
            ids: list[str] = list(tx.conn.execute(_lacking(rung, now, last)).scalars())
        if not ids:
            return made
        last = ids[-1]
        with store.flush() as tx:
            for id in ids:
                deadline = tx.deadlines.get(id)
                ahead = plan(deadline, now, rungs=[rung])
                found = [one for one in ahead if one.fire_at > now and not _has(tx, deadline, one)]
                climb(tx, deadline, found, now)
                made += len(found)


def _lacking(rung: Rung, now: Instant, after: str) -> sa.Select[Any]:
    """Dates that are far enough ahead for this rung and do not have it."""
    d, r = DEADLINE.c, REMINDER.c
    kinds = PUBLIC if rung.before else list(ATTENDED)
    has = sa.exists().where(r.deadline_id == d.id, r.revision == d.revision, r.rung == rung.name)
    nearest = now - timedelta(days=rung.days, hours=rung.hours) if rung.before else now
    mine = (d.state.in_(OPEN), d.starts_at > nearest, d.confirmed_by.is_not(None), d.kind.in_(kinds), d.id > after)
    return sa.select(d.id).where(*mine, ~has).order_by(d.id).limit(AT_ONCE)


def _has(tx: Tx, deadline: Deadline, planned: Planned) -> bool:
    """Another clock may have been faster."""
    mine = (REMINDER.c.deadline_id == deadline.id, REMINDER.c.revision == deadline.revision)
    return bool(tx.reminders.count(*mine, REMINDER.c.rung == planned.rung.name))


def rederive(store: Store, queue: Queue, languages: Sequence[str], now: Instant) -> int:
    """Countries change their clocks: the instants of open dates, and of what waits of their ladders, follow the rules
    of zones in use, if those are newer. The wall time stays; who holds a date that moved is told. Answers how many did.
    """
    other = ~sa.cast(DEADLINE.c.when, sa.Text).like(f'%"tzdata":"{tzdata()}"%')
    with store.read() as tx:
        mine = sa.select(DEADLINE.c.id).where(DEADLINE.c.state.in_(OPEN), DEADLINE.c.when.is_not(None), other)
        ids = list(tx.conn.execute(mine.order_by(DEADLINE.c.id)).scalars())
    moved = 0
    for start in range(0, len(ids), AT_ONCE):
        with store.flush() as tx:
            changed = [id for id in ids[start : start + AT_ONCE] if _changes(tx, id)]
        for id in changed:
            with store.flush() as tx:
                moved += _moved(tx, queue, languages, id, now)
    return moved


def _changes(tx: Tx, id: str) -> bool:
    """Whether newer rules change its instant; where they do not, they are noted."""
    deadline = tx.deadlines.get(id)
    if deadline.when is None or not newer(tzdata(), deadline.when.tzdata):
        return False
    when = deadline.when.rederived()
    if when != deadline.when:
        return True
    tx.deadlines.save(replace(deadline, when=when))
    return False


def _moved(tx: Tx, queue: Queue, languages: Sequence[str], id: str, now: Instant) -> bool:
    before = tx.deadlines.get(id)
    if before.when is None or not newer(tzdata(), before.when.tzdata):
        return False
    deadline = replace(
        before, when=before.when.rederived(), revision=before.revision + 1, reason="the clocks there were changed"
    )
    tx.deadlines.save(deadline)
    tx.was.add(was(before, new_id(now), now))
    mine = (REMINDER.c.deadline_id == id, REMINDER.c.fate == Fate.PENDING, REMINDER.c.fire_at > now)
    for reminder in tx.reminders.where(*mine):
        at = fires_at(rung(reminder.rung), deadline)
        tx.reminders.save(replace(reminder, fire_at=at, revision=deadline.revision))
    if deadline.confirmed:
        notices.correct(tx, queue, languages, deadline, by=None, now=now)
    tx.audit.add("deadline follows new clocks", id, tzdata(), by=None, at=now)
    return True
