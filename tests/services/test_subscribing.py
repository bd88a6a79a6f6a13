"""Readers ask, confirm, choose, leave and come back alone; staff import, vet and suppress; who left stays left."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from builders import ANA, BEK, NOON, a_subscriber, a_subscription, wanted
from deliveries import due_letters

from alerts.domain.alerts import Alert
from alerts.domain.alerts import Kind as AlertKind
from alerts.domain.audience import Subscriber
from alerts.domain.delivery import Blocked, Rejected, Retry, Sent
from alerts.domain.errors import Conflict, Forbidden, Invalid, NotFound
from alerts.domain.labels import Label
from alerts.domain.letters import Kind, Letter
from alerts.domain.refusals import Refusal, Refused
from alerts.domain.responses import Answer
from alerts.queue.table import TableQueue
from alerts.services import importing, responding, subscribers, subscribing
from alerts.services.links import Purpose, token
from alerts.store import Store

BASE = "https://desk.example"
JAN = "jan@mission.example"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HEADER = "email,name,organisation,kind,language,countries,cases,topics,kinds,cadence\n"


def has(store: Store, subscriber: Subscriber) -> Subscriber:
    with store.begin() as tx:
        tx.subscribers.add(subscriber)
        tx.subscriptions.add(a_subscription(subscriber))
    return subscriber


def found(store: Store, email: str = JAN) -> Subscriber:
    with store.read() as tx:
        return subscribers.find(tx, email)


def waiting(store: Store, now: datetime = NOON) -> list[Letter]:
    return due_letters(store, now, 100)


def link(store: Store, letter: Letter, now: datetime = NOON) -> str:
    """The token in the letter's link."""
    return subscribing.letter_mail(store, store.vault, BASE, letter, now).link.rpartition("/")[2]


def test_who_signs_up_confirms_by_the_letter_and_not_before(store: Store, queue: TableQueue) -> None:
    subscribing.sign_up(store, queue, {"email": JAN, "language": "ru", "countries": ["KG", "KZ"]}, NOON)
    [letter] = waiting(store)
    mail = subscribing.letter_mail(store, store.vault, BASE, letter, NOON)
    assert (letter.kind, mail.to, mail.language, mail.details["countries"]) == (Kind.CONFIRM, JAN, "ru", "KG;KZ")
    assert mail.link.startswith(f"{BASE}/confirm/")
    given = link(store, letter)
    subscribing.confirming(store, given, NOON)
    assert found(store).confirmed_at is None, "looking at the page confirms nothing"
    reader = subscribing.confirm(store, given, NOON)
    assert (found(store).confirmed_at, reader.subscription.countries) == (NOON, ("KG", "KZ"))
    subscribing.confirm(store, given, NOON + HOUR)
    assert found(store).confirmed_at == NOON, "once more changes nothing"


def test_a_form_that_makes_no_sense_is_refused(store: Store, queue: TableQueue) -> None:
    for values in (
        {"email": "a\r\nBcc: b@x.example", "countries": "KG"},
        {"email": JAN},
        {"email": JAN, "countries": "XX"},
    ):
        with pytest.raises(Invalid):
            subscribing.sign_up(store, queue, values, NOON)


def test_at_most_one_letter_an_hour_and_three_a_day_from_all_forms(store: Store, queue: TableQueue) -> None:
    for minutes in range(0, 24 * 60, 20):
        subscribing.sign_up(store, queue, wanted(JAN), NOON + timedelta(minutes=minutes))
        subscribing.ask_link(store, queue, JAN, NOON + timedelta(minutes=minutes + 1))
    assert len(waiting(store, NOON + DAY)) == 3


def test_a_known_reader_is_changed_by_nobody_else_and_gets_a_link(store: Store, queue: TableQueue) -> None:
    has(store, a_subscriber(JAN, name="Jan"))
    subscribing.sign_up(store, queue, wanted(JAN, name="Mallory", countries=("UZ",)), NOON)
    [letter] = waiting(store)
    assert letter.kind is Kind.PREFERENCES
    reader = subscribing.preferences(store, link(store, letter), NOON)
    assert (reader.subscriber.name, reader.subscription.countries) == ("Jan", ("KG",))


def test_unknown_and_suppressed_addresses_get_no_letter_but_the_same_answer(store: Store, queue: TableQueue) -> None:
    has(store, a_subscriber("sue@mission.example", suppressed_at=NOON, suppressed_why="asked by telephone"))
    subscribing.ask_link(store, queue, "nobody@mission.example", NOON)
    subscribing.ask_link(store, queue, "sue@mission.example", NOON)
    subscribing.sign_up(store, queue, wanted("sue@mission.example"), NOON)
    assert waiting(store) == []


def test_leaving_takes_one_click_and_an_old_confirmation_does_not_undo_it(store: Store, queue: TableQueue) -> None:
    subscribing.sign_up(store, queue, wanted(JAN), NOON)
    old = link(store, waiting(store)[0])
    subscribing.confirm(store, old, NOON)
    leave = subscribing.links(store.vault, BASE, found(store).id, "alert", "7KQ4", NOON)
    assert leave.one_click == f"{leave.leave}/now"
    subscribing.leave(store, leave.leave.rpartition("/")[2], NOON + HOUR, queue)
    assert found(store).left_at == NOON + HOUR
    with pytest.raises(NotFound):
        subscribing.confirm(store, old, NOON + 2 * HOUR)
    assert [letter.kind for letter in waiting(store, NOON + 2 * HOUR)][-1] is Kind.LEFT


def test_who_left_comes_back_by_signing_up_and_confirming_again(store: Store, queue: TableQueue) -> None:
    has(store, a_subscriber(JAN, left_at=NOON - DAY))
    subscribing.sign_up(store, queue, wanted(JAN), NOON)
    assert found(store).left_at, "the form alone revives nobody"
    subscribing.confirm(store, link(store, waiting(store)[0]), NOON)
    assert found(store).left_at is None


def test_leaving_can_be_undone_by_the_preferences_link(store: Store) -> None:
    jan = has(store, a_subscriber(JAN))
    subscribing.leave(store, token(store.vault, Purpose.LEAVE, jan.id, NOON), NOON)
    subscribing.stay(store, token(store.vault, Purpose.PREFERENCES, jan.id, NOON), NOON)
    assert found(store).left_at is None


def test_preferences_are_replaced_and_what_is_missing_stays(store: Store) -> None:
    jan = has(store, a_subscriber(JAN))
    given = token(store.vault, Purpose.PREFERENCES, jan.id, NOON)
    subscribing.change(
        store, given, {"language": "ru", "topics": "fair trial;torture", "email": "other@x.example"}, NOON
    )
    reader = subscribing.preferences(store, given, NOON)
    assert (reader.subscriber.email, reader.subscriber.language) == (JAN, "ru")
    assert (reader.subscription.countries, reader.subscription.topics) == (("KG",), ("fair trial", "torture"))
    with pytest.raises(Invalid, match="subscribes to nothing"):
        subscribing.change(store, given, {"countries": "", "topics": ""}, NOON)


def test_a_link_of_another_purpose_or_reader_or_time_is_refused_in_the_same_words(store: Store) -> None:
    jan = has(store, a_subscriber(JAN))
    leave = token(store.vault, Purpose.LEAVE, jan.id, NOON)
    preferences = token(store.vault, Purpose.PREFERENCES, jan.id, NOON, HOUR)
    said = set()
    for given, now in ((leave, NOON), (leave[:-1], NOON), ("", NOON), (preferences, NOON + 2 * HOUR), ("ж", NOON)):
        with pytest.raises(NotFound) as refused:
            subscribing.preferences(store, given, now)
        said.add(str(refused.value))
    assert len(said) == 1
    subscribing.leaving(store, leave, NOON + 1000 * DAY)


def test_an_import_asks_each_new_address_once_and_vouches_for_nobody(store: Store, queue: TableQueue) -> None:
    has(store, a_subscriber(JAN))
    rows = [wanted(JAN, countries=("UZ",)), wanted("new@mission.example")]
    done = subscribers.import_subscribers(store, rows, by=BEK, now=NOON, queue=queue)
    assert (done.added, done.updated, done.letters) == (1, 1, 1)
    assert [letter.kind for letter in waiting(store)] == [Kind.CONFIRM]
    assert found(store, "new@mission.example").confirmed_at is None
    assert {one.email: what.countries for one, what in subscribers.listing(store)}[JAN] == ("UZ",)


def test_a_vetted_import_confirms_and_vets_with_who_and_when_and_sends_nothing(store: Store, queue: TableQueue) -> None:
    steps: list[int] = []
    subscribers.import_subscribers(
        store, [wanted(JAN)], by=BEK, now=NOON, queue=queue, vetted=True, progress=steps.append
    )  # fmt: skip
    jan = found(store)
    assert (jan.confirmed_at, jan.vetted_at, jan.vetted_by) == (NOON, NOON, BEK.id)
    assert (waiting(store), steps) == ([], [1])


def test_an_import_never_revives_who_left_nor_writes_to_the_suppressed(store: Store, queue: TableQueue) -> None:
    has(store, a_subscriber(JAN, left_at=NOON, confirmed_at=None))
    has(store, a_subscriber("sue@mission.example", suppressed_at=NOON, suppressed_why="asked"))
    rows = [wanted("JAN@mission.example", countries=("UZ",)), wanted("sue@mission.example")]
    done = subscribers.import_subscribers(store, rows, by=BEK, now=NOON, queue=queue, vetted=True)
    assert (done.left, done.suppressed, done.updated) == (1, 1, 0)
    assert (found(store).left_at, found(store).confirmed_at) == (NOON, None)
    assert found(store, "sue@mission.example").suppressed_why == "asked"
    assert {one.email: what.countries for one, what in subscribers.listing(store)}[JAN] == ("KG",)


def test_an_import_is_all_or_nothing_unless_partial(store: Store, queue: TableQueue) -> None:
    text = f"{HEADER}{JAN},,,ngo,en,KG,,,,\nnobody,,,ngo,en,KG,,,,\n"
    with pytest.raises(Refused) as refused:
        importing.subscribers(store, queue, text, by=BEK, now=NOON)
    assert refused.value.refusals == (Refusal(3, "email: “nobody” is not a mail address"),)
    assert subscribers.listing(store) == []
    done = importing.subscribers(store, queue, text, by=BEK, now=NOON, partial=True)
    assert (done.added, len(done.refusals)) == (1, 1)


def test_an_author_may_not_import_vet_or_suppress(store: Store, queue: TableQueue) -> None:
    has(store, a_subscriber(JAN))
    with pytest.raises(Forbidden):
        subscribers.import_subscribers(store, [], by=ANA, now=NOON, queue=queue)
    with pytest.raises(Forbidden):
        subscribers.vet(store, JAN, by=ANA, now=NOON)
    with pytest.raises(Forbidden):
        subscribers.suppress(store, JAN, "x", by=ANA, now=NOON)


def test_staff_confirm_vet_and_suppress(store: Store) -> None:
    has(store, a_subscriber(JAN, confirmed_at=None, vetted_at=None, vetted_by=None))
    subscribers.confirm(store, JAN, by=BEK, now=NOON)
    subscribers.vet(store, "Jan@Mission.example", by=BEK, now=NOON)
    subscribers.suppress(store, JAN, "asked by\ntelephone", by=BEK, now=NOON)
    jan = found(store)
    assert (jan.confirmed_at, jan.vetted_by, jan.suppressed_why) == (NOON, BEK.id, "asked by telephone")
    with pytest.raises(Conflict):
        subscribers.vet(store, JAN, by=BEK, now=NOON)
    with pytest.raises(NotFound, match=r"There is no subscriber x@y\.example\."):
        subscribers.vet(store, "x@y.example", by=BEK, now=NOON)


def test_staff_cannot_bring_back_who_left(store: Store) -> None:
    has(store, a_subscriber(JAN, left_at=NOON, confirmed_at=None))
    with pytest.raises(Conflict):
        subscribers.confirm(store, JAN, by=BEK, now=NOON)


def test_a_letter_is_claimed_tried_again_and_ended(store: Store, queue: TableQueue) -> None:
    subscribing.sign_up(store, queue, wanted(JAN), NOON)
    [letter] = waiting(store)
    assert waiting(store) == [], "claimed"
    [letter] = waiting(store, NOON + timedelta(minutes=10))
    subscribing.letter_done(store, letter, Retry("greylisted"), NOON)
    [letter] = waiting(store, NOON + timedelta(minutes=1))
    assert letter.attempts == 1
    subscribing.letter_done(store, letter, Blocked("quota", NOON + HOUR), NOON)
    [letter] = waiting(store, NOON + HOUR)
    assert letter.attempts == 1, "a refusal of us counts no attempt"
    subscribing.letter_done(store, letter, Sent("250 ok"), NOON + HOUR)
    assert waiting(store, NOON + 90 * DAY) == []


def test_a_letter_is_given_up_after_72_hours_or_a_refusal(store: Store, queue: TableQueue) -> None:
    for email, outcome in ((JAN, Retry("busy")), ("bad@mission.example", Rejected("no such mailbox"))):
        subscribing.sign_up(store, queue, wanted(email), NOON)
        [letter] = waiting(store)
        subscribing.letter_done(store, letter, outcome, NOON + timedelta(hours=72))
    with store.read() as tx:
        assert {(letter.result, letter.reason) for letter in tx.letters.where()} == {
            ("rejected", "busy"), ("rejected", "no such mailbox"),
        }  # fmt: skip


def test_an_answer_is_recorded_and_a_later_one_replaces_it(store: Store) -> None:
    jan = has(store, a_subscriber(JAN))
    with store.begin() as tx:
        tx.alerts.add(Alert("alert1", AlertKind.URGENT, Label.GREEN, "alert1"))
    given = subscribing.links(store.vault, BASE, jan.id, "alert1", "7KQ4", NOON).answer.rpartition("/")[2]
    assert responding.asked(store, given, NOON).id == "alert1"
    responding.answer(store, given, Answer.CALL_ME, "after nine", NOON)
    subscribing.answer(store, given, Answer.YES, "I will attend", NOON + HOUR)
    with store.read() as tx:
        [response] = tx.responses.where()
    assert (response.subscriber_id, response.answer, response.text) == (jan.id, Answer.YES, "I will attend")


def test_the_audit_log_stays_whole_and_holds_no_address(store: Store, queue: TableQueue) -> None:
    subscribing.sign_up(store, queue, wanted(JAN), NOON)
    subscribing.confirm(store, link(store, waiting(store)[0]), NOON)
    subscribers.vet(store, JAN, by=BEK, now=NOON)
    subscribing.leave(store, token(store.vault, Purpose.LEAVE, found(store).id, NOON), NOON)
    with store.read() as tx:
        entries = list(tx.audit.entries())
        assert tx.audit.broken_at() is None
    assert [entry.verb for entry in entries] == ["subscriber confirmed", "subscriber vetted", "subscriber left"]
    assert all(JAN not in f"{entry.subject}{entry.detail}" for entry in entries)
