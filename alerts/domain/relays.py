"""The SMTP servers we hand mail to, and what each takes from us: a day, a minute, and as a new sender."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count

from alerts.domain.times import Instant

MAIN = "main"
"""The relay of the settings (smtp.url). All others were added by `vigil relay add`."""

DAY, HOUR, MINUTE = timedelta(hours=24), timedelta(hours=1), timedelta(minutes=1)

FIRST_DAY, RAMP_DAYS = 50, 14
"""A new sender's first day, and how many days each of which takes twice what the last one took: 50, 100, 200 …

The usual advice to new senders (connected.app, “Warming up IP addresses”: 50 to 100 on the first day, then twice as
many each day). After fourteen days it would be 800,000, so the ramp is over.
"""

BURST = 1 / 3
"""How much of a minute's limit may go at once; the rest of it is what flows in during a minute.

So no minute, wherever it begins, sees more than the limit.
"""

FORESEEN = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Preset:
    """What is known of a mail service (config/relays.toml, which explains the fields). `rest` is in hours."""

    id: str
    title: str
    host: str
    port: int
    tls: str
    login: str
    steps: tuple[str, ...]
    daily: int
    per_minute: int
    source: str
    checked: date
    from_may_differ: bool
    keeps_envelope: str
    domains: tuple[str, ...]
    ramp: bool
    rest: int


@dataclass(frozen=True, slots=True)
class Relay:
    """`url`, `oauth`: sealed; empty for the relay of the settings. `daily`, `per_minute`: 0 where there is no limit.

    `weight`: how large a share of the mail it gets; 0: only while no other takes any. `verp`: whether a test showed
    that it keeps our envelope address. `ramp_from`: a new sender begins small on that day. `tokens`, `filled_at`: what
    is left of this minute's.
    """

    id: str
    preset: str = "other"
    url: str = field(default="", repr=False)
    sender: str = ""
    oauth: str = field(default="", repr=False)
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

    @property
    def free_at(self) -> Instant:
        """When even the last of that hour is a day old. Too late for most, so that no limit is ever passed."""
        return self.hour + HOUR + DAY


def hour_of(now: Instant) -> Instant:
    return now.replace(minute=0, second=0, microsecond=0)


def ramp(relay: Relay, now: Instant) -> int | None:
    """How many a day a new sender may send: 50, then twice as many each day. None: no ramp, or it is over."""
    if relay.ramp_from is None:
        return None
    day = max(0, (now - relay.ramp_from) // DAY)
    step = FIRST_DAY << min(day, RAMP_DAYS)
    return step if day < RAMP_DAYS and (not relay.daily or step < relay.daily) else None


def limit(relay: Relay, now: Instant) -> int | None:
    """Recipients in 24 hours; None: as many as there are."""
    small = ramp(relay, now)
    return small if small is not None else relay.daily or None


def taken(relay: Relay, uses: Iterable[Use], now: Instant) -> int:
    """What it was given in the last 24 hours, and in the rest of the hour in which they began."""
    return sum(use.taken for use in uses if use.relay_id == relay.id and use.free_at > now)


def left_today(relay: Relay, uses: Iterable[Use], now: Instant) -> int | None:
    """How many more it takes within its 24 hours, whether it rests at this moment or not. None: no limit."""
    most = limit(relay, now)
    return None if most is None else max(0, most - taken(relay, uses, now))


def grant(relay: Relay, uses: Iterable[Use], wanted: int, now: Instant) -> tuple[int, Relay]:
    """How many of the wanted recipients may be handed over now, and the relay with its minute's tokens moved on."""
    if relay.paused_until and relay.paused_until > now:
        return 0, relay
    left = left_today(relay, uses, now)
    granted = wanted if left is None else min(wanted, left)
    if not relay.per_minute:
        return granted, relay
    tokens = _tokens(relay, now)
    granted = min(granted, int(tokens + 1e-6))
    return granted, replace(relay, tokens=tokens - granted, filled_at=now)


def next_at(relay: Relay, uses: Iterable[Use], now: Instant) -> Instant | None:
    """When it takes mail again: after its pause, its minute and its day. None: it takes some now."""
    moments = [relay.paused_until or now, _day_opens(relay, uses, now)]
    if relay.per_minute and (missing := 1 - _tokens(relay, now)) > 1e-6:
        moments.append(now + MINUTE * (missing / _flow(relay)))
    latest = max(moments)
    return latest if latest > now else None


def order(relays: Iterable[Relay], uses: Iterable[Use], now: Instant) -> list[Relay]:
    """Those that take mail now, the one that is furthest below its share of this hour first, else the heaviest.

    One of weight 0 is among them only where no other takes any.
    """
    uses = list(uses)
    ready = [relay for relay in relays if next_at(relay, uses, now) is None]
    shared = [relay for relay in ready if relay.weight] or ready
    this: Counter[str] = Counter()
    for use in uses:
        this[use.relay_id] += use.taken if use.hour == hour_of(now) else 0
    return sorted(shared, key=lambda r: (this[r.id] / max(r.weight, 1), -r.weight, r.id))


def until(relays: Iterable[Relay], uses: Iterable[Use], waiting: int, now: Instant) -> Instant | None:
    """When the last of so many waiting recipients will have been handed over, if nothing else comes between.

    None: not within a year, or there is no relay.
    """
    uses, relays = list(uses), sorted(relays, key=lambda relay: -relay.weight)
    for at in _hours(now) if relays else ():
        last = at
        for relay in relays:
            opens = max(at, relay.paused_until or at)
            left = left_today(relay, uses, at) if opens < at + HOUR else 0
            share = waiting if left is None else min(waiting, left)
            if relay.per_minute:
                share = min(share, int(_burst(relay) + _flow(relay) * (hour_of(at) + HOUR - opens) / MINUTE))
                late = max(0.0, share - _burst(relay))
                last = max(last, opens + MINUTE * (late / _flow(relay))) if share > 0 else last
            elif share > 0:
                last = max(last, opens)
            if share > 0:
                uses.append(Use(relay.id, hour_of(at), share))
                waiting -= share
        if waiting <= 0:
            return last
        uses = [use for use in uses if use.free_at > at]
    return None


def _hours(now: Instant) -> Iterator[Instant]:
    """Now, and every full hour of the coming year."""
    yield now
    first = hour_of(now) + HOUR
    for n in count():
        if n * HOUR > FORESEEN:
            return
        yield first + n * HOUR


def _day_opens(relay: Relay, uses: Iterable[Use], now: Instant) -> Instant:
    """When the 24 hours have room for one more: the oldest are a day old, or the ramp has a step."""
    mine = sorted((u for u in uses if u.relay_id == relay.id and u.free_at > now), key=lambda use: use.hour)
    at, steps = now, [use.free_at for use in mine]
    if relay.ramp_from is not None:
        day = max(0, (now - relay.ramp_from) // DAY)
        steps += [relay.ramp_from + (day + more) * DAY for more in (1, 2)]
    for step in sorted(steps):
        if left_today(relay, mine, at) != 0:
            break
        at = step
    return at


def _burst(relay: Relay) -> float:
    return max(1.0, relay.per_minute * BURST)


def _flow(relay: Relay) -> float:
    """Tokens a minute."""
    return max(relay.per_minute - _burst(relay), relay.per_minute / 2)


def _tokens(relay: Relay, now: Instant) -> float:
    if relay.filled_at is None:
        return _burst(relay)
    return min(_burst(relay), relay.tokens + _flow(relay) * max(0.0, (now - relay.filled_at) / MINUTE))
