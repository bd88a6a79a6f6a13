"""What mail comes back: bounces, complaints, automatic replies, and people's own words."""

from dataclasses import dataclass
from enum import StrEnum

from alerts.domain.times import Instant


class Severity(StrEnum):
    """Hard: the address does not exist. Soft: their mailbox or server does not take it at the moment."""

    HARD = "hard"
    SOFT = "soft"


class Kind(StrEnum):
    """What a mail that came back is. Bounces and automatic replies are not kept as replies."""

    ANSWER = "answer"
    CONFIRM = "confirm"
    LEAVE = "leave"
    COMPLAINT = "complaint"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Bounce:
    id: str
    subscriber_id: str
    severity: Severity
    reason: str
    at: Instant


@dataclass(frozen=True, slots=True)
class Reply:
    """A person's mail. `source` names it in its mailbox, so that it is taken once. Who wrote, and what, is sealed.

    `handled`: empty until staff noted or read it.
    """

    id: str
    kind: Kind
    source: str
    alert_id: str | None = None
    deadline_id: str | None = None
    subscriber_id: str | None = None
    sender: str = ""
    subject: str = ""
    text: str = ""
    at: Instant | None = None
    handled: str = ""
    handled_by: str | None = None
    handled_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Mailbox:
    """How far an IMAP folder was read (RFC 9051: a UID counts only under its UIDVALIDITY)."""

    id: str
    uidvalidity: int = 0
    uid: int = 0
    read_at: Instant | None = None
    reason: str = ""
