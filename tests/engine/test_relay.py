"""A relay that refuses the desk harms no reader: the real process, a real server, both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import APPROVER, Desk, DeskHere, eventually
from servers import MailServer


@pytest.fixture
def desk(tmp_path: Path, database_url: str, mail_server: MailServer) -> Iterator[Desk]:
    desk = DeskHere(tmp_path, database_url, f"smtp://127.0.0.1:{mail_server.port}")
    yield desk
    desk.closes()


def test_a_quota_after_message_300_of_1000_marks_nobody_and_the_rest_goes_out_when_it_relents(
    desk: Desk, mail_server: MailServer
) -> None:
    """Seen to fail without the codes and words about us: every reader after the 300th was rejected for good."""
    desk.opens().has_a_case().has_readers(1_000)
    mail_server.answer_after(300, "550 5.4.5 Daily user sending limit exceeded")
    alert = desk.publishes()
    desk.starts()
    eventually(lambda: desk.status(alert)["sent"] == 300, 60, "the first 300")
    blocked = desk.status(alert)
    assert (blocked["rejected"], blocked["retrying"], blocked["unknown"], blocked["suppressed"]) == (0, 0, 0, 0)
    assert blocked["pending"] == 700
    relay = next(line for line in desk.vigil("subscriber", "list").splitlines() if "reader999" in line)
    assert "not written to" not in relay

    mail_server.relent()
    eventually(lambda: desk.status(alert)["sent"] == 1_000, 90, "the rest")
    assert len({message.recipients for message in mail_server.messages}) == len(mail_server.messages) == 1_000


def test_a_server_that_is_down_loses_nothing(desk: Desk, mail_server: MailServer) -> None:
    desk.opens().has_a_case().has_readers(3)
    desk.environment["VIGIL_SMTP__URL"] = "smtp://127.0.0.1:9"
    alert = desk.publishes()
    down = desk.starts()
    assert down.stderr
    said = next(line for line in iter(down.stderr.readline, b"") if b"relay" in line)
    assert b"cannot be reached" in said
    assert desk.status(alert)["pending"] == 3
    assert desk.stops(down) == 0

    desk.environment["VIGIL_SMTP__URL"] = f"smtp://127.0.0.1:{mail_server.port}"
    desk.starts()
    eventually(lambda: desk.status(alert)["sent"] == 3, 30, "all three")


def test_a_reader_who_is_suppressed_after_publishing_is_not_written_to(desk: Desk) -> None:
    desk.opens().has_a_case().has_readers(3)
    alert = desk.publishes()
    desk.vigil("subscriber", "suppress", "reader1@mission1.example", "--as", APPROVER)
    desk.starts()
    eventually(lambda: desk.status(alert)["sent"] == 2, 30)
    assert desk.status(alert)["suppressed"] == 1
