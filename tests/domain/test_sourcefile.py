"""Files of sources, and what is wrong with them."""

from __future__ import annotations

import pytest

from alerts.domain import opml, sourcefile
from alerts.domain.errors import Invalid
from alerts.domain.watching import Habits, Identity, Source
from alerts.settings import countries


def test_an_opml_file_keeps_its_titles() -> None:
    text = (
        '<?xml version="1.0" encoding="windows-1251"?>\n<opml version="2.0"><body><outline text="Азия">\n'
        '<outline type="rss" text="Новости" xmlUrl="https://news.example.org/feed#top"/>\n</outline></body></opml>'
    )
    rows, refusals = sourcefile.parse(text, countries())
    assert (rows, refusals) == ([sourcefile.Row(3, "https://news.example.org/feed", "Новости")], [])


def test_what_only_we_know_of_a_source_stands_in_a_namespace_of_ours() -> None:
    text = (
        "<opml version='2.0' xmlns:v='urn:vigil:source' xmlns:other='urn:x'><body><outline xmlUrl='https://a.example.org'"
        " v:country='kg' v:starred='yes' v:identity='link' other:starred='no' text='A'/></body></opml>"
    )
    [row], _ = sourcefile.parse(text, countries())
    assert (row.country, row.starred, row.identity) == ("KG", True, Identity.LINK)
    [row], _ = sourcefile.parse(text.replace(" xmlns:other='urn:x'", ""), countries())
    assert (row.country, row.starred) == ("", False), "a prefix that nobody declared: then nothing in it is ours"


def test_what_is_written_is_read_back() -> None:
    hostile = "\"><script>&amp; \u202eevil' Новости"
    sources = [
        Source("1", "https://a.example.org/?a=1&b=2", hostile.replace("\u202e", ""), country="KG", starred=True,
               habits=Habits(identity=Identity.TEXT)),
        Source("2", "https://b.example.org/", "=SUM(A1)"), Source("3", "https://c.example.org/"),
    ]  # fmt: skip
    written = [sourcefile.columns(source) for source in sources]
    for text in (opml.write("Our desk", written), sourcefile.write(written)):
        rows, refusals = sourcefile.parse(text, countries())
        assert refusals == []
        assert [(r.url, r.country, r.starred, r.identity) for r in rows] == [
            (s.url, s.country, s.starred, s.habits.identity) for s in sources
        ]
        assert [row.title for row in rows][:2] == [source.title for source in sources][:2]


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("utf-8", "utf-8"), ("UTF-8", "utf-8-sig"), ("windows-1251", "cp1251"), ("koi8-r", "koi8-r"), ("UTF-16", "utf-16"),
     ("gb2312", "gb2312"), ("utf-32", "utf-32"), ("iso-8859-5", "iso-8859-5")],
)  # fmt: skip
def test_a_file_is_read_in_whatever_encoding_it_declares(declared: str, encoding: str) -> None:
    text = (
        f'<?xml version="1.0" encoding="{declared}"?>\r\n<opml version="2.0"><body>\r\n'
        '<outline text="Новости" xmlUrl="https://news.example.org/feed"/></body></opml>'
    )
    rows, refusals = sourcefile.parse(opml.decode(text.encode(encoding)), countries())
    assert (rows, refusals) == ([sourcefile.Row(3, "https://news.example.org/feed", "Новости")], [])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("url\nhttps://a.example.org\nНовости".encode("cp1251"), "not UTF-8 text (line 3): save it as UTF-8"),
        (b"<?xml version='1.0' encoding='klingon'?><opml/>", "“klingon”, an unknown encoding"),
        (b"<?xml version='1.0' encoding='zip'?><opml/>", "“zip”, an unknown encoding"),
    ],
)
def test_what_cannot_be_decoded_is_named_with_its_line(data: bytes, says: str) -> None:
    with pytest.raises(Invalid) as refusal:
        opml.decode(data)
    assert says in str(refusal.value)


def test_five_thousand_sources_are_read_and_written() -> None:
    sources = [Source(str(n), f"https://n{n}.example.org/feed", f"Новости {n}") for n in range(5000)]
    rows, refusals = sourcefile.parse(opml.write("D", map(sourcefile.columns, sources)), countries())
    assert (len(rows), refusals) == (5000, [])


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
        ("url,identity\nhttps://a.example.org,name\n", 2, "none of guid, link, hash"),
        ("", 0, "names no source"),
        ("<opml><body><outline xmlUrl='https://a.example.org'>", 1, "this is not XML"),
        ("<html></html>", 1, "not OPML"),
        ('<!DOCTYPE o [<!ENTITY a "b">]>\n<opml/>', 1, "DOCTYPE"),
    ],
)
def test_a_bad_line_is_refused_with_its_reason(text: str, line: int, reason: str) -> None:
    _, refusals = sourcefile.parse(text, countries())
    assert refusals and (refusals[0].line, reason in refusals[0].reason) == (line, True), refusals
