"""The relays of a desk: that of the settings and those an admin added, what each may still take, how each fares."""

import logging
import tomllib
from dataclasses import replace
from datetime import timedelta
from functools import cache
from urllib.parse import urlsplit

from alerts.domain import relays
from alerts.domain.delivery import LONGEST_PAUSE, Blocked, Outcome, Sent, pause
from alerts.domain.errors import NotFound
from alerts.domain.relays import MAIN, Preset, Relay, Use
from alerts.domain.replies import MENTIONED, about_quota, known
from alerts.domain.times import Instant
from alerts.settings import LOOPBACK, Settings, resource
from alerts.store import Store, Tx
from alerts.store.tables import RELAY, RELAY_USE

log = logging.getLogger("vigil.relays")

DOUBTFUL = timedelta(minutes=1)
"""How long a refusal of no table stops a relay at most: it may be about one reader, and others wait."""


@cache
def presets() -> dict[str, Preset]:
    """Every mail service that is known, by its name, from config/relays.toml."""
    table = tomllib.loads(resource("config/relays.toml").read_text(encoding="utf-8"))
    return {
        id: Preset(id, steps=tuple(values.pop("steps")), domains=tuple(values.pop("domains")), **values)
        for id, values in table.items()
    }


def all_relays(tx: Tx, settings: Settings) -> list[Relay]:
    """The relay of the settings, if there is one, with what its row keeps; then those that were added.

    The limits of the first are those of the service its host belongs to, until an admin sets others.
    """
    rows = {relay.id: relay for relay in tx.relays.where()}
    main = main_relay(settings, rows.pop(MAIN, None))
    return [*([main] if main.url else []), *rows.values()]


def main_relay(settings: Settings, row: Relay | None) -> Relay:
    """The relay of the settings; its `url` is empty where none is set. `row`: what is kept of it."""
    relay = replace(row or Relay(MAIN), url=settings.smtp.url, sender=settings.smtp.sender)
    host = (urlsplit(relay.url).hostname or "").lower()
    preset = next((one for one in presets().values() if host and one.host == host and host not in LOOPBACK), None)
    if relay.added_at or preset is None:
        return relay
    return replace(relay, preset=preset.id, daily=preset.daily, per_minute=preset.per_minute)


def get(tx: Tx, settings: Settings, name: str) -> Relay:
    """Raises NotFound."""
    found = next((relay for relay in all_relays(tx, settings) if relay.id == name), None)
    if found is None:
        there = ", ".join(relay.id for relay in all_relays(tx, settings)) or "none"
        raise NotFound(f"There is no relay “{name}”; there is {there}.")
    return found


def listing(store: Store, settings: Settings, now: Instant) -> list[tuple[Relay, int, int | None]]:
    """Each relay with what it was given in the last 24 hours, and what it takes today (None: no limit)."""
    with store.read() as tx:
        found, used = all_relays(tx, settings), uses(tx, now)
    return [(relay, relays.taken(relay, used, now), relays.left_today(relay, used, now)) for relay in found]


def uses(tx: Tx, now: Instant) -> list[Use]:
    """What the relays were given lately, as far as it still counts."""
    return tx.uses.where(RELAY_USE.c.hour > now - relays.DAY - relays.HOUR)


def rests_until(tx: Tx, settings: Settings, now: Instant) -> Instant | None:
    """When the first relay takes mail again. None: one takes some now, or there is none."""
    used = uses(tx, now)
    moments = [relays.next_at(relay, used, now) for relay in all_relays(tx, settings)]
    return None if None in moments else min((at for at in moments if at), default=None)


def forget(tx: Tx, now: Instant) -> int:
    """Remove the hours that count no more. Answers how many."""
    return tx.uses.delete(RELAY_USE.c.hour <= now - relays.DAY - relays.HOUR)


def refused(tx: Tx, relay: Relay, blocked: Blocked, now: Instant) -> Relay:
    """The relay refuses us: it rests, staff are told in one sentence, and no reader is marked.

    A service that punishes asking again (`Preset.rest`) is left alone that long once it spoke of a quota. What several
    connections were told at once counts once: `relay` is as it was before they asked.
    """
    _row(tx, relay.id)
    row = tx.relays.find(RELAY.c.id == relay.id)
    if row and row.blocks > relay.blocks:
        return replace(relay, blocks=row.blocks, paused_until=row.paused_until, reason=row.reason)
    blocks = relay.blocks + 1
    rest = presets()[relay.preset].rest if relay.preset in presets() else 0
    if rest and about_quota(blocked.reason):
        length = timedelta(hours=rest)
    else:
        length = pause(blocks) if known(blocked.reason) else min(pause(blocks), DOUBTFUL)
    until = max(blocked.until or now + length, relay.paused_until or now)
    reason = MENTIONED.sub(lambda found: found[0] if found[0] == relay.sender else "…", blocked.reason)
    paused = replace(relay, blocks=blocks, paused_until=until, reason=reason)
    keep(tx, paused, blocks=blocks, paused_until=until, reason=reason)
    log.warning(
        "The relay %s refuses us: %s. It rests until %s UTC, no reader is marked; what to do: vigil relay test %s",
        relay.id, MENTIONED.sub("…", reason), f"{until:%H:%M}", relay.id,
    )  # fmt: skip
    return paused


def took(tx: Tx, relay: Relay) -> Relay:
    """The relay took mail: what it held against us is over."""
    if not (relay.blocks or relay.paused_until or relay.reason):
        return relay
    row = tx.relays.find(RELAY.c.id == relay.id)
    if row and row.blocks > relay.blocks:  # another was refused since: what was sent just before does not undo that
        return relay
    keep(tx, relay, blocks=0, paused_until=None, reason="")
    return replace(relay, blocks=0, paused_until=None, reason="")


def heard(store: Store, relay: Relay, outcome: Outcome, now: Instant) -> None:
    """What became of one mail that was handed over by itself, as a letter is."""
    if isinstance(outcome, Blocked):
        with store.begin() as tx:
            refused(tx, relay, outcome, now)
    elif relay.blocks and isinstance(outcome, Sent):
        with store.begin() as tx:
            took(tx, relay)


def ask_all_again(tx: Tx, now: Instant) -> None:
    """The one process that works begins: each resting relay is asked at once, but those that punish asking."""
    tx.relays.update(RELAY.c.paused_until.between(now, now + LONGEST_PAUSE), paused_until=now)


def keep(tx: Tx, relay: Relay, **state: object) -> None:
    """Write what changes while mail goes out, and nothing else of the row: what the settings say stays there."""
    if not tx.relays.update(RELAY.c.id == relay.id, **state):
        _row(tx, relay.id)
        tx.relays.update(RELAY.c.id == relay.id, **state)


def held(tx: Tx, relay: Relay) -> Relay:
    """The relay as its row stands, held until the transaction ends; one of the settings may have no row yet."""
    row = tx.relays.find(RELAY.c.id == relay.id)
    if row is None:
        _row(tx, relay.id)
        row = tx.relays.get(relay.id)
    state = {name: getattr(row, name) for name in ("blocks", "paused_until", "reason", "tokens", "filled_at", "weight")}
    return replace(relay, **state)


def _row(tx: Tx, id: str) -> None:
    if id == MAIN:
        tx.conn.execute(tx.ledger.insert(RELAY).values(tx.relays.dump(Relay(MAIN))).on_conflict_do_nothing())
