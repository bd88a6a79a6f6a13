"""What strangers do on pages: subscribe, ask for their link, look up a mail; and what they cannot learn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from browser import Browser
from readerpages import CLEO, DAN, FORM, dump, mailed, on_the_list, published, reader, subscription, token
from website import NOON, Website, a_desk

from alerts.domain.alerts import Kind, State
from alerts.domain.audience import Cadence
from alerts.domain.cases import Case
from alerts.domain.labels import Answer as Said
from alerts.domain.labels import Label
from alerts.services import subscribing
from alerts.services.links import Purpose


@pytest.fixture
def site(tmp_path: Path, database_url: str) -> Iterator[Website]:
    app = a_desk(tmp_path, database_url)
    with Website(app) as site:
        yield site
    app.close()


def test_a_reader_subscribes_confirms_and_is_on_the_list(site: Website) -> None:
    visitor = site.visitor()
    assert visitor.post("/subscribe", FORM).location == "/subscribed"
    link = mailed(site)
    assert "Kyrgyzstan" in visitor.get(link).text
    assert reader(site).confirmed_at is None
    page = visitor.post(link, {"asked": "yes"}).text
    assert "You are on our list" in page
    assert reader(site).confirmed_at == NOON
    wanted = subscription(site)
    assert (wanted.countries, wanted.kinds, wanted.cadence) == (("KG",), (), Cadence.WEEKLY)


def test_all_countries_and_court_dates_are_stored_as_what_they_mean(site: Website) -> None:
    site.visitor().post("/subscribe", FORM | {"countries": ["all"], "much": "dates"})
    wanted = subscription(site)
    assert wanted.countries == ("KZ", "KG", "TJ", "TM", "UZ")
    assert (wanted.kinds, wanted.cadence) == (("reminder",), Cadence.IMMEDIATE)


def test_the_receipt_is_the_same_whoever_lives_at_the_address(site: Website) -> None:
    on_the_list(site)
    left = on_the_list(site, DAN)
    subscribing.leave(site.app.store, token(site, Purpose.LEAVE, left.id), NOON)
    receipts = []
    for form in ("/subscribe", "/preferences"):
        for email in (CLEO, DAN, "new@mission.example", CLEO.upper()):
            answer = site.visitor().post(form, FORM | {"email": email})
            page = site.visitor().get(answer.location)
            kept = [(name, value) for name, value in answer.headers.items() if name != "date"]
            receipts.append((form, answer.status, kept, answer.body, page.body))
    assert len({str(receipt) for receipt in receipts}) == 2


def test_a_form_that_is_refused_comes_back_with_what_was_typed(site: Website) -> None:
    visitor = site.visitor()
    for wrong, said in (
        ({"email": "no address"}, "this is not a mail address"), ({"countries": []}, "at least one country"),
        ({"zone": "Mars/Base"}, "Mars/Base"), ({"quiet": "late"}, "quiet hours"),
        ({"countries": ["XX"]}, "not a country"),
    ):  # fmt: skip
        answer = visitor.post("/subscribe", FORM | {"organisation": "Embassy <N>"} | wrong)
        assert answer.status == 400 and said in answer.text, wrong
        assert "Embassy &lt;N&gt;" in answer.text
        if "countries" not in wrong:
            assert 'value="KG" checked' in answer.text
    assert "no address" in visitor.post("/preferences", {"email": "no address"}).text
    assert dump(site)["subscriber"] == []


def test_a_genuine_mail_is_known_by_its_reference_and_by_nothing_else(site: Website) -> None:
    published(site, kind=Kind.URGENT)
    page = site.visitor().get("/genuine/7kq4").text
    assert "UA 014/2026 KGZ" in page and "urgent appeal" in page and "1 June 2030" in page
    assert "Aida Sample" not in page
    assert site.visitor().get("/genuine?reference=7k-q4").location == "/genuine/7KQ4"


def test_what_only_we_know_is_answered_like_what_never_was(site: Website) -> None:
    published(site, reference="REDD", label=Label.RED, number="")
    published(site, reference="DRFT", state=State.DRAFT, published_at=None, number="")
    published(site, reference="AMBR", label=Label.AMBER, number="")
    pages = {site.visitor().get(f"/genuine/{name}").text.replace(name, "") for name in ("REDD", "DRFT", "NONE")}
    assert len(pages) == 1 and "know of no mail" in pages.pop()
    assert "urgent appeal" in site.visitor().get("/genuine/AMBR").text


def test_who_guesses_references_is_slowed_down(site: Website) -> None:
    published(site, kind=Kind.URGENT)
    guesses = [site.visitor().get(f"/genuine/AAA{letter}").status for letter in "ABCDEFG"]
    assert guesses == [200] * 5 + [403] * 2
    assert site.visitor().get("/genuine/7KQ4").status == 403
    site.app.now.go_on(minutes=2)  # type: ignore[attr-defined]
    assert site.visitor().get("/genuine/7KQ4").status == 200


def test_the_form_says_how_many_mails_a_country_means(site: Website) -> None:
    published(site, reference="AAAA", kind=Kind.URGENT)
    published(site, reference="BBBB", kind=Kind.REMINDER, countries=("KG", "KZ"))
    published(site, reference="CCCC", kind=Kind.REMINDER, published_at=NOON - timedelta(days=400))
    page = " ".join(site.visitor().get("/subscribe").text.split())
    for said in (
        "Kyrgyzstan<br><small> 2 mails last year, 1 urgent", "Kazakhstan<br><small> 1 mail last year",
        "Tajikistan<br><small> no mail last year", "All of these<br><small> 2 mails last year, 1 urgent",
    ):  # fmt: skip
        assert said.replace(" ", "") in page.replace(" ", ""), said


def test_nothing_secret_changes_what_strangers_see(site: Website) -> None:
    before = site.visitor().get("/subscribe").body
    with site.app.store.begin() as tx:
        tx.cases.add(
            Case("1", "BY-1", "BY", created_at=NOON), Case("2", "GE-1", "GE", answer=Said.TRUSTED_NAME, created_at=NOON)
        )
    published(site, reference="AAAA", label=Label.AMBER, countries=("AZ",), number="")
    published(site, reference="BBBB", label=Label.RED, countries=("KG",), number="", topics=("torture",))
    assert site.visitor().get("/subscribe").body == before
    with site.app.store.begin() as tx:
        tx.cases.add(Case("3", "AM-1", "AM", answer=Said.EVERYONE, created_at=NOON))
    assert "Armenia" in site.visitor().get("/subscribe").text


def test_a_page_weighs_little_and_runs_no_script(site: Website) -> None:
    who = on_the_list(site)
    visitor = site.visitor()
    for path in ("/", "/subscribe", "/genuine", "/sign-in", f"/preferences/{token(site, Purpose.PREFERENCES, who.id)}"):
        page = visitor.get(path)
        assert len(page.body) < 30_000 and page.status == 200
        assert "<script" not in page.text and "style=" not in page.text
        assert page.text.count("<h1>") == 1


def test_a_reader_walks_from_the_form_to_the_list_and_off_it_in_a_browser(tmp_path: Path, browser: Browser) -> None:
    app = a_desk(tmp_path, VIGIL_DESK__EXERCISE="EXERCISE – HISTORY 2010")
    with Website(app) as site:
        for page in (browser.desktop(), browser.phone()):
            email = f"cleo{id(page)}@mission.example"
            page.goto(f"{site.url}/subscribe")
            page.get_by_role("checkbox", name="Kyrgyzstan").check()
            page.get_by_label("Work e-mail").fill(email)
            page.get_by_role("button", name="Subscribe").click()
            page.get_by_role("heading", name="Look into your mailbox").wait_for()
            page.goto(site.url + mailed(site))
            page.get_by_label("Yes, I asked for this").check()
            page.get_by_role("button", name="Send my answer").click()
            page.get_by_role("link", name="Change what you get").click()
            page.get_by_role("link", name="Leave our list").click()
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            page.get_by_label("Everything").check()
            page.get_by_role("button", name="Send my answer").click()
            page.get_by_role("heading", name="You are off our list").wait_for()
            page.get_by_role("link", name="Русский").click()
            assert page.locator("html").get_attribute("lang") == "ru"
            assert reader(site, email).left_at == NOON
    assert browser.complaints == []
    app.close()
