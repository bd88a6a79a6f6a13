"""What the first page of the morning reads: what cannot wait, what comes, what came in, and how the desk is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from alerts.domain.alerts import Alert, Kind, State
from alerts.domain.calling import Count
from alerts.domain.deadlines import ATTENDED, OPEN, Deadline
from alerts.domain.deadlines import State as DateState
from alerts.domain.delivery import Tally
from alerts.domain.ladders import Fate, Reminder, Whom
from alerts.domain.relays import Relay
from alerts.domain.responses import Answer, Response
from alerts.domain.times import Instant
from alerts.domain.triage import Handled
from alerts.domain.watching import VISITED
from alerts.store import views, visits
from alerts.store.dates import DEADLINE, REMINDER
from alerts.store.pages import calls
from alerts.store.tables import ALERT, RELAY, RESPONSE, RETRY, SIGNAL, SOURCE, SUBSCRIBER, VERDICT
from alerts.store.tx import Tx
from alerts.store.views import About, Said

SOON, UNDER_WAY = timedelta(hours=36), timedelta(hours=6)
FRESH, LATE = timedelta(hours=36), timedelta(minutes=5)
WEEK, LONGEST_SPAN = timedelta(days=7), timedelta(days=366)
REPORTED_WITHIN = timedelta(days=14)
MOST = 50
NOBODY = Tally()


@dataclass(frozen=True, slots=True)
class Dated:
    """A deadline with its case. `moved`: the correction of its present date; `coming`: how many said yes; `calls`: how
    many know and how many are to be rung, where there is a list.
    """

    deadline: Deadline
    about: About | None
    moved: Alert | None = None
    told: Tally = NOBODY
    coming: int = 0
    calls: Count | None = None

    @property
    def earlier(self) -> bool:
        notice, when = self.moved.notice if self.moved else None, self.deadline.when
        return bool(notice and notice.was and when and when.instant < notice.was.instant)

    @property
    def uninformed(self) -> int:
        """How many still hold the old date, as far as we know."""
        if self.calls:
            return self.calls.to_ring
        return self.told.audience - self.told.sent - self.told.suppressed


@dataclass(frozen=True, slots=True)
class Asked:
    """A reminder to staff that nobody has answered yet."""

    reminder: Reminder
    deadline: Deadline
    about: About | None


@dataclass(frozen=True, slots=True)
class Replied:
    response: Response
    alert: Alert
    about: About | None
    who: str


@dataclass(frozen=True, slots=True)
class Condition:
    """`late`: what the clock should have done by now. `blocked`: mails that a relay refused us. `mail`: today's.
    `unreached`: sources that our own network keeps from us.
    """

    late: int
    relays: list[Relay]
    blocked: int
    sources: int
    failing: int
    mail: Tally
    unreached: int = 0

    @property
    def mail_waits(self) -> bool:
        """Whether no relay takes mail: where one refuses us, another goes on."""
        return bool(self.relays) and all(relay.blocks for relay in self.relays)


def soon(tx: Tx, now: Instant) -> list[Dated]:
    """Dates within 36 hours, those under way, and those whose readers were just told of a change."""
    s = DEADLINE.c
    near = tx.deadlines.where(
        s.state.in_(OPEN), s.starts_at.between(now - UNDER_WAY, now + SOON), _exact(), by=s.starts_at, limit=MOST
    )
    fresh = (ALERT.c.kind == Kind.CORRECTION, ALERT.c.deadline_id.is_not(None), ALERT.c.published_at > now - FRESH)
    changed = [alert.deadline_id for alert in tx.alerts.where(*fresh, by=ALERT.c.published_at.desc(), limit=MOST)]
    changed += calls.listed(tx, now)
    here = {deadline.id for deadline in near}
    told = tx.deadlines.where(
        s.id.in_(changed), s.id.not_in(here), s.state.not_in((DateState.HELD, DateState.REPORTED))
    )
    rows = dated(tx, [*near, *told], now)
    return [row for row in rows if row.deadline.id in here or row.uninformed]


def over(tx: Tx, now: Instant) -> list[Dated]:
    """Dates that are past, and nobody has said what happened; the latest first."""
    s = DEADLINE.c
    past = (s.state.in_(OPEN), s.state != DateState.EXPECTED, s.starts_at <= now)
    found = tx.deadlines.where(*past, by=s.starts_at.desc(), limit=MOST)
    return dated(tx, [d for d in found if d.when and d.when.ends <= now], now)


def unreported(tx: Tx, now: Instant) -> list[Dated]:
    """What people came to lately, and nobody has written down what those who were there report."""
    s = DEADLINE.c
    lately = (s.state == DateState.HELD, s.kind.in_(ATTENDED), s.starts_at.between(now - REPORTED_WITHIN, now))
    return dated(tx, tx.deadlines.where(*lately, by=s.starts_at, limit=MOST), now)


def unconfirmed(tx: Tx, now: Instant) -> list[Dated]:
    """Dates that nobody has vouched for, so that nobody is told of them; the nearest first."""
    s = DEADLINE.c
    loose = (s.state.in_(OPEN), s.state != DateState.EXPECTED, s.confirmed_by.is_(None))
    found = tx.deadlines.where(*loose, s.starts_at > now, by=s.starts_at, limit=MOST)
    vague = tx.deadlines.where(*loose, s.starts_at.between(now - LONGEST_SPAN, now), by=s.starts_at, limit=MOST)
    return dated(tx, [*(d for d in vague if d.when and d.when.ends > now), *found], now)


def week(tx: Tx, now: Instant) -> list[Dated]:
    """What comes between tomorrow night and a week from now, and what may be on any of these days."""
    s = DEADLINE.c
    found = tx.deadlines.where(
        s.state.in_(OPEN), s.starts_at.between(now, now + WEEK), sa.or_(s.starts_at > now + SOON, ~_exact()),
        by=s.starts_at, limit=MOST,
    )  # fmt: skip
    vague = tx.deadlines.where(
        s.state.in_(OPEN), s.starts_at.between(now - LONGEST_SPAN, now), ~_exact(), by=s.starts_at, limit=MOST
    )
    return dated(tx, [*(d for d in vague if d.when and d.when.ends > now), *found], now)


def asked(tx: Tx, now: Instant) -> list[Asked]:
    """Reminders to staff whose date is still open: what happened, is there a date yet, something ends soon.

    They stay until somebody answers, however long the desk was down.
    """
    r = REMINDER.c
    still_open = r.deadline_id.in_(sa.select(DEADLINE.c.id).where(DEADLINE.c.state.in_(OPEN)))
    fired = tx.reminders.where(r.fate == Fate.FIRED, r.whom == Whom.STAFF, still_open, by=r.fire_at.desc(), limit=MOST)
    last = {reminder.deadline_id: reminder for reminder in reversed(fired)}
    found = tx.deadlines.where(DEADLINE.c.id.in_(list(last)), DEADLINE.c.state.in_(OPEN))
    cases = views.about(tx, (deadline.case_id for deadline in found))
    rows = [Asked(last[d.id], d, cases.get(d.case_id or "")) for d in found if last[d.id].revision == d.revision]
    return sorted((row for row in rows if _unanswered(row, now)), key=lambda row: row.reminder.fire_at)


def missed(tx: Tx) -> list[Asked]:
    """Reminders that the desk was down for until it was too late, one a date: a person decides about them."""
    found = tx.reminders.where(REMINDER.c.fate == Fate.MISSED, by=[REMINDER.c.whom, REMINDER.c.fire_at], limit=MOST)
    last = {reminder.deadline_id: reminder for reminder in found}  # readers come last, and count most
    dates = tx.deadlines.where(DEADLINE.c.id.in_(list(last)), DEADLINE.c.state.in_(OPEN))
    cases = views.about(tx, (deadline.case_id for deadline in dates))
    return [Asked(last[one.id], one, cases.get(one.case_id or "")) for one in dates]


def _unanswered(row: Asked, now: Instant) -> bool:
    """Rungs before a date are a word of warning: they are over when it comes. Those after it want an answer."""
    before = row.reminder.rung.startswith("T-")
    return not before or bool(row.deadline.when and row.deadline.when.ends > now)


def in_review(tx: Tx) -> list[Said]:
    return views.said(tx, tx.alerts.where(ALERT.c.state == State.IN_REVIEW, by=ALERT.c.submitted_at, limit=MOST))


def held_back(tx: Tx) -> list[Said]:
    """Texts that were approved and scheduled, and came back: a writer must look at them."""
    back = (ALERT.c.state == State.DRAFT, ALERT.c.approved_hash != "")
    return views.said(tx, tx.alerts.where(*back, by=ALERT.c.created_at, limit=MOST))


def approved(tx: Tx) -> list[Said]:
    """Texts that two people stand for and nobody has sent."""
    return views.said(tx, tx.alerts.where(ALERT.c.state == State.APPROVED, by=ALERT.c.approved_at, limit=MOST))


def replied(tx: Tx, now: Instant) -> list[Replied]:
    found = tx.responses.where(RESPONSE.c.at > now - timedelta(days=3), by=RESPONSE.c.at.desc(), limit=10)
    alerts = {a.id: a for a in tx.alerts.where(ALERT.c.id.in_([r.alert_id for r in found]))}
    people = {s.id: s for s in tx.subscribers.where(SUBSCRIBER.c.id.in_([r.subscriber_id for r in found]))}
    cases = views.about(tx, (alert.case_id for alert in alerts.values()))

    def who(id: str) -> str:
        person = people.get(id)
        return (person.organisation or person.name or person.email) if person else ""

    return [
        Replied(r, alerts[r.alert_id], cases.get(alerts[r.alert_id].case_id or ""), who(r.subscriber_id)) for r in found
    ]


def set_aside(tx: Tx, now: Instant) -> int:
    """How much news of the last seven days was set aside."""
    query = sa.select(sa.func.count()).select_from(SIGNAL.join(VERDICT, VERDICT.c.signal_id == SIGNAL.c.id))
    aside = VERDICT.c.handled.in_([Handled.DISMISSED, Handled.NOT_THEM])
    return int(tx.conn.execute(query.where(SIGNAL.c.seen_at > now - WEEK, aside)).scalar_one())


def refusing(tx: Tx) -> list[Relay]:
    """The relays that refused us when they were last asked."""
    return tx.relays.where(RELAY.c.blocks > 0)


def state(tx: Tx, now: Instant, midnight: datetime, relays: list[Relay]) -> Condition:
    late = tx.reminders.count(REMINDER.c.fate == Fate.PENDING, REMINDER.c.fire_at < now - LATE)
    late += tx.alerts.count(ALERT.c.state == State.SCHEDULED, ALERT.c.publish_at < now - LATE)
    fares = sa.select(SOURCE.c.health, sa.func.count()).where(SOURCE.c.kind.in_(VISITED)).group_by(SOURCE.c.health)
    health = {row[0]: row[1] for row in tx.conn.execute(fares)}
    failing = sum(count for how, count in health.items() if not how.works)
    blocked = int(tx.conn.execute(sa.select(sa.func.count()).where(RETRY.c.last == "blocked")).scalar_one())
    today = list(tx.conn.execute(sa.select(ALERT.c.id).where(ALERT.c.published_at >= midnight)).scalars())
    counted = list(views.tallies(tx, today).values())
    names = ("audience", "sent", "retrying", "rejected", "unknown", "suppressed", "withdrawn")
    mail = Tally(**{name: sum(getattr(tally, name) for tally in counted) for name in names})
    return Condition(late, relays, blocked, sum(health.values()), failing, mail, visits.unreached(tx, now))


def dated(tx: Tx, deadlines: list[Deadline], now: Instant) -> list[Dated]:
    """With the last correction of each, how many said that they come, and who is still to be rung."""
    ids = [deadline.id for deadline in deadlines]
    if not ids:
        return []
    mine = ALERT.c.deadline_id.in_(ids)
    moves = {a.deadline_id: a for a in tx.alerts.where(mine, ALERT.c.kind == Kind.CORRECTION, by=ALERT.c.ordinal)}
    told = views.tallies(tx, [alert.id for alert in moves.values()])
    coming = _coming(tx, mine)
    cases = views.about(tx, (deadline.case_id for deadline in deadlines))
    to_ring = calls.counts(tx, deadlines, now)
    rows = []
    for d in deadlines:
        moved = moves.get(d.id)
        moved = moved if moved and moved.revision == d.revision else None
        tally = told.get(moved.id, NOBODY) if moved else NOBODY
        rows.append(Dated(d, cases.get(d.case_id or ""), moved, tally, coming.get(d.id, 0), to_ring.get(d.id)))
    return rows


def _coming(tx: Tx, mine: Any) -> dict[str, int]:
    people = sa.func.count(sa.distinct(RESPONSE.c.subscriber_id))
    query = sa.select(ALERT.c.deadline_id, people).join_from(ALERT, RESPONSE, RESPONSE.c.alert_id == ALERT.c.id)
    query = query.where(mine, RESPONSE.c.answer == Answer.YES).group_by(ALERT.c.deadline_id)
    return {row[0]: row[1] for row in tx.conn.execute(query)}


def _exact() -> Any:
    """Whether the time of day is known."""
    return sa.cast(DEADLINE.c.when, sa.Text).like('%"precision":"minute"%')
