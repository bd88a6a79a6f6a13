"""The mails that wait for staff to read them, with who wrote and what they answer."""

from dataclasses import dataclass

from alerts.domain.alerts import Alert
from alerts.domain.audience import Subscriber
from alerts.domain.returns import BY_ITSELF, Reply
from alerts.store import Store, Tx
from alerts.store.tables import ALERT, MAILBOX, REPLY, SUBSCRIBER
from alerts.store.views import About, about

MOST = 100


@dataclass(frozen=True, slots=True)
class Waiting:
    reply: Reply
    who: Subscriber | None
    alert: Alert | None
    about: About | None


def waiting(store: Store, limit: int = MOST) -> list[Waiting]:
    """The oldest first: whoever wrote first has waited longest."""
    with store.read() as tx:
        return _joined(tx, tx.replies.where(REPLY.c.handled == "", by=[REPLY.c.at, REPLY.c.id], limit=limit))


def of_alert(tx: Tx, alert_id: str) -> list[Waiting]:
    """What came in answer to one alert and was not understood by itself, the newest first."""
    kept = (REPLY.c.alert_id == alert_id, REPLY.c.handled != BY_ITSELF)
    return _joined(tx, tx.replies.where(*kept, by=REPLY.c.at.desc(), limit=MOST))


def count(tx: Tx) -> int:
    return tx.replies.count(REPLY.c.handled == "")


def trouble(tx: Tx) -> str:
    """Why the mailbox cannot be read at the moment, or nothing."""
    read = tx.mailboxes.where(by=MAILBOX.c.read_at.desc(), limit=1)
    return read[0].reason if read else ""


def _joined(tx: Tx, found: list[Reply]) -> list[Waiting]:
    people = tx.subscribers.where(SUBSCRIBER.c.id.in_([reply.subscriber_id for reply in found if reply.subscriber_id]))
    alerts = tx.alerts.where(ALERT.c.id.in_([reply.alert_id for reply in found if reply.alert_id]))
    cases = about(tx, (alert.case_id for alert in alerts))
    who, what = {one.id: one for one in people}, {one.id: one for one in alerts}
    rows = []
    for reply in found:
        alert = what.get(reply.alert_id or "")
        case_id = (alert.case_id if alert else "") or ""
        rows.append(Waiting(reply, who.get(reply.subscriber_id or ""), alert, cases.get(case_id)))
    return rows
