"""The page of a lawyer or a relative, opened by the link of one question: what is asked, and what we noted.

No account, no script, nobody's name. Mail scanners open links and press buttons: without a choice nothing is done.
"""

from typing import Any

from fastapi import APIRouter, Request, Response

from alerts.domain import times
from alerts.domain.errors import Conflict, Forbidden, Invalid, NotFound
from alerts.domain.questions import ANSWERS, Answer, Given, Seen, What
from alerts.domain.times import LocalTime
from alerts.services import answering, throttle
from alerts.services.answering import Asked
from alerts.web.console import clock
from alerts.web.errors import status_of
from alerts.web.guard import Desk, Here, language_of
from alerts.web.page import Posted, Typed, render
from alerts.web.public import TOO_MANY, neighbourhood

router = APIRouter()


@router.get("/tell/{token}")
def asked(request: Request, desk: Here, token: str) -> Response:
    return _page(request, desk, "tell", _asked(request, desk, token), token)


@router.post("/tell/{token}")
def tell(request: Request, desk: Here, token: str, form: Posted) -> Response:
    found, app = _asked(request, desk, token), desk.app
    try:
        given = _given(found, form)
        found = answering.answer(app.store, app.queue, app.render.languages, token, given, desk.now)
    except (Invalid, Conflict) as refusal:
        return _page(request, desk, "tell", found, token, form, refusal)
    return _page(request, desk, "told", found, token)


def _asked(request: Request, desk: Desk, token: str) -> Asked:
    """Raises NotFound. Whoever guesses is slowed down; who has a good link is not, wherever they are."""
    try:
        return answering.asked(desk.app.store, token, desk.now)
    except NotFound:
        tries, key = throttle.of(desk.app.store), desk.app.vault.sign("tell", neighbourhood(request))
        if tries.waits(key, desk.app.wall()):
            raise Forbidden(TOO_MANY) from None
        tries.failed(key, desk.app.wall())
        raise


def _given(found: Asked, form: Typed) -> Given:
    """Raises Invalid."""
    answer, seen = form.one("answer"), form.one("seen")
    return Given(
        Answer(answer) if answer in list(Answer) else Answer.NONE, Seen(seen) if seen in list(Seen) else Seen.NONE,
        _to(found, form), form.one("text"),
    )  # fmt: skip


def _to(found: Asked, form: Typed) -> LocalTime | None:
    """The new date, on the clock of the place. Raises Invalid."""
    day, hour, when = form.one("day"), form.one("hour"), found.question.when
    if hour and not day:
        raise Invalid("Give the day as well as the hour.")
    if not day or when is None:
        return None
    return times.at(f"{day} {hour}", when.zone) if hour else times.on(day, when.zone)


def _page(
    request: Request, desk: Desk, name: str, found: Asked, token: str, form: Typed | None = None,
    refused: Invalid | Conflict | None = None,
) -> Response:  # fmt: skip
    when, deadline = found.question.when, found.deadline
    language = language_of(request, found.confidant.language)
    values: dict[str, Any] = {
        "asked": found, "question": found.question, "confidant": found.confidant, "token": token,
        "form": form or Typed(),
        "moment": clock.local(when, desk.now, language) if when and when.exact else None,
        "answers": ANSWERS[found.question.what], "seen_too": found.question.what is not What.APPEALED,
        "now_set": deadline.when if deadline and found.question.led_to else when,
    }  # fmt: skip
    return render(
        request, name, status=status_of(refused) if refused else 200, language=language,
        wrong=str(refused or ""), **values,
    )  # fmt: skip
