"""Subscribers: who waits for us to speak to them, who reads what, and who must not be written to."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from alerts.domain.errors import Conflict, Forbidden, Invalid, VigilError
from alerts.domain.staff import Staff
from alerts.services import stillreading, subscribers
from alerts.store import quiet_readers, views
from alerts.store.pages import people
from alerts.web.console.room import Page, show
from alerts.web.guard import Desk, Here, Signed
from alerts.web.page import Posted, go

router = APIRouter()

REFUSALS = (Invalid, Conflict, Forbidden)
WHICH = {
    "new": "confirmed",
    "trusted": "trusted",
    "waiting": "waiting",
    "left": "left",
    "stopped": "stopped",
    "silent": "silent",
    "all": "",
}


@router.get("/subscribers")
def subscribers_(
    request: Request, desk: Here, staff: Signed, which: str = "", page: Page = 1, address: str = ""
) -> Response:
    return _page(request, desk, staff, which, page, address=address.strip())


@router.post("/subscribers/{id}/vet")
def vet(request: Request, desk: Here, staff: Signed, id: str) -> Response:
    return _done(request, desk, staff, id, lambda email: subscribers.vet(desk.app.store, email, by=staff, now=desk.now))


@router.post("/subscribers/{id}/confirm")
def confirm(request: Request, desk: Here, staff: Signed, id: str) -> Response:
    return _done(
        request, desk, staff, id, lambda email: subscribers.confirm(desk.app.store, email, by=staff, now=desk.now)
    )  # fmt: skip


@router.post("/subscribers/{id}/stop")
def stop(request: Request, desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    def act(email: str) -> object:
        if not form.one("reason"):
            raise Invalid("Say why we must not write to them.")
        return subscribers.suppress(desk.app.store, email, form.one("reason"), by=staff, now=desk.now)

    return _done(request, desk, staff, id, act)


@router.post("/subscribers/{id}/lift")
def lift(request: Request, desk: Here, staff: Signed, id: str) -> Response:
    return _done(
        request, desk, staff, id, lambda email: subscribers.lift(desk.app.store, email, by=staff, now=desk.now)
    )  # fmt: skip


@router.post("/subscribers/{id}/keep")
def keep(request: Request, desk: Here, staff: Signed, id: str) -> Response:
    return _done(
        request, desk, staff, id, lambda email: stillreading.keep(desk.app.store, email, by=staff, now=desk.now)
    )  # fmt: skip


def _done(request: Request, desk: Desk, staff: Staff, id: str, act: Callable[[str], object]) -> Response:
    with desk.app.store.read() as tx:
        email = tx.subscribers.get(id).email
    which = request.query_params.get("which", "")
    try:
        act(email)
    except REFUSALS as refusal:
        return _page(request, desk, staff, which, 1, refusal)
    return go(f"/subscribers?which={which}" if which in WHICH else "/subscribers")


def _page(
    request: Request,
    desk: Desk,
    staff: Staff,
    which: str,
    page: int,
    refused: VigilError | None = None,
    address: str = "",
) -> Response:
    with desk.app.store.read() as tx:
        counts = views.standings(tx)
        which = which if which in WHICH else "new" if counts.confirmed else "all"
        if address:
            found, more = people.by_address(tx, address), False
        elif which == "silent":
            found, more = people.silent(tx, desk.now, page)
        else:
            found, more = people.subscribers(tx, WHICH[which], page)
        silent = quiet_readers.count(tx, desk.now)
    return show(
        request, desk, staff, "subscribers", "subscribers", refused, found=found, more=more, page=page, which=which,
        standing=counts, address=address, silent=silent,
    )  # fmt: skip
