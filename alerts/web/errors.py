"""What a request gets when it is refused: one table, one page, one sentence. A bug's traceback stays in the log."""

import logging
import traceback
from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from alerts.domain.errors import Conflict, Forbidden, Invalid, NotFound, VigilError
from alerts.store import Unavailable
from alerts.web.guard import SignInFirst
from alerts.web.page import go, render

log = logging.getLogger("vigil.web")

TABLE: dict[type[Exception], int] = {Invalid: 400, Forbidden: 403, NotFound: 404, Conflict: 409, Unavailable: 503}
TRY_AGAIN = {"Retry-After": "10"}
ELSEWHERE = "This did not come from a page of this desk, so nothing was done. Open the page here and send it again."


def status_of(error: Exception) -> int:
    return next((status for kind, status in TABLE.items() if isinstance(error, kind)), 500)


def install(pages: FastAPI) -> None:
    pages.add_exception_handler(VigilError, _refused)
    pages.add_exception_handler(Unavailable, _refused)
    pages.add_exception_handler(RequestValidationError, _malformed)
    pages.add_exception_handler(HTTPException, _no_page)
    pages.add_exception_handler(SignInFirst, _sign_in_first)


def error_page(request: Request, status: int, sentence: str = "", headers: Mapping[str, str] | None = None) -> Response:
    """The one page for whatever went wrong, in the desk's style; `sentence` says what, where we know it."""
    answer = render(request, "error", status=status, code=status, sentence=sentence)
    answer.headers.update(headers or {})
    return answer


def bug(request: Request, error: Exception) -> Response:
    """A plain sentence outside; in the log the place in the code. The message may quote an address: it is left out."""
    where = "".join(traceback.format_tb(error.__traceback__))
    route = getattr(request.scope.get("route"), "path", "no route")
    log.error("A bug in Vigil, at %s %s: %s\n%s", request.method, route, type(error).__qualname__, where)
    return error_page(request, 500)


def _refused(request: Request, error: Exception) -> Response:
    status = status_of(error)
    return error_page(request, status, str(error), TRY_AGAIN if status == 503 else None)


def _malformed(request: Request, error: Exception) -> Response:
    return error_page(request, 400)


def _no_page(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return error_page(request, error.status_code, headers=error.headers)


def _sign_in_first(request: Request, error: Exception) -> Response:
    assert isinstance(error, SignInFirst)
    return go(f"/sign-in?{urlencode({'next': error.next})}")
