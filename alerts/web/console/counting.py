"""Dates that the law makes: “a verdict was given…”, its two questions, and later answers that count a date again."""

from fastapi import APIRouter, Request, Response

from alerts.domain import times
from alerts.domain.counting import Asked
from alerts.domain.errors import Conflict, Forbidden, Invalid, NotFound, VigilError
from alerts.domain.law import Trigger
from alerts.domain.staff import Role, Staff
from alerts.domain.times import LocalTime
from alerts.services import casework, computing, lawbooks
from alerts.services.computing import INTERNATIONAL, Computed
from alerts.settings import countries
from alerts.web.console.deadlines import moment
from alerts.web.console.room import show
from alerts.web.guard import Desk, Here, Signed
from alerts.web.page import Posted, Typed, go

router = APIRouter()

REFUSALS = (Invalid, Conflict, Forbidden, NotFound)
ASKED = (
    Trigger.VERDICT, Trigger.HOLD, Trigger.REMAND, Trigger.ARREST, Trigger.ADMINISTRATIVE_RULING,
    Trigger.CIVIL_DECISION,
)  # fmt: skip
"""What staff are offered by a word; everything else is counted by its rule."""


@router.get("/cases/{code}/counted/new")
def new_for_case(request: Request, desk: Here, staff: Signed, code: str) -> Response:
    return _new(request, desk, staff, code, Typed())


@router.post("/cases/{code}/counted/new")
def count_for_case(request: Request, desk: Here, staff: Signed, code: str, form: Posted) -> Response:
    return _count(request, desk, staff, code, form)


@router.get("/counted/new")
def new(request: Request, desk: Here, staff: Signed) -> Response:
    return _new(request, desk, staff, None, Typed())


@router.post("/counted/new")
def count(request: Request, desk: Here, staff: Signed, form: Posted) -> Response:
    return _count(request, desk, staff, None, form)


@router.post("/dates/{id}/answers")
def answers(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    app = desk.app
    with app.store.read() as tx:
        deadline = tx.deadlines.get(id)
    try:
        zone = deadline.proof.asked.trigger.zone if deadline.proof else app.settings.desk.zone
        computing.answered(
            app.store, app.queue, app.render.languages, lawbooks.books(app.settings.law), id,
            custody=_custody(form), copy=_copy(form, zone), cases=form.all("cases"), by=staff, now=desk.now,
        )  # fmt: skip
    except REFUSALS as refusal:
        return show(request, desk, staff, "counted-refused", "cases", refusal, deadline=deadline)
    return go(f"/dates/{id}#counted")


def _count(request: Request, desk: Desk, staff: Staff, code: str | None, form: Typed) -> Response:
    app = desk.app
    try:
        word, rule = form.one("happened"), form.one("rule")
        if not (word or rule):
            raise Invalid("Choose what happened, or the rule that is meant.")
        asked = Asked(moment(form), _custody(form), _copy(form, form.one("zone")), tuple(form.all("cases")))
        found = computing.compute(
            app.store, lawbooks.books(app.settings.law), code, asked, by=staff, now=desk.now,
            trigger=None if rule else Trigger(word), rule=rule, person=form.one("person"), title=form.one("title"),
        )  # fmt: skip
    except REFUSALS as refusal:
        return _new(request, desk, staff, code, form, refusal)
    return _found(request, desk, staff, code, found)


def _found(request: Request, desk: Desk, staff: Staff, code: str | None, found: Computed) -> Response:
    people = computing.people(desk.app.store, code) if code else []
    named = {person.id: person.name for person in people} if len(people) > 1 else {}
    return show(request, desk, staff, "counted", "cases", code=code, found=found, named=named)


def _new(
    request: Request, desk: Desk, staff: Staff, code: str | None, form: Typed, refused: VigilError | None = None
) -> Response:
    app = desk.app
    case = casework.get(app.store, code) if code else None
    books = lawbooks.books(app.settings.law)
    rules = [rule for rule in books.law.of(case.country if case else INTERNATIONAL) if rule.gives]
    offered = [word for word in ASKED if any(word in rule.triggers for rule in rules)] if case else []
    own = [rule for rule in rules if set(rule.triggers) & set(offered)]
    known = countries().get(case.country) if case else None
    return show(
        request, desk, staff, "counted-new", "cases", refused, case=case, form=form, offered=offered, rules=rules,
        people=computing.people(app.store, code) if code else [],
        variants=dict(sorted((word, says) for rule in own for word, says in rule.cases.items())),
        place=known.zone if known else app.settings.desk.zone, vouches=staff.may(Role.APPROVER),
    )  # fmt: skip


def _custody(form: Typed) -> bool | None:
    return {"yes": True, "no": False}.get(form.one("custody"))


def _copy(form: Typed, zone: str) -> LocalTime | None:
    day, hour = form.one("copy_day"), form.one("copy_hour")
    if not day:
        return None
    return times.at(f"{day} {hour}", zone) if hour else times.on(day, zone)
