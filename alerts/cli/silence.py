"""`vigil silence`: what we wait to hear, who must act where nothing comes, and that something was heard."""

from typing import Any

import click

from alerts.bootstrap import App
from alerts.cli.desk import as_json, as_staff, open_desk, print_json
from alerts.domain import times
from alerts.domain.silence import Awaited, named
from alerts.services import casework, listening, staffing
from alerts.services.listening import Expected
from alerts.settings import countries
from alerts.store.pages.silence import Quiet, with_all

what_option = click.option(
    "--what", type=click.Choice(["seen", "check-in"]), help="The first word is a case: this is what was heard of it."
)


@click.group("silence")
def silence_() -> None:
    """What we wait to hear: where nothing comes, it is an alarm."""


@silence_.command("list")
@click.option("--fired", is_flag=True, help="Only the alarms that stand.")
@as_json
def list_(fired: bool, as_json: bool) -> None:
    """Everything that we wait to hear, what is due first comes first."""
    with open_desk() as app:
        found = _rows(app, fired)
    if as_json:
        print_json(found)
        return
    for row in found:
        when = "ALARM" if row["fired"] else f"{row['due']:%Y-%m-%d %H:%M} UTC"
        click.echo(f"{when:20}  {row['case'] or row['source'] or row['deadline']:12}  {row['what']}")
        click.echo(f"{'':20}  → {row['who'] or 'whoever is at the desk'}: {row['do']}  ({row['id']})")


@silence_.command("set")
@click.argument("case_code", metavar="CASE")
@click.option("--seen-days", type=click.IntRange(0, 90), metavar="N", help="The lawyer sees the client; 0: never mind.")
@click.option("--check-in-hours", type=click.IntRange(0, 2160), metavar="N", help="They check in; 0: they do not.")
@click.option("--by", "once", metavar="TIME", help="They check in first by 2026-11-24 22:40, on their country's clock.")
@click.option("--who", default="", metavar="EMAIL", help="The staff member who must act.")
@click.option("--note", default="", help="Whom to ring, what was agreed; sealed.")
@as_staff
def set_(
    case_code: str, seen_days: int | None, check_in_hours: int | None, once: str | None, who: str, note: str, email: str
) -> None:
    """What is to be heard of a case, how often, and who must act where nothing comes."""
    if seen_days is None and check_in_hours is None and once is None:
        raise click.UsageError("Say --seen-days, --check-in-hours or --by.")
    with open_desk() as app:
        place = countries().get(casework.get(app.store, case_code).country)
        zone = place.zone if place else app.settings.desk.zone
        first = times.at(once, zone).instant if once else None
        asked = [Expected(Awaited.SEEN, 24 * seen_days)] if seen_days is not None else []
        if check_in_hours is not None or first:
            asked.append(Expected(Awaited.CHECK_IN, check_in_hours or 0, first))
        said = listening.expect(
            app.store, case_code, asked, by=staffing.find(app.store, email), now=app.now(), note=note,
            who=staffing.find(app.store, who).id if who else "",
        )  # fmt: skip
    for one in said:
        click.echo(f"{one.awaited}: {f'alarm on {one.due_at:%Y-%m-%d %H:%M} UTC' if one.due_at else 'not awaited'}")


@silence_.command()
@click.argument("id", metavar="ID|CASE")
@what_option
@as_staff
@as_json
def heard(id: str, what: str | None, email: str, as_json: bool) -> None:
    """It was heard: the alarm is over, and what comes again and again is waited for anew."""
    with open_desk() as app:
        silence = listening.hear(app.store, _id(app, id, what), by=staffing.find(app.store, email), now=app.now())
    if as_json:
        print_json({"id": silence.id, "awaited": silence.awaited.value, "due": silence.due_at})
    else:
        click.echo(f"Heard. {f'Next alarm: {silence.due_at:%Y-%m-%d %H:%M} UTC.' if silence.due_at else 'It is over.'}")


@silence_.command()
@click.argument("id", metavar="ID|CASE")
@what_option
@as_staff
def later(id: str, what: str | None, email: str) -> None:
    """Somebody is at it: the alarm comes again if there is still nothing in 12 hours (of a source: in 7 days)."""
    with open_desk() as app:
        silence = listening.put_off(app.store, _id(app, id, what), by=staffing.find(app.store, email), now=app.now())
    click.echo(f"Next alarm: {silence.due_at:%Y-%m-%d %H:%M} UTC.")


def _id(app: App, said: str, what: str | None) -> str:
    return named(Awaited(what), casework.get(app.store, said).id) if what else said


def _rows(app: App, only_fired: bool) -> list[dict[str, Any]]:
    now = app.now()
    with app.store.read() as tx:
        found = listening.fired(tx, now) if only_fired else listening.listing(tx, now)
        names = {one.id: one.name for one in tx.staff.where()}
        return [_row(row, names) for row in with_all(tx, found)]


def _row(row: Quiet, names: dict[str, str]) -> dict[str, Any]:
    one = row.silence
    return {
        "id": one.id, "awaited": one.awaited.value, "case": row.about.case.code if row.about else "",
        "deadline": one.deadline_id or "", "source": (row.source.title or row.source.url) if row.source else "",
        "what": one.what, "since": one.since, "due": one.due_at, "every_hours": one.every or None,
        "fired": one.fired_at, "who": names.get(row.who, ""), "do": one.act, "note": one.note,
    }  # fmt: skip
