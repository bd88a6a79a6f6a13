"""A desk with a worker in the test's own process, on each kind of database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from builders import VAULT
from servers import MailServer
from workdesk import WorkDesk

from alerts.store import Store


def prepare(url: str) -> None:
    store = Store(url, VAULT)
    store.migrate()
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def tables_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with its tables; PostgreSQL's are made once a run, and copied."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'vigil.db'}"
        prepare(url)
        yield url
        return
    server = request.getfixturevalue("postgres")
    url = server.create(server.template("tables", prepare))
    yield url
    server.drop(url)


@pytest.fixture
def second_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
async def opens(tmp_path: Path, tables_url: str, mail_server: MailServer) -> AsyncIterator[Callable[..., WorkDesk]]:
    """The desk, with settings of the test's own."""
    desks = []

    def open(**settings: str) -> WorkDesk:
        desks.append(WorkDesk(tmp_path, tables_url, mail_server.url, **settings))
        return desks[-1]

    yield open
    for desk in desks:
        await desk.close()


@pytest.fixture
def work_desk(opens: Callable[..., WorkDesk]) -> WorkDesk:
    return opens()
