"""A reader's secret calendar: wanted, shown once, read by a program, renewed, turned off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import BEK, a_case
from calendarreaders import by_icalendar, by_khal
from readerpages import dump, on_the_list, reader, token
from website import NOON, Answer, Website, a_desk

from alerts.domain.deadlines import Kind
from alerts.domain.times import at
from alerts.services import deadlines
from alerts.services.links import WORDS, Purpose

FEED = re.compile(r"/calendar/[\w-]{43}\.ics")
HEARING = at("2030-07-01 10:00", "Asia/Bishkek")


@pytest.fixture
def site(tmp_path: Path, database_url: str) -> Iterator[Website]:
    app = a_desk(tmp_path, database_url)
    with Website(app) as site:
        yield site
    app.close()


def own(site: Website) -> str:
    return f"/preferences/{token(site, Purpose.PREFERENCES, reader(site).id)}"


def wants(site: Website, choice: str = "new") -> Answer:
    return site.visitor().post(f"{own(site)}/calendar", {"calendar": choice})


def feed_of(site: Website) -> str:
    found = FEED.search(wants(site).text)
    assert found
    return found[0]


def has_a_hearing(site: Website) -> str:
    with site.app.store.begin() as tx:
        tx.cases.add(a_case("KG-7"))
    return deadlines.enter(site.app.store, "KG-7", Kind.HEARING, HEARING, by=BEK, now=NOON).id


def test_it_is_off_until_it_is_wanted_and_shown_once(site: Website) -> None:
    on_the_list(site)
    page = site.visitor().get(own(site)).text
    assert "It is off until you want one" in page
    assert "Calendars may lag a day. Changes come by mail." in page
    page = wants(site).text
    assert "Calendars may lag a day. Changes come by mail." in page
    assert FEED.search(page)
    assert not FEED.search(site.visitor().get(own(site)).text)


def test_nothing_is_made_without_a_choice(site: Website) -> None:
    on_the_list(site)
    before = dump(site)
    assert wants(site, "").status == 400
    assert dump(site) == before


def test_a_calendar_program_reads_it(site: Website, tmp_path: Path) -> None:
    on_the_list(site, zone="Europe/Brussels")
    has_a_hearing(site)
    answer = site.visitor().get(feed_of(site))
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"].startswith("private")
    assert answer.headers["last-modified"].endswith("GMT")
    assert by_khal(answer.text.encode(), "Europe/Brussels", tmp_path) == [
        ("2030-07-01 06:00", "Hearing, Kyrgyzstan, KG-7")
    ]


def test_it_says_when_nothing_has_changed(site: Website) -> None:
    on_the_list(site)
    id, feed = has_a_hearing(site), feed_of(site)
    tag = site.visitor().get(feed).headers["etag"]
    again = site.visitor().ask("GET", feed, headers={"If-None-Match": tag})
    assert (again.status, again.text) == (304, "")
    app = site.app
    moved = at("2030-07-02 09:00", "Asia/Bishkek")
    deadlines.reschedule(app.store, app.queue, ("en",), id, moved, reason="", by=BEK, now=NOON)
    answer = site.visitor().ask("GET", feed, headers={"If-None-Match": tag})
    starts = sorted(event.start for event in by_icalendar(answer.text.encode()))
    assert starts == ["2030-07-01T04:00:00+00:00", "2030-07-02T03:00:00+00:00"]


def test_an_old_address_a_guessed_one_and_one_of_who_left_get_the_same_words(site: Website) -> None:
    on_the_list(site)
    old = feed_of(site)
    new = feed_of(site)
    answers = [site.visitor().get(path) for path in (old, f"/calendar/{'x' * 43}.ics", "/calendar/.ics%00.ics")]
    assert site.visitor().get(new).status == 200
    site.visitor().post(f"/leave/{token(site, Purpose.LEAVE, reader(site).id)}", {"leave": "everything"})
    answers.append(site.visitor().get(new))
    assert {answer.status for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert WORDS in answers[0].text


def test_it_is_turned_off(site: Website) -> None:
    on_the_list(site)
    feed = feed_of(site)
    assert "works no more" in wants(site, "off").text
    assert site.visitor().get(feed).status == 404


def test_looking_changes_nothing(site: Website) -> None:
    on_the_list(site)
    has_a_hearing(site)
    feed = feed_of(site)
    before = dump(site)
    for method in ("GET", "HEAD", "OPTIONS"):
        site.visitor().ask(method, feed)
    assert dump(site) == before
