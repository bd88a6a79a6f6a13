"""Paste a message that somebody sent: it becomes a signal, for us alone."""

from fastapi import APIRouter, Request, Response

from alerts.domain.errors import Forbidden, Invalid, VigilError
from alerts.domain.staff import Role, Staff
from alerts.services import intake
from alerts.services.rules import in_force
from alerts.web.console.room import show
from alerts.web.guard import Desk, Here, Signed
from alerts.web.page import Posted, go

router = APIRouter()


@router.get("/signals/paste")
def blank(request: Request, desk: Here, staff: Signed) -> Response:
    staff.must_be(Role.AUTHOR, "add news")
    return _page(request, desk, staff)


@router.post("/signals/paste")
def paste(request: Request, desk: Here, staff: Signed, form: Posted) -> Response:
    store = desk.app.store
    try:
        signal = intake.paste(
            store, form.one("text"), by=staff, now=desk.now, rules=in_force(store, desk.app.settings)
        )  # fmt: skip
    except (Invalid, Forbidden) as refusal:
        return _page(request, desk, staff, refusal, form.one("text"))
    return go(f"/signals/{signal.id}")


def _page(request: Request, desk: Desk, staff: Staff, refused: VigilError | None = None, text: str = "") -> Response:
    return show(request, desk, staff, "paste", "today", refused, text=text)
