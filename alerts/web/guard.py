"""Who may come in: staff by one cookie, everybody else only where a page is public. Nobody else's page posts here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request, Response

from alerts.bootstrap import App
from alerts.domain.staff import Staff
from alerts.domain.times import Instant
from alerts.services import staffing

SAFE = ("GET", "HEAD", "OPTIONS")
HOME = "/today"


class SignInFirst(Exception):
    """Nobody is signed in. `next` is where they wanted to go."""

    def __init__(self, next: str) -> None:
        super().__init__()
        self.next = next


@dataclass(frozen=True, slots=True)
class Desk:
    """This desk, as one request meets it."""

    app: App
    language: str

    @property
    def now(self) -> Instant:
        return self.app.now()


def desk_of(request: Request) -> Desk:
    app: App = request.app.state.desk
    return Desk(app, language_of(request))


Here = Annotated[Desk, Depends(desk_of)]


def staff_if_any(request: Request) -> Staff | None:
    app: App = request.app.state.desk
    secret = request.cookies.get(cookie_name(app))
    staff = staffing.signed_in(app.store, secret, app.wall()) if secret else None
    request.state.staff = staff
    return staff


def staff_of(request: Request) -> Staff:
    """Who is signed in. Raises SignInFirst."""
    staff = staff_if_any(request)
    if staff is None:
        raise SignInFirst(_path(request) if request.method in SAFE else HOME)
    return staff


Signed = Annotated[Staff, Depends(staff_of)]


def signed_in(staff: Signed) -> None:
    """The guard before every page of the console. Raises SignInFirst."""


def cookie_name(app: App) -> str:
    """`__Host-` binds it to this one host and to TLS; on this computer alone there is no TLS."""
    return "__Host-vigil" if _tls(app) else "vigil"


def let_in(response: Response, app: App, secret: str) -> None:
    response.set_cookie(cookie_name(app), secret, path="/", secure=_tls(app), httponly=True, samesite="lax")


def show_out(response: Response, app: App) -> None:
    response.delete_cookie(cookie_name(app), path="/", secure=_tls(app), httponly=True, samesite="lax")


def inside(path: str) -> str:
    """The path, if it is one of ours; else the first room. Nobody is sent elsewhere by a link to our sign-in."""
    ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isascii() and path.isprintable()
    return path if ours else HOME


def same_origin(headers: Mapping[str, str], base_url: str) -> bool:
    """Whether a request that changes something comes from a page of ours. A browser that says nothing is refused."""
    fetched = headers.get("sec-fetch-site")
    if fetched:
        return fetched in ("same-origin", "none")
    origin = headers.get("origin", "")
    return bool(origin) and origin in (_origin(base_url), f"{urlsplit(base_url).scheme}://{headers.get('host', '')}")


def language_of(request: Request, readers: str = "") -> str:
    """What is spoken on this page: as chosen here, or as the reader told us (`readers`), or as the browser says."""
    app: App = request.app.state.desk
    known = app.render.languages
    chosen = (request.query_params.get("lang", ""), request.cookies.get("vigil-lang", ""), readers)
    for language in (*chosen, *_accepted(request.headers.get("accept-language", ""))):
        if language in known:
            return language
    return known[0]


def _accepted(header: str) -> list[str]:
    """The languages of an Accept-Language header, the most wanted first."""
    wanted: list[tuple[float, str]] = []
    for part in header.split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), tag.partition("-")[0].lower()))
        except ValueError:
            continue
    return [tag for weight, tag in sorted(wanted, key=lambda each: each[0]) if weight < 0]


def _path(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return quote(request.url.path, safe="/") + query


def _tls(app: App) -> bool:
    return urlsplit(app.settings.web.base_url).scheme == "https"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
