"""What everybody may open: the first page, subscribing, asking for one's link, and “is this mail from you?”."""

import ipaddress
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from alerts.domain.audience import Cadence, ReaderKind
from alerts.domain.errors import Forbidden, Invalid
from alerts.domain.reach import Far
from alerts.services import subscribing, throttle
from alerts.services.addresses import address
from alerts.store import public
from alerts.web import choices
from alerts.web.errors import status_of
from alerts.web.guard import HOME, Desk, Here, staff_if_any
from alerts.web.page import Posted, Typed, go, render

router = APIRouter()

MUCH: dict[str, tuple[Cadence, tuple[str, ...]]] = {
    "urgent": (Cadence.WEEKLY, ()),
    "all": (Cadence.IMMEDIATE, ()),
    "dates": (Cadence.IMMEDIATE, ("reminder",)),
}
"""“How much?”, as cadence and kinds. What is urgent never waits for a week to end."""

NO_ADDRESS = "Look at the address: this is not a mail address."
NO_COUNTRY = "Choose at least one country."
TOO_MANY = "Too many attempts from where you are: wait a minute."


@router.get("/")
def first(request: Request) -> Response:
    return go(HOME) if staff_if_any(request) else render(request, "front")


@router.get("/healthz")
def healthz() -> Response:
    return PlainTextResponse("ok")


@router.get("/subscribe")
def subscribe_form(request: Request, desk: Here) -> Response:
    return _subscribe_form(request, desk, Typed({"much": ["urgent"], "language": [desk.language]}))


@router.post("/subscribe")
def subscribe(request: Request, desk: Here, form: Posted) -> Response:
    """The same answer whoever lives at the address, known to us or not."""
    cadence, kinds = MUCH.get(form.one("much"), MUCH["urgent"])
    offered = [each.code for each in choices.offered(desk)]
    countries = offered if "all" in form.all("countries") else form.all("countries")
    asked = {name: form.one(name) for name in ("email", "organisation", "kind", "language", "zone", "quiet")}
    asked["reach"] = ";".join(form.parts("reach"))
    try:
        _check_address(asked["email"])
        if not countries:
            raise Invalid(NO_COUNTRY)
        wanted = subscribing.form({**asked, "countries": countries, "kinds": kinds, "cadence": cadence})
    except Invalid as refusal:
        return _subscribe_form(request, desk, form, refusal)
    subscribing.sign_up(desk.app.store, desk.app.queue, wanted, desk.now)
    return go("/subscribed")


@router.get("/subscribed")
def subscribed(request: Request) -> Response:
    return render(request, "subscribed")


@router.get("/preferences")
def link_form(request: Request) -> Response:
    return render(request, "link", email="")


@router.post("/preferences")
def ask_link(request: Request, desk: Here, form: Posted) -> Response:
    """The same answer for everybody: only the address itself learns whether it is known."""
    try:
        _check_address(form.one("email"))
    except Invalid as refusal:
        return render(request, "link", status=400, email=form.one("email"), wrong=str(refusal))
    subscribing.ask_link(desk.app.store, desk.app.queue, form.one("email"), desk.now)
    return go("/link-sent")


@router.get("/link-sent")
def link_sent(request: Request) -> Response:
    return render(request, "link-sent")


@router.get("/genuine")
def genuine_form(request: Request, reference: str = "") -> Response:
    if reference.strip():
        return go(f"/genuine/{''.join(filter(str.isalnum, reference)).upper()[:12] or '-'}")
    return render(request, "genuine", reference="", issues=[], zone="")


@router.get("/genuine/{reference}")
def genuine(request: Request, desk: Here, reference: str) -> Response:
    """What only we may know of is answered in the words for what never was; guessing is slowed down."""
    tries, key = throttle.of(desk.app.store), desk.app.vault.sign("genuine", _neighbourhood(request))
    if tries.waits(key, desk.app.wall()):
        raise Forbidden(TOO_MANY)
    with desk.app.store.read() as tx:
        issues = public.issues(tx, reference.strip().upper())
    if not issues:
        tries.failed(key, desk.app.wall())
    return render(request, "genuine", reference=reference[:12], issues=issues, zone=desk.app.settings.desk.zone)


def _subscribe_form(request: Request, desk: Desk, form: Typed, refusal: Invalid | None = None) -> Response:
    values: dict[str, Any] = {
        "offered": choices.offered(desk), "total": choices.total(desk), "zones": choices.zones(),
        "kinds": list(ReaderKind), "fars": list(Far), "reading": choices.READING, "form": form,
        "ticked": form.all("countries"), "wrong": str(refusal or ""),
    }  # fmt: skip
    return render(request, "subscribe", status=status_of(refusal) if refusal else 200, **values)


def _check_address(text: str) -> None:
    """Raises Invalid, in words for a form."""
    try:
        address(text)
    except Invalid:
        raise Invalid(NO_ADDRESS) from None


def _neighbourhood(request: Request) -> str:
    """Who asks, as far as a wish to ask often is shared: an IPv6 network counts as one."""
    host = request.client.host if request.client else ""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network(f"{found}/64", strict=False)) if found.version == 6 else host
