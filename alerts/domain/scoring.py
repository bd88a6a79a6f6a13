"""When bounces are enough to write to somebody no more, and when they say nothing about anybody."""

from collections.abc import Iterable
from datetime import timedelta

from alerts.domain.returns import Bounce, Severity
from alerts.domain.times import Instant

COUNTED = timedelta(days=30)
"""How long a bounce counts."""

HARD_DAYS, SOFT_DAYS = 2, 5
"""On how many different days (UTC) mail must have come back: never one day alone, for one night proves nothing."""

STORM_WITHIN = timedelta(hours=1)
"""A bounce counts only when it is so old: by then it is known whether it came alone."""

STORM, SMALL_STORM, SHARE = 10, 5, 0.2

GONE = "mail came back on two days: the address does not exist"
FULL = "mail came back on five days within a month"


def verdict(bounces: Iterable[Bounce], heard_at: Instant | None, now: Instant) -> str:
    """Why to write to them no more, or nothing.

    Two days with a hard bounce, or five with any, within thirty days and since they were last heard from: whoever
    writes to us is there. What came within the last hour does not count yet, and what came in a storm never does.
    """
    since = max(now - COUNTED, heard_at) if heard_at else now - COUNTED
    counted = [b for b in bounces if since < b.at <= now - STORM_WITHIN and b.severity is not Severity.STORM]
    hard = {bounce.at.date() for bounce in counted if bounce.severity is Severity.HARD}
    if len(hard) >= HARD_DAYS:
        return GONE
    return FULL if len({bounce.at.date() for bounce in counted}) >= SOFT_DAYS else ""


def storm(bounced: int, readers: int | None) -> bool:
    """Whether so many different readers of one domain, bounced within an hour, say more about it or us than of them.

    `readers`: how many it has in all; None where nobody counted.
    """
    return bounced >= STORM or (readers is not None and bounced >= SMALL_STORM and bounced > SHARE * readers)
