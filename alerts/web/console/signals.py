"""News on our people: use it for an appeal, say that it is not them, or put it back."""

from dataclasses import replace

from fastapi import APIRouter, Request, Response

from alerts.domain.errors import Conflict, Invalid
from alerts.domain.staff import Staff
from alerts.domain.triage import Handled
from alerts.services import alerting, triage
from alerts.services.alerting import Text
from alerts.web.console import marking
from alerts.web.console.room import show
from alerts.web.guard import Desk, Here, Signed
from alerts.web.page import Posted, go

router = APIRouter()


@router.get("/signals")
def signals(request: Request, desk: Here, staff: Signed) -> Response:
    return _page(request, desk, staff, "waiting")


@router.get("/signals/aside")
def aside(request: Request, desk: Here, staff: Signed) -> Response:
    return _page(request, desk, staff, "aside")


@router.post("/signals/{id}/use")
def use(desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    """Start a draft from it, in the words of the news: they are there to be rewritten."""
    seen = triage.get(desk.app.store, id)
    if not seen.matches:
        raise Invalid("This news names nobody whom we follow: write an appeal from their case.")
    if seen.verdict.handled is Handled.USED:
        raise Conflict("Somebody has made a draft of this already.")
    signal = seen.signal
    language = (
        signal.language[:2].lower() if signal.language[:2].lower() in desk.app.render.languages else desk.language
    )
    text = Text(marking.line(signal.title) or signal.source_id, signal.text.strip() or signal.title)
    code = form.one("case") or seen.matches[0].case_code
    alert = alerting.draft(desk.app.store, code, text, language=language, by=staff, now=desk.now)
    triage.mark(desk.app.store, id, Handled.USED, by=staff, now=desk.now, alert_id=alert.id)
    return go(f"/alerts/{alert.id}/edit?language={language}")


@router.post("/signals/{id}/not-them")
def not_them(desk: Here, staff: Signed, id: str) -> Response:
    triage.mark(desk.app.store, id, Handled.NOT_THEM, by=staff, now=desk.now)
    return go("/today")


@router.post("/signals/{id}/back")
def back(desk: Here, staff: Signed, id: str) -> Response:
    triage.mark(desk.app.store, id, Handled.WAITING, by=staff, now=desk.now)
    return go("/signals")


def _page(request: Request, desk: Desk, staff: Staff, which: str) -> Response:
    store = desk.app.store
    news = triage.waiting(store) if which == "waiting" else triage.set_aside(store)
    return show(
        request, desk, staff, "signals", "today", which=which,
        news=[replace(seen, signal=replace(seen.signal, link=marking.link(seen.signal.link))) for seen in news],
        title=marking.title, excerpt=marking.excerpt,
    )  # fmt: skip
