"""What stands in a feed: each entry as an item, in plain text. Runs in a child process (`watchers.parsing`)."""

import io
import re
import zlib
from itertools import pairwise
from statistics import median
from typing import Any
from xml.sax import SAXParseException

import feedparser

from alerts.domain.errors import Invalid
from alerts.domain.watching import Item, Reading
from watchers.feed import jsonfeed, quick
from watchers.feed.identity import Entry, choose, instant, items, unique
from watchers.feed.pages import is_page

LARGEST = 10 * 1024 * 1024
MOST = 5000
"""Entries of one document. Reading more could take minutes, and nobody's news comes by the ten thousand."""

HUGE_TAG = re.compile(rb"<[^<>]{65536}")
"""Attributes are read in quadratic time. No `<` stands in a tag, so that this looks at each byte twice at most."""

NOT_UTF_16 = re.compile(rb"""^(<\?xml[^<>]{0,200}?encoding\s*=\s*["'])utf-?16[a-z]*""", re.IGNORECASE)


def read(body: bytes, content_type: str, url: str, identity: str = "") -> Reading:
    """The feed's entries, oldest first. Raises Invalid, in words, where the body is no feed.

    A broken feed gives all entries that can be found in it: half of those in the wild are broken. `identity` is by what
    this feed's entries were told apart before; empty: what fits them best is chosen.
    """
    body = _unpacked(body)
    if not body.strip():
        raise Invalid("the answer is empty")
    if jsonfeed.looks_like(body):
        return _reading(*jsonfeed.load(body), url, identity)
    if HUGE_TAG.search(body):
        raise Invalid("the answer holds a tag of more than 64 KiB, which no feed does")
    return _reading(*_xml(body, content_type), url, identity)


def _reading(entries: list[Entry], version: str, ttl: int, url: str, identity: str) -> Reading:
    kept = entries[:MOST]
    by = choose(kept, identity)
    found = items(kept, by, url)
    dates = sorted(item.published for item in found if item.published)
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(dates)]
    return Reading(
        _oldest_first(found), version, by if entries else None, unique(kept, by), len(entries), ttl,
        round(median(gaps)) if gaps else 0,
    )  # fmt: skip


def _xml(body: bytes, content_type: str) -> tuple[list[Entry], str, int]:
    # whose declaration can be read byte by byte is not UTF-16, whatever it declares
    body = _shortened(NOT_UTF_16.sub(rb"\1utf-8", body.lstrip(b" \t\r\n")))
    if found := quick.read(body, content_type):
        return found
    # As a stream: bytes by themselves are taken for the name of a file, and that file is opened. Without the feed's own
    # address: it would become part of relative guids, and every entry would be new when the feed moves.
    stream, headers = io.BytesIO(body), {"content-type": content_type}
    feed = feedparser.parse(stream, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    broken = feed.get("bozo_exception")
    language = feed.feed.get("language", "")
    entries = [_entry(one, language) for one in feed.entries]
    says = any(entry.guid or entry.link or entry.title or entry.text for entry in entries)
    if not says and feed.version and isinstance(broken, SAXParseException):
        where = f"{broken.getMessage()} in line {broken.getLineNumber()}"
        raise Invalid(f"the answer is broken XML, without a complete entry: {where}")
    if not feed.version and (not feed.entries or is_page(body, content_type)):
        # not `bozo`: a log-in page may be well-formed, most feeds are not
        raise Invalid(_what_it_is(body, content_type))
    return entries, feed.version, _minutes(feed.feed.get("ttl"))


def _entry(entry: Any, language: str) -> Entry:
    bodies = [entry.get("summary", ""), *(content.get("value", "") for content in entry.get("content", ()))]
    return Entry(
        guid=entry.get("id", ""), link=entry.get("link", ""), title=entry.get("title", ""), text=max(bodies, key=len),
        language=entry.get("title_detail", {}).get("language") or language,
        # by the dict itself: feedparser's own `get` answers for one time with the other, and warns of it
        published=instant(dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")),
    )  # fmt: skip


def _minutes(ttl: object) -> int:
    """In seconds. What is no sane number is none."""
    return int(ttl) * 60 if isinstance(ttl, str) and re.fullmatch(r"[0-9]{1,6}", ttl.strip()) else 0


def _oldest_first(found: list[Item]) -> tuple[Item, ...]:
    """By date where every entry has one; else the feed's own order, which has the newest first, is trusted."""
    turned = found[::-1]
    dates = [item.published for item in turned if item.published]
    if len(dates) < len(turned):
        return tuple(turned)
    return tuple(item for _, item in sorted(zip(dates, turned, strict=True), key=lambda dated: dated[0]))


def _unpacked(body: bytes) -> bytes:
    """Some servers send a packed file without saying so."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        inflated = zlib.decompressobj(31).decompress(body, LARGEST + 1)
    except zlib.error:
        raise Invalid("the answer is a packed file that cannot be unpacked") from None
    if len(inflated) > LARGEST:
        raise Invalid("the answer is longer than 10 MiB once it is unpacked")
    return inflated


def _shortened(body: bytes) -> bytes:
    """Without the entries past the first 5,000."""
    starts = [found.start() for found in re.finditer(rb"<(?:item|entry)[\s>]", body)]
    ends = [found.end() for found in re.finditer(rb"</(?:item|entry)\s*>", body)]
    if len(starts) <= MOST:
        return body
    rest = body[ends[-1] :] if ends and ends[-1] > starts[MOST] else b""
    return body[: starts[MOST]] + rest


def _what_it_is(body: bytes, content_type: str) -> str:
    if is_page(body, content_type):
        return "the address answers with a web page, not a feed"
    return "the answer is not a feed"
