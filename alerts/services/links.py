"""A reader's own addresses of pages: signed, so that nothing secret has to be stored for each mail."""

import base64
import hmac
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from alerts.domain.errors import NotFound
from alerts.domain.messages import Links
from alerts.domain.times import Instant
from alerts.store.vault import Vault

WORDS = "This link is not valid, or no longer: ask for a new one."


class Purpose(StrEnum):
    LEAVE = "l"
    CONFIRM = "c"
    PREFERENCES = "p"
    ANSWER = "a"


LASTS = {
    Purpose.CONFIRM: timedelta(days=14),
    Purpose.PREFERENCES: timedelta(days=30),
    Purpose.ANSWER: timedelta(days=60),
}
"""A leave link has no end: whoever keeps a mail may leave by it years later."""


def token(vault: Vault, purpose: Purpose, subject: str, now: Instant, lasts: timedelta | None = None) -> str:
    """Says for what, whom and how long it is good. `subject` is an id, or several joined by a dot."""
    span = lasts or LASTS.get(purpose)
    until = int((now + span).timestamp()) if span else 0
    said = f"{purpose.value}.{subject}.{until}"
    return f"{said}.{_mac(vault, said)}"


def subject(vault: Vault, purpose: Purpose, given: str, now: Instant) -> str:
    """Whom the token is about. Raises NotFound with the same words for every flaw."""
    said, _, mac = given.rpartition(".")
    kind, _, rest = said.partition(".")
    who, _, until = rest.rpartition(".")
    genuine = hmac.compare_digest(_mac(vault, said).encode(), mac.encode())
    if not (genuine and kind == purpose.value and until.isdigit()):
        raise NotFound(WORDS)
    if int(until) and datetime.fromtimestamp(int(until), UTC) < now:
        raise NotFound(WORDS)
    return who


def links(vault: Vault, base_url: str, subscriber_id: str, alert_id: str, reference: str, now: Instant) -> Links:
    """What stands at the end of an alert's mail to this subscriber."""
    leave = token(vault, Purpose.LEAVE, subscriber_id, now)
    return Links(
        leave=f"{base_url}/leave/{leave}",
        one_click=f"{base_url}/leave/{leave}/now",
        preferences=f"{base_url}/preferences/{token(vault, Purpose.PREFERENCES, subscriber_id, now)}",
        genuine=f"{base_url}/genuine/{reference}",
        answer=f"{base_url}/answer/{token(vault, Purpose.ANSWER, f'{subscriber_id}-{alert_id}', now)}",
    )


def _mac(vault: Vault, said: str) -> str:
    return base64.urlsafe_b64encode(vault.sign("links", said)[:20]).decode().rstrip("=")
