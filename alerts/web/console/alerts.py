"""Alerts: the list, and one alert: its life so far, its true text, and what may be done with it now."""

import asyncio
from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from alerts.domain import times
from alerts.domain.alerts import UNPUBLISHED, Kind, State, content_hash
from alerts.domain.errors import Conflict, Forbidden, Invalid, VigilError
from alerts.domain.responses import AFTER_HEARING
from alerts.domain.staff import Role, Staff
from alerts.services import alerting, allowance, reading, reducing, trial
from alerts.services.alerting import editions
from alerts.services.issuing import thread
from alerts.store import views
from alerts.store.pages import people
from alerts.store.tables import HELD
from alerts.web.console import preview
from alerts.web.console.room import Page, show
from alerts.web.guard import Desk, Here, Signed
from alerts.web.page import Posted, Typed, go

router = APIRouter()

REFUSALS = (Invalid, Conflict, Forbidden)
OUT = (State.PUBLISHING, State.PUBLISHED, State.UPDATED, State.CORRECTED)
MAIL_PAGE = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "sandbox"
)
"""A mail carries its style in itself; on its own page, where nothing of it can run or send, that is allowed."""


@router.get("/alerts")
def alerts(request: Request, desk: Here, staff: Signed, which: str = "", page: Page = 1) -> Response:
    with desk.app.store.read() as tx:
        found, more = views.alerts(tx, which, page)
    return show(
        request, desk, staff, "alerts", "alerts", found=found, more=more, page=page, which=which,
    )  # fmt: skip


@router.get("/alerts/{id}")
def alert(request: Request, desk: Here, staff: Signed, id: str) -> Response:
    return _page(request, desk, staff, id)


@router.get("/alerts/{id}/mail")
def mail(desk: Here, staff: Signed, id: str, language: str) -> Response:
    with desk.app.store.read() as tx:
        found = tx.alerts.get(id)
    page = HTMLResponse(preview.message(desk, found, language).html)
    page.headers["Content-Security-Policy"] = MAIL_PAGE
    return page


@router.post("/alerts/{id}/submit")
def submit(request: Request, desk: Here, staff: Signed, id: str) -> Response:
    return _done(request, desk, staff, id, Typed(), lambda: alerting.submit(desk.app.store, id, by=staff, now=desk.now))


@router.post("/alerts/{id}/approve")
def approve(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    """`seen` is the hash of the text that stood on the approver's page: no other text is approved."""
    return _done(request, desk, staff, id, form, lambda: alerting.approve(
        desk.app.store, id, by=staff, now=desk.now, seen=form.one("seen")
    ))  # fmt: skip


@router.post("/alerts/{id}/publish")
def publish(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    def act() -> None:
        later = form.one("when") == "later"
        at = times.at(f"{form.one('day')} {form.one('hour')}", form.one("zone")).instant if later else None
        alerting.publish(desk.app.store, desk.app.queue, id, by=staff, now=desk.now, at=at)

    return _done(request, desk, staff, id, form, act)


@router.post("/alerts/{id}/cancel")
def cancel(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    return _done(
        request, desk, staff, id, form, lambda: alerting.cancel(desk.app.store, id, by=staff, now=desk.now)
    )  # fmt: skip


@router.post("/alerts/{id}/test")
def test(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    def act() -> None:
        found = trial.messages(desk.app.store, desk.app.render, id, by=staff, now=desk.now)
        asyncio.run(trial.send(desk.app.first_channel(), form.one("to"), found))

    return _done(request, desk, staff, id, form, act, "?tested=yes")


@router.post("/alerts/{id}/follow")
def follow(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    kinds = {"update": Kind.UPDATE, "correction": Kind.CORRECTION, "stop": Kind.STOP}
    try:
        if form.one("kind") not in kinds:
            raise Invalid("Choose what it is: an update, a correction, or the end of the appeal.")
        kind = kinds[form.one("kind")]
        new = alerting.follow(desk.app.store, id, kind, form.one("body"), by=staff, now=desk.now)
    except REFUSALS as refusal:
        return _page(request, desk, staff, id, refusal, form)
    return go(f"/alerts/{new.id}/edit")


@router.post("/alerts/{id}/withdraw")
def withdraw(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    app = desk.app
    try:
        if form.one("warned") not in ("yes", "unreachable"):
            raise Invalid("First warn the person or the family, and say so here.")
        new = alerting.withdraw(app.store, app.queue, app.render.languages, id, by=staff, now=desk.now)
    except REFUSALS as refusal:
        return _page(request, desk, staff, id, refusal, form)
    return go(f"/alerts/{new.id}")


def _done(
    request: Request, desk: Desk, staff: Staff, id: str, form: Typed, act: Callable[[], object], after: str = ""
) -> Response:
    try:
        act()
    except REFUSALS as refusal:
        return _page(request, desk, staff, id, refusal, form)
    return go(f"/alerts/{id}{after}")


def _page(
    request: Request, desk: Desk, staff: Staff, id: str, refused: VigilError | None = None, form: Typed | None = None
) -> Response:
    with desk.app.store.read() as tx:
        found, written = tx.alerts.get(id), editions(tx, id)
        [said] = views.said(tx, [found])
        issues = views.said(tx, [issue for issue in thread(tx, found) if issue.id != id])
        bad = people.troubles(tx, id) if found.published_at and staff.may(Role.APPROVER) else []
        answers, mails = people.responses(tx, found), reading.of_alert(tx, id)
        old = found.published_at is not None and found.published_at <= desk.now - AFTER_HEARING
        counted = reducing.counts(tx, id) if old else {}
        waiting = tx.held.count(HELD.c.alert_id == id)
    open_ = found.state in UNPUBLISHED
    if not written:
        return show(request, desk, staff, "begun", "alerts", refused, alert=found, said=said, open=open_)
    forecast = alerting.forecast(desk.app.store, id) if open_ else None
    left = today = None
    if forecast:
        with desk.app.store.read() as tx:
            left = people.not_to(tx, found.label, forecast.audience)
            today = allowance.forecast(tx, desk.app.settings, forecast.audience, found.kind.priority, desk.now)
    language = request.query_params.get("language", "")
    languages = [edition.language for edition in written]
    language = language if language in languages else desk.language if desk.language in languages else languages[0]
    mine = staff.id in found.writers
    return show(
        request, desk, staff, "alert", "alerts", refused, alert=found, said=said, written=written, issues=issues,
        troubles=bad, answers=answers, counted=counted, mails=mails, form=form or Typed(), forecast=forecast, left=left,
        allowance=today, shown=language,
        mail=preview.message(desk, found, language), seen=content_hash(found, written), mine=mine, open=open_,
        out=found.state in OUT, approves=staff.may(Role.APPROVER) and not mine and found.state is State.IN_REVIEW,
        tested=request.query_params.get("tested") == "yes", waiting=waiting,
    )  # fmt: skip
