"""Coming in and going out: sign-in, sign-out, and the invitation where a password is chosen."""

from fastapi import APIRouter, Request, Response

from alerts.domain.errors import Forbidden, Invalid, NotFound
from alerts.services import staffing
from alerts.web import guard
from alerts.web.errors import status_of
from alerts.web.guard import Here
from alerts.web.page import Posted, go, render

router = APIRouter()

TWO_WORDS = "The two passwords differ."


@router.get("/sign-in")
def sign_in_form(request: Request, next: str = guard.HOME) -> Response:
    return _form(request, next)


@router.post("/sign-in")
def sign_in(request: Request, desk: Here, form: Posted) -> Response:
    try:
        secret = staffing.sign_in(desk.app.store, form.one("email"), form.raw("password"), desk.app.wall())
    except Forbidden as refusal:
        return _form(request, form.one("next"), form.one("email"), str(refusal), status_of(refusal))
    return _in(request, desk, secret, form.one("next"))


@router.post("/sign-in/as")
def sign_in_as(request: Request, desk: Here, form: Posted) -> Response:
    """In the demo, by a name that its sign-in page offers. Raises NotFound at any other desk."""
    offered = {id for _, _, id in _offers(request)}
    if form.one("staff_id") not in offered:
        raise NotFound("This desk offers no names: sign in with your own.")
    return _in(request, desk, staffing.offer(desk.app.store, form.one("staff_id"), desk.app.wall()), form.one("next"))


@router.post("/sign-out")
def sign_out(request: Request, desk: Here) -> Response:
    secret = request.cookies.get(guard.cookie_name(desk.app))
    if secret:
        staffing.sign_out(desk.app.store, secret)
    answer = go("/sign-in")
    guard.show_out(answer, desk.app)
    return answer


@router.get("/invitation/{secret}")
def invitation(request: Request, desk: Here, secret: str) -> Response:
    staff = staffing.invited(desk.app.store, secret, desk.app.wall())
    return render(request, "invitation", invited=staff)


@router.post("/invitation/{secret}")
def accept(request: Request, desk: Here, secret: str, form: Posted) -> Response:
    staff = staffing.invited(desk.app.store, secret, desk.app.wall())
    try:
        if form.raw("password") != form.raw("again"):
            raise Invalid(TWO_WORDS)
        staffing.accept(desk.app.store, secret, form.raw("password"), desk.app.wall())
    except Invalid as refusal:
        return render(request, "invitation", status=400, invited=staff, wrong=str(refusal))
    session = staffing.sign_in(desk.app.store, staff.email, form.raw("password"), desk.app.wall())
    return _in(request, desk, session, guard.HOME)


def _in(request: Request, desk: guard.Desk, secret: str, next: str) -> Response:
    """A new session with a new secret; the one that this browser held before is over."""
    before = request.cookies.get(guard.cookie_name(desk.app))
    if before:
        staffing.sign_out(desk.app.store, before)
    answer = go(guard.inside(next))
    guard.let_in(answer, desk.app, secret)
    return answer


def _form(request: Request, next: str, email: str = "", wrong: str = "", status: int = 200) -> Response:
    values = {"next": guard.inside(next), "email": email, "wrong": wrong, "offered": _offers(request)}
    return render(request, "sign-in", status=status, **values)


def _offers(request: Request) -> list[tuple[str, str, str]]:
    offers = request.app.state.offers
    return offers() if offers else []
