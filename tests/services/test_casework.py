"""Cases come in whole or not at all, are answered for, and grow by facts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import ANA, BEK, NOON

from alerts.domain.cases import Wish
from alerts.domain.errors import Conflict, Forbidden, Invalid, NotFound
from alerts.domain.labels import Answer, Label
from alerts.domain.refusals import Refused
from alerts.domain.staff import Role
from alerts.services import casework, importing
from alerts.settings import resource
from alerts.store import Store

FILE = """
cases:
  - code: KG-1
    country: KG
    people: [{name: Aida Sample, forms: [Аида Сампл]}]
    events: [{kind: arrest, date: 2029-12, text: taken from her home}]
    notes: her lawyer's number is with Ana
    asks: [let her lawyer in]
asks: {KG: [release her], OSCE: [send an observer]}
addressees: [{country: KG, office: Prosecutor General, salutations: {en: "Dear Prosecutor General,"}}]
"""


def test_a_file_is_taken_whole(store: Store) -> None:
    done = importing.cases(store, FILE, by=ANA, now=NOON)
    assert (done.cases, done.people, done.facts, done.asks) == (1, 1, 1, 3)
    file = casework.file(store, "KG-1")
    [person] = file.people
    assert [form.form for form in file.forms[person.id]] == ["Aida Sample", "Аида Сампл"]
    assert [fact.text for fact in file.facts] == ["taken from her home"]
    assert file.facts[0].event_id == file.events[0].id
    assert [ask.text for ask in file.asks] == ["let her lawyer in", "release her"]
    assert [addressee.office for addressee in file.addressees] == ["Prosecutor General"]
    assert file.case.notes == "her lawyer's number is with Ana"
    assert (file.deadlines, file.alerts) == ([], [])


def test_the_examples_are_taken(store: Store) -> None:
    for name in ("central-asia-2010.yaml", "fictional-case.yaml"):
        importing.cases(store, resource(f"config/examples/{name}").read_text(encoding="utf-8"), by=ANA, now=NOON)
    assert len(casework.listing(store)) == 12
    assert len(casework.file(store, "KG-ASKAROV").asks) == 4


def test_a_code_that_is_here_is_refused_with_its_line_and_nothing_is_taken(store: Store) -> None:
    importing.cases(store, FILE, by=ANA, now=NOON)
    both = "cases:\n  - {code: KG-2, country: KG}\n  - {code: KG-1, country: KG}\n"
    with pytest.raises(Refused, match="line 3: there is a case KG-1 already"):
        importing.cases(store, both, by=ANA, now=NOON)
    assert [case.code for case in casework.listing(store)] == ["KG-1"]
    done = importing.cases(store, both, by=ANA, now=NOON, partial=True)
    assert (done.cases, [str(refusal) for refusal in done.refusals]) == (1, ["line 3: there is a case KG-1 already"])


def test_the_same_ask_and_addressee_are_not_taken_twice(store: Store) -> None:
    importing.cases(store, FILE, by=ANA, now=NOON)
    importing.cases(store, FILE.replace("KG-1", "KG-2").replace("release her", "protect her"), by=ANA, now=NOON)
    file = casework.file(store, "KG-2")
    assert [ask.text for ask in file.asks] == ["let her lawyer in", "release her", "protect her"]
    assert len(file.addressees) == 1


def test_an_auditor_may_not_import(store: Store) -> None:
    with pytest.raises(Forbidden):
        importing.cases(store, FILE, by=replace(ANA, role=Role.AUDITOR), now=NOON)


def test_what_may_be_said_needs_somebody_who_agreed(store: Store) -> None:
    importing.cases(store, FILE, by=ANA, now=NOON)
    with pytest.raises(Invalid):
        casework.say(store, "KG-1", Answer.EVERYONE, agreed_by=" ", by=ANA, now=NOON)
    casework.say(store, "KG-1", Answer.TRUSTED_NO_NAME, agreed_by="her sister", by=ANA, now=NOON)
    case = casework.get(store, "KG-1")
    assert (case.fact_label, case.name_label, case.agreed_by) == (Label.AMBER, Label.RED, "her sister")
    assert case.agreed_on == NOON.date()


def test_what_is_wanted_is_kept(store: Store) -> None:
    importing.cases(store, FILE, by=ANA, now=NOON)
    casework.wanted(store, "KG-1", publicity=Wish.NO, missions=Wish.YES, visits=Wish.ASK, by=ANA, now=NOON)
    assert casework.get(store, "KG-1").publicity is Wish.NO


def test_a_fact_is_added_with_its_date_as_vague_as_it_is(store: Store) -> None:
    importing.cases(store, FILE, by=ANA, now=NOON)
    casework.add_fact(store, "KG-1", "moved to Osh", date="2029-12-24 10:30", kind="transfer", by=ANA, now=NOON)
    casework.add_fact(
        store, "KG-1", "fell ill", claim="after new year", first="2030-01-01", last="2030-01-05", by=ANA, now=NOON
    )
    casework.add_fact(store, "KG-1", "was beaten", claim="some days ago", by=ANA, now=NOON)
    file = casework.file(store, "KG-1")
    assert [event.kind for event in file.events] == ["arrest", "transfer"]
    assert [(fact.text, fact.when.precision if fact.when else fact.claim) for fact in file.facts[1:]] == [
        ("moved to Osh", "minute"), ("fell ill", "span"), ("was beaten", "some days ago"),
    ]  # fmt: skip
    with pytest.raises(Invalid):
        casework.add_fact(store, "KG-1", "x", date="2029-02-30", by=ANA, now=NOON)


def test_a_closed_case_takes_no_fact(store: Store) -> None:
    importing.cases(store, FILE, by=ANA, now=NOON)
    casework.close(store, "KG-1", by=BEK, now=NOON)
    with pytest.raises(Conflict):
        casework.add_fact(store, "KG-1", "more", by=ANA, now=NOON)
    with pytest.raises(Conflict):
        casework.close(store, "KG-1", by=BEK, now=NOON)


def test_an_unknown_code_is_named(store: Store) -> None:
    with pytest.raises(NotFound, match=r"There is no case KG-9\."):
        casework.file(store, "KG-9")


def test_the_audit_log_holds_no_names(store: Store) -> None:
    importing.cases(store, FILE, by=ANA, now=NOON)
    casework.say(store, "KG-1", Answer.EVERYONE, agreed_by="Aida Sample", by=ANA, now=NOON)
    with store.read() as tx:
        entries = [(entry.verb, entry.detail) for entry in tx.audit.entries()]
        assert tx.audit.broken_at() is None
    assert entries == [("cases imported", "1 cases, 1 facts, 3 asks"), ("case answered", "everyone")]
