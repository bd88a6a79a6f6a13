"""Who asked for what, who therefore gets an alert, and why."""

import pytest
from builders import a_subscriber, a_subscription, an_alert
from hypothesis import given
from hypothesis import strategies as st

from alerts.domain.audience import (
    KINDS,
    Candidate,
    Standing,
    Subscription,
    check,
    edition_for,
    fits,
    refused,
    select,
    together,
)  # fmt: skip
from alerts.domain.errors import Invalid
from alerts.domain.labels import Label

READER = a_subscriber()
GOOD = Standing(confirmed=True, vetted=True)


def a_candidate(name="reader", language="en", standing=GOOD, *subscriptions):
    return Candidate(name, language, standing, subscriptions or (a_subscription(READER),))


def chosen(*asked):
    return [recipient for _, recipient, _ in select(*asked)]


@pytest.mark.parametrize(
    ("wants", "met"),
    [
        ({"countries": ("KG",)}, ("KG",)),
        ({"countries": ("KZ", "KG")}, ("KG",)),
        ({"countries": ("KZ",)}, None),
        ({"countries": (), "cases": ("KG-1", "KG-2")}, ("KG-1",)),
        ({"countries": (), "topics": ("trial", "torture")}, ("trial",)),
        ({"countries": ("KG",), "topics": ("torture",)}, None),
        ({"countries": ("KG",), "cases": ("KG-2",)}, None),
        ({"countries": ("KG",), "kinds": ("urgent", "update")}, ("KG", "urgent")),
        ({"countries": ("KG",), "kinds": ("reminder",)}, None),
        ({"countries": ("KG",), "cases": ("KG-1",), "kinds": ("urgent",)}, ("KG", "KG-1", "urgent")),
        ({"countries": ()}, ()),
    ],
)  # fmt: skip
def test_columns_are_anded_values_are_ored_and_empty_means_any(wants, met):
    assert fits(a_subscription(READER, **wants), an_alert(topics=("trial",)), "KG-1") == met


def test_an_alert_without_a_country_concerns_every_country():
    summit = an_alert(countries=(), topics=("summit",))
    assert fits(a_subscription(READER, countries=("KG", "KZ")), summit, "") == ("KG", "KZ")
    assert fits(a_subscription(READER, countries=("KG",), topics=("trial",)), summit, "") is None


def test_an_alert_without_a_case_meets_no_subscription_to_cases():
    assert fits(a_subscription(READER, countries=(), cases=("KG-1",)), an_alert(), "") is None


def test_one_mail_a_person_however_many_subscriptions_match():
    several = a_candidate(
        "r",
        "en",
        GOOD,
        a_subscription(READER),
        a_subscription(READER, countries=("KG",), kinds=("urgent",)),
        a_subscription(READER, countries=("KZ",)),
    )
    [recipient] = chosen(an_alert(), "KG-1", [several], ["en"])
    assert recipient.because == ("KG", "urgent")


@pytest.mark.parametrize(
    ("standing", "label", "why"),
    [
        (GOOD, Label.CLEAR, ""),
        (GOOD, Label.AMBER, ""),
        (GOOD, Label.RED, "only us"),
        (Standing(True, False), Label.GREEN, ""),
        (Standing(True, False), Label.AMBER, "not vetted for this label"),
        (Standing(False, True), Label.CLEAR, "not confirmed"),
        (Standing(True, True, "bounced"), Label.CLEAR, "bounced"),
        (Standing(True, True, left=True), Label.CLEAR, "left"),
        (None, Label.CLEAR, "erased"),
    ],
)
def test_whoever_must_not_be_written_to_is_left_out_with_the_reason(standing, label, why):
    assert refused(standing, label) == why
    if standing:
        assert bool(chosen(an_alert(label=label), "", [a_candidate("r", "en", standing)], ["en"])) == (why == "")


standings = st.builds(Standing, st.booleans(), st.booleans(), st.sampled_from(["", "bounced"]), st.booleans())


@given(st.lists(standings, max_size=8), st.sampled_from(list(Label)))
def test_red_goes_to_nobody_amber_to_the_vetted_and_nothing_to_the_unconfirmed(found, label):
    people = [a_candidate(str(n), "en", standing) for n, standing in enumerate(found)]
    these = [found[int(recipient.subscriber_id)] for recipient in chosen(an_alert(label=label), "", people, ["en"])]
    assert not (label is Label.RED and these)
    assert all(s.vetted for s in these) or label is not Label.AMBER
    assert all(s.confirmed and not s.left and not s.suppressed for s in these)


def test_nobody_is_left_out_for_a_language():
    people = [a_candidate("a", "ru"), a_candidate("b", "en"), a_candidate("c", "ky")]
    assert [r.language for r in chosen(an_alert(), "", people, ["ru", "en"])] == ["ru", "en", "ru"]
    assert edition_for("", ["en", "ru"]) == "en"


def test_a_subscription_to_nothing_is_refused():
    with pytest.raises(Invalid, match="subscribes to nothing"):
        check(a_subscription(READER, countries=(), kinds=("urgent",)))
    assert check(a_subscription(READER, countries=(), topics=("trial",)))


def test_an_unknown_kind_is_refused_with_those_there_are():
    with pytest.raises(Invalid, match=r"“digest” is no kind of alert: write urgent, reminder"):
        check(a_subscription(READER, countries=("KG",), kinds=("urgent", "digest")))
    assert check(a_subscription(READER, countries=("KG",), kinds=KINDS))


@pytest.mark.parametrize(
    ("wants", "shown"),
    [
        ([{"countries": ("KG",), "topics": ("torture",)}, {"countries": ("KZ",)}], (("KG", "KZ"), ())),
        ([{"countries": ("KG",)}, {"topics": ("torture",)}], (("KG",), ("torture",))),
        ([{"countries": ("KG",), "topics": ("torture",)}], (("KG",), ("torture",))),
    ],
)
def test_several_subscriptions_are_shown_as_one_that_asks_for_no_less(
    wants: list[dict[str, tuple[str, ...]]], shown: tuple[tuple[str, ...], ...]
) -> None:
    one = together([Subscription(str(n), "s", **what) for n, what in enumerate(wants)])
    assert (one.countries, one.topics) == shown
