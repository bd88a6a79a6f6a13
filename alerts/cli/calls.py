"""`vigil deadline calls` and `tick`: whom to ring about a change, and what came of it."""

import click

from alerts.cli.desk import as_json, as_staff, open_desk, print_json
from alerts.domain.calling import How, count
from alerts.services import calling, staffing
from alerts.store.pages.calls import Person


@click.command()
@click.argument("id")
@as_json
def calls(id: str, as_json: bool) -> None:
    """Who holds the old date, who knows, and whom to ring; the first one first."""
    with open_desk() as app:
        deadline, people = calling.listing(app.store, id)
        counted = count(person.holder for person in people)
        rows = [_row(person) for person in people]
        if as_json:
            print_json({
                "deadline": id, "revision": deadline.revision, "holders": counted.holders, "know": counted.know,
                "silent": counted.silent, "phone_only": counted.phone_only, "calls": rows,
            })  # fmt: skip
            return
        click.echo(
            f"{counted.holders} have the old date: {counted.know} know, {counted.silent} mailed and silent, "
            f"{counted.phone_only} phone only."
        )
        for row in rows:
            knows = "knows" if row["knows"] else row["mailed"]
            click.echo(f"{row['subscriber']}  {knows:8}  {row['phone'] or '-':18}  {row['email']}")


@click.command()
@click.argument("id")
@click.argument("subscriber")
@click.option("--how", type=click.Choice([how.value for how in How]), required=True)
@click.option("--if-revision", "seen", type=int, metavar="N", help="Only if it still has this number.")
@as_staff
def tick(id: str, subscriber: str, how: str, seen: int | None, email: str) -> None:
    """Say what came of trying to tell a subscriber (their id or address)."""
    with open_desk() as app:
        by = staffing.find(app.store, email)
        who = calling.on_list(app.store, id, subscriber)
        done = calling.tick(app.store, id, who, How(how), by=by, now=app.now(), seen=seen)
        click.echo("They know." if done.knows else "Not reached: they stay on the list.")


def _row(person: Person) -> dict[str, object]:
    holder, one = person.holder, person.subscriber
    return {
        "subscriber": one.id, "name": one.name, "organisation": one.organisation, "email": one.email,
        "phone": person.phone or None, "knows": holder.knows, "mailed": holder.mailed.value,
        "said_at": holder.said_at.isoformat() if holder.said_at else None,
        "how": holder.call.how.value if holder.call.how else None,
        "ticked_at": holder.call.ticked_at.isoformat() if holder.call.ticked_at else None,
    }  # fmt: skip
