"""Watch an RSS or Atom feed: each entry is an item."""

import calendar
import hashlib
import io
import re
import zlib
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit
from xml.sax import SAXParseException

import feedparser

from alerts.domain.errors import Invalid
from alerts.domain.times import Instant
from alerts.domain.watching import LONGEST_WAIT, Cursor, Health, Item, Poll, Source
from alerts.egress import Answer, Egress, Failed
from watchers import parsing, plain

LARGEST = 10 * 1024 * 1024
MOST = 2000
LONGEST_TITLE, LONGEST_TEXT, LONGEST_KEY = 500, 20_000, 500
TRACKING = re.compile(r"(?i)^(utm_\w+|fbclid|gclid|yclid|mc_[ce]id)$")


async def poll(source: Source, egress: Egress, now: Instant, reader: str = "watchers.feed") -> Poll:
    """One visit. Where it fails, the reason is in words and the cursor stays. `reader`: who reads what was fetched."""
    cursor = source.cursor
    answer = await egress.get(source.url, etag=cursor.etag, modified=cursor.modified, local=source.local, limit=LARGEST)
    if isinstance(answer, Failed):
        return Poll(cursor=cursor, health=Health.BROKEN, reason=answer.reason)
    if answer.not_modified:
        return Poll(cursor=cursor)
    if not 200 <= answer.status < 300:
        return _refusal(answer, cursor, now)
    new = Cursor(_kept(answer.etag), _kept(answer.modified), hashlib.blake2b(answer.body, digest_size=16).hexdigest())
    if new.body == cursor.body:
        return Poll(cursor=new)
    content_type = answer.headers.get("content-type", "")
    try:
        items = await parsing.parse(reader, answer.body, content_type, answer.url, source.pick)
    except Invalid as refusal:
        no_feed = source.kind == "feed" and is_page(answer.body, content_type)
        health = Health.BLOCKED if no_feed else Health.BROKEN
        return Poll(cursor=cursor, health=health, reason=str(refusal))
    return Poll(tuple(i if not i.published or i.published <= now else replace(i, published=None) for i in items), new)


def _kept(validator: str) -> str:
    """Byte for byte, or not at all: what is no text cannot be stored, and is no validator either."""
    return validator if validator.isprintable() and len(validator) <= 500 else ""


def parse(body: bytes, content_type: str, url: str) -> tuple[Item, ...]:
    """The feed's entries, oldest first, as plain text. Raises Invalid, in words, where the body is no feed.

    A broken feed gives all entries that it holds complete: half of those in the wild are broken.
    """
    body = _unpacked(body)
    if not body.strip():
        raise Invalid("the answer is empty")
    # As a stream: bytes by themselves are taken for the name of a file, and that file is opened. Without the feed's own
    # address: it would become part of relative guids, and every entry would be new when the feed moves.
    stream, headers = io.BytesIO(_shortened(body)), {"content-type": content_type}
    feed = feedparser.parse(stream, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    if not feed.version and (not feed.entries or is_page(body, content_type)):
        raise Invalid(
            _what_it_is(body, content_type)
        )  # not `bozo`: a log-in page may be well-formed, most feeds are not
    entries = feed.entries
    if isinstance(feed.get("bozo_exception"), SAXParseException):
        entries = entries[: len(entries) - _unfinished(body)]
        if not entries:
            line, why = feed.bozo_exception.getLineNumber(), feed.bozo_exception.getMessage()
            raise Invalid(f"the answer is broken XML, without a complete entry: {why} in line {line}")
    guids = Counter(entry.get("id", "") for entry in entries)
    links = Counter(entry.get("link", "") for entry in entries)
    language = feed.feed.get("language", "")
    items = [_item(entry, url, language, guids, links) for entry in entries[:MOST]]
    return _oldest_first(list({i.fingerprint: i for i in reversed(items)}.values()))


def _item(entry: Any, url: str, language: str, guids: Counter[str], links: Counter[str]) -> Item:
    title = plain.line(entry.get("title", ""), LONGEST_TITLE)
    bodies = [entry.get("summary", ""), *(content.get("value", "") for content in entry.get("content", ()))]
    text = plain.text(max(bodies, key=len), LONGEST_TEXT)
    guid, link = entry.get("id", ""), _absolute(entry.get("link", ""), url)
    if guid and guids[guid] == 1:
        key = _canonical(guid)
    elif link and links[entry.link] == 1:  # some give every entry the same guid
        key = f"{guid} {_canonical(link)}".strip()
    else:
        key = _hash(title + text[:500])
    own = entry.get("title_detail", {}).get("language") or language
    return Item(
        fingerprint=key if len(key) <= LONGEST_KEY and key.isprintable() else _hash(key),
        title=title or text[:LONGEST_TITLE].partition("\n")[0] or link,
        link=link,
        text=text,
        language=re.sub(r"[^a-z].*", "", own.lower())[:3],
        published=_instant(entry.get("published_parsed") or entry.get("updated_parsed")),
    )


def _absolute(link: str, url: str) -> str:
    try:
        return plain.link(urljoin(url, link)) if link else ""
    except ValueError:
        return ""


def _canonical(address: str) -> str:
    """The same for an address that moved to https or carries another campaign's marks."""
    try:
        parts = urlsplit(address)
        query = urlencode([(k, v) for k, v in parse_qsl(parts.query, True) if not TRACKING.match(k)])
    except ValueError:
        return address
    if parts.scheme not in ("http", "https"):
        return address
    return urlunsplit(("https", parts.netloc.lower(), parts.path, query, ""))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _instant(parsed: Any) -> Instant | None:
    """What feedparser read is UTC. A year that no calendar has is no date."""
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
    except (TypeError, ValueError, OverflowError):
        return None


def is_page(body: bytes, content_type: str) -> bool:
    start = body[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html")) or (
        content_type.lower().startswith(("text/html", "application/xhtml")) and b"<html" in start
    )


def _oldest_first(items: list[Item]) -> tuple[Item, ...]:
    """By date where every entry has one; else the feed's own order, which has the newest first, is trusted."""
    dated = [(i.published, n, i) for n, i in enumerate(items) if i.published]
    return tuple(i for _, _, i in sorted(dated)) if len(dated) == len(items) else tuple(items)


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
    """Without the entries past the first 2,000, whose reading alone could take minutes."""
    starts = [found.start() for found in re.finditer(rb"<(?:item|entry)[\s>]", body)]
    ends = [found.end() for found in re.finditer(rb"</(?:item|entry)\s*>", body)]
    if len(starts) <= MOST or not ends or ends[-1] < starts[MOST]:
        return body
    return body[: starts[MOST]] + body[ends[-1] :]


def _unfinished(body: bytes) -> int:
    """How many entries at the end were cut off. Kept so, they would never be read again once they are whole."""
    starts, ends = (len(re.findall(tag, body)) for tag in (rb"<(?:item|entry)[\s>]", rb"</(?:item|entry)\s*>"))
    return max(0, starts - ends)


def _what_it_is(body: bytes, content_type: str) -> str:
    if is_page(body, content_type):
        return "the address answers with a web page, not a feed"
    if body.lstrip()[:1] in (b"{", b"["):
        return "the address answers with JSON, not with RSS or Atom"
    return "the answer is not a feed"


def _refusal(answer: Answer, cursor: Cursor, now: Instant) -> Poll:
    wait = _wait(answer.headers.get("retry-after", ""), now)
    match answer.status:
        case 410:
            return Poll((), cursor, Health.GONE, "the server says that this feed is gone for good (410)", wait)
        case 401 | 407:
            return Poll((), cursor, Health.BLOCKED, f"the server wants a log-in ({answer.status})", wait)
        case 403 | 451:
            return Poll((), cursor, Health.BLOCKED, f"the server refuses us ({answer.status})", wait)
        case 429:
            return Poll((), cursor, Health.BLOCKED, "the server says that we come too often (429)", wait)
        case 404:
            return Poll((), cursor, Health.BROKEN, "there is nothing at this address (404)", wait)
    return Poll((), cursor, Health.BROKEN, f"the server answers {answer.status} {_phrase(answer.status)}".strip(), wait)


def _phrase(status: int) -> str:
    try:
        return f"({HTTPStatus(status).phrase})"
    except ValueError:
        return ""


def _wait(retry_after: str, now: Instant) -> timedelta | None:
    """How long we are asked to stay away, a day at most: seconds, or a date."""
    if re.fullmatch(r"\d{1,9}", retry_after.strip()):
        return min(timedelta(seconds=int(retry_after)), LONGEST_WAIT)
    try:
        return min(max(parsedate_to_datetime(retry_after) - now, timedelta(0)), LONGEST_WAIT)
    except (TypeError, ValueError, OverflowError):  # none, nonsense, or a date without its zone
        return None
