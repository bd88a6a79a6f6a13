"""What mail comes back: bounces, complaints, automatic replies, and people's own words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from alerts.domain.replies import ABOUT_THEM, ABOUT_US, ABOUT_US_WORDS, ADDRESS, ENHANCED
from alerts.domain.times import Instant


class Severity(StrEnum):
    """Hard: the address does not exist. Soft: their mailbox or server does not take it at the moment.

    Storm: it came with many others from the same place within an hour, and counts for nobody.
    """

    HARD = "hard"
    SOFT = "soft"
    STORM = "storm"


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

    `handled`: empty until staff noted or read it; BY_ITSELF where the first words were understood; REDUCED once
    nothing is left of it but that it came.
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


BY_ITSELF, READ, REDUCED = "by itself", "read", "reduced"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """How far an IMAP folder was read (RFC 9051: a UID counts only under its UIDVALIDITY)."""

    id: str
    uidvalidity: int = 0
    uid: int = 0
    read_at: Instant | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a mail server says of one recipient (RFC 3464 §2.3): `status` as 5.1.1, `said` the other server's words."""

    recipient: str
    action: str
    status: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A reader pressed “this is spam”, and their provider tells us (RFC 5965)."""

    recipients: tuple[str, ...]
    kind: str = "abuse"


@dataclass(frozen=True, slots=True)
class Returned:
    """A mail as it lay in the mailbox, in plain values that its writer chose freely: none of them is trusted.

    `source`: the same each time it is read. `to`: every address that it was sent or delivered to. `answers`: the
    Message-IDs that it says it answers; `ids`: those found anywhere in it, without angle brackets. `headers`: in lower
    case, the first of each name. `text`: what a person would read of it.
    """

    source: str
    sender: str = ""
    to: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    answers: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    reports: tuple[Report, ...] = ()
    complaint: Complaint | None = None


class Sort(StrEnum):
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    AUTOMATIC = "automatic"
    PERSON = "person"


DAEMONS = ("mailer-daemon", "postmaster", "mail-daemon", "mdaemon", "mailerdaemon")
MACHINE_HEADERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-fc-machinegenerated", "list-id")
PRECEDENCES = ("bulk", "junk", "list", "auto_reply", "auto-reply")
AWAY = re.compile(
    r"(?i)^\W*(?:auto(?:matic|mated)?[ -]?(?:reply|response)\b|out of (?:the )?office\b|auto:|autoreply\b|"
    r"автоответ|автоматическ|меня нет|нахожусь в отпуске|réponse automatique|absence du bureau|absent\b|"
    r"automatische antwort|abwesenheit|автоматты жауап|автоматтык жооп|ҷавоби худкор|avtomatik javob|awtomatik jogap|"
    r"respuesta automática|risposta automatica|otomatik yanıt)"
)
"""What a subject begins with when a machine answers for somebody who is away. Not read by native speakers of all."""


def sort(mail: Returned) -> Sort:
    """What it is, from its form and its headers alone: RFC 3464, RFC 5965, RFC 3834."""
    if mail.complaint:
        return Sort.COMPLAINT
    if mail.reports:
        return Sort.BOUNCE
    return Sort.AUTOMATIC if automatic(mail) else Sort.PERSON


def automatic(mail: Returned) -> bool:
    """Whether a machine wrote it. A mail without a return path is never a person's (RFC 5321 §4.5.5)."""
    headers = mail.headers
    submitted = headers.get("auto-submitted", "no").partition(";")[0].strip().lower()
    return (
        submitted not in ("no", "")
        or headers.get("precedence", "").strip().lower() in PRECEDENCES
        or any(name in headers for name in MACHINE_HEADERS)
        or "autorespon" in headers.get("x-post-messageclass", "").lower()
        or headers.get("return-path", "").strip() == "<>"
        or mail.sender.partition("@")[0].lower() in (*DAEMONS, "noreply", "no-reply")
        or bool(AWAY.match(mail.subject))
    )


def may_be_bounce(headers: Mapping[str, str], sender: str) -> bool:
    """Whether to look for a failed address in a mail without a report: only where no person can have written it."""
    return headers.get("return-path", "").strip() == "<>" or sender.partition("@")[0].lower() in DAEMONS


def forged(mail: Returned) -> bool:
    """Whether the server that took it in says that it is not from whom it names (RFC 8601; the first is its own)."""
    return bool(re.search(r"\bdmarc\s*=\s*fail\b", mail.headers.get("authentication-results", "").lower()))


HARD = {(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1)}
"""Codes by which the address is no more (IANA registry of enhanced status codes); all others may pass."""

NO_SUCH = re.compile(
    r"(?i)user unknown|unknown user|no such (?:user|mailbox|recipient|address)|no mailbox|mailbox (?:not found|unavail"
    r"able)|(?:user|recipient|address|account|mailbox) (?:does not exist|doesn.t exist|not found|unknown|disabled)|"
    r"invalid recipient|not a valid (?:user|mailbox)"
)


def severity(report: Report) -> Severity | None:
    """How much it says against the address: nothing (None) where mail was only late, or where it is about us."""
    if report.action.strip().lower() != "failed":
        return None
    said = ADDRESS.sub("", report.said)
    code = ENHANCED.search(report.said) or ENHANCED.search(report.status)
    detail = (int(code[2]), int(code[3])) if code else None
    about_us = any(words in said.lower() for words in ABOUT_US_WORDS)
    if detail not in ABOUT_THEM and (about_us or detail in ABOUT_US or (detail and detail[0] == 7)):
        return None
    if code and code[1] == "4":
        return Severity.SOFT
    if detail in HARD or (detail in (None, (0, 0), (5, 0), (1, 0)) and NO_SUCH.search(said)):
        return Severity.HARD
    return Severity.SOFT


def rejection(reason: str) -> Severity | None:
    """The same of a relay's own refusal, as “550 5.1.1 no such user”. None: it was no refusal by a mail server."""
    if not re.match(r"5\d\d\b", reason):
        return None
    code = ENHANCED.search(reason)
    found = severity(Report("", "failed", said=reason))
    known = code is not None and (int(code[2]), int(code[3])) not in ((0, 0), (1, 0), (5, 0))
    return Severity.HARD if found is Severity.SOFT and not known else found
