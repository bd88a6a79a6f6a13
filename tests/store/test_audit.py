"""What people did here, in a chain that shows every later change to it."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
import sqlalchemy as sa
from builders import ANA, BEK, NOON

from alerts.store import Store
from alerts.store.tables import AUDIT, AUDIT_HEAD
from alerts.store.vault import Keys, Vault


def fill(store: Store, count: int = 12) -> None:
    for n in range(count):
        with store.begin() as tx:
            at = NOON + timedelta(seconds=n, microseconds=n)
            tx.audit.add(f"verb {n}", f"subject {n % 3}", f"detail {n}", by=[ANA, BEK, None][n % 3], at=at)


def broken(store: Store) -> int | None:
    with store.read() as tx:
        return tx.audit.broken_at()


def test_an_untouched_chain_is_whole(store):
    assert broken(store) is None
    fill(store)
    assert broken(store) is None
    with store.read() as tx:
        entries = list(tx.audit.entries())
    assert [entry.no for entry in entries] == list(range(1, 13))
    assert (entries[1].verb, entries[1].staff_id, entries[2].staff_id) == ("verb 1", "bek", None)


CHANGES = {
    "verb": "another verb", "subject": "another", "detail": "", "staff_id": "cleo",
    "at": NOON - timedelta(1), "hash": "0" * 64,
}  # fmt: skip


@pytest.mark.parametrize("column", CHANGES)
def test_an_edited_entry_is_found_where_it_stands(store, column):
    fill(store)
    with store.begin() as tx:
        tx.conn.execute(sa.update(AUDIT).where(AUDIT.c.no == 5).values({column: CHANGES[column]}))
    assert broken(store) == 5


def test_a_microsecond_is_a_change(store):
    fill(store)
    with store.begin() as tx:
        at = tx.conn.execute(sa.select(AUDIT.c.at).where(AUDIT.c.no == 5)).scalar_one()
        tx.conn.execute(sa.update(AUDIT).where(AUDIT.c.no == 5).values(at=at + timedelta(microseconds=1)))
    assert broken(store) == 5


def test_words_moved_from_one_field_to_the_next_are_found(store):
    with store.begin() as tx:
        tx.audit.add("alert", "approved", "x", by=ANA, at=NOON)
    with store.begin() as tx:
        tx.conn.execute(sa.update(AUDIT).values(verb="alert approved", subject=""))
    assert broken(store) == 1


def test_an_entry_taken_from_the_middle_the_start_or_the_end_is_missed(store):
    for gone, found in ((12, 12), (5, 5), (1, 1)):
        with store.begin() as tx:
            tx.conn.execute(sa.delete(AUDIT))
            tx.conn.execute(sa.update(AUDIT_HEAD).values(no=0, hash=""))
        fill(store)
        with store.begin() as tx:
            tx.conn.execute(sa.delete(AUDIT).where(AUDIT.c.no == gone))
        assert broken(store) == found


def test_an_entry_that_nobody_of_ours_wrote_is_found(store):
    fill(store)
    with store.begin() as tx:
        forged = {"no": 13, "at": NOON, "verb": "v", "subject": "s", "detail": "", "staff_id": None, "hash": "0" * 64}
        tx.conn.execute(sa.insert(AUDIT).values(forged))
        tx.conn.execute(sa.update(AUDIT_HEAD).values(no=13, hash="0" * 64))
    assert broken(store) == 13


def test_a_chain_under_another_key_does_not_hold(store):
    fill(store, 2)
    other = Store(store.url, Vault(lambda: Keys({b"\x00\x01": b"z" * 32})))
    assert broken(other) == 1
    other.close()


def test_every_random_change_is_found(sqlite):
    """Edits, removals, exchanges and cut tails, each undone before the next."""
    fill(sqlite, 20)
    with sqlite.read() as tx:
        whole = [dict(row._mapping) for row in tx.conn.execute(sa.select(AUDIT).order_by(AUDIT.c.no))]
    chance = random.Random(7)
    for _ in range(150):
        rows = [dict(row) for row in whole]
        match chance.choice(["edit", "delete", "exchange", "cut", "double"]):
            case "edit":
                row = chance.choice(rows)
                field = chance.choice(["verb", "subject", "detail"])
                letters = list(row[field])
                letters[chance.randrange(len(letters))] = chr(chance.randrange(97, 122)) + "#"
                row[field] = "".join(letters)
            case "delete":
                rows.pop(chance.randrange(len(rows)))
            case "exchange":
                a, b = chance.sample(rows, 2)
                a["no"], b["no"] = b["no"], a["no"]
            case "cut":
                del rows[chance.randrange(len(rows)) :]
            case "double":
                rows.append({**chance.choice(rows), "no": len(rows) + 1})
        with sqlite.begin() as tx:
            tx.conn.execute(sa.delete(AUDIT))
            if rows:
                tx.conn.execute(sa.insert(AUDIT), rows)
        assert broken(sqlite) is not None
    with sqlite.begin() as tx:
        tx.conn.execute(sa.delete(AUDIT))
        tx.conn.execute(sa.insert(AUDIT), whole)
    assert broken(sqlite) is None


def test_entry_and_deed_are_one_transaction(store):
    with pytest.raises(ZeroDivisionError), store.begin() as tx:
        tx.audit.add("never", "happened", by=ANA, at=NOON)
        raise ZeroDivisionError
    fill(store, 1)
    assert broken(store) is None
