"""A page: what every template may count on, and the form that comes back from it."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from alerts.bootstrap import App
from alerts.domain.staff import Staff
from alerts.web.guard import language_of

STATIC = Path(__file__).parent / "static"
A_YEAR = 365 * 24 * 3600
NO_SCRIPT = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LIVE = f"{NO_SCRIPT}; script-src 'self'; connect-src 'self'"
"""The console may run our own script files, for the live stream; a public page runs none."""


class Typed(dict[str, list[str]]):
    """What a form holds: every field with its values. A field that is not there reads as empty."""

    def one(self, name: str) -> str:
        return self.raw(name).strip()

    def raw(self, name: str) -> str:
        """As it was typed, with its spaces: for passwords."""
        return (self.get(name) or [""])[-1]

    def all(self, name: str) -> list[str]:
        return [value for value in self.get(name, []) if value]

    def parts(self, name: str) -> list[str]:
        """As `all`, where one value may hold several with “;” between them."""
        return [part.strip() for value in self.all(name) for part in value.split(";") if part.strip()]


async def typed(request: Request) -> Typed:
    """The form of a POST. Files are not taken."""
    form = Typed()
    for name, value in (await request.form(max_files=0, max_fields=1000)).multi_items():
        if isinstance(value, str):
            form.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return form


Posted = Annotated[Typed, Depends(typed)]


def render(request: Request, name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """templates/pages/<name>.html as an answer. `language`, where given, stands for what the browser says."""
    app: App = request.app.state.desk
    language = language_of(request, values.pop("language", "") or "")
    staff: Staff | None = getattr(request.state, "staff", None)
    common: dict[str, Any] = {
        "language": language, "tongues": _tongues(request, app), "style": static("desk.css"), "staff": staff,
        "now": app.now(), "room": "", "counts": {}, "wrong": "", "reviewed": app.render.reviewed(language),
        "mailbox": getattr(request.app.state, "mailbox", ""),
    }  # fmt: skip
    answer = HTMLResponse(app.render.page(name, **(common | values)), status)
    answer.headers["Content-Language"] = language
    if staff:
        answer.headers["Content-Security-Policy"] = LIVE
    chosen = request.query_params.get("lang")
    if chosen in app.render.languages:
        answer.set_cookie("vigil-lang", chosen, max_age=A_YEAR, path="/", httponly=True, samesite="lax")
    return answer


def go(path: str) -> RedirectResponse:
    """After a change: on to a page that may be loaded again."""
    return RedirectResponse(path, 303)


@cache
def static(name: str) -> str:
    """The address of a file in static/, which changes when the file does, so that browsers may keep it."""
    return f"/static/{name}?{hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def _tongues(request: Request, app: App) -> list[tuple[str, str]]:
    """Each language that pages speak, with the address of this page in it."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return [(code, f"?{urlencode([*kept, ('lang', code)])}") for code in app.render.languages]
