"""Desks for the commands: a quick one within the test's process, and one whose mail goes somewhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import Desk, DeskHere
from servers import MailServer


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a desk with its three people and one case, to be copied."""
    folder = tmp_path_factory.mktemp("opened")
    DeskHere(folder, f"sqlite:///{folder / 'vigil.db'}", "").opens().has_a_case()
    return folder


@pytest.fixture
def here(opened: Path, tmp_path: Path) -> Iterator[DeskHere]:
    """A desk with its three people and one case, KG-1, in SQLite; its mail goes nowhere yet."""
    folder = shutil.copytree(opened, tmp_path / "desk")
    desk = DeskHere(folder, f"sqlite:///{folder / 'vigil.db'}", "")
    yield desk
    desk.closes()


@pytest.fixture
def posting(here: DeskHere, mail_server: MailServer) -> DeskHere:
    """The same; its mail goes to `mail_server` once it runs."""
    here.environment["VIGIL_SMTP__URL"] = mail_server.url
    return here


@pytest.fixture
def mailing(tmp_path: Path, database_url: str, mail_server: MailServer) -> Iterator[Desk]:
    """The same on each kind of database."""
    desk = DeskHere(tmp_path, database_url, mail_server.url)
    desk.opens().has_a_case()
    yield desk
    desk.closes()
