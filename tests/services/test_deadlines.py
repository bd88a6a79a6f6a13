"""The life of a deadline through the services: its ladder, and the correction of who had another date."""

from __future__ import annotations

import threading
from dataclasses import replace

import deliveries
import pytest
import sqlalchemy as sa
from builders import (
    ANA,
    BEK,
    DAY,
    HEARING,
    HOUR,
    MINUTE,
    NOON,
    VAULT,
    a_case,
    a_person,
    a_subscriber,
    a_subscription,
    an_id,
)

from alerts.domain.alerts import Kind as AlertKind
from alerts.domain.deadlines import Kind, State
from alerts.domain.delivery import Retry, Sent
from alerts.domain.errors import Conflict, Invalid, NotFound
from alerts.domain.labels import Answer, Label
from alerts.domain.ladders import RECHECK_EVERY, Fate, Whom
from alerts.domain.times import at, between
from alerts.services import alerting, deadlines, reminding
from alerts.store import Store
from alerts.store.dates import REMINDER
from alerts.store.tables import ALERT, BATCH

TWO = ("en", "ru")
LATER, SOONER = at("2030-03-01 10:00", "Asia/Bishkek"), at("2030-01-20 09:00", "Asia/Bishkek")
FIRST = HEARING.instant - 14 * DAY


@pytest.fixture
def case(store):
    case = a_case()
    with store.begin() as tx:
        tx.cases.add(case)
        tx.people.add(a_person(case)[0])
    return case


@pytest.fixture
def readers(store):
    return has_readers(store, 3)


def has_readers(store, how_many):
    people = [a_subscriber(f"{an_id('reader')}@mission.example") for _ in range(how_many)]
    with store.begin() as tx:
        tx.subscribers.add(*people)
        tx.subscriptions.add(*(a_subscription(person) for person in people))
    return people


def hearing(store, when=HEARING, by=BEK, now=NOON, **kw):
    return deadlines.enter(store, "KG-1", Kind.HEARING, when, by=by, now=now, **kw)


def said(store, kind=None):
    """What was published, in order."""
    with store.read() as tx:
        found = tx.alerts.where(ALERT.c.published_at.is_not(None), by=[ALERT.c.published_at, ALERT.c.id])
    return [alert for alert in found if kind in (None, alert.kind)]


def ladder(store, fate=Fate.PENDING, whom=Whom.SUBSCRIBERS):
    with store.read() as tx:
        return [
            r.rung for r in tx.reminders.where(REMINDER.c.fate == fate, REMINDER.c.whom == whom, by=REMINDER.c.fire_at)
        ]


def remind(store, queue, now):
    return reminding.remind(store, queue, TWO, now)


def send(store, outcome=None, now=NOON):
    """Everything that waits; `outcome` answers for each place."""
    while work := deliveries.take(store, now):
        answers = [(mail.n, outcome(mail.n) if outcome else Sent()) for mail in work.mails]
        deliveries.record(store, work, answers, now)
        deliveries.finish(store, work, now)


def written_to(store, alert):
    with store.read() as tx:
        rows = tx.conn.execute(sa.select(BATCH.c.recipients).where(BATCH.c.alert_id == alert.id))
        return {recipient.subscriber_id for row in rows for recipient in row.recipients}


# setting and confirming


def test_a_date_set_by_an_author_tells_nobody_until_it_is_confirmed(store, queue, case, readers):
    deadline = hearing(store, by=ANA)
    assert ladder(store) == []
    assert remind(store, queue, FIRST) == 0
    deadlines.confirm(store, queue, TWO, deadline.id, by=BEK, now=NOON)
    assert ladder(store) == ["T-14d", "T-7d", "T-3d", "T-1d", "T-3h"]
    assert ladder(store, whom=Whom.STAFF) == ["T+6h"]
    assert said(store) == []


def test_each_rung_fires_when_it_is_due_and_once(store, queue, case, readers):
    hearing(store)
    due, fired = [HEARING.instant - early for early in (14 * DAY, 7 * DAY, 3 * DAY, DAY, 3 * HOUR, -6 * HOUR)], []
    for now in sorted(moment + minutes * MINUTE for moment in due for minutes in (-1, 0, 1)):
        fired += [now] * remind(store, queue, now)
        assert remind(store, queue, now) == 0
    assert [HEARING.instant - now for now in fired] == [14 * DAY, 7 * DAY, 3 * DAY, DAY, 3 * HOUR]
    assert [alert.notice.rung for alert in said(store)] == ["T-14d", "T-7d", "T-3d", "T-1d", "T-3h"]
    assert [alert.ordinal for alert in said(store)] == [1, 2, 3, 4, 5]
    assert {alert.number for alert in said(store)} == {"DN 001/2030 KGZ"}
    assert ladder(store, Fate.FIRED, Whom.STAFF) == ["T+6h"]


def test_after_the_desk_was_down_the_youngest_goes_out_and_stands_for_the_others(store, queue, case, readers):
    hearing(store)
    assert remind(store, queue, HEARING.instant - 2 * DAY) == 1
    assert [alert.notice.rung for alert in said(store)] == ["T-3d"]
    assert ladder(store, Fate.SKIPPED) == ["T-14d", "T-7d"]


def test_what_is_over_is_not_reminded_of(store, queue, case, readers):
    hearing(store)
    assert remind(store, queue, HEARING.instant + DAY) == 0
    assert (said(store), ladder(store)) == ([], [])


def test_two_clocks_fire_a_rung_once(store, queue, case, readers):
    for _ in range(3):
        hearing(store)
    fired, barrier = [], threading.Barrier(4)

    def clock(own):
        barrier.wait()
        fired.append(reminding.remind(own, queue, TWO, FIRST))

    stores = [store, store, Store(store.url, VAULT), Store(store.url, VAULT)]  # two threads here, two other processes
    clocks = [threading.Thread(target=clock, args=(own,)) for own in stores]
    for thread in clocks:
        thread.start()
    for thread in clocks:
        thread.join()
    for own in stores[2:]:
        own.close()
    assert (len(fired), sum(fired)) == (4, 3)
    assert len(said(store)) == 3
    assert len(ladder(store, Fate.FIRED)) == 3


def test_a_newer_reminder_overtakes_what_is_unsent_of_the_older(store, queue, case, readers):
    hearing(store)
    remind(store, queue, FIRST)
    send(store, lambda place: Sent() if place == 0 else Retry("451"), now=FIRST)
    remind(store, queue, FIRST + 7 * DAY)
    first, second = said(store)
    status = alerting.status(store, first.id)
    assert (status.tally.sent, status.tally.withdrawn, status.alert.state) == (1, 2, "published")
    assert second.audience == 3


def test_an_older_reminder_that_nobody_took_does_not_say_publishing_for_ever(store, queue, case, readers):
    hearing(store)
    remind(store, queue, FIRST)
    remind(store, queue, FIRST + 7 * DAY)
    assert [alerting.status(store, alert.id).alert.state for alert in said(store)] == ["published", "publishing"]


def test_a_deadline_without_a_case_needs_a_title_and_concerns_all(store, queue, readers):
    when = between("1–2 December 2030", "2030-12-01", "2030-12-02", "Asia/Almaty")
    with pytest.raises(Invalid, match="needs a title"):
        deadlines.enter(store, None, Kind.SUMMIT, when, by=BEK, now=NOON)
    deadlines.enter(store, None, Kind.SUMMIT, when, by=BEK, now=NOON, title="OSCE Summit")
    assert ladder(store) == ["T-60d", "T-21d", "T-7d", "T-1d"]
    remind(store, queue, when.instant - 20 * DAY)
    [alert] = said(store)
    assert (alert.audience, alert.number) == (3, "DN 001/2030")


# another date


def test_a_change_before_anything_was_sent_corrects_nobody_and_starts_a_new_ladder(store, queue, case, readers):
    deadline = hearing(store)
    deadlines.reschedule(store, queue, TWO, deadline.id, LATER, reason="", by=BEK, now=NOON)
    assert said(store) == []
    assert ladder(store) == ["T-14d", "T-7d", "T-3d", "T-1d", "T-3h"]
    assert ladder(store, Fate.REVOKED) == ["T-14d", "T-7d", "T-3d", "T-1d", "T-3h"]
    assert remind(store, queue, FIRST) == 0  # nothing at a revoked time
    assert remind(store, queue, LATER.instant - 14 * DAY) == 1


def test_a_change_after_a_reminder_corrects_exactly_those_who_had_it(store, queue, case, readers):
    deadline = hearing(store)
    remind(store, queue, FIRST)
    send(store, lambda place: [Sent(), Retry("451"), Sent()][place], now=FIRST)
    reminder = said(store)[0]
    with store.read() as tx:
        holders = set(tx.ledger.holders([reminder.id]))
    has_readers(store, 1)
    deadlines.reschedule(store, queue, TWO, deadline.id, SOONER, reason="judge ill", by=BEK, now=FIRST)
    [correction] = said(store, AlertKind.CORRECTION)
    assert written_to(store, correction) == holders
    assert len(holders) == 2
    assert (correction.notice.was, correction.notice.when, correction.notice.reason) == (HEARING, SOONER, "judge ill")
    assert (correction.number, correction.ordinal, correction.thread) == (reminder.number, 2, reminder.id)
    assert ladder(store) == ["T-1d", "T-3h"]  # the correction stood for the past ones
    assert alerting.status(store, reminder.id).tally.withdrawn == 1
    # the next rung goes to all who asked, the new reader and the one who had nothing included
    assert remind(store, queue, SOONER.instant - DAY) == 1
    assert said(store)[-1].audience == 4


def test_an_authors_change_stops_the_ladder_and_waits_for_an_approver_to_correct(store, queue, case, readers):
    deadline = hearing(store)
    remind(store, queue, FIRST)
    send(store, now=FIRST)
    deadlines.reschedule(store, queue, TWO, deadline.id, LATER, reason="", by=ANA, now=FIRST)
    assert (len(said(store)), ladder(store)) == (1, [])
    deadlines.confirm(store, queue, TWO, deadline.id, by=BEK, now=FIRST)
    [correction] = said(store, AlertKind.CORRECTION)
    assert (correction.notice.was, correction.notice.when, correction.audience) == (HEARING, LATER, 3)
    assert len(ladder(store)) == 5


def test_confirming_the_date_that_readers_have_tells_them_nothing(store, queue, case, readers):
    deadline = hearing(store)
    remind(store, queue, FIRST)
    send(store, now=FIRST)
    deadlines.reschedule(store, queue, TWO, deadline.id, LATER, reason="", by=ANA, now=FIRST)
    deadlines.reschedule(store, queue, TWO, deadline.id, HEARING, reason="a mistake", by=BEK, now=FIRST)
    assert len(said(store)) == 1


def test_put_off_sine_die_readers_are_told_and_staff_are_asked_every_two_weeks(store, queue, case, readers):
    deadline = hearing(store)
    remind(store, queue, FIRST)
    send(store, now=FIRST)
    deadlines.adjourn(store, queue, TWO, deadline.id, reason="expert study", by=BEK, now=FIRST)
    [correction] = said(store, AlertKind.CORRECTION)
    assert (correction.notice.when, correction.notice.was, correction.notice.state) == (None, HEARING, "adjourned")
    assert ladder(store) == []
    for round_ in range(1, 4):
        assert ladder(store, whom=Whom.STAFF) == ["T+14d"]
        assert remind(store, queue, FIRST + round_ * RECHECK_EVERY) == 0
    deadlines.reschedule(store, queue, TWO, deadline.id, LATER, reason="", by=BEK, now=FIRST + DAY)
    assert said(store, AlertKind.CORRECTION)[-1].notice.when == LATER
    assert ladder(store, whom=Whom.STAFF) == ["T+6h"]


def test_an_authors_adjournment_is_asked_about_before_and_after_it_is_confirmed(store, queue, case, readers):
    deadline = hearing(store)
    deadlines.adjourn(store, queue, TWO, deadline.id, reason="", by=ANA, now=NOON)
    assert ladder(store, whom=Whom.STAFF) == ["T+14d"]
    deadlines.confirm(store, queue, TWO, deadline.id, by=BEK, now=NOON)
    assert ladder(store, whom=Whom.STAFF) == ["T+14d"]


@pytest.mark.parametrize("by", [BEK, ANA])
def test_who_was_told_of_a_hearing_is_told_that_it_is_cancelled(store, queue, case, readers, by):
    deadline = hearing(store)
    remind(store, queue, FIRST)
    send(store, now=FIRST)
    deadlines.cancel(store, queue, TWO, deadline.id, reason="charges dropped", by=by, now=FIRST)
    assert ladder(store) == []
    if by is ANA:
        assert said(store, AlertKind.CORRECTION) == []
        deadlines.confirm(store, queue, TWO, deadline.id, by=BEK, now=FIRST)
    [correction] = said(store, AlertKind.CORRECTION)
    assert (correction.notice.state, correction.audience) == (State.CANCELLED, 3)
    assert ladder(store) == []


def test_once_it_was_held_nothing_more_is_said(store, queue, case, readers):
    deadline = hearing(store)
    deadlines.held(store, deadline.id, outcome="acquitted", by=ANA, now=NOON)
    assert (ladder(store), ladder(store, whom=Whom.STAFF)) == ([], [])
    assert remind(store, queue, FIRST) == 0
    with pytest.raises(Conflict):
        deadlines.reschedule(store, queue, TWO, deadline.id, LATER, reason="", by=BEK, now=NOON)


# what may be said


def test_a_notice_names_only_whom_its_readers_may_have(store, queue, case, readers):
    other = a_case("KG-2", answer=Answer.TRUSTED_NO_NAME)
    with store.begin() as tx:
        tx.cases.add(other)
        tx.people.add(a_person(other, "Hidden Name")[0])
        tx.people.add(a_person(case, "Her Sister", role="relative", position=1)[0])
    hearing(store)
    deadlines.enter(store, "KG-2", Kind.HEARING, HEARING, by=BEK, now=NOON)
    remind(store, queue, FIRST)
    notices = {alert.case_id: (alert.notice.names, alert.label, bool(alert.number)) for alert in said(store)}
    assert notices == {case.id: (("Aida Sample",), Label.GREEN, True), other.id: ((), Label.AMBER, False)}


def test_after_a_withdrawal_the_ladder_says_nothing_more_under_that_number(store, queue, case, readers):
    deadline = hearing(store)
    remind(store, queue, FIRST)
    send(store, now=FIRST)
    [reminder] = said(store)
    gone = alerting.withdraw(store, queue, TWO, reminder.id, by=BEK, now=FIRST)
    assert (gone.audience, ladder(store)) == (3, [])
    assert remind(store, queue, FIRST + 7 * DAY) == 0
    with store.begin() as tx:
        tx.cases.save(replace(case, answer=Answer.TRUSTED_NO_NAME))
    deadlines.reschedule(store, queue, TWO, deadline.id, LATER, reason="", by=BEK, now=FIRST + HOUR)
    assert said(store, AlertKind.CORRECTION) == []  # they were asked to delete it, not to expect another date
    assert alerting.status(store, gone.id).tally.pending == 3  # and that request is not overtaken
    remind(store, queue, LATER.instant - 14 * DAY)
    last = said(store)[-1]
    assert (last.kind, last.notice.names, last.ordinal) == (AlertKind.REMINDER, (), 1)
    assert last.thread != reminder.thread


def test_an_unknown_case_or_deadline_is_not_found(store, queue):
    with pytest.raises(NotFound):
        deadlines.enter(store, "XX-1", Kind.HEARING, HEARING, by=BEK, now=NOON)
    with pytest.raises(NotFound):
        deadlines.confirm(store, queue, TWO, "nothing", by=BEK, now=NOON)


def test_the_next_one_is_listed_first_and_those_without_a_date_last(store, queue, case):
    off, late, soon = hearing(store), hearing(store, LATER), hearing(store, SOONER)
    deadlines.adjourn(store, queue, TWO, off.id, reason="", by=BEK, now=NOON)
    assert [deadline.id for deadline, _ in deadlines.listing(store)] == [soon.id, late.id, off.id]
    assert deadlines.zone(store, soon.id) == "Asia/Bishkek"
    assert deadlines.zone(store, off.id) == ""
