"""Dates: set one for a case or for none, vouch for it, move it, close it, put it off, say what happened."""

from collections.abc import Callable
from dataclasses import fields
from typing import TypedDict

from fastapi import APIRouter, Request, Response

from alerts.domain import card as cards
from alerts.domain import times
from alerts.domain.card import Card, Written
from alerts.domain.deadlines import Kind, Teller
from alerts.domain.errors import Conflict, Forbidden, Invalid, VigilError
from alerts.domain.ladders import Fate, Whom
from alerts.domain.staff import Role, Staff
from alerts.domain.times import LocalTime
from alerts.services import calendarfiles, casework, confidants, courtcards, deadlines, reminding
from alerts.settings import countries
from alerts.store import views
from alerts.store.dates import REMINDER, WAS
from alerts.store.pages import confidants as told
from alerts.store.pages import today
from alerts.store.tables import ALERT, PERSON
from alerts.web.choices import READING
from alerts.web.console.room import show
from alerts.web.guard import Desk, Here, Signed
from alerts.web.page import Posted, Typed, go

router = APIRouter()

REFUSALS = (Invalid, Conflict, Forbidden)
TELLERS = [teller for teller in Teller if teller is not Teller.RULE]


class Said(TypedDict):
    reason: str
    told_by: Teller | None
    seen: int | None


@router.get("/cases/{code}/dates/new")
def new_for_case(request: Request, desk: Here, staff: Signed, code: str) -> Response:
    return _new(request, desk, staff, code, Typed())


@router.post("/cases/{code}/dates/new")
def set_for_case(request: Request, desk: Here, staff: Signed, code: str, form: Posted) -> Response:
    return _set(request, desk, staff, code, form)


@router.get("/dates/new")
def new(request: Request, desk: Here, staff: Signed) -> Response:
    return _new(request, desk, staff, None, Typed())


@router.post("/dates/new")
def set_(request: Request, desk: Here, staff: Signed, form: Posted) -> Response:
    return _set(request, desk, staff, None, form)


@router.get("/dates/{id}")
def date(request: Request, desk: Here, staff: Signed, id: str) -> Response:
    return _page(request, desk, staff, id)


@router.post("/dates/{id}/confirm")
def confirm(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    app = desk.app
    return _done(request, desk, staff, id, form, lambda: deadlines.confirm(
        app.store, app.queue, app.render.languages, id, by=staff, now=desk.now, seen=_seen(form),
    ))  # fmt: skip


@router.post("/dates/{id}/move")
def move(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    app = desk.app
    return _done(request, desk, staff, id, form, lambda: deadlines.reschedule(
        app.store, app.queue, app.render.languages, id, moment(form), court=form.one("court"), by=staff,
        now=desk.now, **_said(form),
    ))  # fmt: skip


@router.post("/dates/{id}/relocate")
def relocate(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    app = desk.app
    return _done(request, desk, staff, id, form, lambda: deadlines.relocate(
        app.store, app.queue, app.render.languages, id, form.one("court"), by=staff, now=desk.now, **_said(form),
    ))  # fmt: skip


@router.post("/dates/{id}/close")
def close(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    app = desk.app
    return _done(request, desk, staff, id, form, lambda: deadlines.close(
        app.store, app.queue, app.render.languages, id, by=staff, now=desk.now, **_said(form),
    ))  # fmt: skip


@router.post("/dates/{id}/reopen")
def reopen(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    app = desk.app
    return _done(request, desk, staff, id, form, lambda: deadlines.reopen(
        app.store, app.queue, app.render.languages, id, by=staff, now=desk.now, **_said(form),
    ))  # fmt: skip


@router.post("/dates/{id}/adjourn")
def adjourn(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    app = desk.app
    return _done(request, desk, staff, id, form, lambda: deadlines.adjourn(
        app.store, app.queue, app.render.languages, id, by=staff, now=desk.now, **_said(form),
    ))  # fmt: skip


@router.post("/dates/{id}/cancel")
def cancel(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    app = desk.app
    return _done(request, desk, staff, id, form, lambda: deadlines.cancel(
        app.store, app.queue, app.render.languages, id, by=staff, now=desk.now, **_said(form),
    ))  # fmt: skip


@router.post("/dates/{id}/held")
def held(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    return _done(request, desk, staff, id, form, lambda: deadlines.held(
        desk.app.store, id, outcome=form.one("outcome"), by=staff, now=desk.now, seen=_seen(form)
    ))  # fmt: skip


@router.post("/dates/{id}/report")
def report(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    return _done(request, desk, staff, id, form, lambda: deadlines.report(
        desk.app.store, id, form.one("report"), by=staff, now=desk.now
    ))  # fmt: skip


@router.post("/dates/{id}/card")
def card(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    names = [field.name for field in fields(Card)]
    return _done(request, desk, staff, id, form, lambda: courtcards.write(
        desk.app.store, id, cards.card({name: form.one(name) for name in names}), by=staff, now=desk.now
    ))  # fmt: skip


@router.post("/dates/{id}/missed")
def missed(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    app, then = desk.app, form.one("then")
    try:
        if then not in ("tell", "leave"):
            raise Invalid("Choose whether the readers are told now.")
        reminding.decide(
            app.store, app.queue, app.render.languages, id, tell_them=then == "tell", by=staff, now=desk.now
        )
    except REFUSALS as refusal:
        return _page(request, desk, staff, id, refusal, form)
    return go(f"/dates/{id}")


def _done(request: Request, desk: Desk, staff: Staff, id: str, form: Typed, change: Callable[[], object]) -> Response:
    try:
        change()
    except REFUSALS as refusal:
        return _page(request, desk, staff, id, refusal, form)
    return go(f"/dates/{id}")


def _page(
    request: Request, desk: Desk, staff: Staff, id: str, refused: VigilError | None = None, form: Typed | None = None
) -> Response:
    with desk.app.store.read() as tx:
        [row] = today.dated(tx, [tx.deadlines.get(id)], desk.now)
        rungs = tx.reminders.where(REMINDER.c.deadline_id == id, by=REMINDER.c.fire_at)
        person = tx.people.find(PERSON.c.id == row.deadline.person_id) if row.deadline.person_id else None
        written = courtcards.latest(tx, id)
        partner = calendarfiles.proposal(tx, row.deadline)
        issued = views.said(tx, tx.alerts.where(ALERT.c.deadline_id == id, by=ALERT.c.ordinal.desc()))
        asked = told.of_date(tx, id)
        here_to_ask = confidants.of_case(tx, row.deadline.case_id) if row.deadline.case_id else []
        chain = tx.was.where(WAS.c.deadline_id == id, by=WAS.c.revision.desc())
    when = row.deadline.when
    missed = [rung for rung in rungs if rung.fate is Fate.MISSED]
    return show(
        request, desk, staff, "date", "cases", refused, row=row, deadline=row.deadline, about=row.about, rungs=rungs,
        partner=partner, issued=issued, asked=asked, here_to_ask=here_to_ask, person=person, written=written,
        card_form=_card_form(written, form), form=form or Typed(), reading=READING, missed=missed,
        missed_readers=any(rung.whom is Whom.SUBSCRIBERS for rung in missed), chain=chain, tellers=TELLERS,
        past=bool(when and when.ends <= desk.now),
        place=when.zone if when else _zone(row.deadline.country, desk),
    )  # fmt: skip


def _card_form(written: Written | None, form: Typed | None) -> dict[str, str]:
    """What the form of the card holds: what was typed into it, else the card as it stands."""
    if form is not None and "entrance" in form:
        return {field.name: form.one(field.name) for field in fields(Card)}
    return cards.said(written.card if written else Card())


def _new(
    request: Request, desk: Desk, staff: Staff, code: str | None, form: Typed, refused: VigilError | None = None
) -> Response:
    case = casework.get(desk.app.store, code) if code else None
    return show(
        request, desk, staff, "date-new", "cases", refused, case=case, form=form, kinds=list(Kind), tellers=TELLERS,
        place=_zone(case.country if case else "", desk), vouches=staff.may(Role.APPROVER),
    )  # fmt: skip


def _set(request: Request, desk: Desk, staff: Staff, code: str | None, form: Typed) -> Response:
    try:
        deadline = deadlines.enter(
            desk.app.store, code, _kind(form.one("kind")), moment(form), by=staff, now=desk.now,
            title=form.one("title"), court=form.one("court"), expected=bool(form.one("expected")),
            told_by=_teller(form),
        )  # fmt: skip
    except REFUSALS as refusal:
        return _new(request, desk, staff, code, form, refusal)
    return go(f"/dates/{deadline.id}")


def _said(form: Typed) -> Said:
    """What every change carries: why, on whose word, and the number under which the page showed it."""
    return {"reason": form.one("reason"), "told_by": _teller(form), "seen": _seen(form)}


def _seen(form: Typed) -> int | None:
    given = form.one("seen")
    return int(given) if given.isdecimal() else None


def _teller(form: Typed) -> Teller | None:
    given = form.one("told_by")
    return Teller(given) if given in TELLERS else None


def moment(form: Typed) -> LocalTime:
    """A day and an hour, a day alone, or the claim as it was written with the days it may mean. Raises Invalid."""
    zone, day, hour = form.one("zone"), form.one("day"), form.one("hour")
    if form.one("claim"):
        first = form.one("first") or form.one("last")
        return times.between(form.one("claim"), first, form.one("last") or first, zone)
    if not day:
        raise Invalid("Say when: a day, or the words in which you were told.")
    return times.at(f"{day} {hour}", zone) if hour else times.on(day, zone)


def _kind(word: str) -> Kind:
    try:
        return Kind(word)
    except ValueError:
        raise Invalid("Choose what it is.") from None


def _zone(country: str, desk: Desk) -> str:
    found = countries().get(country)
    return found.zone if found else desk.app.settings.desk.zone
