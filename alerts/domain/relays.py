"""The SMTP servers we hand mail to, and what each takes from us."""

from dataclasses import dataclass

from alerts.domain.times import Instant

MAIN = "main"
"""The relay of the settings (smtp.url). All others were added by `vigil relay add`."""


@dataclass(frozen=True, slots=True)
class Relay:
    """`url`, `oauth`: sealed; empty for the relay of the settings. `daily`, `per_minute`: 0 where there is no limit.

    `weight`: how large a share of the mail it gets; 0: only while no other takes any. `verp`: whether a test showed
    that it keeps our envelope address. `ramp_from`: a new sender begins small on that day. `tokens`, `filled_at`: what
    is left of this minute's.
    """

    id: str
    preset: str = "other"
    url: str = ""
    sender: str = ""
    oauth: str = ""
    daily: int = 0
    per_minute: int = 0
    weight: int = 1
    verp: bool = False
    ramp_from: Instant | None = None
    added_at: Instant | None = None
    tested_at: Instant | None = None
    blocks: int = 0
    paused_until: Instant | None = None
    reason: str = ""
    tokens: float = 0.0
    filled_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """How many recipients a relay was given in one hour (`hour`: its beginning, UTC)."""

    relay_id: str
    hour: Instant
    taken: int = 0
