"""How a source fares, said so that a person knows what to do; and whether it is not the sources but our own network."""

from dataclasses import replace
from datetime import timedelta

from alerts.domain.times import Instant
from alerts.domain.watching import Habits, Health, Poll, Source

SLOW = 10.0
"""Seconds for one visit."""

SILENT, SILENT_GAPS = timedelta(days=7), 6
"""Quiet is who has had nothing new for a week, and for six times as long as is usual with them."""

GONE_AFTER = timedelta(hours=20)
"""“Gone for good” is believed when it is said again a day later: servers say it by mistake."""

SETTLED = timedelta(hours=6)
JUMP, FEWEST, LATELY = 1 / 3, 5, timedelta(minutes=20)
"""Of at least five sources visited lately, a third that worked and are now out of reach is no chance."""

OUR_NETWORK = "many sources cannot be reached at once: it is our network, and nothing is held against them"


WAY_OUT = {
    Health.QUIET: "nothing need be done, unless the site has a newer feed",
    Health.SLOW: "nothing need be done",
    Health.BLOCKED: "ask its keeper to let the desk in, or find another address of it",
    Health.MOVED: "look at the address that it names: vigil source change OLD --url NEW",
    Health.BROKEN: "open it in a browser; it is tried again by itself",
    Health.GONE: "find where it went: vigil source change OLD --url NEW; it is asked once a week",
}
"""What a person may do."""


def fares(source: Source, poll: Poll, habits: Habits, now: Instant) -> tuple[Health, str]:
    """Its health after a visit, and why. What works may still be quiet or slow; `bozo` and the like never count."""
    if poll.health is not Health.OK:
        return poll.health, poll.reason
    if poll.seconds >= SLOW:
        return Health.SLOW, f"it takes {poll.seconds:.0f} s to answer"
    if habits.moved_to and habits.moved_to != source.url:
        when = (habits.moved_since or now) + timedelta(days=7)
        return Health.OK, f"it answers from {habits.moved_to}, and is kept under that address from {when:%Y-%m-%d} on"
    silence = now - habits.news_at if habits.news_at else timedelta(0)
    if silence > max(SILENT, SILENT_GAPS * timedelta(seconds=habits.gap)):
        return Health.QUIET, f"nothing new for {silence.days} days"
    return Health.OK, poll.reason


def first_of_two(source: Source, poll: Poll, now: Instant) -> Poll:
    """“Gone for good” said for the first time, or again within the day, is only broken."""
    if poll.health is not Health.GONE or source.health is Health.GONE:
        return poll
    said = source.health is Health.BROKEN and "(410)" in source.reason
    if said and source.habits.since and now - source.habits.since >= GONE_AFTER:
        return poll
    wait = max(poll.wait or timedelta(0), timedelta(hours=24))
    return replace(poll, health=Health.BROKEN, reason=f"{poll.reason}; it is asked once more tomorrow", wait=wait)


def outage(tried: int, fallen: int) -> bool:
    """Whether our own network is away. `tried`: sources visited lately; `fallen`: those of them that worked before and
    could not be reached.
    """
    return tried >= FEWEST and fallen >= JUMP * tried


def to_be_told(source: Source, now: Instant) -> bool:
    """Whether staff are to hear of it: of what fails or is quiet, once for each state. A starred source that failed
    twice in a row is told of at once; what else fails may mend itself for some hours.
    """
    if source.health in (Health.OK, Health.NEW, Health.SLOW) or source.habits.told == source.health:
        return False
    if source.starred and source.failures >= 2:
        return True
    return source.habits.since is not None and now - source.habits.since >= SETTLED
