"""The exercise desk in a browser: its pages, sign-in by name, and the mailbox in which all its mail ends."""

import asyncio
from collections.abc import Callable
from itertools import groupby

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from alerts.demo.catcher import Caught
from alerts.demo.exercise import Exercise
from alerts.domain.errors import NotFound
from alerts.services import staffing
from alerts.web.app import pages
from alerts.web.page import render
from alerts.web.serving import serve_site

MAIL = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
"""A mail brings its styles along, and nothing else; it stands in a frame of ours."""
FRAMED = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


async def serve_demo(exercise: Exercise, stop: asyncio.Event) -> None:
    """Serve until `stop` is set. Raises Invalid where the port is taken."""
    site = pages(exercise.app, _offers(exercise))
    site.include_router(mailbox(exercise))
    site.state.mailbox = "/mailbox"
    await serve_site(site, "127.0.0.1", exercise.port, stop)


def mailbox(exercise: Exercise) -> APIRouter:
    router = APIRouter()
    caught = exercise.catcher.mails

    @router.get("/mailbox")
    def all_mails(request: Request, to: str = "") -> Response:
        """The newest first; `to` shows one reader's."""
        shown = [mail for mail in reversed(caught) if not to or mail.to == to]
        alike = [list(mails) for _, mails in groupby(shown, key=lambda mail: mail.at)]
        readers = sorted({mail.to for mail in caught})
        posts = [_by_subject(mails) for mails in alike]
        return render(
            request, "mailbox", posts=posts, total=len(caught), readers=readers, to=to, told=exercise.told,
            over=exercise.over,
        )  # fmt: skip

    @router.get("/mailbox/{no}")
    def one_mail(request: Request, no: int, part: str = "html") -> Response:
        mail = _found(caught, no)
        answer = render(request, "mailbox-mail", mail=mail, part=part, headers=_shown(mail))
        answer.headers["Content-Security-Policy"] = FRAMED
        return answer

    @router.get("/mailbox/{no}/html")
    def html(no: int) -> Response:
        return HTMLResponse(_found(caught, no).html, headers={"Content-Security-Policy": MAIL})

    return router


def _by_subject(mails: list[Caught]) -> dict[str, list[Caught]]:
    """What went out at one moment: each text with the mails that carry it."""
    found: dict[str, list[Caught]] = {}
    for mail in mails:
        found.setdefault(mail.subject, []).append(mail)
    return found


def _found(caught: list[Caught], no: int) -> Caught:
    if not 1 <= no <= len(caught):
        raise NotFound("There is no such mail.")
    return caught[no - 1]


def _shown(mail: Caught) -> list[tuple[str, str]]:
    return [
        (name, str(value)) for name, value in mail.mail.items() if name.lower() not in ("content-type", "mime-version")
    ]


def _offers(exercise: Exercise) -> Callable[[], list[tuple[str, str, str]]]:
    return lambda: [(staff.name, staff.role.value, staff.id) for staff in staffing.everyone(exercise.app.store)]
