"""JSON Feed 1.0 and 1.1 (jsonfeed.org). What is not as it should be is left out; an item is never refused for it."""

import html
import json
from datetime import UTC, datetime
from typing import Any

from alerts.domain.errors import Invalid
from alerts.domain.times import Instant
from watchers.feed.identity import Entry

VERSIONS = {"https://jsonfeed.org/version/1": "json1", "https://jsonfeed.org/version/1.1": "json11"}


def looks_like(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def load(body: bytes) -> tuple[list[Entry], str, int]:
    """Its entries, the version, and a lifetime, which this format has none of. Raises Invalid."""
    try:
        feed = json.loads(body.lstrip(b"\xef\xbb\xbf \t\r\n").decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise Invalid("the address answers with JSON that is broken") from None
    version = _text(feed, "version").replace("http://", "https://").rstrip("/") if isinstance(feed, dict) else ""
    if not version.startswith("https://jsonfeed.org/version/"):
        raise Invalid("the address answers with JSON that is no JSON Feed")
    found = feed.get("items")
    entries = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    language = _text(feed, "language")
    return [_entry(one, language) for one in entries], VERSIONS.get(version, "json"), 0


def _entry(item: dict[str, Any], language: str) -> Entry:
    # plain text is not mark-up yet
    text = _text(item, "content_html") or html.escape(_text(item, "content_text") or _text(item, "summary"))
    return Entry(
        guid=_text(item, "id"), link=_text(item, "url") or _text(item, "external_url"),
        title=html.escape(_text(item, "title"), quote=False), text=text, language=_text(item, "language") or language,
        published=_instant(_text(item, "date_published") or _text(item, "date_modified")),
    )  # fmt: skip


def _text(values: dict[str, Any], key: str) -> str:
    """The standard asks for readers who take a number where a text belongs."""
    value = values.get(key)
    return str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""


def _instant(written: str) -> Instant | None:
    try:
        found = datetime.fromisoformat(written)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
