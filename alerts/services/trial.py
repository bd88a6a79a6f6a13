"""A test mail: the exact bytes of an alert, or a plain line from `vigil check`, to one address, outside the ledger."""

from email.utils import make_msgid

from alerts.channels import Channel
from alerts.domain.delivery import Blocked, Outcome, Rejected, Retry, Sent, Unknown
from alerts.domain.errors import Conflict
from alerts.domain.messages import Message
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.render import Render
from alerts.services.alerting import editions
from alerts.services.renderings import reading
from alerts.store import Store


def messages(store: Store, render: Render, alert_id: str, *, by: Staff, now: Instant) -> list[Message]:
    """Every edition of the alert as a reader of its language would get it, marked TEST. Raises Forbidden, NotFound."""
    by.must_be(Role.AUTHOR, "send a test")
    with store.read() as tx:
        alert = tx.alerts.get(alert_id)
        readings = [reading(tx, alert, edition, edition.language) for edition in editions(tx, alert_id)]
    return [
        render.message(read, id=make_msgid(domain="test.invalid")[1:-1], date=now, to_test=True) for read in readings
    ]


async def send(channel: Channel, to: str, messages: list[Message]) -> None:
    """Raises Invalid for an address that cannot be, Conflict with the relay's words where it takes one of them not."""
    channel.check(to)
    async with channel.line() as line:
        for message in messages:
            outcome = await line.send(to, message)
            if not isinstance(outcome, Sent):
                raise Conflict(f"The test to {to} was not taken: {words(outcome)}.")


def words(outcome: Outcome) -> str:
    match outcome:
        case Sent(ref):
            return ref or "taken"
        case Retry(reason) | Rejected(reason) | Unknown(reason) | Blocked(reason):
            return reason
