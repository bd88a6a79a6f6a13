"""Who of a batch is written to at this moment, by which way, and whose mails are alike."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import deliveries
import pysequoia
import pytest
from builders import NOON, VAULT, a_subscriber, a_subscription, an_alert, an_edition, an_id
from deliveries import SETTINGS

from alerts.domain.alerts import Alert
from alerts.domain.audience import Subscriber
from alerts.domain.delivery import Delivery, NotNow, Result, Sent
from alerts.domain.relays import MAIN
from alerts.domain.ways import Way
from alerts.queue.table import TableQueue
from alerts.services import delivering
from alerts.services.addressing import LOOK_AT_KEYS, Settled, Work, address, message_id
from alerts.services.delivering import Answered, Holder
from alerts.services.issuing import Audience, issue
from alerts.services.renderings import Common
from alerts.settings import load
from alerts.store import Store, Unavailable
from alerts.store.tables import SUBSCRIBER


def readers(store: Store, *given: dict[str, Any]) -> list[Subscriber]:
    """One with each of these, in the order of their ids."""
    found = [a_subscriber(f"{an_id('reader')}@mission.example", id=f"s{an_id(''):0>6}", **kw) for kw in given]
    with store.begin() as tx:
        tx.subscribers.add(*found)
        tx.subscriptions.add(*(a_subscription(person) for person in found))
    return found


def sends(store: Store, queue: TableQueue, *languages: str, **kw: Any) -> Alert:
    alert = an_alert(**kw)
    with store.begin() as tx:
        tx.alerts.add(alert)
        editions = [an_edition(alert, language, position=n) for n, language in enumerate(languages or ("en",))]
        tx.editions.add(*editions)
        return issue(tx, queue, alert, Audience(tx, alert, editions), by=None, now=NOON)


def takes(store: Store, common: Common | None = None) -> Work:
    return sorts(store, common)[0]


def sorts(store: Store, common: Common | None = None) -> tuple[Work, Settled]:
    """The next batch, and who of it gets no mail now."""
    [work] = delivering.turn(store, SETTINGS, Holder("0a1b2c3d"), [], [None], {MAIN}, NOON)
    return work, address(store, SETTINGS, work, NOON, {} if common is None else common)


def test_mails_are_of_one_cohort_where_they_differ_by_their_own_alone(store: Store, queue: TableQueue) -> None:
    readers(store, {}, {"name": "Jan"}, {"zone": "Asia/Almaty"}, {"language": "ru"}, {"language": "ru"}, {})
    sends(store, queue, "en", "ru")
    work = takes(store)
    cohorts = [mail.cohort for mail in work.mails]
    assert cohorts[0] == cohorts[1] == cohorts[5] and cohorts[3] == cohorts[4]
    assert len(work.readings) == len(set(cohorts)) == 3
    said = {(read.language, read.zone, read.edition.language) for read in work.readings}
    assert said == {("en", "", "en"), ("en", "Asia/Almaty", "en"), ("ru", "", "ru")}
    assert [work.own(mail).name for mail in work.mails[:2]] == ["", "Jan"]


def test_a_note_goes_into_the_mails_of_those_who_want_it_and_into_nobody_else_s(
    store: Store, queue: TableQueue
) -> None:
    readers(store, {"note": "floor 3", "show_note": True}, {"note": "secret"}, {})
    sends(store, queue)
    work = takes(store)
    assert [work.readings[mail.cohort].note for mail in work.mails] == ["floor 3", "", ""]


def test_what_is_read_of_an_alert_is_read_once(store: Store, queue: TableQueue) -> None:
    readers(store, {})
    sends(store, queue)
    common: Common = {}
    first = takes(store, common)
    assert list(common) == [first.alert.id]
    kept = common[first.alert.id]["en"]
    assert first.readings[0].edition is kept.edition


def test_who_takes_encrypted_mail_only_waits_for_a_key_and_is_asked_for_each_day(
    store: Store, queue: TableQueue
) -> None:
    held, plain = readers(store, {}, {})
    with store.begin() as tx:
        made = pysequoia.Tsk.generate(user_id="Jan <jan@mission.example>", validity_seconds=86_400)
        tx.ways.add(Way(held.id, cert=str(made.extract_certificate()), encrypt_only=True, changed_at=NOON))
    sends(store, queue)
    work, settled = sorts(store)
    assert [work.own(mail).to for mail in work.mails] == [plain.email]
    assert settled == [(0, NotNow("held", NOON + LOOK_AT_KEYS))]
    assert timedelta(hours=1) <= LOOK_AT_KEYS <= timedelta(days=1)


@pytest.mark.parametrize(("channel", "elsewhere"), [("webhook", {0}), ("apprise", {0}), ("email", set())])
def test_who_has_another_way_does_not_go_to_the_relay(
    store: Store, queue: TableQueue, channel: str, elsewhere: set[int]
) -> None:
    one, _ = readers(store, {}, {})
    way = Way(one.id, channel, target="https://ngo.example/in", changed_at=NOON)
    with store.begin() as tx:
        tx.ways.add(way)
    alert = sends(store, queue)
    work = takes(store)
    assert work.elsewhere == elsewhere
    assert [mail.way for mail in work.mails] == [way, None]
    assert work.own(work.mails[0]).id == message_id(VAULT, alert.id, one.id, channel, "desk@desk.example")


def test_a_way_that_was_disabled_suppresses_with_its_reason(store: Store, queue: TableQueue) -> None:
    one, _ = readers(store, {}, {})
    with store.begin() as tx:
        tx.ways.add(Way(one.id, "webhook", target="https://ngo.example/in", disabled_why="gone", changed_at=NOON))
    sends(store, queue)
    work, settled = sorts(store)
    assert settled == [(0, Delivery(work.batch.no, 0, Result.SUPPRESSED, "gone", NOON))]
    assert len(work.mails) == 1


def test_who_bore_the_relay_s_refusal_comes_last(store: Store, queue: TableQueue) -> None:
    readers(store, {}, {}, {})
    sends(store, queue)
    work = takes(store)
    deliveries.record(store, work, [(0, NotNow("blocked", NOON))])
    deliveries.finish(store, work)
    assert [mail.n for mail in takes(store).mails] == [1, 2, 0]


def test_a_desk_without_an_address_of_its_own_puts_no_link_into_a_mail(store: Store, queue: TableQueue) -> None:
    readers(store, {})
    sends(store, queue)
    bare = load(None, {"VIGIL_SMTP__SENDER": "desk@desk.example", "VIGIL_SMTP__URL": "smtp://localhost"})
    [work] = delivering.turn(store, bare, Holder("0a1b2c3d"), [], [None], {MAIN}, NOON)
    address(store, bare, work, NOON, {})
    own = work.own(work.mails[0])
    assert (own.leave, own.preferences, own.answer) == ("", "", "")


def test_addressing_that_broke_off_and_is_asked_again_counts_nobody_twice(store: Store, queue: TableQueue) -> None:
    """Seen to fail with ends that were kept from the first attempt: the batch was closed with readers in it."""
    gone, *_ = readers(store, {}, {}, {})
    sends(store, queue)
    with store.begin() as tx:
        tx.subscribers.update(SUBSCRIBER.c.id == gone.id, left_at=NOON)
        tx.conn.exec_driver_sql("ALTER TABLE edition RENAME TO away")
    [work] = delivering.turn(store, SETTINGS, Holder("0a1b2c3d"), [], [None], {MAIN}, NOON)
    with pytest.raises(Unavailable):
        address(store, SETTINGS, work, NOON, {})
    with store.begin() as tx:
        tx.conn.exec_driver_sql("ALTER TABLE away RENAME TO edition")
    settled = address(store, SETTINGS, work, NOON, {})
    assert [n for n, _ in settled] == [0] and [mail.n for mail in work.mails] == [1, 2]
    delivering.turn(store, SETTINGS, Holder("0a1b2c3d"), [Answered(work, list(settled))], [], {MAIN}, NOON)
    deliveries.record(store, work, [(1, Sent())])
    deliveries.finish(store, work)
    assert [mail.n for mail in takes(store).mails] == [2]
