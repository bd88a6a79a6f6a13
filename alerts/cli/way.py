"""`vigil way`: how alerts reach a subscriber, where it is not by plain mail. `vigil key`: what signs encrypted mail."""

from typing import Any
from urllib.parse import urlsplit

import click

from alerts.bootstrap import App
from alerts.channels import Channel
from alerts.cli.desk import as_json, as_staff, open_desk, print_json, read_text
from alerts.domain.audience import Subscriber
from alerts.domain.ways import Way
from alerts.services import pgpkey, reaching, staffing, ways

file_option = click.option("--file", required=True, metavar="FILE", help="Their public key; “-” reads standard input.")


@click.group("way")
def way_() -> None:
    """How alerts reach a subscriber, where it is not by plain mail."""


@way_.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Everybody who does not get plain mail."""
    with open_desk() as app:
        rows = [row(app, one, way) for one, way in ways.listing(app.store)]
    if as_json:
        print_json(rows)
        return
    for found in rows:
        said = [found["email"], found["channel"], found["server"], "encrypted only" if found["encrypt_only"] else ""]
        click.echo("  ".join(part for part in (*said, found["waits"]) if part))


@way_.command()
@click.argument("address", metavar="EMAIL")
@click.argument("url")
@as_staff
def webhook(address: str, url: str, email: str) -> None:
    """Post their alerts to URL, signed. The secret is printed this once; the public key is for those who prefer it."""
    with open_desk() as app:
        by, to = staffing.find(app.store, email), _channel(app, "webhook")
        way, secret = ways.set_webhook(app.store, address, url, to, by=by, now=app.now())
        _hand_over(app, way, secret)


@way_.command()
@click.argument("address", metavar="EMAIL")
@as_staff
def rotate(address: str, email: str) -> None:
    """A new secret for their webhook, printed this once. The old one is good for 24 hours more."""
    with open_desk() as app:
        way, secret = ways.rotate(app.store, address, by=staffing.find(app.store, email), now=app.now())
        _hand_over(app, way, secret)


@way_.command()
@click.argument("address", metavar="EMAIL")
@click.option(
    "--url-file", required=True, metavar="FILE",
    help="Holds the messenger's address as Apprise writes it, with its passwords; “-” reads standard input.",
)  # fmt: skip
@as_staff
def apprise(address: str, url_file: str, email: str) -> None:
    """Send their alerts to a messenger or as SMS."""
    url = read_text(url_file)
    with open_desk() as app:
        by, to = staffing.find(app.store, email), _channel(app, "apprise")
        ways.set_apprise(app.store, address, url, to, by=by, now=app.now())
    click.echo("Set: their alerts go to the messenger.")


@way_.command("key")
@click.argument("address", metavar="EMAIL")
@file_option
@click.option("--only-encrypted", is_flag=True, help="Never send them plain mail: what cannot be encrypted waits.")
@as_staff
def set_key(address: str, file: str, only_encrypted: bool, email: str) -> None:
    """Encrypt their mail to their OpenPGP key."""
    armored = read_text(file)
    with open_desk() as app:
        by = staffing.find(app.store, email)
        _, warning = ways.set_key(app.store, address, armored, only_encrypted, by=by, now=app.now())
    if warning:
        click.echo(f"vigil: {warning}", err=True)
    click.echo("Set: their mail is encrypted" + (", or waits." if only_encrypted else "."))


@way_.command()
@click.argument("address", metavar="EMAIL")
@as_staff
def clear(address: str, email: str) -> None:
    """Plain mail again."""
    with open_desk() as app:
        ways.clear(app.store, address, by=staffing.find(app.store, email), now=app.now())
    click.echo("Cleared: they get plain mail.")


@click.group("key")
def key_() -> None:
    """The desk's OpenPGP key, which signs encrypted mail."""


@key_.command()
@as_staff
def make(email: str) -> None:
    """Make it, once, beside the keys file; prints its public half."""
    with open_desk() as app:
        desk, sender = app.settings.desk.name, app.settings.smtp.sender
        file, by = pgpkey.file_of(app.settings.keys.file), staffing.find(app.store, email)
        click.echo(pgpkey.make(app.store, file, desk, sender, by=by, now=app.now()).strip())


@key_.command()
def show() -> None:
    """Print its public half, by which readers verify."""
    with open_desk() as app:
        click.echo(pgpkey.certificate(pgpkey.file_of(app.settings.keys.file)).strip())


def row(app: App, one: Subscriber, way: Way) -> dict[str, Any]:
    """`server`: a webhook's, without the path, which may be a secret; a messenger's address holds passwords."""
    hook = way.channel == "webhook"
    return {
        "email": one.email, "channel": way.channel, "server": urlsplit(way.target).hostname if hook else "",
        "public_key": ways.public_key(app.vault, way.id) if hook else "", "encrypted": bool(way.cert),
        "encrypt_only": way.encrypt_only, "waits": way.disabled_why or reaching.held(way, app.now()),
        "changed_at": way.changed_at,
    }  # fmt: skip


def _channel(app: App, name: str) -> Channel:
    return ways.channels(app.egress, app.vault, app.now, app.settings.web.base_url)[name]


def _hand_over(app: App, way: Way, secret: str) -> None:
    click.echo("Hand this secret to them alone; it is not shown again:")
    click.echo(secret)
    click.echo("Who would rather hold no secret verifies “v1a” with this public key:")
    click.echo(ways.public_key(app.vault, way.id))
