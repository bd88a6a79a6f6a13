"""A turn that fails leaves nothing behind: what was answered is recorded by the next one as if it were the first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import deliveries
import pytest
import sqlalchemy as sa
from builders import NOON, a_subscriber, a_subscription, an_alert, an_edition, an_id
from deliveries import SETTINGS

from alerts.domain.alerts import Alert
from alerts.domain.audience import Subscriber
from alerts.domain.delivery import Blocked, Outcome, Rejected, Retry, Sent
from alerts.domain.relays import MAIN, Relay
from alerts.queue.table import TableQueue
from alerts.services import alerting, delivering
from alerts.services.addressing import Settled, Work, address
from alerts.services.delivering import Answered, Holder
from alerts.services.issuing import Audience, issue
from alerts.store import Store, Unavailable
from alerts.store.tables import RELAY_USE, SUBSCRIBER

PARTS = ("sent", "retrying", "rejected", "unknown", "suppressed", "withdrawn", "pending")
QUOTA = Blocked("550 5.4.5 Daily user sending limit exceeded")


@pytest.fixture
def people(store: Store) -> list[Subscriber]:
    found = [a_subscriber(f"{an_id('reader')}@mission.example") for _ in range(8)]
    with store.begin() as tx:
        tx.subscribers.add(*found)
        tx.subscriptions.add(*(a_subscription(person) for person in found))
    return found


@pytest.fixture
def alert(store: Store, queue: TableQueue, people: list[Subscriber]) -> Alert:
    alert = an_alert()
    with store.begin() as tx:
        tx.alerts.add(alert)
        edition = an_edition(alert)
        tx.editions.add(edition)
        return issue(tx, queue, alert, Audience(tx, alert, [edition]), by=None, now=NOON)


def turn(store: Store, answered: list[Answered], wants: list[int | None]) -> list[Work]:
    return delivering.turn(store, SETTINGS, Holder("0a1b2c3d"), answered, wants, {MAIN}, NOON)


def takes(store: Store) -> tuple[Work, Settled]:
    [work] = turn(store, [], [None])
    return work, address(store, SETTINGS, work, NOON, {})


@contextmanager
def without(store: Store, table: str) -> Iterator[None]:
    def renames(name: str, to: str) -> None:
        with store.begin() as tx:
            tx.conn.execute(sa.text(f"ALTER TABLE {name} RENAME TO {to}"))

    renames(table, "away")
    yield
    renames("away", table)


def fails_and_works(store: Store, taken: tuple[Work, Settled], table: str, *outcomes: Outcome) -> None:
    """The database goes away in the middle of the turn; then the same is recorded."""
    work, settled = taken
    answers = [(mail.n, outcome) for mail, outcome in zip(work.mails, outcomes, strict=False)]
    work.given = sum(type(outcome) is not Blocked for outcome in outcomes)
    answered = Answered(work, [*settled, *answers], over=True)
    with without(store, table), pytest.raises(Unavailable):
        turn(store, [answered], [None])
    turn(store, [answered], [])


def tally(store: Store, alert: Alert) -> dict[str, int]:
    found = alerting.status(store, alert.id).tally
    counts = {part: getattr(found, part) for part in PARTS}
    assert sum(counts.values()) == found.audience
    return {part: count for part, count in counts.items() if count}


def test_who_was_not_reached_is_not_forgotten(store: Store, alert: Alert) -> None:
    """Seen to fail with a count that the failed turn had taken down already: four were pending for ever."""
    fails_and_works(store, takes(store), "relay_use", *[Sent()] * 4)
    assert tally(store, alert) == {"sent": 4, "pending": 4}
    assert len(deliveries.take(store).mails) == 4  # type: ignore[union-attr]


def test_who_must_not_be_written_to_is_recorded_all_the_same(
    store: Store, alert: Alert, people: list[Subscriber]
) -> None:
    """Seen to fail with ends that were forgotten with the turn that failed."""
    with store.begin() as tx:
        tx.subscribers.update(SUBSCRIBER.c.id.in_([who.id for who in people[:2]]), left_at=NOON)
    fails_and_works(store, takes(store), "relay_use", Sent(), Retry("451"), Rejected("550 5.1.1"))
    assert tally(store, alert) == {"sent": 1, "retrying": 1, "rejected": 1, "suppressed": 2, "pending": 3}
    with store.read() as tx:
        assert tx.bounces.count() == 1


def test_what_was_handed_over_is_counted_once(store: Store, alert: Alert) -> None:
    with store.begin() as tx:
        tx.relays.add(Relay(MAIN, daily=500, added_at=NOON))
    fails_and_works(store, takes(store), "relay_use", *[Sent()] * 3)
    with store.read() as tx:
        assert [use.taken for use in tx.uses.where(RELAY_USE.c.relay_id == MAIN)] == [3]


def test_a_relay_that_refused_us_rests(store: Store, alert: Alert) -> None:
    """Seen to fail with a refusal that the failed turn had noted already."""
    fails_and_works(store, takes(store), "relay_use", Sent(), QUOTA)
    assert tally(store, alert) == {"sent": 1, "pending": 7}
    assert (deliveries.relay(store).blocks, deliveries.relay(store).reason) == (1, QUOTA.reason)
    assert deliveries.take(store) is None


def test_a_batch_that_is_let_go_of_before_it_was_addressed_waits_for_the_next(store: Store, alert: Alert) -> None:
    """Seen to fail with a batch that nobody had read yet and that counted as done."""
    [work] = turn(store, [], [None])
    turn(store, [Answered(work, over=True)], [])
    assert tally(store, alert) == {"pending": 8}
    assert len(deliveries.take(store).mails) == 8  # type: ignore[union-attr]
