"""Who may come in, what a request may come from, and what every answer carries."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from website import Website, a_desk

from alerts.domain.errors import Conflict, Forbidden, Invalid, NotFound
from alerts.domain.staff import Role
from alerts.services import staffing
from alerts.store import Unavailable
from alerts.web import guard

PUBLIC = {
    ("GET", "/"), ("GET", "/healthz"), ("GET", "/sign-in"), ("POST", "/sign-in"), ("POST", "/sign-in/as"),
    ("POST", "/sign-out"), ("GET", "/invitation/{secret}"), ("POST", "/invitation/{secret}"),
    ("GET", "/subscribe"), ("POST", "/subscribe"),
    ("GET", "/subscribed"), ("GET", "/preferences"), ("POST", "/preferences"), ("GET", "/link-sent"),
    ("GET", "/genuine"), ("GET", "/genuine/{reference}"), ("GET", "/confirm/{token}"), ("POST", "/confirm/{token}"),
    ("GET", "/leave/{token}"), ("POST", "/leave/{token}"), ("GET", "/leave/{token}/now"),
    ("POST", "/leave/{token}/now"),
    ("GET", "/preferences/{token}"), ("POST", "/preferences/{token}"),
    ("POST", "/preferences/{token}/calendar"), ("GET", "/calendar/{secret}.ics"),
    ("GET", "/answer/{token}"), ("GET", "/tell/{token}"), ("POST", "/tell/{token}"),
    ("POST", "/answer/{token}"),
}  # fmt: skip
"""Whatever is not in this table needs somebody who is signed in."""

ONE_CLICK = "/leave/{token}/now"
ADDRESS = "cleo@mission.example"
REFUSALS = {Invalid: 400, Forbidden: 403, NotFound: 404, Conflict: 409, Unavailable: 503}


def failing(site: FastAPI) -> None:
    for kind in REFUSALS:

        def refuse(kind: type[Exception] = kind) -> None:
            raise kind("This is the sentence.")

        site.add_api_route(f"/fails/{kind.__name__}", refuse)

    def break_() -> None:
        raise RuntimeError(f"cannot write to {ADDRESS}")

    site.add_api_route("/fails/bug", break_)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Website]:
    app = a_desk(tmp_path, VIGIL_DESK__EXERCISE="EXERCISE – HISTORY 2010")
    with Website(app, add=failing) as site:
        yield site
    app.close()


def test_what_is_not_public_sends_a_stranger_to_the_door(site: Website) -> None:
    stranger, seen = site.visitor(), set()
    for method, path in routes(site):
        if path.startswith("/fails/"):
            continue
        seen.add((method, path))
        if (method, path) not in PUBLIC:
            answer = stranger.ask(method, path.replace("{", "").replace("}", ""))
            assert (answer.status, answer.location.partition("?")[0]) == (303, "/sign-in"), (method, path)
    assert seen >= PUBLIC
    assert len(seen - PUBLIC) > 10, "the rooms of the staff are missing"


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"Origin": "null"}, {"Origin": "https://evil.example"}, {"Origin": "http://sub.localhost:8080"},
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:8080"},
    ],
)  # fmt: skip
def test_no_other_page_can_press_a_button_here(site: Website, headers: dict[str, str]) -> None:
    visitor = site.visitor()
    signs_in(site, visitor)
    unsafe = [(method, path) for method, path in routes(site) if method not in guard.SAFE and path != ONE_CLICK]
    assert len(unsafe) > 8
    for method, path in unsafe:
        assert visitor.ask(method, path, headers=headers).status == 403, (method, path)
    assert visitor.get("/").location == "/today"


def test_a_browser_that_only_sends_its_origin_may_post(site: Website) -> None:
    visitor = site.visitor()
    for origin in ("http://localhost:8080", f"http://127.0.0.1:{site.port}"):
        assert visitor.post("/sign-out", headers={"Origin": origin}).status == 303


def test_every_answer_carries_the_headers_that_protect_it(site: Website) -> None:
    visitor = site.visitor()
    for path in (
        "/",
        "/subscribe",
        "/nowhere",
        "/fails/bug",
        "/fails/Unavailable",
        "/static/desk.css",
        "/healthz",
        "/today",
    ):
        headers = visitor.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self';"), path
        assert "script-src" not in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        kept = "public, max-age=86400" if path.startswith("/static") else "no-store"
        assert headers["Cache-Control"] == kept, path
    assert visitor.ask("POST", "/sign-out", headers={}).headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(("kind", "status"), REFUSALS.items(), ids=lambda value: getattr(value, "__name__", value))
def test_a_refusal_is_a_page_with_its_sentence(site: Website, kind: type[Exception], status: int) -> None:
    answer = site.visitor().get(f"/fails/{kind.__name__}")
    assert answer.status == status
    assert "This is the sentence." in answer.text and "EXERCISE – HISTORY 2010" in answer.text
    assert (answer.headers["Retry-After"] is not None) == (status == 503)


def test_a_bug_is_a_plain_sentence_outside_and_a_place_without_words_in_the_log(
    site: Website, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = site.visitor().get("/fails/bug")
    assert answer.status == 500 and "It is not your fault" in answer.text
    assert "RuntimeError" in caplog.text and "break_" in caplog.text
    assert ADDRESS not in caplog.text and ADDRESS not in answer.text


def test_an_unknown_page_and_a_wrong_verb_get_a_page_too(site: Website) -> None:
    assert site.visitor().get("/nowhere").status == 404
    wrong = site.visitor().post("/subscribed")
    assert wrong.status == 405 and wrong.headers["Allow"] == "GET"
    assert "<h1>" in wrong.text


def test_whoever_only_asks_whether_a_page_is_there_is_told(site: Website) -> None:
    answer = site.visitor().ask("HEAD", "/subscribe")
    assert (answer.status, answer.body) == (200, b"")


def test_a_form_that_would_fill_the_memory_is_refused(site: Website) -> None:
    answer = site.visitor().post("/sign-in", {"email": ["a" * 700_000] * 3})
    assert answer.status == 413 and "smaller parts" in answer.text


def test_the_language_is_the_one_chosen_here_then_the_browsers(site: Website) -> None:
    visitor = site.visitor()
    assert '<html lang="en">' in visitor.get("/").text
    assert '<html lang="ru">' in visitor.get("/", Accept_Language="xx, ru-KG;q=0.9, en;q=0.8").text
    assert '<html lang="en">' in visitor.get("/", Accept_Language="ru;q=nonsense").text
    assert '<html lang="ru">' in visitor.get("/?lang=ru").text
    assert '<html lang="ru">' in visitor.get("/subscribed", Accept_Language="en").text
    assert '<html lang="ru">' in visitor.get("/?lang=../../etc").text


@pytest.mark.parametrize(
    "path", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/a\r\nX: y", ""]
)
def test_nobody_is_sent_elsewhere_by_our_sign_in(path: str) -> None:
    assert guard.inside(path) == guard.HOME


def test_the_cookie_is_bound_to_its_host_where_there_is_tls(tmp_path: Path) -> None:
    app = a_desk(tmp_path, VIGIL_WEB__BASE_URL="https://desk.example.org")
    with Website(app) as site:
        visitor = site.visitor()
        answer = signs_in(site, visitor)
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-vigil=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; ")) and "Domain" not in cookie
    app.close()


def routes(site: Website) -> Iterator[tuple[str, str]]:
    """Every route of the site, also those of the routers that it includes."""

    def below(router: Any) -> Iterator[tuple[str, str]]:
        for route in router.routes:
            if inner := getattr(route, "original_router", None):
                yield from below(inner)
            elif methods := getattr(route, "methods", None):
                yield from ((method, route.path) for method in sorted(set(methods) - {"HEAD"}))

    return below(site.site)


def signs_in(site: Website, visitor: Any) -> Any:
    _, secret = staffing.add(site.app.store, "ana@desk.example", Role.ADMIN, now=site.app.now(), name="Ana")
    words = {"password": "a rather long sentence", "again": "a rather long sentence"}
    answer = visitor.post(f"/invitation/{secret}", words)
    assert answer.status == 303
    return answer
