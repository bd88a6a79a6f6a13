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


ATTENDED = (Kind.HEARING, Kind.VERDICT, Kind.APPEAL)
"""Kinds that people come to; for the others they prepare."""


class State(StrEnum):
    EXPECTED = "expected"
    SET = "set"
    CONFIRMED = "confirmed"
    RESCHEDULED = "rescheduled"
    ADJOURNED = "adjourned"
    RELOCATED = "relocated"
    CLOSED = "closed to the public"
    CANCELLED = "cancelled"
    HELD = "held"
    REPORTED = "reported"


OPEN = (
    State.EXPECTED, State.SET, State.CONFIRMED, State.RESCHEDULED, State.ADJOURNED, State.RELOCATED, State.CLOSED,
)  # fmt: skip


class Teller(StrEnum):
    """Who said so: readers weigh a date by it."""

    LAWYER = "lawyer"
    FAMILY = "family"
    COURT = "court"
    MEDIA = "media"
    STAFF = "staff"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Deadline:
    """`when` is None once it is adjourned sine die. A change counts once it is confirmed.

    `revision` rises by one with every change that people plan by: another date, another place, closed to the public or
    open again, put off, cancelled. Under the one UID of its calendar entry, its id, it is the SEQUENCE. Confirming and
    reporting leave it. `set_by`, `changed_at`, `told_by`: who entered what stands here now, when, and on whose word.
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
    told_by: Teller | None = None
    changed_at: Instant | None = None
    report: str = ""

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
        """Whether only staff and the lawyer are reminded: nobody outside is told a date that is only recalled, the
        longest arrest that the law allows as if it were a release, nor what the defence must hand in.
        """
        if self.proof is None:
            return self.kind in OURS
        theirs = self.kind is Kind.RELEASE or (self.kind is Kind.SUBMISSION and self.case_id is not None)
        return self.kind in OURS or theirs or not self.proof.verified

    @property
    def on(self) -> bool:
        """Whether readers may be told to expect it."""
        return self.open and self.confirmed and self.when is not None

    @property
    def dateless(self) -> bool:
        """Whether its date is still to come: staff alone are asked for it."""
        return self.state in (State.EXPECTED, State.ADJOURNED)

    @property
    def closed(self) -> bool:
        """Whether nobody should come for nothing: readers are reminded no more."""
        return self.state is State.CLOSED


def enter(
    deadline: Deadline, *, by: Voice, now: Instant, expected: bool = False, told_by: Teller | None = None
) -> Deadline:
    """A new deadline. Entered by an approver it is confirmed, unless it is only expected: then nobody has set its date.

    Raises Forbidden, Invalid (it is over already).
    """
    by.must_be(Role.AUTHOR, "set a deadline")
    _not_over(deadline.when, now)
    state = State.EXPECTED if expected else State.SET
    return _vouched(
        replace(deadline, set_by=by.id, created_at=now, changed_at=now, told_by=told_by, state=state), by, now
    )


def confirm(deadline: Deadline, *, by: Voice, now: Instant, told_by: Teller | None = None) -> Deadline:
    """Vouch for what stands here. Raises Forbidden, Conflict."""
    by.must_be(Role.APPROVER, "confirm a date")
    if deadline.state is not State.CANCELLED:  # an author's cancelling waits to be confirmed, as any date does
        _must_be_open(deadline)
    if deadline.confirmed:
        raise Conflict("This date is confirmed already.")
    if deadline.state is State.EXPECTED:
        raise Conflict("It is only expected: once somebody says the date, set it by moving it there.")
    if told_by:
        deadline = replace(deadline, told_by=told_by, changed_at=now)
    return _vouched(deadline, by, now)


def reschedule(
    deadline: Deadline, when: LocalTime, *, reason: str, by: Voice, now: Instant, court: str = "",
    told_by: Teller | None = None,
) -> Deadline:  # fmt: skip
    """Another date, earlier or later, with `court` at another place as well. What is closed to the public stays so.

    Raises Forbidden, Conflict, Invalid (the same date, or it is over already).
    """
    by.must_be(Role.AUTHOR, "reschedule a deadline")
    _must_be_open(deadline)
    _not_over(when, now)
    expected = deadline.state is State.EXPECTED
    if deadline.when and not expected and when.said == deadline.when.said:
        raise Invalid("That is the date it has already.")
    state = State.SET if expected else State.CLOSED if deadline.closed else State.RESCHEDULED
    moved = replace(deadline, when=when, court=_place(court) if court.strip() else deadline.court)
    return _changed(moved, state, reason, by, now, told_by)


def relocate(
    deadline: Deadline, court: str, *, reason: str, by: Voice, now: Instant, told_by: Teller | None = None
) -> Deadline:
    """The same date at another place. Raises Forbidden, Conflict, Invalid (no place, or the same)."""
    by.must_be(Role.AUTHOR, "relocate a deadline")
    _must_have_a_date(deadline)
    court = _place(court)
    if court == deadline.court:
        raise Invalid("That is the place it has already.")
    state = State.CLOSED if deadline.closed else State.RELOCATED
    return _changed(replace(deadline, court=court), state, reason, by, now, told_by)


def close(deadline: Deadline, *, reason: str, by: Voice, now: Instant, told_by: Teller | None = None) -> Deadline:
    """Closed to the public: it takes place, and nobody should come for nothing. Raises Forbidden, Conflict."""
    by.must_be(Role.AUTHOR, "close a hearing to the public")
    _must_have_a_date(deadline)
    if deadline.closed:
        raise Conflict("It is closed to the public already.")
    return _changed(deadline, State.CLOSED, reason, by, now, told_by)


def reopen(deadline: Deadline, *, reason: str, by: Voice, now: Instant, told_by: Teller | None = None) -> Deadline:
    """Open to the public after all. Raises Forbidden, Conflict."""
    by.must_be(Role.AUTHOR, "open a hearing to the public")
    if not deadline.closed:
        raise Conflict("It is not closed to the public.")
    return _changed(deadline, State.SET, reason, by, now, told_by)


def adjourn(deadline: Deadline, *, reason: str, by: Voice, now: Instant, told_by: Teller | None = None) -> Deadline:
    """Put off sine die: nobody knows when it goes on. Raises Forbidden, Conflict."""
    by.must_be(Role.AUTHOR, "adjourn a deadline")
    _must_be_open(deadline)
    if deadline.when is None:
        raise Conflict("It is adjourned already.")
    return _changed(replace(deadline, when=None), State.ADJOURNED, reason, by, now, told_by)


def cancel(deadline: Deadline, *, reason: str, by: Voice, now: Instant, told_by: Teller | None = None) -> Deadline:
    """It will not take place. Raises Forbidden, Conflict."""
    by.must_be(Role.AUTHOR, "cancel a deadline")
    _must_be_open(deadline)
    return _changed(deadline, State.CANCELLED, reason, by, now, told_by)


def held(deadline: Deadline, *, outcome: str, by: Voice) -> Deadline:
    """It took place, with this outcome. Raises Forbidden, Conflict, Invalid (no outcome)."""
    by.must_be(Role.AUTHOR, "record an outcome")
    _must_be_open(deadline)
    if not outcome.strip():
        raise Invalid("Say what happened: the outcome is empty.")
    return replace(deadline, state=State.HELD, outcome=outcome.strip())


def report(deadline: Deadline, text: str, *, by: Voice) -> Deadline:
    """What those who were there report: nobody is asked for it any more. Raises Forbidden, Conflict, Invalid."""
    by.must_be(Role.AUTHOR, "report on a hearing")
    if deadline.open:
        raise Conflict("First say that it took place, and with what outcome; then report on it.")
    if deadline.state is not State.HELD:
        raise Conflict(f"This deadline is {deadline.state} already.")
    if not text.strip():
        raise Invalid("Say what is reported: the report is empty.")
    return replace(deadline, state=State.REPORTED, report=text.strip())


def _changed(
    deadline: Deadline, state: State, reason: str, by: Voice, now: Instant, told_by: Teller | None
) -> Deadline:
    changed = replace(
        deadline, state=state, reason=reason.strip(), revision=deadline.revision + 1, set_by=by.id, changed_at=now,
        told_by=told_by, confirmed_by=None, confirmed_at=None,
    )  # fmt: skip
    return _vouched(changed, by, now)


def _vouched(deadline: Deadline, by: Voice, now: Instant) -> Deadline:
    if not by.may(Role.APPROVER) or deadline.state is State.EXPECTED:
        return deadline
    state = State.CONFIRMED if deadline.state is State.SET else deadline.state
    return replace(deadline, state=state, confirmed_by=by.id, confirmed_at=now)


def _must_be_open(deadline: Deadline) -> None:
    if not deadline.open:
        raise Conflict(f"This deadline is {deadline.state} already.")


def _must_have_a_date(deadline: Deadline) -> None:
    _must_be_open(deadline)
    if deadline.dateless:
        raise Conflict("It has no date yet: move it to its date, and say the place there.")


def _not_over(when: LocalTime | None, now: Instant) -> None:
    if when and when.ends < now:
        raise Invalid("That date is over already: record it in the case instead.")


def _place(text: str) -> str:
    """A court and its town, as a subject line may carry them. Raises Invalid."""
    text = text.strip()
    if not text:
        raise Invalid("Say where it is now: the place is empty.")
    if not text.isprintable():
        raise Invalid("The place must be one line.")
    if len(text) > 200:
        raise Invalid("The place is longer than 200 letters.")
    return text
