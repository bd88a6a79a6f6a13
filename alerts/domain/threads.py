"""A thread: all issues under one number. What may follow what, and what a newer word does to an older one."""

from dataclasses import replace

from alerts.domain.alerts import Alert, Kind, State
from alerts.domain.errors import Conflict
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant

BECOMES = {
    Kind.UPDATE: State.UPDATED,
    Kind.CORRECTION: State.CORRECTED,
    Kind.STOP: State.STOPPED,
    Kind.WITHDRAWAL: State.WITHDRAWN,
}
"""What the alert that is followed becomes once its follower is published."""

SUPERSEDES = frozenset({Kind.CORRECTION, Kind.STOP, Kind.WITHDRAWAL})
"""Kinds that stop the unsent rest of what they follow, and go to exactly those who got it."""

LETTERS = "23456789BCDFGHJKLMNPQRSTVWXZ"
"""Of these a reference is made: no vowels, so no words; nothing that is misread on a phone."""


def follow(first: Alert, kind: Kind, new_id: str, ordinal: int, *, by: Staff, now: Instant) -> Alert:
    """A new draft under the same number. Raises Forbidden, Conflict (nothing was published that it could follow)."""
    by.must_be(Role.APPROVER if kind in (Kind.STOP, Kind.WITHDRAWAL) else Role.AUTHOR, f"write a {kind}")
    if first.published_at is None:
        raise Conflict(f"This alert is {first.state}: it was never published.")
    if first.state is State.WITHDRAWN:
        raise Conflict("This alert is withdrawn: nothing may follow it.")
    if first.kind is Kind.DIGEST:
        raise Conflict("A digest only holds other alerts: correct, stop or withdraw the one in it.")
    return replace(
        first, id=new_id, kind=kind, corrects=first.id, ordinal=ordinal, state=State.DRAFT, writers=(by.id,),
        submitted_at=None, approved_by=None, approved_hash="", approved_at=None, publish_at=None,
        published_at=None, published_by=None, halted_at=None, audience=0, created_at=now,
        danger=first.danger and kind in (Kind.CORRECTION, Kind.WITHDRAWAL), not_after=None, paused_at=None,
    )  # fmt: skip


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


def overtaken(alert: Alert, thread: list[Alert]) -> list[Alert]:
    """The published issues that nobody gets any more who still waits for them in a digest.

    Of a date each word takes the place of all before it; of a text a correction that of what it corrects.
    """
    if alert.notice or alert.kind in (Kind.STOP, Kind.WITHDRAWAL):
        return [issue for issue in thread if issue.published_at and issue.id != alert.id]
    return superseded(alert, thread) if alert.kind is Kind.CORRECTION else []


def stands_alone(alert: Alert) -> bool:
    """Whether who never had what this corrects needs it: not where the date is off, nor where the matter is over."""
    if alert.kind is not Kind.CORRECTION:
        return False
    notice = alert.notice
    return notice is None or not (
        notice.when is None or notice.state in ("cancelled", "adjourned", "closed to the public")
    )


def current(alert: Alert, thread: list[Alert], now: Instant) -> Alert | None:
    """What a digest says in the place of an alert that waited for it; None where there is nothing left to say.

    What was corrected is said as the correction has it. Of a date that a newer reminder spoke of nothing is said: that
    one came by itself, or waits as well.
    """
    later = [issue for issue in thread if issue.published_at and issue.ordinal > alert.ordinal]
    if any(issue.kind in (Kind.STOP, Kind.WITHDRAWAL) for issue in later):
        return None
    said = alert
    if alert.notice and later:
        said = later[-1]
        if not stands_alone(said):
            return None
    for issue in later if alert.notice is None else ():
        if issue.kind is Kind.CORRECTION and issue.corrects == said.id:
            said = issue
    over = said.state in (State.STOPPED, State.WITHDRAWN, State.CANCELLED) or (said.not_after and said.not_after <= now)
    past = said.notice and said.notice.when and said.notice.when.ends <= now and not said.notice.asks
    return None if over or past else said


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
