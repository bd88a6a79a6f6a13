"""`vigil deadline compute`, `answer` and `explain`: dates counted from rules of law, with their proofs."""

import click

from alerts.cli.desk import as_json, as_staff, open_desk, print_json
from alerts.cli.law import asked, case_option, copy_option, custody_option, from_option, moment, zone_of, zone_option
from alerts.cli.lawrows import proof_row, time_row
from alerts.domain.errors import Conflict
from alerts.domain.law import Trigger
from alerts.domain.times import LocalTime
from alerts.services import casework, computing, deadlines, lawbooks, staffing

id_argument = click.argument("id")


@click.command()
@click.argument("case_code", metavar="[CASE]", required=False)
@click.option("--rule", metavar="ID", default="", help="One rule, as KZ-CRIM-APPEAL.")
@click.option("--trigger", type=click.Choice([trigger.value for trigger in Trigger]), help="All that follows from it.")
@from_option
@click.option("--person", default="", help="Who of the case, by the whole name, where there are several.")
@custody_option
@copy_option
@case_option
@zone_option
@click.option("--title", default="", help="Needed where there is no case.")
@as_json
@as_staff
def compute(
    case_code: str | None, rule: str, trigger: str | None, begins: str, person: str, custody: str | None,
    copy: str | None, cases: tuple[str, ...], zone: str | None, title: str, as_json: bool, email: str,
) -> None:  # fmt: skip
    """Enter the deadlines that the law makes of what happened. Entered by an approver they are confirmed."""
    with open_desk() as app:
        by = staffing.find(app.store, email)
        place = zone or zone_of(casework.get(app.store, case_code).country if case_code else "", app.settings.desk.zone)
        books = lawbooks.books(app.settings.law)
        found = computing.compute(
            app.store, books, case_code, asked(begins, custody, copy, cases, place), by=by, now=app.now(),
            trigger=Trigger(trigger) if trigger else None, rule=rule, person=person, title=title,
        )  # fmt: skip
        if as_json:
            print_json({
                "made": [
                    {"id": made.id, "kind": made.kind.value, "state": made.state.value, "confirmed": made.confirmed}
                    | proof_row(made.proof, app.render.explained(made.proof, "en"))
                    for made in found.made if made.proof
                ],
                "gone": [
                    {"lapsed": gone.lapsed} | proof_row(gone.proof, app.render.explained(gone.proof, "en"))
                    for gone in found.gone
                ],
                "notes": [{"rule": note.id, "what": note.what, "says": note.versions[-1].says} for note in found.notes],
            })  # fmt: skip
            return
        for made in found.made:
            assert made.proof is not None and made.when is not None and made.outer is not None
            sure = "" if made.proof.verified else "  unverified – ask the lawyer"
            when, outer = _short(made.when), _short(made.outer)
            latest = f", at the latest {outer}" if outer != when else ""
            click.echo(f"{made.id}  {made.rule}: {when}{latest}{sure}")
        for gone in found.gone:
            said = "is over by every reading of the law" if gone.lapsed else "may be over or not"
            click.echo(f"{gone.proof.rule.id}: {_short(gone.proof.outer)} is past, and the period {said}: ask the "
                       "lawyer today.", err=True)  # fmt: skip
        for note in found.notes:
            click.echo(f"Note ({note.id}): {note.what}. {note.versions[-1].says}".rstrip(), err=True)


@click.command()
@id_argument
@custody_option
@copy_option
@case_option
@as_staff
def answer(id: str, custody: str | None, copy: str | None, cases: tuple[str, ...], email: str) -> None:
    """Say more of the person (in custody? copy handed over when?) and count the date again."""
    with open_desk() as app:
        by = staffing.find(app.store, email)
        zone = deadlines.zone(app.store, id) or app.settings.desk.zone
        counted = computing.answered(
            app.store, app.queue, app.render.languages, lawbooks.books(app.settings.law), id,
            custody=None if custody is None else custody == "yes", copy=moment(copy, zone) if copy else None,
            cases=cases, by=by, now=app.now(),
        )  # fmt: skip
        assert counted.when is not None and counted.outer is not None
        click.echo(f"Counted again: {_short(counted.when)}, at the latest {_short(counted.outer)}. {id}")


@click.command()
@id_argument
@as_json
def explain(id: str, as_json: bool) -> None:
    """How a date was counted: rule, article, wording in force, days left out, and how sure we are."""
    with open_desk() as app:
        with app.store.read() as tx:
            deadline = tx.deadlines.get(id)
        if deadline.proof is None:
            raise Conflict("This date was entered as it is, and not counted from a rule of law.")
        words = app.render.explained(deadline.proof, "en")
        if not as_json:
            click.echo("\n".join(words))
            return
        now = {"id": id, "kind": deadline.kind.value, "state": deadline.state.value,
               "when": time_row(deadline.when) if deadline.when else None}  # fmt: skip
        print_json(now | proof_row(deadline.proof, words))


def _short(when: LocalTime) -> str:
    row = time_row(when)
    return str(row["at"] or (row["from"] if row["from"] == row["to"] else f"{row['from']}..{row['to']}"))
