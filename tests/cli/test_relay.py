"""`vigil relay`, as it is typed, against real mail servers: what works, what does not, and what it says of both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import ADMIN, APPROVER, AUTHOR, DeskHere
from dovecot import Dovecot
from servers import MailServer, Received

LOGIN = ("desk@desk.example", "a password / with %")


class Account(MailServer):
    """An account at a mail service: mail to it lands in `maildir`, with the envelope it keeps or writes over ours."""

    maildir: Path | None = None
    imap: Dovecot | None = None
    writes_over = ""
    changes_from = ""

    def _accept(self, received: Received, *more: object) -> str | None:
        said = super()._accept(received, *more)
        if not said and (self.maildir or self.imap):
            raw = received.raw.replace(b"\r\n", b"\n")
            if self.changes_from:
                raw = raw.replace(f"<{LOGIN[0]}>".encode(), f"<{self.changes_from}>".encode())
            head = f"Return-Path: <{self.writes_over or received.sender}>\n".encode()
            if self.imap:
                self.imap.deliver(head + raw)
            elif self.maildir:
                (self.maildir / "new").mkdir(parents=True, exist_ok=True)
                (self.maildir / "new" / f"{len(self.messages)}.test").write_bytes(head + raw)
        return said


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    with Account(login=LOGIN) as server:
        server.maildir = tmp_path / "box"
        yield server


def added(here: DeskHere, account: MailServer, *words: str, preset: str = "other", name: str = "second") -> str:
    password = here.write("password", f"{LOGIN[1]}\n")
    return here.vigil(
        "relay", "add", name, "--preset", preset, "--host", "127.0.0.1", "--port", str(account.port),
        "--user", LOGIN[0], "--password-file", password, *words, "--as", ADMIN,
    )  # fmt: skip


def test_a_relay_is_added_listed_changed_and_removed(here: DeskHere, account: Account) -> None:
    assert "vigil relay test second" in added(here, account, "--daily", "400", "--no-ramp")
    [row] = here.json("relay", "list")
    assert (row["name"], row["preset"], row["sender"]) == ("second", "other", LOGIN[0])
    assert (row["daily"], row["left"], row["taken"]) == (400, 400, 0)
    here.vigil("relay", "change", "second", "--daily", "300", "--weight", "2", "--as", ADMIN)
    assert "weight 2, 0 in 24 hours, 300 more today" in here.vigil("relay", "list")
    here.vigil("relay", "remove", "second", "--as", ADMIN)
    assert here.json("relay", "list") == []


def test_only_an_admin_may_add_a_relay_or_see_it_tested(here: DeskHere, account: Account) -> None:
    added(here, account)
    for who in (AUTHOR, APPROVER):
        assert "admin" in here.refuses("relay", "remove", "second", "--as", who)
        assert "admin" in here.refuses("relay", "test", "second", "--as", who)
    assert account.messages == []


def test_a_sender_that_readers_would_not_get_is_refused_at_set_up(here: DeskHere) -> None:
    said = here.refuses("relay", "add", "own", "--preset", "postfix", "--sender", "desk@mail.ru", "--as", ADMIN)
    assert "--preset mailru" in said


def test_no_password_is_taken_from_the_command_line_nor_printed(here: DeskHere, account: Account) -> None:
    added(here, account)
    done = here.attempt("relay", "add", "third", "--preset", "other", "--password", "x", "--as", ADMIN)
    assert done.returncode == 2
    for words in (("list",), ("list", "--json"), ("test", "second", "--as", ADMIN)):
        done = here.attempt("relay", *words)
        assert LOGIN[1] not in done.stdout + done.stderr


def test_the_steps_to_a_log_in_are_told_with_the_source_of_the_figure(here: DeskHere) -> None:
    said = here.vigil("relay", "steps", "gmail")
    assert "app password" in said and "500 a day (https://" in said
    assert "gmail, microsoft365" in here.refuses("relay", "steps", "hotmail")


def test_a_relay_that_keeps_our_envelope_is_found_by_looking_in_its_mailbox(here: DeskHere, account: Account) -> None:
    added(here, account, "--no-ramp")
    said = here.vigil("relay", "test", "second", "--maildir", str(account.maildir), "--as", ADMIN)
    assert "logged in by password as desk@desk.example" in said
    assert "each bounce names its reader" in said
    assert [m.recipients for m in account.messages] == [(LOGIN[0],)] * 2
    assert account.messages[0].sender == LOGIN[0]
    assert account.messages[1].sender.startswith("desk+test-")
    [row] = here.json("relay", "list")
    assert row["verp"] and row["tested_at"] and row["taken"] == 2


def test_a_relay_that_takes_no_envelope_but_its_own_still_works(here: DeskHere, account: Account) -> None:
    account.own = LOGIN[0]
    added(here, account)
    said = here.vigil("relay", "test", "second", "--maildir", str(account.maildir), "--as", ADMIN)
    assert "it takes no envelope address but the sender's own: 553 5.7.1" in said
    assert "Every bounce comes back to the sender's own address" in said
    assert "begins with 50 a day" in said
    assert not here.json("relay", "list")[0]["verp"]
    assert len(account.messages) == 1


def test_what_a_relay_writes_over_is_seen_in_the_mail_that_arrived(here: DeskHere, account: Account) -> None:
    account.writes_over, account.changes_from = "bounce@service.example", "account@service.example"
    added(here, account)
    here.environment["VIGIL_MAILBOX__URL"] = f"maildir:{account.maildir}"
    said = here.vigil("relay", "test", "second", "--as", ADMIN)
    assert "it writes bounce@service.example over our envelope address" in said
    assert "It changes From to account@service.example" in said


def test_the_mailbox_may_be_an_imap_folder_and_its_mail_stays_unread(here: DeskHere, account: Account) -> None:
    with Dovecot() as account.imap:
        added(here, account)
        account.imap.deliver(b"Message-ID: <old@desk.example>\nReturn-Path: <old@desk.example>\n\nold\n")
        here.environment["VIGIL_MAILBOX__URL"] = account.imap.imaps
        assert "each bounce names its reader" in here.vigil("relay", "test", "second", "--as", ADMIN)
        assert not any(b"Seen" in flags for flags in account.imap.flags())
        here.environment["VIGIL_MAILBOX__URL"] = account.imap.imaps.replace("secret", "wrong")
        assert "does not take the user and password" in here.refuses("relay", "test", "second", "--as", ADMIN)


def test_without_a_mailbox_nothing_is_claimed(here: DeskHere, account: Account) -> None:
    added(here, account)
    assert "whether it keeps it" in here.vigil("relay", "test", "second", "--as", ADMIN)
    account.maildir = None
    empty = here.folder / "empty"
    (empty / "new").mkdir(parents=True)
    said = here.vigil("relay", "test", "second", "--maildir", str(empty), "--wait", "0.3", "--as", ADMIN)
    assert "did not arrive within 0.3 seconds" in said


def test_a_refused_log_in_ends_with_the_steps_and_1(here: DeskHere, account: Account) -> None:
    added(here, account, preset="gmail")
    account.login = (LOGIN[0], "another")
    done = here.attempt("relay", "test", "second", "--as", ADMIN)
    assert done.returncode == 1
    assert "NO  relay" in done.stdout and "log-in" in done.stdout
    assert "app password" in done.stdout
    added(here, account, preset="yandex", name="third")
    assert "begins without encryption" in here.attempt("relay", "test", "third", "--as", ADMIN).stdout


def test_a_relay_that_is_not_there_or_takes_nothing_is_told_in_words(here: DeskHere, account: Account) -> None:
    added(here, account)
    account.answer("550 5.4.5 Daily user sending limit exceeded", at="RCPT")
    done = here.attempt("relay", "test", "second", "--as", ADMIN)
    assert done.returncode == 1
    assert "the test mail was refused: 550 5.4.5" in done.stdout
    here.vigil("relay", "add", "gone", "--preset", "postfix", "--port", "9", "--sender", "a@b.example", "--as", ADMIN)
    assert "Is that mail server running" in here.attempt("relay", "test", "gone", "--as", ADMIN).stdout
    assert "There is no relay “third”" in here.refuses("relay", "test", "third", "--as", ADMIN)


def test_the_relay_of_the_settings_is_tested_as_main(posting: DeskHere, mail_server: MailServer) -> None:
    found = posting.json("relay", "test", "main", "--to", "me@desk.example", "--as", ADMIN)
    assert [finding["ok"] for finding in found["findings"]] == [True, True, True]
    assert [message.recipients for message in mail_server.messages] == [("me@desk.example",)] * 2
    assert posting.json("relay", "list")[0]["name"] == "main"


def test_publishing_says_before_anything_goes_who_waits_until_when(posting: DeskHere, mail_server: MailServer) -> None:
    posting.has_readers(7)
    body = posting.write("body.txt", "Late on Tuesday she was taken from her home.\n")
    posting.vigil("relay", "change", "main", "--daily", "10", "--as", ADMIN)
    for said in ("10 more possible today: enough.", "3 more possible today: 4 of 7 wait until "):
        words = ("--case", "KG-1", "--title", "Bishkek: A. Sample taken", "--body-file", body, "--as", AUTHOR)
        id = posting.id("alert", "draft", *words)
        posting.vigil("alert", "submit", id, "--as", AUTHOR)
        posting.vigil("alert", "approve", id, "--as", APPROVER)
        done = posting.attempt("alert", "publish", id, "--as", AUTHOR)
        assert f"vigil: note: {said}" in done.stderr
        assert done.stdout.startswith("Published")
    assert mail_server.messages == []


def test_check_looks_at_every_relay_and_says_what_each_takes_and_why_one_rests(
    posting: DeskHere, account: Account
) -> None:
    added(posting, account, "--daily", "400", "--no-ramp")
    said = posting.attempt("check").stdout
    assert "ok  relay     main: 127.0.0.1 answers" in said
    assert "ok  relay     second: 127.0.0.1 answers" in said and "; 400 more possible today" in said
    account.login = (LOGIN[0], "another")
    said = posting.attempt("check").stdout
    assert "ok  relay     main: " in said and "NO  relay     second: " in said


def test_a_test_mail_goes_through_an_added_relay_where_the_settings_name_none(here: DeskHere, account: Account) -> None:
    assert "vigil relay add" in here.attempt("check").stdout
    added(here, account)
    body = here.write("body.txt", "She was taken from her home.\n")
    id = here.id("alert", "draft", "--case", "KG-1", "--title", "Taken", "--body-file", body, "--as", AUTHOR)
    here.vigil("alert", "test", id, "--to", "you@x.example", "--as", AUTHOR)
    assert "a test mail was taken for you@x.example" in here.attempt("check", "--mail", "you@x.example").stdout
    assert [message.recipients for message in account.messages] == [("you@x.example",)] * 2
