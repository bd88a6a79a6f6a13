"""Lawyer and family: added, listed, ended, forgotten; and what the database shows of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from builders import ANA, BEK, DANA, DAY, HOUR, NOON, a_case, a_person

from alerts.domain.confidants import ConfidantRole
from alerts.domain.errors import Conflict, Forbidden, Invalid, NotFound
from alerts.services import confidants
from alerts.store.dates import CONFIDANT, QUESTION
from alerts.store.tables import AUDIT


@pytest.fixture
def case(store):
    case = a_case()
    with store.begin() as tx:
        tx.cases.add(case, replace(a_case("KG-2"), id="another"))
        tx.people.add(a_person(case)[0])
    return case


def add(store, role=ConfidantRole.LAWYER, code="KG-1", by=ANA, now=NOON, **kw):
    given = {"name": "Nurlan Sample", "email": "nurlan@law.example", "phone": "+996 555 123456", "language": "ru"} | kw
    return confidants.add(store, code, role, by=by, now=now, **given)


def test_an_author_may_add_and_end_a_confidant_and_an_auditor_may_not(store, case):
    lawyer = add(store)
    assert lawyer.zone == "Asia/Bishkek"
    with pytest.raises(Forbidden):
        add(store, by=DANA)
    with pytest.raises(Forbidden):
        confidants.end(store, lawyer.id, by=DANA, now=NOON)
    confidants.end(store, lawyer.id, by=ANA, now=NOON + DAY)
    with pytest.raises(Conflict, match="no more already"):
        confidants.end(store, lawyer.id, by=ANA, now=NOON + DAY)
    with store.read() as tx:
        assert confidants.of_case(tx, case.id) == []


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"email": "", "phone": ""}, "telephone"), ({"email": "a@b@c"}, "not a mail address"), ({"name": " "}, "who"),
        ({"zone": "Asia/Atlantis"}, "time zone"), ({"phone": "0555 or ask"}, "no telephone"),
        ({"person_id": "somebody"}, "not of this case"),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence_and_keeps_nothing(store, case, given, why):
    with pytest.raises(Invalid, match=why):
        add(store, **given)
    assert confidants.listing(store) == []


def test_nobody_is_added_to_a_case_that_is_closed_or_not_there(store, case):
    with store.begin() as tx:
        tx.cases.save(replace(case, closed_at=NOON))
    with pytest.raises(Conflict, match="closed"):
        add(store)
    with pytest.raises(NotFound):
        add(store, code="KG-9")


def test_who_they_are_is_sealed_and_the_log_names_ids_only(store, case, tmp_path: Path):
    lawyer = add(store)
    confidants.end(store, lawyer.id, by=BEK, now=NOON)
    with store.read() as tx:
        raw = str(tx.conn.execute(sa.select(CONFIDANT)).all()) + str(tx.conn.execute(sa.select(AUDIT)).all())
    for word in ("Nurlan", "nurlan", "996"):
        assert word not in raw


def test_when_the_person_was_seen_last_is_asked_by_case(store, case):
    lawyer, sister = add(store), add(store, ConfidantRole.FAMILY)
    add(store, code="KG-2")
    with store.begin() as tx:
        assert (confidants.last_seen(tx, case.id), confidants.last_heard(tx, case.id)) == (None, None)
        confidants.heard(tx, lawyer.id, NOON, seen=True)
        confidants.heard(tx, sister.id, NOON + HOUR, seen=False)
        assert (confidants.last_seen(tx, case.id), confidants.last_heard(tx, case.id)) == (NOON, NOON + HOUR)
        assert confidants.last_seen(tx, "another") is None


def test_who_ended_or_whose_case_was_closed_is_forgotten_after_thirty_days(store, case):
    ended, stays, of_the_closed = add(store), add(store), add(store, code="KG-2")
    confidants.end(store, ended.id, by=ANA, now=NOON)
    with store.begin() as tx:
        tx.cases.save(replace(tx.cases.get("another"), closed_at=NOON))
    assert confidants.forget(store, NOON + 30 * DAY - HOUR) == 0
    assert confidants.forget(store, NOON + 30 * DAY) == 2
    assert [one.id for _, one in confidants.listing(store)] == [stays.id]
    assert of_the_closed.id != stays.id
    with store.read() as tx:
        assert tx.questions.count(QUESTION.c.confidant_id == ended.id) == 0
