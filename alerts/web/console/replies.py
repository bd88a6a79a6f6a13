"""Mail from readers: what they wrote that no word of it says by itself, to be noted with one click."""

from fastapi import APIRouter, Request, Response

from alerts.domain.errors import Conflict, Forbidden, Invalid, VigilError
from alerts.domain.responses import Answer
from alerts.domain.returns import READ
from alerts.domain.staff import Staff
from alerts.services import bounces, reading, returning
from alerts.web.console.room import show
from alerts.web.guard import Desk, Here, Signed
from alerts.web.page import Posted, go

router = APIRouter()


@router.get("/replies")
def replies(request: Request, desk: Here, staff: Signed) -> Response:
    return _page(request, desk, staff)


@router.post("/replies/{id}")
def note(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    """`as`: which answer it is, or only read."""
    chosen = form.one("as")
    try:
        if chosen not in (READ, *Answer):
            raise Invalid("Say what it is: an answer, or only read.")
        answer = None if chosen == READ else Answer(chosen)
        returning.note(desk.app.store, desk.app.queue, id, answer, by=staff, now=desk.now)
    except (Invalid, Conflict, Forbidden) as refusal:
        return _page(request, desk, staff, refusal)
    return go("/replies")


def _page(request: Request, desk: Desk, staff: Staff, refused: VigilError | None = None) -> Response:
    waiting = reading.waiting(desk.app.store)
    with desk.app.store.read() as tx:
        storms = bounces.storms(tx, desk.now)
        trouble = reading.trouble(tx)
    return show(
        request, desk, staff, "replies", "today", refused, waiting=waiting, storms=storms, trouble=trouble,
        reads=bool(desk.app.settings.mailbox.url), answers=list(Answer),
    )  # fmt: skip
