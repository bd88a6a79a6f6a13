"""A reader's own pages, opened by a signed link: confirm, choose, leave, answer.

Mail scanners open every link and submit every form: a page that acts needs a choice, and none is made beforehand.
"""

from typing import Any

from fastapi import APIRouter, Request, Response

from alerts.domain.alerts import Kind
from alerts.domain.audience import Cadence
from alerts.domain.errors import Invalid
from alerts.domain.reach import Far
from alerts.domain.responses import Answer
from alerts.services import calendars, responding, subscribing
from alerts.services.links import Purpose
from alerts.services.subscribing import Reader
from alerts.web import choices
from alerts.web.errors import status_of
from alerts.web.guard import Desk, Here
from alerts.web.page import Posted, Typed, render

router = APIRouter()

CHOOSE = "Nothing is done yet: choose one of the answers."
LISTS = ("countries", "topics", "kinds", "reach", "rungs")
OFFERED_KINDS = (Kind.URGENT, Kind.REMINDER, Kind.UPDATE)


@router.get("/confirm/{token}")
def confirming(request: Request, desk: Here, token: str) -> Response:
    return _page(request, "confirm", subscribing.confirming(desk.app.store, token, desk.now), token)


@router.post("/confirm/{token}")
def confirm(request: Request, desk: Here, token: str, form: Posted) -> Response:
    reader = subscribing.confirming(desk.app.store, token, desk.now)
    if form.one("asked") == "yes":
        reader = subscribing.confirm(desk.app.store, token, desk.now)
        return _page(request, "confirmed", reader, token, asked=True, links=_links(desk, reader))
    if form.one("asked") == "no":  # who did not ask needs to do nothing: only a confirmed reader gets mail
        return _page(request, "confirmed", reader, token, asked=False, links=_links(desk, reader))
    return _page(request, "confirm", reader, token, CHOOSE)


@router.get("/leave/{token}")
@router.get("/leave/{token}/now")
def leaving(request: Request, desk: Here, token: str) -> Response:
    return _page(request, "leave", subscribing.leaving(desk.app.store, token, desk.now), token)


@router.post("/leave/{token}")
def leave(request: Request, desk: Here, token: str, form: Posted) -> Response:
    app, reader = desk.app, subscribing.leaving(desk.app.store, token, desk.now)
    match form.one("leave"):
        case "everything":
            reader = subscribing.leave(app.store, token, desk.now, app.queue)
        case "all-but-urgent":
            own = subscribing.token(app.vault, Purpose.PREFERENCES, reader.subscriber.id, desk.now)
            reader = subscribing.change(app.store, own, {"kinds": [Kind.URGENT]}, desk.now)
        case _:
            return _page(request, "leave", reader, token, CHOOSE)
    return _page(request, "left", reader, token, links=_links(desk, reader))


@router.post("/leave/{token}/now")
def leave_now(request: Request, desk: Here, token: str, form: Posted) -> Response:
    """One click in the reader's mail program, which posts this field (RFC 8058). No page of ours has such a form."""
    if form.one("List-Unsubscribe") != "One-Click":
        return _page(request, "leave", subscribing.leaving(desk.app.store, token, desk.now), token, CHOOSE)
    reader = subscribing.leave(desk.app.store, token, desk.now, desk.app.queue)
    return _page(request, "left", reader, token, links=_links(desk, reader))


@router.get("/preferences/{token}")
def preferences(request: Request, desk: Here, token: str) -> Response:
    reader = subscribing.preferences(desk.app.store, token, desk.now)
    return _preferences(request, desk, reader, token, _as_form(reader))


@router.post("/preferences/{token}")
def change(request: Request, desk: Here, token: str, form: Posted) -> Response:
    """Keeps what was changed. A form that comes back as it went out changes nothing."""
    reader = subscribing.preferences(desk.app.store, token, desk.now)
    if reader.subscriber.left_at:
        return _come_back(request, desk, reader, token, form.one("back"))
    if form.one("still") == "yes":
        reader = subscribing.still(desk.app.store, token, desk.now)
    sent = _chosen(form)
    if _in_order(sent) == _in_order(_chosen(_as_form(reader))):
        done = "still" if form.one("still") == "yes" else "nothing"
        return _preferences(request, desk, reader, token, _as_form(reader), done=done)
    try:
        reader = subscribing.change(desk.app.store, token, sent, desk.now)
    except Invalid as refusal:
        return _preferences(request, desk, reader, token, form, wrong=str(refusal), status=status_of(refusal))
    return _preferences(request, desk, reader, token, _as_form(reader), done="saved")


@router.post("/preferences/{token}/calendar")
def calendar(request: Request, desk: Here, token: str, form: Posted) -> Response:
    """A secret address for their calendar program, shown this once: only its hash is kept."""
    reader, store = subscribing.preferences(desk.app.store, token, desk.now), desk.app.store
    said: dict[str, Any] = {}
    match form.one("calendar"):
        case "new" if desk.app.settings.web.links:
            said = {"feed": f"{desk.app.settings.web.links}/calendar/{calendars.make(store, token, desk.now)}.ics"}
        case "off":
            calendars.give_up(store, token, desk.now)
            said = {"done": "calendar off"}
        case _:
            said = {"wrong": CHOOSE, "status": 400}
    return _preferences(request, desk, reader, token, _as_form(reader), **said)


@router.get("/answer/{token}")
def asked(request: Request, desk: Here, token: str) -> Response:
    alert = responding.asked(desk.app.store, token, desk.now)
    return render(request, "answer", alert=alert, token=token, text="", zone=desk.app.settings.desk.zone)


@router.post("/answer/{token}")
def answer(request: Request, desk: Here, token: str, form: Posted) -> Response:
    """What a reader will do. Raises NotFound."""
    alert = responding.asked(desk.app.store, token, desk.now)
    values: dict[str, Any] = {
        "alert": alert,
        "token": token,
        "text": form.one("text"),
        "zone": desk.app.settings.desk.zone,
    }
    given = form.one("answer")
    if given not in list(Answer):
        return render(request, "answer", status=400, wrong=CHOOSE, **values)
    try:
        response = responding.answer(desk.app.store, token, Answer(given), form.one("text"), desk.now, desk.app.queue)
    except Invalid as refusal:
        return render(request, "answer", status=400, wrong=str(refusal), **values)
    return render(request, "answered", response=response, **values)


def _come_back(request: Request, desk: Desk, reader: Reader, token: str, choice: str) -> Response:
    done, refused = "nothing", dict[str, Any]()
    if choice == "yes":
        reader, done = subscribing.stay(desk.app.store, token, desk.now), "back"
    elif choice != "no":
        done, refused = "", {"wrong": CHOOSE, "status": 400}
    return _preferences(request, desk, reader, token, _as_form(reader), done=done, **refused)


def _page(request: Request, name: str, reader: Reader, token: str, wrong: str = "", **values: Any) -> Response:
    """In the language that the reader chose for mails, unless this browser chose another."""
    values |= {"language": reader.subscriber.language, "reader": reader, "token": token, "wrong": wrong}
    return render(request, name, status=400 if wrong else 200, **values)


def _preferences(
    request: Request, desk: Desk, reader: Reader, token: str, form: Typed, *, status: int = 200, **values: Any
) -> Response:
    theirs, who = reader.subscription, reader.subscriber
    unheard = who.asked_at is not None and (who.heard_at is None or who.heard_at < who.asked_at)
    return render(
        request, "preferences", status=status, language=reader.subscriber.language, reader=reader, token=token,
        form=form, links=_links(desk, reader), reading=choices.READING, cadences=list(Cadence),
        offered=choices.offered(desk, theirs.countries), topics=choices.topics(desk, theirs.topics),
        zones=choices.zones(who.zone), asked_still=unheard, fars=list(Far), rungs=choices.rungs(form.parts("rungs")),
        kinds=[kind for kind in Kind if kind in OFFERED_KINDS or kind in theirs.kinds],
        calendar=calendars.made(desk.app.store, who.id), public=bool(desk.app.settings.web.links),
        **({"done": "", "feed": ""} | values),
    )  # fmt: skip


def _as_form(reader: Reader) -> Typed:
    who, what = reader.subscriber, reader.subscription
    return Typed({
        "countries": [*what.countries], "topics": [*what.topics], "kinds": [*what.kinds],
        "cases": ["; ".join(what.cases)], "cadence": [what.cadence],
        "language": [who.language], "zone": [who.zone], "quiet": [who.quiet], "note": [who.note],
        "show_note": ["yes"] if who.show_note else [],
        "reach": who.reach.split(";"), "rungs": who.rungs.split(";"), "nag": ["yes"] if who.nag else [],
        "calendar_names": ["yes"] if who.calendar_names else [],
    })  # fmt: skip


def _chosen(form: Typed) -> dict[str, str | list[str]]:
    lists: dict[str, str | list[str]] = {name: form.parts(name) for name in LISTS}
    lines = ("cases", "cadence", "language", "zone", "quiet", "note", "show_note", "nag", "calendar_names")
    return lists | {name: form.one(name) for name in lines}


def _in_order(chosen: dict[str, str | list[str]]) -> dict[str, str | list[str]]:
    """A page may list its boxes in another order than they were ticked: that is no change."""
    return {name: value if isinstance(value, str) else sorted(value) for name, value in chosen.items()}


def _links(desk: Desk, reader: Reader) -> dict[str, str]:
    """Paths of the reader's other pages."""
    vault, id = desk.app.vault, reader.subscriber.id
    return {
        "leave": f"/leave/{subscribing.token(vault, Purpose.LEAVE, id, desk.now)}",
        "preferences": f"/preferences/{subscribing.token(vault, Purpose.PREFERENCES, id, desk.now)}",
    }
