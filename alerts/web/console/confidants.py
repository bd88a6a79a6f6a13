"""Who can tell us: lawyer and family of a case, what they are asked, and what they said. All of it is only ours."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from alerts.bootstrap import App
from alerts.domain.confidants import Confidant, ConfidantRole
from alerts.domain.deadlines import ATTENDED, OPEN
from alerts.domain.errors import Conflict, Forbidden, Invalid, VigilError
from alerts.domain.questions import Fate, Question, Seen, What
from alerts.domain.staff import Staff
from alerts.services import answering, asking, casework, confidants, questions
from alerts.store.dates import DEADLINE
from alerts.store.pages import confidants as page
from alerts.web import choices
from alerts.web.console.room import show
from alerts.web.guard import HOME, Desk, Here, Signed
from alerts.web.page import Posted, Typed, go

router = APIRouter()

REFUSALS = (Invalid, Conflict, Forbidden)


@router.get("/cases/{code}/confidants/new")
def new(request: Request, desk: Here, staff: Signed, code: str) -> Response:
    return _new(request, desk, staff, code, Typed())


@router.post("/cases/{code}/confidants/new")
def add(request: Request, desk: Here, staff: Signed, code: str, form: Posted) -> Response:
    given = {name: form.one(name) for name in ("name", "email", "phone", "language", "zone")}
    try:
        role = _one_of(ConfidantRole, form.one("role"), "Choose who they are to the case.")
        added = confidants.add(desk.app.store, code, role, **given, by=staff, now=desk.now)
    except REFUSALS as refusal:
        return _new(request, desk, staff, code, form, refusal)
    return go(f"/confidants/{added.id}")


@router.get("/confidants/{id}")
def confidant(request: Request, desk: Here, staff: Signed, id: str) -> Response:
    return _page(request, desk, staff, id)


@router.post("/confidants/{id}/ask")
def ask(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    what, date = form.one("what"), form.one("date") or None

    def done() -> None:
        wanted = _one_of(What, what, "Choose what to ask.")
        questions.ask(desk.app.store, desk.app.queue, id, wanted, deadline_id=date, by=staff, now=desk.now)

    return _done(request, desk, staff, id, done)


@router.post("/confidants/{id}/said")
def said(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    def done() -> None:
        seen = _one_of(Seen, form.one("seen"), "Choose what they said.")
        answering.saw(desk.app.store, id, seen, text=form.one("text"), by=staff, now=desk.now)

    return _done(request, desk, staff, id, done)


@router.post("/confidants/{id}/end")
def end(request: Request, desk: Here, staff: Signed, id: str) -> Response:
    return _done(request, desk, staff, id, lambda: confidants.end(desk.app.store, id, by=staff, now=desk.now))


@router.post("/questions/{id}/handled")
def handled(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    """Somebody has rung, or has sent the link: the row goes. Raises NotFound, Forbidden, Conflict."""
    done = answering.handled(desk.app.store, id, by=staff, now=desk.now)
    return go(HOME if form.one("back") == HOME else f"/confidants/{done.confidant_id}")


def _done(request: Request, desk: Desk, staff: Staff, id: str, change: Callable[[], object]) -> Response:
    try:
        change()
    except REFUSALS as refusal:
        return _page(request, desk, staff, id, refusal)
    return go(f"/confidants/{id}")


def _page(request: Request, desk: Desk, staff: Staff, id: str, refused: VigilError | None = None) -> Response:
    with desk.app.store.read() as tx:
        one = tx.confidants.get(id)
        case = tx.cases.get(one.case_id)
        asked = page.of_confidant(tx, id)
        open_ = (DEADLINE.c.case_id == case.id, DEADLINE.c.state.in_(OPEN), DEADLINE.c.starts_at > desk.now)
        dates = tx.deadlines.where(*open_, DEADLINE.c.kind.in_(ATTENDED), by=DEADLINE.c.starts_at)
    waits = [(question, _text(desk.app, question, one)) for question in asked if _waits(question, desk)]
    return show(
        request, desk, staff, "confidant", "cases", refused, confidant=one, case=case, asked=asked, dates=dates,
        waits=[(question, text, _sms(one, text)) for question, text in waits],
    )  # fmt: skip


def _waits(question: Question, desk: Desk) -> bool:
    return question.fate is Fate.ASKED and question.until > desk.now


def _text(app: App, question: Question, one: Confidant) -> str:
    """What staff paste into whatever messenger the two of them use."""
    link = asking.link(app.vault, app.settings.web.links, question)
    return app.render.question(one.language, link, asking.details(one, question))


def _sms(one: Confidant, text: str) -> str:
    """Opens this phone's own message program, and asks nobody else."""
    number = "".join(letter for letter in one.phone if letter.isdigit() or letter == "+")
    return f"sms:{number}?body={quote(text)}" if number else ""


def _new(
    request: Request, desk: Desk, staff: Staff, code: str, form: Typed, refused: VigilError | None = None
) -> Response:
    case = casework.get(desk.app.store, code)
    return show(
        request, desk, staff, "confidant-new", "cases", refused, case=case, form=form, roles=list(ConfidantRole),
        reading=choices.READING,
    )  # fmt: skip


def _one_of(kind: Callable[[str], Any], value: str, why: str) -> Any:
    try:
        return kind(value)
    except ValueError:
        raise Invalid(why) from None
