"""Who is reminded of what, when: ladders of a case and of a reader, one mail for several, what the desk was down for,
clocks that a country changes.
"""

from __future__ import annotations

import threading
from dataclasses import replace

import deliveries
import pytest
import sqlalchemy as sa
from builders import (
    ANA,
    BEK,
    DANA,
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
from readings import SETTINGS

from alerts.domain import times
from alerts.domain.alerts import Kind as AlertKind
from alerts.domain.audience import Cadence
from alerts.domain.deadlines import Kind, State
from alerts.domain.delivery import Sent
from alerts.domain.errors import Conflict, Forbidden, Invalid
from alerts.domain.ladders import RECHECK_EVERY, Fate, Whom
from alerts.domain.times import at, between
from alerts.render import Render
from alerts.services import deadlines, digests, laddering, rehearsing, reminding
from alerts.store import Store, Unavailable, held
from alerts.store.dates import DEADLINE, REMINDER
from alerts.store.tables import ALERT, AUDIT, BATCH, CONTAINS, EDITION

TWO = ("en", "ru")
render = Render(SETTINGS)
LATER, SOONER = at("2030-03-01 10:00", "Asia/Bishkek"), at("2030-01-20 09:00", "Asia/Bishkek")
START = HEARING.instant


@pytest.fixture
def case(store):
    case = a_case()
    with store.begin() as tx:
        tx.cases.add(case)
        tx.people.add(a_person(case)[0])
    return case


def reader(store, rungs="", cadence=Cadence.IMMEDIATE, **kw):
    person = a_subscriber(f"{an_id('reader')}@mission.example", rungs=rungs, **kw)
    with store.begin() as tx:
        tx.subscribers.add(person)
        tx.subscriptions.add(a_subscription(person, countries=("KG",), cadence=cadence))
    return person


def hearing(store, when=HEARING, kind=Kind.HEARING, by=BEK, now=NOON, **kw):
    return deadlines.enter(store, "KG-1", kind, when, by=by, now=now, **kw)


def remind(store, queue, now):
    return reminding.remind(store, queue, TWO, now)


def said(store, kind=AlertKind.REMINDER):
    with store.read() as tx:
        return tx.alerts.where(ALERT.c.kind == kind, by=[ALERT.c.published_at, ALERT.c.id])


def written_to(store, alert):
    with store.read() as tx:
        batches = tx.conn.execute(sa.select(BATCH.c.recipients).where(BATCH.c.alert_id == alert.id)).scalars()
        return {recipient.subscriber_id for recipients in batches for recipient in recipients}


def rungs_told(store, person):
    """The rungs of the reminders that went to them, each as a mail of its own."""
    return [alert.notice.rung for alert in said(store) if person.id in written_to(store, alert)]


def ladder(store, fate=Fate.PENDING, whom=Whom.SUBSCRIBERS):
    with store.read() as tx:
        mine = (REMINDER.c.fate == fate, REMINDER.c.whom == whom)
        return [one.rung for one in tx.reminders.where(*mine, by=[REMINDER.c.fire_at, REMINDER.c.id])]


def walk(store, queue, *moments):
    for now in moments:
        remind(store, queue, now)


EACH_RUNG = [START - n * DAY for n in (14, 10, 7, 3, 1)] + [START - 3 * HOUR]


# what each reader asks for


def test_three_days_before_is_enough_for_one_and_ten_days_are_gold_to_another(store, queue, case):
    usual, three, ten = reader(store), reader(store, "T-3d"), reader(store, "T-10d;T-3d")
    hearing(store)
    assert ladder(store) == ["T-14d", "T-10d", "T-7d", "T-3d", "T-1d", "T-3h"]
    walk(store, queue, *EACH_RUNG)
    assert rungs_told(store, usual) == ["T-14d", "T-7d", "T-3d", "T-1d", "T-3h"]
    assert rungs_told(store, three) == ["T-3d"]
    assert rungs_told(store, ten) == ["T-10d", "T-3d"]


def test_a_rung_that_readers_ask_for_later_is_put_where_it_waits(store, queue, case):
    hearing(store)
    ten = reader(store, "T-10d")
    assert ladder(store) == ["T-14d", "T-7d", "T-3d", "T-1d", "T-3h"]
    assert laddering.widen(store, NOON) == 1
    assert laddering.widen(store, NOON) == 0
    assert "T-10d" in ladder(store)
    walk(store, queue, *EACH_RUNG)
    assert rungs_told(store, ten) == ["T-10d"]


def test_no_reader_makes_a_rung_of_what_is_ours_and_the_lawyers(store, queue, case):
    reader(store, "T-10d")
    hearing(store, kind=Kind.APPEAL_END)
    assert (ladder(store), laddering.widen(store, NOON), ladder(store)) == ([], 0, [])
    assert ladder(store, whom=Whom.STAFF) == ["T-50%", "T-5d", "T-2d", "T-1d", "T+1d"]
    assert ladder(store, whom=Whom.LAWYER) == ["T-50%", "T-5d", "T-2d", "T-1d"]
    walk(store, queue, START - 5 * DAY)
    assert said(store) == []


def test_who_waits_for_a_rung_that_was_left_out_gets_the_one_that_stands_for_it(store, queue, case):
    """Entered five days before: who asked for fourteen or ten days hears at once, who asked for three in two days."""
    usual, three = reader(store), reader(store, "T-3d")
    ten, fourteen = reader(store, "T-10d"), reader(store, "T-14d")
    now = START - 5 * DAY
    hearing(store, now=now)
    walk(store, queue, now, START - 3 * DAY)
    assert [rungs_told(store, one) for one in (usual, ten, fourteen)] == [["T-7d", "T-3d"], ["T-7d"], ["T-7d"]]
    assert rungs_told(store, three) == ["T-3d"]


def test_brought_forward_past_their_only_rung_a_reader_hears_once(store, queue, case):
    """Who holds the old date is corrected, and that is all; who had none yet is told at once, in place of a ladder."""
    told, fresh = reader(store, "T-14d"), reader(store, "T-5d")
    deadline = hearing(store)
    remind(store, queue, START - 14 * DAY)
    deliver(store, START - 14 * DAY)
    now = SOONER.instant - DAY - HOUR
    deadlines.reschedule(store, queue, TWO, deadline.id, SOONER, reason="", by=BEK, now=now)
    [correction] = said(store, AlertKind.CORRECTION)
    assert written_to(store, correction) == {told.id}
    deliver(store, now)
    walk(store, queue, SOONER.instant - DAY, SOONER.instant - 3 * HOUR)
    assert rungs_told(store, told) == ["T-14d"]
    assert rungs_told(store, fresh) == [""]


def test_who_wants_only_hours_hears_of_a_date_whose_hour_nobody_knows_as_all_do(store, queue, case):
    hours = reader(store, "T-3h")
    vague = hearing(store, between("mid-February", "2030-02-10", "2030-02-20", "Asia/Bishkek"))
    remind(store, queue, vague.starts_at - 13 * DAY)
    assert rungs_told(store, hours) == ["T-14d"]


def test_who_nags_is_asked_each_morning_until_it_is_reported(store, queue, case):
    reader(store)
    nagging, digest = reader(store, nag=True), reader(store, nag=True, cadence=Cadence.DAILY)
    deadline = hearing(store)
    walk(store, queue, START - 3 * HOUR, START + 6 * HOUR)
    before = len(said(store))
    mornings = [at(f"2030-02-0{day} 09:00", "Asia/Bishkek").instant for day in (2, 3, 4)]
    for morning in mornings:
        assert remind(store, queue, morning - MINUTE) == 0
        assert remind(store, queue, morning) == 1
        assert remind(store, queue, morning + HOUR) == 0
    asked = said(store)[before:]
    assert [alert.notice.rung for alert in asked] == ["T+1d 09:00", "T+2d 09:00", "T+3d 09:00"]
    assert all(written_to(store, alert) == {nagging.id} for alert in asked)
    with store.read() as tx:
        assert {row.subscriber_id for row in held.waiting(tx, [asked[-1].id])} == {digest.id}
    deadlines.held(store, deadline.id, outcome="put under house arrest", by=ANA, now=mornings[-1])
    assert remind(store, queue, mornings[-1] + DAY) == 0


def test_without_anybody_who_nags_readers_are_asked_nothing_afterwards(store, queue, case):
    reader(store)
    hearing(store)
    assert "T+1d 09:00" not in ladder(store)
    reader(store, nag=True)
    laddering.widen(store, NOON)
    assert ladder(store)[-1] == "T+1d 09:00"


# what a case asks for


def test_a_case_has_rungs_of_its_own_for_its_dates_to_come(store, queue, case):
    person = reader(store)
    old = hearing(store)
    remind(store, queue, START - 14 * DAY)
    laddering.set_own(store, "KG-1", Kind.HEARING, ["10d", "2d"], by=ANA, now=START - 14 * DAY)
    assert (ladder(store), ladder(store, whom=Whom.STAFF)) == (["T-10d", "T-2d"], ["T+6h"])
    hearing(store, LATER, now=START - 14 * DAY)
    assert ladder(store) == ["T-10d", "T-2d", "T-10d", "T-2d"]
    walk(store, queue, START - 10 * DAY, START - 2 * DAY)
    assert [alert.notice.rung for alert in said(store) if alert.deadline_id == old.id] == ["T-14d", "T-10d", "T-2d"]
    assert len(rungs_told(store, person)) == 3
    laddering.set_own(store, "KG-1", Kind.HEARING, [], by=ANA, now=START - 2 * DAY)
    assert ladder(store)[:2] == ["T-1d", "T-3h"]


def test_only_who_may_write_sets_a_cases_reminders_and_only_sensible_ones(store, case):
    with pytest.raises(Forbidden):
        laddering.set_own(store, "KG-1", Kind.HEARING, ["3d"], by=DANA, now=NOON)
    with pytest.raises(Invalid, match="“soon” is no reminder"):
        laddering.words("3d, soon")
    assert laddering.words("10d, 3d;3h +6h") == ["10d", "3d", "3h", "+6h"]


# several for one reader


def test_two_hearings_that_fall_together_come_as_one_mail(store, queue, case):
    both, one = reader(store), reader(store, "T-7d;T-1d")
    first, second = hearing(store), hearing(store, court="Sokuluk court")
    only_ten = reader(store, "T-10d")
    now = START - DAY
    assert remind(store, queue, now) == 2
    alerts = said(store)
    assert [written_to(store, alert) for alert in alerts] == [set(), set()]
    [digest] = digests.send_due(store, queue, render, now)
    assert written_to(store, digest) == {both.id, one.id}
    deliver(store, now)
    with store.read() as tx:
        titles = {one.language: one.title for one in tx.editions.where(EDITION.c.alert_id == digest.id)}
        assert titles["en"] == "Fri 1 Feb 10:00, court hearing, Kyrgyzstan, and 1 more date: can you attend?"
        assert titles["ru"].endswith(", и ещё 1 дата: сможете прийти?")
        contents = set(tx.conn.execute(sa.select(CONTAINS.c.alert_id)).scalars())
        assert contents == {alert.id for alert in alerts}
        for deadline in (first, second):  # each date counts as told
            assert reminding.notices.knowing(tx, deadline) == {both.id, one.id}
    assert digests.send_due(store, queue, render, now + MINUTE) == []
    deadlines.reschedule(store, queue, TWO, first.id, LATER, reason="", by=BEK, now=now + HOUR)
    [correction] = said(store, AlertKind.CORRECTION)
    assert written_to(store, correction) == {both.id, one.id}
    assert only_ten.id not in written_to(store, digest)


def test_who_gets_only_one_of_them_gets_that_one_alone(store, queue, case):
    other = a_case("KG-2")
    with store.begin() as tx:
        tx.cases.add(other)
    everything = reader(store)
    one_case = a_subscriber("one@mission.example")
    with store.begin() as tx:
        tx.subscribers.add(one_case)
        tx.subscriptions.add(a_subscription(one_case, cases=("KG-2",)))
    hearing(store)
    deadlines.enter(store, "KG-2", Kind.HEARING, HEARING, by=BEK, now=NOON)
    remind(store, queue, START - DAY)
    [digest] = digests.send_due(store, queue, render, START - DAY)
    assert written_to(store, digest) == {everything.id}
    alone = [alert for alert in said(store) if written_to(store, alert)]
    assert [(alert.case_id, written_to(store, alert)) for alert in alone] == [(other.id, {one_case.id})]


def test_what_comes_within_36_hours_wakes_a_reader_also_where_it_is_two(store, queue, case):
    """It is night for them when both fall due."""
    sleeper = reader(store, quiet="00-23", zone="Asia/Bishkek")
    hearing(store), hearing(store)
    remind(store, queue, START - DAY)
    [digest] = digests.send_due(store, queue, render, START - DAY)
    work = deliveries.take(store, START - DAY)
    assert work and len(work.mails) == 1
    assert written_to(store, digest) == {sleeper.id}


# the desk was down


def test_what_was_due_while_the_desk_was_down_goes_out_at_once_while_it_is_of_use(store, queue, case):
    seven, fourteen = reader(store, "T-7d"), reader(store, "T-14d")
    hearing(store)
    assert remind(store, queue, START - 2 * HOUR) == 1
    [alert] = said(store)
    assert alert.notice.rung == "T-3h"
    assert written_to(store, alert) == {seven.id, fourteen.id}  # it stands for theirs
    assert ladder(store, Fate.SKIPPED) == ["T-14d", "T-7d", "T-3d", "T-1d"]


def test_what_comes_too_late_is_missed_and_a_person_decides(store, queue, case):
    person = reader(store)
    deadline = hearing(store)
    assert remind(store, queue, START + 7 * HOUR) == 0
    assert (said(store), ladder(store, Fate.MISSED), ladder(store, Fate.FIRED, Whom.STAFF)) == ([], ["T-3h"], ["T+6h"])
    late = START + 8 * HOUR
    with pytest.raises(Forbidden):
        reminding.decide(store, queue, TWO, deadline.id, tell_them=True, by=DANA, now=late)
    assert reminding.decide(store, queue, TWO, deadline.id, tell_them=True, by=ANA, now=late) == 1
    assert rungs_told(store, person) == ["T+0h"]
    with pytest.raises(Conflict, match="somebody has decided already"):
        reminding.decide(store, queue, TWO, deadline.id, tell_them=False, by=BEK, now=late)
    with store.read() as tx:
        [entry] = tx.conn.execute(sa.select(AUDIT).where(AUDIT.c.verb == "missed reminder decided"))
        assert (entry.subject, entry.detail, entry.staff_id) == (deadline.id, "told now", ANA.id)


def test_what_was_missed_may_be_left_and_needs_no_decision_once_it_is_reported(store, queue, case):
    reader(store)
    first, second = hearing(store), hearing(store)
    remind(store, queue, START + DAY)
    assert ladder(store, Fate.MISSED) == ["T-3h", "T-3h"]
    assert reminding.decide(store, queue, TWO, first.id, tell_them=False, by=ANA, now=START + DAY) == 0
    deadlines.held(store, second.id, outcome="acquitted", by=ANA, now=START + DAY)
    assert (ladder(store, Fate.MISSED), said(store)) == ([], [])


def test_a_period_to_appeal_that_ended_while_the_desk_was_down_is_missed_by_us_and_nobody_is_told(store, queue, case):
    deadline = hearing(store, kind=Kind.APPEAL_END)
    remind(store, queue, START + 2 * DAY)
    assert ladder(store, Fate.MISSED, Whom.STAFF) == ["T-1d"]
    assert ladder(store, Fate.FIRED, Whom.STAFF) == ["T+1d"]
    with pytest.raises(Conflict, match="no readers to tell"):
        reminding.decide(store, queue, TWO, deadline.id, tell_them=True, by=ANA, now=START + 2 * DAY)
    reminding.decide(store, queue, TWO, deadline.id, tell_them=False, by=ANA, now=START + 2 * DAY)
    assert ladder(store, Fate.MISSED, Whom.STAFF) == []


def test_a_recheck_comes_again_every_two_weeks(store, queue, case):
    hearing(store, kind=Kind.RECHECK)
    for round_ in range(3):
        remind(store, queue, START + round_ * RECHECK_EVERY)
        assert ladder(store, whom=Whom.STAFF) == ["T+14d"]


# several clocks


def test_clocks_of_several_processes_fire_each_rung_once_while_dates_are_moved(store, queue, case):
    person = reader(store)
    them = [hearing(store) for _ in range(12)]
    stores = [Store(store.url, VAULT) for _ in range(3)]
    barrier, now = threading.Barrier(4), START - 14 * DAY

    def clock(own):
        barrier.wait()
        for _ in range(3):
            reminding.remind(own, queue, TWO, now)

    def mover():
        barrier.wait()
        for deadline in them[::3]:
            deadlines.reschedule(store, queue, TWO, deadline.id, LATER, reason="", by=BEK, now=now)

    threads = [threading.Thread(target=clock, args=(own,)) for own in stores] + [threading.Thread(target=mover)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for own in stores:
        own.close()
    remind(store, queue, now)
    with store.read() as tx:
        mine = (REMINDER.c.fate == Fate.FIRED, REMINDER.c.rung == "T-14d", REMINDER.c.whom == Whom.SUBSCRIBERS)
        fired = tx.reminders.where(*mine)
        assert len({one.deadline_id for one in fired}) == len(fired)
        assert not ({one.id for one in them if them.index(one) % 3} - {one.deadline_id for one in fired})
        assert len(tx.alerts.where(ALERT.c.kind == AlertKind.REMINDER)) == len(fired)
    assert person


def test_clocks_of_several_processes_never_wait_for_each_other_in_a_circle(store, queue, case):
    reader(store)
    with store.begin() as tx:
        tx.cases.add(*(a_case(f"KG-{n}") for n in range(2, 5)))
    them = [deadlines.enter(store, f"KG-{n % 4 + 1}", Kind.HEARING, HEARING, by=BEK, now=NOON).id for n in range(48)]
    stores, barrier, refused = [Store(store.url, VAULT) for _ in range(4)], threading.Barrier(4), []

    def clock(own):
        for day in (14, 7, 3, 1):
            barrier.wait()
            try:
                remind(own, queue, START - day * DAY)
            except Unavailable as refusal:
                refused.append(refusal)

    threads = [threading.Thread(target=clock, args=(own,)) for own in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for own in stores:
        own.close()
    assert refused == []
    assert len(said(store)) == 4 * len(them)


@pytest.mark.parametrize("broken", [[1], [0, 3], [0, 1, 2, 3]])
def test_a_date_that_a_bug_keeps_back_stops_no_other(store, queue, case, monkeypatch, caplog, broken):
    """Seen to stop every reminder of the desk, each second anew."""
    person = reader(store)
    them = [hearing(store) for _ in range(4)]
    kept = {them[n].id for n in broken}
    told = reminding.tell

    def breaks(tx, deadline, *what):
        if deadline.id in kept:
            raise LookupError(deadline.title or person.email)
        return told(tx, deadline, *what)

    monkeypatch.setattr(reminding, "tell", breaks)
    now = START - 14 * DAY
    assert remind(store, queue, now) == 4 - len(broken)
    assert {alert.deadline_id for alert in said(store)} == {one.id for one in them} - kept
    assert all(id in caplog.text for id in kept) and "LookupError" in caplog.text and person.email not in caplog.text
    monkeypatch.undo()
    assert remind(store, queue, now) == len(broken)
    assert len(said(store)) == 4


def test_a_tick_reads_only_what_is_due(store, queue, case):
    with store.begin() as tx:
        if store.on_sqlite:
            said_ = "\n".join(row[3] for row in explain(tx, "EXPLAIN QUERY PLAN"))
            assert "SEARCH reminder USING INDEX reminder_due (fate=? AND fire_at<?)" in said_
            assert "SCAN" not in said_ and "TEMP B-TREE" not in said_
        else:
            tx.conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
            said_ = "\n".join(row[0] for row in explain(tx, "EXPLAIN"))
            assert "Index Scan using reminder_due" in said_ and "Seq Scan" not in said_


def explain(tx, how):
    query = reminding.due(NOON).compile(tx.conn, compile_kwargs={"render_postcompile": True, "literal_binds": True})
    return list(tx.conn.exec_driver_sql(f"{how} {query}"))


# what would happen


def test_a_rehearsal_says_who_would_be_told_and_writes_nothing(store, queue, case):
    reader(store), reader(store, language="ru"), reader(store, "T-3d", language="ru")
    hearing(store)
    with store.read() as tx:
        before = tx.reminders.where(), tx.alerts.count()
    found = rehearsing.rehearse(store, TWO, START + 6 * HOUR, NOON)
    assert [(one.reminder.rung, one.reminder.whom, one.readers) for one in found] == [
        ("T-14d", "subscribers", {"en": 1, "ru": 1}),
        ("T-7d", "subscribers", {"en": 1, "ru": 1}),
        ("T-3d", "subscribers", {"en": 1, "ru": 2}),
        ("T-1d", "subscribers", {"en": 1, "ru": 1}),
        ("T-3h", "subscribers", {"en": 1, "ru": 1}),
        ("T+6h", "staff", {}),
    ]
    assert rehearsing.rehearse(store, TWO, START - 8 * DAY, NOON) == found[:1]
    late = rehearsing.rehearse(store, TWO, START - 2 * DAY, START - 2 * DAY)
    assert [(one.reminder.rung, one.reminder.fate) for one in late] == [
        ("T-14d", "skipped"), ("T-7d", "skipped"), ("T-3d", "fired"),
    ]  # fmt: skip
    with store.read() as tx:
        assert (tx.reminders.where(), tx.alerts.count()) == before


# a country changes its clocks


@pytest.fixture
def before_almaty_moved(monkeypatch):
    """Dates as they were entered with the zone rules of 2023: Almaty was six hours ahead, and is five since 2024."""
    monkeypatch.setattr(times, "zone_info", lambda name: times.ZoneInfo("Etc/GMT-6"))
    return replace(at("2030-02-01 10:00", "Etc/GMT-6"), zone="Asia/Almaty", tzdata="2023.3")


def test_when_a_country_changes_its_clocks_instants_and_rungs_move_and_holders_are_told(
    store, queue, case, before_almaty_moved, monkeypatch
):
    person = reader(store)
    moves = hearing(store, before_almaty_moved)
    stays = hearing(store, replace(HEARING, tzdata="2023.3"))
    assert moves.starts_at == stays.starts_at == START
    remind(store, queue, START - 14 * DAY)
    with store.begin() as tx:
        tx.held.delete()
    deliver(store, START - 14 * DAY)
    monkeypatch.undo()
    now = START - 14 * DAY + HOUR
    assert laddering.rederive(store, queue, TWO, now) == 1
    with store.read() as tx:
        new, same = tx.deadlines.get(moves.id), tx.deadlines.get(stays.id)
        waiting = tx.reminders.where(REMINDER.c.deadline_id == moves.id, REMINDER.c.fate == Fate.PENDING)
        starts = tx.conn.execute(sa.select(DEADLINE.c.starts_at).where(DEADLINE.c.id == moves.id)).scalar_one()
    assert (new.when.wall, starts, same.starts_at) == (moves.when.wall, START + HOUR, START)
    assert {new.when.tzdata, same.when.tzdata} == {times.tzdata()}
    due = {one.rung: one.fire_at for one in waiting}
    assert due["T-1d"] == START + HOUR - DAY
    assert due["T+6h"] == START + 7 * HOUR
    assert {one.revision for one in waiting} == {new.revision}
    assert laddering.rederive(store, queue, TWO, now) == 0
    assert remind(store, queue, START - 7 * DAY) == 1  # only of the one that stayed
    assert person and new.state is State.CONFIRMED


def test_a_correction_goes_to_who_holds_the_instant_that_is_wrong_now(
    store, queue, case, before_almaty_moved, monkeypatch
):
    person = reader(store)
    hearing(store, before_almaty_moved)
    remind(store, queue, START - 14 * DAY)
    deliver(store, START - 14 * DAY)
    monkeypatch.undo()
    laddering.rederive(store, queue, TWO, START - 13 * DAY)
    [correction] = said(store, AlertKind.CORRECTION)
    assert written_to(store, correction) == {person.id}
    assert (correction.notice.was.instant, correction.notice.when.instant) == (START, START + HOUR)


def test_rules_that_are_older_than_a_date_change_nothing(store, queue, case, monkeypatch):
    deadline = hearing(store)
    monkeypatch.setattr("alerts.services.laddering.tzdata", lambda: "2019.1")
    assert laddering.rederive(store, queue, TWO, NOON) == 0
    with store.read() as tx:
        assert tx.deadlines.get(deadline.id).when == replace(HEARING)


def deliver(store, now):
    """Everything that waits is sent."""
    while work := deliveries.take(store, now):
        deliveries.record(store, work, [(mail.n, Sent()) for mail in work.mails], now)
        deliveries.finish(store, work, now)


def test_reminders_that_go_out_together_never_share_a_reference(store, queue, case, monkeypatch):
    letters = iter("222222223333")
    monkeypatch.setattr("alerts.services.issuing.secrets.choice", lambda _: next(letters))
    reader(store)
    hearing(store), hearing(store)
    remind(store, queue, START - 14 * DAY)
    assert {alert.reference for alert in said(store)} == {"2222", "3333"}
