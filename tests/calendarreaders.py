"""Three programs that are not ours read a calendar: icalendar, vobject, and khal as its user runs it."""

from __future__ import annotations

import subprocess
import sys
import warnings
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar

KHAL = Path(sys.executable).with_name("khal")
KHAL_CONFIG = """
[calendars]
[[dates]]
path = {folder}/vdir
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = {zone}
default_timezone = {zone}
[default]
default_calendar = dates
[sqlite]
path = {folder}/khal.db
"""


@dataclass(frozen=True, order=True)
class Read:
    """An event as another program understands it; a start without an hour is a day."""

    uid: str
    start: str
    end: str
    title: str
    status: str
    sequence: int
    alarms: tuple[float, ...] = ()


def by_icalendar(text: bytes) -> list[Read]:
    calendar = icalendar.Calendar.from_ical(text)
    found = []
    for event in calendar.walk("VEVENT"):
        assert not event.errors
        alarms = tuple(sorted(alarm["trigger"].dt.total_seconds() for alarm in event.walk("VALARM")))
        found.append(Read(
            str(event["uid"]), _shown(event["dtstart"].dt), _shown(event["dtend"].dt), str(event["summary"]),
            str(event["status"]), int(event["sequence"]), alarms,
        ))  # fmt: skip
    return sorted(found)


def by_vobject(text: bytes) -> list[Read]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import vobject

        calendar = vobject.readOne(text.decode())
        calendar.validate()
        return sorted(
            Read(
                event.uid.value, _shown(event.dtstart.value), _shown(event.dtend.value), event.summary.value,
                event.status.value, int(event.sequence.value),
                tuple(sorted(alarm.trigger.value.total_seconds() for alarm in getattr(event, "valarm_list", []))),
            )
            for event in getattr(calendar, "vevent_list", [])
        )  # fmt: skip


def by_khal(text: bytes, zone: str, folder: Path) -> list[tuple[str, str]]:
    """Start on the clock of `zone` and title of each event, as khal lists them for somebody who lives there."""
    config, feed = folder / "khal.conf", folder / "feed.ics"
    (folder / "vdir").mkdir()
    config.write_text(KHAL_CONFIG.format(folder=folder, zone=zone))
    feed.write_bytes(text)
    _khal(config, "import", "--batch", "-a", "dates", str(feed))
    listed = _khal(
        config, "list", "--notstarted", "--day-format", "", "--format", "{start-long-full}|{title}",
        "2024-01-01", "2032-01-01", "--once",
    )  # fmt: skip
    lines = [line.strip().partition("|") for line in listed.splitlines() if "|" in line]
    return sorted((start.removesuffix(" 00:00"), title) for start, _, title in lines)


def _khal(config: Path, *words: str) -> str:
    done = subprocess.run(
        [str(KHAL), "-c", str(config), *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr, done.stderr
    return done.stdout


def _shown(value: date | datetime) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value.isoformat()


def local(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
