"""A deadline's reminders where they wait, and the tick that fires what is due, each rung once."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

import sqlalchemy as sa

from alerts.domain.bugs import wordless
from alerts.domain.deadlines import Deadline
from alerts.domain.errors import Conflict
from alerts.domain.ladders import Fate, Planned, Reminder, Rung, Whom, ladder
from alerts.domain.shares import Told
from alerts.domain.staff import Role, Voice
from alerts.domain.strikes import again, stands_for, strike, wanting
from alerts.domain.times import Instant
from alerts.queue import Queue
from alerts.services import notices, questions, together
from alerts.services.ids import new_id
from alerts.store import Store, Tx, Unavailable, readers
from alerts.store.dates import DEADLINE, REMINDER
from alerts.store.tables import ALERT

log = logging.getLogger("vigil.reminders")

AT_ONCE = 200
"""Reminders in one transaction: others must not wait long for theirs."""

NO_LAWYER = "no lawyer is known to us"


def remind(store: Store, queue: Queue, languages: Sequence[str], now: Instant) -> int:
    """Fire what is due, each rung once whoever else looks at the clock. Answers how many reminders went out to readers.

    What a person is changing at this moment waits for the next look, and so does a date that a bug keeps back: the
    others go on without it.
    """
    fired = 0
    broken: set[str] = set()
    while done := _step(store, queue, languages, _dates(store, broken, now), broken, now):
        fired += sum(done)
    return fired


def _dates(store: Store, broken: set[str], now: Instant) -> list[str]:
    with store.read() as tx:
        query = due(now).where(REMINDER.c.deadline_id.not_in(broken)) if broken else due(now)
        return list(dict.fromkeys(tx.conn.execute(query).scalars()))


def _step(
    store: Store, queue: Queue, languages: Sequence[str], dates: list[str], broken: set[str], now: Instant
) -> list[int]:
    """Fire what is due of these dates together; if a bug prevents that, each by itself, and which fails then is
    `broken`. Answers how many reminders went out, nothing where nothing is due or others hold it all.
    """
    if not dates:
        return []
    try:
        with store.flush() as tx:
            taken = _taken(tx, dates, now)
            return [_fire(tx, queue, languages, taken, now)] if taken else []
    except Unavailable:
        raise
    except Exception as bug:
        if len(dates) > 1:
            return [done for id in dates for done in _step(store, queue, languages, [id], broken, now)]
        log.exception("A bug keeps back the reminders of date %s.", *dates, exc_info=wordless(bug))
        broken.update(dates)
        return [0]


def due(now: Instant) -> sa.Select[str]:
    """The deadlines of what is due, the oldest first, read by one index."""
    mine = (REMINDER.c.fate == Fate.PENDING, REMINDER.c.fire_at <= now)
    return sa.select(REMINDER.c.deadline_id).where(*mine).order_by(REMINDER.c.fire_at).limit(AT_ONCE)


def _taken(tx: Tx, ids: Sequence[str], now: Instant) -> list[tuple[Deadline, list[Reminder]]]:
    """Those of which something is due still, held until the transaction ends; what others hold is left out.

    By case: of two clocks, each holding dates of the same cases, neither waits for what waits for it.
    """
    query = sa.select(DEADLINE).where(DEADLINE.c.id.in_(ids)).order_by(DEADLINE.c.case_id, DEADLINE.c.id)
    deadlines = [tx.deadlines.load(row) for row in tx.conn.execute(query.with_for_update(skip_locked=True))]
    waiting: dict[str, list[Reminder]] = defaultdict(list)
    mine = (REMINDER.c.fate == Fate.PENDING, REMINDER.c.fire_at <= now)
    for reminder in tx.reminders.where(*mine, REMINDER.c.deadline_id.in_([one.id for one in deadlines])):
        waiting[reminder.deadline_id].append(reminder)
    return [(one, waiting[one.id]) for one in deadlines if waiting[one.id]]


def _fire(
    tx: Tx, queue: Queue, languages: Sequence[str], due: list[tuple[Deadline, list[Reminder]]], now: Instant
) -> int:
    """Audit entries come last: whoever holds their head waits for nobody."""
    told: list[tuple[Told, Reminder]] = []
    settled: list[Reminder] = []
    for deadline, waiting in due:
        struck = strike(deadline, waiting, now)
        follows = [planned for one in struck if one.fate is Fate.FIRED if (planned := again(deadline, one, now))]
        climb(tx, deadline, follows, now)
        for reminder in struck:
            if reminder.fate is Fate.FIRED and reminder.whom is Whom.SUBSCRIBERS:
                one = tell(tx, deadline, reminder, struck, now)
                told.append((one, replace(reminder, alert_id=one.alert.id)))
            else:
                settled.append(_to_lawyer(tx, queue, deadline, reminder, now))
    said = together.send(tx, queue, [one for one, _ in told], languages, now)
    _settle(tx, [*settled, *(reminder for _, reminder in told)])
    tx.audit.add_all(said, by=None, at=now)
    return len(told)


def _to_lawyer(tx: Tx, queue: Queue, deadline: Deadline, reminder: Reminder, now: Instant) -> Reminder:
    """The same; if it fires for the lawyer, they get a letter, or nobody is known who would."""
    if reminder.whom is not Whom.LAWYER or reminder.fate is not Fate.FIRED:
        return reminder
    if questions.remind_lawyer(tx, queue, deadline, reminder.rung, now):
        return reminder
    return replace(reminder, fate=Fate.SKIPPED, reason=NO_LAWYER)


def tell(tx: Tx, deadline: Deadline, reminder: Reminder, struck: list[Reminder], now: Instant) -> Told:
    """What is said to readers on this rung, and which of them it is for. Nothing is written.

    `struck`: what becomes of others of the same deadline at this moment.
    """
    case = tx.cases.get(deadline.case_id) if deadline.case_id else None
    usual = [one.name for one in ladder(deadline.kind, case.ladder if case else ()) if one.whom is Whom.SUBSCRIBERS]
    mine = (REMINDER.c.deadline_id == deadline.id, REMINDER.c.fate.in_([Fate.SKIPPED, Fate.FIRED]))
    earlier = tx.reminders.where(*mine, REMINDER.c.revision == reminder.revision)
    stood_for = stands_for(reminder, [*earlier, *struck])
    itself = wanting(deadline, usual, reminder)
    alert = notices.reminder(tx, deadline, reminder.rung, now)
    knowing = notices.knowing(tx, deadline) if stood_for else frozenset()
    return Told(alert, case.code if case else "", itself, wanting(deadline, usual, reminder, stood_for), knowing)


def _settle(tx: Tx, reminders: Iterable[Reminder]) -> None:
    """What became of these, if each still waits."""
    rows = [
        {"its_id": one.id, "its_fate": one.fate, "its_reason": one.reason, "its_alert": one.alert_id}
        for one in reminders
    ]
    if rows:
        tx.conn.execute(_SETTLED, rows)


_SETTLED = (
    sa.update(REMINDER).where(REMINDER.c.id == sa.bindparam("its_id"), REMINDER.c.fate == Fate.PENDING)
    .values(fate=sa.bindparam("its_fate"), reason=sa.bindparam("its_reason"), alert_id=sa.bindparam("its_alert"))
)  # fmt: skip


def rungs_of(tx: Tx, deadline: Deadline) -> tuple[Rung, ...]:
    """The desk's rungs or its case's, and those that readers ask for."""
    case = tx.cases.get(deadline.case_id) if deadline.case_id else None
    return ladder(deadline.kind, case.ladder if case else (), readers.rungs_asked(tx), readers.anybody_nags(tx))


def climb(tx: Tx, deadline: Deadline, planned: list[Planned], now: Instant) -> None:
    """Put these rungs where they wait."""
    tx.reminders.add(
        *(
            Reminder(new_id(now), deadline.id, deadline.revision, p.rung.name, p.rung.whom, p.fire_at, p.fate, p.reason)
            for p in planned
        )
    )


def revoke(tx: Tx, deadline_id: str, reason: str, *fates: Fate) -> None:
    """What still waits of its ladder never fires, and, unless only some `fates` are named, what was missed needs no
    decision any more.
    """
    mine = (REMINDER.c.deadline_id == deadline_id, REMINDER.c.fate.in_(fates or (Fate.PENDING, Fate.MISSED)))
    tx.reminders.update(*mine, fate=Fate.REVOKED, reason=reason)


def _afterwards(told: Told) -> Told:
    """The same, said after the date: it asks what happened."""
    assert told.alert.notice
    return replace(told, alert=replace(told.alert, notice=replace(told.alert.notice, rung="T+0h")))


def decide(
    store: Store, queue: Queue, languages: Sequence[str], deadline_id: str, *, tell_them: bool, by: Voice, now: Instant
) -> int:
    """What becomes of reminders that the desk was down for: readers are told now after all, or never.

    Answers how many readers are written to. Raises Forbidden, NotFound, Conflict (nothing of it was missed, or only
    we were to be warned).
    """
    by.must_be(Role.AUTHOR, "decide on a missed reminder")
    with store.begin() as tx:
        deadline = tx.deadlines.get(deadline_id)
        missed = tx.reminders.where(REMINDER.c.deadline_id == deadline_id, REMINDER.c.fate == Fate.MISSED)
        if not missed:
            raise Conflict("No reminder of this date was missed, or somebody has decided already.")
        ours = [one for one in missed if one.whom is Whom.SUBSCRIBERS]
        if tell_them and not ours:
            raise Conflict("Only we were to be warned of this: there are no readers to tell.")
        told = [(_afterwards(tell(tx, deadline, one, [], now)), one) for one in ours] if tell_them else []
        said = together.send(tx, queue, [one for one, _ in told], languages, now)
        alerts = {one.id: told_.alert.id for told_, one in told}
        tx.reminders.update(
            REMINDER.c.id.in_([one.id for one in missed if one.id not in alerts]),
            fate=Fate.SKIPPED, reason="missed, and left so",
        )  # fmt: skip
        for id, alert_id in alerts.items():
            tx.reminders.update(REMINDER.c.id == id, fate=Fate.FIRED, alert_id=alert_id, reason="told late")
        size = sum(one.audience for one in tx.alerts.where(ALERT.c.id.in_(list(alerts.values()))))
        decision = "told now" if tell_them else "left"
        tx.audit.add_all([*said, ("missed reminder decided", deadline_id, decision)], by=by, at=now)
    return size
