"""The rules of triage: those of the settings, which are shown, and those that admins write, order and remove here."""

import re
from typing import Any

from fastapi import APIRouter, Request, Response

from alerts.domain.errors import Conflict, Forbidden, Invalid, NotFound, VigilError
from alerts.domain.rules import TIERS
from alerts.domain.staff import Role, Staff
from alerts.domain.triage import Then
from alerts.services import rules
from alerts.web.console.room import show
from alerts.web.guard import Desk, Here, Signed
from alerts.web.page import Posted, Typed, go

router = APIRouter()

LISTS = ("countries", "cases", "topics", "words", "sources")
REFUSALS = (Invalid, Conflict, Forbidden, NotFound)


@router.get("/rules")
def listing(request: Request, desk: Here, staff: Signed, id: str = "") -> Response:
    """With `id` that rule stands in the form, to be changed."""
    kept = next((kept for kept in rules.listing(desk.app.store) if kept.id == id), None)
    return _page(request, desk, staff, _form(kept.values) if kept else Typed(), kept.id if kept else "")


@router.post("/rules")
def write(request: Request, desk: Here, staff: Signed, form: Posted) -> Response:
    try:
        rules.write(desk.app.store, _values(form), by=staff, now=desk.now, id=form.one("id"))
    except REFUSALS as refusal:
        return _page(request, desk, staff, form, form.one("id"), refusal)
    return go("/rules")


@router.post("/rules/{id}/earlier")
def earlier(desk: Here, staff: Signed, id: str) -> Response:
    rules.earlier(desk.app.store, id, by=staff, now=desk.now)
    return go("/rules")


@router.post("/rules/{id}/remove")
def remove(desk: Here, staff: Signed, id: str) -> Response:
    rules.remove(desk.app.store, id, by=staff, now=desk.now)
    return go("/rules")


def _page(
    request: Request, desk: Desk, staff: Staff, form: Typed, id: str = "", refused: VigilError | None = None
) -> Response:
    written = desk.app.settings.triage.rules
    return show(
        request, desk, staff, "rules", "settings", refused, written=written, kept=rules.listing(desk.app.store),
        form=form, id=id, thens=list(Then), tiers=list(TIERS), lists=LISTS, admin=staff.may(Role.ADMIN),
        page_critical=desk.app.settings.triage.page_critical,
    )  # fmt: skip


def _values(form: Typed) -> dict[str, Any]:
    """As TOML would hold it: what is empty is not there."""
    values: dict[str, Any] = {"name": form.one("name"), "then": form.one("then")}
    for key in LISTS:
        if found := [word.strip() for word in re.split(r"[,;\n]", form.one(key)) if word.strip()]:
            values[key] = found
    if form.one("tier"):
        values["tier"] = form.one("tier")
    if form.one("starred"):
        values["starred"] = True
    return values


def _form(values: dict[str, Any]) -> Typed:
    lists = {key: [", ".join(values.get(key, []))] for key in LISTS}
    starred = ["yes"] if values.get("starred") else []
    given = {key: [values.get(key, "")] for key in ("name", "then", "tier")}
    return Typed({**given, **lists, "starred": starred})
