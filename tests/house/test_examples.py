"""The files in config/examples import without a refusal, and say of real people what the statement says."""

from __future__ import annotations

from itertools import count

import pytest

from alerts.domain.audience import Cadence
from alerts.domain.casefile import CaseFile, parse
from alerts.domain.labels import Answer, Label
from alerts.domain.subscriberfile import parse as parse_subscribers
from alerts.services.addresses import address
from alerts.services.caseyaml import read
from alerts.settings import countries, resource


def example(name: str) -> CaseFile:
    numbers = count(1)
    text = resource(f"config/examples/{name}").read_text(encoding="utf-8")
    return parse(read(text), countries(), lambda: str(next(numbers)))


@pytest.mark.parametrize(("name", "cases"), [("central-asia-2010.yaml", 11), ("fictional-case.yaml", 1)])
def test_an_example_imports_without_refusal(name: str, cases: int) -> None:
    found = example(name)
    assert found.refusals == ()
    assert len(found.cases) == cases


def test_the_eleven_cases_are_public_with_their_source_and_never_fictional() -> None:
    found = example("central-asia-2010.yaml")
    for one in found.cases:
        assert one.case.answer is Answer.EVERYONE
        assert one.case.source.startswith("Human Rights Defenders in Central Asia. Statement by")
        assert not one.case.fictional
        assert all(fact.source for fact in one.facts)
    assert {ask.body for ask in found.asks} == {"OSCE", "KG", "KZ", "TM", "TJ", "UZ"}
    relatives = [person.label(one.case) for one in found.cases for person in one.people if person.role == "relative"]
    assert relatives == [Label.RED]


def test_no_day_is_made_up() -> None:
    days = [
        (one.case.code, fact.when.claim or fact.when.first.isoformat())
        for one in example("central-asia-2010.yaml").cases
        for fact in one.facts
        if fact.when and fact.when.precision in ("day", "minute", "span")
    ]
    assert days == [
        ("KG-ASKAROV", "2010-09-15"), ("KG-ISMAILOVA", "at the beginning of July 2010"),
        ("TJ-DZHURAEV", "mid-May 2010"),
    ]  # fmt: skip


def test_the_fictional_case_says_so_and_writes_to_nobody_real() -> None:
    found = example("fictional-case.yaml")
    assert all(one.case.fictional for one in found.cases)
    assert all(addressee.address.endswith(".example") for addressee in found.addressees)


def test_demo_subscribers_are_at_example_org_and_want_different_things() -> None:
    text = resource("config/examples/demo-subscribers.csv").read_text(encoding="utf-8")
    found, refusals = parse_subscribers(text.splitlines(keepends=True), countries(), address)
    assert refusals == []
    assert len(found) >= 12
    assert all(one.email.endswith(".example.org") for one in found)
    assert {one.language for one in found} == {"en", "ru", "fr"}
    assert {one.cadence for one in found} == {Cadence.IMMEDIATE}
    assert len({(one.countries, one.cases, one.topics, one.kinds) for one in found}) > 6
