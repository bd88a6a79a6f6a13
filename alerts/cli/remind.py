"""`vigil remind`: what the clock does each second, once and by hand; or what it would do until some moment."""

from typing import Any

import click

from alerts.cli.desk import as_json, open_desk, print_json
from alerts.domain import times
from alerts.domain.errors import Invalid
from alerts.domain.ladders import Fate, Whom
from alerts.services import rehearsing, reminding
from alerts.services.rehearsing import Expected

SAID = {Whom.STAFF: "to us", Whom.LAWYER: "to the lawyer"}


@click.command("remind")
@click.option("--dry-run", is_flag=True, help="Only say what would go out. Nothing is written, nobody is told.")
@click.option("--at", metavar="TIME", help="Until when, as 2026-12-01 10:00; with --dry-run.")
@click.option("--zone", help="On the clock of this zone, as Asia/Bishkek; else the desk's.")
@as_json
def remind_(dry_run: bool, at: str | None, zone: str | None, as_json: bool) -> None:
    """Fire the reminders that are due now, each once, whatever else looks at the clock.

    `vigil run` does so every second: this is for a desk that is run by hand, or by cron.
    """
    if (at or zone) and not dry_run:
        raise Invalid("--at goes with --dry-run: nobody is reminded at a time that is not now.")
    with open_desk() as app:
        now = app.now()
        if not dry_run:
            fired = reminding.remind(app.store, app.queue, app.render.languages, now)
            if as_json:
                print_json({"fired": fired})
            else:
                click.echo(f"{fired} {'reminder goes' if fired == 1 else 'reminders go'} out to readers.")
            return
        until = times.at(at, zone or app.settings.desk.zone).instant if at else now
        found = [_row(one) for one in rehearsing.rehearse(app.store, app.render.languages, until, now)]
        if as_json:
            print_json(found)
            return
        for row in found:
            readers = ", ".join(f"{count} {language}" for language, count in row["languages"].items())
            whom = SAID.get(row["whom"]) or f"{row['readers']} readers{f' ({readers})' if readers else ''}"
            what = whom if row["fate"] == Fate.FIRED else f"{row['fate']}: {row['reason']}"
            about = row["case"] or row["title"]
            click.echo(f"{row['fire_at'][:16]}Z  {row['kind']:10}  {about:16}  {row['rung']:10}  {what}")
        if not found:
            click.echo("Nothing is due until then.")


def _row(one: Expected) -> dict[str, Any]:
    reminder, deadline = one.reminder, one.deadline
    return {
        "fire_at": reminder.fire_at.isoformat(), "deadline": deadline.id, "case": one.case.code if one.case else None,
        "kind": deadline.kind.value, "title": deadline.title, "rung": reminder.rung, "whom": reminder.whom.value,
        "fate": reminder.fate.value, "reason": reminder.reason or None, "readers": sum(one.readers.values()),
        "languages": one.readers,
    }  # fmt: skip
