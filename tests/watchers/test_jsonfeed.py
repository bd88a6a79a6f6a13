"""JSON Feed 1.0 and 1.1, as the specification has it and as it is written."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from alerts.domain.errors import Invalid
from alerts.domain.watching import Identity, Reading
from watchers.feed import entries

URL = "https://news.example.org/feed.json"


def read(*items: object, version: str = "https://jsonfeed.org/version/1.1", **more: object) -> Reading:
    return entries.read(json.dumps({"version": version, "items": items, **more}).encode(), "application/feed+json", URL)


def test_an_item_has_its_words_its_link_and_its_time() -> None:
    found = read(
        {"id": "1", "url": "/one", "title": "A & B <b>", "content_text": "1 < 2\nsecond line", "language": "ru",
         "date_published": "2026-11-24T10:00:00+06:00"},
        {"id": "2", "content_html": "<p>One</p><p>two</p>", "external_url": "https://x.example.org/2"},
        language="ky",
    )  # fmt: skip
    two, one = found.items
    assert (one.title, one.text, one.link) == ("A & B <b>", "1 < 2\nsecond line", "https://news.example.org/one")
    assert (one.published, one.language) == (datetime(2026, 11, 24, 4, tzinfo=UTC), "ru")
    assert (two.title, two.text, two.link, two.language) == ("One", "One\ntwo", "https://x.example.org/2", "ky")
    assert (found.version, found.identity, found.found) == ("json11", Identity.GUID, 2)


def test_a_number_where_a_text_belongs_is_taken_and_nonsense_left_out() -> None:
    found = read({"id": 7, "title": 8, "url": ["x"], "date_published": "soon"}, "no item", None, {"id": "a"})
    assert [(item.fingerprint, item.title) for item in found.items] == [("a", ""), ("7", "8")]
    assert read().items == entries.read(b'{"version":"https://jsonfeed.org/version/1","items":{}}', "", URL).items == ()


def test_markup_that_runs_becomes_plain_text() -> None:
    (item,) = read(
        {"id": "1", "content_html": "<img src=x onerror=alert(1)><b>hi</b>", "url": "javascript:alert(1)"}
    ).items
    assert (item.text, item.link) == ("hi", "")


@pytest.mark.parametrize(
    ("body", "says"),
    [(b"{}", "no JSON Feed"), (b"[1]", "no JSON Feed"), (b'{"version": "2"}', "no JSON Feed"), (b"{", "broken")],
)
def test_other_json_is_refused_in_words(body: bytes, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        entries.read(body, "application/json", URL)
