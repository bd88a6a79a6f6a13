"""“Are you still the right reader?”: asked once a year and when a matter is over; silence is for staff to judge."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import ANA, BEK, DAY, HOUR, NOON, a_case, a_subscriber, a_subscription, an_alert, an_id
from deliveries import due_letters

from alerts.domain.errors import Conflict, Forbidden
from alerts.domain.letters import Kind
from alerts.domain.responses import Answer
from alerts.domain.stillreading import ask, silent
from alerts.services import letters, responding, stillreading, subscribers, subscribing
from alerts.services.links import Purpose, token
from alerts.store import quiet_readers

YEAR = 365 * DAY


def reader(store, wishes=None, **kw):
    person = a_subscriber(f"{an_id('reader')}@mission.example", **kw)
    with store.begin() as tx:
        tx.subscribers.add(person)
        tx.subscriptions.add(a_subscription(person, **(wishes or {})))
    return person


def now_of(store, person):
    with store.read() as tx:
        return tx.subscribers.get(person.id)


def asked(store, now):
    """Whom the letters that wait would go to."""
    return [(one.kind, one.subscriber_id) for one in due_letters(store, now, 1000)]


@pytest.mark.parametrize(
    ("heard", "before", "closed", "now", "expected"),
    [
        (NOON, None, None, NOON + YEAR - HOUR, False),
        (NOON, None, None, NOON + YEAR, True),
        (NOON, NOON + 200 * DAY, None, NOON + YEAR, False),
        (NOON, NOON + 200 * DAY, None, NOON + YEAR + 200 * DAY, True),
        (NOON, None, NOON + DAY, NOON + 90 * DAY, False),
        (NOON, None, NOON + DAY, NOON + 91 * DAY, True),
        (NOON + 2 * DAY, None, NOON + DAY, NOON + 91 * DAY, False),
        (NOON, NOON + 91 * DAY, NOON + DAY, NOON + 92 * DAY, False),
    ],
)
def test_a_reader_is_asked_a_year_after_their_last_word_and_90_days_after_their_last_case(
    heard, before, closed, now, expected
):
    assert ask(heard, before, closed, now) is expected


def test_silence_begins_with_a_question_and_any_word_ends_it():
    assert silent(None, NOON, NOON + 180 * DAY)
    assert not silent(None, NOON, NOON + 179 * DAY)
    assert not silent(NOON + DAY, NOON, NOON + 180 * DAY)
    assert not silent(None, None, NOON + 10 * YEAR)


def test_once_a_year_each_reader_gets_one_letter(store, queue):
    jan = reader(store)
    reader(store, confirmed_at=None)
    reader(store, left_at=NOON)
    reader(store, suppressed_at=NOON)
    assert stillreading.ask(store, queue, NOON + YEAR - HOUR) == 0
    assert stillreading.ask(store, queue, NOON + YEAR) == 1
    assert stillreading.ask(store, queue, NOON + YEAR) == stillreading.ask(store, queue, NOON + YEAR + 30 * DAY) == 0
    assert asked(store, NOON + YEAR) == [(Kind.STILL_READING, jan.id)]
    assert now_of(store, jan).asked_at == NOON + YEAR
    assert stillreading.ask(store, queue, NOON + 2 * YEAR) == 1


def test_the_letter_names_what_they_follow_and_leads_to_their_choices(store, queue):
    reader(store)
    stillreading.ask(store, queue, NOON + YEAR)
    (letter,) = due_letters(store, NOON + YEAR, 10)
    mail = letters.letter_mail(store, store.vault, "https://desk.example", letter, NOON + YEAR)
    assert mail.details["countries"] == "KG" and "/preferences/" in mail.link


def test_at_most_200_are_asked_an_hour(store, queue, monkeypatch):
    monkeypatch.setattr(stillreading, "MOST", 3)
    for _ in range(5):
        reader(store)
    assert stillreading.ask(store, queue, NOON + YEAR) == 3
    assert stillreading.ask(store, queue, NOON + YEAR) == 0
    assert stillreading.ask(store, queue, NOON + YEAR + HOUR) == 2


def test_who_followed_nothing_but_cases_is_asked_90_days_after_the_last_was_closed(store, queue):
    closed = NOON + 10 * DAY
    with store.begin() as tx:
        tx.cases.add(
            a_case("KG-1", closed_at=NOON + DAY), a_case("KG-2", closed_at=closed), a_case("KG-3"), a_case("KG-22")
        )
    both = reader(store, {"countries": (), "cases": ("kg-1", "KG-2")})
    for other in ({"cases": ("KG-2", "KG-3")}, {"cases": ("KG-22",)}, {"countries": ("KG",)}):
        reader(store, {"countries": (), **other})
    spoke = reader(store, {"countries": (), "cases": ("KG-2",)}, heard_at=closed + DAY)
    assert stillreading.ask(store, queue, closed + 90 * DAY - HOUR) == 0
    assert stillreading.ask(store, queue, closed + 90 * DAY) == 1
    assert asked(store, closed + 90 * DAY) == [(Kind.STILL_READING, both.id)]
    assert stillreading.ask(store, queue, closed + 120 * DAY) == 0
    assert now_of(store, spoke).asked_at is None


def change(store, queue, jan, now):
    subscribing.change(store, token(store.vault, Purpose.PREFERENCES, jan.id, now), {"cadence": "daily"}, now)


def still(store, queue, jan, now):
    subscribing.still(store, token(store.vault, Purpose.PREFERENCES, jan.id, now), now)


def answer(store, queue, jan, now):
    alert = an_alert(reference="7KQ4")
    with store.begin() as tx:
        tx.alerts.add(alert)
    responding.answer(
        store, token(store.vault, Purpose.ANSWER, f"{jan.id}-{alert.id}", now), Answer.YES, "", now, queue
    )


def keep(store, queue, jan, now):
    stillreading.keep(store, jan.email, by=BEK, now=now)


@pytest.mark.parametrize("word", [change, still, answer, keep])
def test_any_word_of_theirs_counts_for_a_year(store, queue, word):
    jan = reader(store)
    stillreading.ask(store, queue, NOON + YEAR)
    word(store, queue, jan, NOON + YEAR + DAY)
    assert now_of(store, jan).heard_at == NOON + YEAR + DAY
    with store.read() as tx:
        assert quiet_readers.count(tx, NOON + YEAR + 200 * DAY) == 0
    assert stillreading.ask(store, queue, NOON + 2 * YEAR) == 0
    assert stillreading.ask(store, queue, NOON + 2 * YEAR + DAY) == 1


def test_nobody_who_is_silent_is_dropped_but_by_staff(store, queue):
    jan, dan = reader(store), reader(store)
    stillreading.ask(store, queue, NOON + YEAR)
    later = NOON + YEAR + 180 * DAY
    with store.read() as tx:
        assert {one.id for one in quiet_readers.silent(tx, later, 10)} == {jan.id, dan.id}
        assert quiet_readers.count(tx, later - HOUR) == 0
    stillreading.keep(store, jan.email, by=BEK, now=later)
    subscribers.suppress(store, dan.email, "silent since we asked", by=BEK, now=later)
    with store.read() as tx:
        assert quiet_readers.count(tx, later) == 0
    assert replace(now_of(store, jan), heard_at=None, asked_at=None) == jan


def test_only_an_approver_keeps_a_reader_and_only_one_who_is_here(store):
    jan, gone = reader(store), reader(store, left_at=NOON)
    with pytest.raises(Forbidden):
        stillreading.keep(store, jan.email, by=ANA, now=NOON)
    with pytest.raises(Conflict, match="nothing to keep"):
        stillreading.keep(store, gone.email, by=BEK, now=NOON)
