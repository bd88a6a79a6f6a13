"""`vigil mailbox`: what comes back by mail."""

from typing import Any

import click

from alerts.cli.desk import as_json, as_staff, one_line, open_desk, print_json
from alerts.domain.errors import Invalid
from alerts.domain.responses import Answer
from alerts.engine import mailbox
from alerts.engine.mailbox import Round
from alerts.services import reading, returning, staffing
from alerts.services.reading import Waiting


@click.group("mailbox")
def mailbox_() -> None:
    """What comes back by mail: bounces, complaints and people's answers."""


@mailbox_.command()
@as_json
def read(as_json: bool) -> None:
    """Read the mailbox once, now. “vigil run” reads it by itself, again and again."""
    with open_desk() as app:
        if not app.settings.mailbox.url:
            raise Invalid("No mailbox is set: set mailbox.url, as imaps://user:password@host/INBOX or maildir:/path.")
        done = mailbox.read(app, app.now(), at_once=True) or Round()
        stopped = returning.judge(app.store, app.now())
    if as_json:
        counted = {became.value: count for became, count in done.became.items()}
        print_json({"read": done.became.total(), "became": counted, "stopped": stopped, "failed": done.failed})
    else:
        _say(done, stopped)
    if done.failed:
        raise click.exceptions.Exit(1)


@mailbox_.command("list")
@as_json
def list_(as_json: bool) -> None:
    """The mails that wait for somebody to read them."""
    with open_desk() as app:
        waiting = reading.waiting(app.store)
    if as_json:
        print_json([_row(each) for each in waiting])
        return
    for each in waiting:
        about = each.alert.reference if each.alert else "-"
        line = next(iter(each.reply.text.splitlines()), "") or each.reply.subject
        words = (f"{each.reply.at:%Y-%m-%d %H:%M}", f"{about:4}", each.reply.sender, line[:80], each.reply.id)
        click.echo(one_line("  ".join(words)))


@mailbox_.command()
@click.argument("id")
@click.option("--answer", type=click.Choice([answer.value for answer in Answer]), help="What it says; else: only read.")
@as_staff
def note(id: str, answer: str | None, email: str) -> None:
    """Note what a mail says as the reader's answer, or that it was read."""
    with open_desk() as app:
        by = staffing.find(app.store, email)
        returning.note(app.store, app.queue, id, Answer(answer) if answer else None, by=by, now=app.now())
    click.echo(f"Noted: {id}")


def _say(done: Round, stopped: int) -> None:
    parts = [f"{count} {became.value}" for became, count in sorted(done.became.items())]
    total = done.became.total()
    said = f"{total} {'mail' if total == 1 else 'mails'} read{': ' + ', '.join(parts) if parts else ''}"
    more = f"{stopped} no longer written to" if stopped else ""
    click.echo("\n".join(filter(None, [said, more, f"The mailbox: {done.failed}" if done.failed else ""])))


def _row(each: Waiting) -> dict[str, Any]:
    reply = each.reply
    return {
        "id": reply.id, "at": reply.at, "kind": reply.kind, "sender": reply.sender, "subject": reply.subject,
        "text": reply.text, "alert": reply.alert_id, "deadline": reply.deadline_id,
        "reference": each.alert.reference if each.alert else "", "subscriber": reply.subscriber_id,
    }  # fmt: skip
