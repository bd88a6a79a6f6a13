"""`vigil check`: is everything right?"""

import asyncio
import contextlib
import sys
from email.utils import make_msgid
from html import escape

import click

from alerts.bootstrap import App, build, utc_now
from alerts.cli.desk import as_json, print_json, settings
from alerts.domain.errors import VigilError
from alerts.domain.messages import Message
from alerts.services import checking, trial
from alerts.services.checking import Finding
from alerts.store import Unavailable


@click.command("check")
@click.option("--mail", "to", metavar="ADDRESS", help="Send one test mail there.")
@as_json
def check_(to: str | None, as_json: bool) -> None:
    """Says in words whether settings, keys, database, clock, relays, public address and mailbox are right."""
    app = build(settings(), utc_now)
    try:
        with contextlib.suppress(VigilError, Unavailable):  # each of the findings says what it is
            app.ready()
        findings = asyncio.run(_look(app, to))
    finally:
        app.close()
    if as_json:
        print_json([{"what": f.what, "ok": f.well, "words": f.words} for f in findings])
    else:
        for finding in findings:
            click.echo(f"{'ok ' if finding.well else 'NO '} {finding.what:9} {finding.words}")
    sys.exit(0 if all(finding.well or finding.what == "address" for finding in findings) else 1)


async def _look(app: App, to: str | None) -> list[Finding]:
    findings = [
        *checking.settings_words(app.settings), checking.keys(app.store, app.settings), checking.database(app.store),
        checking.clock(app.store, app.now()),
        *await checking.each_relay(app.store, app.settings, app.channel, app.now()),
        await checking.address(app.egress, app.settings),
        await asyncio.to_thread(checking.mailbox, app.settings, app.now()),
        *await asyncio.to_thread(checking.readers, app.store, app.now()),
    ]  # fmt: skip
    await app.egress.close()
    if to:
        findings.append(await _test(app, to))
    return findings


async def _test(app: App, to: str) -> Finding:
    text = f"This is a test from {app.settings.desk.name}. If you read it, mail goes out.\n"
    message = Message(
        make_msgid(domain="test.invalid")[1:-1],
        f"Test from {app.settings.desk.name}",
        text,
        f"<p>{escape(text)}</p>",
        app.now(),
    )
    try:
        await trial.send(app.first_channel(), to, [message])
    except (VigilError, Unavailable) as refusal:
        return Finding("mail", False, str(refusal))
    return Finding("mail", True, f"a test mail was taken for {to}: look whether it arrives")
