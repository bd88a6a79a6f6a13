"""What readers do by a signed link: confirm, choose, leave, answer; and what a mail scanner cannot do for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from readerpages import (
    DAN,
    FORM,
    Forms,
    dump,
    mailed,
    on_the_list,
    published,
    reachable,
    reader,
    subscription,
    token,
)  # fmt: skip
from website import NOON, Website, a_desk

from alerts.domain.alerts import Kind
from alerts.domain.audience import Cadence
from alerts.services.links import Purpose
from alerts.store.tables import SUBSCRIBER


@pytest.fixture
def site(tmp_path: Path, database_url: str) -> Iterator[Website]:
    app = a_desk(tmp_path, database_url)
    with Website(app) as site:
        yield site
    app.close()


def test_no_is_an_answer_that_starts_nothing(site: Website) -> None:
    site.visitor().post("/subscribe", FORM)
    before = dump(site)
    link = mailed(site)
    before = dump(site)
    assert "You get no mails from us" in site.visitor().post(link, {"asked": "no"}).text
    assert dump(site) == before


def test_a_scanner_that_follows_every_link_and_submits_every_form_changes_nothing(site: Website) -> None:
    on_the_list(site)
    site.visitor().post("/subscribe", FORM | {"email": DAN})
    confirm, own = mailed(site), f"{reader(site).id}-{published(site, kind=Kind.URGENT).id}"
    mail = [
        confirm, f"/leave/{token(site, Purpose.LEAVE, reader(site).id)}",
        f"/leave/{token(site, Purpose.LEAVE, reader(site).id)}/now",
        f"/preferences/{token(site, Purpose.PREFERENCES, reader(site).id)}",
        f"/answer/{token(site, Purpose.ANSWER, own)}",
        "/genuine/7KQ4",
    ]  # fmt: skip
    before = dump(site)
    scanner = site.visitor()
    forms = 0
    for link in reachable(site, mail):
        for method in ("GET", "HEAD", "OPTIONS"):
            assert scanner.ask(method, link).status < 500
        for method, action, fields in Forms.of(scanner.get(link).text):
            forms += 1
            to = action or link
            answer = scanner.post(to, fields) if method == "post" else scanner.get(to)
            assert answer.status < 500
    assert forms >= 8
    assert dump(site) == before


def test_leaving_takes_a_choice_and_then_nothing_more_is_sent(site: Website) -> None:
    who = on_the_list(site)
    link = f"/leave/{token(site, Purpose.LEAVE, who.id)}"
    assert site.visitor().post(link).status == 400
    assert reader(site).left_at is None
    assert "You are off our list" in site.visitor().post(link, {"leave": "everything"}).text
    assert reader(site).left_at == NOON
    assert "We write to this address no more" in site.visitor().get(link).text


def test_a_reader_may_keep_what_is_urgent(site: Website) -> None:
    who = on_the_list(site)
    page = site.visitor().post(f"/leave/{token(site, Purpose.LEAVE, who.id)}", {"leave": "all-but-urgent"})
    assert "urgent appeals only" in page.text
    assert (reader(site).left_at, subscription(site).kinds) == (None, ("urgent",))


def test_one_click_in_a_mail_program_leaves_without_a_cookie_or_a_page(site: Website) -> None:
    who = on_the_list(site)
    link = f"/leave/{token(site, Purpose.LEAVE, who.id)}/now"
    provider = site.visitor()
    assert provider.get(link).status == 200 and provider.post(link, headers={}).status == 400
    assert reader(site).left_at is None
    assert provider.post(link, {"List-Unsubscribe": "One-Click"}, headers={}).status == 200
    assert reader(site).left_at == NOON


def test_who_left_comes_back_by_the_link_in_the_last_mail(site: Website) -> None:
    who = on_the_list(site)
    site.visitor().post(f"/leave/{token(site, Purpose.LEAVE, who.id)}", {"leave": "everything"})
    link = mailed(site)
    for choice, status in ({}, 400), ({"back": "no"}, 200), ({"countries": ["KZ"]}, 400):
        assert site.visitor().post(link, choice).status == status
    assert (reader(site).left_at, subscription(site).countries) == (NOON, ("KG",))
    assert "on our list again" in site.visitor().post(link, {"back": "yes"}).text
    assert reader(site).left_at is None


def test_a_link_for_one_reader_or_purpose_opens_nothing_else(site: Website) -> None:
    who = on_the_list(site)
    leave = token(site, Purpose.LEAVE, who.id)
    other = on_the_list(site, DAN)
    forged = leave.replace(who.id, other.id)
    for path in (
        f"/preferences/{leave}",
        f"/confirm/{leave}",
        f"/answer/{leave}",
        f"/leave/{forged}",
        "/leave/x",
        "/leave/%00",
    ):
        for answer in (site.visitor().get(path), site.visitor().post(path, {"leave": "everything", "asked": "yes"})):
            assert answer.status == 404 and "not valid" in answer.text, path
    assert reader(site, DAN).left_at is None


def test_preferences_are_kept_as_chosen(site: Website) -> None:
    who = on_the_list(site)
    link = f"/preferences/{token(site, Purpose.PREFERENCES, who.id)}"
    chosen = {
        "countries": ["KZ", "TJ"], "kinds": ["urgent", "update"], "cases": "KG-1; KG-2", "cadence": "daily",
        "language": "ru", "zone": "Asia/Almaty", "quiet": "22-7",
    }  # fmt: skip
    page = site.visitor().post(link, chosen)
    assert page.status == 200 and 'role="status"' in page.text
    now = subscription(site)
    assert (now.countries, now.cases, now.kinds, now.cadence) == (
        ("KZ", "TJ"), ("KG-1", "KG-2"), ("urgent", "update"), Cadence.DAILY,
    )  # fmt: skip
    assert (reader(site).language, reader(site).zone, reader(site).quiet) == ("ru", "Asia/Almaty", "22-07")
    before = dump(site)
    [(_, action, fields), _] = Forms.of(site.visitor().get(link).text)
    assert site.visitor().post(action, fields).status == 200
    assert dump(site) == before


def test_reach_reminders_and_the_calendar_are_kept_as_chosen(site: Website) -> None:
    who = on_the_list(site)
    link = f"/preferences/{token(site, Purpose.PREFERENCES, who.id)}"
    chosen = {
        "countries": ["KG"], "cadence": "daily", "language": "en", "rungs": ["T-3h", "T-3d"], "nag": "yes",
        "reach": ["KG two days", "", "KZ/Almaty next day; else phone"], "calendar_names": "yes",
    }  # fmt: skip
    page = site.visitor().post(link, chosen)
    assert page.status == 200 and "Kept." in page.text
    now = reader(site)
    assert (now.reach, now.rungs) == ("KG two days;KZ/Almaty next day;else phone", "T-3d;T-3h")
    assert now.nag and now.calendar_names
    before = dump(site)
    [(_, action, fields), _] = Forms.of(site.visitor().get(link).text)
    assert "Nothing was changed" in site.visitor().post(action, fields).text
    assert dump(site) == before
    wrong = site.visitor().post(link, {**chosen, "reach": ["KG soon"]})
    assert wrong.status == 400 and "write a country, or a city in it" in wrong.text
    assert dump(site) == before


def test_their_own_note_goes_into_mails_only_where_it_is_ticked(site: Website) -> None:
    who = on_the_list(site)
    link = f"/preferences/{token(site, Purpose.PREFERENCES, who.id)}"
    chosen = {"countries": ["KG"], "cadence": "daily", "language": "en", "note": "ask <Erlan>"}
    site.visitor().post(link, chosen)
    assert (reader(site).note, reader(site).show_note) == ("ask <Erlan>", False)
    assert "ask &lt;Erlan&gt;" in site.visitor().post(link, {**chosen, "show_note": "yes"}).text
    assert reader(site).show_note
    site.visitor().post(link, chosen)
    assert not reader(site).show_note


def test_who_was_asked_whether_they_still_read_says_so_by_a_choice(site: Website) -> None:
    who = on_the_list(site)
    link = f"/preferences/{token(site, Purpose.PREFERENCES, who.id)}"
    assert "still the right reader" not in site.visitor().get(link).text
    with site.app.store.begin() as tx:
        tx.subscribers.update(SUBSCRIBER.c.id == who.id, asked_at=NOON)
    page = site.visitor().get(link).text
    assert "still the right reader" in page
    [(_, action, fields), _] = Forms.of(page)
    assert "Nothing was changed" in site.visitor().post(action, fields).text
    assert reader(site).heard_at != NOON
    assert "as before" in site.visitor().post(action, {**fields, "still": "yes"}).text
    assert reader(site).heard_at == NOON


def test_preferences_that_ask_for_nothing_are_refused(site: Website) -> None:
    who = on_the_list(site)
    link = f"/preferences/{token(site, Purpose.PREFERENCES, who.id)}"
    answer = site.visitor().post(link, {"cadence": "weekly", "language": "en"})
    assert answer.status == 400 and "subscribes to nothing" in answer.text
    assert subscription(site).countries == ("KG",)


def test_an_answer_takes_a_choice_and_stays_with_us(site: Website) -> None:
    who, alert = on_the_list(site), published(site, kind=Kind.URGENT)
    link = f"/answer/{token(site, Purpose.ANSWER, f'{who.id}-{alert.id}')}"
    page = site.visitor().get(link).text
    assert "UA 014/2026 KGZ" in page and "Aida Sample" not in page and "checked" not in page
    refused = site.visitor().post(link, {"text": "We call at nine"})
    assert refused.status == 400 and "We call at nine" in refused.text
    page = site.visitor().post(link, {"answer": "yes", "text": "We call at <nine>"}).text
    assert "We call at &lt;nine&gt;" in page and "Your answer stays with us" in page
    with site.app.store.read() as tx:
        [response] = tx.responses.where()
    assert (response.answer.value, response.text) == ("yes", "We call at <nine>")


def test_a_readers_page_speaks_the_readers_language(site: Website) -> None:
    who = on_the_list(site, language="ru")
    link = f"/leave/{token(site, Purpose.LEAVE, who.id)}"
    assert '<html lang="ru">' in site.visitor(Accept_Language="en").get(link).text
    assert '<html lang="en">' in site.visitor().get(f"{link}?lang=en").text
