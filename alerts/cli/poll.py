"""`vigil poll --once`: visit the sources that are due now, one time; `vigil rematch`: look again at what was seen."""

import click

from alerts.bootstrap import App
from alerts.cli.desk import as_json, as_staff, open_desk, print_json
from alerts.cli.run import run_loop
from alerts.engine.polling import Round, visit_due
from alerts.services import rematching, rules, staffing


@click.command("poll")
@click.option("--once", is_flag=True, help="Visit what is due, one time; “vigil run” goes on by itself.")
@as_json
def poll_(once: bool, as_json: bool) -> None:
    """Visit the sources that are due. Ends with 1 where there were some and none could be read."""
    if not once:
        raise click.UsageError("say “vigil poll --once”; “vigil run” visits the sources by itself, again and again.")
    with open_desk() as app:
        done = run_loop(_visit(app))
    if as_json:
        failed = [{"url": source.url, "title": source.title, "reason": reason} for source, reason in done.failed]
        print_json({"visited": done.visited, "new": done.new, "failed": failed, "later": done.later})
    else:
        _say(done)
    if done.failed and len(done.failed) == done.visited:
        raise click.exceptions.Exit(1)


@click.command("rematch")
@click.option("--days", type=click.IntRange(1, 3650), default=rematching.DAYS, show_default=True, help="How far back.")
@as_staff
@as_json
def rematch_(days: int, email: str, as_json: bool) -> None:
    """Match the signals of the last days again with everybody whom we follow. What people have decided stands."""
    with open_desk() as app:
        by = staffing.find(app.store, email)
        named = rematching.again(
            app.store, by=by, now=app.now(), rules=rules.in_force(app.store, app.settings), days=days
        )
    if as_json:
        print_json({"signals": named})
    else:
        click.echo(f"{_many(named, 'signal')} of the last {_many(days, 'day')}: somebody new is named there.")


def _say(done: Round) -> None:
    said = f"{_many(done.visited, 'source')} visited, {_many(done.new, 'new signal')}, {len(done.failed)} failed"
    said += f", {done.later} put off: their host was asked just now" if done.later else ""
    why = [f"  {source.title or source.url}: {reason}" for source, reason in done.failed]
    click.echo("\n".join([f"{said}:" if why else said, *why]))


async def _visit(app: App) -> Round:
    try:
        return await visit_due(app, app.now())
    finally:
        await app.egress.close()


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
