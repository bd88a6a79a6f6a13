"""`vigil calendar`: what a calendar shows of a file, and what a reader's own calendar holds."""

from datetime import datetime
from typing import Any

import click

from alerts.cli.desk import as_json, one_line, open_desk, print_json, read_bytes
from alerts.domain.calendarfile import Finding, Written, checked
from alerts.domain.errors import Invalid
from alerts.services import calendarfiles, calendars, staffing
from watchers.calendars import parse


@click.group("calendar")
def calendar_() -> None:
    """Calendar files, and readers' own calendars."""


@calendar_.command()
@click.argument("file")
@click.option("--names", is_flag=True, help="Also look for the names of people of this desk's cases in titles.")
@as_json
def check(file: str, names: bool, as_json: bool) -> None:
    """What calendar programs show of FILE, and what is wrong with it. Ends with 1 if something breaks.

    Without --names it needs no desk.
    """
    entries, naming = read(file), set[int]()
    if names:
        with open_desk() as app:
            naming = calendarfiles.naming(app.store, entries)
    found = checked(entries, naming)
    broken = sum(finding.breaks for _, wrong in found for finding in wrong)
    if as_json:
        print_json({"events": [_row(entry, wrong) for entry, wrong in found], "breaks": broken})
    else:
        for entry, wrong in found:
            click.echo(one_line(f"{_when(entry)}  {entry.status or '-':9}  {entry.title or 'without a title'}"))
            for finding in wrong:
                weight = "breaks" if finding.breaks else "note"
                click.echo(f"  {file}:{entry.line}: {weight} ({finding.where}): {one_line(finding.what)}")
        click.echo(f"{len(found):,} events, {broken:,} things that break.")
    if broken:
        raise click.exceptions.Exit(1)


@calendar_.command()
@click.argument("email", metavar="EMAIL")
@click.option("--as", "staff", required=True, metavar="EMAIL", help="The staff member who does this.")
def feed(email: str, staff: str) -> None:
    """What the calendar of the reader EMAIL holds, or would if they had one."""
    with open_desk() as app:
        by = staffing.find(app.store, staff)
        found = calendars.looked_at(app.store, email, by=by, now=app.now())
        text = app.render.calendar(found.entries, found.subscriber.language, found.subscriber.zone)
        click.echo(text.decode(), nl=False)


def read(file: str) -> list[Written]:
    """The entries of a file. Raises Invalid, with the file's name."""
    data = read_bytes(file)
    try:
        return parse(data)
    except Invalid as refusal:
        raise Invalid(f"{file} {refusal}") from None


def _row(entry: Written, wrong: list[Finding]) -> dict[str, Any]:
    return {
        "line": entry.line, "uid": entry.uid or None, "sequence": entry.sequence, "status": entry.status or None,
        "starts": entry.start.isoformat() if entry.start else None, "zone": entry.zone or None,
        "ends": entry.end.isoformat() if entry.end else None, "alarms": list(entry.alarms), "title": entry.title,
        "findings": [{"breaks": one.breaks, "programs": one.where, "what": one.what} for one in wrong],
    }  # fmt: skip


def _when(entry: Written) -> str:
    if entry.start is None:
        return "no date"
    if isinstance(entry.start, datetime):
        return f"{entry.start:%Y-%m-%d %H:%M} {entry.zone or 'floating'}"
    return entry.start.isoformat()
