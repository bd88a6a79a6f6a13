"""The rules of law and the days off that this desk counts by: what ships with Vigil, and what the site says itself."""

import tomllib
from dataclasses import dataclass, replace
from datetime import date, time
from functools import cache
from importlib.metadata import version
from pathlib import Path

import holidays

from alerts.domain.counting import DaysOff
from alerts.domain.errors import Invalid
from alerts.domain.law import Law
from alerts.domain.lawfile import parse
from alerts.settings import LawSettings, resource

WEEKEND = "weekend"


@dataclass(frozen=True, slots=True)
class Books:
    """The law, and the site's own word on days off and on the hour at which courts close."""

    law: Law
    off: dict[tuple[str, date], str]
    working: frozenset[tuple[str, date]]
    closing: time

    def days_off(self, jurisdiction: str, first: date, last: date) -> DaysOff:
        """Every day from `first` to the end of the year of `last` on which nobody works there, and why."""
        days: dict[date, str] = {}
        for year in range(first.year, last.year + 1):
            days |= _year(jurisdiction, year)
        own = {day: why for (where, day), why in self.off.items() if where == jurisdiction}
        working = {day for where, day in self.working if where == jurisdiction}
        return DaysOff({day: why for day, why in (days | own).items() if day not in working}, version("holidays"))


@cache
def books(settings: LawSettings) -> Books:
    """Read once. A file of the site's folder stands for the shipped one of that name. Raises Invalid: one sentence."""
    files = {file.name: file for file in sorted(resource("config/law").glob("*.toml"))}
    if settings.folder:
        folder = Path(settings.folder).expanduser()
        if not folder.is_dir():
            raise Invalid(f"law.folder {folder} is no folder: put your own KZ.toml and the like there.")
        files |= {file.name: file for file in sorted(folder.glob("*.toml"))}
    law = Law()
    for file in files.values():
        more = parse(_table(file), _place(file))
        twice = {rule.id for rule in law.rules} & {rule.id for rule in more.rules}
        if twice:
            raise Invalid(f"{_place(file)}: {min(twice)}: another file has a rule with that id already.")
        law = replace(law, rules=law.rules + more.rules, copies=law.copies + more.copies)
    off = dict(_entry(entry, "law.days_off") for entry in settings.days_off)
    working = frozenset(_entry(entry, "law.working_days")[0] for entry in settings.working_days)
    return Books(law, off, working, _hour(settings.closing))


@cache
def _year(jurisdiction: str, year: int) -> dict[date, str]:
    """Weekends and holidays of one year; what is no country has weekends alone."""
    country = jurisdiction if jurisdiction in holidays.list_supported_countries() else ""
    known = holidays.country_holidays(country, years=year, language="en_US") if country else holidays.HolidayBase()
    day, days = date(year, 1, 1), {}
    while day.year == year:
        if not known.is_working_day(day):
            days[day] = str(known.get(day) or WEEKEND)
        day = date.fromordinal(day.toordinal() + 1)
    return days


def _table(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(f"{_place(file)} cannot be read as TOML: {error}.") from None


def _place(file: Path) -> str:
    return f"{file.parent.parent.name}/{file.parent.name}/{file.name}"


def _entry(entry: str, key: str) -> tuple[tuple[str, date], str]:
    """`KG 2026-03-20 moved by decree` as a place, a day and why."""
    where, _, rest = entry.strip().partition(" ")
    day, _, why = rest.strip().partition(" ")
    try:
        return (where.upper(), date.fromisoformat(day)), why.strip() or "day off of this site"
    except ValueError:
        raise Invalid(f"{key}: “{entry}” is not a day: write it as KG 2026-03-20 and why.") from None


def _hour(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise Invalid(f"law.closing must be an hour, as 18:00, not “{text}”.") from None
