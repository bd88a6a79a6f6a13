"""docs/first-reminder.md as a new user follows it: its commands as they stand there, an empty home, an account with a
password, and what the guide says is seen.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from desk import VIGIL, eventually
from dovecot import IN_URL, PASSWORD, USER, Dovecot
from mailsback import a_reply
from servers import MailServer, Received
from website import Visitor

pytestmark = pytest.mark.long

CHECKOUT = Path(__file__).parents[2]
GUIDE = (CHECKOUT / "docs" / "first-reminder.md").read_text(encoding="utf-8")
EXPORT, SETTINGS, CHECK, READERS, DATE, RUN, LOOK, ANSWER = re.findall(r"^```sh\n(.*?)^```$", GUIDE, re.M | re.S)
JAN = "jan@mission.example"


class Account:
    """An ordinary account: what is sent to its own address lies in its own mailbox, as relays and readers see it."""

    def __init__(self, box: Dovecot, server: MailServer) -> None:
        self.box, self.server, self.seen = box, server, 0

    def fetch(self) -> None:
        """Bring home what came for it since."""
        for mail in self.server.messages[self.seen :]:
            self.seen += 1
            if any(to == USER for to in mail.recipients):
                self.box.deliver(f"Return-Path: <{mail.sender}>\n".encode() + mail.raw.replace(b"\r\n", b"\n"))


class Terminal:
    """Bash in the checkout. The guide's example account and date are put right in each command, and nothing else."""

    def __init__(self, home: Path, box: Dovecot, server: MailServer, port: int) -> None:
        day = datetime.now(UTC) + timedelta(days=6)
        self.yours = {
            "smtp://you%40example.org:app-password@smtp.example.org:587": f"smtp://{IN_URL}@127.0.0.1:{server.port}",
            "imaps://you%40example.org:app-password@imap.example.org/INBOX": box.imap,
            "you@example.org": USER, "2026-12-01": f"{day:%Y-%m-%d}",
        }  # fmt: skip
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "VIGIL_WEB__PORT": str(port),
        }  # fmt: skip

    def starts(self, block: str) -> subprocess.Popen[str]:
        assert all(word in GUIDE for word in self.yours)
        for example, mine in self.yours.items():
            block = block.replace(example, mine)
        environment = {**self.environment, "PATH": f"{VIGIL.parent}:{self.environment['PATH']}"}
        return subprocess.Popen(
            ["bash", "-euc", f"{EXPORT}\n{block}"], cwd=CHECKOUT, env=environment, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def runs(self, block: str) -> str:
        """What its commands print; each of them succeeds."""
        out, err = (process := self.starts(block)).communicate(timeout=60)
        assert process.returncode == 0, f"{block}\n{out}{err}"
        return out


@pytest.fixture
def box() -> Iterator[Dovecot]:
    with Dovecot() as box:
        yield box


def test_a_new_user_who_follows_the_guide_has_an_answer_on_the_desk(
    tmp_path: Path, box: Dovecot, unused_tcp_port: int
) -> None:
    with MailServer(login=(USER, PASSWORD)) as server:
        account, you = Account(box, server), Terminal(tmp_path, box, server, unused_tcp_port)
        you.runs(SETTINGS)
        assert (tmp_path / "desk" / "desk.toml").stat().st_mode & 0o077 == 0, "the password is nobody else's"

        checking = you.starts(CHECK)
        eventually(lambda: bool(account.fetch() or checking.poll() is not None), 60, "the two mails of the relay test")
        checked, err = checking.communicate()
        assert checking.returncode == 0, f"{checked}{err}"
        invitation, *lines = [line for line in checked.splitlines() if line.startswith(("http", "ok", "NO"))]
        assert lines and all(line.startswith("ok") for line in lines), checked
        assert "What will not work:" in checked

        assert "3 added" in you.runs(READERS)
        you.runs(DATE)
        running = you.starts(RUN)
        try:
            eventually(lambda: len(server.messages) == 5, 60, "two test mails and three reminders")
            mails = {mail.recipients[0]: mail for mail in server.messages[2:]}
            assert "10:00, hearing, Sample District Court: can you attend?" in str(mails[JAN].message["Subject"])
            assert "слушание" in mails["oksana@network.example"].text
            assert "en anglais" in mails["lea@committee.example"].text
            eventually(lambda: " published" in you.runs(LOOK), 30, "the reminder is published")
            assert "5 in 24 hours" in you.runs(LOOK)

            box.deliver(replied("YES", mails[JAN]))
            assert you.runs(ANSWER) in ("1 mail read: 1 answer\n", "0 mails read\n")
            eventually(lambda: len(server.messages) == 6, 20, "the receipt")
            assert "We noted your answer: YES" in str(server.messages[5].message["Subject"])

            browser = Visitor(unused_tcp_port)
            words = {"password": "correct horse battery", "again": "correct horse battery"}
            assert browser.post(invitation.partition(str(unused_tcp_port))[2], words).location == "/today"
            today = re.sub(r"<[^>]*>", "", browser.get("/today").text)
            assert "Embassy A in Bishkek: yes" in today
            assert "1 says yes" in today
        finally:
            os.killpg(running.pid, signal.SIGINT)
            _, said = running.communicate(timeout=30)
        assert "ERROR" not in said, said


def replied(word: str, mail: Received) -> bytes:
    """Jan presses Reply, with what he answers under it as mail programs do."""
    quoted = "".join(f"> {line}\n" for line in mail.text.splitlines())
    text = f"{word}\n\nOn Tue, 24 Nov 2026 at 21:30, Example desk <{USER}> wrote:\n{quoted}"
    return a_reply(text, JAN, f"Re: {mail.message['Subject']}", to=USER, answers=mail.message_id.strip("<>"))
