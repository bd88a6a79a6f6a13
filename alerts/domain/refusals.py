"""What in a file was refused: every line with its reason, so that a person mends it in one go."""

from collections.abc import Iterable
from dataclasses import dataclass

from alerts.domain.errors import Invalid


@dataclass(frozen=True, slots=True, order=True)
class Refusal:
    """`line` counts from 1; 0 where the whole file is meant."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}" if self.line else self.reason


class Refused(Invalid):
    """Nothing of the file was taken."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = tuple(sorted(refusals))
        more = f" (and {len(self.refusals) - 1} more)" if len(self.refusals) > 1 else ""
        super().__init__(f"{self.refusals[0]}{more}")
