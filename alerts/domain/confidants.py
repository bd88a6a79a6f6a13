"""Lawyer and family: who hears first how the matter stands, and is neither staff nor a subscriber."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from alerts.domain.deadlines import Deadline, Teller
from alerts.domain.errors import Forbidden, Invalid
from alerts.domain.staff import Role
from alerts.domain.times import Instant

KEPT = timedelta(days=30)
"""How long we know somebody whose part in the case is over, or whose case is closed."""

PHONE = re.compile(r"\+?[\d ().-]{5,30}")


class ConfidantRole(StrEnum):
    LAWYER = "lawyer"
    FAMILY = "family"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Confidant:
    """Name, address and telephone are sealed: who speaks with us is RED.

    `last_heard_at`: when they last told us anything; `seen_at`: when they last saw the person themselves.
    """

    id: str
    case_id: str
    role: ConfidantRole
    name: str
    email: str = ""
    phone: str = ""
    language: str = ""
    zone: str = ""
    person_id: str | None = None
    added_at: Instant | None = None
    ended_at: Instant | None = None
    last_heard_at: Instant | None = None
    seen_at: Instant | None = None

    @property
    def here(self) -> bool:
        return self.ended_at is None

    @property
    def confirms(self) -> bool:
        """Whether a date that they tell us is confirmed by it."""
        return self.role is ConfidantRole.LAWYER

    @property
    def told_by(self) -> Teller | None:
        """On whose word a date stands that they told us, as mails and pages say it."""
        return Teller(self.role.value) if self.role.value in list(Teller) else None

    @property
    def voice(self) -> "Word":
        """Who it was, for the log: a word on no date."""
        return Word(self.id, Role.AUDITOR)

    def on(self, deadline: Deadline) -> "Word":
        """Their word on a date of their own case, and on no other. Raises Forbidden."""
        if not self.here or deadline.case_id != self.case_id:
            raise Forbidden("They may speak of the dates of their own case alone.")
        return Word(self.id, Role.APPROVER if self.confirms else Role.AUTHOR)


@dataclass(frozen=True, slots=True)
class Word:
    """A `Voice`: what the lawyer says of a date is confirmed by it; what others say is written down, and waits for us.

    Only `Confidant.on` makes one, so that nobody speaks of another's case.
    """

    id: str
    weight: Role

    def may(self, role: Role) -> bool:
        return self.weight.rank >= role.rank

    def must_be(self, role: Role, to: str) -> None:
        """Raises Forbidden."""
        if not self.may(role):
            raise Forbidden(f"Only the lawyer or one of staff may {to}.")


def check(confidant: Confidant) -> None:
    """Raises Invalid where nobody could reach them, or the number is none."""
    if not confidant.name:
        raise Invalid("Say who they are: a name, or a word that only we understand.")
    if not (confidant.email or confidant.phone):
        raise Invalid("Give a mail address or a telephone number: without one nobody can ask them.")
    if confidant.phone and not PHONE.fullmatch(confidant.phone):
        raise Invalid("That is no telephone number: write it as +996 555 123456.")


def lawyers_first(confidants: Iterable[Confidant]) -> list[Confidant]:
    """Whom to ask, in the order in which one would."""
    return sorted(confidants, key=lambda one: (list(ConfidantRole).index(one.role), one.id))
