"""What cannot wait, the most dangerous first. Pure joins: it decides nothing but the order."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from alerts.domain.questions import Answer, Seen
from alerts.domain.silence import ABOUT_PEOPLE, Awaited
from alerts.domain.times import Instant
from alerts.services import bounces, delivering, listening, reaching, reading
from alerts.settings import Settings
from alerts.store import Tx
from alerts.store.pages import confidants, silence, today
from alerts.store.pages.silence import Quiet

DANGER, WARN = 0, 1
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Row:
    """`kind` names its sentence in the template; `of` is what it is about."""

    kind: str
    level: int
    at: Instant
    of: Any = None

    @property
    def style(self) -> str:
        return "danger" if self.level == DANGER else "warn"


def pressing(tx: Tx, settings: Settings, now: Instant) -> list[Row]:
    quiet = silence.with_all(tx, listening.fired(tx, now))
    told = {row.silence.deadline_id for row in quiet if row.silence.awaited is not Awaited.OBSERVER}
    told |= listening.seen_to(tx, now)
    missed = today.missed(tx)
    decided = told | {row.deadline.id for row in missed}
    asked = [row for row in today.asked(tx, now) if row.deadline.id not in decided]
    near = [row for row in today.soon(tx, now) if row.deadline.id not in told]
    ended = today.over(tx, now)
    past = [row for row in ended if row.deadline.id not in decided]
    over = {row.deadline.id for row in ended}
    shown = {row.deadline.id for row in near} | over
    rows = [Row("relay", DANGER, now, relay) for relay in today.refusing(tx)]
    rows += [Row("stuck", DANGER, now)] if delivering.stuck(tx, settings, now) else []
    rows += [_silence(row) for row in quiet]
    rows += [_date(row, now) for row in near if row.deadline.id not in over]
    rows += [
        Row("unconfirmed", WARN, row.deadline.starts_at or now, row)
        for row in today.unconfirmed(tx, now)
        if row.deadline.id not in shown | told
    ]
    rows += [Row("asked", WARN, row.reminder.fire_at, row) for row in asked if row.deadline.id not in shown]
    rows += [Row("over", WARN, row.deadline.starts_at or now, row) for row in past]
    rows += [Row("unreported", WARN, row.deadline.starts_at or now, row) for row in today.unreported(tx, now)]
    rows += [_told(one) for one in confidants.waiting(tx, now)]
    rows += [Row("missed", DANGER, row.reminder.fire_at, row) for row in missed]
    rows += [Row("storm", WARN, storm.at, storm) for storm in bounces.storms(tx, now, A_DAY)]
    rows += [Row("mailbox", WARN, now, reason) for reason in [reading.trouble(tx)] if reason]
    rows += [Row("unreached", WARN, now, task) for task in reaching.staff_tasks(tx, now)]
    rows += [Row("held-back", WARN, said.alert.created_at or now, said) for said in today.held_back(tx)]
    rows += [Row("review", WARN, said.alert.submitted_at or now, said) for said in today.in_review(tx)]
    rows += [Row("approved", WARN, said.alert.approved_at or now, said) for said in today.approved(tx)]
    return sorted(rows, key=lambda row: (row.level, row.at))


def _silence(row: Quiet) -> Row:
    level = DANGER if row.silence.awaited in ABOUT_PEOPLE else WARN
    return Row("silence", level, row.silence.due_at or row.silence.since, row)


def _date(row: today.Dated, now: Instant) -> Row:
    at = row.deadline.starts_at or now
    if not row.deadline.confirmed:
        return Row("unconfirmed", DANGER, at, row)
    return Row("moved" if row.moved else "near", DANGER, at, row)


def _told(one: confidants.Waiting) -> Row:
    """Nobody knows where to go, or harm is being done: that comes before what is only unsure."""
    said = one.question
    bad = one.kind == "silent" or said.answer == Answer.NOT_THEN or said.seen in (Seen.UNWELL, Seen.REFUSED)
    return Row("confidant", DANGER if bad else WARN, said.answered_at or said.asked_at, one)
