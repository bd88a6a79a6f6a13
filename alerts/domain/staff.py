"""Who works at this desk, and what they may do."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from alerts.domain.errors import Forbidden
from alerts.domain.times import Instant

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
INVITATION_LASTS = timedelta(hours=24)


class Role(StrEnum):
    """Each role may do all that the one before it may; an auditor only reads."""

    AUDITOR = "auditor"
    AUTHOR = "author"
    APPROVER = "approver"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        return list(Role).index(self)


class Voice(Protocol):
    """Whoever's word may change a date, and whom the audit log names: one of staff, or somebody who knows it first."""

    @property
    def id(self) -> str: ...

    def may(self, role: Role) -> bool: ...

    def must_be(self, role: Role, to: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Staff:
    id: str
    email: str
    name: str
    role: Role
    password: str = ""
    invitation: str = ""
    invited_until: Instant | None = None
    notices: bool = False
    created_at: Instant | None = None
    disabled_at: Instant | None = None

    def may(self, role: Role) -> bool:
        return self.disabled_at is None and self.role.rank >= role.rank

    def must_be(self, role: Role, to: str) -> None:
        """Raises Forbidden unless this person has at least that role. `to` ends the sentence: “approve an alert”."""
        if self.disabled_at is not None:
            raise Forbidden(f"{self.name} works here no more.")
        if not self.may(role):
            raise Forbidden(f"Only an {role} may {to}; {self.name} is {_a(self.role)}.")


def _a(role: Role) -> str:
    return f"an {role}"


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. The id is the hash of what its cookie holds."""

    id: str
    staff_id: str
    created_at: Instant
    seen_at: Instant

    def alive(self, now: Instant) -> bool:
        return now - self.seen_at < IDLE and now - self.created_at < LONGEST
