"""`vigil audit`: whether the record of what people did is whole."""

import click

from alerts.cli.desk import open_desk
from alerts.domain.errors import Conflict


@click.group("audit")
def audit_() -> None:
    """The record of what people did here."""


@audit_.command()
def verify() -> None:
    """Check that no entry was changed, removed or added by another hand."""
    with open_desk() as app, app.store.read() as tx:
        broken = tx.audit.broken_at()
        count = sum(1 for _ in tx.audit.entries())
    if broken is not None:
        raise Conflict(
            f"The audit log is broken at entry {broken:,}: it was changed, removed or added by another hand."
        )
    click.echo(f"{count:,} {'entry' if count == 1 else 'entries'}, unbroken.")
