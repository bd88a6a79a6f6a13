"""`vigil subscriber`: who asked for alerts, and how they stand."""

from typing import Any

import click

from alerts.cli.desk import as_json, as_staff, open_desk, print_json
from alerts.domain.audience import Subscriber, Subscription
from alerts.domain.stillreading import silent as is_silent
from alerts.domain.times import Instant
from alerts.services import staffing, stillreading, subscribers


@click.group("subscriber")
def subscriber_() -> None:
    """Who asked for alerts, and how they stand."""


@subscriber_.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Everybody, with what they asked for; several subscriptions of one person stand below each other."""
    with open_desk() as app:
        everyone, now = subscribers.listing(app.store), app.now()
    if as_json:
        print_json([row(one, what) | {"silent": silent(one, now)} for one, what in everyone])
        return
    for one, what in everyone:
        asked = " ".join((*what.countries, *what.cases, *what.topics))
        since = f"  silent since {one.asked_at:%Y-%m-%d}" if one.asked_at and silent(one, now) else ""
        click.echo(f"{one.email}  {one.language}  {standing(one)}  {asked}{since}")


@subscriber_.command()
@click.argument("address", metavar="EMAIL")
@as_staff
def confirm(address: str, email: str) -> None:
    """They told us themselves that they want our mails."""
    with open_desk() as app:
        subscribers.confirm(app.store, address, by=staffing.find(app.store, email), now=app.now())
    click.echo("Confirmed.")


@subscriber_.command()
@click.argument("address", metavar="EMAIL")
@as_staff
def vet(address: str, email: str) -> None:
    """We know them: they may read what is for trusted readers."""
    with open_desk() as app:
        subscribers.vet(app.store, address, by=staffing.find(app.store, email), now=app.now())
    click.echo("Vetted: they are a trusted reader.")


@subscriber_.command()
@click.argument("address", metavar="EMAIL")
@click.option("--reason", default="", help="One line for the desk; never shown to them.")
@as_staff
def suppress(address: str, reason: str, email: str) -> None:
    """Write to them no more."""
    with open_desk() as app:
        subscribers.suppress(app.store, address, reason, by=staffing.find(app.store, email), now=app.now())
    click.echo("Suppressed: nothing more is sent to them.")


@subscriber_.command()
@click.argument("address", metavar="EMAIL")
@as_staff
def lift(address: str, email: str) -> None:
    """Write to them again: their mailbox is mended, or we were mistaken."""
    with open_desk() as app:
        subscribers.lift(app.store, address, by=staffing.find(app.store, email), now=app.now())
    click.echo("Lifted: they are written to again.")


@subscriber_.command()
@click.argument("address", metavar="EMAIL")
@as_staff
def keep(address: str, email: str) -> None:
    """They still read our mails, though they did not answer: ask again in a year."""
    with open_desk() as app:
        stillreading.keep(app.store, address, by=staffing.find(app.store, email), now=app.now())
    click.echo("Kept: they are asked again in a year.")


def silent(one: Subscriber, now: Instant) -> bool:
    return standing(one) in ("confirmed", "trusted") and is_silent(one.heard_at, one.asked_at, now)


def standing(one: Subscriber) -> str:
    if one.left_at:
        return "left"
    if one.suppressed_at:
        return "suppressed"
    return "not confirmed" if not one.confirmed_at else "trusted" if one.vetted_at else "confirmed"


def row(one: Subscriber, what: Subscription) -> dict[str, Any]:
    return {
        "email": one.email, "name": one.name, "organisation": one.organisation, "kind": one.kind,
        "language": one.language, "countries": what.countries, "cases": what.cases, "topics": what.topics,
        "kinds": what.kinds, "cadence": what.cadence, "zone": one.zone, "reach": one.reach, "rungs": one.rungs,
        "nag": one.nag, "calendar_names": one.calendar_names, "confirmed": one.confirmed_at is not None,
        "vetted": one.vetted_at is not None, "suppressed": one.suppressed_at is not None,
        "left": one.left_at is not None,
    }  # fmt: skip
