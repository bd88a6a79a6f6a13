"""When the clock strikes: what becomes of the rungs of one deadline that are due, and which readers each is for."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from alerts.domain.deadlines import Deadline, Kind
from alerts.domain.ladders import NAG, RECHECK_EVERY, Fate, Planned, Reminder, Rung, Whom, fires_at, recheck, rung
from alerts.domain.times import Instant


def strike(deadline: Deadline, waiting: Iterable[Reminder], now: Instant) -> list[Reminder]:
    """What becomes of the reminders of one deadline that are due, each with its reason.

    Of several for the same people (the desk was down) the youngest fires and stands for the others. A warning that
    would come after the date is missed: a person decides what to do about it.
    """
    groups: dict[tuple[Whom, bool], list[Reminder]] = {}
    for reminder in sorted(waiting, key=lambda one: (one.fire_at, one.id)):
        groups.setdefault((reminder.whom, reminder.before), []).append(reminder)
    found = []
    for (whom, before), ours in groups.items():
        found += [
            replace(one, fate=Fate.SKIPPED, reason="the desk was down: a later one stands for it") for one in ours[:-1]
        ]
        last = ours[-1]
        over = deadline.when is not None and deadline.when.ends < now
        if not deadline.open or ((whom is Whom.SUBSCRIBERS or before) and not deadline.on):
            found.append(replace(last, fate=Fate.SKIPPED, reason="too late to be of use"))
        elif before and over:
            found.append(replace(last, fate=Fate.MISSED, reason="it was over before the desk came back"))
        else:
            found.append(replace(last, fate=Fate.FIRED))
    return found


def again(deadline: Deadline, fired: Reminder, now: Instant) -> Planned | None:
    """What follows a question that was asked: the same again, until somebody answers it."""
    if fired.before:
        return None
    if fired.whom is Whom.STAFF and deadline.dateless:
        return recheck(now)
    if fired.whom is Whom.STAFF and deadline.kind is Kind.RECHECK:
        return Planned(Rung(days=14, whom=Whom.STAFF), now + RECHECK_EVERY, Fate.PENDING)
    if fired.whom is Whom.SUBSCRIBERS and deadline.when:
        next_ = replace(NAG, days=rung(fired.rung).days + 1)
        while (at := fires_at(next_, deadline)) <= now:
            next_ = replace(next_, days=next_.days + 1)
        return Planned(next_, at, Fate.PENDING)
    return None


@dataclass(frozen=True, slots=True)
class Wanting:
    """Which readers a reminder is for.

    `rungs`: for who asked for one of these. `usual`: and for who leaves it to us. `nag`: only for who wants to be asked
    until it is reported. `exact`: hours before a date whose hour nobody knows never come, so who wants nothing but
    those has what is usual.
    """

    rungs: frozenset[str]
    usual: bool
    nag: bool = False
    exact: bool = True

    def by(self, rungs: str, nag: bool) -> bool:
        """Whether it is for a reader who wants these rungs, as `T-3d;T-3h`, or none in particular."""
        if self.nag:
            return nag
        theirs = [name for name in rungs.split(";") if name and (self.exact or not name.endswith("h"))]
        return not self.rungs.isdisjoint(theirs) if theirs else self.usual


def wanting(deadline: Deadline, usual: Iterable[str], fired: Reminder, stood_for: Iterable[str] = ()) -> Wanting:
    """Whom this rung is for, among the `usual` ones of its ladder or besides, and those that it stands for."""
    names = frozenset({fired.rung, *stood_for})
    exact = deadline.when is None or deadline.when.exact
    return Wanting(names, not names.isdisjoint(usual), not fired.before, exact)


def stands_for(fired: Reminder, ladder: Iterable[Reminder]) -> frozenset[str]:
    """The rungs for readers that were left out since they were reminded last: who waits for one of those has this."""
    theirs = [
        one for one in ladder
        if one.whom is fired.whom and one.revision == fired.revision and one.before and one.fire_at <= fired.fire_at
    ]  # fmt: skip
    last = max((one.fire_at for one in theirs if one.fate is Fate.FIRED and one.id != fired.id), default=None)
    left = [one for one in theirs if one.fate is Fate.SKIPPED and (last is None or one.fire_at > last)]
    return frozenset(one.rung for one in left)
