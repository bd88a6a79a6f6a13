"""`vigil partner`: whose mails are news."""

import click

from alerts.cli.desk import as_json, as_staff, one_line, open_desk, print_json
from alerts.domain import countries
from alerts.services import intake, staffing
from alerts.services.addresses import address
from alerts.settings import countries as known


@click.group("partner")
def partner_() -> None:
    """Partners whose bulletins come into the mailbox: what they mail is news, not an answer."""


@partner_.command()
@click.argument("address_", metavar="ADDRESS")
@click.option("--name", required=True, help="Who it is, as it stands beside their news.")
@click.option("--country", default="", help="The country that they write of: its clock counts for dates.")
@as_staff
def add(address_: str, name: str, country: str, email: str) -> None:
    """From now on what ADDRESS mails is a signal."""
    code = countries.country(country, known()).code if country else ""
    with open_desk() as app:
        by = staffing.find(app.store, email)
        partner = intake.add_partner(app.store, address(address_), name, by=by, now=app.now(), country=code)
    click.echo(f"partner {partner.id}")


@partner_.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Every partner."""
    with open_desk() as app:
        found = intake.partners(app.store)
    if as_json:
        print_json([{"id": one.id, "email": one.email, "name": one.name, "added_at": one.added_at} for one in found])
        return
    for one in found:
        click.echo(one_line(f"{one.email}  {one.name}  {one.id}"))


@partner_.command()
@click.argument("id")
@as_staff
def remove(id: str, email: str) -> None:
    """What they mail is an answer again; their news stay."""
    with open_desk() as app:
        intake.remove_partner(app.store, id, by=staffing.find(app.store, email), now=app.now())
    click.echo("removed")
