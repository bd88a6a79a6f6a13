"""Anything with a time that people prepare for, and its life. Its case is optional: a summit has none."""

from dataclasses import dataclass, replace
from enum import StrEnum

from alerts.domain.counting import Proof
from alerts.domain.errors import Conflict, Invalid
from alerts.domain.labels import Label
from alerts.domain.staff import Role, Voice
from alerts.domain.times import Instant, LocalTime


class Kind(StrEnum):
    HEARING = "hearing"
    VERDICT = "verdict"
    APPEAL = "appeal"
    HOLD = "hold"
    REMAND = "remand"
    APPEAL_END = "appeal-end"
    RELEASE = "release"
    SUMMIT = "summit"
    SUBMISSION = "submission"
    RECHECK = "recheck"
    ANSWER = "answer"
    EMBARGO = "embargo"
    COURT_LIMIT = "court-limit"


OURS = (Kind.APPEAL_END, Kind.COURT_LIMIT, Kind.ANSWER, Kind.EMBARGO)
"""For staff and the lawyer only: what the defence, a court or a State must do by then is no date to come to."""


class State(StrEnum):
    SET = "set"
    CONFIRMED = "confirmed"
    RESCHEDULED = "rescheduled"
    ADJOURNED = "adjourned"
    CANCELLED = "cancelled"
    HELD = "held"


OPEN = (State.SET, State.CONFIRMED, State.RESCHEDULED, State.ADJOURNED)


@dataclass(frozen=True, slots=True)
class Deadline:
    """`when` is None once it is adjourned sine die. `revision` counts its dates; a date counts once it is confirmed.

    `rule`, `proof` and `outer`: by what it was counted, how, and the latest date that the law can be read to mean.
    `person_id`: whose it is, where periods run for each person apart.
    """

    id: str
    kind: Kind
    when: LocalTime | None
    country: str = ""
    case_id: str | None = None
    title: str = ""
    court: str = ""
    label: Label | None = None
    state: State = State.SET
    revision: int = 1
    reason: str = ""
    outcome: str = ""
    set_by: str = ""
    confirmed_by: str | None = None
    confirmed_at: Instant | None = None
    created_at: Instant | None = None
    rule: str = ""
    proof: Proof | None = None
    outer: LocalTime | None = None
    person_id: str | None = None

    @property
    def starts_at(self) -> Instant | None:
        return self.when.instant if self.when else None

    @property
    def confirmed(self) -> bool:
        return self.confirmed_by is not None

    @property
    def open(self) -> bool:
        return self.state in OPEN

    def due(self, since: Instant, until: Instant) -> bool:
        """Whether it is still open and may be at some moment between these two."""
        return self.open and self.when is not None and self.when.instant <= until and self.when.ends >= since

    @property
    def ours(self) -> bool:
        """Whether only staff and the lawyer are reminded: nobody outside is told a date that is only recalled, nor the
        longest arrest that the law allows as if it were a release.
        """
        counted = self.proof is not None and (not self.proof.verified or self.kind is Kind.RELEASE)
        return self.kind in OURS or counted

    @property
    def on(self) -> bool:
        """Whether readers may be told to expect it."""
        return self.open and self.confirmed and self.when is not None


def enter(deadline: Deadline, *, by: Voice, now: Instant) -> Deadline:
    """A new deadline. Entered by an approver it is confirmed. Raises Forbidden, Invalid (it is over already)."""
    by.must_be(Role.AUTHOR, "set a deadline")
    _not_over(deadline.when, now)
    return _vouched(replace(deadline, set_by=by.id, created_at=now, state=State.SET), by, now, State.CONFIRMED)


def confirm(deadline: Deadline, *, by: Voice, now: Instant) -> Deadline:
    """Vouch for the date as it stands. Raises Forbidden, Conflict."""
    by.must_be(Role.APPROVER, "confirm a date")
    if deadline.state is not State.CANCELLED:  # an author's cancelling waits to be confirmed, as any date does
        _must_be_open(deadline)
    if deadline.confirmed:
        raise Conflict("This date is confirmed already.")
    return _vouched(deadline, by, now, State.CONFIRMED if deadline.state is State.SET else deadline.state)


def reschedule(deadline: Deadline, when: LocalTime, *, reason: str, by: Voice, now: Instant) -> Deadline:
    """Another date, earlier or later. Raises Forbidden, Conflict, Invalid (the same date, or it is over already)."""
    by.must_be(Role.AUTHOR, "reschedule a deadline")
    _must_be_open(deadline)
    _not_over(when, now)
    if deadline.when and (when.wall, when.zone, when.last) == (
        deadline.when.wall, deadline.when.zone, deadline.when.last,
    ):  # fmt: skip
        raise Invalid("That is the date it has already.")
    return _moved(deadline, when, State.RESCHEDULED, reason, by, now)


def adjourn(deadline: Deadline, *, reason: str, by: Voice, now: Instant) -> Deadline:
    """Put off sine die: nobody knows when it goes on. Raises Forbidden, Conflict."""
    by.must_be(Role.AUTHOR, "adjourn a deadline")
    _must_be_open(deadline)
    if deadline.when is None:
        raise Conflict("It is adjourned already.")
    return _moved(deadline, None, State.ADJOURNED, reason, by, now)


def cancel(deadline: Deadline, *, reason: str, by: Voice, now: Instant) -> Deadline:
    """It will not take place. Raises Forbidden, Conflict."""
    by.must_be(Role.AUTHOR, "cancel a deadline")
    _must_be_open(deadline)
    return _moved(deadline, deadline.when, State.CANCELLED, reason, by, now)


def held(deadline: Deadline, *, outcome: str, by: Voice) -> Deadline:
    """It took place, with this outcome. Raises Forbidden, Conflict, Invalid (no outcome)."""
    by.must_be(Role.AUTHOR, "record an outcome")
    _must_be_open(deadline)
    if not outcome.strip():
        raise Invalid("Say what happened: the outcome is empty.")
    return replace(deadline, state=State.HELD, outcome=outcome.strip())


def _moved(deadline: Deadline, when: LocalTime | None, state: State, reason: str, by: Voice, now: Instant) -> Deadline:
    moved = replace(
        deadline, when=when, state=state, reason=reason.strip(),
        revision=deadline.revision + 1, confirmed_by=None, confirmed_at=None,
    )  # fmt: skip
    return _vouched(moved, by, now, state)


def _vouched(deadline: Deadline, by: Voice, now: Instant, state: State) -> Deadline:
    if not by.may(Role.APPROVER):
        return deadline
    return replace(deadline, state=state, confirmed_by=by.id, confirmed_at=now)


def _must_be_open(deadline: Deadline) -> None:
    if not deadline.open:
        raise Conflict(f"This deadline is {deadline.state} already.")


def _not_over(when: LocalTime | None, now: Instant) -> None:
    if when and when.ends < now:
        raise Invalid("That date is over already: record it in the case instead.")
