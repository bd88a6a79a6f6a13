"""Results into the ledger, many at once: what each database is told in its own words means the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import HOUR, NOON, an_alert

from alerts.domain.audience import BATCH as SIZE
from alerts.domain.audience import Recipient
from alerts.domain.delivery import Delivery, Result
from alerts.store import Store
from alerts.store.append import append
from alerts.store.tables import DELIVERY

A_MOMENT = NOON + timedelta(microseconds=123_456)


@pytest.fixture
def no(store: Store) -> int:
    """A batch to which results belong."""
    alert = an_alert()
    with store.begin() as tx:
        tx.alerts.add(alert)
        [no] = tx.ledger.add(alert, [[Recipient(f"s{n}", "en") for n in range(SIZE)]])
    return no


def appends(store: Store, *ends: Delivery) -> None:
    with store.begin() as tx:
        append(tx.conn, ends)


def kept(store: Store) -> list[Delivery]:
    with store.read() as tx:
        return [Delivery(*row) for row in tx.conn.execute(DELIVERY.select().order_by(DELIVERY.c.n))]


@pytest.mark.parametrize("result", Result)
def test_every_result_comes_back_as_it_was_with_its_time_to_the_microsecond(
    store: Store, no: int, result: Result
) -> None:
    end = Delivery(no, 7, result, "250 2.0.0 “ok”, it's queued as 4f\t%s ? :x", A_MOMENT)
    appends(store, end)
    assert kept(store) == [end]


def test_a_batch_goes_in_at_once_and_each_keeps_its_own_time(store: Store, no: int) -> None:
    ends = [Delivery(no, n, Result.SENT, f"as {n}", A_MOMENT + n * timedelta(microseconds=1)) for n in range(SIZE)]
    appends(store, *ends)
    assert kept(store) == ends


def test_a_whole_second_and_a_part_of_one_are_kept_alike(store: Store, no: int) -> None:
    """On SQLite a time is text of one width: without that “12:00:00” would stand after “12:00:00.000001”."""
    appends(store, Delivery(no, 0, Result.SENT, "", A_MOMENT), Delivery(no, 1, Result.SENT, "", NOON))
    with store.read() as tx:
        rows = tx.conn.execute(DELIVERY.select().where(DELIVERY.c.at < A_MOMENT)).all()
        assert [row.n for row in rows] == [1]
        assert tx.conn.execute(DELIVERY.select().order_by(DELIVERY.c.at)).first().n == 1


def test_a_recipient_that_has_a_result_keeps_the_first(store: Store, no: int) -> None:
    first = Delivery(no, 0, Result.SENT, "first", NOON)
    appends(store, first)
    second = Delivery(no, 1, Result.REJECTED, "550 5.1.1", NOON)
    appends(store, Delivery(no, 0, Result.REJECTED, "later", NOON + HOUR), second)
    assert kept(store) == [first, second]


def test_of_two_results_in_one_statement_the_first_is_kept(store: Store, no: int) -> None:
    appends(store, Delivery(no, 0, Result.SENT, "first", NOON), Delivery(no, 0, Result.UNKNOWN, "second", NOON))
    assert [end.reason for end in kept(store)] == ["first"]


def test_a_result_without_a_time_stays_without(store: Store, no: int) -> None:
    appends(store, Delivery(no, 0, Result.SENT))
    assert kept(store) == [Delivery(no, 0, Result.SENT)]


def test_what_is_appended_in_a_transaction_that_fails_is_not_there(store: Store, no: int) -> None:
    with pytest.raises(ZeroDivisionError), store.begin() as tx:
        append(tx.conn, [Delivery(no, 0, Result.SENT, "", NOON)])
        1 / 0  # noqa: B018
    assert kept(store) == []
