"""Digests and quiet nights through the services: what waits, what it becomes meanwhile, and that it comes once."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from builders import (
    ANA,
    BEK,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    a_case,
    a_person,
    a_subscriber,
    a_subscription,
    an_alert,
    an_edition,
    an_id,
)
from deliveries import finish, record, take
from readings import SETTINGS

from alerts.domain.alerts import Kind, Notice, State
from alerts.domain.audience import Cadence
from alerts.domain.deadlines import Kind as DeadlineKind
from alerts.domain.delivery import Sent
from alerts.domain.labels import Label
from alerts.domain.times import at
from alerts.render import Render
from alerts.services import alerting, deadlines, digests, reminding, resuming
from alerts.services.issuing import Audience, issue
from alerts.store import Store, held
from alerts.store.due import next_due
from alerts.store.tables import ALERT, CONTAINS, HELD, SUBSCRIBER

render = Render(SETTINGS)
BISHKEK = "Asia/Bishkek"
MORNING = datetime(2030, 1, 2, 1, tzinfo=UTC)  # Wednesday, 07:00 in Bishkek; NOON is Tuesday, 18:00 there
MONDAY = datetime(2030, 1, 7, 1, tzinfo=UTC)
NIGHT = datetime(2030, 1, 1, 20, tzinfo=UTC)
LATER = at("2030-02-01 10:00", BISHKEK)


def reader(store, cadence=Cadence.IMMEDIATE, wishes=None, **kw):
    person = a_subscriber(f"{an_id('reader')}@mission.example", **{"zone": BISHKEK, **kw})
    with store.begin() as tx:
        tx.subscribers.add(person)
        tx.subscriptions.add(replace(a_subscription(person, **(wishes or {})), cadence=cadence))
    return person


def publish(store, queue, kind=Kind.UPDATE, now=NOON, languages=("en",), title="What is new", **kw):
    alert = an_alert(kind=kind, **kw)
    with store.begin() as tx:
        tx.alerts.add(alert)
        written = [an_edition(alert, language, position=n, title=title) for n, language in enumerate(languages)]
        tx.editions.add(*written)
        return issue(tx, queue, alert, Audience(tx, alert, written), by=None, now=now)


def remind(store, queue, when=LATER, now=NOON, thread="", **kw):
    notice = Notice("hearing", when=when, place="Bishkek", state="confirmed")
    id = an_id("alert")
    return publish(
        store, queue, kw.pop("kind", Kind.REMINDER), now, id=id, thread=thread or id, notice=notice, title="", **kw
    )  # fmt: skip


def follow(store, queue, older, kind, now=NOON, **kw):
    return publish(
        store, queue, kind, now, thread=older.thread, corrects=older.id, reference=older.reference,
        number=older.number, approved_at=now, **kw,
    )  # fmt: skip


def send(store, now):
    """Everything that is due: each mail's reader and what its mail says."""
    resuming.retry(store, now)
    gone = []
    while work := take(store, now):
        gone += [(work.own(mail).to, work.readings[mail.cohort]) for mail in work.mails]
        record(store, work, [(mail.n, Sent()) for mail in work.mails], now)
        finish(store, work, now)
    return gone


def digest(store, queue, now):
    return digests.send_due(store, queue, render, now)


def waits(store):
    with store.read() as tx:
        return [(row.alert_id, row.next_at) for row in tx.held.where()]


def tally(store, alert):
    found = alerting.status(store, alert.id).tally
    parts = ("sent", "retrying", "rejected", "unknown", "suppressed", "withdrawn", "pending")
    counts = {part: getattr(found, part) for part in parts}
    assert sum(counts.values()) == found.audience
    return {part: value for part, value in counts.items() if value}


def said(gone):
    return [(to, [item.alert.id for item in read.items]) for to, read in gone]


def test_what_can_wait_comes_in_the_readers_morning_as_one_mail(store, queue):
    jan, now = reader(store, Cadence.DAILY, name="Jan"), reader(store)
    first, second = publish(store, queue), remind(store, queue)
    assert [to for to, _ in send(store, NOON)] == [now.email, now.email]
    assert waits(store) == [(first.id, MORNING), (second.id, MORNING)]
    with store.read() as tx:
        assert next_due(tx, NOON) == MORNING
    assert digest(store, queue, MORNING - MINUTE) == []
    (made,) = digest(store, queue, MORNING)
    gone = send(store, MORNING)
    assert said(gone) == [(jan.email, [first.id, second.id])]
    assert (made.kind, made.number, made.audience, made.label) == (Kind.DIGEST, "", 1, Label.GREEN)
    read = gone[0][1]
    assert read.edition.title == "2 alerts since yesterday: Kyrgyzstan"
    assert read.because == ("KG",)
    mail = render.message(read, id="1@desk.example", date=MORNING)
    assert "UPDATE: What is new" in mail.text and "She was taken at night." in mail.text
    assert "Fri 1 Feb 10:00, court hearing, Bishkek: can you attend?" in mail.text
    assert waits(store) == []


def test_a_tick_that_runs_twice_sends_nothing_twice(store, queue):
    reader(store, Cadence.DAILY)
    publish(store, queue)
    assert len(digest(store, queue, MORNING)) == 1
    assert digest(store, queue, MORNING) == digest(store, queue, MORNING + HOUR) == []
    assert len(send(store, MORNING)) == 1
    assert send(store, MORNING + DAY) == []


def test_those_for_whom_the_same_waits_share_one_digest(store, queue):
    both = [reader(store, Cadence.DAILY), reader(store, Cadence.DAILY, language="ru")]
    one = reader(store, Cadence.DAILY, {"countries": ("KG",), "kinds": ("reminder",)})
    update, reminder = publish(store, queue), remind(store, queue)
    made = digest(store, queue, MORNING)
    assert sorted(alert.audience for alert in made) == [1, 2]
    gone = send(store, MORNING)
    assert dict(said(gone)) == {who.email: [update.id, reminder.id] for who in both} | {one.email: [reminder.id]}
    assert {read.edition.title for _, read in gone} == {
        "2 alerts since yesterday: Kyrgyzstan", "2 сообщения со вчерашнего дня: Кыргызстан",
        "1 alert since yesterday: Kyrgyzstan",
    }  # fmt: skip


def test_a_weekly_digest_comes_on_monday_and_holds_the_week(store, queue):
    reader(store, Cadence.WEEKLY)
    publish(store, queue)
    publish(store, queue, now=NOON + 3 * DAY, countries=("KZ", "KG"))
    assert {next_at for _, next_at in waits(store)} == {MONDAY}
    digest(store, queue, MONDAY)
    ((_, read),) = send(store, MONDAY)
    assert read.edition.title == "2 alerts this week: Kyrgyzstan, Kazakhstan"


def test_of_several_subscriptions_the_one_that_met_and_asks_soonest_counts(store, queue):
    person = reader(store, Cadence.WEEKLY)
    with store.begin() as tx:
        daily = a_subscription(person, countries=("KZ",))
        tx.subscriptions.add(
            replace(daily, cadence=Cadence.DAILY), a_subscription(person, countries=("TJ",), kinds=("update",))
        )
    publish(store, queue)
    publish(store, queue, countries=("KG", "KZ"))
    assert [next_at for _, next_at in waits(store)] == [MONDAY, MORNING]
    publish(store, queue, countries=("TJ",))
    assert len(waits(store)) == 2


def test_who_has_no_zone_goes_by_the_desks_clock(store, queue):
    reader(store, Cadence.DAILY, zone="")
    store.zone = "Europe/Vienna"
    publish(store, queue)
    assert [next_at for _, next_at in waits(store)] == [datetime(2030, 1, 2, 6, tzinfo=UTC)]


def test_urgent_appeals_and_what_comes_soon_do_not_wait_for_a_digest(store, queue):
    jan = reader(store, Cadence.WEEKLY)
    publish(store, queue, Kind.URGENT)
    remind(store, queue, at("2030-01-03 09:00", BISHKEK))
    remind(store, queue, at("2030-01-06 09:00", BISHKEK))
    assert [to for to, _ in send(store, NOON)] == [jan.email] * 3
    assert waits(store) == []


def test_a_sleeper_gets_it_in_the_morning_and_counts_as_pending_until_then(store, queue):
    jan, awake = reader(store, quiet="22-07"), reader(store)
    alert = publish(store, queue, Kind.URGENT, NIGHT)
    assert [to for to, _ in send(store, NIGHT)] == [awake.email]
    assert tally(store, alert) == {"sent": 1, "pending": 1}
    with store.read() as tx:
        assert next_due(tx, NOON) == MORNING
    assert send(store, MORNING - MINUTE) == []
    assert [to for to, _ in send(store, MORNING)] == [jan.email]
    assert tally(store, alert) == {"sent": 2}
    assert send(store, MORNING + DAY) == []


def test_danger_to_life_and_a_hearing_within_36_hours_wake(store, queue):
    jan = reader(store, quiet="22-07")
    publish(store, queue, Kind.URGENT, NIGHT, danger=True)
    remind(store, queue, at("2030-01-03 09:00", BISHKEK), NIGHT)
    remind(store, queue, at("2030-01-05 09:00", BISHKEK), NIGHT)
    assert [to for to, _ in send(store, NIGHT)] == [jan.email] * 2


def test_every_batch_lets_its_own_sleepers_sleep(store, queue):
    people = [a_subscriber(f"{n}@mission.example", zone=BISHKEK, quiet="22-07" if n % 3 else "") for n in range(1100)]
    with store.begin() as tx:
        tx.subscribers.add(*people)
        tx.subscriptions.add(*(a_subscription(person) for person in people))
    alert = publish(store, queue, Kind.URGENT, NIGHT)
    awake = {person.email for person in people if not person.quiet}
    assert {to for to, _ in send(store, NIGHT)} == awake
    assert tally(store, alert) == {"sent": len(awake), "pending": 1100 - len(awake)}
    assert len(send(store, MORNING)) == 1100 - len(awake)


def test_what_overtakes_an_alert_at_night_leaves_sleepers_without_it(store, queue):
    reader(store, quiet="22-07")
    alert = publish(store, queue, Kind.URGENT, NIGHT)
    stop = follow(store, queue, alert, Kind.STOP, NIGHT + MINUTE)
    assert send(store, MORNING) == []
    assert (tally(store, alert), tally(store, stop)) == ({"withdrawn": 1}, {})


def test_a_digest_waits_for_a_night_that_ends_later(store, queue):
    jan = reader(store, Cadence.DAILY, quiet="22-08")
    publish(store, queue)
    (made,) = digest(store, queue, MORNING)
    assert send(store, MORNING) == []
    assert [to for to, _ in send(store, MORNING + HOUR)] == [jan.email]
    assert tally(store, made) == {"sent": 1}


@pytest.mark.parametrize("kind", [Kind.STOP, Kind.WITHDRAWAL])
def test_what_is_stopped_or_withdrawn_drops_out_of_a_digest(store, queue, kind):
    jan = reader(store, Cadence.DAILY)
    alert, other = publish(store, queue), publish(store, queue)
    follow(store, queue, alert, kind)
    digest(store, queue, MORNING)
    assert said(send(store, MORNING)) == [(jan.email, [other.id])]


def test_what_is_cancelled_drops_out_and_nothing_is_sent_for_it_alone(store, queue):
    reader(store, Cadence.DAILY)
    alert = publish(store, queue)
    alerting.cancel(store, alert.id, by=ANA, now=NOON)
    assert waits(store) == digest(store, queue, MORNING) == send(store, MORNING) == []


def test_who_waits_for_a_text_that_is_corrected_gets_the_right_one_and_nothing_else(store, queue):
    jan, had = reader(store, Cadence.DAILY), reader(store)
    alert = publish(store, queue)
    send(store, NOON)
    first = follow(store, queue, alert, Kind.CORRECTION, title="What is right")
    assert ([to for to, _ in send(store, NOON)], waits(store)) == ([had.email], [(first.id, MORNING)])
    second = follow(store, queue, first, Kind.CORRECTION, NOON + HOUR, title="What is quite right")
    assert [to for to, _ in send(store, NOON + HOUR)] == [had.email]
    assert waits(store) == [(second.id, MORNING)]
    digest(store, queue, MORNING)
    gone = send(store, MORNING)
    assert said(gone) == [(jan.email, [second.id])]
    text = render.message(gone[0][1], id="1@desk.example", date=MORNING).text
    assert "UPDATE: What is quite right" in text and "CORRECTION" not in text


@pytest.fixture
def hearing(store, queue):
    case = a_case()
    with store.begin() as tx:
        tx.cases.add(case)
        tx.people.add(a_person(case)[0])
    deadline = deadlines.enter(store, "KG-1", DeadlineKind.HEARING, LATER, by=ANA, now=NOON)
    deadlines.confirm(store, queue, ("en", "ru"), deadline.id, by=BEK, now=NOON)
    return deadline


FOURTEEN = LATER.instant - 14 * DAY


def test_a_date_that_moves_near_reaches_even_who_was_never_told_the_old_one(store, queue, hearing):
    jan, had = reader(store, Cadence.WEEKLY, quiet="22-07"), reader(store)
    reminding.remind(store, queue, ("en", "ru"), FOURTEEN)
    assert [to for to, _ in send(store, FOURTEEN)] == [had.email]
    moved = at("2030-01-19 09:00", BISHKEK)
    night = datetime(2030, 1, 18, 17, 30, tzinfo=UTC)  # 23:30 there
    deadlines.reschedule(store, queue, ("en", "ru"), hearing.id, moved, reason="the lawyer", by=BEK, now=night)
    gone = send(store, night)
    assert {to for to, _ in gone} == {jan.email, had.email}
    theirs = render.message(dict(gone)[jan.email], id="1@desk.example", date=night)
    assert "because you follow" in theirs.text and "we sent you the old date" not in theirs.text
    assert waits(store) == digest(store, queue, night + 7 * DAY) == []


def test_who_waited_is_told_although_others_were_cut_off_from_the_old_word(store, queue, hearing):
    jan = reader(store, Cadence.WEEKLY)
    reader(store), reader(store)
    reminding.remind(store, queue, ("en", "ru"), FOURTEEN)
    work = take(store, FOURTEEN)
    first = work.mails[0]
    record(store, work, [(first.n, Sent())], FOURTEEN)
    moved = at("2030-01-19 09:00", BISHKEK)
    deadlines.reschedule(store, queue, ("en", "ru"), hearing.id, moved, reason="", by=BEK, now=FOURTEEN)
    finish(store, work, FOURTEEN)
    assert {to for to, _ in send(store, FOURTEEN)} == {jan.email, work.own(first).to}


@pytest.mark.parametrize("somebody_had_it", [True, False])
def test_a_date_that_moves_away_stands_in_the_digest_as_it_is_now(store, queue, hearing, somebody_had_it):
    jan = reader(store, Cadence.WEEKLY)
    had = reader(store) if somebody_had_it else None
    reminding.remind(store, queue, ("en", "ru"), FOURTEEN)
    send(store, FOURTEEN)
    moved = at("2030-02-05 10:00", BISHKEK)
    deadlines.reschedule(store, queue, ("en", "ru"), hearing.id, moved, reason="", by=BEK, now=FOURTEEN + HOUR)
    assert [to for to, _ in send(store, FOURTEEN + HOUR)] == ([had.email] if had else [])
    next_monday = datetime(2030, 1, 21, 1, tzinfo=UTC)
    digest(store, queue, next_monday)
    gone = send(store, next_monday)
    if had:
        assert [to for to, _ in gone] == [jan.email]
        text = render.message(gone[0][1], id="1@desk.example", date=next_monday).text
        assert "Tue 5 Feb 10:00, court hearing" in text and "1 Feb" not in text
    else:  # nobody had the old date: the new one's own ladder tells everybody
        assert gone == []


def test_a_date_that_is_cancelled_drops_out(store, queue, hearing):
    jan, had = reader(store, Cadence.WEEKLY), reader(store)
    reminding.remind(store, queue, ("en", "ru"), FOURTEEN)
    send(store, FOURTEEN)
    deadlines.cancel(store, queue, ("en", "ru"), hearing.id, reason="", by=BEK, now=FOURTEEN + HOUR)
    assert [to for to, _ in send(store, FOURTEEN + HOUR)] == [had.email]
    assert waits(store) == digest(store, queue, FOURTEEN + 7 * DAY) == []
    assert jan


def test_a_newer_reminder_takes_the_place_of_the_older_one(store, queue):
    reader(store, Cadence.WEEKLY)
    old = remind(store, queue)
    new = remind(store, queue, thread=old.thread, now=NOON + HOUR)
    assert waits(store) == [(new.id, MONDAY)]


def test_who_got_an_alert_in_a_digest_holds_it_and_is_told_when_it_is_withdrawn(store, queue):
    jan = reader(store, Cadence.DAILY)
    alert, other = publish(store, queue), publish(store, queue)
    digest(store, queue, MORNING)
    send(store, MORNING)
    withdrawal = follow(store, queue, alert, Kind.WITHDRAWAL, MORNING + HOUR, notice=Notice("", code=alert.reference))
    assert [to for to, _ in send(store, MORNING + HOUR)] == [jan.email]
    assert withdrawal.audience == 1 and other


def test_a_digest_that_has_not_gone_yet_goes_without_what_was_withdrawn_meanwhile(store, queue):
    jan = reader(store, Cadence.DAILY, quiet="22-08")
    alert, other = publish(store, queue), publish(store, queue)
    (made,) = digest(store, queue, MORNING)
    withdrawal = follow(store, queue, alert, Kind.WITHDRAWAL, MORNING + MINUTE)
    assert (tally(store, made), withdrawal.audience) == ({"withdrawn": 1}, 0)
    (again,) = digest(store, queue, MORNING + MINUTE)
    assert digest(store, queue, MORNING + 2 * MINUTE) == []
    assert said(send(store, MORNING + HOUR)) == [(jan.email, [other.id])]
    with store.read() as tx:
        assert (tx.alerts.get(made.id).state, tx.alerts.get(again.id).state) == (State.CANCELLED, State.PUBLISHED)


def test_a_digest_that_is_just_being_sent_stops_and_the_rest_get_another(store, queue):
    people = {reader(store, Cadence.DAILY).email for _ in range(3)}
    alert, other = publish(store, queue), publish(store, queue)
    digest(store, queue, MORNING)
    work = take(store, MORNING)
    first = work.mails[0]
    record(store, work, [(first.n, Sent())], MORNING)
    follow(store, queue, alert, Kind.WITHDRAWAL, MORNING, notice=Notice("", code=alert.reference))
    assert take(store, MORNING) is None, "the request to delete waits until nobody is sent what it is about"
    assert not record(store, work, [], MORNING)
    assert digest(store, queue, MORNING) == []
    finish(store, work, MORNING)
    digest(store, queue, MORNING)
    gone = send(store, MORNING)
    told = [to for to, read in gone if read.alert.kind is Kind.WITHDRAWAL]
    assert told == [work.own(first).to]
    assert dict(said(gone)) == {to: [other.id] for to in people - {work.own(first).to}} | {work.own(first).to: []}


def test_who_left_or_may_not_read_that_label_any_more_gets_none(store, queue):
    stays, left, doubted = (reader(store, Cadence.DAILY) for _ in range(3))
    for_all, trusted = publish(store, queue), publish(store, queue, label=Label.AMBER)
    with store.begin() as tx:
        tx.subscribers.update(SUBSCRIBER.c.id == left.id, left_at=NOON)
        tx.subscribers.update(SUBSCRIBER.c.id == doubted.id, vetted_at=None)
    made = digest(store, queue, MORNING)
    assert {alert.label for alert in made} == {Label.GREEN, Label.AMBER}
    assert dict(said(send(store, MORNING))) == {stays.email: [for_all.id, trusted.id], doubted.email: [for_all.id]}
    assert waits(store) == []


def test_a_paused_alert_waits_out_its_pause(store, queue):
    reader(store, Cadence.DAILY)
    alert = publish(store, queue)
    alerting.pause(store, alert.id, by=ANA, now=NOON)
    assert digest(store, queue, MORNING) == []
    with store.read() as tx:
        assert next_due(tx, MORNING) is None
    alerting.resume(store, alert.id, by=ANA, now=MORNING)
    assert len(digest(store, queue, MORNING)) == 1


def test_what_must_not_be_sent_any_more_drops_out(store, queue):
    reader(store, Cadence.DAILY)
    alert = publish(store, queue)
    with store.begin() as tx:
        tx.alerts.update(ALERT.c.id == alert.id, not_after=MORNING)
    assert digest(store, queue, MORNING) == []


def test_an_update_in_several_languages_is_quoted_in_the_readers(store, queue):
    reader(store, Cadence.DAILY, language="ru")
    publish(store, queue, languages=("en", "ru"))
    publish(store, queue)
    digest(store, queue, MORNING)
    ((_, read),) = send(store, MORNING)
    assert [item.edition.language for item in read.items] == ["ru", "en"]
    text = render.message(read, id="1@desk.example", date=MORNING).text
    assert text.count("На Вашем языке текста пока нет") == 1


def test_many_readers_are_served_page_by_page(store, queue, monkeypatch):
    monkeypatch.setattr(held, "AT_ONCE", 3)
    people = {reader(store, Cadence.DAILY).email for _ in range(8)}
    publish(store, queue)
    assert [alert.audience for alert in digest(store, queue, MORNING)] == [3, 3, 2]
    assert {to for to, _ in send(store, MORNING)} == people
    with store.read() as tx:
        assert tx.conn.execute(CONTAINS.select()).rowcount in (-1, 3)
        assert tx.held.count(HELD.c.next_at > NOON) == 0


def test_several_clocks_at_once_send_each_digest_once(store, queue):
    people = {reader(store, Cadence.DAILY).email for _ in range(20)}
    publish(store, queue)
    publish(store, queue)
    stores = [Store(store.url, store.vault) for _ in range(4)]  # as four processes
    together = threading.Barrier(len(stores))

    def tick(theirs):
        together.wait()
        digest(theirs, queue, MORNING)

    clocks = [threading.Thread(target=tick, args=(theirs,)) for theirs in stores]
    for clock in clocks:
        clock.start()
    for clock in clocks:
        clock.join()
    for theirs in stores:
        theirs.close()
    assert sorted(to for to, _ in send(store, MORNING)) == sorted(people)
    assert waits(store) == []


def test_nothing_may_follow_a_digest(store, queue):
    reader(store, Cadence.DAILY)
    publish(store, queue)
    (made,) = digest(store, queue, MORNING)
    with pytest.raises(alerting.Conflict, match="correct, stop or withdraw the one in it"):
        alerting.follow(store, made.id, Kind.CORRECTION, "No.", by=ANA, now=MORNING)
