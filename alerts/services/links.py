"""A reader's own addresses of pages: signed, so that nothing secret has to be stored for each mail."""

import hmac
import secrets
import string
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from alerts.domain.errors import NotFound
from alerts.domain.messages import Links, Own
from alerts.domain.times import Instant
from alerts.store.vault import Vault

WORDS = "This link is not valid, or no longer: ask for a new one."


class Purpose(StrEnum):
    LEAVE = "l"
    CONFIRM = "c"
    PREFERENCES = "p"
    ANSWER = "a"
    TELL = "t"


LASTS = {
    Purpose.CONFIRM: timedelta(days=14),
    Purpose.PREFERENCES: timedelta(days=30),
    Purpose.ANSWER: timedelta(days=60),
}
"""A leave link has no end: whoever keeps a mail may leave by it years later."""


def token(vault: Vault, purpose: Purpose, subject: str, now: Instant, lasts: timedelta | None = None) -> str:
    """Says for what, whom and how long it is good. `subject` is an id, or several joined by a dash."""
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


def endings(vault: Vault, alert_id: str, at: Instant) -> Callable[[str], tuple[str, str, str]]:
    """Answers the secret ends of one subscriber's links: leave, preferences, answer. For many of them in a row."""
    lasts = {purpose: int((at + span).timestamp()) for purpose, span in LASTS.items()}
    preferences, answers, sign = lasts[Purpose.PREFERENCES], lasts[Purpose.ANSWER], vault.signer("links")

    def signed(said: str) -> str:
        return f"{said}.{_shown(sign(said.encode()))}"

    def ends(id: str) -> tuple[str, str, str]:
        return signed(f"l.{id}.0"), signed(f"p.{id}.{preferences}"), signed(f"a.{id}-{alert_id}.{answers}")

    return ends


def addresses(base_url: str, ends: tuple[str, str, str], reference: str) -> Links:
    """What stands at the end of an alert's mail to the subscriber whose `endings` these are."""
    leave, preferences, answer = ends
    return Links(
        leave=f"{base_url}/leave/{leave}",
        one_click=f"{base_url}/leave/{leave}/now",
        preferences=f"{base_url}/preferences/{preferences}",
        genuine=f"{base_url}/genuine/{reference}",
        answer=f"{base_url}/answer/{answer}",
    )


def shown(base_url: str, reference: str) -> Links:
    """For a preview: where a mail will have links, with dots in the places that are a reader's own."""
    return addresses(base_url, ("…", "…", "…"), reference) if base_url else Links()


def links(vault: Vault, base_url: str, subscriber_id: str, alert_id: str, reference: str, now: Instant) -> Links:
    return addresses(base_url, endings(vault, alert_id, now)(subscriber_id), reference)


def blank(like: Own) -> Own:
    """Random words in the places of this reader's links, as long as they: no text can hold them by chance."""
    return like._replace(leave=_blank(like.leave), preferences=_blank(like.preferences), answer=_blank(like.answer))


def _blank(like: str) -> str:
    return "".join(secrets.choice(string.ascii_lowercase) for _ in like)


def _mac(vault: Vault, said: str) -> str:
    return _shown(vault.sign("links", said))


def _shown(mac: bytes) -> str:
    """128 bits are enough where each guess asks our server. In capitals: SpamAssassin's MIXED_ES counts each small “e”
    of a Cyrillic mail, and those of four links are too many for it.
    """
    return mac[:16].hex().upper()
