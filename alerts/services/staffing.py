"""Who works here: invited by a link that works once, then by address and password."""

import hashlib
import secrets
import threading
from dataclasses import replace
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from alerts.domain.errors import Forbidden, Invalid, NotFound
from alerts.domain.staff import INVITATION_LASTS, LONGEST, Role, Session, Staff
from alerts.domain.times import Instant
from alerts.services import throttle
from alerts.services.addresses import address
from alerts.services.ids import new_id
from alerts.store import Store, Tx

SHORTEST, LONGEST_PASSWORD = 12, 1000
TOUCH_EVERY = timedelta(minutes=1)

HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
AT_ONCE = threading.BoundedSemaphore(2)
"""A hash takes 64 MiB and a tenth of a second: a crowd at the door must not take the memory of the desk."""

NOBODY = "$argon2id$v=19$m=65536,t=3,p=1$K2PgxH9vMLqK0n5kOeGzbA$9ee6pM0lXl9SPZ+QkPqvJ1y1PNBdQ0DvhPLQJ0Uh0kE"
"""What an unknown address's password is checked against, so that it takes as long as a known one's."""

WRONG = "The address or the password is wrong."


def find(desk: Store | Tx, email: str) -> Staff:
    """Raises NotFound."""
    if isinstance(desk, Store):
        with desk.read() as tx:
            return find(tx, email)
    found = desk.staff.find_by("email", email)
    if found is None:
        raise NotFound(f"There is no staff member {email.strip()}.")
    return found


def everyone(store: Store) -> list[Staff]:
    with store.read() as tx:
        return tx.staff.where(by=tx.staff.table.c.created_at)


def add(
    store: Store, email: str, role: Role, *, now: Instant, name: str = "", by: Staff | None = None
) -> tuple[Staff, str]:
    """A member of staff and the secret of their invitation, which lasts 24 hours and works once.

    For an address that is here already: a new invitation, with this role; who was disabled is back.
    `by` is None where the command line of the machine itself asks. Raises Invalid, Forbidden.
    """
    if by:
        by.must_be(Role.ADMIN, "add staff")
    email, secret = address(email), secrets.token_urlsafe(32)
    with store.begin() as tx:
        known = tx.staff.find_by("email", email)
        staff = known or Staff(new_id(now), email, email.partition("@")[0], role, created_at=now)
        staff = replace(
            staff, role=role, name=name.strip() or staff.name, disabled_at=None,
            invitation=_hash(secret), invited_until=now + INVITATION_LASTS,
        )  # fmt: skip
        if known:
            tx.staff.save(staff)
        else:
            tx.staff.add(staff)
        tx.audit.add("staff invited", staff.id, role, by=by, at=now)
    return staff, secret


def invited(store: Store, secret: str, now: Instant) -> Staff:
    """Whose invitation this is. Raises NotFound where it was used, is over, or never was."""
    with store.read() as tx:
        return _invited(tx, secret, now)


def accept(store: Store, secret: str, password: str, now: Instant) -> Staff:
    """Choose a password by an invitation: it is used up, and every session of before ends. Raises Invalid, NotFound."""
    invited(store, secret, now)
    if not SHORTEST <= len(password) <= LONGEST_PASSWORD:
        raise Invalid(f"The password needs at least {SHORTEST} letters; a short sentence is best.")
    with AT_ONCE:
        hashed = HASHER.hash(password)
    with store.begin() as tx:
        staff = replace(_invited(tx, secret, now), password=hashed, invitation="", invited_until=None)
        tx.staff.save(staff)
        tx.sessions.delete(tx.sessions.table.c.staff_id == staff.id)
        tx.audit.add("invitation accepted", staff.id, by=staff, at=now)
    return staff


def sign_in(store: Store, email: str, password: str, now: Instant) -> str:
    """The secret for the cookie. Raises Forbidden, in the same words and after the same time for whatever is wrong."""
    attempts, key = throttle.of(store), store.vault.index(email)
    if attempts.waits(key, now):
        raise Forbidden("Too many attempts for this address: wait a minute.")
    with store.read() as tx:
        staff = tx.staff.find_by("email", email)
    known = staff.password if staff and staff.password and staff.disabled_at is None else ""
    if not _fits(known or NOBODY, password) or not known or staff is None:
        attempts.failed(key, now)
        raise Forbidden(WRONG)
    attempts.forget(key)
    with store.begin() as tx:
        staff = tx.staff.get(staff.id)
        if staff.disabled_at is not None or staff.password != known:
            raise Forbidden(WRONG)
        return _session(tx, staff, "staff signed in", now)


def offer(store: Store, staff_id: str, now: Instant) -> str:
    """A session without a password, for the demo's sign-in by name; its caller makes sure that this is a demo."""
    with store.begin() as tx:
        return _session(tx, tx.staff.get(staff_id), "staff signed in by name", now)


def signed_in(store: Store, secret: str, now: Instant) -> Staff | None:
    """Who holds this cookie; None once the session is over or they were disabled."""
    with store.read() as tx:
        session = tx.sessions.find(tx.sessions.table.c.id == _hash(secret))
        if session is None or not session.alive(now):
            return None
        staff = tx.staff.get(session.staff_id)
    if staff.disabled_at is not None:
        return None
    if now - session.seen_at >= TOUCH_EVERY:  # not at every page: a page must not wait for a writer
        with store.begin() as tx:
            tx.sessions.update(tx.sessions.table.c.id == session.id, seen_at=now)
    return staff


def sign_out(store: Store, secret: str) -> None:
    """End this session, if there is one."""
    with store.begin() as tx:
        tx.sessions.delete(tx.sessions.table.c.id == _hash(secret))


def notices(store: Store, email: str, on: bool, *, by: Staff, now: Instant) -> Staff:
    """Whether they get letters when a relay refuses us or a storm of bounces comes. Raises NotFound, Forbidden."""
    by.must_be(Role.ADMIN, "set who is told by mail")
    with store.begin() as tx:
        staff = replace(find(tx, email), notices=on)
        tx.staff.save(staff)
        tx.audit.add("notices turned on" if on else "notices turned off", staff.id, by=by, at=now)
    return staff


def disable(store: Store, email: str, *, by: Staff | None, now: Instant) -> Staff:
    """They may do nothing here any more, from this moment on. Raises NotFound, Forbidden, Invalid (oneself)."""
    if by:
        by.must_be(Role.ADMIN, "disable staff")
    with store.begin() as tx:
        found = find(tx, email)
        if by and by.id == found.id:
            raise Invalid("Nobody disables themselves: ask another admin.")
        staff = replace(found, disabled_at=now, invitation="", invited_until=None)
        tx.staff.save(staff)
        tx.sessions.delete(tx.sessions.table.c.staff_id == staff.id)
        tx.audit.add("staff disabled", staff.id, by=by, at=now)
    return staff


def _invited(tx: Tx, secret: str, now: Instant) -> Staff:
    staff = tx.staff.find(tx.staff.table.c.invitation == _hash(secret))
    if staff is None or staff.disabled_at or staff.invited_until is None or now >= staff.invited_until:
        raise NotFound("This invitation was used or is over: ask for a new one (vigil staff add).")
    return staff


def _session(tx: Tx, staff: Staff, verb: str, now: Instant) -> str:
    secret = secrets.token_urlsafe(32)
    tx.sessions.delete(tx.sessions.table.c.created_at < now - LONGEST)
    tx.sessions.add(Session(_hash(secret), staff.id, now, now))
    tx.audit.add(verb, staff.id, by=staff, at=now)
    return secret


def _fits(hashed: str, password: str) -> bool:
    with AT_ONCE:
        try:
            return HASHER.verify(hashed, password[:LONGEST_PASSWORD])
        except (VerificationError, InvalidHashError):
            return False


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
