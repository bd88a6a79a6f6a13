"""`vigil bench`: how fast this machine is with Vigil, beside yardsticks of the same run."""

import importlib
import sys
from typing import Any

import click

from alerts.cli.desk import as_json, print_json
from alerts.settings import resource

WORDS = {
    "recipients": "recipients", "seconds": "seconds from publishing to the last result",
    "per_second": "mails a second", "cpu_seconds_per_10k": "processor seconds for 10,000 mails",
    "rss_mb": "MB of memory at most", "duplicates": "duplicates", "lost": "lost",
    "urgent_seconds": "seconds to the first mail of an urgent appeal behind an update",
    "expand_seconds": "seconds to freeze the recipients", "noticed_seconds": "of the seconds: until the worker began",
}  # fmt: skip
YARDSTICKS = {
    "smtp_source": "Postfix’s smtp-source, 20 sessions, nothing rendered or recorded", "naive": "the obvious stack",
}  # fmt: skip


@click.group("bench")
def bench_() -> None:
    """Measure, on a desk made for it: no settings and no database of yours are used."""


@bench_.command("deliver")
@click.option("--recipients", type=click.IntRange(min=300), help="165,000 unless given; with --expand, 1,000,000.")
@click.option(
    "--database-url",
    default="",
    metavar="URL",
    help="A PostgreSQL server: the bench makes a database vigil_bench_… on it and drops it. SQLite unless given.",
)
@click.option("--rounds", type=click.IntRange(1, 3), default=3, show_default=True, help="Turns between yardsticks.")
@click.option("--expand", is_flag=True, help="Only how long publishing takes: who gets it is frozen, nothing is sent.")
@as_json
def deliver_(recipients: int | None, database_url: str, rounds: int, expand: bool, as_json: bool) -> None:
    """An urgent appeal to everybody, end to end. Needs Postfix’s smtp-sink and smtp-source."""
    bench = _room("deliver")
    told = _quiet if as_json else _told
    if expand:
        found = bench.expand(recipients or 1_000_000, database_url, told)
    else:
        found = bench.deliver(recipients or 165_000, database_url, rounds, told)
    if as_json:
        print_json(found)
    else:
        _table(found)


def _room(name: str) -> Any:
    """The benches lie outside the packages: beside them in a checkout, inside the program once installed."""
    folder = str(resource("bench"))
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module(name)


def _told(what: str) -> None:
    click.echo(f"… {what}", err=True)


def _quiet(what: str) -> None:
    """With --json nothing is told."""


def _table(found: dict[str, Any]) -> None:
    for key, words in WORDS.items():
        if found.get(key) is not None:
            click.echo(f"{found[key]:>12,}  {words}")
    for key, words in YARDSTICKS.items():
        if "yardsticks" in found:
            click.echo(f"{found['yardsticks'][key]:>12,}  mails a second: {words} (we: {found['ratios'][key]:g} ×)")
    click.echo(", ".join(str(value) for value in found["machine"].values()))
