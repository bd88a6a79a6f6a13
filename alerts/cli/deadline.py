"""`vigil deadline`: set a date, confirm it, move it, and say what happened."""

from typing import Any

import click

from alerts.cli.calls import calls, tick
from alerts.cli.computing import answer, compute, explain
from alerts.cli.courtcard import card
from alerts.cli.desk import as_json, as_staff, open_desk, print_json
from alerts.domain import times
from alerts.domain.cases import Case
from alerts.domain.deadlines import Deadline, Kind, State, Teller
from alerts.domain.errors import Invalid
from alerts.services import deadlines, reminding, staffing

id_argument = click.argument("id")
zone_option = click.option("--zone", help="The zone of the place, as Asia/Bishkek; else the desk's.")
reason_option = click.option("--reason", default="", help="As it is told to readers.")
seen_option = click.option("--if-revision", "seen", type=int, metavar="N", help="Only if it still has this number.")
told_by_option = click.option("--told-by", type=click.Choice([one.value for one in Teller]), help="Who said so.")


@click.group("deadline")
def deadline_() -> None:
    """Hearings, appeal periods, summits: anything with a time that people prepare for."""


for command in (compute, answer, explain, calls, tick, card):
    deadline_.add_command(command)


@deadline_.command("set")
@click.argument("case_code", metavar="[CASE]", required=False)
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), required=True)
@click.option("--at", "at", metavar="TIME", help="2026-12-01 10:00, on the clock of the place.")
@zone_option
@click.option("--claim", help="A vague date as it was written; with --from and --to.")
@click.option("--from", "first", metavar="DATE")
@click.option("--to", "last", metavar="DATE")
@click.option("--court", default="")
@click.option("--title", default="")
@click.option("--expected", is_flag=True, help="Nobody has set the date yet: nobody but staff is reminded.")
@told_by_option
@as_staff
def set_(
    case_code: str | None, kind: str, at: str | None, zone: str | None, claim: str | None, first: str | None,
    last: str | None, court: str, title: str, expected: bool, told_by: str | None, email: str,
) -> None:  # fmt: skip
    """Set a deadline; its id is the last word printed. Set by an approver it is confirmed."""
    with open_desk() as app:
        when = _when(at, claim, first, last, zone or app.settings.desk.zone)
        by = staffing.find(app.store, email)
        deadline = deadlines.enter(
            app.store, case_code, Kind(kind), when, by=by, now=app.now(), title=title, court=court, expected=expected,
            told_by=_teller(told_by),
        )  # fmt: skip
        if not (deadline.confirmed or expected):
            click.echo("Nobody is told until an approver confirms this date.", err=True)
        click.echo(f"Deadline {deadline.state}: {deadline.id}")


@deadline_.command()
@id_argument
@click.option("--to", "to", required=True, metavar="TIME", help="2026-11-25 09:00")
@click.option("--zone", help="The zone of the place; else the deadline's own.")
@click.option("--court", default="", help="Only if the place is another as well.")
@reason_option
@told_by_option
@seen_option
@as_staff
def reschedule(
    id: str, to: str, zone: str | None, court: str, reason: str, told_by: str | None, seen: int | None, email: str
) -> None:
    """Another time, earlier or later: everybody who had the old one is told at once."""
    with open_desk() as app:
        when = times.at(to, zone or deadlines.zone(app.store, id) or app.settings.desk.zone)
        by = staffing.find(app.store, email)
        moved = deadlines.reschedule(
            app.store, app.queue, app.render.languages, id, when, reason=reason, by=by, now=app.now(), court=court,
            seen=seen, told_by=_teller(told_by),
        )  # fmt: skip
        click.echo(_done(moved))


@deadline_.command()
@id_argument
@click.option("--court", required=True, help="Court and town, as readers see them.")
@reason_option
@told_by_option
@seen_option
@as_staff
def relocate(id: str, court: str, reason: str, told_by: str | None, seen: int | None, email: str) -> None:
    """The same time in another place: everybody who had the old one is told at once."""
    with open_desk() as app:
        by = staffing.find(app.store, email)
        changed = deadlines.relocate(
            app.store, app.queue, app.render.languages, id, court, reason=reason, by=by, now=app.now(), seen=seen,
            told_by=_teller(told_by),
        )  # fmt: skip
        click.echo(_done(changed))


@deadline_.command()
@id_argument
@reason_option
@told_by_option
@seen_option
@as_staff
def close(id: str, reason: str, told_by: str | None, seen: int | None, email: str) -> None:
    """Closed to the public: everybody who had the date is told not to come for nothing."""
    with open_desk() as app:
        by = staffing.find(app.store, email)
        changed = deadlines.close(
            app.store, app.queue, app.render.languages, id, reason=reason, by=by, now=app.now(), seen=seen,
            told_by=_teller(told_by),
        )  # fmt: skip
        click.echo(_done(changed))


@deadline_.command()
@id_argument
@reason_option
@told_by_option
@seen_option
@as_staff
def reopen(id: str, reason: str, told_by: str | None, seen: int | None, email: str) -> None:
    """Open to the public after all: everybody who was told is told."""
    with open_desk() as app:
        by = staffing.find(app.store, email)
        changed = deadlines.reopen(
            app.store, app.queue, app.render.languages, id, reason=reason, by=by, now=app.now(), seen=seen,
            told_by=_teller(told_by),
        )  # fmt: skip
        click.echo(_done(changed))


@deadline_.command()
@id_argument
@reason_option
@told_by_option
@seen_option
@as_staff
def adjourn(id: str, reason: str, told_by: str | None, seen: int | None, email: str) -> None:
    """Put off without a date: everybody who had it is told."""
    with open_desk() as app:
        by = staffing.find(app.store, email)
        changed = deadlines.adjourn(
            app.store, app.queue, app.render.languages, id, reason=reason, by=by, now=app.now(), seen=seen,
            told_by=_teller(told_by),
        )  # fmt: skip
        click.echo(_done(changed))


@deadline_.command()
@id_argument
@told_by_option
@seen_option
@as_staff
def confirm(id: str, told_by: str | None, seen: int | None, email: str) -> None:
    """Vouch for the date as it stands."""
    with open_desk() as app:
        by = staffing.find(app.store, email)
        sure = deadlines.confirm(
            app.store, app.queue, app.render.languages, id, by=by, now=app.now(), seen=seen, told_by=_teller(told_by)
        )
        click.echo(_done(sure))


@deadline_.command()
@id_argument
@click.option("--outcome", required=True)
@seen_option
@as_staff
def held(id: str, outcome: str, seen: int | None, email: str) -> None:
    """It took place: say what happened."""
    with open_desk() as app:
        by = staffing.find(app.store, email)
        click.echo(_done(deadlines.held(app.store, id, outcome=outcome, by=by, now=app.now(), seen=seen)))


@deadline_.command()
@id_argument
@click.option("--text", required=True)
@as_staff
def report(id: str, text: str, email: str) -> None:
    """What those who were there report: nobody is asked for it any more."""
    with open_desk() as app:
        by = staffing.find(app.store, email)
        click.echo(_done(deadlines.report(app.store, id, text, by=by, now=app.now())))


@deadline_.command()
@id_argument
@reason_option
@told_by_option
@seen_option
@as_staff
def cancel(id: str, reason: str, told_by: str | None, seen: int | None, email: str) -> None:
    """It will not take place: everybody who had the date is told."""
    with open_desk() as app:
        by = staffing.find(app.store, email)
        changed = deadlines.cancel(
            app.store, app.queue, app.render.languages, id, reason=reason, by=by, now=app.now(), seen=seen,
            told_by=_teller(told_by),
        )  # fmt: skip
        click.echo(_done(changed))


@deadline_.command()
@id_argument
@click.option("--tell", is_flag=True, help="Tell the readers now.")
@click.option("--leave", is_flag=True, help="Nobody is told.")
@as_staff
def missed(id: str, tell: bool, leave: bool, email: str) -> None:
    """Decide on a reminder that the desk was down for until it was too late."""
    if tell is leave:
        raise Invalid("Say what is to be done: --tell the readers now, or --leave it.")
    with open_desk() as app:
        by = staffing.find(app.store, email)
        told = reminding.decide(
            app.store, app.queue, app.render.languages, id, tell_them=tell, by=by, now=app.now()
        )  # fmt: skip
        click.echo(f"{told} readers are told now." if tell else "Left: nobody is told.")


@deadline_.command("list")
@click.option("--due-within", metavar="SPAN", help="Only what is still to come within 12h, 7d or 2w.")
@as_json
def list_(due_within: str | None, as_json: bool) -> None:
    """Every deadline, the next one first."""
    span = times.span(due_within) if due_within else None
    with open_desk() as app:
        now, all_ = app.now(), deadlines.listing(app.store)
        found = [_row(one, case) for one, case in all_ if span is None or one.due(now, now + span)]
        if as_json:
            print_json(found)
        else:
            for row in found:
                when = row["claim"] or row["at"] or _days(row["from"], row["to"])
                click.echo(
                    f"{row['id']}  {when:22}  {row['kind']:10}  {row['state']:11}  {row['case'] or row['title']}"
                )


def _days(first: str | None, last: str | None) -> str:
    return "no date" if first is None else first if first == last else f"{first} to {last}"


def _when(at: str | None, claim: str | None, first: str | None, last: str | None, zone: str) -> times.LocalTime:
    if at and not (claim or first or last):
        return times.at(at, zone)
    if claim and first and last and not at:
        return times.between(claim, first, last, zone)
    raise Invalid("Give the time with --at (and --zone), or a vague date with --claim, --from and --to.")


def _row(deadline: Deadline, case: Case | None) -> dict[str, Any]:
    when = deadline.when
    return {
        "id": deadline.id, "case": case.code if case else None, "kind": deadline.kind.value, "title": deadline.title,
        "court": deadline.court, "state": deadline.state.value, "confirmed": deadline.confirmed,
        "revision": deadline.revision, "at": when.wall.strftime("%Y-%m-%d %H:%M") if when and when.exact else None,
        "zone": when.zone if when else None, "precision": when.precision.value if when else None,
        "claim": when.claim or None if when else None, "from": when.first.isoformat() if when else None,
        "to": when.last.isoformat() if when else None, "instant": when.instant.isoformat() if when else None,
        "reason": deadline.reason or None, "outcome": deadline.outcome or None, "report": deadline.report or None,
        "told_by": deadline.told_by.value if deadline.told_by else None,
        "rule": deadline.rule or None, "outer": deadline.outer.last.isoformat() if deadline.outer else None,
    }  # fmt: skip


def _teller(word: str | None) -> Teller | None:
    return Teller(word) if word else None


def _done(deadline: Deadline) -> str:
    told = (
        ""
        if deadline.confirmed or (not deadline.open and deadline.state is not State.CANCELLED)
        else " Nobody is told until an approver confirms it."
    )
    return f"Deadline {deadline.state}.{told} {deadline.id}"
