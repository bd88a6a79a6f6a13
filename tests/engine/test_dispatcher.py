"""One relay's connections: what each takes next, and what one mail that fails means for the others."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from builders import HEARING, MINUTE, NOON
from servers import MailServer
from workdesk import WorkDesk, until

from alerts.domain.alerts import Kind, Notice
from alerts.domain.relays import MAIN
from alerts.engine.worker import Worker
from alerts.store import Store
from alerts.store.tables import SUBSCRIBER

SLOW = 0.02


@pytest.fixture
def holds() -> Iterator[Callable[[Store], threading.Event]]:
    """Keeps everybody of this process from committing until the event is set."""
    events, threads = [], []

    def hold(store: Store) -> threading.Event:
        held, released = threading.Event(), threading.Event()

        def keep() -> None:
            with store.begin():
                held.set()
                released.wait(30)

        threads.append(threading.Thread(target=keep))
        threads[-1].start()
        events.append(released)
        assert held.wait(10)
        return released

    yield hold
    for event in events:
        event.set()
    for thread in threads:
        thread.join()


# the gate


async def test_with_the_gate_no_connection_takes_its_next_mail_before_its_last_is_committed(
    opens: Callable[..., WorkDesk], mail_server: MailServer, holds: Callable[[Store], threading.Event]
) -> None:
    """A database that does not commit: each connection has one mail taken, and stops.

    Seen to fail with the gate off (ten mails a connection), and with a gate that let the next envelope follow in the
    same write as the text, and opened at any commit (two mails a connection).
    """
    desk = opens(VIGIL_DELIVERY__GATE="true", VIGIL_SMTP__CONNECTIONS="4")
    desk.readers(200)
    alert = desk.sends()
    mail_server.delay = SLOW
    draining = asyncio.create_task(desk.drain())
    for at_least in (1, 40, 80):
        await until(lambda at_least=at_least: len(mail_server.messages) >= at_least)  # type: ignore[misc]
        released = await asyncio.to_thread(holds, desk.store)
        committed = desk.recorded()
        await until(lambda committed=committed: len(mail_server.messages) - committed >= 4)  # type: ignore[misc]
        await asyncio.sleep(10 * SLOW)  # there is nothing to wait for: nothing may happen
        assert len(mail_server.messages) - committed == 4
        released.set()
    await draining
    assert desk.status(alert) == {"sent": 200}
    assert len(mail_server.counts()) == len(mail_server.messages) == 200


async def test_without_the_gate_the_connections_go_on_while_a_commit_is_under_way(
    work_desk: WorkDesk, mail_server: MailServer, holds: Callable[[Store], threading.Event]
) -> None:
    work_desk.readers(200)
    alert = work_desk.sends()
    mail_server.delay = SLOW
    draining = asyncio.create_task(work_desk.drain())
    await until(lambda: mail_server.messages)
    released = await asyncio.to_thread(holds, work_desk.store)
    await until(lambda: len(mail_server.messages) == 200)
    released.set()
    await draining
    assert work_desk.status(alert) == {"sent": 200}
    assert set(mail_server.counts().values()) == {1}


# one mail that fails


@pytest.mark.parametrize(
    "address", ["two words@mission.example", "a@b.example>\r\nDATA", "ä@mission.example", "nobody"]
)
async def test_an_address_that_can_be_no_address_is_rejected_and_harms_nobody_else(
    work_desk: WorkDesk, mail_server: MailServer, address: str
) -> None:
    people = work_desk.readers(10)
    alert = work_desk.sends()
    with work_desk.store.begin() as tx:
        sealed = work_desk.app.vault.seal(address, f"subscriber|email|{people[4].id}")
        tx.subscribers.update(SUBSCRIBER.c.id == people[4].id, email=sealed)
    await work_desk.drain()
    assert work_desk.status(alert) == {"sent": 9, "rejected": 1}
    assert set(mail_server.counts()) == {person.email for person in people} - {people[4].email}
    assert work_desk.bounces() == []


async def test_a_mail_that_cannot_be_written_is_tried_again_and_the_others_go_out(
    work_desk: WorkDesk, mail_server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A zone that nobody knows: the template breaks for this one reader."""
    people = work_desk.readers(10)
    alert = work_desk.sends(kind=Kind.REMINDER, notice=Notice("hearing", when=HEARING, state="confirmed"))
    with work_desk.store.begin() as tx:
        tx.subscribers.update(SUBSCRIBER.c.id == people[4].id, zone="Nowhere/City")
    await work_desk.drain()
    assert work_desk.status(alert) == {"sent": 9, "retrying": 1}
    assert work_desk.reasons() == ["our own mistake"]
    assert people[4].email not in caplog.text
    with work_desk.store.begin() as tx:
        tx.subscribers.update(SUBSCRIBER.c.id == people[4].id, zone="Asia/Almaty")
    work_desk.now += MINUTE
    await work_desk.retries()
    await work_desk.drain()
    assert work_desk.status(alert) == {"sent": 10}
    assert set(mail_server.counts().values()) == {1}


async def test_a_reader_whom_the_relay_refuses_for_good_has_a_hard_bounce(
    work_desk: WorkDesk, mail_server: MailServer
) -> None:
    people = work_desk.readers(10)
    alert = work_desk.sends()
    mail_server.answer("550 5.1.1 no such user", to=people[3].email)
    mail_server.answer("552 5.2.2 mailbox full", to=people[4].email)
    mail_server.answer("451 4.3.0 come again", to=people[5].email)
    await work_desk.drain()
    assert work_desk.status(alert) == {"sent": 7, "rejected": 2, "retrying": 1}
    assert sorted(work_desk.bounces()) == [(people[3].id, "hard"), (people[4].id, "soft")]
    assert work_desk.relay_row(MAIN).blocks == 0


@pytest.mark.parametrize("column", ["email", "name"])
async def test_who_s_sealed_address_was_damaged_holds_up_nobody_else(
    work_desk: WorkDesk, mail_server: MailServer, column: str
) -> None:
    readers = work_desk.readers(4)
    alert = work_desk.sends()
    with work_desk.store.begin() as tx:
        tx.conn.execute(SUBSCRIBER.update().where(SUBSCRIBER.c.id == readers[1].id).values({column: b"\x01" * 40}))
    await work_desk.drain()
    assert work_desk.status(alert) == {"sent": 3, "suppressed": 1}
    assert set(mail_server.counts()) == {reader.email for reader in readers if reader is not readers[1]}


async def test_a_note_that_was_damaged_costs_its_reader_only_the_note(
    work_desk: WorkDesk, mail_server: MailServer
) -> None:
    work_desk.readers(2, note="floor 3", show_note=True)
    alert = work_desk.sends()
    with work_desk.store.begin() as tx:
        tx.conn.execute(SUBSCRIBER.update().values(note=b"\x01" * 40))
    await work_desk.drain()
    assert work_desk.status(alert) == {"sent": 2}


# a domain that asks for patience


async def test_a_domain_that_asks_for_patience_slows_itself_and_nobody_else(
    opens: Callable[..., WorkDesk], mail_server: MailServer
) -> None:
    desk = opens(VIGIL_SMTP__CONNECTIONS="2")
    slow, fast = desk.readers(40, "slow.example"), desk.readers(40, "fast.example")
    for person in slow:
        mail_server.answer("421 4.7.0 too fast", times=float("inf"), to=person.email)
    alert = desk.sends()
    worker = Worker(desk.app)
    await worker.drain()
    domains = Counter(address.rpartition("@")[2] for address in mail_server.counts())
    assert domains == {"fast.example": len(fast)}
    assert desk.status(alert)["sent"] == 40
    waits = Counter(desk.waiting())
    assert waits["slowed"] >= 40 - 2 and waits["retry"] <= 2  # each connection met it once, at most
    assert mail_server.connections <= 2 + 2
    assert desk.relay_row(MAIN).blocks == 0

    mail_server.relent()
    for _ in range(60):
        if "sent" in (found := desk.status(alert)) and found["sent"] == 80:
            break
        desk.now += MINUTE
        await desk.retries()
        await worker.drain()
    assert desk.status(alert) == {"sent": 80}
    assert set(mail_server.counts().values()) == {1}


async def test_a_domain_that_greylists_everybody_makes_nobody_wait_for_the_others(
    work_desk: WorkDesk, mail_server: MailServer
) -> None:
    """As a domain does that takes nothing of a stranger for five minutes: the tries after 1 and 3 minutes are in vain.

    Seen to fail with a pace that each of these refusals halved: after 20 minutes 42 of 100 had it.
    """
    for person in work_desk.readers(100):
        mail_server.answer("451 4.7.1 Greylisted, come back later", times=3, to=person.email)
    alert, minutes = work_desk.sends(), 0
    worker = Worker(work_desk.app)
    await worker.drain()
    while work_desk.status(alert) != {"sent": 100} and minutes < 20:
        minutes += 1
        work_desk.now += MINUTE
        await work_desk.retries()
        await worker.drain()
    assert (work_desk.status(alert), minutes) == ({"sent": 100}, 7)


# a relay that had refused us


async def test_a_relay_that_had_refused_us_is_asked_with_one_connection_and_given_more_once_it_serves(
    work_desk: WorkDesk, mail_server: MailServer
) -> None:
    """Seen to fail with a relay that stayed blocked for each batch until a mail of that one was sent: 1,000 by one."""
    work_desk.relay(MAIN, mail_server, blocks=3, reason="550 5.4.5", paused_until=NOON - timedelta(seconds=1))
    work_desk.readers(1_600)
    alert = work_desk.sends()
    mail_server.delay = SLOW / 2
    await work_desk.drain()
    assert work_desk.status(alert) == {"sent": 1_600}
    assert work_desk.relay_row(MAIN).blocks == 0
    first = mail_server.messages[0]
    others = [mail for mail in mail_server.messages if mail.line != first.line]
    assert first.line == 1 and min(mail.at for mail in others) - first.at >= SLOW / 2
    before = [mail for mail in mail_server.messages if mail.at < others[0].at]
    assert len(before) < 100
    assert len({mail.line for mail in mail_server.messages}) == 8


async def test_a_relay_that_refuses_again_is_asked_by_one_connection_with_one_mail(
    work_desk: WorkDesk, mail_server: MailServer
) -> None:
    work_desk.relay(MAIN, mail_server, blocks=3, reason="550 5.4.5", paused_until=NOON - timedelta(seconds=1))
    work_desk.readers(600)
    alert = work_desk.sends()
    mail_server.answer_after(0, "550 5.4.5 Daily user sending limit exceeded")
    await work_desk.drain()
    assert work_desk.status(alert) == {"pending": 600}
    assert mail_server.connections == 1
    assert work_desk.relay_row(MAIN).blocks == 4
