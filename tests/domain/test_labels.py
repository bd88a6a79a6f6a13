"""What may we say, and to whom."""

from datetime import UTC, datetime

import pytest

from alerts.domain.cases import Case, Fact, Person, may_name, may_say, widest
from alerts.domain.errors import Invalid
from alerts.domain.labels import Answer, Label, label, labels, strictest

CLEAR, GREEN, AMBER, RED = Label
NOW = datetime(2030, 1, 1, tzinfo=UTC)


def a_case(answer: Answer | None) -> Case:
    return Case("c", "KG-1", "KG", answer=answer)


def test_labels_stand_from_the_widest_to_the_narrowest():
    assert [CLEAR, GREEN, AMBER, RED] == [Label.CLEAR, Label.GREEN, Label.AMBER, Label.RED]
    assert [found.strictness for found in Label] == [0, 1, 2, 3]


@pytest.mark.parametrize("ours", Label)
@pytest.mark.parametrize("audience", Label)
def test_a_text_carries_only_what_is_as_wide_as_its_readers(ours, audience):
    order = ["clear", "green", "amber", "red"]
    assert ours.allows(audience) == (order.index(ours) <= order.index(audience))


@pytest.mark.parametrize(
    ("answer", "facts", "names"),
    [
        (None, AMBER, RED),
        (Answer.ONLY_US, RED, RED),
        (Answer.TRUSTED_NO_NAME, AMBER, RED),
        (Answer.TRUSTED_NAME, AMBER, AMBER),
        (Answer.ALL_SUBSCRIBERS, GREEN, GREEN),
        (Answer.EVERYONE, CLEAR, CLEAR),
    ],
)
def test_each_answer_sets_the_labels_of_facts_and_names(answer, facts, names):
    assert labels(answer) == (facts, names)
    assert (a_case(answer).fact_label, a_case(answer).name_label) == (facts, names)


def test_nobody_agreed_to_anything_until_somebody_was_asked():
    assert widest(a_case(None)) is None
    assert widest(a_case(Answer.EVERYONE)) is CLEAR
    assert widest(None) is None


@pytest.mark.parametrize("answer", [None, *Answer])
@pytest.mark.parametrize("audience", [CLEAR, GREEN, AMBER])
def test_relatives_and_the_sensitive_are_named_to_nobody_whatever_the_answer(answer, audience):
    people = [Person("p", "c", 0, "Sister", role="relative"), Person("q", "c", 1, "Witness", sensitive=True)]
    assert may_name(a_case(answer), people, audience) == []


@pytest.mark.parametrize("answer", [None, *Answer])
@pytest.mark.parametrize("audience", Label)
def test_a_text_is_built_from_what_its_readers_may_have_and_nothing_else(answer, audience):
    case = a_case(answer)
    facts = [Fact(str(n), "c", n, "said", label=own) for n, own in enumerate([None, *Label])]
    facts.append(Fact("s", "c", 9, "sensitive", label=CLEAR, sensitive=True))
    said = may_say(case, facts, audience)
    assert said == [fact for fact in facts if fact.carries(case).strictness <= audience.strictness]
    assert (facts[-1] in said) == (audience is RED)


def test_contradicted_claims_stay_with_us():
    facts = [Fact("1", "c", 0, "at noon"), Fact("2", "c", 1, "at dusk", contradicts="1"), Fact("3", "c", 2, "taken")]
    assert [fact.id for fact in may_say(a_case(Answer.EVERYONE), facts, CLEAR)] == ["3"]


def test_only_green_and_clear_have_numbers_that_strangers_may_count():
    assert [found for found in Label if found.public] == [CLEAR, GREEN]


def test_the_strictest_of_several_counts():
    assert strictest(GREEN, RED, CLEAR) is RED


def test_a_label_is_read_as_a_person_writes_it():
    assert label(" Amber ") is AMBER
    with pytest.raises(Invalid, match="red, amber, green or clear"):
        label("amber+strict")
