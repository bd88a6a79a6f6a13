"""What every room shares: the page with its rail, the page number, and a refusal shown beside what was typed."""

from typing import Annotated, Any

from fastapi import Query, Request, Response

from alerts.domain.errors import VigilError
from alerts.domain.staff import Role, Staff
from alerts.store import views
from alerts.store.pages import desk as desk_page
from alerts.web.console import clock
from alerts.web.console.pressing import pressing
from alerts.web.errors import status_of
from alerts.web.guard import Desk
from alerts.web.page import render, static

Page = Annotated[int, Query(ge=1, le=100_000)]
"""Which page of a list."""


def show(
    request: Request, desk: Desk, staff: Staff, name: str, room: str, refused: VigilError | None = None, **values: Any
) -> Response:
    """A page of a room. With `refused` it says why, and keeps the status that such a refusal has.

    Every page may show times on the clock of their place (`local`) and on the desk's (`here`), and staff by `names`.
    """
    now, zone = desk.now, desk.app.settings.desk.zone
    with desk.app.store.read() as tx:
        rail = views.rail(tx)
        waits = len(values["rows"] if "rows" in values else pressing(tx, desk.app.settings, now)) + rail.signals
        names = desk_page.names(tx)
    counts = {"today": waits, "cases": rail.cases, "alerts": rail.alerts, "subscribers": rail.new}
    return render(
        request, name, status=status_of(refused) if refused else 200, room=room, wrong=str(refused or ""),
        rooms=static("rooms.css"), may_write=staff.may(Role.AUTHOR), may_approve=staff.may(Role.APPROVER),
        counts={name: count or "" for name, count in counts.items()}, names=names,
        local=lambda when: clock.local(when, now, desk.language),
        here=lambda at: clock.here(at, zone, now, desk.language),
        since=lambda at: clock.since(at, now), **values,
    )  # fmt: skip
