"""`vigil deadline card`: what who comes must know at the door."""

import click

from alerts.cli.desk import as_json, open_desk, print_json
from alerts.domain import card as cards
from alerts.domain.card import Card
from alerts.domain.errors import Invalid
from alerts.services import courtcards, staffing


@click.command()
@click.argument("id")
@click.option("--set", "changes", multiple=True, metavar="FIELD=WORDS", help="As --set room=4; empty words clear it.")
@click.option("--as", "email", metavar="EMAIL", help="The staff member who changes it.")
@as_json
def card(id: str, changes: tuple[str, ...], email: str | None, as_json: bool) -> None:
    """What who comes must know at the door of the court. Trusted readers get it with the next mail on this date."""
    with open_desk() as app:
        if changes and not email:
            raise Invalid("Say who changes it: --as EMAIL.")
        written = courtcards.read(app.store, id)
        said = cards.said(written.card) if written else cards.said(Card())
        if changes and email:
            by = staffing.find(app.store, email)
            changed = cards.card(said | dict(_field(change) for change in changes))
            said = cards.said(courtcards.write(app.store, id, changed, by=by, now=app.now()).card)
    if as_json:
        print_json(said)
    else:
        for name, words in said.items():
            if words:
                click.echo(f"{name:12} {words}")


def _field(change: str) -> tuple[str, str]:
    name, equals, words = change.partition("=")
    if not equals:
        raise Invalid(f"“{change}” sets nothing: write FIELD=WORDS, as room=4.")
    return name.strip(), words
