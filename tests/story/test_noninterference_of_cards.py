"""A court card is for trusted readers: not a byte of what the others get depends on it, nor on there being one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import ANA, BEK, NOON, a_case, a_person, a_subscriber, a_subscription
from deliveries import reminded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from storydesk import StoryDesk

from alerts.domain import times
from alerts.domain.card import Card, dump
from alerts.domain.deadlines import Kind
from alerts.domain.messages import Own
from alerts.domain.relays import MAIN
from alerts.engine.writing import Writing
from alerts.services import courtcards, deadlines, delivering
from alerts.services.addressing import Work, address
from alerts.services.delivering import Holder

WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=3, max_size=40)
CARDS = st.builds(Card, address=WORDS, entrance=WORDS, room=WORDS, judge=WORDS, bring=WORDS, meet=WORDS, contact=WORDS)


@pytest.fixture
def work(desk: StoryDesk) -> Work:
    """A reminder to four readers, taken by a worker: trusted ones and others, who read the same edition."""
    case = a_case()
    people = [a_subscriber(f"reader{n}@mission.example", id=f"s{n}") for n in range(4)]
    people[1::2] = [replace(person, vetted_at=None, vetted_by=None) for person in people[1::2]]
    with desk.store.begin() as tx:
        tx.staff.add(ANA, BEK)
        tx.cases.add(case)
        tx.people.add(a_person(case)[0])
        tx.subscribers.add(*people)
        tx.subscriptions.add(*(a_subscription(person) for person in people))
    hearing = times.at("2030-01-20 10:00", "Asia/Bishkek")
    date = deadlines.enter(desk.store, "KG-1", Kind.HEARING, hearing, by=BEK, now=NOON)
    courtcards.write(desk.store, date.id, Card(meet="whoever"), by=ANA, now=NOON)
    with desk.store.begin() as tx:
        reminded(tx, desk.queue, desk.languages, date.id, "T-14d", NOON)
    [work] = delivering.turn(desk.store, desk.app.settings, Holder("0a1b2c3d"), [], [None], {MAIN}, NOON)
    return work


def mails(desk: StoryDesk, work: Work, writing: Writing) -> dict[str, bytes]:
    """What goes over the wire to each, by id."""
    work.mails.clear()
    work.readings.clear()
    address(desk.store, desk.app.settings, work, NOON, {})
    return {mail.reader.id: wire(work, writing, mail.cohort, work.own(mail)) for mail in work.mails}


def wire(work: Work, writing: Writing, cohort: int, own: Own) -> bytes:
    return writing.filled(work, cohort, own, eight=True).fill(own)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(card=CARDS)
def test_no_word_of_a_court_card_moves_a_byte_of_what_the_others_read(desk: StoryDesk, work: Work, card: Card) -> None:
    writing = Writing(desk.app, desk.app.email)  # one that knows what it wrote before, as a worker's does
    with_card = work.alert
    assert with_card.notice
    work.alert = replace(with_card, notice=replace(with_card.notice, card=""))
    bare = mails(desk, work, writing)
    work.alert = with_card
    with desk.store.begin() as tx:
        [kept] = tx.cards.where()
        tx.cards.save(replace(kept, text=dump(card)))
    found = mails(desk, work, writing)
    assert all(found[id] == bare[id] for id in ("s1", "s3"))
    assert all(found[id] != bare[id] and b"X-TLP: TLP:AMBER" in found[id] for id in ("s0", "s2"))
    assert all(b"X-TLP: TLP:GREEN" in found[id] for id in ("s1", "s3"))
