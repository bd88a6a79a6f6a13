"""What a stranger may serve to keep a reader busy, to reach inside, or to get words onto a page."""

from __future__ import annotations

import gzip
import json
import random


def rss(inside: bytes | str, opening: str = "") -> bytes:
    said = inside.encode() if isinstance(inside, str) else inside
    head = f"<?xml version='1.0'?>{opening}<rss version='2.0'><channel><title>N</title>".encode()
    return head + said + b"</channel></rss>"


def _laughs() -> bytes:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return rss("<item><title>&a9;</title></item>", f'<!DOCTYPE r [<!ENTITY a0 "ha">{entities}]>')


def _file(url: str) -> bytes:
    return rss("<item><title>&x;</title></item>", f'<!DOCTYPE r [<!ENTITY x SYSTEM "{url}">]>')


def _categories(count: int) -> bytes:
    """feedparser holds each against all others. The attribute keeps them from being read by expat alone."""
    return rss("<item lang='ru'>" + "".join(f"<category>c{n}</category>" for n in range(count)) + "</item>")


SLOW = _categories(60_000)

TITLED = rss("<item><title>T</title></item>")
JSON_FEED = "https://jsonfeed.org/version/1.1"

SHAPES: dict[str, bytes] = {
    "billion laughs": _laughs(),
    "quadratic entity": rss(
        f"<item><title>{'&a;' * 50_000}</title></item>", f'<!DOCTYPE r [<!ENTITY a "{"x" * 50_000}">]>'
    ),
    "a file as an entity": _file("file:///etc/passwd"),
    "an address as an entity": _file("http://127.0.0.1:1/"),
    "a document type elsewhere": b'<!DOCTYPE rss SYSTEM "http://127.0.0.1:1/x.dtd">' + TITLED[21:],
    "90,000 entries": rss("<item><title>T</title><link>http://x/</link></item>" * 90_000),
    "a text of 9 MB": rss(f"<item><title>T</title><description>{'слово ' * 800_000}</description></item>"),
    "a field of 6 MB of HTML": rss(f"<item><description>{'&lt;p&gt;a&lt;/p&gt;' * 300_000}</description></item>"),
    "250,000 comments that never end": rss(f"<item><description><![CDATA[{'<!--' * 250_000}]]></description></item>"),
    "100,000 attributes": rss("<item " + " ".join(f"a{n}='x'" for n in range(100_000)) + "/>"),
    "6,000 attributes": rss("<item " + " ".join(f"a{n}=''" for n in range(6_000)) + "/>"),
    "20,000 categories": _categories(20_000),
    "60,000 categories": SLOW,
    "an author of 32 KB": rss(f"<item><author>{'a@' * 16_000}</author></item>"),
    "a million <": rss("<item><title>" + "<" * 1_000_000 + "</title></item>"),
    "a million &": rss("<item><title>" + "&" * 1_000_000 + "</title></item>"),
    "100,000 deep": rss("<item>" + "<a>" * 100_000 + "</a>" * 100_000 + "</item>"),
    "50,000 deep in HTML": rss("<item><description>" + "&lt;b&gt;" * 50_000 + "</description></item>"),
    "200,000 entries that never end": rss("<item>" * 200_000),
    "a page of 2 MB": b"<html><body>" + b"<div class='x'><a href='/y'>z</a></div>" * 55_000,
    "a title of 9 MB": rss(f"<item><title>{'t' * 9_000_000}</title></item>"),
    "control characters": rss("<item><title>a\x00\x01\x1b[31mb</title></item>"),
    "bytes that are no text": bytes(random.Random(1).randrange(256) for _ in range(1_000_000)),
    "UTF-7": b"<?xml version='1.0' encoding='utf-7'?>" + rss("<item><title>+ADw-script+AD4-</title></item>")[21:],
    "UTF-16 by name only": b"<?xml version='1.0' encoding='utf-16'?>" + TITLED[21:],
    "a packed gigabyte": gzip.compress(bytes(1 << 30), 9),
    "JSON 100,000 deep": f'{{"version":"{JSON_FEED}","items":{"[" * 100_000}{"]" * 100_000}}}'.encode(),
    "JSON with 200,000 items": json.dumps(
        {"version": JSON_FEED, "items": [{"id": n, "content_text": "x"} for n in range(200_000)]}
    ).encode(),
    "a number of a megabyte in JSON": f'{{"version":"{JSON_FEED}","items":[{{"id":{"9" * 1_000_000}}}]}}'.encode(),
    "dates of no calendar": rss("".join(f"<item><title>T</title><pubDate>{d}</pubDate></item>" for d in (
        "Mon, 99 Foo 99999 99:99:99 +9999", "0000-00-00", "9999999999999999", "-1", "2026-11-24T25:61:61Z",
        "1" * 50_000,
    ))),
}  # fmt: skip
