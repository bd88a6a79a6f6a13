"""An alert and its life: draft → in review → approved → scheduled → publishing → published → stopped, withdrawn …"""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from alerts.domain.errors import Conflict, Forbidden, Invalid
from alerts.domain.labels import Label
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant, LocalTime

ACT_WITHIN = timedelta(days=42)
"""Amnesty's urgent actions run six weeks by default (practice of 2017)."""


class Kind(StrEnum):
    URGENT = "urgent"
    REMINDER = "reminder"
    UPDATE = "update"
    CORRECTION = "correction"
    STOP = "stop"
    WITHDRAWAL = "withdrawal"
    DIGEST = "digest"

    @property
    def priority(self) -> int:
        """The smaller goes first."""
        return {Kind.WITHDRAWAL: 0, Kind.REMINDER: 2, Kind.UPDATE: 3, Kind.DIGEST: 9}.get(self, 1)


class State(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in review"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    UPDATED = "updated"
    CORRECTED = "corrected"
    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


UNPUBLISHED = (State.DRAFT, State.IN_REVIEW, State.APPROVED, State.SCHEDULED)


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact as it goes into an edition: copied, so that what was approved is what is sent."""

    fact_id: str
    text: str
    when: LocalTime | None = None
    claim: str = ""
    certainty: str = "reported"


@dataclass(frozen=True, slots=True)
class AddresseeLine:
    office: str
    holder: str = ""
    address: str = ""
    salutation: str = ""
    copy: bool = False


@dataclass(frozen=True, slots=True)
class Edition:
    """The alert in one language. The edition at position 0 is the one that a reader without their own gets."""

    id: str
    alert_id: str
    position: int
    language: str
    title: str
    body: str = ""
    facts: tuple[FactLine, ...] = ()
    asks: tuple[str, ...] = ()
    addressees: tuple[AddresseeLine, ...] = ()
    background: str = ""
    written_by: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What an alert about a deadline says, in every language from the shipped templates.

    `card`: the id of the court card that goes with it to trusted readers; what it says lies sealed elsewhere.
    """

    deadline: str
    title: str = ""
    names: tuple[str, ...] = ()
    code: str = ""
    place: str = ""
    court: str = ""
    when: LocalTime | None = None
    was: LocalTime | None = None
    state: str = ""
    reason: str = ""
    rung: str = ""
    was_also: tuple[LocalTime, ...] = ()
    was_court: str = ""
    was_closed: bool = False
    told_by: str = ""
    told_at: Instant | None = None
    card: str = ""

    @property
    def asks(self) -> bool:
        """Whether this is said after the date: then it asks what happened."""
        return self.rung.startswith("T+")

    @property
    def expects(self) -> tuple[object, ...]:
        """What its reader prepares for: two notices that expect the same need no correction between them."""
        ends = self.state if self.state in ("cancelled", "closed to the public") else ""
        return self.when.said if self.when else None, self.court, ends


@dataclass(frozen=True, slots=True)
class Alert:
    """`thread` is the first alert under the same number; `ordinal` counts the issues in it, from 1.

    `danger`: to somebody's life, so that nobody's quiet hours hold it. `not_after`: what is unsent then is not sent.
    """

    id: str
    kind: Kind
    label: Label
    thread: str
    case_id: str | None = None
    deadline_id: str | None = None
    revision: int | None = None
    corrects: str | None = None
    ordinal: int = 1
    number: str = ""
    reference: str = ""
    topics: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    state: State = State.DRAFT
    writers: tuple[str, ...] = ()
    notice: Notice | None = None
    act_by: date | None = None
    submitted_at: Instant | None = None
    approved_by: str | None = None
    approved_hash: str = ""
    approved_at: Instant | None = None
    publish_at: Instant | None = None
    published_at: Instant | None = None
    published_by: str | None = None
    halted_at: Instant | None = None
    audience: int = 0
    created_at: Instant | None = None
    danger: bool = False
    not_after: Instant | None = None
    paused_at: Instant | None = None

    @property
    def dated(self) -> bool:
        """Whether it tells a date that a calendar may hold."""
        return self.notice is not None and self.kind in (Kind.REMINDER, Kind.CORRECTION)

    @property
    def shown_number(self) -> str:
        """Its number, if readers may see it: numbers count, and would count what is not public.

        A withdrawal repeats nothing by which its matter could be known.
        """
        return self.number if self.label.public and self.kind is not Kind.WITHDRAWAL else ""


def content_hash(alert: Alert, editions: list[Edition]) -> str:
    """SHA-256 over everything that a reader will see or that decides who reads it."""
    said: dict[str, object] = {
        "kind": alert.kind, "label": alert.label, "case": alert.case_id, "topics": alert.topics,
        "countries": alert.countries, "act_by": alert.act_by,
        "editions": [
            {key: value for key, value in asdict(edition).items() if key not in ("id", "written_by")}
            for edition in sorted(editions, key=lambda edition: edition.position)
        ],
    }  # fmt: skip
    if alert.danger:  # what was approved before there was such a mark keeps its hash
        said["danger"] = True
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def edited(alert: Alert, *, by: Staff) -> Alert:
    """The alert once somebody changed its text: approval is void, and they may not approve it. Raises Conflict."""
    by.must_be(Role.AUTHOR, "write an alert")
    if alert.state not in UNPUBLISHED:
        raise Conflict(
            f"This alert is {alert.state}: what was sent cannot be changed. Write an update or a correction."
        )
    writers = alert.writers if by.id in alert.writers else (*alert.writers, by.id)
    return replace(
        alert, state=State.DRAFT, writers=writers, publish_at=None,
        submitted_at=None, approved_by=None, approved_hash="", approved_at=None,
    )  # fmt: skip


def submit(alert: Alert, *, by: Staff, now: Instant) -> Alert:
    """Ask for a second pair of eyes. Raises Forbidden, Conflict."""
    by.must_be(Role.AUTHOR, "submit an alert")
    if alert.state is not State.DRAFT:
        raise Conflict(f"Only a draft can be submitted; this alert is {alert.state}.")
    return replace(alert, state=State.IN_REVIEW, submitted_at=now)


def approve(alert: Alert, content: str, *, by: Staff, now: Instant) -> Alert:
    """Vouch for exactly this content. Raises Forbidden (no approver, or wrote it), Conflict (not in review)."""
    by.must_be(Role.APPROVER, "approve an alert")
    if alert.state is not State.IN_REVIEW:
        raise Conflict(f"Only an alert in review can be approved; this one is {alert.state}.")
    if by.id in alert.writers:
        raise Forbidden("Nobody approves a text that they wrote or changed: ask a second person.")
    return replace(alert, state=State.APPROVED, approved_by=by.id, approved_hash=content, approved_at=now)


def schedule(alert: Alert, at: Instant, *, by: Staff, now: Instant) -> Alert:
    """Publish it at that instant. Raises Forbidden, Conflict (not approved), Invalid (in the past)."""
    by.must_be(Role.AUTHOR, "schedule an alert")
    if alert.state not in (State.APPROVED, State.SCHEDULED):
        raise Conflict(f"Only an approved alert can be scheduled; this one is {alert.state}.")
    if at <= now:
        raise Invalid("That time is past: leave it out to publish now.")
    return replace(alert, state=State.SCHEDULED, publish_at=at, published_by=by.id)


def publish(alert: Alert, content: str, *, by: Staff, now: Instant) -> Alert:
    """Let an approved text go. Raises Forbidden, Conflict (not approved, or changed since it was)."""
    by.must_be(Role.AUTHOR, "publish an alert")
    if alert.state not in (State.APPROVED, State.SCHEDULED):
        raise Conflict(f"Only an approved alert can be published; this one is {alert.state}.")
    if alert.approved_hash != content:
        raise Conflict("The text has changed since it was approved: submit it again.")
    if alert.not_after and alert.not_after <= now:
        raise Conflict("The time after which this alert must not be sent is past.")
    return replace(alert, state=State.PUBLISHING, published_at=now, published_by=by.id)


def halt(alert: Alert, *, by: Staff, now: Instant) -> Alert:
    """Stop what is unsent; nothing of this alert goes out any more. Raises Forbidden, Conflict."""
    by.must_be(Role.AUTHOR, "cancel an alert")
    if alert.state in UNPUBLISHED:
        return replace(alert, state=State.CANCELLED, publish_at=None)
    if alert.state not in (State.PUBLISHING, State.PUBLISHED, State.UPDATED):  # an update stops nothing under way
        raise Conflict(f"This alert is {alert.state} already.")
    return replace(alert, state=State.CANCELLED, halted_at=alert.halted_at or now)


def pause(alert: Alert, *, by: Staff, now: Instant) -> Alert:
    """Nothing more of it goes out until it is resumed. Raises Forbidden, Conflict."""
    by.must_be(Role.AUTHOR, "pause an alert")
    if alert.published_at is None or alert.halted_at:
        raise Conflict(f"Only an alert that is on its way can be paused; this one is {alert.state}.")
    if alert.paused_at:
        raise Conflict("This alert is paused already.")
    return replace(alert, paused_at=now)


def resume(alert: Alert, *, by: Staff) -> Alert:
    """Let what is unsent go on. Raises Forbidden, Conflict."""
    by.must_be(Role.AUTHOR, "resume an alert")
    if alert.paused_at is None:
        raise Conflict("This alert is not paused.")
    return replace(alert, paused_at=None)


def until(alert: Alert, not_after: Instant, *, now: Instant) -> Alert:
    """The alert with a time after which what is unsent is not sent. Raises Invalid."""
    if not_after <= (alert.publish_at or now):
        raise Invalid("The time after which it must not be sent comes before it is sent: nobody would get it.")
    return replace(alert, not_after=not_after)


def title(text: str) -> str:
    """A title as a subject line may carry it. Raises Invalid."""
    text = text.strip()
    if not text:
        raise Invalid("The title is empty.")
    if any(ord(letter) < 32 or letter in "\x7f\u2028\u2029\u0085" for letter in text):
        raise Invalid("The title must be one line.")
    if len(text) > 200:
        raise Invalid("The title is longer than 200 letters.")
    return text
