"""What is said of a deadline, from the shipped templates: reminders, and corrections of who had another date."""

from collections.abc import Iterable

from alerts.domain.alerts import Alert, Edition, Kind, Notice
from alerts.domain.alerts import State as AlertState
from alerts.domain.cases import Case, may_cite, may_name
from alerts.domain.deadlines import Deadline, State
from alerts.domain.labels import Label, strictest
from alerts.domain.staff import Voice
from alerts.domain.times import Instant, LocalTime
from alerts.queue import Queue
from alerts.services import courtcards
from alerts.services.ids import new_id
from alerts.services.issuing import Audience, carriers, issue, next_ordinal, stop_rest, thread
from alerts.store import Tx
from alerts.store.tables import ALERT, HELD, PERSON


def reminder(tx: Tx, deadline: Deadline, rung: str, now: Instant) -> Alert:
    """What one rung says to readers. Nothing is written."""
    return _notice(tx, deadline, Kind.REMINDER, None, rung, now)


def knowing(tx: Tx, deadline: Deadline) -> frozenset[str]:
    """Who has, may have or is being sent the deadline's present date."""
    said = [issue for issue in _issues(tx, deadline) if issue.revision == deadline.revision and issue.published_at]
    return frozenset(tx.ledger.holders(carriers(tx, said))) if said else frozenset()


def correct(
    tx: Tx,
    queue: Queue,
    languages: Iterable[str],
    deadline: Deadline,
    was: LocalTime | None,
    *,
    by: Voice | None,
    now: Instant,
) -> bool:
    """Tell exactly those who have, may have or are being sent another date. Answers whether there was anybody."""
    stale = [issue for issue in _issues(tx, deadline) if issue.notice and not _same(issue.notice, deadline)]
    if not stale:
        return False
    last = stale[-1].notice
    alert = _notice(tx, deadline, Kind.CORRECTION, was or (last.when if last else None), "", now)
    holders = tx.ledger.holders(carriers(tx, thread(tx, alert)))
    if not holders:  # who waits for a digest is reminded of the new date by its own ladder
        stop_rest(tx, stale, "the date changed", now)
        tx.held.delete(HELD.c.alert_id.in_([issue.id for issue in stale]))
        return False
    _send(tx, queue, alert, languages, by, now)
    return True


def _same(notice: Notice, deadline: Deadline) -> bool:
    """Whether a reader of that notice expects what the deadline says now."""
    return notice.when == deadline.when and (notice.state == State.CANCELLED) == (deadline.state is State.CANCELLED)


def _notice(tx: Tx, deadline: Deadline, kind: Kind, was: LocalTime | None, rung: str, now: Instant) -> Alert:
    """An alert about the deadline as it stands, in the thread of all that was said of it before."""
    case = tx.cases.get(deadline.case_id) if deadline.case_id else None
    label = _label(deadline, case)
    people = tx.people.where(PERSON.c.case_id == case.id, by=PERSON.c.position) if case else []
    names = tuple(person.name for person in may_name(case, people, label)) if case else ()
    earlier = _issues(tx, deadline)
    id = new_id(now)
    first = earlier[0] if earlier else None
    return Alert(
        id, kind, label, thread=first.thread if first else id, case_id=deadline.case_id, deadline_id=deadline.id,
        revision=deadline.revision, corrects=earlier[-1].id if earlier else None,
        ordinal=next_ordinal(tx, first.thread) if first else 1,
        number=first.number if first else "", reference=first.reference if first else "",
        topics=case.topics if case else (), countries=(deadline.country,) if deadline.country else (), created_at=now,
        notice=Notice(
            deadline.kind, deadline.title, names, may_cite(case, people, label) if case else "", "", deadline.court,
            deadline.when, was, deadline.state, deadline.reason, rung, card=courtcards.frozen(tx, deadline.id),
        ),
    )  # fmt: skip


def _issues(tx: Tx, deadline: Deadline) -> list[Alert]:
    """What was said of it. Nothing may follow what was withdrawn: what is said after that has a number of its own."""
    said = tx.alerts.where(ALERT.c.deadline_id == deadline.id, by=[ALERT.c.created_at, ALERT.c.ordinal])
    gone = (Kind.WITHDRAWAL, AlertState.WITHDRAWN)
    return [issue for issue in said if issue.kind not in gone and issue.state not in gone]


def editions(alert: Alert, languages: Iterable[str], now: Instant) -> list[Edition]:
    """An alert from the shipped templates is there in every language that they are in."""
    return [Edition(new_id(now), alert.id, position, language, "") for position, language in enumerate(languages)]


def _send(tx: Tx, queue: Queue, alert: Alert, languages: Iterable[str], by: Voice | None, now: Instant) -> None:
    written = editions(alert, languages, now)
    tx.alerts.add(alert)
    tx.editions.add(*written)
    issue(tx, queue, alert, Audience(tx, alert, written), by=by, now=now)


def _label(deadline: Deadline, case: Case | None) -> Label:
    ours = case.fact_label if case else Label.GREEN
    return strictest(deadline.label, ours) if deadline.label else ours
