"""Cases: the list, and one case with what may be said, what is wanted, what is known, and who got what."""

from typing import Any

from babel import Locale
from fastapi import APIRouter, Request, Response

from alerts.domain.cases import Certainty, Wish, may_name, may_say
from alerts.domain.deadlines import Kind
from alerts.domain.errors import Conflict, Forbidden, Invalid, VigilError
from alerts.domain.labels import Answer, Label
from alerts.domain.ladders import own_ladders
from alerts.domain.staff import Staff
from alerts.services import casework, laddering, listening
from alerts.services.casework import Whole
from alerts.settings import countries
from alerts.store import views
from alerts.store.pages import confidants, silence
from alerts.store.tables import STAFF
from alerts.web.console import clock
from alerts.web.console.room import Page, show
from alerts.web.console.timeline import Mark, draw
from alerts.web.guard import Desk, Here, Signed
from alerts.web.page import Posted, Typed, go

router = APIRouter()

READERS = {"us": Label.RED, "trusted": Label.AMBER, "all": Label.GREEN, "everyone": Label.CLEAR}
"""Who looks at the case with us: the label that they may read."""

REFUSALS = (Invalid, Conflict, Forbidden)


@router.get("/cases")
def cases(request: Request, desk: Here, staff: Signed, q: str = "", page: Page = 1) -> Response:
    words = q.strip()[:100]
    with desk.app.store.read() as tx:
        found, more = views.cases(tx, words, _lying_in(desk, words), page)
    return show(request, desk, staff, "cases", "cases", found=found, more=more, page=page, q=words)


@router.get("/cases/{code}")
def case(request: Request, desk: Here, staff: Signed, code: str) -> Response:
    return page(request, desk, staff, code)


@router.post("/cases/{code}/say")
def say(request: Request, desk: Here, staff: Signed, code: str, form: Posted) -> Response:
    try:
        answer = _one_of(Answer, form.one("answer"))
        casework.say(desk.app.store, code, answer, agreed_by=form.one("agreed_by"), by=staff, now=desk.now)
    except REFUSALS as refusal:
        return page(request, desk, staff, code, refusal, form)
    return go(f"/cases/{code}")


@router.post("/cases/{code}/wanted")
def wanted(request: Request, desk: Here, staff: Signed, code: str, form: Posted) -> Response:
    try:
        wishes = {name: _one_of(Wish, form.one(name)) for name in ("publicity", "missions", "visits")}
        casework.wanted(desk.app.store, code, **wishes, by=staff, now=desk.now)
    except REFUSALS as refusal:
        return page(request, desk, staff, code, refusal, form)
    return go(f"/cases/{code}")


@router.post("/cases/{code}/reminders")
def reminders(request: Request, desk: Here, staff: Signed, code: str, form: Posted) -> Response:
    try:
        kind, names = _one_of(Kind, form.one("kind")), laddering.words(form.one("rungs"))
        laddering.set_own(desk.app.store, code, kind, names, by=staff, now=desk.now)
    except REFUSALS as refusal:
        return page(request, desk, staff, code, refusal, form)
    return go(f"/cases/{code}")


@router.post("/cases/{code}/facts")
def fact(request: Request, desk: Here, staff: Signed, code: str, form: Posted) -> Response:
    try:
        casework.add_fact(
            desk.app.store, code, form.one("text"), by=staff, now=desk.now, source=form.one("source"),
            date=form.one("date"), claim=form.one("claim"), first=form.one("first"), last=form.one("last"),
            certainty=_one_of(Certainty, form.one("certainty")), sensitive=form.one("sensitive") == "yes",
            label=Label.RED if form.one("ours") == "yes" else None, kind=form.one("kind"),
            contradicts=form.one("contradicts") or None,
        )  # fmt: skip
    except REFUSALS as refusal:
        return page(request, desk, staff, code, refusal, form)
    return go(f"/cases/{code}#known")


def page(
    request: Request, desk: Desk, staff: Staff, code: str, refused: VigilError | None = None, form: Typed | None = None
) -> Response:
    whole = casework.file(desk.app.store, code)
    reader = request.query_params.get("as", "us")
    reader = reader if reader in READERS else "us"
    with desk.app.store.read() as tx:
        got = views.said(tx, list(reversed(whole.alerts)))
        tellers = confidants.tellers(tx, whole.case.id)
        waits = silence.with_all(tx, listening.of_case(tx, whole.case.id, whole.deadlines, desk.now))
        listened = listening.wanted(tx, whole.case.id)
        colleagues = tx.staff.where(STAFF.c.disabled_at.is_(None), by=STAFF.c.created_at)
    seen = _seen_as(whole, READERS[reader])
    return show(
        request, desk, staff, "case", "cases", refused, whole=whole, case=whole.case, reader=reader,
        form=form or Typed(), **seen, got=got, tellers=tellers,
        timeline=draw(_marks(desk, whole, seen), desk.now),
        answers=list(Answer), waits=waits, listened=listened, colleagues=colleagues, date_kinds=list(Kind),
        own_ladders=own_ladders(whole.case.ladder),
    )  # fmt: skip


def _seen_as(whole: Whole, label: Label) -> dict[str, Any]:
    """What these readers could be told. Staff see everything, with who else may hear it."""
    case = whole.case
    ours = label is Label.RED
    sayable = {fact.id for fact in may_say(case, whole.facts, label)}
    disputed = {fact.contradicts for fact in whole.facts if fact.contradicts}
    told = [
        deadline
        for deadline in whole.deadlines
        if deadline.on and not deadline.ours and (deadline.label or case.fact_label).allows(label)
    ]
    return {
        "deadlines": whole.deadlines if ours else told,
        "people": whole.people if ours else may_name(case, whole.people, label),
        "facts": whole.facts if ours else [fact for fact in whole.facts if fact.id in sayable],
        "disputed": disputed | {fact.id for fact in whole.facts if fact.contradicts},
    }


def _marks(desk: Desk, whole: Whole, seen: dict[str, Any]) -> list[Mark]:
    """What is seen of the case, as far as it can be placed in time. Words of events are the case's own."""
    kinds = {event.id: event.kind.replace("_", " ") for event in whole.events}
    marks = [
        Mark(kinds.get(fact.event_id or "", "") or _short(fact.text), _date(desk, fact.when), fact.when, "happened")
        for fact in seen["facts"]
        if fact.when
    ]
    for deadline in seen["deadlines"]:
        if deadline.when and deadline.state != "cancelled":
            style = "over" if deadline.state in ("held", "reported") else "sure" if deadline.confirmed else "unsure"
            kind = "" if deadline.title else deadline.kind.value
            marks.append(Mark(deadline.title, _date(desk, deadline.when), deadline.when, style, kind))
    return marks


def _date(desk: Desk, when: Any) -> str:
    if not when.exact:
        return desk.app.render.when(when, desk.language)[0]
    moment = clock.local(when, desk.now, desk.language)
    return f"{moment.day} {moment.hour}"


def _short(text: str) -> str:
    return text if len(text) <= 26 else text[:25].rstrip() + "…"


def _lying_in(desk: Desk, words: str) -> list[str]:
    """Codes of the countries that are called so, in full or by their two letters."""
    if not words:
        return []
    wanted, names = words.casefold(), Locale.parse(desk.language).territories
    return [code for code in countries() if wanted in (code.casefold(), str(names.get(code, "")).casefold())]


def _one_of(kind: Any, value: str) -> Any:
    """The choice that was made on the page. Raises Invalid."""
    try:
        return kind(value)
    except ValueError:
        raise Invalid("Choose one of the answers, and send it again.") from None
