"""A desk without a public address: its readers do by reply all that others do by a link. The real commands, a real
mail server, a real Maildir.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import APPROVER, AUTHOR, DeskHere, eventually
from mailsback import Post, a_reply, a_report
from servers import MailServer

JAN = "jan@mission.example"


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return Post(tmp_path / "Maildir")


@pytest.fixture
def desk(tmp_path: Path, database_url: str, mail_server: MailServer, post: Post) -> Iterator[DeskHere]:
    desk = DeskHere(
        tmp_path, database_url, mail_server.url, VIGIL_WEB__BASE_URL="", VIGIL_MAILBOX__URL=post.url,
    )  # fmt: skip
    desk.opens().has_a_case()
    yield desk
    desk.closes()


class Reader:
    """Jan at his mail program: he presses Reply."""

    def __init__(self, mail_server: MailServer, post: Post) -> None:
        self.server, self.post, self.seen = mail_server, post, 0

    def gets(self, subject: str) -> None:
        """The next mail; none of them carries a link."""
        eventually(lambda: len(self.server.messages) > self.seen, 20, subject)
        self.mail = self.server.messages[self.seen].message
        self.seen += 1
        assert subject in str(self.mail["Subject"])
        for part in self.mail.walk():
            if part.get_content_maintype() == "text":
                assert not re.search(r"https?://|localhost", part.get_content()), "no address of a page"
        assert self.mail["Reply-To"] is None or "desk@desk.example" in str(self.mail["Reply-To"])

    @property
    def text(self) -> str:
        part = self.mail.get_body(("plain",))
        assert part
        return str(part.get_content())

    def replies(self, text: str) -> None:
        quoted = "".join(f"> {line}\n" for line in self.text.splitlines())
        body = f"{text}\n\nOn Tue, 1 Jan 2030 at 12:00, Vigil desk <desk@desk.example> wrote:\n{quoted}"
        subject = f"Re: {self.mail['Subject']!s}"
        self.post.deliver(a_reply(body, JAN, subject, answers=str(self.mail["Message-ID"]).strip("<>")))


def test_a_reader_subscribes_confirms_answers_and_leaves_by_mail(
    desk: DeskHere, mail_server: MailServer, post: Post
) -> None:
    desk.starts()
    jan = Reader(mail_server, post)
    post.deliver(a_reply("subscribe Kyrgyzstan", JAN, "hello"))

    jan.gets("Please confirm")
    assert "reply YES to this mail" in jan.text and "Kyrgyzstan" in jan.text
    jan.replies("YES")
    jan.gets("You are on our list")
    assert "reply LEAVE" in jan.text and "a person reads it" in jan.text

    id = desk.publishes()
    jan.gets("Bishkek: A. Sample taken")
    assert jan.mail["List-Unsubscribe"] == "<mailto:desk@desk.example?subject=LEAVE>"
    assert jan.mail["List-Unsubscribe-Post"] is None
    jan.replies("Can’t, we are in Astana.\nJan")
    jan.gets("We noted your answer: CAN'T")
    jan.replies("YES")
    jan.gets("We noted your answer: YES")

    jan.replies("Which court is it?")
    eventually(lambda: bool(desk.json("mailbox", "list")), 20, "a mail for staff")
    [waiting] = desk.json("mailbox", "list")
    assert (waiting["text"], waiting["alert"], waiting["sender"]) == ("Which court is it?", id, JAN)
    assert desk.id("mailbox", "note", waiting["id"], "--as", AUTHOR) == waiting["id"]
    assert desk.json("mailbox", "list") == []

    post.deliver(a_reply("", JAN, "LEAVE"))
    jan.gets("You are off our list")
    assert [one["left"] for one in desk.json("subscriber", "list")] == [True]
    jan.replies("YES")
    eventually(lambda: not desk.json("subscriber", "list")[0]["left"], 20, "back on the list")
    assert post.new == [] and len(post.cur) == 7


def test_the_mailbox_is_read_once_on_demand(desk: DeskHere, post: Post) -> None:
    desk.has_readers(1)
    post.deliver(a_report("reader0@mission0.example"))
    post.deliver(a_reply("I am away", "reader0@mission0.example", Auto_Submitted="auto-replied"))
    post.deliver(a_reply("Buy now", "spam@x.example"))
    found = desk.json("mailbox", "read")
    assert found == {
        "read": 3, "became": {"bounce": 1, "automatic reply": 1, "not for us": 1}, "stopped": 0, "failed": "",
    }  # fmt: skip
    assert desk.vigil("mailbox", "read") == "0 mails read"
    assert [name[-2:] for name in post.cur] == ["2,", "2,", "2,"] or [name[-1] for name in post.cur] == ["S", "S", ","]


def test_a_desk_says_that_it_lives_by_mail_alone(desk: DeskHere, post: Post) -> None:
    ok = {one["what"]: (one["ok"], one["words"]) for one in desk.json("check")}
    assert ok["address"][0] and ok["address"][1].startswith("by mail alone")
    assert ok["mailbox"] == (True, "it can be read; answers go to desk@desk.example")
    desk.environment["VIGIL_MAILBOX__URL"] = f"maildir:{post.folder}/none"
    assert "NO  mailbox   the Maildir of mailbox.url cannot be read" in desk.attempt("check").stdout
    assert "cannot be read" in desk.attempt("mailbox", "read").stdout
    desk.environment["VIGIL_MAILBOX__URL"] = ""
    assert "nobody reads the replies: set mailbox.url" in desk.attempt("check").stdout
    assert "No mailbox is set" in desk.refuses("mailbox", "read")
    assert desk.refuses("mailbox", "note", "nothing", "--as", APPROVER) == "There is no reply nothing."
