"""What we wait to hear of a case: how often, who must act where nothing comes; and that somebody was heard."""

from fastapi import APIRouter, Request, Response

from alerts.domain import times
from alerts.domain.errors import Invalid
from alerts.domain.silence import Awaited
from alerts.domain.times import Instant
from alerts.services import casework, listening
from alerts.services.listening import Expected
from alerts.settings import countries
from alerts.web.console import cases
from alerts.web.guard import Desk, Here, Signed, inside
from alerts.web.page import Posted, Typed, go

router = APIRouter()


@router.post("/cases/{code}/silence")
def expect(request: Request, desk: Here, staff: Signed, code: str, form: Posted) -> Response:
    try:
        days = _number(form, "days") if form.one("seen") == "yes" else 0
        check_in = Expected(Awaited.CHECK_IN, _number(form, "hours"), _once(desk, code, form.one("once")))
        listening.expect(
            desk.app.store, code, [Expected(Awaited.SEEN, 24 * days), check_in], by=staff, now=desk.now,
            who=form.one("who"), note=form.one("note"),
        )  # fmt: skip
    except cases.REFUSALS as refusal:
        return cases.page(request, desk, staff, code, refusal, form)
    return go(f"/cases/{code}#silence")


@router.post("/silences/{id}/heard")
def heard(desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    listening.hear(desk.app.store, id, by=staff, now=desk.now)
    return go(inside(form.one("back") or "/today"))


@router.post("/silences/{id}/later")
def later(desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    listening.put_off(desk.app.store, id, by=staff, now=desk.now)
    return go(inside(form.one("back") or "/today"))


def _number(form: Typed, name: str) -> int:
    """A field that may be empty. Raises Invalid."""
    said = form.one(name) or "0"
    if not (said.isascii() and said.isdigit() and len(said) < 6):
        raise Invalid(f"“{said}” is no number of days or hours: write it in digits.")
    return int(said)


def _once(desk: Desk, code: str, said: str) -> Instant | None:
    """A time on the clock of the case's country. Raises Invalid, NotFound."""
    if not said:
        return None
    found = countries().get(casework.get(desk.app.store, code).country)
    return times.at(said, found.zone if found else desk.app.settings.desk.zone).instant
