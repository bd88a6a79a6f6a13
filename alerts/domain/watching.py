"""What is watched, and what was seen there."""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import IntEnum, StrEnum

from alerts.domain.times import Instant

FIRST_INTERVAL = timedelta(minutes=15)
LONGEST_WAIT = timedelta(hours=24)

VISITED = ("feed", "page")
"""Kinds of sources that we go to. At the others somebody tells us: `mail` of a partner, or what staff `pasted`."""


class Health(StrEnum):
    """How a source fares, in a word that a person understands."""

    NEW = "new"
    OK = "ok"
    BLOCKED = "blocked"
    BROKEN = "broken"
    GONE = "gone"


class Tier(IntEnum):
    """How sure a match is: the smaller the surer."""

    SURE = 1
    LIKELY = 2
    PERHAPS = 3


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where to go on: the validators, byte for byte as the server gave them, and the last body's hash."""

    etag: str = ""
    modified: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """`local` marks an address on this machine that an admin typed in: only that host and port may be reached.

    `pick` is the CSS selector of a page's blocks; empty: its main text.
    """

    id: str
    url: str
    title: str = ""
    kind: str = "feed"
    country: str = ""
    starred: bool = False
    local: bool = False
    cursor: Cursor = Cursor()
    health: Health = Health.NEW
    reason: str = ""
    failures: int = 0
    next_poll_at: Instant | None = None
    polled_at: Instant | None = None
    worked_at: Instant | None = None
    created_at: Instant | None = None
    pick: str = ""

    @property
    def public(self) -> bool:
        """Whether anybody can read there what we read. What somebody told us is for us alone until somebody decides."""
        return self.kind in VISITED


@dataclass(frozen=True, slots=True)
class Match:
    """Which form of whose name stands where in the signal's title and text joined by one line feed."""

    id: str
    signal_id: str
    case_id: str
    person_id: str
    form: str
    words: str
    start: int
    end: int
    tier: Tier = Tier.SURE


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing seen at a source, immutable. `fingerprint` tells it apart within its source."""

    id: str
    source_id: str
    fingerprint: str
    title: str
    link: str = ""
    text: str = ""
    language: str = ""
    country: str = ""
    published: Instant | None = None
    seen_at: Instant | None = None

    @property
    def words(self) -> str:
        """The text that is matched and marked."""
        return f"{self.title}\n{self.text}"


@dataclass(frozen=True, slots=True)
class Item:
    """What a watcher reads from a source, before it is known whether it is new."""

    fingerprint: str
    title: str
    link: str = ""
    text: str = ""
    language: str = ""
    published: Instant | None = None


@dataclass(frozen=True, slots=True)
class Poll:
    """What one visit brought: the items, oldest first, and where to go on. Or why it failed."""

    items: tuple[Item, ...] = ()
    cursor: Cursor = Cursor()
    health: Health = Health.OK
    reason: str = ""
    wait: timedelta | None = None


def after(source: Source, poll: Poll, now: Instant, interval: timedelta = FIRST_INTERVAL) -> Source:
    """The source once a visit is over. A failing source is asked ever more rarely, but never given up."""
    if poll.health is Health.OK:
        wait = max(poll.wait or interval, interval)
        return replace(
            source, cursor=poll.cursor, health=Health.OK, reason="", failures=0,
            polled_at=now, worked_at=now, next_poll_at=now + min(wait, LONGEST_WAIT),
        )  # fmt: skip
    failures = source.failures + 1
    wait = max(poll.wait or interval * failures, interval)
    return replace(
        source, health=poll.health, reason=poll.reason, failures=failures,
        polled_at=now, next_poll_at=now + min(wait, LONGEST_WAIT),
    )  # fmt: skip
