"""Readers who do not get plain mail: by the real worker, to real servers, and what is seen on the wire."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pysequoia
import pytest
from builders import DAY, MINUTE, NOON
from gnupg import GnuPG
from hooks import HookServer
from servers import MailServer
from workdesk import WorkDesk, until

from alerts.channels._http import GONE
from alerts.domain.audience import Subscriber
from alerts.domain.ways import Way, rotated
from alerts.services import reaching
from alerts.store.tables import DELIVERY, WAY

SECRET = rotated("", "whsec_" + "b" * 43 + "=", NOON)
BODY = b"She was taken at night."


@pytest.fixture
def hook() -> Iterator[HookServer]:
    with HookServer() as server:
        server.answer("/in", 200)
        yield server


@pytest.fixture
def desk(opens: Callable[..., WorkDesk], hook: HookServer) -> WorkDesk:
    return opens(VIGIL_EGRESS__ALLOW=f"127.0.0.1:{hook.port}")


@pytest.fixture
def gnupg(tmp_path: Path) -> Iterator[GnuPG]:
    gnupg = GnuPG(tmp_path / "gnupg")
    yield gnupg
    gnupg.close()


def goes(desk: WorkDesk, reader: Subscriber, channel: str = "email", **kw: object) -> None:
    """By this way from now on."""
    with desk.store.begin() as tx:
        tx.ways.delete(WAY.c.id == reader.id)
        tx.ways.add(Way(reader.id, channel, changed_at=NOON, **kw))  # type: ignore[arg-type]


def tasks(desk: WorkDesk) -> list[tuple[str, str]]:
    with desk.store.read() as tx:
        return [(task.subscriber_id, task.reason) for task in reaching.staff_tasks(tx, desk.now)]


def ended(desk: WorkDesk) -> list[tuple[str, str]]:
    with desk.store.read() as tx:
        query = DELIVERY.select().where(DELIVERY.c.result != "sent").order_by(DELIVERY.c.batch_no, DELIVERY.c.n)
        return [(row.result, row.reason) for row in tx.conn.execute(query).all()]


def expired(address: str) -> str:
    """A certificate that is good for three days from today, which is long before the desk's."""
    made = pysequoia.Tsk.generate(user_id=f"Jan <{address}>", validity_seconds=int(timedelta(days=3).total_seconds()))
    return str(made.extract_certificate())


# a webhook


async def test_who_has_a_webhook_gets_a_post_and_no_mail_and_counts_as_sent(
    desk: WorkDesk, mail_server: MailServer, hook: HookServer
) -> None:
    people = desk.readers(10)
    goes(desk, people[3], "webhook", target=hook.url("/in"), secret=SECRET)
    alert = desk.sends()
    await desk.drain()
    assert desk.status(alert) == {"sent": 10}
    assert set(mail_server.counts()) == {who.email for who in people} - {people[3].email}
    [posted] = hook.posted
    assert BODY.decode() in posted.json["data"]["text"]
    assert posted.json["data"]["reference"] == alert.reference


async def test_a_webhook_that_is_gone_is_disabled_and_its_reader_has_no_bounce(
    desk: WorkDesk, mail_server: MailServer, hook: HookServer
) -> None:
    reader, *_ = desk.readers(3)
    goes(desk, reader, "webhook", target=hook.answer("/gone", 410), secret=SECRET)
    first = desk.sends()
    await desk.drain()
    assert desk.status(first) == {"sent": 2, "rejected": 1}
    assert tasks(desk) == [(reader.id, GONE)]
    assert desk.bounces() == []
    second = desk.sends()
    await desk.drain()
    assert desk.status(second) == {"sent": 2, "suppressed": 1}
    assert ended(desk) == [("rejected", GONE), ("suppressed", GONE)]
    assert hook.count("/gone") == 1
    assert reader.email not in mail_server.counts()


async def test_a_webhook_that_fails_holds_up_no_mail_and_is_tried_again_under_the_same_id(
    desk: WorkDesk, mail_server: MailServer, hook: HookServer
) -> None:
    reader, *_ = desk.readers(20)
    goes(desk, reader, "webhook", target=hook.url("/in"), secret=SECRET)
    hook.fail("/in", 503)
    alert = desk.sends()
    await desk.drain()
    assert desk.status(alert) == {"sent": 19, "retrying": 1}
    desk.now += MINUTE
    await desk.retries()
    await desk.drain()
    assert desk.status(alert) == {"sent": 20}
    first, second = hook.posted
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


async def test_what_goes_by_a_webhook_uses_up_no_mail_s_allowance(
    desk: WorkDesk, mail_server: MailServer, hook: HookServer
) -> None:
    desk.relay("main", mail_server, daily=500)
    people = desk.readers(10)
    for reader in people[:4]:
        goes(desk, reader, "webhook", target=hook.url("/in"), secret=SECRET)
    alert = desk.sends()
    await desk.drain()
    assert desk.status(alert) == {"sent": 10}
    assert (len(hook.posted), desk.given("main")) == (4, 6)


async def test_a_stop_waits_for_no_webhook_that_does_not_answer(
    opens: Callable[..., WorkDesk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was posted may have arrived; what waited for its turn keeps its place.

    Seen to fail with a stop that begins what waits: after 30 s it was not over.
    """
    monkeypatch.setattr("alerts.engine.dispatcher.LAST_ANSWERS", 0.5)
    asked = []

    async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(writer)

    async with await asyncio.start_server(says_nothing, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        desk = opens(VIGIL_EGRESS__ALLOW=f"127.0.0.1:{port}")
        for reader in desk.readers(20):
            goes(desk, reader, "webhook", target=f"http://127.0.0.1:{port}/in", secret=SECRET)
        alert = desk.sends()
        async with desk.working():
            await until(lambda: len(asked) == 4)  # egress opens no more to one host
            begun = time.monotonic()
        assert time.monotonic() - begun < 5
        assert desk.status(alert) == {"unknown": 8, "pending": 12}
        for writer in asked:
            writer.close()


# a key


async def test_who_takes_encrypted_mail_only_gets_nothing_in_plain_while_their_key_cannot_be_used(
    desk: WorkDesk, mail_server: MailServer, gnupg: GnuPG
) -> None:
    people = desk.readers(5)
    goes(desk, people[0], cert=expired(people[0].email), encrypt_only=True)
    alert = desk.sends()
    await desk.drain()
    assert desk.status(alert) == {"sent": 4, "pending": 1}
    assert desk.waiting() == ["held"]
    assert people[0].email not in mail_server.counts()
    assert not any(people[0].email.encode() in mail.raw for mail in mail_server.messages)
    [(id, reason)] = tasks(desk)
    assert id == people[0].id and "expired" in reason

    goes(desk, people[0], cert=gnupg.key(f"Jan <{people[0].email}>"), encrypt_only=True)
    assert tasks(desk) == []
    desk.now += DAY
    await desk.retries()
    await desk.drain()
    assert desk.status(alert) == {"sent": 5}
    theirs = [mail for mail in mail_server.messages if mail.recipients == (people[0].email,)]
    assert [mail.message.get_content_type() for mail in theirs] == ["multipart/encrypted"]


async def test_who_has_a_key_gets_nothing_but_what_only_they_can_open(
    opens: Callable[..., WorkDesk], mail_server: MailServer, gnupg: GnuPG
) -> None:
    desk = opens()
    desk.now = datetime.now(UTC)  # GnuPG knows no clock but the computer's
    people = desk.readers(6)
    for reader in people[:2]:
        goes(desk, reader, cert=gnupg.key(f"Jan <{reader.email}>"), encrypt_only=reader is people[0])
    alert = desk.sends()
    await desk.drain()
    assert desk.status(alert) == {"sent": 6}
    for reader in people[:2]:
        [mail] = [mail for mail in mail_server.messages if mail.recipients == (reader.email,)]
        assert BODY not in mail.raw and b"lawyer" not in mail.raw and alert.reference.encode() not in mail.raw
        assert mail.message.get_content_type() == "multipart/encrypted"
        opened = gnupg.open(mail.raw)
        part = opened.mail.get_body(("plain",))
        assert "DECRYPTION_OKAY" in opened.status and part and BODY.decode() in part.get_content()
    plain = [mail for mail in mail_server.messages if mail.recipients[0] in {who.email for who in people[2:]}]
    assert len(plain) == 4 and all(BODY in mail.raw for mail in plain)
