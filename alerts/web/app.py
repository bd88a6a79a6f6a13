"""The pages of a desk. What is not public stands behind the guard, by construction."""

from collections.abc import Callable
from typing import Any

from fastapi import Depends, FastAPI
from starlette.staticfiles import StaticFiles

from alerts.bootstrap import App
from alerts.web import console, doors, errors, public, reader, signing, tell
from alerts.web.guard import signed_in
from alerts.web.page import STATIC
from alerts.web.shell import Shell

OPEN = (signing.router, public.router, reader.router, tell.router, doors.router)
"""What everybody may open. A reader's own pages take a signed link instead of a name and a password."""

SILENT: Any = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False}
"""FastAPI can report on requests to whoever listens; here nobody does, whatever is installed beside it."""

Offers = Callable[[], list[tuple[str, str, str]]]
"""Name, role and id of the staff whom the sign-in page of a demo offers by name."""


def pages(app: App, offers: Offers | None = None) -> FastAPI:
    """`offers` is for a demo alone: whoever opens its sign-in page may take any of these names."""
    site = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, telemetry=SILENT)
    site.state.desk, site.state.offers = app, offers
    site.add_middleware(Shell, base_url=app.settings.web.base_url)
    errors.install(site)
    site.mount("/static", StaticFiles(directory=STATIC), name="static")
    for router in OPEN:
        site.include_router(router)
    site.include_router(console.router(app), dependencies=[Depends(signed_in)])
    return site
