"""A store on each kind of database. PostgreSQL's tables are made once a run, and copied."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import VAULT

from alerts.store import Store


def prepare(url: str) -> None:
    store = Store(url, VAULT)
    store.migrate()
    store.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'vigil.db'}"
    prepare(url)
    store = Store(url, VAULT)
    yield store
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite")
        return
    server = request.getfixturevalue("postgres")
    url = server.create(server.template("tables", prepare))
    store = Store(url, VAULT)
    yield store
    store.close()
    server.drop(url)
