"""`vigil alert`: write, review, publish, follow up, stop."""

import asyncio
from datetime import UTC
from typing import Any

import click

from alerts.bootstrap import App
from alerts.cli.desk import as_json, as_staff, open_desk, print_json, read_text
from alerts.cli.following import follow
from alerts.domain import labels
from alerts.domain.alerts import Alert, Kind
from alerts.domain.countries import country
from alerts.domain.errors import Invalid
from alerts.domain.times import Instant
from alerts.domain.times import at as local_time
from alerts.services import alerting, allowance, staffing, trial
from alerts.settings import countries as known_countries

body_option = click.option(
    "--body-file", required=True, metavar="FILE", help="The text, UTF-8; “-” for standard input."
)
id_argument = click.argument("id")


@click.group("alert")
def alert_() -> None:
    """Urgent appeals and what follows them."""


@alert_.command()
@click.option("--case", "case_code", metavar="CODE")
@click.option("--kind", type=click.Choice(["urgent"]), default="urgent", show_default=True)
@click.option("--title", required=True)
@body_option
@click.option("--language", default="en", show_default=True)
@click.option(
    "--label",
    "label_text",
    type=click.Choice([label.value for label in labels.Label]),
    help="Who may read it; else what the case says.",
)
@click.option("--topic", "topics", multiple=True)
@click.option("--countries", default="", metavar="KZ,KG")
@click.option("--danger-to-life", "danger", is_flag=True, help="Nobody's quiet hours hold it.")
@as_staff
def draft(
    case_code: str | None, kind: str, title: str, body_file: str, language: str, label_text: str | None,
    topics: tuple[str, ...], countries: str, danger: bool, email: str,
) -> None:  # fmt: skip
    """Write an urgent appeal; its id is the last word printed."""
    with open_desk() as app:
        chosen = tuple(country(code, known_countries()).code for code in countries.split(",") if code.strip())
        alert = alerting.draft(
            app.store, case_code, alerting.Text(title, read_text(body_file)), language=language,
            label=labels.label(label_text) if label_text else None, topics=topics, countries=chosen,
            by=staffing.find(app.store, email), now=app.now(), danger=danger,
        )  # fmt: skip
        _warn(app, alert)
        click.echo(f"Draft of an urgent appeal: {alert.id}")


@alert_.command()
@id_argument
@click.option("--language", required=True)
@click.option("--title", required=True)
@body_option
@as_staff
def edition(id: str, language: str, title: str, body_file: str, email: str) -> None:
    """Write the alert in another language, or again. Voids approval."""
    with open_desk() as app:
        text = alerting.Text(title, read_text(body_file))
        alerting.edition(app.store, id, language, text, by=staffing.find(app.store, email), now=app.now())
        click.echo(f"Edition in {language} written; the alert is a draft: {id}")


@alert_.command()
@id_argument
@as_staff
def submit(id: str, email: str) -> None:
    """Ask for a second pair of eyes."""
    with open_desk() as app:
        alerting.submit(app.store, id, by=staffing.find(app.store, email), now=app.now())
        click.echo(f"In review: {id}")


@alert_.command()
@id_argument
@as_staff
def approve(id: str, email: str) -> None:
    """Vouch for exactly this text: nobody approves what they wrote."""
    with open_desk() as app:
        alert = alerting.approve(app.store, id, by=staffing.find(app.store, email), now=app.now())
        _warn(app, alert)
        click.echo(f"Approved: {id}")


@alert_.command()
@id_argument
@click.option("--at", "at", metavar="TIME", help="2026-12-01 10:00; else now.")
@click.option("--not-after", metavar="TIME", help="2026-12-01 10:00: what is unsent then is not sent.")
@click.option("--zone", help="The zone of --at and --not-after; else the desk's.")
@click.option("--follow", "watch", is_flag=True, help="Show how it goes out, until it has.")
@as_staff
def publish(id: str, at: str | None, not_after: str | None, zone: str | None, watch: bool, email: str) -> None:
    """Let an approved text go, now or at a time."""
    with open_desk() as app:
        if watch and at:
            raise Invalid("--follow shows what goes out now: leave --at out, or look later with “vigil alert status”.")
        if zone and at is None and not_after is None:
            raise Invalid("--zone is the zone of --at and --not-after: give one of them too, or none to publish now.")
        here = zone or app.settings.desk.zone
        when = None if at is None else local_time(at, here).instant
        last = None if not_after is None else local_time(not_after, here).instant
        by = staffing.find(app.store, email)
        if when is None and (left := allowance.before(app.store, app.settings, id, app.now())):
            click.echo(f"vigil: note: {left.words(app.settings.desk.zone, app.now())}", err=True)
        alert, forecast = alerting.publish(app.store, app.queue, id, by=by, now=app.now(), at=when, not_after=last)
        for warning in forecast.warnings:
            click.echo(f"vigil: warning: {warning}", err=True)
        if alert.publish_at and not alert.published_at:
            click.echo(f"Scheduled for {alert.publish_at:%Y-%m-%d %H:%M} UTC: {id}")
        else:
            for count, later in ((forecast.quiet, "once their night is over"), (forecast.digest, "in their digest")):
                if count:
                    click.echo(f"vigil: note: {count} of the readers get it {later}.", err=True)
            click.echo(f"Published {alert.number or alert.reference} to {alert.audience} readers: {id}")
            if watch:
                follow(app, id)


@alert_.command()
@id_argument
@as_staff
def cancel(id: str, email: str) -> None:
    """Halt what is unsent."""
    with open_desk() as app:
        alerting.cancel(app.store, id, by=staffing.find(app.store, email), now=app.now())
        click.echo(f"Cancelled: {id}")


@alert_.command()
@id_argument
@as_staff
def pause(id: str, email: str) -> None:
    """Hold what is unsent until it is resumed."""
    with open_desk() as app:
        alerting.pause(app.store, id, by=staffing.find(app.store, email), now=app.now())
        click.echo(f"Paused: {id}")


@alert_.command()
@id_argument
@as_staff
def resume(id: str, email: str) -> None:
    """Let what is unsent go on."""
    with open_desk() as app:
        alerting.resume(app.store, id, by=staffing.find(app.store, email), now=app.now())
        click.echo(f"On its way again: {id}")


@alert_.command()
@id_argument
@click.option("--to", required=True, metavar="EMAIL")
@as_staff
def test(id: str, to: str, email: str) -> None:
    """Send the exact bytes to one address, marked TEST, outside the ledger."""
    with open_desk() as app:
        by = staffing.find(app.store, email)
        messages = trial.messages(app.store, app.render, id, by=by, now=app.now())
        asyncio.run(trial.send(app.first_channel(), to, messages))
        click.echo(f"{len(messages)} editions went to {to} as a test: {id}")


def _following(kind: Kind, text: str) -> None:
    @alert_.command(kind.value if kind is not Kind.CORRECTION else "correct", help=text)
    @id_argument
    @body_option
    @as_staff
    def follow(id: str, body_file: str, email: str) -> None:
        with open_desk() as app:
            by = staffing.find(app.store, email)
            alert = alerting.follow(app.store, id, kind, read_text(body_file), by=by, now=app.now())
            click.echo(f"Draft of the {kind} of {alert.number or alert.reference}: {alert.id}")


_following(Kind.UPDATE, "Draft what is new, under the same number.")
_following(Kind.CORRECTION, "Draft a correction of a wrong detail, for those who got it.")
_following(Kind.STOP, "Draft the word that no more action is wanted.")


@alert_.command()
@id_argument
@as_staff
def withdraw(id: str, email: str) -> None:
    """What must not have been named: stop the rest at once, and ask who got it to delete it, without the name."""
    with open_desk() as app:
        by = staffing.find(app.store, email)
        alert = alerting.withdraw(app.store, app.queue, app.render.languages, id, by=by, now=app.now())
        click.echo(f"Withdrawn; {alert.audience} readers are asked to delete it: {alert.id}")


@alert_.command()
@id_argument
@as_json
def status(id: str, as_json: bool) -> None:
    """Where it stands, and what became of each recipient, in numbers."""
    with open_desk() as app:
        found = _status(alerting.status(app.store, id))
        if as_json:
            print_json(found)
        else:
            click.echo("\n".join(f"{name:>11}  {value}" for name, value in found.items()))


@alert_.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Every alert, the newest first."""
    with open_desk() as app:
        found = [_status(status) for status in alerting.listing(app.store)]
        if as_json:
            print_json(found)
        else:
            for row in found:
                click.echo(
                    f"{row['id']}  {row['number'] or row['reference'] or '–':18}  {row['kind']:10}  {row['state']}"
                )


def _status(found: alerting.Status) -> dict[str, Any]:
    alert, tally = found.alert, found.tally
    return {
        "id": alert.id, "number": alert.number or None, "reference": alert.reference or None, "kind": alert.kind.value,
        "state": alert.state.value, "audience": tally.audience, "sent": tally.sent, "retrying": tally.retrying,
        "rejected": tally.rejected, "unknown": tally.unknown, "suppressed": tally.suppressed,
        "withdrawn": tally.withdrawn, "pending": tally.pending, "in_digests": found.waiting,
        "published_at": _time(alert.published_at), "not_after": _time(alert.not_after),
        "paused_at": _time(alert.paused_at),
    }  # fmt: skip


def _time(at: Instant | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None


def _warn(app: App, alert: Alert) -> None:
    for warning in alerting.forecast(app.store, alert.id).warnings:
        click.echo(f"vigil: warning: {warning}", err=True)
