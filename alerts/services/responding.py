"""What comes back from readers. Who answered, and what they wrote, is RED whatever the alert's label."""

from alerts.domain.alerts import Alert
from alerts.domain.audience import Subscriber
from alerts.domain.errors import Invalid, NotFound
from alerts.domain.responses import Answer, Response
from alerts.domain.staff import Staff
from alerts.domain.times import Instant
from alerts.queue import Queue
from alerts.services import letters
from alerts.services.ids import new_id
from alerts.services.links import WORDS, Purpose, subject
from alerts.store import Store, Tx
from alerts.store.tables import RESPONSE, SUBSCRIBER

LONGEST = 2000


def asked(store: Store, token: str, now: Instant) -> Alert:
    """The alert that an answer link is about. Raises NotFound."""
    subscriber_id, alert_id = _read(store, token, now)
    with store.read() as tx:
        return _alert(tx, subscriber_id, alert_id)


def answer(store: Store, token: str, given: Answer, text: str, now: Instant, queue: Queue | None = None) -> Response:
    """Record one reader's answer to one alert; a later one replaces it. Raises NotFound, Invalid (too long).

    With a `queue` a receipt goes out, unless they had answered the same before.
    """
    subscriber_id, alert_id = _read(store, token, now)
    if len(text) > LONGEST:
        raise Invalid(f"Please write at most {LONGEST} letters.")
    with store.begin() as tx:
        alert = _alert(tx, subscriber_id, alert_id)
        return noted(tx, queue, tx.subscribers.get(subscriber_id), alert, given, text, now)


def noted(
    tx: Tx, queue: Queue | None, who: Subscriber, alert: Alert, given: Answer, text: str, now: Instant,
    by: Staff | None = None,
) -> Response:  # fmt: skip
    """What `answer` does, however the answer came: by a page, by a reply, or `by` staff who read one."""
    mine = (RESPONSE.c.alert_id == alert.id, RESPONSE.c.subscriber_id == who.id)
    before = tx.responses.find(*mine)
    tx.responses.delete(*mine)
    response = Response(new_id(now), alert.id, who.id, given, text.strip(), now)
    tx.responses.add(response)
    stays = who.suppressed_at is None and who.left_at is None
    if queue and stays and (before is None or before.answer is not given):
        letters.noted(tx, queue, who, alert, given, now)
    tx.subscribers.update(SUBSCRIBER.c.id == who.id, heard_at=now)
    tx.audit.add("alert answered", alert.id, by=by, at=now)
    return response


def _read(store: Store, token: str, now: Instant) -> tuple[str, str]:
    subscriber_id, _, alert_id = subject(store.vault, Purpose.ANSWER, token, now).partition("-")
    return subscriber_id, alert_id


def _alert(tx: Tx, subscriber_id: str, alert_id: str) -> Alert:
    """Raises NotFound, in a link's words, where the reader or the alert is no longer here."""
    try:
        tx.subscribers.get(subscriber_id)
        return tx.alerts.get(alert_id)
    except NotFound:
        raise NotFound(WORDS) from None
