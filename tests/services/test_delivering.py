"""From an open batch to results in the ledger: who is written to at this moment, and what became of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import deliveries
import pytest
from builders import DAY, HOUR, MINUTE, NOON, a_subscriber, a_subscription, an_alert, an_edition, an_id

from alerts.domain.alerts import Kind, State
from alerts.domain.delivery import Blocked, Rejected, Retry, Sent, Unknown
from alerts.domain.labels import Label
from alerts.services import alerting, resuming
from alerts.services.issuing import Audience, issue
from alerts.store.tables import ALERT, DELIVERY, SUBSCRIBER

QUOTA = Blocked("550 5.4.5 Daily user sending limit exceeded")


@pytest.fixture
def readers(store):
    people = [a_subscriber(f"{an_id('reader')}@mission.example", zone="Asia/Almaty") for _ in range(4)]
    with store.begin() as tx:
        tx.subscribers.add(*people)
        tx.subscriptions.add(*(a_subscription(person) for person in people))
    return people


@pytest.fixture
def alert(store, queue, readers):
    return sends(store, queue)


def sends(store, queue, **kw):
    """An alert that has just been published."""
    alert = an_alert(**kw)
    with store.begin() as tx:
        tx.alerts.add(alert)
        edition = an_edition(alert)
        tx.editions.add(edition)
        return issue(tx, queue, alert, Audience(tx, alert, [edition]), by=None, now=NOON)


def take(store, now=NOON):
    return deliveries.take(store, now)


def works(store, *outcomes, now=NOON):
    """One batch, whose mails get these answers in their order; the rest is not reached."""
    work = take(store, now)
    said = [(mail.n, outcome) for mail, outcome in zip(work.mails, outcomes, strict=False)]
    if said:
        deliveries.record(store, work, said, now)
    deliveries.finish(store, work, now)
    return work


def tally(store, alert):
    found = alerting.status(store, alert.id).tally
    parts = ("sent", "retrying", "rejected", "unknown", "suppressed", "withdrawn", "pending")
    counts = {part: getattr(found, part) for part in parts}
    assert sum(counts.values()) == found.audience == alert.audience
    assert min(counts.values()) >= 0
    return {part: value for part, value in counts.items() if value}


def addresses_of(work):
    return {work.own(mail).to for mail in work.mails}


def ids_of(work):
    return {mail.n: work.own(mail).id for mail in work.mails}


def test_every_mail_is_the_readers_own(store, alert, readers):
    work = take(store)
    assert addresses_of(work) == {reader.email for reader in readers}
    assert len({work.own(mail).id for mail in work.mails}) == len({work.own(mail).leave for mail in work.mails}) == 4
    mail = work.mails[0]
    assert work.own(mail).id.endswith("@desk.example")
    [read] = work.readings
    assert (read.zone, read.because, read.language) == ("Asia/Almaty", ("KG",), "en")
    assert alert.id.lower() not in work.own(mail).id


def test_the_message_id_is_the_same_on_every_attempt(store, alert):
    first = ids_of(works(store, *[Retry("451")] * 4))
    resuming.retry(store, NOON + HOUR)
    assert ids_of(take(store, NOON + HOUR)) == first


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"left_at": NOON}, "left"),
        ({"suppressed_at": NOON, "suppressed_why": "bounced"}, "bounced"),
        ({"suppressed_at": NOON}, "suppressed"),
        ({"confirmed_at": None}, "not confirmed"),
        ({"vetted_at": None}, "not vetted for this label"),
        (None, "erased"),
    ],
)
def test_who_may_not_be_written_to_by_now_is_sorted_out_with_the_reason(store, queue, readers, change, why):
    alert = sends(store, queue, label=Label.AMBER)
    with store.begin() as tx:
        if change is None:
            tx.subscriptions.delete(tx.subscriptions.table.c.subscriber_id == readers[1].id)
            tx.subscribers.delete(SUBSCRIBER.c.id == readers[1].id)
        else:
            tx.subscribers.save(replace(readers[1], **change))
    work = take(store)
    assert readers[1].email not in addresses_of(work)
    assert len(work.mails) == 3
    assert tally(store, alert) == {"suppressed": 1, "pending": 3}
    with store.read() as tx:
        assert [row.reason for row in tx.conn.execute(DELIVERY.select())] == [why]


def test_a_changed_address_is_used_from_now_on(store, alert, readers):
    with store.begin() as tx:
        tx.subscribers.save(replace(readers[0], email="new@mission.example"))
    assert "new@mission.example" in addresses_of(take(store))


def test_a_batch_is_taken_once_and_results_stay(store, alert):
    work = take(store)
    assert take(store) is None
    deliveries.record(store, work, [(0, Sent("a")), (1, Rejected("550"))], NOON)
    deliveries.record(store, work, [(0, Rejected("550 later"))], NOON)  # an answer is never written over
    assert tally(store, alert) == {"sent": 1, "rejected": 1, "pending": 2}
    deliveries.finish(store, work, NOON)
    assert len(take(store).mails) == 2


def test_when_all_have_ended_the_alert_is_published(store, alert):
    works(store, Sent(), Sent(), Rejected("550"), Sent())
    assert tally(store, alert) == {"sent": 3, "rejected": 1}
    assert alerting.status(store, alert.id).alert.state is State.PUBLISHED
    assert take(store) is None


# fencing


def test_a_holder_whose_batch_was_taken_over_records_nothing_and_stops(store, alert):
    zombie = take(store)
    deliveries.record(store, zombie, [(0, Sent())], NOON)
    assert deliveries.recover(store) == 1
    heir = take(store)
    assert [mail.n for mail in heir.mails] == [1, 2, 3]
    assert not deliveries.record(store, zombie, [(1, Sent()), (2, QUOTA)], NOON)
    assert zombie.stopped
    deliveries.finish(store, zombie, NOON)
    assert tally(store, alert) == {"sent": 1, "pending": 3}
    assert deliveries.relay(store).blocks == 0
    assert take(store) is None  # the heir holds it still
    assert deliveries.record(store, heir, [(1, Sent())], NOON)
    assert tally(store, alert) == {"sent": 2, "pending": 2}


def test_recovering_opens_what_a_dead_process_held_and_nothing_else(store, queue, readers):
    first = sends(store, queue)
    take(store)
    second = sends(store, queue)
    works(store, *[Sent()] * 4)
    assert deliveries.recover(store) == 1
    assert deliveries.recover(store) == 0
    assert works(store, *[Sent()] * 4).alert.id == first.id
    assert (tally(store, first), tally(store, second)) == ({"sent": 4}, {"sent": 4})


# order


def test_the_urgent_overtakes_what_can_wait(store, queue, readers):
    update, urgent = sends(store, queue, kind=Kind.UPDATE), sends(store, queue)
    assert [take(store).alert.id, take(store).alert.id] == [urgent.id, update.id]


# trying again


def test_who_is_due_is_tried_again_and_only_they(store, alert):
    works(store, Sent(), Retry("451"), Retry("451", after=HOUR), Rejected("550"))
    assert tally(store, alert) == {"sent": 1, "retrying": 2, "rejected": 1}
    assert take(store) is None
    assert resuming.retry(store, NOON + MINUTE - timedelta(microseconds=1)) == 0
    assert resuming.retry(store, NOON + MINUTE) == 1
    work = works(store, Sent(), now=NOON + MINUTE)
    assert [mail.n for mail in work.mails] == [1]
    assert tally(store, alert) == {"sent": 2, "retrying": 1, "rejected": 1}
    assert resuming.retry(store, NOON + HOUR) == 1
    assert [mail.n for mail in works(store, Retry("451"), now=NOON + HOUR).mails] == [2]
    assert tally(store, alert) == {"sent": 2, "retrying": 1, "rejected": 1}


def test_after_72_hours_nobody_is_tried_any_more(store, alert):
    works(store, Sent(), Sent(), Retry("451"), Unknown("line broke"))
    assert tally(store, alert) == {"sent": 2, "retrying": 1, "unknown": 1}
    later = NOON + 3 * DAY
    resuming.retry(store, later)
    works(store, Retry("451"), Retry("451"), now=later)
    assert tally(store, alert) == {"sent": 2, "rejected": 1, "unknown": 1}
    assert resuming.retry(store, later + DAY) == 0
    assert alerting.status(store, alert.id).alert.state is State.PUBLISHED


# a relay that refuses us


def test_a_quota_marks_nobody_and_pauses_the_relay(store, alert):
    work = take(store)
    deliveries.record(store, work, [(0, Sent())], NOON)
    assert not deliveries.record(store, work, [(1, QUOTA)], NOON)
    assert work.stopped
    deliveries.record(store, work, [(2, QUOTA)], NOON)  # another line was told the same
    deliveries.finish(store, work, NOON)
    assert tally(store, alert) == {"sent": 1, "pending": 3}
    relay = deliveries.relay(store)
    assert (relay.blocks, relay.paused_until, relay.reason) == (1, NOON + timedelta(seconds=5), QUOTA.reason)
    assert take(store, NOON + timedelta(seconds=4)) is None


def test_it_is_asked_ever_more_rarely_and_then_everything_goes_out(store, alert):
    now = NOON
    for seconds in (5, 10, 20, 40):
        work = works(store, QUOTA, now=now)
        assert len(work.mails) == 4
        assert take(store, now + timedelta(seconds=seconds - 1)) is None
        now += timedelta(seconds=seconds)
    work = take(store, now)
    assert work.mails[-1].n in work.before  # who was refused in our stead comes last
    for n in range(4):
        assert deliveries.record(store, work, [(n, Sent())], now)
    deliveries.finish(store, work, now)
    assert tally(store, alert) == {"sent": 4}
    assert (deliveries.relay(store).blocks, deliveries.relay(store).paused_until) == (0, None)


def test_what_was_sent_just_before_the_refusal_does_not_undo_the_pause(store, alert):
    work = take(store)
    deliveries.record(store, work, [(0, QUOTA)], NOON)
    deliveries.record(store, work, [(1, Sent())], NOON)  # a line that was faster, recorded after
    assert deliveries.relay(store).blocks == 1
    assert take(store, NOON) is None
    assert tally(store, alert) == {"sent": 1, "pending": 3}


def test_days_of_quota_cost_nobody_their_place(store, alert):
    works(store, QUOTA)
    later = NOON + 4 * DAY
    works(store, Retry("451 greylisted"), Retry("451"), Retry("451"), Retry("451"), now=later)
    assert tally(store, alert) == {"retrying": 4}


def test_a_restart_asks_a_paused_relay_at_once(store, alert):
    works(store, QUOTA)
    assert take(store) is None
    deliveries.recover(store)
    assert len(take(store).mails) == 4


def test_one_who_may_have_it_stays_so_through_a_quota(store, alert):
    works(store, Unknown("broke"), Sent(), Sent(), Sent())
    resuming.retry(store, NOON + MINUTE)
    works(store, QUOTA, now=NOON + MINUTE)
    assert tally(store, alert) == {"sent": 3, "unknown": 1}
    later = NOON + HOUR
    assert resuming.retry(store, later) == 1
    works(store, Sent(), now=later)
    assert tally(store, alert) == {"sent": 4}


# halted


def test_a_halted_batch_that_lies_waiting_ends_when_it_is_taken(store, alert):
    with store.begin() as tx:
        tx.alerts.update(ALERT.c.id == alert.id, halted_at=NOON)
    assert take(store) is None
    assert tally(store, alert) == {"withdrawn": 4}


def test_nobody_waits_for_ever_whatever_is_answered_in_whatever_order(store, alert):
    """A walk over every kind of answer, with the sum checked at each step."""
    script = [Retry("451"), Unknown("broke"), QUOTA, Sent(), Rejected("550")]
    now = NOON
    for step in range(60):
        resuming.retry(store, now)
        work = take(store, now)
        if work:
            for mail in work.mails:
                outcome = script[(step + mail.n) % len(script)]
                if not deliveries.record(store, work, [(mail.n, outcome)], now):
                    break
                tally(store, alert)
            deliveries.finish(store, work, now)
        found = tally(store, alert)
        now += 3 * HOUR
    assert set(found) <= {"sent", "rejected", "unknown"}
    assert alerting.status(store, alert.id).alert.state is State.PUBLISHED
