"""The date in a mail: one life under one UID, and a name only for who ticked it."""

from __future__ import annotations

from datetime import timedelta

from builders import ANA, BEK, NOON, a_case, a_person, a_subscriber, a_subscription
from calendarreaders import Read, by_icalendar, by_vobject
from storydesk import StoryDesk

from alerts.domain import times
from alerts.domain.deadlines import Kind
from alerts.services import calendars, deadlines

PLAIN, TICKED = "plain@mission.example", "ticked@mission.example"


def dates(desk: StoryDesk, to: str) -> list[Read]:
    """The entry in each mail to that reader, the first mail first."""
    found = []
    for received in desk.mail.messages:
        mail = received.message
        if mail["To"] != to:
            continue
        for part in mail.iter_attachments():
            assert (part.get_content_type(), part.get_filename()) == ("text/calendar", "date.ics")
            assert part["Content-Type"].params["method"] == "PUBLISH"
            text = part.get_content().encode()
            assert b"ATTENDEE" not in text
            [event] = by_icalendar(text)
            assert [event] == by_vobject(text)
            found.append(event)
    return found


def test_a_date_has_one_life_in_mails_and_feed(desk: StoryDesk) -> None:
    case = a_case("KG-7")
    with desk.store.begin() as tx:
        tx.staff.add(ANA, BEK)
        tx.cases.add(case)
        tx.people.add(a_person(case, "Aida Sample")[0])
        for email, names in ((PLAIN, False), (TICKED, True)):
            reader = a_subscriber(email, calendar_names=names)
            tx.subscribers.add(reader)
            tx.subscriptions.add(a_subscription(reader))
    when = times.at("2030-01-20 10:00", "Asia/Bishkek")
    date = deadlines.enter(desk.store, "KG-7", Kind.HEARING, when, by=BEK, now=NOON)
    desk.tick(NOON + timedelta(days=6))
    desk.drain()
    earlier = times.at("2030-01-15 09:00", "Asia/Bishkek")
    deadlines.reschedule(desk.store, desk.queue, desk.languages, date.id, earlier, reason="", by=BEK, now=desk.now)
    desk.drain()
    deadlines.cancel(desk.store, desk.queue, desk.languages, date.id, reason="", by=BEK, now=desk.now)
    desk.drain()

    told, moved, cancelled = dates(desk, PLAIN)
    assert len({one.uid for one in (told, moved, cancelled)}) == 1
    assert told.sequence < moved.sequence < cancelled.sequence
    assert [one.status for one in (told, moved, cancelled)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert (told.start, moved.start) == ("2030-01-20T04:00:00+00:00", "2030-01-15T03:00:00+00:00")
    assert cancelled.title == "CANCELLED: Hearing, Kyrgyzstan, KG-7"
    assert dates(desk, TICKED)[0].title == "Hearing, Kyrgyzstan, Aida Sample"
    assert all("Sample" not in one.title for one in (told, moved, cancelled))

    shown = calendars.looked_at(desk.store, PLAIN, by=BEK, now=desk.now)
    fed = {one.uid: one for one in by_icalendar(desk.app.render.calendar(shown.entries, "en"))}
    assert (fed[cancelled.uid].sequence, fed[cancelled.uid].status) == (cancelled.sequence, "CANCELLED")
