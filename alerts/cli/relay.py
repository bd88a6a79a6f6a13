"""`vigil relay`: the mail servers that mail is handed to."""

import asyncio
import sys
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import click

from alerts.bootstrap import App
from alerts.cli.desk import as_json, as_staff, one_line, open_desk, print_json, read_text
from alerts.domain.errors import Invalid
from alerts.domain.staff import Staff
from alerts.services import relays, relaysetup, relaytest, staffing
from alerts.services.relaysetup import Given

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group("relay")
def relay_() -> None:
    """The mail servers that mail is handed to, and what each takes from us."""


def limits(command: Command) -> Command:
    for option in (
        click.option("--ramp/--no-ramp", default=None, help="A new sender begins with 50 a day, then twice as many."),
        click.option("--weight", type=int, help="Its share of the mail; 0: only while no other takes any."),
        click.option("--per-minute", type=int, help="Recipients a minute; 0: no limit."),
        click.option("--daily", type=int, help="Recipients in 24 hours; 0: no limit."),
    ):
        command = option(command)
    return command


@relay_.command()
@click.argument("name")
@click.option("--preset", required=True, help="Which mail service it is: gmail, yandex, postfix, other …")
@click.option("--host", default="")
@click.option("--port", type=int)
@click.option("--user", default="")
@click.option("--password-file", metavar="FILE", help="Its first line is the password; “-”: standard input.")
@click.option("--oauth-file", metavar="FILE", help="JSON: client_id, refresh_token, token_url.")
@click.option("--sender", default="", help="The address that mail comes from; else that of --user.")
@limits
@as_staff
def add(
    name: str, preset: str, host: str, port: int | None, user: str, password_file: str | None, oauth_file: str | None,
    sender: str, daily: int | None, per_minute: int | None, weight: int | None, ramp: bool | None, email: str,
) -> None:  # fmt: skip
    """Add a relay from a preset. The password is kept sealed, and read from a file: never from the command line."""
    password = read_text(password_file).split("\n")[0] if password_file else ""
    if password_file and not password:
        raise Invalid(f"{password_file} holds no password in its first line.")
    given = Given(
        host, port, user, password, read_text(oauth_file) if oauth_file else "", sender, daily, per_minute, weight, ramp
    )
    with open_desk() as app:
        by = staffing.find(app.store, email)
        relay, notes = relaysetup.add(app.store, app.settings, name, preset, given, by=by, now=app.now())
    for note in notes:
        click.echo(f"vigil: note: {note}", err=True)
    click.echo(f"Added, {_limits(relay.daily, relay.per_minute)}. Now see whether it works: vigil relay test {name}")


@relay_.command()
@click.argument("name")
@limits
@as_staff
def change(
    name: str, daily: int | None, per_minute: int | None, weight: int | None, ramp: bool | None, email: str
) -> None:
    """Change what a relay may be given; “main” is that of the settings."""
    given = Given(daily=daily, per_minute=per_minute, weight=weight, ramp=ramp)
    with open_desk() as app:
        by = staffing.find(app.store, email)
        relay = relaysetup.change(app.store, app.settings, name, given, by=by, now=app.now())
    click.echo(f"{name}: {_limits(relay.daily, relay.per_minute)}, weight {relay.weight}.")


@relay_.command()
@click.argument("name")
@as_staff
def remove(name: str, email: str) -> None:
    """Hand it no more mail, and forget its password."""
    with open_desk() as app:
        by = staffing.find(app.store, email)
        relaysetup.remove(app.store, app.settings, name, by=by, now=app.now())
    click.echo(f"Removed: {name}")


@relay_.command("steps")
@click.argument("preset")
def steps_(preset: str) -> None:
    """How to get a log-in at a mail service, what it takes, and where that figure is from."""
    found = relaysetup.named(preset)
    click.echo(found.title)
    for n, step in enumerate(found.steps, 1):
        click.echo(f"{n}. {step}")
    click.echo(f"It takes {_limits(found.daily, found.per_minute)} ({found.source}, {found.checked}).")


@relay_.command("test")
@click.argument("name")
@click.option("--to", default="", metavar="ADDRESS", help="Who gets the two test mails; else the relay's own sender.")
@click.option("--maildir", metavar="DIR", help="The mailbox of --to, where it is a Maildir on this computer.")
@click.option("--wait", default=30.0, show_default=True, help="Seconds to wait for the mail in the mailbox.")
@as_staff
@as_json
def test_(name: str, to: str, maildir: str | None, wait: float, email: str, as_json: bool) -> None:
    """Connect, log in, send two mails, see whether bounces will name their reader, and say what will not work."""
    with open_desk() as app:
        by = staffing.find(app.store, email)
        box = f"maildir:{quote(str(Path(maildir).absolute()))}" if maildir else app.settings.mailbox.url
        tried = asyncio.run(_tried(app, name, to, box, wait, by))
    if as_json:
        found = [{"what": f.what, "ok": f.well, "words": f.words} for f in tried.findings]
        print_json({"findings": found, "wont": list(tried.wont)})
    else:
        for finding in tried.findings:
            click.echo(f"{'ok ' if finding.well else 'NO '} {finding.what:9} {one_line(finding.words)}")
        if tried.wont:
            click.echo("\nWhat will not work:" if tried.well else "\nWhat to do:")
        for sentence in tried.wont:
            click.echo(f"- {one_line(sentence)}")
    sys.exit(0 if tried.well else 1)


async def _tried(app: App, name: str, to: str, box: str, wait: float, by: Staff) -> relaytest.Tried:
    with app.store.read() as tx:
        relay = relays.get(tx, app.settings, name)
    try:
        return await relaytest.attempt(
            app.store, app.settings, relay, app.token(relay), to=to or relay.sender, box=box, seconds=wait, by=by,
            now=app.now(),
        )  # fmt: skip
    finally:
        await app.egress.close()


@relay_.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Every relay: what it was given in 24 hours, what it takes today, whether it rests and why."""
    with open_desk() as app:
        found, now = relays.listing(app.store, app.settings, app.now()), app.now()
    if as_json:
        print_json([
            {"name": r.id, "preset": r.preset, "sender": r.sender, "weight": r.weight, "daily": r.daily or None,
             "per_minute": r.per_minute or None, "taken": taken, "left": left, "verp": r.verp,
             "tested_at": r.tested_at, "paused_until": r.paused_until if r.blocks else None,
             "reason": r.reason or None}
            for r, taken, left in found
        ])  # fmt: skip
        return
    for relay, taken, left in found:
        words = [f"weight {relay.weight}", f"{taken} in 24 hours"]
        words += [] if left is None else [f"{left} more today"]
        if relay.blocks and relay.paused_until and relay.paused_until > now:
            words.append(f"rests until {relay.paused_until.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
        why = f": {one_line(relay.reason)}" if relay.blocks else ""
        click.echo(f"{relay.id:12}  {relay.preset:13}  {relay.sender}  {', '.join(words)}{why}")
    if not found:
        click.echo("There is none: set smtp.url, or run vigil relay add.")


def _limits(daily: int, per_minute: int) -> str:
    day = f"{daily:,} a day" if daily else "no limit a day is known"
    return f"{day}, {per_minute:,} a minute" if per_minute else day
