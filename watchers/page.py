"""Watch a page that has no feed, as a court's list of hearings: each block of it is an item, known again by its words.

What was there before is known by its fingerprint, so that only blocks which came, or whose words changed, are news.
Like a feed it is read in a child process (see `parsing`), which is all that this module does.
"""

import codecs
import hashlib
import re
from email.message import Message
from urllib.parse import urljoin

import chardet
from cssselect import SelectorError
from lxml import etree
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from trafilatura import extract

from alerts.domain.errors import Invalid
from alerts.domain.watching import Identity, Item, Reading
from watchers import plain

MOST = 2000
LONGEST_TITLE, LONGEST_TEXT = 200, 5_000
SHORTEST = 15
"""Letters; a shorter block is a button, a date alone, a number of a page."""

CELLS = ("td", "th")
DECLARES = re.compile(rb"(?i)<(?:meta\b[^>]*|\?xml\b[^>]*)\b(?:charset|encoding)\s*=")


def read(body: bytes, content_type: str, url: str, pick: str = "") -> Reading:
    """As `parse`, of which each item is told apart by its words. Raises Invalid."""
    items = parse(body, content_type, url, pick)
    return Reading(items, "html", Identity.TEXT, found=len(items))


def parse(body: bytes, content_type: str, url: str, pick: str = "") -> tuple[Item, ...]:
    """The blocks that the CSS selector `pick` finds, or without one the paragraphs of the main text; the last first,
    for new ones stand at the top.

    Raises Invalid, in words, where there are none: the site was rebuilt, or the answer is another page.
    """
    if not body.strip():
        raise Invalid("the answer is empty")
    try:
        tree = document_fromstring(body, parser=HTMLParser(encoding=_charset(body, content_type), remove_comments=True))
    except (etree.LxmlError, ValueError, LookupError):
        raise Invalid("the answer cannot be read as a web page") from None
    blocks = _picked(tree, pick, url) if pick else _paragraphs(tree, url)
    if not blocks:
        raise Invalid(f"the page has no part “{pick}” any more" if pick else "the page has no text that could be read")
    language = (tree.get("lang") or "")[:2].lower()
    items = {item.fingerprint: item for item in (_item(words, link, language) for words, link in blocks[:MOST])}
    return tuple(reversed(items.values()))


def _picked(tree: HtmlElement, pick: str, url: str) -> list[tuple[str, str]]:
    try:
        found = CSSSelector(pick, translator="html")(tree)
    except SelectorError:
        raise Invalid(f"“{pick}” is no CSS selector: write one as table.hearings tr") from None
    blocks = [(_words(block), _link(block, url)) for block in found[: 2 * MOST]]
    return [(words, link) for words, link in blocks if len(words) >= SHORTEST]


def _paragraphs(tree: HtmlElement, url: str) -> list[tuple[str, str]]:
    """Without menus, footers and advertisements."""
    text = extract(tree, include_comments=False, include_tables=True, favor_recall=True) or ""
    lines = (" ".join(line.strip("|- ").split()) for line in text.splitlines())
    return [(line, url) for line in lines if len(line) >= SHORTEST]


def _words(block: HtmlElement) -> str:
    """On one line; the cells of a row stay apart."""
    cells = list(block.iter(*CELLS)) if block.tag == "tr" else []
    parts = [" ".join(part.text_content().split()) for part in (cells or [block])]
    return " · ".join(part for part in parts if part)


def _link(block: HtmlElement, url: str) -> str:
    for anchor in block.iter("a"):
        try:
            if found := plain.link(urljoin(url, anchor.get("href") or "")):
                return found
        except ValueError:
            continue
    return url


def _item(words: str, link: str, language: str) -> Item:
    clean = "".join(sign for sign in words if sign.isprintable())[:LONGEST_TEXT]
    fingerprint = hashlib.sha256(clean.casefold().encode("utf-8", "surrogatepass")).hexdigest()
    if len(clean) <= LONGEST_TITLE:
        return Item(fingerprint, clean, link, "", language)
    return Item(fingerprint, clean[:LONGEST_TITLE].rpartition(" ")[0] or clean[:LONGEST_TITLE], link, clean, language)


def _charset(body: bytes, content_type: str) -> str | None:
    """As the server says, else as the page says itself (None: it is asked), else what its bytes look like."""
    header = Message()
    header["content-type"] = content_type or "text/html"
    said = header.get_content_charset()
    if said and _known(said):
        return said
    if DECLARES.search(body[:4096]):
        return None
    try:
        body.decode()
        return "utf-8"
    except UnicodeDecodeError:
        found = chardet.detect(body[:50_000])["encoding"]
        return found if found and _known(found) else None


def _known(charset: str) -> bool:
    try:
        return codecs.lookup(charset) is not None
    except LookupError:
        return False
