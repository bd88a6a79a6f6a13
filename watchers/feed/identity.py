"""Which entry is which: by its guid, its link or its words. One way for each feed, so that no entry is new twice."""

import calendar
import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from alerts.domain import stories
from alerts.domain.times import Instant
from alerts.domain.watching import Identity, Item
from watchers import plain

LONGEST_TITLE, LONGEST_TEXT, LONGEST_KEY = 500, 20_000, 500
MOST_HAVE_IT = 0.95
TRACKING = re.compile(r"(?i)^(utm_\w+|fbclid|gclid|yclid|mc_[ce]id)$")


@dataclass(frozen=True, slots=True)
class Entry:
    """As the feed has it: title and text are mark-up."""

    guid: str = ""
    link: str = ""
    title: str = ""
    text: str = ""
    language: str = ""
    published: Instant | None = None


def choose(entries: list[Entry], before: str = "") -> Identity:
    """By what these are told apart: the guid where nearly all have one of their own, else the link, else the words.
    What was chosen before stays: only a person may change it.
    """
    if before:
        return Identity(before)
    for by, keys in ((Identity.GUID, [e.guid for e in entries]), (Identity.LINK, [e.link for e in entries])):
        given = [key for key in keys if key]
        if len(set(given)) == len(given) and len(given) >= MOST_HAVE_IT * len(entries):
            return by
    return Identity.TEXT if not any(e.link for e in entries) else Identity.GUID


def unique(entries: list[Entry], by: Identity) -> bool:
    """Whether each of them can be told apart from the others without looking at the others."""
    keys = [{Identity.GUID: e.guid, Identity.LINK: e.link, Identity.TEXT: e.title + e.text}[by] for e in entries]
    return all(keys) and len(set(keys)) == len(keys)


def items(entries: list[Entry], by: Identity, url: str) -> list[Item]:
    """Each entry as plain text, with its fingerprint. `url`: where the feed was, for links that are relative to it."""
    guids, links = Counter(e.guid for e in entries), Counter(e.link for e in entries)
    return [_item(e, by, url, guids[e.guid] == 1, links[e.link] == 1) for e in entries]


def _item(entry: Entry, by: Identity, url: str, own_guid: bool, own_link: bool) -> Item:
    title = plain.line(entry.title, LONGEST_TITLE)
    text = plain.text(entry.text, LONGEST_TEXT)
    guid, link = entry.guid, _absolute(entry.link, url)
    words = title + text[:500]
    if by is Identity.GUID and guid and own_guid:
        key = canonical(guid)
    elif by is not Identity.TEXT and link and own_link:  # some give every entry the same guid
        key = f"{guid} {canonical(link)}".strip() if by is Identity.GUID else canonical(link)
    else:
        key = _hash(words)
    return Item(
        fingerprint=key if len(key) <= LONGEST_KEY and key.isprintable() else _hash(key),
        title=title or text[:LONGEST_TITLE].partition("\n")[0] or link,
        link=link,
        text=text,
        language=re.sub(r"[^a-z].*", "", entry.language.lower())[:3],
        published=entry.published,
        content=stories.content(f"{title}\n{text}"),
    )


def canonical(address: str) -> str:
    """The same for an address that moved to https or carries another campaign's marks."""
    try:
        parts = urlsplit(address)
        query = urlencode([(k, v) for k, v in parse_qsl(parts.query, True) if not TRACKING.match(k)])
    except ValueError:
        return address
    if parts.scheme not in ("http", "https"):
        return address
    return urlunsplit(("https", parts.netloc.lower(), parts.path, query, ""))


def instant(parsed: Any) -> Instant | None:
    """What feedparser read is UTC. A year that no calendar has is no date."""
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
    except (TypeError, ValueError, OverflowError):
        return None


def _absolute(link: str, url: str) -> str:
    try:
        return plain.link(urljoin(url, link)) if link else ""
    except ValueError:
        return ""


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
