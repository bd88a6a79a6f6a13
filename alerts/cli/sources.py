"""`vigil import sources`: what its room, alerts/cli/imports.py, calls."""

import click

from alerts.cli.desk import open_desk, print_json, read_text
from alerts.domain.errors import Invalid
from alerts.domain.refusals import Refused
from alerts.services import staffing, watching


def import_sources(file: str, email: str, *, partial: bool = False, as_json: bool = False) -> None:
    """Watch the sources that an OPML or CSV file names. Refusals are printed line by line.

    Raises Invalid, Forbidden, NotFound.
    """
    text = read_text(file)
    with open_desk() as app:
        by = staffing.find(app.store, email)
        try:
            done = watching.import_sources(app.store, text, by=by, now=app.now(), partial=partial)
        except Refused as refused:
            for refusal in refused.refusals:
                click.echo(f"{file}: {refusal}", err=True)
            raise Invalid("Nothing was imported: mend these lines, or take the others with --partial.") from None
    for refusal in done.refusals:
        click.echo(f"{file}: {refusal}", err=True)
    if as_json:
        lines = [{"line": refusal.line, "reason": refusal.reason} for refusal in done.refusals]
        print_json({"added": done.added, "known": done.known, "refused": lines})
        return
    click.echo(f"{done.added} sources added, {done.known} known already, {len(done.refusals)} lines refused.")
