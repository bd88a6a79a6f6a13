"""Today: what cannot wait, news on our people, the next seven days, answers, and one line on the desk itself."""

from typing import Any

from fastapi import APIRouter, Request, Response

from alerts.domain.triage import rises
from alerts.services import allowance, reading, relays
from alerts.services.judging import windows
from alerts.store.pages import news, today
from alerts.store.pages.news import Sieve
from alerts.web.console import clock, marking, reasons
from alerts.web.console.pressing import pressing
from alerts.web.console.room import show
from alerts.web.guard import Here, Signed

router = APIRouter()

NEWS, LAST = 12, 9


@router.get("/today")
def today_(request: Request, desk: Here, staff: Signed) -> Response:
    now, zone = desk.now, desk.app.settings.desk.zone
    with desk.app.store.read() as tx:
        critical = windows(tx, now)
        values: dict[str, Any] = {
            "unread": reading.count(tx),
            "rows": pressing(tx, desk.app.settings, now), "week": today.week(tx, now),
            "answers": today.replied(tx, now),
            "news": news.listing(tx, Sieve(), 1, critical, NEWS)[0], "aside": today.set_aside(tx, now),
            "condition": today.state(tx, now, clock.midnight(now, zone), relays.all_relays(tx, desk.app.settings)),
            "allowance": allowance.forecast(tx, desk.app.settings, 0, LAST, now),
        }  # fmt: skip
    return show(
        request, desk, staff, "today", "today", today=clock.today(now, zone, desk.language),
        title=marking.title, critical=lambda seen: rises(seen.matches, critical), said=reasons.said, **values,
    )  # fmt: skip
