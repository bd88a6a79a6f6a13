"""News on our people: use it for an appeal, take a date from it, say that it is not them, dismiss it or put it back."""

from dataclasses import replace
from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import APIRouter, Depends, Query, Request, Response

from alerts.domain.deadlines import Kind
from alerts.domain.errors import Invalid, NotFound
from alerts.domain.staff import Staff
from alerts.domain.triage import Handled, rises
from alerts.domain.watching import Tier
from alerts.services import triage, using
from alerts.services.judging import windows
from alerts.store.pages import news
from alerts.store.pages.news import Sieve
from alerts.web.console import marking, reasons
from alerts.web.console.room import Page, show
from alerts.web.guard import Desk, Here, Signed, inside
from alerts.web.page import Posted, Typed, go

router = APIRouter()

TIERS = {tier.name.lower(): tier for tier in Tier}
OURS = ("at", "done")
"""What an address carries only until the next step: where to go on reading, and what was just decided."""

Asked = Annotated[str, Query(max_length=200)]


def _sieve(case: Asked = "", country: Asked = "", tier: Asked = "", source: Asked = "") -> Sieve:
    return Sieve("waiting", case, country, TIERS.get(tier), source)


Sieved = Annotated[Sieve, Depends(_sieve)]


@router.get("/signals")
def waiting(request: Request, desk: Here, staff: Signed, sieve: Sieved, page: Page = 1) -> Response:
    return _page(request, desk, staff, sieve, page)


@router.get("/signals/aside")
def aside(request: Request, desk: Here, staff: Signed, sieve: Sieved, page: Page = 1) -> Response:
    return _page(request, desk, staff, replace(sieve, which="aside"), page)


@router.get("/signals/used")
def used(request: Request, desk: Here, staff: Signed, sieve: Sieved, page: Page = 1) -> Response:
    return _page(request, desk, staff, replace(sieve, which="used"), page)


@router.get("/signals/{id}")
def signal(request: Request, desk: Here, staff: Signed, id: str) -> Response:
    store, now = desk.app.store, desk.now
    seen = triage.get(store, id)
    with store.read() as tx:
        window = rises(seen.matches, windows(tx, now))
        codes = using.cases_of(tx, id)
    return show(
        request, desk, staff, "signal", "today", seen=seen, window=window, codes=codes, said=reasons.said,
        kinds=[*Kind], heading=marking.title(seen), lines=marking.whole(seen), link=marking.link(seen.signal.link),
        words=marking.words,
        dates=[found for found in seen.dates if found.deadline_id or found.offered(now)],
    )  # fmt: skip


@router.post("/signals/{id}/use")
def use(desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    """Start a draft from it; what it says is there to be rewritten."""
    seen = triage.get(desk.app.store, id)
    code = form.one("case") or (seen.matches[0].case_code if seen.matches else "")
    if not code:
        raise Invalid("This news names nobody whom we follow: say for which case you use it.")
    spoken = seen.signal.language[:2].lower()
    language = spoken if spoken in desk.app.render.languages else desk.language
    alert = using.use(
        desk.app.store, id, code, title=marking.line(seen.signal.title) or code, language=language, by=staff,
        now=desk.now,
    )  # fmt: skip
    return go(f"/alerts/{alert.id}/edit?language={language}&news={id}")


@router.post("/signals/{id}/not-them")
def not_them(desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    triage.mark(desk.app.store, id, Handled.NOT_THEM, by=staff, now=desk.now)
    return _onwards(form, id)


@router.post("/signals/{id}/dismiss")
def dismiss(desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    triage.mark(desk.app.store, id, Handled.DISMISSED, by=staff, now=desk.now)
    return _onwards(form, id)


@router.post("/signals/{id}/back")
def back(desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    triage.mark(desk.app.store, id, Handled.WAITING, by=staff, now=desk.now)
    return _onwards(form)


@router.post("/signals/{id}/date")
def date(desk: Here, staff: Signed, id: str, form: Posted) -> Response:
    """Add a date that stands in the text to a case; on its own page it can be mended."""
    kind = next((kind for kind in Kind if kind == form.one("kind")), None)
    if kind is None:
        raise Invalid("Choose what it is.")
    deadline = using.take_date(
        desk.app.store, form.one("proposal"), form.one("case"), by=staff, now=desk.now, kind=kind
    )  # fmt: skip
    return go(f"/dates/{deadline.id}")


def _page(request: Request, desk: Desk, staff: Staff, sieve: Sieve, page: int) -> Response:
    store, now = desk.app.store, desk.now
    with store.read() as tx:
        critical = windows(tx, now)
        found, more = news.listing(tx, sieve, page, critical)
        counts, choices = news.counts(tx, sieve), news.choices(tx)
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in (*OURS, "page", "lang")]
    return show(
        request, desk, staff, "signals", "today", which=sieve.which, sieve=sieve, page=page, more=more, listed=counts,
        choices=choices, news=found, query=f"{urlencode(kept)}&" if kept else "", done=_just_done(request, desk),
        here_is=f"{request.url.path}?{urlencode([*kept, ('page', page)])}", at=request.query_params.get("at", ""),
        title=marking.title, excerpt=marking.excerpt, link=marking.link, said=reasons.said, words=marking.words,
        pressing=lambda seen: rises(seen.matches, critical) if sieve.which == "waiting" else None,
        offered=lambda seen: [date for date in seen.dates if date.offered(now)],
    )  # fmt: skip


def _just_done(request: Request, desk: Desk) -> triage.Seen | None:
    """The news that was decided on a moment ago, so that a slip can be undone at once."""
    try:
        seen = triage.get(desk.app.store, request.query_params.get("done", ""))
    except NotFound:
        return None
    return seen if seen.verdict.handled in (Handled.NOT_THEM, Handled.DISMISSED) else None


def _onwards(form: Typed, done: str = "") -> Response:
    """Back to where it was decided, at the next one; whoever works through a list never begins at its top again.

    Not by a fragment: where an address has one, browsers focus nothing, and the keyboard would be lost.
    """
    to = urlsplit(inside(form.one("back") or "/signals"))
    if not to.path.startswith("/signals"):
        return go(to.path)
    kept = [(name, value) for name, value in parse_qsl(to.query) if name not in OURS]
    after = [(name, value) for name, value in (("at", form.one("next")), ("done", done)) if value]
    return go(f"{to.path}?{urlencode([*kept, *after])}")
