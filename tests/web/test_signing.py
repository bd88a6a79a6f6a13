"""Coming in and going out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from website import Visitor, Website, a_desk

from alerts.domain.staff import Role
from alerts.services import staffing

ANA, WORDS = "ana@desk.example", "correct horse battery"


@pytest.fixture
def site(tmp_path: Path, database_url: str) -> Iterator[Website]:
    app = a_desk(tmp_path, database_url)
    with Website(app) as site:
        yield site
    app.close()


def test_an_invitation_works_once_and_lets_its_holder_in(site: Website) -> None:
    link, visitor = invited(site), site.visitor()
    assert "Ana" in visitor.get(link).text
    answer = visitor.post(link, {"password": WORDS, "again": WORDS})
    assert (answer.status, answer.location) == (303, "/today")
    assert visitor.get("/").location == "/today"
    assert site.visitor().get(link).status == 404


def test_a_password_that_is_short_or_differs_is_refused_on_the_same_page(site: Website) -> None:
    link, visitor = invited(site), site.visitor()
    for words, again, said in (
        ("brief!", "brief!", "at least 12 letters"),
        (WORDS, "something else", "two passwords differ"),
    ):
        answer = visitor.post(link, {"password": words, "again": again})
        assert answer.status == 400 and said in answer.text
        assert words not in answer.text
    assert visitor.get("/").status == 200


def test_staff_sign_in_and_are_taken_to_where_they_wanted_to_go(site: Website) -> None:
    knows_password(site)
    visitor = site.visitor()
    door = visitor.get("/cases?find=a+b").location
    assert door == "/sign-in?next=%2Fcases%3Ffind%3Da%2Bb"
    assert 'name="next" value="/cases?find=a+b"' in visitor.get(door).text
    answer = visitor.post("/sign-in", {"email": ANA, "password": WORDS, "next": "/cases?find=a+b"})
    assert (answer.status, answer.location) == (303, "/cases?find=a+b")


def test_a_wrong_password_and_an_unknown_address_get_the_same_page(site: Website) -> None:
    knows_password(site)
    visitor = site.visitor()
    pages = [visitor.post("/sign-in", {"email": email, "password": "wrong"}) for email in (ANA, "bek@desk.example")]
    assert [page.status for page in pages] == [403, 403]
    assert pages[0].text.replace(ANA, "?") == pages[1].text.replace("bek@desk.example", "?")
    assert "vigil" not in visitor.cookies


def test_signing_out_ends_the_session_and_not_only_the_cookie(site: Website) -> None:
    visitor = knows_password(site)
    thief = Visitor(site.port, cookies=dict(visitor.cookies))
    assert visitor.post("/sign-out").location == "/sign-in"
    assert "vigil" not in visitor.cookies
    assert thief.get("/").status == 200
    assert thief.get("/today").location.startswith("/sign-in")


def test_a_link_cannot_sign_anybody_out(site: Website) -> None:
    visitor = knows_password(site)
    assert visitor.get("/sign-out").status == 405
    assert visitor.get("/").location == "/today"


def test_a_new_sign_in_ends_the_session_that_this_browser_had(site: Website) -> None:
    visitor = knows_password(site)
    before = dict(visitor.cookies)
    visitor.post("/sign-in", {"email": ANA, "password": WORDS})
    assert visitor.cookies["vigil"] != before["vigil"]
    assert Visitor(site.port, cookies=before).get("/").status == 200


def test_an_idle_session_ends_and_a_disabled_member_is_out_at_once(site: Website) -> None:
    visitor = knows_password(site)
    site.app.now.go_on(minutes=31)  # type: ignore[attr-defined]
    assert visitor.get("/").status == 200
    visitor.post("/sign-in", {"email": ANA, "password": WORDS})
    assert visitor.get("/").location == "/today"
    staffing.disable(site.app.store, ANA, by=None, now=site.app.now())
    assert visitor.get("/").status == 200
    assert visitor.post("/sign-in", {"email": ANA, "password": WORDS}).status == 403


def test_nobody_comes_in_by_name_at_a_real_desk(site: Website) -> None:
    staff, _ = staffing.add(site.app.store, ANA, Role.ADMIN, now=site.app.now())
    visitor = site.visitor()
    assert visitor.post("/sign-in/as", {"staff_id": staff.id}).status == 404
    assert "/sign-in/as" not in visitor.get("/sign-in").text


def test_the_exercise_offers_its_staff_by_name_and_nobody_else(tmp_path: Path) -> None:
    app = a_desk(tmp_path)
    ana, _ = staffing.add(app.store, ANA, Role.AUTHOR, now=app.now(), name="Ana")
    bek, _ = staffing.add(app.store, "bek@desk.example", Role.APPROVER, now=app.now(), name="Bek")
    with Website(app, lambda: [(ana.name, ana.role.value, ana.id)]) as site:
        visitor = site.visitor()
        page = visitor.get("/sign-in").text
        assert "Ana" in page and "Bek" not in page
        assert visitor.post("/sign-in/as", {"staff_id": bek.id}).status == 404
        assert visitor.post("/sign-in/as", {"staff_id": ana.id, "next": "/cases"}).location == "/cases"
        assert visitor.get("/").location == "/today"
    app.close()


def invited(site: Website) -> str:
    _, secret = staffing.add(site.app.store, ANA, Role.ADMIN, now=site.app.now(), name="Ana")
    return f"/invitation/{secret}"


def knows_password(site: Website) -> Visitor:
    visitor = site.visitor()
    assert visitor.post(invited(site), {"password": WORDS, "again": WORDS}).status == 303
    return visitor
