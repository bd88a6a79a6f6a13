"""The court card of a hearing: who writes it, who gets it, and which version."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import deliveries
import pytest
import sqlalchemy as sa
from builders import (
    ANA,
    BEK,
    DANA,
    DAY,
    HEARING,
    HOUR,
    NOON,
    a_case,
    a_subscriber,
    a_subscription,
    an_alert,
    an_edition,
)
from deliveries import SETTINGS, reminded

from alerts.domain.alerts import Alert, State
from alerts.domain.alerts import Kind as AlertKind
from alerts.domain.card import Card, Phones
from alerts.domain.cases import Wish
from alerts.domain.deadlines import Deadline, Kind
from alerts.domain.delivery import Sent
from alerts.domain.errors import Conflict, Forbidden, NotFound
from alerts.domain.labels import Answer, Label
from alerts.domain.messages import Reading
from alerts.domain.reach import Far
from alerts.domain.relays import MAIN
from alerts.domain.times import at
from alerts.queue.table import TableQueue
from alerts.services import courtcards, deadlines, delivering
from alerts.services.addressing import TOO_FAR, address
from alerts.services.delivering import Holder
from alerts.store import Store
from alerts.store.dates import CARD
from alerts.store.tables import ALERT, CASE, SUBSCRIBER

EN = ("en",)
YARD = Card(entrance="from the yard", room="4", phones=Phones.TAKEN)
STREET = Card(entrance="from the street")


@pytest.fixture
def hearing(store: Store) -> Deadline:
    case = a_case()
    with store.begin() as tx:
        tx.cases.add(case)
    return deadlines.enter(store, case.code, Kind.HEARING, HEARING, by=BEK, now=NOON, court="Pervomaisky court")


def readers(store: Store, **theirs: dict[str, object]) -> None:
    people = [a_subscriber(f"{name}@mission.example", name=name, **kw) for name, kw in theirs.items()]
    with store.begin() as tx:
        tx.subscribers.add(*people)
        tx.subscriptions.add(*(a_subscription(person) for person in people))


def reminds(store: Store, queue: TableQueue, hearing: Deadline, now=NOON, rung: str = "T-3d") -> Alert:
    with store.begin() as tx:
        return reminded(tx, queue, EN, hearing.id, rung, now)


def sent(store: Store, now=NOON) -> dict[str, Reading | str]:
    """What each reader is sent now, by name; or why not."""
    found: dict[str, Reading | str] = {}
    for work in delivering.turn(store, SETTINGS, Holder("0a1b2c3d"), [], [None], {MAIN}, now):
        settled = address(store, SETTINGS, work, now, {})
        with store.read() as tx:
            names = {one.id: one.name for one in tx.subscribers.where()}
        found |= {names[work.batch.recipients[n].subscriber_id]: ended.reason for n, ended in settled}
        found |= {names[mail.reader.id]: work.readings[mail.cohort] for mail in work.mails}
        deliveries.record(store, work, [*settled, *((mail.n, Sent()) for mail in work.mails)])
        deliveries.finish(store, work)
    return found


def card_of(read: Reading | str) -> Card | None:
    assert isinstance(read, Reading)
    return read.card.card if read.card else None


def away(read: Reading | str) -> Far | None:
    assert isinstance(read, Reading)
    return read.away


# who writes it


def test_a_card_is_read_as_it_was_written_last(store: Store, hearing: Deadline) -> None:
    assert courtcards.read(store, hearing.id) is None
    courtcards.write(store, hearing.id, YARD, by=ANA, now=NOON)
    courtcards.write(store, hearing.id, STREET, by=BEK, now=NOON + HOUR)
    found = courtcards.read(store, hearing.id)
    assert found and (found.card, found.written_by, found.revision) == (STREET, BEK.id, 1)


def test_what_cannot_be_kept_is_refused_and_leaves_nothing_behind(store: Store, hearing: Deadline) -> None:
    with pytest.raises(Conflict, match="The card is empty"):
        courtcards.write(store, hearing.id, Card(), by=ANA, now=NOON)
    courtcards.write(store, hearing.id, YARD, by=ANA, now=NOON)
    with pytest.raises(Conflict, match="says just that already"):
        courtcards.write(store, hearing.id, YARD, by=ANA, now=NOON)
    with pytest.raises(Forbidden):
        courtcards.write(store, hearing.id, STREET, by=DANA, now=NOON)
    for act in (
        lambda: courtcards.write(store, "nothing", YARD, by=ANA, now=NOON),
        lambda: courtcards.read(store, "x"),
    ):
        with pytest.raises(NotFound):
            act()
    deadlines.held(store, hearing.id, outcome="put off", by=ANA, now=NOON)
    with pytest.raises(Conflict, match="held already"):
        courtcards.write(store, hearing.id, STREET, by=ANA, now=NOON)
    with store.read() as tx:
        assert tx.cards.count() == 1


def test_nothing_of_a_card_lies_open_in_the_database_nor_in_the_audit_log(
    store: Store, queue: TableQueue, hearing: Deadline
) -> None:
    readers(store, jan={})
    courtcards.write(store, hearing.id, Card(meet="Canary at the yard door"), by=ANA, now=NOON)
    reminds(store, queue, hearing)
    with store.read() as tx:
        for table in ("card", "alert", "audit", "batch", "deadline", "edition"):
            rows = tx.conn.execute(sa.text(f'SELECT * FROM "{table}"')).all()
            assert rows and "Canary" not in str(
                [[bytes(v) if isinstance(v, memoryview) else v for v in r] for r in rows]
            )


# who gets it


def test_only_who_is_trusted_at_this_moment_gets_the_card(store: Store, queue: TableQueue, hearing: Deadline) -> None:
    readers(store, jan={}, eva={}, tom={"vetted_at": None, "vetted_by": None})
    courtcards.write(store, hearing.id, YARD, by=ANA, now=NOON)
    reminds(store, queue, hearing)
    with store.begin() as tx:  # between the issue and the mail
        [eva] = [one for one in tx.subscribers.where() if one.name == "eva"]
        tx.subscribers.update(SUBSCRIBER.c.id == eva.id, vetted_at=None, vetted_by=None)
    found = sent(store)
    assert {name: card_of(read) for name, read in found.items()} == {"jan": YARD, "eva": None, "tom": None}


@pytest.mark.parametrize("change", [{"answer": Answer.ONLY_US}, {"missions": Wish.NO}])
def test_a_case_that_forbids_it_meanwhile_keeps_the_card_back(
    store: Store, queue: TableQueue, hearing: Deadline, change: dict[str, object]
) -> None:
    readers(store, jan={})
    courtcards.write(store, hearing.id, YARD, by=ANA, now=NOON)
    reminds(store, queue, hearing)
    with store.begin() as tx:
        tx.cases.update(CASE.c.id == hearing.case_id, **change)
    assert card_of(sent(store)["jan"]) is None


def test_a_mail_has_the_card_as_it_was_when_it_was_issued_and_the_next_one_the_new_one(
    store: Store, queue: TableQueue, hearing: Deadline
) -> None:
    readers(store, jan={})
    courtcards.write(store, hearing.id, YARD, by=ANA, now=NOON)
    reminds(store, queue, hearing)
    courtcards.write(store, hearing.id, STREET, by=ANA, now=NOON)
    assert card_of(sent(store)["jan"]) == YARD
    reminds(store, queue, hearing, NOON + DAY, "T-1d")
    assert card_of(sent(store, NOON + DAY)["jan"]) == STREET
    courtcards.write(store, hearing.id, Card(), by=ANA, now=NOON + DAY)
    reminds(store, queue, hearing, NOON + 2 * DAY, "T-1d")
    assert card_of(sent(store, NOON + 2 * DAY)["jan"]) is None


def test_a_correction_has_the_card_and_says_for_which_date_it_was_written(
    store: Store, queue: TableQueue, hearing: Deadline
) -> None:
    readers(store, jan={})
    courtcards.write(store, hearing.id, YARD, by=ANA, now=NOON)
    reminds(store, queue, hearing)
    sent(store)
    later = at("2030-02-03 10:00", "Asia/Bishkek")
    deadlines.reschedule(store, queue, EN, hearing.id, later, reason="", by=BEK, now=NOON)
    read = sent(store)["jan"]
    assert card_of(read) == YARD and isinstance(read, Reading) and read.card
    assert (read.alert.kind, read.alert.revision, read.card.revision) == ("correction", 2, 1)


def test_a_card_that_was_damaged_does_not_keep_the_date_from_its_readers(
    store: Store, queue: TableQueue, hearing: Deadline
) -> None:
    readers(store, jan={})
    courtcards.write(store, hearing.id, YARD, by=ANA, now=NOON)
    reminds(store, queue, hearing)
    with store.begin() as tx:
        tx.conn.execute(sa.update(CARD).values(text=b"nonsense"))
    assert card_of(sent(store)["jan"]) is None


def test_a_month_after_the_hearing_its_cards_are_forgotten(store: Store, queue: TableQueue, hearing: Deadline) -> None:
    readers(store, jan={})
    courtcards.write(store, hearing.id, YARD, by=ANA, now=NOON)
    courtcards.write(store, hearing.id, STREET, by=ANA, now=NOON)
    over = HEARING.instant + 30 * DAY
    assert courtcards.forget(store, over - HOUR) == 0
    reminds(store, queue, hearing)
    assert (courtcards.forget(store, over), courtcards.forget(store, over)) == (2, 0)
    assert card_of(sent(store)["jan"]) is None and courtcards.read(store, hearing.id) is None


# who can still be there


def test_who_can_no_longer_be_there_is_asked_for_what_they_can_do(
    store: Store, queue: TableQueue, hearing: Deadline
) -> None:
    readers(store, near={"reach": "KG same day"}, far={"reach": "KG two days"}, silent={}, desk={"reach": "KG phone"})
    day_before = HEARING.instant - DAY
    reminds(store, queue, hearing, day_before, "T-1d")
    found = {name: away(read) for name, read in sent(store, day_before).items()}
    assert found == {"near": None, "far": Far.TWO_DAYS, "silent": None, "desk": Far.PHONE}


def test_a_reminder_by_the_hour_goes_to_those_who_can_follow_it(
    store: Store, queue: TableQueue, hearing: Deadline
) -> None:
    readers(store, near={"reach": "KG same day"}, far={"reach": "KG next day"}, silent={})
    now = HEARING.instant - 3 * HOUR
    reminds(store, queue, hearing, now, "T-3h")
    found = sent(store, now)
    assert found["far"] == TOO_FAR and away(found["near"]) is None and away(found["silent"]) is None


def test_a_correction_goes_to_everybody_who_had_the_date_however_far_away(
    store: Store, queue: TableQueue, hearing: Deadline
) -> None:
    readers(store, near={"reach": "KG same day"}, far={"reach": "KG two days"})
    reminds(store, queue, hearing)
    sent(store)
    moved, now = at("2030-01-20 10:00", "Asia/Bishkek"), at("2030-01-20 06:00", "Asia/Bishkek").instant
    deadlines.reschedule(store, queue, EN, hearing.id, moved, reason="", by=BEK, now=now)
    assert {name: away(read) for name, read in sent(store, now).items()} == {"near": None, "far": Far.TWO_DAYS}


def test_who_slept_is_looked_at_again_when_the_mail_goes(store: Store, queue: TableQueue, hearing: Deadline) -> None:
    """A day away when it was issued is too far once their night is over."""
    readers(store, jan={"reach": "KG next day"})
    issued = HEARING.instant - timedelta(hours=23)
    reminds(store, queue, hearing, issued, "T-1d")
    assert away(sent(store, issued + timedelta(hours=8))["jan"]) is Far.NEXT_DAY


def test_what_is_not_attended_asks_nobody_whether_they_can_come(store: Store, queue: TableQueue) -> None:
    summit = deadlines.enter(store, None, Kind.SUMMIT, HEARING, by=BEK, now=NOON, title="A summit")
    with store.begin() as tx:
        jan = a_subscriber("jan@mission.example", name="jan", rungs="T-1h", reach="else two days")
        tx.subscribers.add(jan)
        tx.subscriptions.add(replace(a_subscription(jan), countries=("KG",)))
    alert = reminds(store, queue, summit, HEARING.instant - HOUR, "T-1h")
    with store.read() as tx:
        assert tx.alerts.count(ALERT.c.id == alert.id) == 1
    assert away(sent(store, HEARING.instant - HOUR)["jan"]) is None


# what happened since


@pytest.mark.parametrize(
    ("news", "told"),
    [
        ({}, ["Bishkek: lawyer taken – call today"]),
        ({"label": Label.AMBER}, []),  # not for all who read this reminder
        ({"state": State.WITHDRAWN}, []),
        ({"state": State.CORRECTED}, []),
        ({"published_at": NOON - DAY}, []),
        ({"case_id": None}, []),
    ],
)
def test_a_reminder_says_what_was_published_since_the_last_one(
    store: Store, queue: TableQueue, hearing: Deadline, news: dict[str, object], told: list[str]
) -> None:
    readers(store, jan={})
    reminds(store, queue, hearing)
    found = sent(store)["jan"]
    assert isinstance(found, Reading) and found.since == ()
    usual = {"case_id": hearing.case_id, "state": State.PUBLISHED, "published_at": NOON + HOUR}
    alert = an_alert(kind=AlertKind.UPDATE, **(usual | news))
    with store.begin() as tx:
        tx.alerts.add(alert)
        tx.editions.add(an_edition(alert))
    reminds(store, queue, hearing, NOON + DAY)
    found = sent(store, NOON + DAY)["jan"]
    assert isinstance(found, Reading) and [title for title, _ in found.since] == told
