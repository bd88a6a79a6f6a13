"""OAuth: an access token for a relay, fetched with its refresh token and kept until shortly before it ends."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

from alerts.domain.errors import Conflict
from alerts.domain.relays import Relay
from alerts.domain.times import Instant
from alerts.egress import Egress, Failed
from alerts.store import Store
from alerts.store.tables import RELAY

EARLY = timedelta(seconds=60)
SHORTEST = timedelta(minutes=5)
"""What is assumed where a service does not say how long its token lasts (RFC 6749 §5.1 only recommends it)."""

Token = Callable[[], Awaitable[str]]


def token(
    egress: Egress, relay: Relay, now: Callable[[], Instant], keep: Callable[[str], None] = lambda _: None
) -> Token:
    """Answers an access token (RFC 6749 §6). `keep` is told the new refresh token, where the service renews it.

    Raises Conflict with the service's own word for what is wrong; no secret is ever part of it, nor logged.
    """
    access = json.loads(relay.oauth)
    turn = asyncio.Lock()
    held, ends = "", now()

    async def ask() -> str:
        nonlocal held, ends
        async with turn:  # a crowd of connections asks once
            if held and now() < ends - EARLY:
                return held
            found = await _asked(egress, access)
            held = found["access_token"]
            lasts = str(found.get("expires_in", ""))
            ends = now() + (timedelta(seconds=int(lasts)) if lasts.isdigit() else SHORTEST)
            renewed = found.get("refresh_token")
            if isinstance(renewed, str) and renewed and renewed != access["refresh_token"]:
                access["refresh_token"] = renewed
                await asyncio.to_thread(keep, json.dumps(access))
            return held

    return ask


def renewed(store: Store, relay_id: str, oauth: str) -> None:
    """Keep what the log-in service renewed, sealed: the old one ends some day."""
    with store.begin() as tx:
        relay = tx.relays.find(RELAY.c.id == relay_id)
        if relay:
            tx.relays.save(replace(relay, oauth=oauth))


async def _asked(egress: Egress, access: dict[str, str]) -> dict[str, str]:
    form = {"grant_type": "refresh_token"} | {
        name: access[name] for name in ("client_id", "client_secret", "refresh_token", "scope") if access.get(name)
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    answer = await egress.post(access["token_url"], urlencode(form).encode(), headers)
    if isinstance(answer, Failed):
        raise Conflict(f"The log-in service of the relay gave no token: {answer.reason}.")
    try:
        found = json.loads(answer.body)
    except ValueError:
        found = {}
    if answer.status != 200 or not isinstance(found, dict) or not isinstance(found.get("access_token"), str):
        word = str(found.get("error", "") if isinstance(found, dict) else "")[:60]
        said = word if word.replace("_", "").isalnum() else f"it answers {answer.status}"
        raise Conflict(f"The log-in service of the relay gave no token: {said}. Sign in anew, and add the relay again.")
    return found
