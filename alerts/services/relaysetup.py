"""What an admin does with relays: add one from a preset, change what it may be given, remove it."""

import json
import re
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlsplit

from alerts.domain.errors import Conflict, Invalid
from alerts.domain.relays import MAIN, Preset, Relay
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.services.addresses import address
from alerts.services.relays import get, presets
from alerts.settings import Settings
from alerts.store import Store
from alerts.store.tables import RELAY, RELAY_USE

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\]")
OAUTH = ("client_id", "client_secret", "refresh_token", "token_url", "scope")
MOST = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Given:
    """What an admin says of a relay; None or empty: as the preset has it, or as it was."""

    host: str = ""
    port: int | None = None
    user: str = ""
    password: str = field(default="", repr=False)
    oauth: str = field(default="", repr=False)
    sender: str = ""
    daily: int | None = None
    per_minute: int | None = None
    weight: int | None = None
    ramp: bool | None = None


def add(
    store: Store, settings: Settings, name: str, preset_id: str, given: Given, *, by: Staff, now: Instant
) -> tuple[Relay, list[str]]:
    """A relay from a preset, and what the admin should know of it, in sentences. Nothing is connected to.

    Raises Forbidden, Invalid (also for a sender whose domain only another service may send for), Conflict.
    """
    by.must_be(Role.ADMIN, "add a relay")
    preset = named(preset_id)
    if not NAME.fullmatch(name) or name == MAIN:
        raise Invalid(f"“{name}” cannot be a relay's name: write a short word, as second (“{MAIN}” is the settings').")
    if not settings.smtp.sender:
        raise Invalid(
            "Set smtp.sender first: the desk's own address, to which readers reply whatever relay they hear by."
        )
    sender = address(given.sender or (given.user if "@" in given.user else settings.smtp.sender))
    _may_send(preset, sender)
    relay = Relay(
        name, preset.id, _url(preset, given), sender, oauth(given.oauth) if given.oauth else "",
        _count("--daily", given.daily, preset.daily), _count("--per-minute", given.per_minute, preset.per_minute),
        _count("--weight", given.weight, 1), added_at=now,
        ramp_from=now if (preset.ramp if given.ramp is None else given.ramp) else None,
    )  # fmt: skip
    with store.begin() as tx:
        if tx.relays.find(RELAY.c.id == name):
            raise Conflict(f"There is a relay “{name}” already: remove it first, or take another name.")
        tx.relays.add(relay)
        tx.audit.add("relay added", name, preset.id, by=by, at=now)
    return relay, [*_notes(preset, relay, given)]


def change(store: Store, settings: Settings, name: str, given: Given, *, by: Staff, now: Instant) -> Relay:
    """What it may be given from now on; of the settings' relay as well. Raises Forbidden, NotFound, Invalid."""
    by.must_be(Role.ADMIN, "change a relay")
    if given.host or given.port or given.user or given.password or given.oauth or given.sender:
        raise Invalid("Only limits, weight and ramp can be changed: for another account, remove the relay and add it.")
    with store.begin() as tx:
        before = get(tx, settings, name)
        ramp = before.ramp_from if given.ramp is None else (before.ramp_from or now) if given.ramp else None
        relay = replace(
            before, daily=_count("--daily", given.daily, before.daily), ramp_from=ramp,
            per_minute=_count("--per-minute", given.per_minute, before.per_minute),
            weight=_count("--weight", given.weight, before.weight), added_at=before.added_at or now,
        )  # fmt: skip
        kept = replace(relay, url="", sender="", oauth="") if name == MAIN else relay
        if not tx.relays.save(kept):
            tx.relays.add(kept)
        tx.audit.add("relay changed", name, by=by, at=now)
    return relay


def remove(store: Store, settings: Settings, name: str, *, by: Staff, now: Instant) -> None:
    """It gets no mail from here on. Raises Forbidden, NotFound, Conflict (that of the settings)."""
    by.must_be(Role.ADMIN, "remove a relay")
    if name == MAIN:
        raise Conflict(f"“{MAIN}” is the relay of the settings: empty smtp.url there.")
    with store.begin() as tx:
        get(tx, settings, name)
        tx.relays.delete(RELAY.c.id == name)
        tx.uses.delete(RELAY_USE.c.relay_id == name)
        tx.audit.add("relay removed", name, by=by, at=now)


def oauth(text: str) -> str:
    """The JSON of an application's access, checked. Raises Invalid; what is secret in it is not repeated."""
    try:
        found = json.loads(text)
    except ValueError:
        raise Invalid("--oauth-file: this is not JSON.") from None
    wrong = Invalid("--oauth-file: write an object with client_id, refresh_token and token_url (https), all text.")
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise wrong
    if unknown := [key for key in found if key not in OAUTH]:
        raise Invalid(f"--oauth-file: there is no key “{unknown[0][:40]}”; there may be {', '.join(OAUTH)}.")
    if not all(found.get(key) for key in ("client_id", "refresh_token", "token_url")):
        raise wrong
    place = urlsplit(found["token_url"])
    if place.scheme != "https" and place.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise wrong
    return json.dumps(found)


def named(id: str) -> Preset:
    """Raises Invalid."""
    if id not in presets():
        raise Invalid(f"There is no preset “{id}”; there is {', '.join(presets())}.")
    return presets()[id]


def _may_send(preset: Preset, sender: str) -> None:
    """Raises Invalid where readers' servers would throw the mail away, or the relay would refuse it at night."""
    domain = sender.rpartition("@")[2]
    owner = next((one for one in presets().values() if domain in one.domains), None)
    if owner and owner.id != preset.id:
        raise Invalid(
            f"Mail from @{domain} is only accepted when {owner.title} itself sends it: "
            f"add the relay with --preset {owner.id}, or take a sender at a domain of your own."
        )


def _url(preset: Preset, given: Given) -> str:
    host, port = given.host or preset.host, given.port or preset.port
    if not host:
        raise Invalid(f"{preset.title} needs --host, the name of its SMTP server.")
    if not HOST.fullmatch(host) or not 0 < port < 65536:
        raise Invalid(f"“{host}:{port}” is no server: write its name with --host and a number with --port.")
    if bool(given.user) != bool(given.password or given.oauth):
        raise Invalid("A log-in is --user with --password-file or --oauth-file: give both, or neither.")
    if preset.login != "none" and not given.user:
        raise Invalid(f"{preset.title} needs a log-in: give --user with --password-file or --oauth-file.")
    if given.password and given.oauth:
        raise Invalid("Give --password-file or --oauth-file, not both.")
    if not (given.user + given.password).isprintable():
        raise Invalid("The user name and the password must be one line each, without control characters.")
    secret = f":{quote(given.password, safe='')}" if given.password else ""
    login = f"{quote(given.user, safe='')}{secret}@" if given.user else ""
    return f"{'smtps' if preset.tls == 'tls' else 'smtp'}://{login}{host}:{port}"


def _count(name: str, given: int | None, otherwise: int) -> int:
    if given is not None and not 0 <= given <= MOST:
        raise Invalid(f"{name} must be 0 or more, not {given}.")
    return otherwise if given is None else given


def _notes(preset: Preset, relay: Relay, given: Given) -> list[str]:
    notes = []
    if preset.source == "unverified" and not (relay.daily or relay.ramp_from):
        notes.append(f"How many mails a day {preset.title} takes is not known: give your figure with --daily.")
    if not preset.from_may_differ and "@" in given.user and given.user.lower() != relay.sender.lower():
        notes.append(f"{preset.title} may refuse or change the sender: it is not the address of the account.")
    if preset.login == "oauth" and given.password:
        notes.append("A password works there until the end of December 2026, when it is off by default: use OAuth.")
    if relay.ramp_from:
        notes.append(
            "As a new sender it begins with 50 mails a day, and twice as many each day; if it has long sent as many as "
            f"you need: vigil relay change {relay.id} --no-ramp"
        )
    return notes
