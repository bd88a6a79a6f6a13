"""How alerts reach a subscriber where it is not by plain mail: set by an approver, one way for each subscriber."""

import base64
import os
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from alerts.channels import Channel, _pgp
from alerts.channels.apprise import Channel as Apprise
from alerts.channels.webhook import Channel as Webhook
from alerts.domain.audience import Subscriber
from alerts.domain.errors import Conflict, Invalid
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.domain.ways import Way, rotated
from alerts.egress import Egress
from alerts.services.subscribers import find
from alerts.store import Store, Tx
from alerts.store.tables import SUBSCRIBER, WAY
from alerts.store.vault import Vault

SECRET_BYTES = 32


def channels(egress: Egress, vault: Vault, now: Callable[[], Instant], base_url: str) -> dict[str, Channel]:
    """The ways out beside mail, by the word in `Way.channel`."""
    return {"webhook": Webhook(egress, signing(vault), now, base_url), "apprise": Apprise(egress)}


def set_webhook(store: Store, email: str, url: str, to: Channel, *, by: Staff, now: Instant) -> tuple[Way, str]:
    """Their alerts are posted to `url` from now on. Answers the way and the secret, which is shown this once.

    Raises Forbidden, NotFound, Invalid (no address for a webhook), Conflict (they have an OpenPGP key).
    """
    by.must_be(Role.APPROVER, "set a webhook")
    to.check(url)
    secret = _secret()
    way = _set(store, email, "webhook", url, rotated("", secret, now), by, now)
    return way, secret


def rotate(store: Store, email: str, *, by: Staff, now: Instant) -> tuple[Way, str]:
    """A new secret, shown this once; the old one signs beside it for 24 hours. Raises Forbidden, NotFound, Conflict."""
    by.must_be(Role.APPROVER, "change a webhook's secret")
    secret = _secret()
    with store.begin() as tx:
        known = _known(tx, find(tx, email).id)
        if known is None or known.channel != "webhook":
            raise Conflict(f"{email.strip()} has no webhook: set one with “vigil way webhook”.")
        way = replace(known, secret=rotated(known.secret, secret, now), changed_at=now)
        tx.ways.save(way)
        tx.audit.add("webhook secret changed", way.id, by=by, at=now)
    return way, secret


def set_apprise(store: Store, email: str, url: str, to: Channel, *, by: Staff, now: Instant) -> Way:
    """Their alerts go to a messenger from now on. Raises Forbidden, NotFound, Invalid, Conflict (an OpenPGP key)."""
    by.must_be(Role.APPROVER, "set a messenger")
    url = url.strip()
    to.check(url)
    return _set(store, email, "apprise", url, "", by, now)


def set_key(
    store: Store, email: str, armored: str, encrypt_only: bool, *, by: Staff, now: Instant
) -> tuple[Way, str]:  # fmt: skip
    """Their mail is encrypted to this certificate from now on; with `encrypt_only` nothing else is sent to them.

    Answers the way, and a warning or "". Raises Forbidden, NotFound, Invalid (why the key cannot be used), Conflict
    (their alerts go another way).
    """
    by.must_be(Role.APPROVER, "set a reader's key")
    if why := _pgp.usable(armored, now):
        raise Invalid(f"Their key {why}.")
    with store.begin() as tx:
        subscriber = find(tx, email)
        known = _known(tx, subscriber.id)
        if known and known.channel != "email":
            raise Conflict(f"Their alerts go out by {known.channel}: “vigil way clear” first.")
        way = Way(subscriber.id, cert=armored, encrypt_only=encrypt_only, changed_at=now)
        _put(tx, way, known)
        tx.audit.add("reader's key set", way.id, "encrypted only" if encrypt_only else "", by=by, at=now)
    fits = subscriber.email.lower() in _pgp.names(armored)
    return way, "" if fits else "No user id of this key is their address: make sure by telephone that it is theirs."


def clear(store: Store, email: str, *, by: Staff, now: Instant) -> Subscriber:
    """They get plain mail again. Raises Forbidden, NotFound, Conflict (they do already)."""
    by.must_be(Role.APPROVER, "clear a subscriber's way")
    with store.begin() as tx:
        subscriber = find(tx, email)
        if not tx.ways.delete(WAY.c.id == subscriber.id):
            raise Conflict("They get plain mail already.")
        tx.audit.add("way cleared", subscriber.id, by=by, at=now)
    return subscriber


def disable(store: Store, subscriber_id: str, reason: str, now: Instant) -> None:
    """Nothing goes out by their way any more, since the other side said so; staff see it. Once more changes nothing."""
    with store.begin() as tx:
        known = _known(tx, subscriber_id)
        if known and not known.disabled_why:
            tx.ways.save(replace(known, disabled_why=reason, changed_at=now))
            tx.audit.add("way disabled", subscriber_id, reason, by=None, at=now)


def listing(store: Store) -> list[tuple[Subscriber, Way]]:
    """Everybody who does not get plain mail, those who came first at the top."""
    with store.read() as tx:
        ways = {way.id: way for way in tx.ways.where()}
        mine = SUBSCRIBER.c.id.in_(list(ways))
        people = tx.subscribers.where(mine, by=[SUBSCRIBER.c.created_at, SUBSCRIBER.c.id])
        return [(one, ways[one.id]) for one in people]


def signing(vault: Vault) -> Callable[[str, bytes], bytes]:
    """What signs a webhook's posts as v1a, by a key of the subscriber's own that only this desk can make."""

    @lru_cache(1024)
    def key(subscriber_id: str) -> Ed25519PrivateKey:
        return _webhook_key(vault, subscriber_id)

    return lambda subscriber_id, said: key(subscriber_id).sign(said)


def public_key(vault: Vault, subscriber_id: str) -> str:
    """By which a webhook's receiver verifies v1a; no secret. It changes with the first of the desk's keys."""
    return "whpk_" + base64.b64encode(_webhook_key(vault, subscriber_id).public_key().public_bytes_raw()).decode()


def _webhook_key(vault: Vault, subscriber_id: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(vault.sign("webhook-ed25519", subscriber_id))


def _secret() -> str:
    return "whsec_" + base64.b64encode(os.urandom(SECRET_BYTES)).decode()


def _set(store: Store, email: str, channel: str, target: str, secret: str, by: Staff, now: Instant) -> Way:
    with store.begin() as tx:
        subscriber = find(tx, email)
        known = _known(tx, subscriber.id)
        if known and known.cert:
            raise Conflict("They have an OpenPGP key, which would be used no more: “vigil way clear” first.")
        way = Way(subscriber.id, channel, target, secret, changed_at=now)
        _put(tx, way, known)
        tx.audit.add("way set", way.id, channel, by=by, at=now)
    return way


def _known(tx: Tx, subscriber_id: str) -> Way | None:
    return tx.ways.find(WAY.c.id == subscriber_id)


def _put(tx: Tx, way: Way, known: Way | None) -> None:
    if known:
        tx.ways.save(way)
    else:
        tx.ways.add(way)
