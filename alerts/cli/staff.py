"""`vigil staff`: who works here."""

import click

from alerts.cli.desk import as_json, as_staff, open_desk, print_json
from alerts.domain.staff import Role
from alerts.services import staffing


@click.group("staff")
def staff_() -> None:
    """Who works here, and in which role."""


@staff_.command()
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--name", default="", help="As it stands in the console; else the address before its “@”.")
def add(email: str, role: str, name: str) -> None:
    """Invite somebody. The link, the last word printed, works once within 24 hours."""
    with open_desk() as app:
        staff, secret = staffing.add(app.store, email, Role(role), now=app.now(), name=name)
        click.echo(
            f"{staff.name} is invited as {staff.role}. Hand this link to them alone; it works once, for 24 hours:"
        )
        click.echo(f"{app.settings.web.base_url}/invitation/{secret}")


@staff_.command()
@click.argument("address", metavar="EMAIL")
@click.argument("on", type=click.Choice(["on", "off"]), metavar="on|off")
@as_staff
def notices(address: str, on: str, email: str) -> None:
    """Whether they are told by mail when a relay refuses us for long, or much mail comes back at once."""
    with open_desk() as app:
        by = staffing.find(app.store, email)
        staff = staffing.notices(app.store, address, on == "on", by=by, now=app.now())
    click.echo(f"{staff.email} {'is told by mail' if staff.notices else 'gets no such mail'}.")


@staff_.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Everybody who works here, or did."""
    with open_desk() as app:
        everyone = staffing.everyone(app.store)
    if as_json:
        print_json([
            {"email": one.email, "name": one.name, "role": one.role, "disabled": one.disabled_at,
             "notices": one.notices}
            for one in everyone
        ])  # fmt: skip
        return
    for one in everyone:
        more = "  disabled" if one.disabled_at else "  told by mail" if one.notices else ""
        click.echo(f"{one.email}  {one.role}{more}")
