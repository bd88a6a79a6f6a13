"""The call list of a date: whom to ring, ticked off until everybody knows."""

from fastapi import APIRouter, Request, Response

from alerts.domain.calling import How, count
from alerts.domain.errors import Conflict, Forbidden, Invalid, NotFound, VigilError
from alerts.services import calling
from alerts.store import views
from alerts.web.console.room import show
from alerts.web.guard import Desk, Here, Signed
from alerts.web.page import Posted, go

router = APIRouter()

REFUSALS = (Invalid, Conflict, Forbidden, NotFound)


@router.get("/dates/{id}/calls")
def calls(request: Request, desk: Here, staff: Signed, id: str) -> Response:
    return _page(request, desk, staff, id)


@router.post("/dates/{id}/calls")
def tick(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    try:
        seen = int(form.one("seen")) if form.one("seen").isdecimal() else None
        calling.tick(desk.app.store, id, form.one("who"), _how(form.one("how")), by=staff, now=desk.now, seen=seen)
    except REFUSALS as refusal:
        return _page(request, desk, staff, id, refusal)
    return go(f"/dates/{id}/calls")


@router.post("/dates/{id}/calls/number")
def number(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    try:
        calling.number(desk.app.store, form.one("who"), form.one("number"), by=staff, now=desk.now)
    except REFUSALS as refusal:
        return _page(request, desk, staff, id, refusal)
    return go(f"/dates/{id}/calls")


def _how(word: str) -> How:
    try:
        return How(word)
    except ValueError:
        raise Invalid("Say what came of it: rang, wrote, or not reached.") from None


def _page(request: Request, desk: Desk, staff: Signed, id: str, refused: VigilError | None = None) -> Response:
    deadline, people = calling.listing(desk.app.store, id)
    with desk.app.store.read() as tx:
        about = views.about(tx, [deadline.case_id]).get(deadline.case_id or "")
        old = calling.before(tx, deadline)
    return show(
        request, desk, staff, "calls", "today", refused, deadline=deadline, about=about, people=people, old=old,
        count=count(person.holder for person in people), hows=list(How),
    )  # fmt: skip
