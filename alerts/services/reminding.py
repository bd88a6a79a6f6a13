"""A deadline's reminders where they wait, and the tick that fires what is due, each rung once."""

from collections.abc import Iterable
from dataclasses import replace

from alerts.domain.deadlines import Deadline
from alerts.domain.ladders import Fate, Planned, Reminder, Whom, recheck
from alerts.domain.times import Instant
from alerts.queue import Queue
from alerts.services import notices
from alerts.services.ids import new_id
from alerts.store import Store, Tx
from alerts.store.tables import REMINDER


def remind(store: Store, queue: Queue, languages: Iterable[str], now: Instant) -> int:
    """Fire what is due, each rung once whoever else looks at the clock. Answers how many reminders went out."""
    due = (REMINDER.c.fate == Fate.PENDING, REMINDER.c.fire_at <= now)
    with store.read() as tx:
        ids = list(dict.fromkeys(reminder.deadline_id for reminder in tx.reminders.where(*due, by=REMINDER.c.fire_at)))
    fired = 0
    for id in ids:
        with store.begin() as tx:
            deadline = tx.deadlines.get(id)
            waiting = tx.reminders.where(*due, REMINDER.c.deadline_id == id, by=[REMINDER.c.fire_at, REMINDER.c.id])
            fired += _fire(tx, queue, languages, deadline, waiting, now)
    return fired


def _fire(
    tx: Tx, queue: Queue, languages: Iterable[str], deadline: Deadline, waiting: list[Reminder], now: Instant
) -> int:
    """Of several that are due together (the desk was down) the youngest goes out and stands for the others."""
    for reminder in waiting:
        if reminder.whom is Whom.STAFF:
            tx.reminders.save(replace(reminder, fate=Fate.FIRED))
            if deadline.dateless:
                climb(tx, deadline, [recheck(now)], now)
    ours = [reminder for reminder in waiting if reminder.whom is Whom.SUBSCRIBERS]
    for reminder in ours[:-1]:
        tx.reminders.save(replace(reminder, fate=Fate.SKIPPED, reason="the desk was down: a later one stands for it"))
    if not ours:
        return 0
    last = ours[-1]
    if not deadline.on or (deadline.when and deadline.when.ends < now):
        tx.reminders.save(replace(last, fate=Fate.SKIPPED, reason="too late to be of use"))
        return 0
    alert = notices.remind(tx, queue, languages, deadline, last.rung, now)
    tx.reminders.save(replace(last, fate=Fate.FIRED, alert_id=alert.id))
    return 1


def climb(tx: Tx, deadline: Deadline, planned: list[Planned], now: Instant) -> None:
    """Put these rungs where they wait."""
    tx.reminders.add(
        *(
            Reminder(new_id(now), deadline.id, deadline.revision, p.rung.name, p.rung.whom, p.fire_at, p.fate, p.reason)
            for p in planned
        )
    )


def revoke(tx: Tx, deadline_id: str, reason: str) -> None:
    """What still waits of its ladder never fires."""
    mine = (REMINDER.c.deadline_id == deadline_id, REMINDER.c.fate == Fate.PENDING)
    tx.reminders.update(*mine, fate=Fate.REVOKED, reason=reason)
