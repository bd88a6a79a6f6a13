"""Feeds as they are in the wild: broken, mislabelled, hostile."""

from __future__ import annotations

import gzip
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hostile import SLOW
from servers import FeedServer

from alerts.domain.errors import Invalid
from alerts.domain.watching import Cursor, Health, Identity, Item, Poll, Source
from alerts.egress import Egress
from watchers import feed, parsing
from watchers.feed import entries

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "https://news.example.org/feed"


def rss(*items: str, encoding: str = "utf-8") -> str:
    opening = f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"><channel><title>News</title>'
    return f"{opening}<language>ru-RU</language>{''.join(items)}</channel></rss>"


def entry(n: int, title: str = "", more: str = "") -> str:
    return f"<item><title>{title or f'Title {n}'}</title><link>https://news.example.org/{n}</link>{more}</item>"


def parse(text: str | bytes, content_type: str = "") -> tuple[Item, ...]:
    return entries.read(text if isinstance(text, bytes) else text.encode(), content_type, URL).items


# reading


def test_entries_come_oldest_first_with_their_time_in_utc() -> None:
    dated = [entry(n, more=f"<pubDate>Mon, {n:02} Jun 2010 10:00:00 +0500</pubDate>") for n in (9, 7, 8)]
    items = parse(rss(*dated))
    assert [item.title for item in items] == ["Title 7", "Title 8", "Title 9"]
    assert items[0].published == datetime(2010, 6, 7, 5, tzinfo=UTC)
    assert items[0].language == "ru"


def test_an_atom_feed_is_read() -> None:
    (item,) = parse(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><title type="html">A &amp;amp; B</title>'
        '<id>urn:1</id><link href="/one"/><updated>2010-06-07T10:00:00Z</updated>'
        '<content type="html">&lt;p&gt;One&lt;/p&gt;&lt;p&gt;two&lt;/p&gt;</content></entry></feed>'
    )
    assert (item.fingerprint, item.title, item.link, item.text) == (
        "urn:1", "A & B", "https://news.example.org/one", "One\ntwo",
    )  # fmt: skip


def test_broken_xml_keeps_every_entry_that_can_be_found() -> None:
    whole = rss(entry(1), entry(2), entry(3))
    cut = whole[: whole.index("</link>", whole.index("Title 3"))]
    assert [item.title for item in parse(cut)] == ["Title 3", "Title 2", "Title 1"]
    with pytest.raises(Invalid, match=r"broken XML, without a complete entry: .* in line \d"):
        parse(whole[: whole.index("<item>")])
    assert len(parse(rss(entry(1, "Fish & chips <b>"), entry(2)))) == 2


def test_cp1251_that_calls_itself_utf_8_is_read() -> None:
    text = rss(entry(1, "Азимжан Аскаров остаётся под стражей, сообщили его адвокаты в Бишкеке"))
    (item,) = parse(text.encode("cp1251"), "application/rss+xml; charset=utf-8")
    assert item.title.startswith("Азимжан Аскаров")


def test_a_packed_body_that_nobody_announced_is_unpacked() -> None:
    assert len(parse(gzip.compress(rss(entry(1)).encode()))) == 1
    with pytest.raises(Invalid, match="longer than 10 MiB"):
        parse(gzip.compress(bytes(50 * 1024 * 1024)))


@pytest.mark.parametrize(
    ("body", "content_type", "says"),
    [
        ("<!DOCTYPE html><html><body>Log in</body></html>", "text/html", "a web page, not a feed"),
        (
            '\n<html xmlns="http://www.w3.org/1999/xhtml"><p>Checking your browser</p></html>',
            "",
            "a web page, not a feed",
        ),
        ("", "application/rss+xml", "empty"),
        ('{"version": "1"}', "application/json", "JSON that is no JSON Feed"),
        ('{"version": "https://jsonfeed.org/version/1', "application/json", "JSON that is broken"),
        ("<rss><item a='" + "x" * 70_000 + "'/></rss>", "application/rss+xml", "a tag of more than 64 KiB"),
        ("User-agent: *", "text/plain", "not a feed"),
        ("/etc/passwd", "", "not a feed"),
        ("https://news.example.org/other", "", "not a feed"),
    ],
)
def test_what_is_no_feed_is_refused_in_words(body: str, content_type: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        parse(body, content_type)


def test_a_body_that_names_a_file_does_not_open_it(tmp_path: object) -> None:
    file = f"{tmp_path}/feed.xml"
    with open(file, "w", encoding="utf-8") as there:  # noqa: PTH123 the name is what matters here
        there.write(rss(entry(1)))
    with pytest.raises(Invalid):
        parse(file)


def test_a_hostile_title_becomes_plain_text() -> None:
    bidi = "\u202eevil\u202c \u2066x\u2069 \u200babc\u00ad"
    title = f"&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;Free {bidi}&#7; him"
    (item,) = parse(rss(entry(1, title)))
    assert item.title == "Free evil x abc him"


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://", "mailto:a@b.c"]
)
def test_a_link_that_is_no_address_of_the_web_is_left_out(link: str) -> None:
    (item,) = parse(rss(f"<item><title>T</title><guid isPermaLink='false'>1</guid><link>{link}</link></item>"))
    assert item.link == ""


def test_nothing_is_longer_than_it_may_be() -> None:
    long = entry(1, "t" * 3000, f"<description>{'d ' * 30_000}</description><guid>{'g' * 3000}</guid>")
    (item,) = parse(rss(long))
    assert len(item.title) == 500 and len(item.text) <= 20_000 and len(item.fingerprint) <= 500
    assert len(parse(rss(*(entry(n) for n in range(5500))))) == 5000


def test_a_feed_that_calls_itself_utf_16_and_is_not_is_read() -> None:
    (item,) = parse(rss(entry(1, "Суд отложил слушание"), encoding="utf-16"))
    assert item.title == "Суд отложил слушание"


# which entry is which


def test_an_entry_keeps_its_fingerprint_when_the_site_moves_to_https_or_tracks_its_readers() -> None:
    one = parse(rss("<item><title>T</title><link>http://News.example.org/1</link></item>"))
    two = parse(
        rss("<item><title>T!</title><link>https://news.example.org/1?utm_source=rss&amp;fbclid=x</link></item>")
    )
    assert one[0].fingerprint == two[0].fingerprint


def test_entries_that_share_one_guid_are_told_apart_by_their_links() -> None:
    items = parse(rss(*(entry(n, more="<guid isPermaLink='false'>same</guid>") for n in (1, 2))))
    assert len({item.fingerprint for item in items}) == 2


def test_entries_without_guid_and_link_are_told_apart_by_their_text() -> None:
    items = parse(
        rss("<item><title>One</title></item>", "<item><title>Two</title></item>", "<item><title>One</title></item>")
    )
    assert len({item.fingerprint for item in items}) == 2


@pytest.mark.parametrize(
    ("items", "identity"),
    [
        ([entry(n, more=f"<guid isPermaLink='false'>{n}</guid>") for n in range(3)], Identity.GUID),
        ([entry(n, more="<guid isPermaLink='false'>same</guid>") for n in range(3)], Identity.LINK),
        ([entry(n) for n in range(3)], Identity.LINK),
        (["<item><title>One</title></item>", "<item><title>Two</title></item>"], Identity.TEXT),
    ],
)
def test_what_tells_its_entries_apart_is_chosen_once_for_each_feed(items: list[str], identity: Identity) -> None:
    found = entries.read(rss(*items).encode(), "", URL)
    assert (found.identity, found.unique) == (identity, True)
    kept = entries.read(rss(*items).encode(), "", URL, Identity.TEXT)
    assert kept.identity is Identity.TEXT, "what was chosen before stays"
    assert len({item.fingerprint for item in kept.items}) == len(items)


# visiting


@pytest.fixture
async def egress(feed_server: FeedServer) -> AsyncIterator[Egress]:
    made = Egress((f"127.0.0.1:{feed_server.port}",), "https://desk.example.org")
    yield made
    await made.close()


async def visit(egress: Egress, url: str, cursor: Cursor = Cursor()) -> Poll:  # noqa: B008 frozen
    return await feed.poll(Source("s", url, cursor=cursor), egress, NOW)


async def test_a_visit_brings_items_and_where_to_go_on(egress: Egress, feed_server: FeedServer) -> None:
    url = feed_server.serve("/feed", rss(entry(1)), etag='W/"x"')
    poll = await visit(egress, url)
    assert [item.title for item in poll.items] == ["Title 1"]
    assert (poll.health, poll.cursor.etag) == (Health.OK, 'W/"x"')


async def test_what_has_not_changed_is_not_read_again(egress: Egress, feed_server: FeedServer) -> None:
    url = feed_server.serve("/feed", rss(entry(1)))
    first = await visit(egress, url)
    again = await visit(egress, url, first.cursor)
    assert (again.items, again.cursor, feed_server.last("/feed").status) == ((), first.cursor, 304)
    feed_server.serve("/feed", rss(entry(1)), etag='"other"')  # new validator, same bytes
    same = await visit(egress, url, first.cursor)
    assert (same.items, same.health, same.cursor.etag) == ((), Health.OK, '"other"')


async def test_a_date_in_the_future_is_no_date(egress: Egress, feed_server: FeedServer) -> None:
    later = format_datetime(NOW + timedelta(days=400))
    url = feed_server.serve("/feed", rss(entry(1, more=f"<pubDate>{later}</pubDate>")))
    assert [item.published for item in (await visit(egress, url)).items] == [None]


@pytest.mark.parametrize(
    ("status", "retry_after", "health", "says", "wait"),
    [
        (410, "", Health.GONE, "gone for good", None),
        (401, "", Health.BLOCKED, "log-in", None),
        (403, "", Health.BLOCKED, "refuses us", None),
        (429, "120", Health.BLOCKED, "too often", timedelta(seconds=120)),
        (429, "99999999", Health.BLOCKED, "too often", timedelta(hours=24)),
        (429, format_datetime(NOW + timedelta(hours=2), usegmt=True), Health.BLOCKED, "too often", timedelta(hours=2)),
        (429, "soon", Health.BLOCKED, "too often", None),
        (404, "", Health.BROKEN, "nothing at this address", None),
        (503, "60", Health.BROKEN, "503", timedelta(seconds=60)),
        (599, "", Health.BROKEN, "599", None),
    ],
)
async def test_a_refusal_is_told_in_words(
    egress: Egress,
    feed_server: FeedServer,
    status: int,
    retry_after: str,
    health: Health,
    says: str,
    wait: timedelta | None,
) -> None:
    url = feed_server.answer("/feed", status, **({"Retry_After": retry_after} if retry_after else {}))
    cursor = Cursor('"x"', "", "y")
    poll = await visit(egress, url, cursor)
    assert (poll.health, poll.wait, poll.cursor) == (health, wait, cursor)
    assert says in poll.reason


async def test_a_page_instead_of_the_feed_is_a_block_and_keeps_the_cursor(
    egress: Egress, feed_server: FeedServer
) -> None:
    url = feed_server.serve("/feed", "<html><body>Are you human?</body></html>", "text/html")
    poll = await visit(egress, url, Cursor("a", "b", "c"))
    assert (poll.health, poll.cursor) == (Health.BLOCKED, Cursor("a", "b", "c"))
    assert poll.reason == "the address answers with a web page, not a feed"


@pytest.mark.parametrize(
    ("head", "health", "names"),
    [
        ("<link rel='alternate' type='application/rss+xml' href='/rss?a=1&amp;b=2'>", Health.MOVED, "/rss?a=1&b=2"),
        ("<LINK TYPE=application/atom+xml HREF=/atom REL='Alternate home'>", Health.MOVED, "/atom"),
        ("<link rel='alternate' type='application/rss+xml' href='javascript:x'>", Health.BLOCKED, ""),
        ("<link rel='alternate' type='application/rss+xml' href='/feed'>", Health.BLOCKED, ""),
        ("<link rel='alternate' hreflang='ru' href='/ru'>", Health.BLOCKED, ""),
        ("<link " + "rel=alternate " * 3000, Health.BLOCKED, ""),
    ],
)
async def test_a_page_that_names_a_feed_says_where_it_moved(
    egress: Egress, feed_server: FeedServer, head: str, health: Health, names: str
) -> None:
    url = feed_server.serve("/feed", f"<!doctype html><html><head>{head}</head></html>", "text/html")
    poll = await visit(egress, url)
    assert poll.health is health
    assert poll.reason.endswith(f"its feed is at {feed_server.url(names)}" if names else "not a feed")


async def test_an_answer_may_say_for_how_long_nothing_changes(egress: Egress, feed_server: FeedServer) -> None:
    an_hour, tomorrow = (format_datetime(NOW + timedelta(hours=hours)) for hours in (1, 24))
    cases: list[tuple[dict[str, str], str, int | None]] = [
        ({"Cache_Control": "public, max-age=1800"}, "", 1800), ({"Cache_Control": "max-age=0"}, "", None),
        ({"Cache_Control": "s-maxage=99"}, "", None), ({"Expires": an_hour}, "", 3600), ({"Expires": "0"}, "", None),
        ({"Cache_Control": "no-cache", "Expires": tomorrow}, "", None), ({}, "<ttl>60</ttl>", 3600),
        ({"Cache_Control": "max-age=7200"}, "<ttl>60</ttl>", 7200), ({}, "<ttl>x</ttl>", None),
        ({"Cache_Control": "max-age=999999999"}, "", 86_400),
    ]  # fmt: skip
    for n, (headers, ttl, floor) in enumerate(cases):
        url = feed_server.serve(f"/{n}", rss(entry(1)).replace("<language>", f"{ttl}<language>"), **headers)
        poll = await visit(egress, url)
        assert poll.floor == (None if floor is None else timedelta(seconds=floor)), (headers, ttl)


async def test_a_feed_that_moved_for_good_says_where_to(egress: Egress, feed_server: FeedServer) -> None:
    there = feed_server.serve("/new", rss(entry(1)))
    assert (await visit(egress, feed_server.redirect("/old", "/new", 308))).moved_to == there
    assert (await visit(egress, feed_server.redirect("/old", "/new", 307))).moved_to == ""
    assert (await visit(egress, there)).moved_to == ""


async def test_a_server_that_is_away_is_broken_with_a_reason(egress: Egress) -> None:
    poll = await feed.poll(Source("s", "http://127.0.0.1:1/feed", local=True), egress, NOW)
    assert poll.health is Health.BROKEN and poll.reason and poll.away


# hostile


@pytest.mark.long
async def test_a_hostile_feed_is_ended_and_the_next_one_is_read() -> None:
    began = time.monotonic()
    with pytest.raises(Invalid, match="longer than 8 s"):
        await parsing.read("watchers.feed.entries", SLOW, "", URL)
    assert time.monotonic() - began < 10
    assert (await parsing.read("watchers.feed.entries", rss(entry(1)).encode(), "", URL)).found == 1


async def test_items_come_back_from_the_child_as_they_are() -> None:
    body = rss(entry(1, "«Тест» \u2028", "<pubDate>Mon, 07 Jun 2010 10:00:00 GMT</pubDate>"), entry(2)).encode()
    assert await parsing.read("watchers.feed.entries", body, "", URL) == entries.read(body, "", URL)
    with pytest.raises(Invalid, match="empty"):
        await parsing.read("watchers.feed.entries", b"", "", URL)
