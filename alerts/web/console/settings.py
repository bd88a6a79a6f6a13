"""Settings: how the desk fares, who works here, what it watches, and what was done."""

from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response

from alerts.services import delivering, reaching, relays
from alerts.store.pages import desk as desk_page
from alerts.web.console.room import show
from alerts.web.guard import Here, Signed

router = APIRouter()


@router.get("/settings")
def settings(request: Request, desk: Here, staff: Signed, check: str = "") -> Response:
    """The chain of the log is read from its beginning only where that was asked for."""
    with desk.app.store.read() as tx:
        found = desk_page.desk(tx)
        tasks = reaching.staff_tasks(tx, desk.now)
        stuck = delivering.stuck(tx, desk.app.settings, desk.now)
        broken = tx.audit.broken_at() if check else None
    relay = urlsplit(desk.app.settings.smtp.url)
    there = relays.listing(desk.app.store, desk.app.settings, desk.now)
    return show(
        request, desk, staff, "settings", "settings", found=found, checked=bool(check), broken=broken,
        relay_at=relay.hostname or "", relays=there, settings=desk.app.settings, tasks=tasks,
        stuck=stuck,
    )  # fmt: skip
