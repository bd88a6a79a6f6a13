"""`vigil case`: what one case has of its own."""

import click

from alerts.cli.desk import as_staff, open_desk
from alerts.domain.deadlines import Kind
from alerts.domain.errors import Invalid
from alerts.domain.ladders import ladder
from alerts.services import laddering, staffing


@click.group("case")
def case_() -> None:
    """What one case has of its own."""


@case_.command("reminders")
@click.argument("code")
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), required=True)
@click.option("--rungs", metavar="RUNGS", help="Days and hours before the date, and hours after it: “10d 3d 3h +6h”.")
@click.option("--usual", is_flag=True, help="The desk's own again.")
@as_staff
def reminders(code: str, kind: str, rungs: str | None, usual: bool, email: str) -> None:
    """When people are reminded of a case's dates of one kind, from now on."""
    if (rungs is None) is not usual:
        raise Invalid("Give the reminders with --rungs, or --usual for the desk's own.")
    names = [] if usual else laddering.words(rungs or "")
    if not usual and not names:
        raise Invalid("Name at least one reminder, as 3d; or --usual for the desk's own.")
    with open_desk() as app:
        by = staffing.find(app.store, email)
        case = laddering.set_own(app.store, code, Kind(kind), names, by=by, now=app.now())
        click.echo(f"{case.code}, {kind}: {', '.join(one.name for one in ladder(Kind(kind), case.ladder))}")
