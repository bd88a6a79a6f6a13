"""What is said of a deadline, from the shipped templates: reminders, and corrections of who had another date."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from alerts.domain.alerts import Alert, Edition, Kind, Notice
from alerts.domain.alerts import State as AlertState
from alerts.domain.cases import may_cite, may_name
from alerts.domain.deadlines import Deadline, State, Teller
from alerts.domain.labels import label_of
from alerts.domain.staff import Voice
from alerts.domain.threads import stands_alone
from alerts.domain.times import Instant
from alerts.queue import Queue
from alerts.services import courtcards
from alerts.services.ids import new_id
from alerts.services.issuing import Audience, carriers, issue, mistaken, next_ordinal, stop_rest, thread
from alerts.store import Tx
from alerts.store.tables import ALERT, HELD, PERSON


def reminder(tx: Tx, deadline: Deadline, rung: str, now: Instant) -> Alert:
    """What one rung says to readers. Nothing is written."""
    return _notice(tx, deadline, Kind.REMINDER, rung, now)


def knowing(tx: Tx, deadline: Deadline) -> frozenset[str]:
    """Who has, may have or is being sent the deadline's present date."""
    said = [issue for issue in _issues(tx, deadline) if issue.revision == deadline.revision and issue.published_at]
    return frozenset(tx.ledger.holders(carriers(tx, said))) if said else frozenset()


def stands(tx: Tx, alert: Alert) -> bool:
    """Whether what it says of a date is still so, as far as anybody vouches for what stands there now."""
    if alert.notice is None or alert.deadline_id is None:
        return True
    deadline = tx.deadlines.look(alert.deadline_id)
    now = replace(alert.notice, when=deadline.when, court=deadline.court, state=deadline.state)
    return not deadline.confirmed or now.expects == alert.notice.expects


@dataclass(frozen=True, slots=True)
class Corrected:
    """What became of a change. `holders`: who had another word and is corrected, by the alert `correction`. `know`:
    somebody was told of it as it stands now, so that what is past of its ladder is done with.
    """

    holders: frozenset[str] = frozenset()
    know: bool = False
    correction: str = ""


def correct(
    tx: Tx, queue: Queue, languages: Iterable[str], deadline: Deadline, *, by: Voice | None, now: Instant
) -> Corrected:
    """Tell exactly those who have, may have or are being sent what is not so any more."""
    issues = _issues(tx, deadline)
    alert = _notice(tx, deadline, Kind.CORRECTION, "", now)
    stale = [issue for issue in issues if issue.notice and not _same(issue, alert)]
    if not stale:
        return Corrected(know=bool(issues))
    holders = mistaken(tx, alert, thread(tx, alert))
    know = any(_same(issue, alert) for issue in issues)
    waiting = stands_alone(alert) and tx.held.count(HELD.c.alert_id.in_([issue.id for issue in stale]))
    if not holders and not (know and waiting):
        # who waits for a digest is reminded of the new date by its own ladder
        stop_rest(tx, stale, "the date changed", now)
        tx.held.delete(HELD.c.alert_id.in_([issue.id for issue in stale]))
        return Corrected(know=know)
    _send(tx, queue, replace(alert, notice=_with_old(alert, holders)), languages, by, now)
    return Corrected(frozenset(holders), True, alert.id)


def wave(tx: Tx, queue: Queue, languages: Iterable[str], deadline: Deadline, told: Corrected, now: Instant) -> None:
    """One reminder at once to all who ask for such dates and were told nothing yet, in the place of a whole ladder."""
    languages = tuple(languages)
    apart = {*tx.ledger.told(told.correction), *tx.ledger.holders(carriers(tx, _issues(tx, deadline)))}
    alert = _notice(tx, deadline, Kind.REMINDER, "", now)
    if Audience(tx, alert, editions(alert, languages, now), apart).counted().size:
        _send(tx, queue, alert, languages, None, now, apart)


def _same(issue: Alert, alert: Alert) -> bool:
    """Whether a reader of that issue expects what this alert says."""
    return bool(issue.notice and alert.notice and issue.notice.expects == alert.notice.expects)


def _with_old(alert: Alert, holders: dict[str, Alert]) -> Notice:
    """The notice with what its readers have: they may have different dates, if mail was slow."""
    assert alert.notice
    issues = sorted({issue.id: issue for issue in holders.values()}.values(), key=lambda issue: -issue.ordinal)
    held = [issue.notice for issue in issues if issue.notice]
    stays = alert.notice.when if alert.notice.state != State.CANCELLED else None
    dates = {notice.when.said: notice.when for notice in held if notice.when}
    if stays:
        dates.pop(stays.said, None)
    was, *also = dates.values() or (None,)
    was_court = next((notice.court for notice in held if notice.court != alert.notice.court), "")
    was_closed = alert.notice.state != State.CLOSED and any(notice.state == State.CLOSED for notice in held)
    return replace(
        alert.notice, was=was, was_also=tuple(filter(None, also)), was_court=was_court, was_closed=was_closed
    )


def _notice(tx: Tx, deadline: Deadline, kind: Kind, rung: str, now: Instant) -> Alert:
    """An alert about the deadline as it stands, in the thread of all that was said of it before."""
    case = tx.cases.get(deadline.case_id) if deadline.case_id else None
    label = label_of(deadline.label, case.fact_label if case else None)
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
            deadline.when, None, deadline.state, deadline.reason, rung, told_by=_teller(deadline),
            told_at=deadline.changed_at, card=courtcards.frozen(tx, deadline.id),
        ),
    )  # fmt: skip


def _issues(tx: Tx, deadline: Deadline) -> list[Alert]:
    """What was said of it. Nothing may follow what was withdrawn: what is said after that has a number of its own."""
    mine = (ALERT.c.deadline_id == deadline.id, ALERT.c.published_at.is_not(None))
    said = tx.alerts.where(*mine, by=[ALERT.c.created_at, ALERT.c.ordinal])
    gone = (Kind.WITHDRAWAL, AlertState.WITHDRAWN)
    return [issue for issue in said if issue.kind not in gone and issue.state not in gone]


def editions(alert: Alert, languages: Iterable[str], now: Instant) -> list[Edition]:
    """An alert from the shipped templates is there in every language that they are in."""
    return [Edition(new_id(now), alert.id, position, language, "") for position, language in enumerate(languages)]


def _send(
    tx: Tx, queue: Queue, alert: Alert, languages: Iterable[str], by: Voice | None, now: Instant,
    apart: Collection[str] = (),
) -> None:  # fmt: skip
    written = editions(alert, languages, now)
    tx.alerts.add(alert)
    tx.editions.add(*written)
    issue(tx, queue, alert, Audience(tx, alert, written, apart), by=by, now=now)


def _teller(deadline: Deadline) -> str:
    """Relatives are only for us: a mail does not say that we heard it from them."""
    return deadline.told_by.value if deadline.told_by and deadline.told_by is not Teller.FAMILY else ""
