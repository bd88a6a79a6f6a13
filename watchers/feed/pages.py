"""A web page where a feed was expected: whether it is one, and which feed it names."""

import html
import re
from urllib.parse import urljoin

from watchers import plain

KINDS = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"})
START = 64 * 1024
"""A page says in its head where its feed is; no more of it is looked at."""

LINK = re.compile(r"(?i)<link\s([^<>]{1,2000})>")
ATTRIBUTE = re.compile(r"""([a-zA-Z-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")


def is_page(body: bytes, content_type: str) -> bool:
    start = body[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html")) or (
        content_type.lower().startswith(("text/html", "application/xhtml")) and b"<html" in start
    )


def feed_of(body: bytes, url: str) -> str:
    """The first feed that the page names (`rel=alternate`), or nothing. Never the page itself."""
    for link in LINK.findall(body[:START].decode("utf-8", "replace")):
        said = {name.lower(): html.unescape(value.strip("\"'")) for name, value in ATTRIBUTE.findall(link)}
        if "alternate" not in said.get("rel", "").lower().split() or said.get("type", "").lower() not in KINDS:
            continue
        try:
            there = plain.link(urljoin(url, said.get("href", "")))
        except ValueError:
            continue
        if there and there != url:
            return there
    return ""
