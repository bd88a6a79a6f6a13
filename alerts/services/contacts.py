"""Lawyer and family of a case: who they are, when we last heard of them, and forgetting them once it is over."""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from alerts.domain import contacts
from alerts.domain.contacts import KEPT, Contact, ContactRole
from alerts.domain.errors import Conflict, Invalid
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant, zone_info
from alerts.services import casework
from alerts.services.addresses import address
from alerts.services.ids import new_id
from alerts.settings import countries
from alerts.store import Store, Tx
from alerts.store.dates import CONTACT, QUESTION
from alerts.store.tables import CASE, LETTER, PERSON


def add(
    store: Store, case_code: str, role: ContactRole, *, name: str, by: Staff, now: Instant, email: str = "",
    phone: str = "", language: str = "", zone: str = "", person_id: str | None = None,
) -> Contact:  # fmt: skip
    """From now on they are asked before each date of the case. Raises Forbidden, NotFound, Conflict, Invalid."""
    by.must_be(Role.AUTHOR, "add a contact")
    with store.begin() as tx:
        case = casework.find(tx, case_code)
        if case.closed_at:
            raise Conflict(f"The case {case.code} is closed: nobody is asked about it.")
        if person_id and not tx.people.count(PERSON.c.id == person_id, PERSON.c.case_id == case.id):
            raise Invalid("That person is not of this case.")
        place = countries().get(case.country)
        zone = zone.strip() or (place.zone if place else tx.zone)
        zone_info(zone)
        contact = Contact(
            new_id(now), case.id, role, name.strip(), address(email) if email.strip() else "", phone.strip(),
            language.strip() or "en", zone, person_id or None, now,
        )  # fmt: skip
        contacts.check(contact)
        tx.contacts.add(contact)
        tx.audit.add("contact added", contact.id, role.value, by=by, at=now)
    return contact


def end(store: Store, id: str, *, by: Staff, now: Instant) -> Contact:
    """Ask them no more: their links open nothing from now on, and they are forgotten after 30 days.

    Raises Forbidden, NotFound, Conflict.
    """
    by.must_be(Role.AUTHOR, "end a contact")
    with store.begin() as tx:
        contact = tx.contacts.get(id)
        if not contact.here:
            raise Conflict("They are asked no more already.")
        ended = replace(contact, ended_at=now)
        tx.contacts.save(ended)
        tx.audit.add("contact ended", id, by=by, at=now)
    return ended


def of_case(tx: Tx, case_id: str) -> list[Contact]:
    """Those who may be asked about it, the lawyer first."""
    return contacts.lawyers_first(tx.contacts.where(CONTACT.c.case_id == case_id, CONTACT.c.ended_at.is_(None)))


def listing(store: Store, case_code: str | None = None) -> list[tuple[str, Contact]]:
    """Everybody of one case, or of all, with the code of their case; also those whose part is over. Raises NotFound."""
    with store.read() as tx:
        wanted = [CONTACT.c.case_id == casework.find(tx, case_code).id] if case_code else []
        codes = {case.id: case.code for case in tx.cases.where()}
        return [(codes[one.case_id], one) for one in tx.contacts.where(*wanted, by=[CONTACT.c.case_id, CONTACT.c.id])]


def last_seen(tx: Tx, case_id: str) -> Instant | None:
    """When somebody of this case, the lawyer or the family, last said that they saw the person themselves."""
    return _latest(tx, CONTACT.c.seen_at, case_id)


def last_heard(tx: Tx, case_id: str) -> Instant | None:
    """When somebody of this case last told us anything."""
    return _latest(tx, CONTACT.c.last_heard_at, case_id)


def heard(tx: Tx, id: str, now: Instant, *, seen: bool) -> None:
    """They have told us something, and perhaps that they saw the person."""
    tx.contacts.update(CONTACT.c.id == id, last_heard_at=now, **({"seen_at": now} if seen else {}))


def forget(store: Store, now: Instant) -> int:
    """Erase those whose part, or whose case, was over 30 days ago, with all that they told us. Answers how many."""
    with store.begin() as tx:
        closed = sa.select(CASE.c.id).where(CASE.c.closed_at <= now - KEPT)
        gone = sa.or_(CONTACT.c.ended_at <= now - KEPT, CONTACT.c.case_id.in_(closed))
        ids = list(tx.conn.execute(sa.select(CONTACT.c.id).where(gone).order_by(CONTACT.c.id)).scalars())
        if not ids:
            return 0
        tx.letters.delete(LETTER.c.contact_id.in_(ids))
        tx.questions.delete(QUESTION.c.contact_id.in_(ids))
        tx.contacts.delete(CONTACT.c.id.in_(ids))
        tx.audit.add("contacts forgotten", "", str(len(ids)), by=None, at=now)
    return len(ids)


def _latest(tx: Tx, column: Any, case_id: str) -> Instant | None:
    found: Instant | None = tx.conn.execute(sa.select(sa.func.max(column)).where(CONTACT.c.case_id == case_id)).scalar()
    return found
