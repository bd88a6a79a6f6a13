"""When a source is visited again, and what a visit says of its health. Pure: the time and the dice are arguments."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from alerts.domain.health import OUR_NETWORK, fares, first_of_two
from alerts.domain.times import Instant
from alerts.domain.watching import Habits, Health, Poll, Source

EVERY = timedelta(minutes=15)
RAREST = 4
"""A source that seldom has news is visited so many times more rarely than a busy one, and no more: the page that is
silent for months is the one whose next line matters.
"""

LONGEST_WAIT, LONGEST_FLOOR = timedelta(hours=24), timedelta(hours=1)
"""At most so long a server may keep us away: by asking for it, and by a lifetime that some program put there."""

GONE_WAIT = timedelta(days=7)
PATIENCE = timedelta(hours=1)
"""The first wait after “too often” or “not you” without a time; it doubles."""

AGAIN_SOON = timedelta(minutes=2)
"""A starred source that failed is looked at once more before anybody is told."""

FROZEN = timedelta(minutes=5)
"""While our own network is away nothing is learnt by waiting longer."""

JITTER = 0.1
MOVES_AFTER = timedelta(days=7)
WHOLE_EVERY = timedelta(days=7)
"""So often everything is asked for: a server that says “unchanged” for ever would be believed for ever."""


def after(
    source: Source, poll: Poll, now: Instant, every: timedelta = EVERY, dice: float = 0.5, *, new: int = 0,
    outage: bool = False,
) -> Source:  # fmt: skip
    """The source once a visit is over. `dice` in [0, 1) spreads the next visit by a tenth; `new`: how many
    items were not seen before.

    A failing source is asked ever more rarely, but never given up. In an outage of our own network nothing is held
    against a source that could not be reached.
    """
    if outage and poll.away:
        wait = _spread(min(FROZEN, every), dice)
        return replace(source, reason=OUR_NETWORK, polled_at=now, next_poll_at=now + wait)
    poll = first_of_two(source, poll, now)
    habits = _learnt(source, poll, now, every, new) if poll.health.works else source.habits
    health, reason = fares(source, poll, habits, now)
    if health is not source.health:
        habits = replace(habits, since=now, told="" if health.works else habits.told)
    failures = 0 if health.works else source.failures + 1
    moved = replace(
        source, health=health, reason=reason, failures=failures, habits=habits, polled_at=now,
        cursor=poll.cursor if poll.health.works else source.cursor,
        worked_at=now if poll.health.works else source.worked_at,
        next_poll_at=now + _wait(source, poll, health, failures, habits, every, dice),
    )  # fmt: skip
    return _settled(moved, now)


def asks_for_all(habits: Habits, now: Instant) -> bool:
    """Whether this visit leaves the validators at home."""
    return habits.whole_at is not None and now - habits.whole_at > WHOLE_EVERY


def _wait(
    source: Source, poll: Poll, health: Health, failures: int, habits: Habits, every: timedelta, dice: float
) -> timedelta:
    if health.works:
        own = _spread(timedelta(seconds=habits.interval), dice)
        floor = min(poll.floor or timedelta(0), every if source.starred else LONGEST_FLOOR)
        return max(own, _spread(floor, dice, only_later=True), _asked(poll, dice))
    if health is Health.GONE:
        own = GONE_WAIT
    elif health is Health.BLOCKED:
        own = min(PATIENCE * 2 ** min(failures - 1, 10), LONGEST_WAIT)
    elif source.starred and failures == 1:
        own = AGAIN_SOON
    else:
        own = min(every * failures, LONGEST_WAIT)
    return max(_spread(own, dice), _asked(poll, dice))


def _asked(poll: Poll, dice: float) -> timedelta:
    return _spread(min(poll.wait or timedelta(0), LONGEST_WAIT), dice, only_later=True)


def _spread(wait: timedelta, dice: float, *, only_later: bool = False) -> timedelta:
    """Sources that were added together must not come due together for ever. Whoever named a time gets no less."""
    turn = 2 * dice - 1
    return wait * (1 + JITTER * (max(0.0, turn) if only_later else turn))


def _learnt(source: Source, poll: Poll, now: Instant, every: timedelta, new: int) -> Habits:
    was = source.habits
    gap = was.gap or poll.gap
    news_at = was.news_at
    if new or news_at is None:
        dates = [item.published for item in poll.items if item.published]
        newest = min(max(dates), now) if dates else now
        if news_at and new:  # a fifth of the way to what this visit shows, so that one busy day is no habit
            gap = round(0.8 * gap + 0.2 * (now - news_at).total_seconds() / new)
        news_at = now if news_at else newest
    return replace(
        was, identity=was.identity or poll.identity, gap=gap, news_at=news_at,
        interval=_interval(source, poll, gap, every, new),
        whole_at=now if poll.whole or was.whole_at is None else was.whole_at,
        moved_to=poll.moved_to, moved_since=was.moved_since if poll.moved_to == was.moved_to else now,
    )  # fmt: skip


def _interval(source: Source, poll: Poll, gap: int, every: timedelta, new: int) -> int:
    """Half the time between two items, within bounds. Where most of what stands there was new, some may have come and
    gone unseen: then as often as may be.
    """
    shortest = round(every.total_seconds())
    lost = source.worked_at is not None and len(poll.items) > 3 and new * 3 > len(poll.items) * 2
    if source.starred or lost or not gap:
        return shortest
    return max(shortest, min(gap // 2, shortest * RAREST))


def _settled(source: Source, now: Instant) -> Source:
    """With the address where it lives now, once the server has said so for a week, or at once where only the “s” of
    https is new.
    """
    to, since = source.habits.moved_to, source.habits.moved_since
    if not to or not source.health.works:
        return source
    if not _only_safer(source.url, to):
        if since is None or now - since < MOVES_AFTER:
            return source
        if urlsplit(to).path in ("", "/") and not urlsplit(to).query:
            return source
    return replace(source, url=to, habits=replace(source.habits, moved_to="", moved_since=None))


def _only_safer(old: str, new: str) -> bool:
    was, now_is = urlsplit(old), urlsplit(new)
    return (was.scheme, now_is.scheme) == ("http", "https") and was[1:] == now_is[1:]
