"""Files of sources, and what is wrong with them."""

from __future__ import annotations

import pytest

from alerts.domain import sourcefile
from alerts.settings import countries


def test_an_opml_file_keeps_its_titles() -> None:
    text = (
        '<?xml version="1.0" encoding="windows-1251"?>\n<opml version="2.0"><body><outline text="Азия">\n'
        '<outline type="rss" text="Новости" xmlUrl="https://news.example.org/feed#top"/>\n</outline></body></opml>'
    )
    rows, refusals = sourcefile.parse(text, countries())
    assert (rows, refusals) == ([sourcefile.Row(3, "https://news.example.org/feed", "Новости")], [])


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("url\nhttps://a.example.org\nftp://b.example.org\n", 3, "is not an address of the web"),
        ("url\nfile:///etc/passwd\n", 2, "is not an address of the web"),
        ("url,country\nhttps://a.example.org,XX\n", 2, "“XX” is not a country"),
        ("url\nhttps://a.example.org\nhttps://A.example.org/\n", 3, "stands in line 2 already"),
        ("url\nhttps://me:secret@a.example.org\n", 2, "password"),
        ('url,title\nhttps://a.example.org,"open\n', 2, "this is not CSV"),
        ("address\nhttps://a.example.org\n", 1, "must name the columns"),
        ("", 0, "names no source"),
        ("<opml><body><outline xmlUrl='https://a.example.org'>", 1, "this is not XML"),
        ("<html></html>", 1, "not OPML"),
        ('<!DOCTYPE o [<!ENTITY a "b">]>\n<opml/>', 1, "DOCTYPE"),
    ],
)
def test_a_bad_line_is_refused_with_its_reason(text: str, line: int, reason: str) -> None:
    _, refusals = sourcefile.parse(text, countries())
    assert refusals and (refusals[0].line, reason in refusals[0].reason) == (line, True), refusals
