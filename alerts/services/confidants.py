"""Lawyer and family of a case: who they are, when we last heard of them, and forgetting them once it is over."""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from alerts.domain import confidants
from alerts.domain.confidants import KEPT, Confidant, ConfidantRole
from alerts.domain.errors import Conflict, Invalid
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant, zone_info
from alerts.services import casework
from alerts.services.addresses import address
from alerts.services.ids import new_id
from alerts.settings import countries
from alerts.store import Store, Tx
from alerts.store.dates import CONFIDANT, QUESTION
from alerts.store.tables import CASE, LETTER, PERSON


def add(
    store: Store, case_code: str, role: ConfidantRole, *, name: str, by: Staff, now: Instant, email: str = "",
    phone: str = "", language: str = "", zone: str = "", person_id: str | None = None,
) -> Confidant:  # fmt: skip
    """From now on they are asked before each date of the case. Raises Forbidden, NotFound, Conflict, Invalid."""
    by.must_be(Role.AUTHOR, "add a confidant")
    with store.begin() as tx:
        case = casework.find(tx, case_code)
        if case.closed_at:
            raise Conflict(f"The case {case.code} is closed: nobody is asked about it.")
        if person_id and not tx.people.count(PERSON.c.id == person_id, PERSON.c.case_id == case.id):
            raise Invalid("That person is not of this case.")
        place = countries().get(case.country)
        zone = zone.strip() or (place.zone if place else tx.zone)
        zone_info(zone)
        confidant = Confidant(
            new_id(now), case.id, role, name.strip(), address(email) if email.strip() else "", phone.strip(),
            language.strip() or "en", zone, person_id or None, now,
        )  # fmt: skip
        confidants.check(confidant)
        tx.confidants.add(confidant)
        tx.audit.add("confidant added", confidant.id, role.value, by=by, at=now)
    return confidant


def end(store: Store, id: str, *, by: Staff, now: Instant) -> Confidant:
    """Ask them no more: their links open nothing from now on, and they are forgotten after 30 days.

    Raises Forbidden, NotFound, Conflict.
    """
    by.must_be(Role.AUTHOR, "end a confidant")
    with store.begin() as tx:
        confidant = tx.confidants.get(id)
        if not confidant.here:
            raise Conflict("They are asked no more already.")
        ended = replace(confidant, ended_at=now)
        tx.confidants.save(ended)
        tx.audit.add("confidant ended", id, by=by, at=now)
    return ended


def of_case(tx: Tx, case_id: str) -> list[Confidant]:
    """Those who may be asked about it, the lawyer first."""
    return confidants.lawyers_first(tx.confidants.where(CONFIDANT.c.case_id == case_id, CONFIDANT.c.ended_at.is_(None)))


def listing(store: Store, case_code: str | None = None) -> list[tuple[str, Confidant]]:
    """Everybody of one case, or of all, with the code of their case; also those whose part is over. Raises NotFound."""
    with store.read() as tx:
        wanted = [CONFIDANT.c.case_id == casework.find(tx, case_code).id] if case_code else []
        codes = {case.id: case.code for case in tx.cases.where()}
        return [
            (codes[one.case_id], one) for one in tx.confidants.where(*wanted, by=[CONFIDANT.c.case_id, CONFIDANT.c.id])
        ]


def last_seen(tx: Tx, case_id: str) -> Instant | None:
    """When somebody of this case, the lawyer or the family, last said that they saw the person themselves."""
    return _latest(tx, CONFIDANT.c.seen_at, case_id)


def last_heard(tx: Tx, case_id: str) -> Instant | None:
    """When somebody of this case last told us anything."""
    return _latest(tx, CONFIDANT.c.last_heard_at, case_id)


def heard(tx: Tx, id: str, now: Instant, *, seen: bool) -> None:
    """They have told us something, and perhaps that they saw the person."""
    tx.confidants.update(CONFIDANT.c.id == id, last_heard_at=now, **({"seen_at": now} if seen else {}))


def forget(store: Store, now: Instant) -> int:
    """Erase those whose part, or whose case, was over 30 days ago, with all that they told us. Answers how many."""
    with store.begin() as tx:
        closed = sa.select(CASE.c.id).where(CASE.c.closed_at <= now - KEPT)
        gone = sa.or_(CONFIDANT.c.ended_at <= now - KEPT, CONFIDANT.c.case_id.in_(closed))
        ids = list(tx.conn.execute(sa.select(CONFIDANT.c.id).where(gone).order_by(CONFIDANT.c.id)).scalars())
        if not ids:
            return 0
        tx.letters.delete(LETTER.c.confidant_id.in_(ids))
        tx.questions.delete(QUESTION.c.confidant_id.in_(ids))
        tx.confidants.delete(CONFIDANT.c.id.in_(ids))
        tx.audit.add("confidants forgotten", "", str(len(ids)), by=None, at=now)
    return len(ids)


def _latest(tx: Tx, column: Any, case_id: str) -> Instant | None:
    found: Instant | None = tx.conn.execute(
        sa.select(sa.func.max(column)).where(CONFIDANT.c.case_id == case_id)
    ).scalar()
    return found
