"""What programs read instead of people. So far: a reader's secret calendar."""

import hashlib
from email.utils import format_datetime

from fastapi import APIRouter, Request, Response

from alerts.services import calendars
from alerts.web.guard import Here

router = APIRouter()

FOR_AN_HOUR = "private, max-age=3600"


@router.get("/calendar/{secret}.ics")
def calendar(request: Request, desk: Here, secret: str) -> Response:
    """Every flaw of the address, and every reason to give nothing, is answered in the same words."""
    found = calendars.shown(desk.app.store, secret, desk.now)
    reader = found.subscriber
    body = desk.app.render.calendar(found.entries, reader.language, reader.zone)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": FOR_AN_HOUR, "Content-Language": reader.language}
    if found.entries:
        changed = max(entry.changed_at for entry in found.entries)
        headers["Last-Modified"] = format_datetime(changed, usegmt=True)
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = 'inline; filename="dates.ics"'
    return Response(body, media_type="text/calendar; charset=utf-8", headers=headers)
