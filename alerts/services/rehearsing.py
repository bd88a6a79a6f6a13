"""What the clock would do until some moment, if nothing changes. Nothing is written."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from alerts.domain.cases import Case
from alerts.domain.deadlines import Deadline
from alerts.domain.ladders import Fate, Reminder, Whom
from alerts.domain.strikes import strike
from alerts.domain.times import Instant
from alerts.services import together
from alerts.services.reminding import tell
from alerts.store import Store, Tx
from alerts.store.dates import REMINDER


@dataclass(frozen=True, slots=True)
class Expected:
    """A reminder as it would be settled. `readers` by language; none where it does not go to readers."""

    reminder: Reminder
    deadline: Deadline
    case: Case | None
    readers: dict[str, int]


def rehearse(store: Store, languages: Sequence[str], until: Instant, now: Instant) -> list[Expected]:
    """Each reminder that is due until then, the first one first. What is due already would be settled together, now."""
    with store.read() as tx:
        mine = (REMINDER.c.fate == Fate.PENDING, REMINDER.c.fire_at <= until)
        waiting: dict[str, list[Reminder]] = defaultdict(list)
        for reminder in tx.reminders.where(*mine, by=[REMINDER.c.fire_at, REMINDER.c.id]):
            waiting[reminder.deadline_id].append(reminder)
        found = []
        for id, ours in waiting.items():
            deadline = tx.deadlines.get(id)
            case = tx.cases.get(deadline.case_id) if deadline.case_id else None
            struck = strike(deadline, [one for one in ours if one.fire_at <= now], now)
            for one in ours:
                struck += strike(deadline, [one], one.fire_at) if one.fire_at > now else []
            for one in struck:
                found.append(Expected(one, deadline, case, _readers(tx, deadline, one, struck, languages, now)))
        return sorted(found, key=lambda one: (one.reminder.fire_at, one.reminder.id))


def _readers(
    tx: Tx, deadline: Deadline, one: Reminder, struck: list[Reminder], languages: Sequence[str], now: Instant
) -> dict[str, int]:
    if one.fate is not Fate.FIRED or one.whom is not Whom.SUBSCRIBERS:
        return {}
    told = tell(tx, deadline, one, struck, max(now, one.fire_at))
    found = Counter(share.recipient.language for _, all_ in together.audience(tx, [told], languages) for share in all_)
    return dict(sorted(found.items()))
