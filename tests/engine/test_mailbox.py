"""The clock reads the mailbox: what cannot be read is said once and tried again, and no mail is acted upon twice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from builders import NOON, a_subscriber, a_subscription, an_alert
from dovecot import Dovecot
from mailsback import Post, a_reply
from website import a_desk

from alerts.bootstrap import App
from alerts.domain.alerts import State
from alerts.domain.audience import Recipient
from alerts.engine.mailbox import read
from alerts.engine.ticks import mailbox
from alerts.services import returning
from alerts.services.returning import Became
from watchers import mailbox as watcher
from watchers import returned

JAN = "jan@mission.example"
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def desk_of(folder: Path, database_url: str, mailbox_url: str) -> App:
    app = a_desk(folder, database_url, VIGIL_MAILBOX__URL=mailbox_url)
    who = a_subscriber(JAN)
    alert = an_alert(state=State.PUBLISHED, reference="7KQ4", published_at=NOON - MINUTE, audience=1)
    with app.store.begin() as tx:
        tx.subscribers.add(who)
        tx.subscriptions.add(a_subscription(who))
        tx.alerts.add(alert)
        tx.ledger.add(alert, [[Recipient(who.id, "en")]])
    return app


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return Post(tmp_path / "Maildir")


@pytest.fixture
def app(tmp_path: Path, database_url: str, post: Post) -> Iterator[App]:
    app = desk_of(tmp_path, database_url, post.url)
    yield app
    app.close()


def counted(app: App) -> tuple[int, int, int]:
    """Answers, mails kept, letters."""
    with app.store.read() as tx:
        return tx.responses.count(), tx.replies.count(), tx.letters.count()


def test_a_mailbox_that_cannot_be_read_is_said_once_and_read_once_it_can(
    app: App, post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    post.folder.rename(post.folder.with_name("away"))
    for n in range(3):
        asyncio.run(mailbox(app, NOON + n * MINUTE))
    assert caplog.text.count("The mailbox cannot be read; it is tried again by itself") == 1
    post.folder.with_name("away").rename(post.folder)
    post.deliver(a_reply("YES\n> Ref 7KQ4", JAN))
    asyncio.run(mailbox(app, NOON + 5 * MINUTE))
    assert counted(app)[0] == 1
    with app.store.read() as tx:
        assert [box.reason for box in tx.mailboxes.where()] == [""]


def test_a_mail_that_was_taken_and_not_moved_does_nothing_more(app: App, post: Post) -> None:
    """As after a kill -9 between the commit and the move."""
    post.deliver(a_reply("CALL ME\n> Ref 7KQ4", JAN))
    with watcher.opened(post.url, watcher.Mailbox("x"), NOON) as box:
        [raw] = box.mails()
        returning.take(app.store, app.queue, returned.parse(raw.source, raw.data), NOON)
    before = counted(app)
    done = read(app, NOON + MINUTE)
    assert done and done.became == {Became.AGAIN: 1} and counted(app) == before and post.new == []


def test_two_processes_do_not_read_at_the_same_time(app: App, post: Post) -> None:
    assert returning.begin(app.store, watcher.id_of(post.url), 0, NOON)
    assert read(app, NOON + SECOND / 2) is None, "another has just begun"
    assert read(app, NOON + 2 * SECOND) is not None


def test_a_hostile_mail_does_not_hold_up_the_next(app: App, post: Post, caplog: pytest.LogCaptureFixture) -> None:
    for mail in (b"", b"\xff\x00" * 5000, b"Content-Type: multipart/report; boundary=b\n\n--b\n" * 3000):
        post.deliver(mail)
    post.deliver(a_reply("YES\n> Ref 7KQ4", JAN))
    done = read(app, NOON)
    assert done and done.became[Became.ANSWER] == 1 and done.became.total() == 4
    assert "Traceback" not in caplog.text


def test_over_imap_each_mail_is_taken_once(tmp_path: Path, database_url: str) -> None:
    now = datetime.now(UTC)  # the server keeps its own time
    with Dovecot() as imap:
        app = desk_of(tmp_path, database_url, imap.imaps)
        imap.deliver(a_reply("YES\n> Ref 7KQ4", JAN), a_reply("Buy now", "spam@x.example"))
        first = read(app, now)
        assert first and first.became == {Became.ANSWER: 1, Became.NOT_OURS: 1}
        assert read(app, now + SECOND) is None, "a provider is asked once a minute"
        imap.deliver(a_reply("CAN'T\n> Ref 7KQ4", JAN))
        second = read(app, now + MINUTE)
        assert second and second.became == {Became.ANSWER: 1}
        third = read(app, now + 2 * MINUTE)
        assert third and not third.became
        app.close()
