"""The mailbox is read on from where it was read, over a real Maildir and a real IMAP server; nothing in it is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from dovecot import IN_URL, Dovecot
from mailsback import Post, a_reply
from servers import MailServer

from alerts.domain.errors import Invalid
from alerts.domain.returns import Mailbox
from watchers import mailbox, returned
from watchers.mailbox import Failed

NOW = datetime.now(UTC)
EMPTY = Mailbox("box")


def texts(url: str, before: Mailbox = EMPTY, *, ours: bool = True, most: int = 500) -> tuple[list[str], Mailbox]:
    """What is read, all of it taken, and how far that is."""
    found: list[str] = []
    with mailbox.opened(url, before, NOW) as box:
        for raw in box.mails():
            found.append(returned.parse(raw.source, raw.data).text)
            box.done(raw, ours=ours)
            if len(found) == most:
                break
        return found, box.read


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return Post(tmp_path / "Mail dir")


@pytest.fixture
def imap() -> Iterator[Dovecot]:
    with Dovecot() as server:
        yield server


def test_what_is_new_is_read_once_and_moves_to_cur(post: Post) -> None:
    first, second = post.deliver(a_reply("one")), post.deliver(a_reply("two"))
    assert texts(post.url)[0] == ["one", "two"]
    assert (post.new, post.cur) == ([], [f"{first}:2,S", f"{second}:2,S"])
    assert texts(post.url)[0] == []


def test_what_is_not_for_us_still_looks_new_to_a_person(post: Post) -> None:
    name = post.deliver(a_reply("one"))
    texts(post.url, ours=False)
    assert post.cur == [f"{name}:2,"]


def test_what_was_read_and_not_taken_is_read_again(post: Post) -> None:
    post.deliver(a_reply("one"))
    with mailbox.opened(post.url, EMPTY, NOW) as box:
        assert len(list(box.mails())) == 1
    assert texts(post.url)[0] == ["one"]


def test_of_a_mail_that_is_too_long_the_beginning_is_read(post: Post) -> None:
    post.deliver(a_reply("one\n" + "x" * 70 + "\n" + "long line\n" * 300_000))
    [text], _ = texts(post.url)
    assert text.startswith("one\n") and len(text) <= returned.LONGEST_TEXT


def test_a_maildir_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="cannot be read: No such file or directory"):
        texts(f"maildir:{tmp_path / 'none'}")
    with pytest.raises(Invalid, match=r"mailbox\.url must be"):
        texts("pop3://mail.example")


@pytest.mark.parametrize("scheme", ["imap", "imaps"])
def test_imap_goes_on_where_it_was_and_leaves_every_mail_as_it_is(imap: Dovecot, scheme: str) -> None:
    url = getattr(imap, scheme)
    imap.deliver(a_reply("one"), a_reply("two"))
    before = imap.flags()
    found, read = texts(url)
    assert found == ["one", "two"] and read.uid == 2
    imap.deliver(a_reply("three"))
    assert texts(url, read)[0] == ["three"]
    assert [flags.replace(b"\\Recent", b"").split() for flags in imap.flags()[:2]] == [
        flags.replace(b"\\Recent", b"").split() for flags in before
    ], "nothing is deleted, moved or marked"


def test_imap_reads_again_what_was_not_taken(imap: Dovecot) -> None:
    imap.deliver(a_reply("one"), a_reply("two"))
    found, read = texts(imap.imap, most=1)
    assert found == ["one"]
    assert texts(imap.imap, read)[0] == ["two"]


def test_a_folder_that_was_made_anew_is_read_from_its_beginning(imap: Dovecot) -> None:
    """Its numbers begin again under another UIDVALIDITY: without that, mail 1 would be taken for read."""
    url = imap.imap.replace("INBOX", "Answers")
    imap.deliver(a_reply("one"), folder="Answers")
    found, read = texts(url)
    assert found == ["one"]
    with imap.line() as line:
        line.delete("Answers")
    imap.deliver(a_reply("two"), folder="Answers")
    found, again = texts(url, read)
    assert found == ["two"] and again.uidvalidity != read.uidvalidity


def test_a_folder_may_have_a_name_in_any_script(imap: Dovecot) -> None:
    imap.deliver(a_reply("one"), folder="&BB4EQgQyBDUEQgRL-")
    assert texts(imap.imap.replace("INBOX", "%D0%9E%D1%82%D0%B2%D0%B5%D1%82%D1%8B"))[0] == ["one"]


def test_a_server_that_refuses_is_one_sentence_without_the_password(imap: Dovecot, mail_server: MailServer) -> None:
    wrong = {
        imap.imap.replace("secret", "wrong"): "does not take the user and password",
        imap.imap.replace("INBOX", "Nowhere"): "no such folder",
        imap.imap.replace("imap:", "imaps:"): "TLS with the IMAP server failed",
        f"imap://{IN_URL}@127.0.0.1:{mail_server.port}/INBOX": "said something that is not IMAP",
        f"imap://{IN_URL}@127.0.0.1:1/INBOX": "cannot be reached",
    }
    for url, words in wrong.items():
        with pytest.raises(Failed, match=words) as refused:
            texts(url)
        assert "secret" not in str(refused.value) and "desk" not in str(refused.value)


def test_a_mailbox_has_a_name_that_tells_nothing_and_changes_with_its_place() -> None:
    ids = {mailbox.id_of(url) for url in ("imaps://a:b@x/I", "imap://a:c@x/I", "imaps://a:b@x/J", "maildir:/x")}
    assert len(ids) == 3, "the password and TLS are no part of it"


def test_of_a_mailbox_full_of_old_mail_only_the_last_days_are_read(imap: Dovecot) -> None:
    """Somebody's own mailbox may hold years of letters that are none of the desk's business."""
    imap.deliver(a_reply("LEAVE"), at=NOW - timedelta(days=9))
    imap.deliver(a_reply("YES"))
    assert texts(imap.imap)[0] == ["YES"]
