"""A calendar file that somebody sent: what its entries say, what is wrong with them, and what they would change."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from alerts.domain import times
from alerts.domain.errors import Invalid
from alerts.domain.times import Instant, LocalTime, zone_info

LARGEST = 1_000_000
MOST = 1_000
STATUSES = ("CONFIRMED", "TENTATIVE", "CANCELLED")


class Proposes(StrEnum):
    """What a newer version of a partner's entry would do to our deadline, if somebody agrees."""

    NOTHING = "nothing"
    MOVE = "move"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Imported:
    """An entry of a partner's calendar, and the deadline made of it. `uid`: a keyed hash, for it may hold a name.

    `when`: the last date that they said.
    """

    id: str
    deadline_id: str
    uid: str
    sequence: int
    at: Instant
    proposes: Proposes = Proposes.NOTHING
    when: LocalTime | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """An entry as it stands in the file. `start` and `end`: a day, or a wall time whose clock is `zone`: a name from
    the list of zones, "UTC", another name that only the file explains, or "" (floating).

    `offset`: of that clock at the start, as the file itself explains it. `errors`: what could not be read.
    """

    line: int
    uid: str = ""
    sequence: int | None = None
    status: str = ""
    title: str = ""
    place: str = ""
    stamped: bool = False
    start: date | None = None
    end: date | None = None
    zone: str = ""
    named: str = ""
    offset: timedelta | None = None
    alarms: tuple[str, ...] = ()
    repeats: bool = False
    guests: int = 0
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with an entry. `breaks`: somebody sees a wrong time, nothing, or a name that must not be there;
    `where`: in which programs.
    """

    breaks: bool
    what: str
    where: str = "all"


def findings(entry: Written, earlier: dict[str, int]) -> list[Finding]:
    """`earlier`: the lines of entries before it, by their UID."""
    found = [Finding(True, f"cannot be read: {error}") for error in entry.errors]
    if not entry.uid:
        found.append(Finding(True, "no UID: each time it is read there is one more of it"))
    elif entry.uid in earlier:
        found.append(Finding(True, f"the UID of line {earlier[entry.uid]} once more: only one of them is kept"))
    if not entry.stamped:
        found.append(Finding(True, "no DTSTAMP", "Outlook"))
    if entry.sequence is None:
        found.append(Finding(False, "no SEQUENCE: a later change of it may be passed over", "Outlook, Apple"))
    if entry.start is None:
        found.append(Finding(True, "no DTSTART: it is on no day"))
    elif entry.end is not None and backwards(entry):
        found.append(Finding(True, "it ends before it begins, or as it begins"))
    found += _clock(entry)
    if entry.status == "CANCELLED":
        found.append(Finding(False, "CANCELLED is dropped without a word: leave an entry that says so", "Google"))
    elif entry.status and entry.status not in STATUSES:
        found.append(Finding(True, f"STATUS:{entry.status[:40]} is no status of an event"))
    if entry.repeats:
        found.append(Finding(False, "it repeats: a change of one day is easily lost", "Google, Outlook"))
    if entry.guests:
        found.append(Finding(False, f"it holds the addresses of {entry.guests} people: whoever gets it reads them"))
    return found


def _clock(entry: Written) -> list[Finding]:
    """Whether all programs see the same minute."""
    if not isinstance(entry.start, datetime) or entry.zone == "UTC":
        return []
    if not entry.zone:
        return [Finding(True, "no time zone: it is at this hour wherever its reader is")]
    if not entry.named:
        if entry.offset is None:
            return [Finding(True, f"nobody knows the time zone {entry.zone[:60]}, and the file does not explain it")]
        return [Finding(False, f"the time zone {entry.zone[:60]} is explained by this file only", "Google")]
    if entry.offset is None:
        return [Finding(True, f"no VTIMEZONE for {entry.zone[:60]}: its hour may be taken for the reader's", "Outlook")]
    ours = entry.start.replace(tzinfo=zone_info(entry.named)).utcoffset()
    if ours != entry.offset:
        return [Finding(True, f"the file's clock for {entry.zone[:60]} differs from the one in force by then")]
    return []


def backwards(entry: Written) -> bool:
    start, end = entry.start, entry.end
    if type(start) is not type(end):  # a day against an hour
        return True
    return end is not None and start is not None and end <= start


def when(entry: Written, zone: str) -> LocalTime:
    """The date as we keep it. A clock that only the file knows, and UTC, are read on that of `zone`. Raises Invalid."""
    start = entry.start
    if entry.errors:
        raise Invalid(f"cannot be read: {entry.errors[0][:200]}.")
    if start is None:
        raise Invalid("has no DTSTART: it is on no day.")
    if entry.end is not None and backwards(entry):
        raise Invalid("ends before it begins, or as it begins.")
    if isinstance(start, datetime):
        return times.at(f"{_wall(entry, start, zone):%Y-%m-%d %H:%M}", _place(entry, zone))
    last = entry.end - timedelta(days=1) if entry.end else start
    if last == start:
        return times.on(start.isoformat(), zone)
    return times.between(f"{start.isoformat()} – {last.isoformat()}", start.isoformat(), last.isoformat(), zone)


def _place(entry: Written, zone: str) -> str:
    return entry.named if entry.named == entry.zone and entry.named else zone


def _wall(entry: Written, start: datetime, zone: str) -> datetime:
    if not entry.zone:
        raise Invalid("has no time zone: say whose clock is meant with --zone, as Asia/Bishkek.")
    if entry.named and entry.named == entry.zone:
        return start  # the wall clock there is what people go by, whatever the file says of it
    if entry.zone == "UTC":
        offset = timedelta()
    elif entry.offset is not None:
        offset = entry.offset
    elif entry.named:
        offset = start.replace(tzinfo=zone_info(entry.named)).utcoffset() or timedelta()
    else:
        raise Invalid(f"has a time zone that nobody knows, {entry.zone[:60]}: write one as Asia/Bishkek.")
    at = (start - offset).replace(tzinfo=zone_info("UTC"))
    return at.astimezone(zone_info(zone)).replace(tzinfo=None)


NAMED = Finding(True, "its title names somebody of our cases: assistants and locked screens show it")


def checked(entries: Sequence[Written], naming: Collection[int] = ()) -> list[tuple[Written, list[Finding]]]:
    """Each entry with what is wrong with it. `naming`: the lines of those whose titles name somebody."""
    seen: dict[str, int] = {}
    found = []
    for entry in entries:
        found.append((entry, findings(entry, seen) + [NAMED] * (entry.line in naming)))
        if entry.uid:
            seen.setdefault(entry.uid, entry.line)
    return found
