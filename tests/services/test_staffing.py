"""Staff come in by a link that works once, and sign in; nobody learns who works here from what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import ANA, CLEO, NOON

from alerts.domain.errors import Forbidden, Invalid, NotFound
from alerts.domain.staff import Role
from alerts.services import staffing
from alerts.store import Store

PASSWORD = "a short sentence is best"
MINUTE = timedelta(minutes=1)


def joined(store: Store, email: str = "dan@desk.example") -> str:
    _, secret = staffing.add(store, email, Role.AUTHOR, now=NOON)
    staffing.accept(store, secret, PASSWORD, NOON)
    return email


def test_an_invitation_works_once(store: Store) -> None:
    staff, secret = staffing.add(store, "Dan@Desk.example", Role.AUTHOR, now=NOON, name="Dan")
    assert staffing.invited(store, secret, NOON).id == staff.id
    staffing.accept(store, secret, PASSWORD, NOON)
    with pytest.raises(NotFound):
        staffing.accept(store, secret, PASSWORD, NOON)
    found = staffing.find(store, "dan@desk.example")
    assert (found.name, found.role, found.invitation) == ("Dan", Role.AUTHOR, "")
    assert secret not in found.password


def test_an_invitation_is_over_after_a_day(store: Store) -> None:
    _, secret = staffing.add(store, "dan@desk.example", Role.AUTHOR, now=NOON)
    with pytest.raises(NotFound):
        staffing.accept(store, secret, PASSWORD, NOON + timedelta(hours=24))


def test_an_address_that_is_here_gets_a_new_invitation_and_the_role(store: Store) -> None:
    _, old = staffing.add(store, "dan@desk.example", Role.AUTHOR, now=NOON)
    staff, new = staffing.add(store, "DAN@desk.example", Role.APPROVER, now=NOON)
    with pytest.raises(NotFound):
        staffing.accept(store, old, PASSWORD, NOON)
    staffing.accept(store, new, PASSWORD, NOON)
    assert staffing.find(store, "dan@desk.example").role is Role.APPROVER
    assert len([one for one in staffing.everyone(store) if one.id == staff.id]) == 1


def test_a_short_password_is_refused_and_the_invitation_stays(store: Store) -> None:
    _, secret = staffing.add(store, "dan@desk.example", Role.AUTHOR, now=NOON)
    with pytest.raises(Invalid):
        staffing.accept(store, secret, "too short", NOON)
    staffing.accept(store, secret, PASSWORD, NOON)


def test_who_signs_in_is_known_by_the_cookie_until_they_sign_out(store: Store) -> None:
    secret = staffing.sign_in(store, joined(store), PASSWORD, NOON)
    found = staffing.signed_in(store, secret, NOON + MINUTE)
    assert found and found.email == "dan@desk.example"
    staffing.sign_out(store, secret)
    assert staffing.signed_in(store, secret, NOON + MINUTE) is None


def test_the_cookie_itself_is_stored_nowhere(store: Store) -> None:
    secret = staffing.sign_in(store, joined(store), PASSWORD, NOON)
    with store.read() as tx:
        assert all(secret not in session.id for session in tx.sessions.where())


def test_a_session_ends_after_half_an_hour_of_silence_and_after_twelve_hours(store: Store) -> None:
    secret = staffing.offer(store, ANA.id, NOON)
    for quarter in range(1, 48):
        assert staffing.signed_in(store, secret, NOON + quarter * timedelta(minutes=15)) is not None
    assert staffing.signed_in(store, secret, NOON + timedelta(hours=12)) is None
    silent = staffing.offer(store, ANA.id, NOON)
    assert staffing.signed_in(store, silent, NOON + timedelta(minutes=30)) is None


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(store: Store) -> None:
    said = set()
    for email in (joined(store), "nobody@desk.example", ANA.email):
        with pytest.raises(Forbidden) as refused:
            staffing.sign_in(store, email, "not the password", NOON)
        said.add(str(refused.value))
    assert len(said) == 1


def test_after_five_failures_an_address_waits_a_minute_and_no_other_does(store: Store) -> None:
    email = joined(store)
    other = joined(store, "eve@desk.example")
    for _ in range(5):
        with pytest.raises(Forbidden, match="wrong"):
            staffing.sign_in(store, email, "not the password", NOON)
    with pytest.raises(Forbidden, match="wait a minute"):
        staffing.sign_in(store, email.upper(), PASSWORD, NOON)
    assert staffing.sign_in(store, other, PASSWORD, NOON)
    assert staffing.sign_in(store, email, PASSWORD, NOON + MINUTE)


def test_who_is_disabled_is_out_at_once_and_cannot_come_back(store: Store) -> None:
    email = joined(store)
    secret = staffing.sign_in(store, email, PASSWORD, NOON)
    staffing.disable(store, email, by=CLEO, now=NOON)
    assert staffing.signed_in(store, secret, NOON) is None
    with pytest.raises(Forbidden):
        staffing.sign_in(store, email, PASSWORD, NOON)


def test_choosing_a_new_password_ends_every_session(store: Store) -> None:
    email = joined(store)
    secret = staffing.sign_in(store, email, PASSWORD, NOON)
    _, again = staffing.add(store, email, Role.AUTHOR, now=NOON)
    staffing.accept(store, again, "another short sentence", NOON)
    assert staffing.signed_in(store, secret, NOON) is None


def test_only_an_admin_adds_or_disables_staff(store: Store) -> None:
    with pytest.raises(Forbidden):
        staffing.add(store, "dan@desk.example", Role.ADMIN, now=NOON, by=ANA)
    with pytest.raises(Forbidden):
        staffing.disable(store, CLEO.email, by=ANA, now=NOON)
    with pytest.raises(Invalid):
        staffing.disable(store, CLEO.email, by=CLEO, now=NOON)


def test_an_unknown_address_is_named_in_the_refusal(store: Store) -> None:
    with pytest.raises(NotFound, match=r"There is no staff member x@y\.example\."):
        staffing.find(store, "x@y.example")


def test_every_life_verb_is_in_the_audit_log(store: Store) -> None:
    email = joined(store)
    staffing.sign_in(store, email, PASSWORD, NOON)
    staffing.disable(store, email, by=CLEO, now=NOON)
    with store.read() as tx:
        verbs = [entry.verb for entry in tx.audit.entries()]
        assert tx.audit.broken_at() is None
    assert verbs == ["staff invited", "invitation accepted", "staff signed in", "staff disabled"]
