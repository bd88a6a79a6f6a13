"""What strangers wrote, as plain text: no mark-up, nothing invisible, nothing that turns the line around."""

import html
import re
import unicodedata
from urllib.parse import urlsplit

import nh3

BLOCKS = re.compile(r"(?i)<(?=/?(?:p|div|br|li|ul|ol|h[1-6]|tr|td|th|table|blockquote|section|article|hr)\b)")
LONGEST_LINK = 2000


def line(markup: str, most: int) -> str:
    """On one line, at most so many characters."""
    return " ".join(_words(markup).split())[:most].strip()


def text(markup: str, most: int) -> str:
    """Line by line as it was, without empty ones, at most so many characters."""
    lines = (" ".join(found.split()) for found in _words(markup).splitlines())
    return "\n".join(found for found in lines if found)[:most].strip()


def link(address: str) -> str:
    """The address if it is one of the web, else nothing: `javascript:` and `data:` are programs."""
    address = "%20".join(address.split())
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and parts.hostname and len(address) <= LONGEST_LINK
    except ValueError:
        return ""
    return address if good and address.isprintable() else ""


def _words(markup: str) -> str:
    if "<" in markup:
        # two paragraphs must not become one word, or no name at their seam is found
        markup = nh3.clean(BLOCKS.sub("\n<", markup), tags=set())
    seen = unicodedata.normalize("NFC", html.unescape(markup))
    if "".join(seen.split()).isprintable():  # nearly always, and fifty times as fast
        return seen
    return "".join(sign for sign in seen if sign.isprintable() or sign.isspace() or sign in _JOINERS)


_JOINERS = "\u200c\u200d"
"""Persian and Hindi need them. What else is not printable goes: controls, bidi overrides, zero widths, surrogates."""
