"""A store with its tables, on each kind of database, with Ana (author), Bek (approver) and Cleo (admin)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import ANA, BEK, CLEO

from alerts.queue.table import TableQueue
from alerts.store import Store
from alerts.store.vault import Keys, Vault

VAULT = Vault(lambda: Keys({b"\x00\x01": b"k" * 32}))


def prepare(url: str) -> None:
    store = Store(url, VAULT)
    store.migrate()
    with store.begin() as tx:
        tx.staff.add(ANA, BEK, CLEO)
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """PostgreSQL's tables are made once a run, and copied."""
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    if server:
        url = server.create(server.template("desk", prepare))
    else:
        url = f"sqlite:///{tmp_path / 'vigil.db'}"
        prepare(url)
    store = Store(url, VAULT)
    yield store
    store.close()
    if server:
        server.drop(url)


@pytest.fixture
def queue() -> TableQueue:
    return TableQueue()
