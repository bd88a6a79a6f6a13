"""`vigil signal`: what was seen, and what somebody told us."""

from typing import Any

import click

from alerts.cli.desk import as_json, as_staff, one_line, open_desk, print_json, read_text
from alerts.services import intake, staffing
from alerts.services.judging import windows
from alerts.services.rules import in_force
from alerts.store.feeds import Seen
from alerts.store.pages import news
from alerts.store.pages.news import LISTS, Sieve


@click.group("signal")
def signal_() -> None:
    """What was seen at the sources, and what somebody told us."""


@signal_.command()
@click.argument("file")
@as_staff
def add(file: str, email: str) -> None:
    """Keep a message from FILE (-: standard input) as a signal, for us alone."""
    text = read_text(file)
    with open_desk() as app:
        by = staffing.find(app.store, email)
        rules = in_force(app.store, app.settings)
        signal = intake.paste(app.store, text, by=by, now=app.now(), rules=rules)
    click.echo(f"kept as signal {signal.id}")


@signal_.command("list")
@click.option("--which", type=click.Choice(list(LISTS)), default="waiting", help="Which list; else what waits.")
@click.option("--page", type=click.IntRange(1, 100_000), default=1, help="Which page of it, 25 on each.")
@as_json
def list_(which: str, page: int, as_json: bool) -> None:
    """The signals as the console lists them: what cannot wait first, then the newest."""
    with open_desk() as app, app.store.read() as tx:
        found, _ = news.listing(tx, Sieve(which), page, windows(tx, app.now()))
    if as_json:
        print_json([_row(seen) for seen in found])
        return
    for seen in found:
        codes = ",".join(sorted({named.case_code for named in seen.matches})) or "-"
        words = (f"{seen.signal.seen_at:%Y-%m-%d %H:%M}", codes, seen.signal.title[:80], seen.verdict.because)
        click.echo(one_line("  ".join((*words, seen.signal.id))))


def _row(seen: Seen) -> dict[str, Any]:
    signal, verdict = seen.signal, seen.verdict
    return {
        "id": signal.id, "title": signal.title, "link": signal.link, "source": seen.source_title,
        "seen_at": signal.seen_at, "handled": verdict.handled, "because": verdict.because, "alert": verdict.alert_id,
        "names": [
            {"case": m.case_code, "person": m.person_name, "words": m.words, "start": m.start, "end": m.end,
             "tier": m.tier.name.lower()}
            for m in seen.matches
        ],
        "dates": [{"start": d.start, "end": d.end, "kind": d.kind, "wall": d.when.wall.isoformat(), "zone": d.when.zone,
                   "precision": d.when.precision, "doubt": d.doubt} for d in seen.dates],
    }  # fmt: skip
