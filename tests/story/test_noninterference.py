"""What is RED changes nothing that others read: not a byte of any rendering, subject and headers included."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import ANA, BEK, NOON, a_case, a_fact, a_person, a_subscriber, a_subscription
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from storydesk import StoryDesk

from alerts.domain import times
from alerts.domain.alerts import Kind
from alerts.domain.deadlines import Kind as DeadlineKind
from alerts.domain.labels import Answer, Label
from alerts.services import alerting, calendars, deadlines
from alerts.services.renderings import reading
from alerts.store.dates import DEADLINE
from alerts.store.tables import CASE, FACT, PERSON

SECRETS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).filter(str.strip)


def bytes_of_everything(desk: StoryDesk) -> dict[tuple[str, str], bytes]:
    """Every alert in every language, to the byte."""
    found = {}
    with desk.store.read() as tx:
        for alert in tx.alerts.where():
            for edition in alerting.editions(tx, alert.id):
                read = reading(tx, alert, edition, edition.language)
                message = desk.app.render.message(read, id="same@desk.example", date=NOON)
                found[alert.kind.value, edition.language] = desk.app.email.compose("x@y.example", message)  # type: ignore[attr-defined]
        readers = tx.subscribers.where()
    for reader in readers:
        shown = calendars.looked_at(desk.store, reader.email, by=BEK, now=desk.now)
        found["calendar", reader.email] = desk.app.render.calendar(shown.entries, reader.language, reader.zone)
    return found


@pytest.fixture
def told(desk: StoryDesk) -> StoryDesk:
    """A case whose name is for nobody, with a relative, a RED fact, and an alert of every kind."""
    case, reader = a_case(answer=Answer.TRUSTED_NO_NAME), a_subscriber(calendar_names=True)
    ours, stranger = a_case("KG-2", answer=Answer.ONLY_US), a_subscriber("d@ngo.example", vetted_at=None)
    with desk.store.begin() as tx:
        tx.staff.add(ANA, BEK)
        tx.cases.add(case, ours)
        tx.people.add(a_person(case, "Aida Sample")[0], a_person(case, "Her sister", role="relative", position=1)[0])
        tx.facts.add(a_fact(case, label=Label.RED), a_fact(case, "Said to all.", position=1, label=Label.AMBER))
        tx.subscribers.add(reader, stranger)
        tx.subscriptions.add(a_subscription(reader), a_subscription(stranger))
    date = deadlines.enter(
        desk.store, "KG-1", DeadlineKind.HEARING, times.at("2030-01-20 10:00", "Asia/Bishkek"), by=BEK, now=NOON
    )
    secret = times.at("2030-01-25 09:00", "Asia/Bishkek")
    deadlines.enter(desk.store, "KG-2", DeadlineKind.HEARING, secret, by=BEK, now=NOON)
    desk.tick(NOON + timedelta(days=6))
    desk.drain()
    earlier = times.at("2030-01-15 10:00", "Asia/Bishkek")
    deadlines.reschedule(desk.store, desk.queue, desk.languages, date.id, earlier, reason="", by=BEK, now=desk.now)
    with desk.store.read() as tx:
        allowed = tx.facts.find(FACT.c.label == Label.AMBER)
    assert allowed
    text = alerting.Text("Bishkek: a lawyer was taken", "She was taken.", facts=(allowed.id,))
    first = alerting.draft(desk.store, "KG-1", text, language="en", by=ANA, now=desk.now)
    published(desk, first.id)
    update = alerting.follow(desk.store, first.id, Kind.UPDATE, "She was seen by a doctor.", by=ANA, now=desk.now)
    published(desk, update.id)
    alerting.withdraw(desk.store, desk.queue, desk.languages, update.id, by=BEK, now=desk.now)
    return desk


def published(desk: StoryDesk, id: str) -> None:
    alerting.submit(desk.store, id, by=ANA, now=desk.now)
    alerting.approve(desk.store, id, by=BEK, now=desk.now)
    alerting.publish(desk.store, desk.queue, id, by=ANA, now=desk.now)
    desk.drain()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=SECRETS, sister=SECRETS, claim=SECRETS)
def test_no_red_word_moves_a_byte_of_what_others_read(told: StoryDesk, name: str, sister: str, claim: str) -> None:
    before = bytes_of_everything(told)
    kinds = {"reminder", "correction", "urgent", "update", "withdrawal", "calendar"}
    assert {kind for kind, _ in before} == kinds
    assert b"text/calendar" in before["correction", "en"]
    assert [text.count(b"BEGIN:VEVENT") for (kind, _), text in before.items() if kind == "calendar"] == [2, 0]
    with told.store.begin() as tx:
        people = tx.people.where(by=PERSON.c.position)
        for person, secret in zip(people, (name, sister), strict=True):
            tx.people.save(replace(person, name=secret, organisation=secret, status=secret))
        red = tx.facts.find(FACT.c.label == Label.RED)
        assert red
        tx.facts.save(replace(red, text=claim, place=claim, source=claim))
        ours = tx.deadlines.find(DEADLINE.c.case_id == tx.cases.find(CASE.c.code == "KG-2").id)  # type: ignore[union-attr]
        assert ours
        tx.deadlines.save(replace(ours, title=claim, court=sister, revision=ours.revision + 1, reason=name))
    assert bytes_of_everything(told) == before
