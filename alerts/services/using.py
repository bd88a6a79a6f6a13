"""What people do with a signal beyond deciding on it: an alert from it, or a date that it tells of. One step each."""

from dataclasses import replace

from alerts.domain.alerts import Alert, State
from alerts.domain.deadlines import Deadline, Kind
from alerts.domain.errors import Conflict, NotFound
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.domain.triage import Handled, Verdict
from alerts.domain.watching import Signal
from alerts.services import casework, deadlines, drafting, triage
from alerts.services.composing import Text
from alerts.store import Store, Tx, confided, feeds
from alerts.store.tables import CASE, MATCH


def use(
    store: Store, signal_id: str, case_code: str, *, title: str, language: str, by: Staff, now: Instant
) -> Alert:  # fmt: skip
    """Begin an appeal for the case from this news, and say so of the signal: both, or neither.

    News that anybody can read is put into it as it stands, in the hand of who uses it: they are its writer. What
    somebody told us is not: their words are only for us, and the text begins empty. A draft that a rule began for the
    case is taken up instead of a second one.

    It need not name anybody of the case: who reads it may know better. Raises Forbidden, NotFound, Invalid, Conflict
    (somebody was faster).
    """
    by.must_be(Role.AUTHOR, "write an alert")
    with store.begin() as tx:
        verdict, signal = _waiting(tx, signal_id)
        case = casework.find(tx, case_code)
        source = tx.sources.look(signal.source_id)
        begun = _begun(tx, verdict, case.id)
        if source.public:
            text = Text(title, signal.text.strip() or signal.title)
            alert = drafting.written(tx, case_code, text, language=language, by=by, now=now, alert=begun)
        else:
            alert = begun or drafting.begin(tx, case.id, now, by)
        triage.decide(tx, signal_id, Handled.USED, by=by, now=now, alert_id=alert.id)
    return alert


def take_date(store: Store, proposal_id: str, case_code: str, *, by: Staff, now: Instant, kind: Kind) -> Deadline:
    """Add the date that stands in a text to the case. The signal waits on: its news is another matter.

    Raises Forbidden, NotFound, Conflict (it was added already), Invalid (it is over).
    """
    by.must_be(Role.AUTHOR, "set a deadline")
    with store.begin() as tx:
        proposal = tx.proposals.get(proposal_id)
        if proposal.deadline_id:
            raise Conflict("Somebody has added this date already.")
        deadline = deadlines.entered(tx, case_code, kind, proposal.when, by=by, now=now)
        tx.proposals.save(replace(proposal, deadline_id=deadline.id))
        tx.audit.add("date taken from news", deadline.id, proposal.signal_id, by=by, at=now)
    return deadline


def cases_of(tx: Tx, signal_id: str) -> list[str]:
    """The codes of the open cases that it names."""
    ids = {match.case_id for match in tx.matches.where(MATCH.c.signal_id == signal_id)}
    return [case.code for case in tx.cases.where(CASE.c.id.in_(ids), CASE.c.closed_at.is_(None), by=CASE.c.code)]


def _waiting(tx: Tx, signal_id: str) -> tuple[Verdict, Signal]:
    verdict = feeds.verdict(tx, signal_id)
    if verdict is None:
        raise NotFound(f"There is no signal {signal_id}.")
    if verdict.handled is Handled.USED:
        raise Conflict("Somebody has made a draft of this already.")
    [signal] = confided.opened(tx, [tx.signals.look(signal_id)])
    return verdict, signal


def _begun(tx: Tx, verdict: Verdict, case_id: str) -> Alert | None:
    """The draft that a rule began for this case from this news, if nobody has written in it."""
    alert = tx.alerts.get(verdict.alert_id) if verdict.alert_id else None
    return alert if alert and alert.case_id == case_id and alert.state is State.DRAFT and not alert.writers else None
