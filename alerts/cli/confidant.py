"""`vigil confidant`: lawyer and family of a case, who are asked before each of its dates."""

from typing import Any

import click

from alerts.cli.desk import as_json, as_staff, one_line, open_desk, print_json
from alerts.domain.confidants import Confidant, ConfidantRole
from alerts.domain.questions import What
from alerts.services import asking, confidants, questions, staffing

id_argument = click.argument("id")


@click.group("confidant")
def confidant_() -> None:
    """Lawyer and family: neither staff nor subscribers, asked before each date of their case."""


@confidant_.command()
@click.argument("case_code", metavar="CASE")
@click.option("--role", type=click.Choice([role.value for role in ConfidantRole]), required=True)
@click.option("--name", required=True, help="Their name, or a word that only you understand.")
@click.option(
    "--email", "address", default="", metavar="ADDRESS", help="Without one, staff send each question by hand."
)
@click.option("--phone", default="", metavar="NUMBER")
@click.option("--language", default="en", show_default=True, metavar="CODE")
@click.option("--zone", default="", help="Where they live, as Asia/Bishkek; else the case's country.")
@as_staff
def add(
    case_code: str, role: str, name: str, address: str, phone: str, language: str, zone: str, email: str
) -> None:  # fmt: skip
    """From now on they are asked. Their id is the last word printed."""
    with open_desk() as app:
        added = confidants.add(
            app.store, case_code, ConfidantRole(role), name=name, email=address, phone=phone, language=language,
            zone=zone, by=staffing.find(app.store, email), now=app.now(),
        )  # fmt: skip
    click.echo(f"confidant {added.id}")


@confidant_.command("list")
@click.argument("case_code", metavar="[CASE]", required=False)
@click.option("--addresses", is_flag=True, help="Also names, mail addresses and telephone numbers.")
@as_json
def list_(case_code: str | None, addresses: bool, as_json: bool) -> None:
    """Everybody of one case, or of all."""
    with open_desk() as app:
        found = [_row(code, one, addresses) for code, one in confidants.listing(app.store, case_code)]
    if as_json:
        print_json(found)
        return
    for row in found:
        who = [row["name"], row["email"], row["phone"]] if addresses else []
        over = "asked no more" if row["ended_at"] else ""
        click.echo(one_line("  ".join(part for part in (row["id"], row["case"], row["role"], *who, over) if part)))


@confidant_.command()
@id_argument
@as_staff
def end(id: str, email: str) -> None:
    """Ask them no more; after 30 days they are forgotten."""
    with open_desk() as app:
        confidants.end(app.store, id, by=staffing.find(app.store, email), now=app.now())
    click.echo("Ended: their links open nothing any more.")


@confidant_.command()
@id_argument
@click.option("--what", type=click.Choice([what.value for what in What]), default=What.SEEN.value, show_default=True)
@click.option("--deadline", "deadline_id", metavar="ID", help="The date to ask of.")
@click.option("--text", is_flag=True, help="Print what to send by hand: the question and its link.")
@as_staff
def ask(id: str, what: str, deadline_id: str | None, text: bool, email: str) -> None:
    """Ask them now. By mail where they have an address; else send them what --text prints."""
    with open_desk() as app:
        by = staffing.find(app.store, email)
        question = questions.ask(
            app.store, app.queue, id, What(what), deadline_id=deadline_id, by=by, now=app.now()
        )  # fmt: skip
        if text:
            with app.store.read() as tx:
                one = tx.confidants.get(id)
            link = asking.link(app.vault, app.settings.web.links, question)
            click.echo(app.render.question(one.language, link, asking.details(one, question)))
    click.echo(f"Asked: {question.id}")


def _row(code: str, one: Confidant, addresses: bool) -> dict[str, Any]:
    who = {"name": one.name, "email": one.email, "phone": one.phone} if addresses else {}
    return {
        "id": one.id, "case": code, "role": one.role.value, **who, "by_mail": bool(one.email),
        "language": one.language, "zone": one.zone, "added_at": one.added_at, "ended_at": one.ended_at,
        "last_heard_at": one.last_heard_at, "seen_at": one.seen_at,
    }  # fmt: skip
