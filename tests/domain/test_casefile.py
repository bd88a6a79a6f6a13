"""A case file is read as text, keeps every date as vague as it is, and names every line that it refuses."""

from __future__ import annotations

from datetime import date
from itertools import count

import pytest

from alerts.domain.casefile import CaseFile, parse
from alerts.domain.cases import Wish
from alerts.domain.labels import Answer, Label
from alerts.domain.refusals import Refused
from alerts.domain.times import Precision
from alerts.services.caseyaml import read
from alerts.settings import countries

SMALL = "cases:\n  - code: KG-1\n    country: KG\n"


def parsed(text: str) -> CaseFile:
    numbers = count(1)
    return parse(read(text), countries(), lambda: f"id{next(numbers)}")


def refusals(text: str) -> list[str]:
    return [str(refusal) for refusal in parsed(text).refusals]


def test_only_code_and_country_are_required() -> None:
    [one] = parsed(SMALL).cases
    assert (one.case.code, one.case.country, one.case.answer, one.line) == ("KG-1", "KG", None, 2)
    assert refusals("cases:\n  - court: Osh\n") == ["line 2: a case needs “code”", "line 2: a case needs “country”"]


def test_values_are_text_so_norway_is_no_and_half_past_ten_a_time() -> None:
    [one] = parsed(
        "cases:\n  - code: NO-1\n    country: NO\n    events:\n      - {kind: hearing, date: 2026-12-01 10:30}\n"
    ).cases
    when = one.facts[0].when
    assert one.case.country == "NO"
    assert when and (when.zone, when.wall.isoformat(), when.precision) == (
        "Europe/Oslo", "2026-12-01T10:30:00", Precision.MINUTE,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "precision", "first", "last", "claim"),
    [
        ("2010-09-15", Precision.DAY, date(2010, 9, 15), date(2010, 9, 15), ""),
        ("2010-06", Precision.MONTH, date(2010, 6, 1), date(2010, 6, 30), ""),
        ("2006", Precision.YEAR, date(2006, 1, 1), date(2006, 12, 31), ""),
        (
            "{text: mid-May 2010, from: 2010-05-10, to: 2010-05-20}",
            Precision.SPAN, date(2010, 5, 10), date(2010, 5, 20), "mid-May 2010",
        ),
    ],
)  # fmt: skip
def test_a_date_stays_as_vague_as_it_was_written(
    written: str, precision: Precision, first: date, last: date, claim: str
) -> None:
    [one] = parsed(f"{SMALL}    events:\n      - {{kind: verdict, date: {written}}}\n").cases
    [fact] = one.facts
    assert fact.when and (fact.when.precision, fact.when.first, fact.when.last) == (precision, first, last)
    assert fact.claim == claim


def test_a_date_that_is_only_words_is_a_claim_and_no_day_is_made_up() -> None:
    [one] = parsed(f"{SMALL}    events:\n      - {{kind: flight, date: {{text: only days before}}}}\n").cases
    assert (one.facts[0].when, one.facts[0].claim) == (None, "only days before")


def test_a_fact_says_in_words_what_stands_in_other_keys() -> None:
    text = "      - {kind: status_changed, from: witness, to: suspect, text: not told}\n"
    text += "      - {kind: hearing_postponed, until: sine die, reason: an expert study}\n"
    text += "      - {kind: verdict, outcome: four years, note: 9}\n"
    text += "      - {kind: review_refused, body: Supreme Court, note: [17, 18]}\n"
    [one] = parsed(f"source: S\n{SMALL}    events:\n{text}").cases
    assert [fact.text for fact in one.facts] == [
        "status changed from witness to suspect: not told", "hearing postponed sine die (an expert study)",
        "verdict: four years", "review refused by Supreme Court",
    ]  # fmt: skip
    assert [fact.source for fact in one.facts] == ["S", "S", "S, note 9", "S, notes 17 and 18"]


def test_a_public_file_may_be_told_to_everyone_and_needs_its_source() -> None:
    [one] = parsed(f"public: true\nsource: A statement\n{SMALL}").cases
    assert (one.case.answer, one.case.agreed_by, one.case.source) == (
        Answer.EVERYONE, "public statement", "A statement",
    )  # fmt: skip
    assert refusals(f"public: true\n{SMALL}") == ["line 1: public: a public file needs its “source”"]


def test_relatives_are_red_even_in_a_public_file_and_a_description_is_no_name_form() -> None:
    people = "    people:\n      - {name: two sons, role: relative}\n      - {name: Aida Sample, forms: [Аида Сампл]}\n"
    [one] = parsed(f"public: yes\nsource: S\n{SMALL}{people}").cases
    assert [person.label(one.case) for person in one.people] == [Label.RED, Label.CLEAR]
    assert [form.form for form in one.forms] == ["Aida Sample", "Аида Сампл"]


def test_an_answer_needs_who_agreed_to_it() -> None:
    assert refusals(f"{SMALL}    answer: everyone\n") == ["line 4: answer: needs “agreed_by”: who agreed to it"]


def test_what_is_wanted_is_kept() -> None:
    [one] = parsed(f"{SMALL}    wanted: {{publicity: no, missions: yes}}\n").cases
    assert (one.case.publicity, one.case.missions, one.case.visits) == (Wish.NO, Wish.YES, Wish.ASK)


def test_everything_wrong_is_told_at_once_with_line_and_field() -> None:
    text = f"{SMALL}    colour: red\n    events:\n      - {{kind: verdict, date: 2010-02-30}}\n"
    text += "  - code: X\n    country: XX\n"
    text += "  - {code: KG-2, country: KG}\n  - {code: KG-2, country: KG}\n"
    found = refusals(text)
    assert found[0].startswith("line 4: a case has no “colour”; it may have code, country, people")
    assert found[1:] == [
        "line 6: date: 2010-02-30 does not exist",
        "line 8: country: “XX” is not a country: write its two letters, as KG",
        "line 10: code: KG-2 stands here twice, first in line 9",
    ]
    assert [one.case.code for one in parsed(text).cases] == ["KG-2"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: &x 1\nb: *x", "line 1: “&x” (an anchor) is not read here: leave it out"),
        ("a: 1\nb: *x", "line 2: “*x” (an alias) is not read here: write the value out"),
        ("a: !!python/object:os.system x", "line 1: a tag (“!…”) is not read here: every value is text"),
        ("a: 1\n<<: {b: 2}", "line 2: “<<” (merging) is not read here: write the values out"),
        ("a: 1\na: 2", "line 2: “a” stands here twice, first in line 1"),
        ("a: 1\n---\nb: 2", "line 2: a second document begins here: a file holds one"),
        ("[" * 5000, "line 1: this is nested too deeply"),
        ("ok: 1\nbad: [", "line 2: this is not YAML: expected the node content, but found '<stream end>'"),
        ("a: 1\nb: \x00", "line 2: this is not YAML: it holds a control character"),
        ("", "line 1: the file is empty"),
    ],
)
def test_yaml_that_would_mean_more_than_it_says_is_refused_with_its_line(text: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        read(text)
    assert str(refused.value) == reason


def test_a_file_without_cases_says_so() -> None:
    assert refusals("countries: [KG]\n") == ["line 1: the file has no cases"]
    assert refusals("- a\n") == ["line 1: a case file is a mapping of names to values, not a list"]
