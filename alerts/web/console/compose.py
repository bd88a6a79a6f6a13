"""Writing: an appeal is made from its case by ticks; what may not be said cannot be ticked, and says why."""

from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response

from alerts.domain.alerts import ACT_WITHIN, UNPUBLISHED, Alert, Edition
from alerts.domain.cases import Ask, Case, default_label, may_say, widest
from alerts.domain.errors import Conflict, Forbidden, Invalid, NotFound, VigilError
from alerts.domain.labels import Label
from alerts.domain.staff import Staff
from alerts.services import alerting, allowance, casework, triage
from alerts.services.alerting import Text, editions
from alerts.services.casework import Whole
from alerts.services.composing import language_of
from alerts.store import Store
from alerts.store.pages import people
from alerts.store.readers import languages as reading
from alerts.web.console import preview
from alerts.web.console.room import show
from alerts.web.guard import Desk, Here, Signed
from alerts.web.page import Posted, Typed, go

router = APIRouter()

REFUSALS = (Invalid, Conflict, Forbidden)
PREVIEWS = ("phone", "text")


@router.get("/cases/{code}/appeal")
def new(request: Request, desk: Here, staff: Signed, code: str) -> Response:
    return _page(request, desk, staff, _blank(request, desk), code=code)


@router.post("/cases/{code}/appeal")
def draft(request: Request, desk: Here, staff: Signed, code: str, form: Posted) -> Response:
    whole = casework.file(desk.app.store, code)
    try:
        text, act_by = _text(form, whole), _day(form.one("act_by"))
        alert = alerting.draft(
            desk.app.store, code, text, language=language_of(form.one("language")), by=staff, now=desk.now,
            label=_label(form.one("label")), act_by=act_by, danger=form.one("danger") == "yes",
        )  # fmt: skip
        return _saved(desk, staff, alert, form)
    except REFUSALS as refusal:
        return _page(request, desk, staff, form, refusal, code=code)


@router.get("/alerts/{id}/edit")
def edit(request: Request, desk: Here, staff: Signed, id: str, language: str = "") -> Response:
    """What a rule began holds no text yet: it begins empty."""
    with desk.app.store.read() as tx:
        alert, written = tx.alerts.get(id), editions(tx, id)
    if alert.state not in UNPUBLISHED:
        return go(f"/alerts/{id}")
    if not written:
        return _page(request, desk, staff, Typed({"language": [language or desk.language]}), alert=alert)
    chosen = next((e for e in written if e.language == language), None)
    if chosen is None and not language:
        chosen = written[0]
    form = _filled(desk, alert, chosen) if chosen else _started(alert, written[0], language)
    return _page(request, desk, staff, form, alert=alert, written=written)


@router.post("/alerts/{id}/edit")
def save(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    with desk.app.store.read() as tx:
        alert, written = tx.alerts.get(id), editions(tx, id)
        code = tx.cases.get(alert.case_id).code if alert.case_id else None
    try:
        text = _text(form, casework.file(desk.app.store, code) if code else None)
        alert = alerting.edition(desk.app.store, id, language_of(form.one("language")), text, by=staff, now=desk.now)
        return _saved(desk, staff, alert, form)
    except REFUSALS as refusal:
        return _page(request, desk, staff, form, refusal, alert=alert, written=written)


def _saved(desk: Desk, staff: Staff, alert: Alert, form: Typed) -> Response:
    if form.one("do") == "ask":
        alerting.submit(desk.app.store, alert.id, by=staff, now=desk.now)
        return go(f"/alerts/{alert.id}")
    return go(f"/alerts/{alert.id}/edit?language={language_of(form.one('language'))}")


def _page(
    request: Request, desk: Desk, staff: Staff, form: Typed, refused: VigilError | None = None, *,
    code: str | None = None, alert: Alert | None = None, written: list[Edition] | None = None,
) -> Response:  # fmt: skip
    store, written = desk.app.store, written or []
    with store.read() as tx:
        if alert and alert.case_id:
            code = tx.cases.get(alert.case_id).code
        wanted = sorted({*desk.app.render.languages, *reading(tx).values()} - {e.language for e in written})
    whole = casework.file(store, code) if code else None
    case = whole.case if whole else None
    label = alert.label if alert else _label(form.one("label")) or default_label(case)
    values: dict[str, Any] = {
        "alert": alert, "case": case, "whole": whole, "form": form, "written": written, "wanted": wanted,
        "label": label, "labels": _labels(case), "facts": _facts(whole, label),
        "asks": whole.asks if whole else [], "language_now": form.one("language"),
        "what": request.query_params.get("preview", "phone"), "news": _news(request, store),
    }  # fmt: skip
    if alert and any(e.language == form.one("language") for e in written):
        forecast = alerting.forecast(store, alert.id)
        with store.read() as tx:
            left = people.not_to(tx, alert.label, forecast.audience)
            today = allowance.forecast(
                tx, desk.app.settings, forecast.audience, alert.kind.priority, desk.now
            )  # fmt: skip
        mail = preview.message(desk, alert, form.one("language"))
        values |= {
            "forecast": forecast,
            "allowance": today,
            "left": left,
            "mail": mail,
            "phone": preview.phone(mail, desk.app.settings.desk.name),
        }
    return show(request, desk, staff, "compose", "alerts", refused, **values)


def _news(request: Request, store: Store) -> triage.Seen | None:
    """The news from which it is written, to be read beside it; what somebody told us is not put into the text."""
    try:
        return triage.get(store, request.query_params.get("news", ""))
    except NotFound:
        return None


def _facts(whole: Whole | None, label: Label) -> list[tuple[Any, str]]:
    """Each claim, and why it cannot be said to these readers: “ours”, “disputed”, or nothing."""
    if whole is None:
        return []
    allowed = {fact.id for fact in may_say(whole.case, whole.facts, label)}
    return [
        (fact, "" if fact.id in allowed else "disputed" if fact.carries(whole.case).allows(label) else "ours")
        for fact in whole.facts
    ]


def _labels(case: Case | None) -> list[Label]:
    """Whom one may write to; nobody has agreed to more than that."""
    agreed = widest(case)
    return [label for label in reversed(Label) if label is not Label.RED and (agreed is None or agreed.allows(label))]


def _text(form: Typed, whole: Whole | None) -> Text:
    """What was ticked and typed. Raises Invalid for an ask that the case does not want."""
    asks = {ask.id: ask for ask in (whole.asks if whole else [])}
    ticked = [asks[id] for id in form.all("ask") if id in asks]
    if unwelcome := next((ask for ask in ticked if not _welcome(ask, whole)), None):
        raise Invalid(f"“{unwelcome.text}” is not wanted in this case: it cannot be asked.")
    own = tuple(line.strip() for line in form.one("asks").split("\n") if line.strip())
    return Text(
        form.one("title"), form.one("body"), tuple(form.all("fact")), (*(ask.text for ask in ticked), *own),
        form.one("background"),
    )  # fmt: skip


def _welcome(ask: Ask, whole: Whole | None) -> bool:
    return ask.welcome(whole.case if whole else None)


def _blank(request: Request, desk: Desk) -> Typed:
    by = (desk.now + ACT_WITHIN).date().isoformat()
    label, language = request.query_params.get("label", ""), request.query_params.get("language", desk.language)
    return Typed({"language": [language], "label": [label], "act_by": [by]})


def _filled(desk: Desk, alert: Alert, edition: Edition) -> Typed:
    """The form as the edition has it: asks that the case knows are ticks, the others are lines."""
    known: dict[str, str] = {}
    if alert.case_id:
        with desk.app.store.read() as tx:
            code = tx.cases.get(alert.case_id).code
        known = {ask.text: ask.id for ask in casework.file(desk.app.store, code).asks}
    return Typed({
        "language": [edition.language], "title": [edition.title], "body": [edition.body],
        "background": [edition.background], "fact": [line.fact_id for line in edition.facts],
        "ask": [known[ask] for ask in edition.asks if ask in known],
        "asks": ["\n".join(ask for ask in edition.asks if ask not in known)],
    })  # fmt: skip


def _started(alert: Alert, first: Edition, language: str) -> Typed:
    """Another language begins with the facts of the first: the same claims, in other words around them."""
    return Typed({"language": [language], "fact": [line.fact_id for line in first.facts]})


def _label(word: str) -> Label | None:
    try:
        return Label(word) if word else None
    except ValueError:
        raise Invalid("Choose who may read it.") from None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(f"“{text}” is not a day: write it as 2026-12-31.") from None
