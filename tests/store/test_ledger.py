"""Frozen batches, results that stay, and the few who are tried again."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from builders import HOUR, MINUTE, NOON, an_alert
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.domain.alerts import Kind
from alerts.domain.audience import Recipient
from alerts.domain.delivery import Again, Delivery, Result
from alerts.store import Store


def a_batch(store, *names, **kw):
    """An alert with one batch; answers the alert and the batch's number."""
    alert = an_alert(**kw)
    with store.begin() as tx:
        tx.alerts.add(alert)
        [no] = tx.ledger.add(alert, [[Recipient(name, "en", ("KG",)) for name in names or ("a", "b", "c", "d")]])
    return alert, no


def write(store, *results):
    with store.begin() as tx:
        tx.ledger.write(result for result in results)


def ends(no, n, result=Result.SENT, reason=""):
    return Delivery(no, n, result, reason, NOON)


def again(no, n, last="retry", at=NOON, attempts=1):
    return Again(no, n, attempts, NOON, at, last, "451")


def tally(store, alert):
    with store.read() as tx:
        return tx.ledger.tally(alert.id)


def test_recipients_come_back_as_they_were_frozen(store):
    _, no = a_batch(store, "x", "y")
    with store.begin() as tx:
        batch = tx.ledger.take("mine")
    assert (batch.no, batch.token) == (no, "mine")
    assert batch.recipients == (Recipient("x", "en", ("KG",)), Recipient("y", "en", ("KG",)))


def test_batches_are_numbered_in_the_order_in_which_they_were_made(store):
    alert = an_alert()
    with store.begin() as tx:
        tx.alerts.add(alert)
        numbers = tx.ledger.add(alert, [[Recipient("a", "en")], [Recipient("b", "en")]])
        assert tx.ledger.add(alert, []) == []
    assert numbers == sorted(numbers)


def test_a_result_is_written_once(store):
    alert, no = a_batch(store)
    write(store, ends(no, 0))
    write(store, ends(no, 0, Result.REJECTED), ends(no, 1, Result.REJECTED))
    assert (tally(store, alert).sent, tally(store, alert).rejected) == (1, 1)


def test_an_end_forgets_the_try_and_a_try_is_written_over(store):
    alert, no = a_batch(store)
    write(store, again(no, 0), again(no, 1))
    write(store, again(no, 0, attempts=2), ends(no, 1))
    with store.read() as tx:
        assert tx.ledger.again(no) == {0: again(no, 0, attempts=2)}
        assert tx.ledger.ended(no) == {1}
    assert (tally(store, alert).sent, tally(store, alert).retrying, tally(store, alert).pending) == (1, 1, 2)


def test_the_next_batch_is_the_most_urgent_and_then_the_oldest(store):
    made = [
        a_batch(store, kind=kind)[1] for kind in (Kind.UPDATE, Kind.REMINDER, Kind.URGENT, Kind.WITHDRAWAL, Kind.URGENT)
    ]
    taken = []
    for n in range(6):
        with store.begin() as tx:
            batch = tx.ledger.take(f"token {n}")
            taken.append(batch and batch.no)
    assert taken == [made[3], made[2], made[4], made[1], made[0], None]


def test_a_newer_issue_waits_until_nobody_is_sent_the_older(store):
    _, old = a_batch(store, id="first", thread="first")
    _, new = a_batch(store, id="second", thread="first", ordinal=2, kind=Kind.CORRECTION)
    _, other = a_batch(store, kind=Kind.UPDATE)
    with store.begin() as tx:
        assert tx.ledger.take("x").no == old
        assert tx.ledger.take("y").no == other  # what has nothing to do with it does not wait
        assert tx.ledger.take("z") is None
        tx.ledger.leave(old, "x", open=False)
        assert tx.ledger.take("z").no == new


def test_each_batch_is_claimed_by_one(store):
    made = sorted(a_batch(store)[1] for _ in range(12))
    claimed, stores = [], [Store(store.url, store.vault) for _ in range(4)]  # as four processes

    def claim(own):
        while True:
            with own.begin() as tx:
                batch = tx.ledger.take(f"token {threading.get_ident()}")
            if batch is None:
                return
            claimed.append(batch.no)

    threads = [threading.Thread(target=claim, args=(own,)) for own in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for own in stores:
        own.close()
    assert sorted(claimed) == made


def test_only_the_holder_lets_go(store):
    _, no = a_batch(store)
    with store.begin() as tx:
        tx.ledger.take("mine")
        tx.ledger.leave(no, "another's", open=False)
        assert tx.ledger.holds(no, "mine")
        assert not tx.ledger.holds(no, "another's")
        tx.ledger.leave(no, "mine", open=True)
        assert tx.ledger.take("next").no == no


def test_what_is_due_opens_again_and_what_is_not_stays(store):
    _, due = a_batch(store)
    _, later = a_batch(store)
    with store.begin() as tx:
        for token in ("1", "2"):
            tx.ledger.leave(tx.ledger.take(token).no, token, open=False)
    write(store, again(due, 0, at=NOON + MINUTE), again(due, 1, at=NOON + HOUR), again(later, 0, at=NOON + HOUR))
    with store.begin() as tx:
        assert tx.ledger.reopen(NOON) == 0
        assert tx.ledger.reopen(NOON + MINUTE) == 1
        assert tx.ledger.take("x").no == due
        assert tx.ledger.take("y") is None


def test_withdrawing_ends_who_waits_and_leaves_who_may_have_it_or_is_being_sent_to(store):
    alert, waiting = a_batch(store)
    with store.begin() as tx:
        [held] = tx.ledger.add(alert, [[Recipient(name, "en") for name in "efgh"]])
    write(store, ends(waiting, 0), again(waiting, 1, "unknown"), again(waiting, 2))
    with store.begin() as tx:
        tx.conn.exec_driver_sql(f"UPDATE batch SET token = 'x' WHERE no = {held}")
        tx.ledger.withdraw_unsent([alert.id], "overtaken", NOON)
    found = tally(store, alert)
    assert (found.sent, found.unknown, found.withdrawn, found.retrying, found.pending) == (1, 1, 2, 0, 4)
    with store.read() as tx:
        assert tx.ledger.busy(alert.id)
        assert set(tx.ledger.holders([alert.id])) == {"a", "b", "e", "f", "g", "h"}


@pytest.mark.parametrize(
    ("results", "holders"),
    [
        ([], set()),
        ([(Result.SENT, 0), (Result.UNKNOWN, 1), (Result.REJECTED, 2), (Result.SUPPRESSED, 3)], {"a", "b"}),
        ([(Result.WITHDRAWN, 0), ("unknown", 1), ("retry", 2), ("blocked", 3)], {"b"}),
    ],
)
def test_who_has_or_may_have_it(store, results, holders):
    alert, no = a_batch(store)
    write(store, *(ends(no, n, r) if isinstance(r, Result) else again(no, n, r) for r, n in results))
    with store.read() as tx:
        assert set(tx.ledger.holders([alert.id])) == holders
        assert tx.ledger.holders([]) == {}


steps = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([*Result, "retry", "unknown", "blocked"]), st.booleans()), max_size=25
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_the_audience_is_the_sum_of_the_rest_after_any_history(sqlite, history):
    alert, no = a_batch(sqlite)
    ended = set()
    for n, what, withdraws in history:
        if n not in ended:
            write(sqlite, ends(no, n, what) if isinstance(what, Result) else again(no, n, what))
            ended |= {n} if isinstance(what, Result) else set()
        if withdraws and len(history) > 20:
            with sqlite.begin() as tx:
                tx.ledger.withdraw_unsent([alert.id], "overtaken", NOON + timedelta(1))
            ended = {0, 1, 2, 3}
        found = tally(sqlite, alert)
        parts = (
            found.sent,
            found.retrying,
            found.rejected,
            found.unknown,
            found.suppressed,
            found.withdrawn,
            found.pending,
        )
        assert min(parts) >= 0
        assert sum(parts) == found.audience == 4
