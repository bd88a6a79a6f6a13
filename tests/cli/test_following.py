"""`vigil alert publish --follow`: the bar of a real fan-out, by a real worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import APPROVER, AUTHOR, Desk, DeskHere, eventually
from servers import MailServer


@pytest.fixture
def desk(tmp_path: Path, database_url: str, mail_server: MailServer) -> Iterator[Desk]:
    desk = DeskHere(tmp_path, database_url, f"smtp://127.0.0.1:{mail_server.port}").opens()
    desk.has_a_case().has_readers(300)
    yield desk
    desk.closes()


def approved(desk: Desk) -> str:
    body = desk.write("body.txt", "Late on Tuesday she was taken from her home.\n")
    id = desk.id("alert", "draft", "--case", "KG-1", "--title", "Taken", "--body-file", body, "--as", AUTHOR)
    desk.vigil("alert", "submit", id, "--as", AUTHOR)
    desk.vigil("alert", "approve", id, "--as", APPROVER)
    return id


def test_whoever_follows_is_shown_how_it_goes_out_until_it_has(desk: Desk, mail_server: MailServer) -> None:
    worker, id = desk.starts("work"), approved(desk)
    eventually(lambda: desk.works(worker), 30)
    done = Desk.attempt(desk, "alert", "publish", id, "--follow", "--as", AUTHOR)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == id
    assert "300 readers: 300 sent." in done.stderr
    assert len(mail_server.messages) == 300


def test_refused_readers_are_counted_in_the_last_line(desk: Desk, mail_server: MailServer) -> None:
    mail_server.answer("550 5.1.1 no such user", times=1, to="reader7@mission0.example")
    worker, id = desk.starts("work"), approved(desk)
    eventually(lambda: desk.works(worker), 30)
    done = Desk.attempt(desk, "alert", "publish", id, "--follow", "--as", AUTHOR)
    assert "300 readers: 299 sent, 1 rejected." in done.stderr


def test_what_is_to_go_out_later_cannot_be_followed(desk: Desk) -> None:
    id = approved(desk)
    said = desk.refuses("alert", "publish", id, "--follow", "--at", "2099-01-01 10:00", "--as", AUTHOR)
    assert "leave --at out" in said
