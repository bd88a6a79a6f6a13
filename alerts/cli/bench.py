"""`vigil bench`: how fast this machine is with Vigil, beside yardsticks of the same run."""

import importlib
import sys
from typing import Any

import click

from alerts.cli.desk import as_json, one_line, print_json
from alerts.settings import resource

WORDS = {
    "recipients": "recipients", "seconds": "seconds from publishing to the last result",
    "per_second": "mails a second", "cpu_seconds_per_10k": "processor seconds for 10,000 mails",
    "rss_mb": "MB of memory at most", "duplicates": "duplicates", "lost": "lost",
    "urgent_seconds": "seconds to the first mail of an urgent appeal behind an update",
    "expand_seconds": "seconds to freeze the recipients", "noticed_seconds": "of the seconds: until the worker began",
}  # fmt: skip
POLL_WORDS = {
    "sources": "sources", "per_second": "feeds a second, most of them unchanged", "first_per_second":
    "feeds a second at their first import", "new": "new items in the steady rounds", "cpu_ms_per_feed":
    "milliseconds of processor a feed in the steady rounds", "rss_mb": "MB of memory at most",
}  # fmt: skip
YARDSTICKS = {
    "smtp_source": "Postfix’s smtp-source, 20 sessions, nothing rendered or recorded", "naive": "the obvious stack",
}  # fmt: skip

REMINDER_WORDS = {
    "pending": "reminders wait", "clocks": "clocks, one of them killed", "due": "of them fall due",
    "fired": "fired", "fired_twice": "fired twice", "fired_at_revoked_time": "fired at a time that had been revoked",
    "fired_early": "fired early", "never_fired": "never fired", "lateness_max_s": "seconds late at most", "ticks":
    "looks of all clocks", "moved": "dates moved meanwhile", "write_max_s": "seconds at most that moving one took",
}  # fmt: skip
MATCH_WORDS = {
    "people": "people", "spellings": "spellings", "texts": "texts", "letters": "letters a text",
    "per_second": "texts a second", "build_seconds": "seconds to build the index", "rss_mb": "MB of memory at most",
}  # fmt: skip
MATCH_YARDSTICKS = {"exact": "whole words, exactly (Aho-Corasick in C)", "anyascii": "the same in Latin letters"}


@click.group("bench")
def bench_() -> None:
    """Measure, on a desk made for it: no settings and no database of yours are used."""


@bench_.command("poll")
@click.option("--sources", type=click.IntRange(min=20), default=2_000, show_default=True)
@as_json
def poll_(sources: int, as_json: bool) -> None:
    """Feeds visited and recorded, beside reader and rss2email. Needs Linux; they are in the extra “bench”."""
    found = _room("poll").poll(sources, _quiet if as_json else _told)
    if as_json:
        print_json(found)
    else:
        _poll_table(found)


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


@bench_.command("match")
@click.option("--people", type=click.IntRange(10, 50_000), default=5_000, show_default=True, help="Whom we follow.")
@click.option("--texts", type=click.IntRange(min=30), default=10_000, show_default=True, help="Of 2,500 letters each.")
@click.option(
    "--half", type=click.Choice(["test", "tuning"]), default="test", show_default=True,
    help="The names on which nothing was tuned, or those on which weights were.",
)  # fmt: skip
@as_json
def match_(people: int, texts: int, half: str, as_json: bool) -> None:
    """How many texts a second are held against so many people, and how many of those named are found."""
    found = _room("match").match(people, texts, half, _quiet if as_json else _told)
    if as_json:
        print_json(found)
    else:
        _match_table(found)


@bench_.command("reminders")
@click.option(
    "--pending", type=click.IntRange(min=300), default=100_000, show_default=True, help="Reminders that wait."
)
@click.option(
    "--database-url",
    default="",
    metavar="URL",
    help="A PostgreSQL server: the bench makes a database vigil_bench_… on it and drops it. SQLite unless given.",
)
@as_json
def reminders_(pending: int, database_url: str, as_json: bool) -> None:
    """Three clocks at one database, one killed, a third of the dates moved meanwhile: does each reminder fire once?"""
    found = _room("reminders").reminders(pending, database_url, _quiet if as_json else _told)
    if as_json:
        print_json(found)
        return
    for key, words in REMINDER_WORDS.items():
        click.echo(f"{found[key]:>12,}  {words}")
    for line in found["plan"]:
        click.echo(f"what is due is found by: {line}")
    _machine(found)


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


def _poll_table(found: dict[str, Any]) -> None:
    for key, words in POLL_WORDS.items():
        click.echo(f"{found[key]:>12,}  {words}")
    for first, of in (("", "on the same feeds"), ("first_", "at their first import")):
        for name, rate in found[f"{first}yardsticks"].items():
            click.echo(f"{rate:>12,}  feeds a second: {name}, {of} (we: {found[f'{first}ratios'][name]:g} ×)")
    for reason in found["failed"]:
        click.echo(f"failed: {one_line(reason)}")
    click.echo(", ".join(str(value) for value in found["machine"].values()))


def _table(found: dict[str, Any]) -> None:
    for key, words in WORDS.items():
        if found.get(key) is not None:
            click.echo(f"{found[key]:>12,}  {words}")
    for key, words in YARDSTICKS.items():
        if "yardsticks" in found:
            click.echo(f"{found['yardsticks'][key]:>12,}  mails a second: {words} (we: {found['ratios'][key]:g} ×)")
    _machine(found)


def _match_table(found: dict[str, Any]) -> None:
    for key, words in MATCH_WORDS.items():
        click.echo(f"{found[key]:>12,}  {words}")
    for known, figures in found["known"].items():
        click.echo(
            f"{figures['recall']:>10} %  found, {figures['precision']} % right: names of the world, {known} known"
        )
    for half, by_known in found["sentences"].items():
        for known, figures in by_known.items():
            click.echo(
                f"{figures['recall']:>10} %  found, {figures['precision']} % right: Central Asia, {half}, {known} known"
            )
    for key, words in MATCH_YARDSTICKS.items():
        if key in found["yardsticks"]:
            recall = found["yardstick_recall"][key]
            click.echo(f"{found['yardsticks'][key]:>12,}  texts a second: {words}, {recall} % found")
    _machine(found)


def _machine(found: dict[str, Any]) -> None:
    click.echo(", ".join(str(value) for value in found["machine"].values()))
