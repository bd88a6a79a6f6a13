"""How out: one file each, found by its name. A channel opens lines; a line takes one message after the other.

A file defines `class Channel` with `check(to)`, which raises Invalid for an address that it cannot reach, and `line()`,
an async context manager whose `send(to, message, way)` answers an Outcome. A line that cannot be opened answers
Blocked.
"""

from typing import Protocol

from alerts.domain.delivery import Blocked, Outcome
from alerts.domain.messages import Message
from alerts.domain.ways import Way

PLAIN = Way("")
"""By plain mail."""


class Line(Protocol):
    async def __aenter__(self) -> "Line": ...

    async def __aexit__(self, *failure: object) -> None: ...

    async def send(self, to: str, message: Message, way: Way = PLAIN) -> Outcome:
        """Hand over one message. Never raises for what the other side says or fails to say.

        `way`: what is this reader's own in it, as their key or what signs.
        """


class Channel(Protocol):
    def check(self, to: str) -> None:
        """Raises Invalid."""

    def line(self) -> Line:
        """One connection, opened with its first message and kept."""

    async def greet(self) -> str | Blocked:
        """Connect and log in as for a message, but send none. Answers in words what was found."""
