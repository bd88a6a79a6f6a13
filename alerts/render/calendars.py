"""Entries of a calendar in words, and as iCalendar (RFC 5545)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

import icalendar

from alerts.domain.calendars import Entry, Mark, Status
from alerts.domain.times import LocalTime, Precision, zone_info
from alerts.render import clean, clocks, subjects, zones
from alerts.render.catalogue import Catalogue

REFRESH = timedelta(hours=1)
LONGEST = 200
SHOWN = timedelta(hours=1)
"""What has no end gets an hour: without one some programs show a moment and others a whole day."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Whose calendar it is, in which language, and the reader's zone."""

    words: Catalogue
    domain: str
    zone: str = ""

    def feed(self, entries: Sequence[Entry]) -> bytes:
        """What a calendar program reads again and again."""
        said = subjects.capital(self.words.say("hearings and other dates"))
        calendar = _calendar()
        calendar.add("name", said)
        calendar.add("x-wr-calname", said)
        calendar.add("refresh-interval", REFRESH, {"value": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
        return self._written(calendar, entries)

    def invitation(self, entry: Entry, organizer: str, name: str) -> str:
        """What goes with a mail. It is published, not a request: see docs/decisions.md."""
        return self._written(_calendar(), [entry], f"{organizer} {name}".strip()).decode()

    def title(self, entry: Entry) -> str:
        """`Hearing, Bishkek, KG-7`; what became of it comes first."""
        words, notice = self.words, entry.notice
        thing = subjects.capital(subjects.what(notice, words))
        if not subjects.on_a_day(entry.when):
            said = {"what": thing, "when": clocks.partial(entry.when, words)}
            span = entry.when.precision is Precision.SPAN
            thing = words.say("%(what)s expected %(when)s" if span else "%(what)s expected in %(when)s", **said)
        court = "" if len(notice.court) > subjects.SHORT else subjects.court(notice, words)
        where = words.place(notice.place) if notice.place else court or subjects.place(notice, words, entry.country)
        parts = [thing, where, subjects.named(notice, words)]
        return clean.line(self._marked(entry, ", ".join(filter(None, parts))))[:LONGEST]

    def _marked(self, entry: Entry, what: str) -> str:
        words = self.words
        match entry.mark:
            case Mark.MOVED:
                assert entry.notice.when
                return words.say("MOVED to %(when)s: %(what)s", when=self._short(entry.notice.when), what=what)
            case Mark.CANCELLED:
                return words.say("CANCELLED: %(what)s", what=what)
            case Mark.PUT_OFF:
                return words.say("PUT OFF, no new date: %(what)s", what=what)
            case Mark.UNSURE:
                return words.say("TO BE CONFIRMED: %(what)s", what=what)
            case Mark.NONE:
                return what

    def _short(self, when: LocalTime) -> str:
        if not subjects.on_a_day(when):
            return clocks.partial(when, self.words)
        found = clocks.short(when.first, self.words, 0)
        return f"{found} {clocks.hour(when.wall)}" if when.exact else found

    def _where(self, entry: Entry) -> str:
        court, place = subjects.court(entry.notice, self.words), subjects.place(entry.notice, self.words, entry.country)
        return ", ".join(filter(None, [court, place]))

    def _description(self, entry: Entry) -> str:
        words = self.words
        holds = entry.notice.when if entry.mark in (Mark.NONE, Mark.MOVED) else None
        lines = [
            *(clocks.when(holds, words, self.zone) if holds else ()),
            words.say("When it ends is not known.") if entry.busy else "",
            words.say("Calendars may lag a day. Changes come by mail."),
            words.say("This case is fictional.") if entry.fictional else "",
            " · ".join(filter(None, [entry.notice.code, entry.reference])),
        ]
        return "\n".join(clean.line(line) for line in lines if line)

    def _written(self, calendar: icalendar.Calendar, entries: Sequence[Entry], organizer: str = "") -> bytes:
        """Each entry is written once for all readers who read it alike: it is by far the most work."""
        years: dict[str, set[int]] = {}
        for entry in entries:
            if entry.when.exact:
                years.setdefault(entry.when.zone, set()).add(entry.when.wall.year)
        head, end, _ = bytes(calendar.to_ical()).rpartition(b"END:VCALENDAR\r\n")
        found = (zones.written(zone, min(those), max(those)) for zone, those in sorted(years.items()))
        return b"".join([head, *found, *(_event(self, entry, organizer) for entry in entries), end])

    def event(self, entry: Entry) -> icalendar.Event:
        title, when = self.title(entry), entry.when
        event = icalendar.Event()
        event.add("uid", f"{entry.uid}@{self.domain}")
        event.add("dtstamp", entry.changed_at)
        event.add("last-modified", entry.changed_at)
        event.add("sequence", entry.sequence)
        event.add("summary", title)
        if when.exact:
            event.add("dtstart", when.wall, {"tzid": when.zone})
            end = (when.instant + SHOWN).astimezone(zone_info(when.zone))
            event.add("dtend", end.replace(tzinfo=None), {"tzid": when.zone})
        else:
            event.add("dtstart", when.first)
            event.add("dtend", when.last + timedelta(days=1))
        event.add("status", entry.status)
        event.add("transp", "OPAQUE" if entry.busy and entry.status is not Status.CANCELLED else "TRANSPARENT")
        event.add("class", "PRIVATE")
        event.add("location", clean.line(self._where(entry)))
        event.add("description", self._description(entry))
        for before in entry.alarms:
            alarm = icalendar.Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", title)
            alarm.add("trigger", before)
            event.add_component(alarm)
        return event


@lru_cache(maxsize=5_000)
def _event(writer: Writer, entry: Entry, organizer: str) -> bytes:
    event = writer.event(entry)
    if organizer:
        address, _, name = organizer.partition(" ")
        event.add("organizer", icalendar.vCalAddress(f"mailto:{address}", params={"CN": name} if name else {}))
    return bytes(event.to_ical())


def _calendar() -> icalendar.Calendar:
    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Vigil//Dates//EN")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    return calendar
