"""What people make of signals: what waits for them, what was set aside, and what became of each."""

from dataclasses import replace

from alerts.domain.errors import Conflict, Invalid, NotFound
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.domain.triage import Handled, Verdict
from alerts.services import matching
from alerts.store import Store, Tx, feeds
from alerts.store.feeds import Named, Seen

__all__ = ["Named", "Seen", "decide", "get", "mark", "set_aside", "waiting"]


def waiting(store: Store, limit: int = 100) -> list[Seen]:
    """The signals that wait for a person, the newest first."""
    with store.read() as tx:
        return feeds.seen(tx, Handled.WAITING, limit)


def set_aside(store: Store, limit: int = 100) -> list[Seen]:
    """The signals that a rule or a person set aside, the newest first: nothing is hidden."""
    with store.read() as tx:
        return feeds.seen(tx, Handled.DISMISSED, limit)


def get(store: Store, signal_id: str) -> Seen:
    """Raises NotFound."""
    with store.read() as tx:
        return feeds.one_seen(tx, signal_id)


def mark(
    store: Store, signal_id: str, handled: Handled, *, by: Staff, now: Instant, alert_id: str | None = None
) -> Verdict:
    """Say what became of a signal: used (for that alert), not them, dismissed; or waiting, to put it back.

    What a rule set aside, anybody who writes may take up. What a person has decided is first put back, so that two
    people cannot decide unseen over each other; what was used for an alert stays used.

    Raises Forbidden, NotFound, Invalid (used, but for no alert), Conflict.
    """
    with store.begin() as tx:
        return decide(tx, signal_id, handled, by=by, now=now, alert_id=alert_id)


def decide(
    tx: Tx, signal_id: str, handled: Handled, *, by: Staff, now: Instant, alert_id: str | None = None
) -> Verdict:  # fmt: skip
    """As `mark`, as one step of a larger one."""
    by.must_be(Role.AUTHOR, "decide on signals")
    if (handled is Handled.USED) != (alert_id is not None):
        raise Invalid("A signal is used for an alert, and only then: say for which.")
    verdict = feeds.verdict(tx, signal_id)
    if verdict is None:
        raise NotFound(f"There is no signal {signal_id}.")
    if verdict.handled is Handled.USED or (verdict.handled_by and handled is not Handled.WAITING):
        raise Conflict(f"Somebody has decided on this signal already: {_said(verdict.handled)}.")
    if alert_id:
        tx.alerts.get(alert_id)
    if Handled.NOT_THEM in (handled, verdict.handled):
        matching.changed(tx)  # the words that had named them count for less from now on, or again
    back = handled is Handled.WAITING
    verdict = replace(
        verdict, handled=handled, handled_by=None if back else by.id, handled_at=None if back else now,
        alert_id=alert_id or verdict.alert_id, page_due=None,
    )  # fmt: skip
    tx.verdicts.save(verdict)
    tx.audit.add(f"signal {_said(handled)}", signal_id, alert_id or "", by=by, at=now)
    return verdict


def _said(handled: Handled) -> str:
    return {Handled.NOT_THEM: "not them", Handled.WAITING: "put back"}.get(handled, handled.value)
