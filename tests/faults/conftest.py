"""A desk on each database, with a relay that can be told to misbehave."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from faultdesk import FaultDesk
from servers import MailProcess, MailServer

CONNECTIONS = 8
ON_BOTH = ("test_kills", "asked_to_stop", "after_a_halt", "of_the_replies", "a_quota_after", "a_clock_that")
"""What harms the database's work runs on both in `make test`. What a reply means no database decides: `make faults`
alone asks PostgreSQL about it too."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        here = "tests/faults/" in item.nodeid
        if here and "[postgresql" in item.nodeid and not any(name in item.nodeid for name in ON_BOTH):
            item.add_marker(pytest.mark.faults)


@pytest.fixture
def post(tmp_path: Path) -> Iterator[MailProcess]:
    """A relay that outlives the sender, and takes so long for each mail that a death finds many under way."""
    with MailProcess(tmp_path / "accepted.log", delay_ms=5) as server:
        yield server


@pytest.fixture
def relay() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def desk(request: pytest.FixtureRequest, tmp_path: Path, database_url: str) -> Iterator[FaultDesk]:
    """With the relay for which the test asks."""
    server = request.getfixturevalue("post" if "post" in request.fixturenames else "relay")
    desk = FaultDesk(
        tmp_path,
        database_url,
        f"smtp://127.0.0.1:{server.port}",
        VIGIL_SMTP__CONNECTIONS=str(CONNECTIONS),
        VIGIL_SMTP__TIMEOUT="10",
    )
    yield desk
    desk.closes()


@pytest.fixture
def sqlite_desk(tmp_path: Path, post: MailProcess) -> Iterator[FaultDesk]:
    """For what only a file can suffer."""
    url = f"sqlite:///{tmp_path / 'vigil.db'}"
    desk = FaultDesk(tmp_path, url, post.url, VIGIL_SMTP__CONNECTIONS=str(CONNECTIONS))
    yield desk
    desk.closes()


@pytest.fixture
def kills() -> int:
    """20 in `make test`, 200 in `make faults`."""
    return int(os.environ.get("VIGIL_KILLS", "20"))


@pytest.fixture
def thorough() -> bool:
    """Whether there is time for all faults of a kind, and for waits as long as they are in life: `make faults`."""
    return "VIGIL_KILLS" in os.environ
