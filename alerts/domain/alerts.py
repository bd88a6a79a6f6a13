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

    @property
    def priority(self) -> int:
        """The smaller goes first."""
        return {Kind.REMINDER: 2, Kind.UPDATE: 3}.get(self, 0 if self is Kind.WITHDRAWAL else 1)


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
    """What an alert about a deadline says, in every language from the shipped templates."""

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


@dataclass(frozen=True, slots=True)
class Alert:
    """`thread` is the first alert under the same number; `ordinal` counts the issues in it, from 1."""

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


def content_hash(alert: Alert, editions: list[Edition]) -> str:
    """SHA-256 over everything that a reader will see or that decides who reads it."""
    said = {
        "kind": alert.kind, "label": alert.label, "case": alert.case_id, "topics": alert.topics,
        "countries": alert.countries, "act_by": alert.act_by,
        "editions": [
            {key: value for key, value in asdict(edition).items() if key not in ("id", "written_by")}
            for edition in sorted(editions, key=lambda edition: edition.position)
        ],
    }  # fmt: skip
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
    return replace(alert, state=State.PUBLISHING, published_at=now, published_by=by.id)


def halt(alert: Alert, *, by: Staff, now: Instant) -> Alert:
    """Stop what is unsent; nothing of this alert goes out any more. Raises Forbidden, Conflict."""
    by.must_be(Role.AUTHOR, "cancel an alert")
    if alert.state in UNPUBLISHED:
        return replace(alert, state=State.CANCELLED, publish_at=None)
    if alert.state not in (State.PUBLISHING, State.PUBLISHED, State.UPDATED):  # an update stops nothing under way
        raise Conflict(f"This alert is {alert.state} already.")
    return replace(alert, state=State.CANCELLED, halted_at=alert.halted_at or now)


def follow(first: Alert, kind: Kind, new_id: str, ordinal: int, *, by: Staff, now: Instant) -> Alert:
    """A new draft under the same number. Raises Forbidden, Conflict (nothing was published that it could follow)."""
    by.must_be(Role.APPROVER if kind in (Kind.STOP, Kind.WITHDRAWAL) else Role.AUTHOR, f"write a {kind}")
    if first.published_at is None:
        raise Conflict(f"This alert is {first.state}: it was never published.")
    if first.state is State.WITHDRAWN:
        raise Conflict("This alert is withdrawn: nothing may follow it.")
    return replace(
        first, id=new_id, kind=kind, corrects=first.id, ordinal=ordinal, state=State.DRAFT, writers=(by.id,),
        submitted_at=None, approved_by=None, approved_hash="", approved_at=None, publish_at=None,
        published_at=None, published_by=None, halted_at=None, audience=0, created_at=now,
    )  # fmt: skip


BECOMES = {
    Kind.UPDATE: State.UPDATED,
    Kind.CORRECTION: State.CORRECTED,
    Kind.STOP: State.STOPPED,
    Kind.WITHDRAWAL: State.WITHDRAWN,
}
"""What the alert that is followed becomes once its follower is published."""

SUPERSEDES = frozenset({Kind.CORRECTION, Kind.STOP, Kind.WITHDRAWAL})
"""Kinds that stop the unsent rest of what they follow, and go to exactly those who got it."""


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


LETTERS = "23456789BCDFGHJKLMNPQRSTVWXZ"
"""Of these a reference is made: no vowels, so no words; nothing that is misread on a phone."""


def series(alert: Alert) -> str:
    """Urgent appeals (UA) and date notices (DN) are counted apart."""
    return "DN" if alert.deadline_id else "UA"


def number(series: str, count: int, year: int, country: str) -> str:
    """`UA 014/2026 KGZ`: the series, the place in its year, the country by its three letters."""
    return f"{series} {count:03d}/{year} {country}".strip()


def superseded(alert: Alert, thread: list[Alert]) -> list[Alert]:
    """The published issues whose unsent rest this alert stops: no stale word overtakes a new one.

    A correction of a text stops the issue that it corrects, and what that one corrected: who has only the first of
    them is told too. A reminder stops older reminders. All others speak for the whole thread. A request to delete is
    never stopped, and only a newer word on the date stops the correction of one.
    """
    others = [issue for issue in thread if issue.published_at and issue.id != alert.id]
    earlier = [issue for issue in others if issue.kind is not Kind.WITHDRAWAL]
    if alert.kind is Kind.CORRECTION and alert.notice is None:
        wrong, chain = {issue.id: issue for issue in earlier}, [alert]
        while chain[-1].kind is Kind.CORRECTION and chain[-1].corrects in wrong:
            chain.append(wrong.pop(chain[-1].corrects or ""))
        return sorted(chain[1:], key=lambda issue: issue.ordinal)
    if alert.kind is Kind.REMINDER:
        return [issue for issue in earlier if issue.kind is Kind.REMINDER]
    return earlier if alert.kind in SUPERSEDES else []


def check_thread(alert: Alert, thread: list[Alert]) -> None:
    """Raises Conflict where the matter was withdrawn, or corrected or stopped since this text was approved."""
    for issue in thread:
        if issue.published_at is None or issue.id == alert.id:
            continue
        if issue.kind is Kind.WITHDRAWAL:
            raise Conflict("This alert was withdrawn: nothing may follow it.")
        if issue.kind in SUPERSEDES and (alert.approved_at is None or issue.published_at > alert.approved_at):
            raise Conflict(f"A {issue.kind} went out since this text was approved: read it again and submit it again.")


def followed(alert: Alert, older: Alert, now: Instant, *, under_way: bool) -> Alert:
    """What an earlier issue becomes once this alert is published; `under_way`: some of it is still to be sent."""
    becomes = BECOMES.get(alert.kind) if alert.deadline_id is None or alert.kind is not Kind.CORRECTION else None
    stops = under_way and (alert.kind in SUPERSEDES or alert.kind is Kind.REMINDER)
    return replace(
        older, state=becomes or older.state, halted_at=(older.halted_at or now) if stops else older.halted_at
    )
