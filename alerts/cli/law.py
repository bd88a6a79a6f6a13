"""`vigil law`: the rules of law that dates are counted by, and a count by one of them. Needs no database."""

from datetime import date
from typing import Any

import click

from alerts.cli.desk import as_json, print_json, settings
from alerts.cli.lawrows import proof_row, rule_row, version_row
from alerts.domain import times
from alerts.domain.counting import Asked
from alerts.domain.errors import Invalid
from alerts.domain.law import Rule
from alerts.domain.times import LocalTime
from alerts.render import Render
from alerts.services import computing, lawbooks
from alerts.settings import countries

rule_argument = click.argument("rule")
from_option = click.option(
    "--from", "begins", required=True, metavar="TIME",
    help="2026-12-01 10:00, 2026-12-01, 2026-12, or the days it may mean: 2026-12-01..2026-12-04.",
)  # fmt: skip
custody_option = click.option("--custody", type=click.Choice(["yes", "no"]), help="Is the person in custody?")
copy_option = click.option("--copy", "copy", metavar="TIME", help="When the copy was handed over, written as --from.")
case_option = click.option("--case", "cases", multiple=True, metavar="WORD", help="Which other amount applies: minor.")
zone_option = click.option("--zone", help="The zone of the place, as Asia/Bishkek; else the country's.")


@click.group("law")
def law_() -> None:
    """Rules of law: what follows from what, within how long, and how sure we are."""


@law_.command("list")
@click.option("--jurisdiction", metavar="CODE", help="KZ, KG, TJ, TM, UZ or INT.")
@as_json
def list_(jurisdiction: str | None, as_json: bool) -> None:
    """Every rule that is known."""
    law = lawbooks.books(settings().law).law
    found = law.of(jurisdiction.upper()) if jurisdiction else law.rules
    if jurisdiction and not found:
        raise Invalid(f"There are no rules of {jurisdiction}; there are {', '.join(_places(law.rules))}.")
    if as_json:
        print_json([rule_row(rule) for rule in found])
        return
    for rule in found:
        now = rule.versions[-1]
        amount = f"{now.amount} {now.unit}" if now.amount is not None else "–"
        click.echo(f"{rule.id:24}  {amount:16}  {now.certainty:2}  {now.article:22}  {rule.what}")


@law_.command()
@rule_argument
@click.option("--on", "on", metavar="DATE", help="Only the wording of that day.")
@as_json
def explain(rule: str, on: str | None, as_json: bool) -> None:
    """A rule with every wording that is known of it, its copies, and how it is counted."""
    law = lawbooks.books(settings().law).law
    found = law.get(rule)
    versions, known = found.versions, True
    if on:
        versions, known = found.between(_day(on), _day(on))
    row = rule_row(found) | {
        "on": on, "known": known, "versions": [version_row(version) for version in versions],
        "copies": [
            {"key": copy.key, "what": copy.what, "address": copy.address, "read": copy.read}
            for version in versions for copy in law.read_in(version.source)
        ],
    }  # fmt: skip
    if as_json:
        print_json(row)
        return
    click.echo(f"{found.id}: {found.what}")
    if not known:
        click.echo("Nobody has seen the wording of that day; these are the nearest. Ask the lawyer.")
    for version in versions:
        click.echo(f"  {_said(version_row(version))}")
    if found.counting:
        click.echo(f"  counted by {found.counting.article or found.counting.id}: {found.counting.note}")
    for copy in row["copies"]:
        click.echo(f"  {copy['key']}: {copy['what']} – {copy['address']} ({copy['read']})")


@law_.command()
@rule_argument
@from_option
@custody_option
@copy_option
@case_option
@zone_option
@as_json
def count(
    rule: str, begins: str, custody: str | None, copy: str | None, cases: tuple[str, ...], zone: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Count one rule from a moment: the early date, the outer date, and why."""
    here = settings()
    books = lawbooks.books(here.law)
    found = books.law.get(rule)
    place = zone or zone_of(found.jurisdiction, here.desk.zone)
    proof = computing.proved(books, found, asked(begins, custody, copy, cases, place))
    words = Render(here).explained(proof, "en")
    if as_json:
        print_json(proof_row(proof, words))
    else:
        click.echo("\n".join(words))


def asked(begins: str, custody: str | None, copy: str | None, cases: tuple[str, ...], zone: str) -> Asked:
    """The answers of the command line. Raises Invalid."""
    known = None if custody is None else custody == "yes"
    return Asked(moment(begins, zone), known, moment(copy, zone) if copy else None, cases)


def moment(text: str, zone: str) -> LocalTime:
    """A minute, a day, a month, or the days it may mean. Raises Invalid."""
    first, dots, last = text.partition("..")
    if dots:
        return times.between(text.strip(), first, last, zone)
    return times.at(text, zone) if ":" in text else times.on(text, zone)


def zone_of(country: str, otherwise: str) -> str:
    known = countries().get(country)
    return known.zone if known else otherwise


def _places(rules: tuple[Rule, ...]) -> list[str]:
    return sorted({rule.jurisdiction for rule in rules})


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"“{text}” is not a day: write it as 2024-01-01.") from None


def _said(row: dict[str, Any]) -> str:
    amount = f"{row['amount']} {row['unit']}" if row["amount"] is not None else row["says"] or "–"
    others = "".join(f"; {case['when']}: {case['amount']} {case['unit']}" for case in row["cases"])
    sure = "unverified – ask the lawyer" if not row["verified"] else row["certainty"]
    span = f"{row['valid_from'] or '?'} – {row['valid_to'] or 'now'}"
    return f"{span}  {amount}{others}  from {row['counted_from']}  {row['article']}  {sure} ({row['source']})"
