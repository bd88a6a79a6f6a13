"""`vigil import`: cases, subscribers and sources from files. All or nothing, unless --partial."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import click

from alerts.cli.desk import as_json, as_staff, one_line, open_desk, print_json, read_bytes, read_text
from alerts.domain import opml
from alerts.domain.deadlines import Kind
from alerts.domain.errors import Invalid
from alerts.domain.refusals import Refusal, Refused
from alerts.domain.times import LocalTime
from alerts.services import calendarfiles, importing, rematching, rules, staffing, watching

as_partial = click.option("--partial", is_flag=True, help="Take what is right, and name what is not.")


@click.group("import")
def import_() -> None:
    """Cases, subscribers and sources from a file."""


@import_.command()
@click.argument("file")
@as_staff
@as_partial
@as_json
def cases(file: str, email: str, partial: bool, as_json: bool) -> None:
    """Cases from YAML, as in config/examples."""
    text = read_text(file)
    with open_desk() as app, named(file):
        by = staffing.find(app.store, email)
        now = app.now()
        done = importing.cases(app.store, text, by=by, now=now, partial=partial)
        show(file, done.refusals)
        signals = rematching.again(app.store, by=by, now=now, rules=rules.in_force(app.store, app.settings), since=now)
    if as_json:
        numbers = ("cases", "people", "facts", "asks")
        print_json({name: getattr(done, name) for name in numbers} | {"signals": signals})
    else:
        click.echo(f"{done.cases:,} cases, {done.people:,} people, {done.facts:,} facts, {done.asks:,} asks.")
        if signals:
            click.echo(f"{signals:,} signals of the last {rematching.DAYS} days name somebody of them.")


@import_.command()
@click.argument("file")
@as_staff
@click.option("--vetted", is_flag=True, help="You vouch for all of them: confirmed and trusted, and nothing is sent.")
@as_partial
@as_json
def subscribers(file: str, email: str, vetted: bool, partial: bool, as_json: bool) -> None:
    """Subscribers from CSV. Without --vetted each new address gets one mail that asks it to confirm."""
    text = read_text(file)
    with open_desk() as app, named(file):
        by = staffing.find(app.store, email)
        done = importing.subscribers(
            app.store, app.queue, text, by=by, now=app.now(), vetted=vetted, partial=partial, bar=bar
        )  # fmt: skip
        show(file, done.refusals)
    if as_json:
        numbers = ("added", "updated", "left", "suppressed", "letters")
        print_json({name: getattr(done, name) for name in numbers} | {"refused": len(done.refusals)})
    else:
        click.echo(f"{done}.")


@import_.command()
@click.argument("file")
@as_staff
@as_partial
@as_json
def sources(file: str, email: str, partial: bool, as_json: bool) -> None:
    """News feeds from OPML, in whatever encoding it declares, or CSV."""
    try:
        text = opml.decode(read_bytes(file))
    except Invalid as refusal:
        raise Invalid(f"{file}: {refusal}") from None
    with open_desk() as app, named(file):
        by = staffing.find(app.store, email)
        done = watching.import_sources(app.store, text, by=by, now=app.now(), partial=partial)
        show(file, done.refusals)
    if as_json:
        lines = [{"line": refusal.line, "reason": refusal.reason} for refusal in done.refusals]
        print_json({"added": done.added, "known": done.known, "refused": lines})
    else:
        click.echo(f"{done.added} sources added, {done.known} known already, {len(done.refusals)} lines refused.")


@import_.command()
@click.argument("file")
@click.option("--case", "case_code", default="", metavar="CODE", help="The case that all its dates are about.")
@click.option("--country", default="", metavar="KG", help="Where they are, for dates without a case.")
@click.option(
    "--kind", type=click.Choice([kind.value for kind in Kind]), help="Else hearing, or summit without a case."
)
@click.option("--zone", default="", help="Whose clock is meant by times without one, as Asia/Bishkek.")
@as_staff
@as_partial
@as_json
def calendar(
    file: str, case_code: str, country: str, kind: str | None, zone: str, email: str, partial: bool, as_json: bool
) -> None:
    """Dates from a partner's calendar (ICS). Nobody is told of them until an approver confirms each.

    What a newer file changes is shown and not done.
    """
    from alerts.cli.calendar import read

    entries = read(file)
    with open_desk() as app, named(file):
        by = staffing.find(app.store, email)
        try:
            done = calendarfiles.take(
                app.store, entries, case_code=case_code, country_code=country, kind=Kind(kind) if kind else None,
                zone=zone, by=by, now=app.now(), partial=partial,
            )  # fmt: skip
        except Refused:
            raise
        except Invalid as refusal:
            raise Invalid(f"{file}: {refusal}") from None
        show(file, done.refusals)
    if as_json:
        moves = [
            {"id": one.deadline.id, "proposes": one.proposes.value, "from": _at(one.deadline.when), "to": _at(one.to)}
            for one in done.proposed
        ]
        lines = [{"line": refusal.line, "reason": refusal.reason} for refusal in done.refusals]
        print_json(
            {
                "added": [one.id for one in done.added],
                "proposed": moves,
                "known": done.known,
                "over": done.over,
                "refused": lines,
            }
        )
        return
    for one in done.proposed:
        to = f"{_at(one.deadline.when)} → {_at(one.to)}" if one.to else f"{_at(one.deadline.when)} cancelled"
        click.echo(f"Proposed, not done: {to}  {one.deadline.id}")
    click.echo(
        f"{len(done.added):,} dates added, {len(done.proposed):,} changes proposed, {done.known:,} known already, "
        f"{done.over:,} over or cancelled."
    )


def _at(when: LocalTime | None) -> str | None:
    return None if when is None else when.claim or f"{when.wall:%Y-%m-%d %H:%M} {when.zone}"


@contextmanager
def named(file: str) -> Iterator[None]:
    """Prints each refused line with the file's name; the command then ends with 1, and nothing was changed."""
    try:
        yield
    except Refused as refused:
        show(file, refused.refusals)
        click.echo(f"vigil: nothing was taken from {file}: mend it, or add --partial to take the rest.", err=True)
        raise click.exceptions.Exit(1) from None


def show(file: str, refusals: Iterable[Refusal]) -> None:
    for refusal in refusals:
        place = f"{file}:{refusal.line}" if refusal.line else file
        click.echo(f"{place}: {one_line(refusal.reason)}", err=True)


def bar(length: int) -> Callable[[int], None]:
    """A progress bar where a person looks on; nothing in a log."""
    if not sys.stderr.isatty() or not length:
        return lambda _: None
    moving = click.progressbar(length=length, file=sys.stderr, label="Importing")
    moving.render_progress()

    def move(steps: int) -> None:
        moving.update(steps)
        if moving.finished:
            moving.render_finish()

    return move
