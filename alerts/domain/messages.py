"""What goes into one reader's mail: the frozen alert, and what is the reader's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from alerts.domain.alerts import Alert, Edition
from alerts.domain.card import Written
from alerts.domain.reach import Far
from alerts.domain.times import Instant


@dataclass(frozen=True, slots=True)
class Links:
    """A reader's own addresses of pages. Empty where the desk has no public address."""

    leave: str = ""
    one_click: str = ""
    preferences: str = ""
    genuine: str = ""
    answer: str = ""


class Own(NamedTuple):
    """What is one reader's own in a mail: all the rest is the same for everybody who reads the same edition.

    `id`: the Message-ID without its angle brackets. `to`, `name`: address and name in the To header, name may be empty.
    `leave`, `preferences`, `answer`: the secret ends of their links (letters, digits, “.”, “-”, “_”), empty where there
    is no such link. In all mails of an edition the same ones are empty, and each is as long as in the others.
    """

    id: str
    to: str
    name: str = ""
    leave: str = ""
    preferences: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One alert as one reader gets it. `language` is the reader's; the edition's differs where there is none in it.

    `because`: the values of their subscriptions that the alert met (country codes, case codes, topics, kinds).
    `earlier`: number or reference and day of earlier issues under the same number, oldest first.
    `code`: the case's code. `zone`: the reader's, "" if unknown. `note`: their own, where they want it in each mail.
    `items`: the alerts in a digest, each as the reader would have got it alone. `away`: how far away they are, where
    that is too far to be there in time. `card`: the court card, for trusted readers only. `since`: what was published
    on the case since the last mail on this date: title and time. `uid`: of the date in calendars, "" where the mail
    holds none; `names`, `rungs`: whether theirs may name people, and when it rings.
    """

    alert: Alert
    edition: Edition
    language: str
    zone: str = ""
    because: tuple[str, ...] = ()
    code: str = ""
    country: str = ""
    earlier: tuple[tuple[str, Instant], ...] = ()
    fictional: bool = False
    links: Links = Links()
    note: str = ""
    items: tuple["Reading", ...] = ()
    away: Far | None = None
    card: Written | None = None
    uid: str = ""
    names: bool = False
    rungs: str = ""
    since: tuple[tuple[str, Instant], ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """A mail before it is bytes. `id` is the Message-ID without its angle brackets, the same on every attempt.

    `kind`, `number`, `reference`: of the alert, for ways out that say them apart from the text; empty for a letter, and
    the number wherever readers are not shown it. `calendar`: a date in iCalendar that goes with it, or nothing.
    """

    id: str
    subject: str
    text: str
    html: str
    date: Instant
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""
    number: str = ""
    reference: str = ""
    calendar: str = ""
