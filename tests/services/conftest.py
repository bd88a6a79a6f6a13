"""A store with its tables, on each kind of database, with Ana (author), Bek (approver) and Cleo (admin)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from builders import ANA, BEK, CLEO

from alerts.queue.table import TableQueue
from alerts.store import Store
from alerts.store.vault import Keys, Vault

VAULT = Vault(lambda: Keys({b"\x00\x01": b"k" * 32}))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url, VAULT)
    store.migrate()
    with store.begin() as tx:
        tx.staff.add(ANA, BEK, CLEO)
    yield store
    store.close()


@pytest.fixture
def queue() -> TableQueue:
    return TableQueue()
