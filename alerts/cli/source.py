"""`vigil source`: what is watched, how it fares, and a file of it for other programs."""

from datetime import datetime
from pathlib import Path

import click

from alerts.cli.desk import as_json, as_staff, one_line, open_desk, print_json
from alerts.domain.errors import Invalid
from alerts.domain.health import WAY_OUT
from alerts.domain.watching import Identity, Source
from alerts.services import staffing, watching


@click.group("source")
def source_() -> None:
    """What is watched, and how it fares."""


@source_.command("list")
@click.option("--failing", is_flag=True, help="Only those that cannot be read.")
@as_json
def list_(failing: bool, as_json: bool) -> None:
    """Every source: those that fail first, with the reason and the way out."""
    with open_desk() as app:
        found = [source for source in watching.listing(app.store) if not (failing and source.health.works)]
    if as_json:
        print_json([_values(source) for source in found])
        return
    for source in found:
        click.echo(f"{source.health:8} {'*' if source.starred else ' '} {one_line(source.title or source.url)}")
        if source.title and (source.reason or not source.health.works):
            click.echo(f"           {one_line(source.url)}")
        if source.reason:
            click.echo(f"           {one_line(source.reason)}")
        if source.health in WAY_OUT:
            click.echo(f"           → {WAY_OUT[source.health]}")


@source_.command()
@click.option("--format", "form", type=click.Choice(["opml", "csv"]), default="opml", show_default=True)
@click.option("--output", "-o", metavar="FILE", help="Else standard output.")
def export(form: str, output: str | None) -> None:
    """Every source as OPML or CSV, which vigil import sources takes back."""
    with open_desk() as app:
        text = watching.export(app.store, form, app.settings.desk.name)
    if not output:
        click.echo(text, nl=False)
        return
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise Invalid(f"{output} cannot be written: {error.strerror}.") from None


@source_.command()
@click.argument("url")
@click.option("--url", "new", metavar="URL", help="Where it lives now.")
@click.option("--title")
@click.option("--country", help="Two letters; empty: none.")
@click.option("--starred/--not-starred", default=None, help="Visited most often; staff hear at once if it fails.")
@click.option(
    "--identity", type=click.Choice([way.value for way in Identity]), help="By what its items are told apart."
)
@as_staff
def change(
    url: str, new: str | None, title: str | None, country: str | None, starred: bool | None, identity: str | None,
    email: str,
) -> None:  # fmt: skip
    """Change a source, named by its address. It is visited at once."""
    given = watching.Given(new, title, country, starred, Identity(identity) if identity else None)
    with open_desk() as app:
        by = staffing.find(app.store, email)
        changed = watching.change(app.store, url, given, by=by, now=app.now())
    click.echo(f"Changed: {one_line(changed.url)}")


def _values(source: Source) -> dict[str, object]:
    habits = source.habits
    return {
        "url": source.url, "title": source.title, "kind": source.kind, "country": source.country,
        "starred": source.starred, "health": source.health, "reason": source.reason,
        "way_out": WAY_OUT.get(source.health, ""), "failures": source.failures, "identity": habits.identity,
        "every_seconds": habits.interval, "since": _time(habits.since), "news_at": _time(habits.news_at),
        "visited_at": _time(source.polled_at), "worked_at": _time(source.worked_at),
        "next_at": _time(source.next_poll_at),
    }  # fmt: skip


def _time(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
