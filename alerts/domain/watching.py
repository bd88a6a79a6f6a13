"""What is watched, and what was seen there."""

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum

from alerts.domain.times import Instant

VISITED = ("feed", "page")
"""Kinds of sources that we go to. At the others somebody tells us: `mail` of a partner, or what staff `pasted`."""


class Health(StrEnum):
    """How a source fares, in a word that a person understands."""

    NEW = "new"
    OK = "ok"
    QUIET = "quiet"
    SLOW = "slow"
    BLOCKED = "blocked"
    MOVED = "moved"
    BROKEN = "broken"
    GONE = "gone"

    @property
    def works(self) -> bool:
        """Whether it can be read; what is quiet or slow can."""
        return self in (Health.NEW, Health.OK, Health.QUIET, Health.SLOW)


class Identity(StrEnum):
    """By what the items of a source are told apart. Decided once for each source: another would make all of it new."""

    GUID = "guid"
    LINK = "link"
    TEXT = "hash"


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
class Habits:
    """What visits have taught us of a source.

    `interval`, `gap`: seconds between our visits, and between its items. `news_at`: when it last had something new.
    `since`: how long it has fared as it does; `told`: as which staff were told that it fares. `moved_to`: where its
    server says that it lives now, since `moved_since`. `whole_at`: when it last sent everything, not only “unchanged”.
    """

    identity: Identity | None = None
    interval: int = 0
    gap: int = 0
    news_at: Instant | None = None
    since: Instant | None = None
    told: str = ""
    moved_to: str = ""
    moved_since: Instant | None = None
    whole_at: Instant | None = None


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
    habits: Habits = Habits()
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
    """One thing seen at a source, immutable. `fingerprint` tells it apart within its source.

    `content` is the hash of its words. `revises`: the signal of which this is a later version. `story`: the first
    signal of the same story, at whatever source, and `alike` what its words are known again by; both empty where nobody
    needs to see it.
    """

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
    content: str = ""
    revises: str = ""
    story: str = ""
    alike: str = ""

    @property
    def words(self) -> str:
        """The text that is matched and marked."""
        return f"{self.title}\n{self.text}"


@dataclass(frozen=True, slots=True)
class Item:
    """What a watcher reads from a source, before it is known whether it is new. `content`: the hash of its words, where
    the watcher has worked it out already.
    """

    fingerprint: str
    title: str
    link: str = ""
    text: str = ""
    language: str = ""
    published: Instant | None = None
    content: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document says. `found`: how many items stand in it, those that were left out included.

    `version`: the format, as “rss20”. `unique`: no two items share what they are told apart by. `ttl`: seconds for
    which it asks to be left alone. `gap`: the median of the seconds between its items, 0 where they have no dates.
    """

    items: tuple[Item, ...] = ()
    version: str = ""
    identity: Identity | None = None
    unique: bool = True
    found: int = 0
    ttl: int = 0
    gap: int = 0


@dataclass(frozen=True, slots=True)
class Poll:
    """What one visit brought: the items, oldest first, and where to go on. Or why it failed.

    `wait`: for how long the server asks us to stay away; `floor`: for how long it says that nothing changes.
    `away`: no server answered. `whole`: everything was sent. `moved_to`: where the server says that the feed lives
    from now on. `seconds`: how long it took.
    """

    items: tuple[Item, ...] = ()
    cursor: Cursor = Cursor()
    health: Health = Health.OK
    reason: str = ""
    wait: timedelta | None = None
    floor: timedelta | None = None
    away: bool = False
    whole: bool = False
    moved_to: str = ""
    seconds: float = 0.0
    identity: Identity | None = None
    gap: int = 0
