"""Calendars on the command line: a file is checked, a partner's is taken, a reader's is looked at."""

from __future__ import annotations

from calendarreaders import by_icalendar
from desk import APPROVER, AUTHOR, DeskHere

EVENT = """BEGIN:VEVENT
UID:a@partner.example
DTSTAMP:20300101T000000Z
SEQUENCE:{sequence}
SUMMARY:Hearing
DTSTART;TZID=Asia/Bishkek:{when}
END:VEVENT
"""
ZONE = """BEGIN:VTIMEZONE
TZID:Asia/Bishkek
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0600
TZOFFSETTO:+0600
END:STANDARD
END:VTIMEZONE
"""


def a_file(desk: DeskHere, when: str = "20300110T100000", sequence: int = 1, zone: str = ZONE) -> str:
    event = EVENT.format(when=when, sequence=sequence)
    return desk.write("partner.ics", f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{zone}{event}END:VCALENDAR\n")


def test_a_file_is_checked(here: DeskHere) -> None:
    [event] = here.json("calendar", "check", a_file(here))["events"]
    assert (event["uid"], event["starts"], event["zone"]) == (
        "a@partner.example", "2030-01-10T10:00:00", "Asia/Bishkek",
    )  # fmt: skip
    assert event["findings"] == []
    done = here.attempt("calendar", "check", a_file(here, zone=""))
    assert done.returncode == 1
    assert "partner.ics:4: breaks (Outlook): no VTIMEZONE" in done.stdout
    assert "no calendar" in here.refuses("calendar", "check", here.write("x.ics", "hello"))


def test_a_name_in_a_title_is_found_in_any_spelling(here: DeskHere) -> None:
    file = a_file(here)
    here.vigil("calendar", "check", file, "--names")
    named = here.write("named.ics", (here.folder / "partner.ics").read_text().replace("Hearing", "Суд: Аида Сампле"))
    assert "its title names somebody" in here.attempt("calendar", "check", named, "--names").stdout
    here.vigil("calendar", "check", named)


def test_a_partners_calendar_is_taken_and_a_change_is_shown(here: DeskHere) -> None:
    about = ("--case", "KG-1", "--as", AUTHOR)
    [id] = here.json("import", "calendar", a_file(here), *about)["added"]
    assert here.json("import", "calendar", a_file(here), *about)["known"] == 1
    [moved] = here.json("import", "calendar", a_file(here, "20300111T090000", 2), *about)["proposed"]
    assert moved == {
        "id": id, "proposes": "move", "from": "2030-01-10 10:00 Asia/Bishkek", "to": "2030-01-11 09:00 Asia/Bishkek",
    }  # fmt: skip
    [date] = here.json("deadline", "list")
    assert (date["at"], date["confirmed"]) == ("2030-01-10 10:00", False)
    assert "--case" in here.refuses("import", "calendar", a_file(here), "--as", AUTHOR)


def test_a_readers_calendar_is_looked_at_by_an_approver(here: DeskHere) -> None:
    here.has_readers(1)
    here.vigil("deadline", "set", "KG-1", "--kind", "hearing", "--at", "2030-01-10 10:00", "--as", APPROVER)
    printed = here.vigil("calendar", "feed", "reader0@mission0.example", "--as", APPROVER)
    [event] = by_icalendar(printed.encode())
    assert event.start == "2030-01-10T04:00:00+00:00"
    assert "approver" in here.refuses("calendar", "feed", "reader0@mission0.example", "--as", AUTHOR)
    own = here.write("own.ics", printed)
    assert here.json("calendar", "check", own)["breaks"] == 0
