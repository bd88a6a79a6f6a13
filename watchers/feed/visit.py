"""One visit to a feed, or to a page that has none: ask for what changed. Nothing that a stranger serves does more than
fail this source.
"""

import time
from dataclasses import replace

from alerts.domain.errors import Invalid
from alerts.domain.polling import asks_for_all
from alerts.domain.times import Instant
from alerts.domain.watching import Cursor, Health, Item, Poll, Reading, Source
from alerts.egress import Answer, Egress, Failed
from watchers import parsing
from watchers.feed import answers, pages, parts

LARGEST = 10 * 1024 * 1024
READER, PAGE = "watchers.feed.entries", "watchers.page"


async def poll(source: Source, egress: Egress, now: Instant) -> Poll:
    """One visit. Where it fails, the reason is in words and the cursor stays."""
    began = time.monotonic()
    last = Cursor(body=source.cursor.body) if asks_for_all(source.habits, now) else source.cursor
    answer = await egress.get(source.url, etag=last.etag, modified=last.modified, local=source.local, limit=LARGEST)
    seconds = time.monotonic() - began
    if isinstance(answer, Failed):
        return Poll((), source.cursor, Health.BROKEN, answer.reason, away=answer.away, seconds=seconds)
    if answer.not_modified:
        floor = answers.lifetime(answer, now)
        return Poll((), source.cursor, floor=floor, seconds=seconds, moved_to=answer.moved)
    if not 200 <= answer.status < 300:
        return answers.refusal(answer, source.cursor, now)
    return replace(await _read(source, answer, now), seconds=seconds, whole=True)


async def _read(source: Source, answer: Answer, now: Instant) -> Poll:
    digest, last = parts.of_body(answer.body), source.cursor.body
    cursor = answers.validators(answer, digest)
    if digest == last:
        return Poll((), cursor, floor=answers.lifetime(answer, now), moved_to=answer.moved)
    content_type = answer.headers.get("content-type", "")
    try:
        reading = await _reading(source, answer.body, content_type, answer.url, digest)
    except Invalid as refusal:
        return _no_feed(source, answer, content_type, str(refusal))
    items = tuple(_dated(item, now) for item in reading.items)
    floor = answers.lifetime(answer, now, reading.ttl)
    return Poll(
        items, cursor, floor=floor, moved_to=answer.moved, identity=reading.identity, gap=reading.gap
    )  # fmt: skip


async def _reading(source: Source, body: bytes, content_type: str, url: str, digest: str) -> Reading:
    """What is new in the body. Where the cut-out document does not hold exactly what was left in it, all is read."""
    identity, suspect = source.habits.identity, source.failures > 0
    if source.kind == "page":
        return await parsing.read(PAGE, body, content_type, url, source.pick, suspect=suspect)
    cut, left = parts.only_new(source.id, source.cursor.body, body)
    if cut is not None and identity:
        reading = Reading(identity=identity)
        if left:
            reading = await parsing.read(READER, cut, content_type, url, identity, suspect=suspect)
        if reading.found == left:
            _remember(source, body, digest, reading.unique)
            return reading
    reading = await parsing.read(READER, body, content_type, url, identity or "", suspect=suspect)
    _remember(source, body, digest, reading.unique and reading.found == len(parts.split(body)))
    return reading


def _remember(source: Source, body: bytes, digest: str, sure: bool) -> None:
    """Only where each item can be told apart by itself: among others it would have another fingerprint."""
    if sure:
        parts.remember(source.id, body, digest)
    else:
        parts.forget(source.id)


def _no_feed(source: Source, answer: Answer, content_type: str, reason: str) -> Poll:
    """A page where a feed was: it names another address, or it is a wall."""
    if source.kind == "page" or not pages.is_page(answer.body, content_type):
        return Poll((), source.cursor, Health.BROKEN, reason)
    if found := pages.feed_of(answer.body, answer.url):
        return Poll((), source.cursor, Health.MOVED, f"{reason}; the page says that its feed is at {found}")
    return Poll((), source.cursor, Health.BLOCKED, reason)


def _dated(item: Item, now: Instant) -> Item:
    """A time that has not come yet is none: whoever writes one wants to stand first."""
    return item if not item.published or item.published <= now else replace(item, published=None)
