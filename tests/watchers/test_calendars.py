"""Calendar files as people send them, and what is wrong with them in which programs."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.domain.calendarfile import Written, checked, when
from alerts.domain.errors import Invalid
from watchers.calendars import parse

GOOD = "UID:a@partner.example\nDTSTAMP:20300101T000000Z\nSEQUENCE:1\nSUMMARY:Hearing\n"
ALMATY = """BEGIN:VTIMEZONE
TZID:Asia/Almaty
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0{0}00
TZOFFSETTO:+0{0}00
END:STANDARD
END:VTIMEZONE
"""


def a_file(*events: str, zones: str = "") -> bytes:
    body = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{zones}{body}END:VCALENDAR\n".encode()


def one(event: str, zones: str = "") -> Written:
    [found] = parse(a_file(event, zones=zones))
    return found


def wrong(event: str, zones: str = "") -> list[tuple[bool, str, str]]:
    [(_, found)] = checked([one(event, zones)])
    return [(finding.breaks, finding.where, finding.what) for finding in found]


def test_what_is_right_has_nothing_wrong_with_it() -> None:
    event = f"{GOOD}STATUS:CONFIRMED\nDTSTART;TZID=Asia/Almaty:20300110T100000\nDTEND;TZID=Asia/Almaty:20300110T110000"
    assert wrong(event, ALMATY.format(5)) == []
    assert wrong(f"{GOOD}DTSTART:20300110T100000Z") == []
    assert wrong(f"{GOOD}DTSTART;VALUE=DATE:20300110") == []


def test_an_entry_says_what_a_calendar_shows() -> None:
    alarm = "BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:x\nTRIGGER:-PT3H\nEND:VALARM"
    found = one(f"{GOOD}LOCATION:Court\\, room 4\nDTSTART:20300110T100000Z\nDURATION:PT2H\n{alarm}")
    assert (found.line, found.uid, found.sequence, found.title) == (4, "a@partner.example", 1, "Hearing")
    assert (found.start, found.end, found.zone) == (datetime(2030, 1, 10, 10), datetime(2030, 1, 10, 12), "UTC")
    assert (found.place, found.alarms) == ("Court, room 4", ("-PT3H",))


@pytest.mark.parametrize(("event", "says", "where", "breaks"), [
    ("DTSTAMP:20300101T000000Z\nSEQUENCE:1\nDTSTART:20300110T100000Z", "no UID", "all", True),
    ("UID:a\nSEQUENCE:1\nDTSTART:20300110T100000Z", "no DTSTAMP", "Outlook", True),
    ("UID:a\nDTSTAMP:20300101T000000Z\nDTSTART:20300110T100000Z", "no SEQUENCE", "Outlook, Apple", False),
    (GOOD, "no DTSTART", "all", True),
    (f"{GOOD}DTSTART:20300110T100000Z\nDTEND:20300110T090000Z", "ends before", "all", True),
    (f"{GOOD}DTSTART:20300110T100000Z\nDTEND;VALUE=DATE:20300111", "ends before", "all", True),
    (f"{GOOD}DTSTART:20300110T100000", "no time zone", "all", True),
    (f"{GOOD}DTSTART;TZID=Asia/Almaty:20300110T100000", "no VTIMEZONE", "Outlook", True),
    (f"{GOOD}DTSTART;TZID=Nowhere:20300110T100000", "nobody knows the time zone Nowhere", "all", True),
    (f"{GOOD}DTSTART:20300110T100000Z\nSTATUS:CANCELLED", "CANCELLED is dropped", "Google", False),
    (f"{GOOD}DTSTART:20300110T100000Z\nSTATUS:MAYBE", "MAYBE is no status", "all", True),
    (f"{GOOD}DTSTART:20300110T100000Z\nRRULE:FREQ=DAILY", "repeats", "Google, Outlook", False),
    (f"{GOOD}DTSTART:20300110T100000Z\nATTENDEE:mailto:a@b.example\nATTENDEE:x", "2 people", "all", False),
    (f"{GOOD}DTSTART:20300110T999999Z", "cannot be read", "all", True),
])  # fmt: skip
def test_what_is_wrong_is_said_with_the_programs_it_is_wrong_in(
    event: str, says: str, where: str, breaks: bool
) -> None:
    assert any(says in what and place == where and bad is breaks for bad, place, what in wrong(event))


def test_a_clock_that_is_out_of_date_is_found() -> None:
    """Almaty put its clocks back on 1 March 2024; programs from before then write files that are an hour wrong."""
    event = f"{GOOD}DTSTART;TZID=Asia/Almaty:20300110T100000"
    assert wrong(event, ALMATY.format(5)) == []
    [(breaks, _, what)] = wrong(event, ALMATY.format(6))
    assert breaks and "differs from the one in force" in what


def test_the_same_uid_twice_is_named_with_the_other_line() -> None:
    [_, (_, found)] = checked(parse(a_file(f"{GOOD}DTSTART:20300110T100000Z", f"{GOOD}DTSTART:20300111T100000Z")))
    assert "the UID of line 4 once more" in found[0].what


@pytest.mark.parametrize(("event", "zones", "wall", "zone"), [
    ("DTSTART;TZID=Asia/Tashkent:20300110T100000", "", "10:00", "Asia/Tashkent"),
    ("DTSTART:20300110T040000Z", "", "10:00", "Asia/Bishkek"),
    ("DTSTART;TZID=Custom:20300110T090000", ALMATY.format(5).replace("Asia/Almaty", "Custom"), "10:00", "Asia/Bishkek"),
    ("DTSTART;TZID=W. Europe Standard Time:20300710T060000", "", "10:00", "Asia/Bishkek"),
    ("DTSTART;TZID=Asia/Almaty:20300110T100000", ALMATY.format(6), "10:00", "Asia/Almaty"),
])  # fmt: skip
def test_a_time_is_taken_on_the_clock_of_the_place(event: str, zones: str, wall: str, zone: str) -> None:
    """A zone that everybody knows stays; what only the file or Windows knows is the same instant where the court is."""
    found = when(one(f"{GOOD}{event}", zones), "Asia/Bishkek")
    assert (f"{found.wall:%H:%M}", found.zone) == (wall, zone)


def test_days_stay_days() -> None:
    day = when(one(f"{GOOD}DTSTART;VALUE=DATE:20300110\nDTEND;VALUE=DATE:20300111"), "Asia/Bishkek")
    assert (day.first, day.last, day.exact) == (date(2030, 1, 10), date(2030, 1, 10), False)
    days = when(one(f"{GOOD}DTSTART;VALUE=DATE:20300110\nDTEND;VALUE=DATE:20300113"), "Asia/Bishkek")
    assert (days.first, days.last) == (date(2030, 1, 10), date(2030, 1, 12))


@pytest.mark.parametrize("event", [
    "", "DTSTART:20300110T100000", "DTSTART;TZID=Nowhere:20300110T100000", "DTSTART:00010110T100000Z",
    "DTSTART:20300110T100000Z\nDTEND:20300110T090000Z", "DTSTART;TZID=Europe/Brussels:20300331T023000",
])  # fmt: skip
def test_what_cannot_be_a_date_is_refused(event: str) -> None:
    with pytest.raises(Invalid):
        when(one(f"{GOOD}{event}"), "Asia/Bishkek")


@pytest.mark.parametrize(("data", "says"), [
    (b"", "no calendar"),
    (b"hello", "no calendar"),
    (b"\x89PNG\r\n\x1a\n\0\0\xff", "no calendar"),
    (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\n", "no calendar"),
    (b"x" * 1_000_001, "1,000,001 bytes"),
    (a_file(*["UID:a"] * 10_000), "10,000 events"),
])  # fmt: skip
def test_what_is_no_calendar_or_too_large_is_refused_in_a_sentence(data: bytes, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        parse(data)


LINES = [
    "BEGIN:VEVENT", "END:VEVENT", "BEGIN:VTIMEZONE", "END:VTIMEZONE", "BEGIN:VCALENDAR", "END:VCALENDAR", "UID:a",
    "TZID:X", "DTSTART:99", "DTSTART:20300101", "DTSTART;TZID=X:20300101T000000", "DTEND:x", "DURATION:P1D",
    "RRULE:FREQ=SECONDLY", "SEQUENCE:-1", " folded", ":", ";", "BEGIN:STANDARD", "END:STANDARD", "TZOFFSETTO:+9900",
    "DTSTART;VALUE=DATE:x", "TRIGGER:x", "BEGIN:VALARM", "END:VALARM", "DTSTART:20300101T000000Z", "SUMMARY:\\",
    "STATUS:", "ATTENDEE:x", "DURATION:-P9999999D",
]  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=30))
def test_whatever_it_holds_it_is_read_or_refused(lines: list[str]) -> None:
    try:
        entries = parse("\n".join(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR"]).encode())
    except Invalid:
        return
    for entry, _ in checked(entries):
        try:
            when(entry, "Asia/Bishkek")
        except Invalid:
            continue
