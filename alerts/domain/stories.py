"""The same story, told by several sources: by its address, or by nearly the same words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from urllib.parse import urlsplit

from alerts.domain.watching import Signal

RECENT = timedelta(days=3)
SHINGLE, BITS = 3, 64
NEAR = 3
"""Bits of 64. Two texts of some length that differ by so little are one text that was edited."""

NO_LETTERS = bytes(sign for sign in range(128) if not chr(sign).isalpha())
LONG_ENOUGH = 30
"""Words. Shorter texts are alike by chance."""


@dataclass(frozen=True, slots=True)
class Told:
    """A signal of the last days that somebody has to see, with the place of the story that it tells."""

    signal_id: str
    story: str
    link: str
    alike: str


def content(signal_words: str) -> str:
    """A hash of the words without digits and ASCII's signs: another counter or date makes no new version."""
    letters = signal_words.casefold().encode("utf-8", "surrogatepass").translate(None, NO_LETTERS)
    return blake2b(letters, digest_size=8).hexdigest()


def likeness(words: str) -> str:
    """A simhash (Charikar 2002) over runs of three words, as 16 hexadecimal digits; empty for a short text."""
    found = re.findall(r"[^\W\d_]+", words.casefold())
    if len(found) < LONG_ENOUGH:
        return ""
    counts = [0] * BITS
    for n in range(len(found) - SHINGLE + 1):
        run = " ".join(found[n : n + SHINGLE]).encode("utf-8", "surrogatepass")
        bits = int.from_bytes(blake2b(run, digest_size=8).digest(), "big")
        for bit in range(BITS):
            counts[bit] += 1 if bits >> bit & 1 else -1
    return f"{sum(1 << bit for bit in range(BITS) if counts[bit] > 0):016x}"


def same(signal: Signal, alike: str, told: Iterable[Told]) -> str:
    """The story that this signal tells again, or nothing."""
    link = place(signal.link)
    for one in told:
        if link and link == place(one.link):
            return one.story
        if alike and one.alike and (int(alike, 16) ^ int(one.alike, 16)).bit_count() <= NEAR:
            return one.story
    return ""


def place(link: str) -> str:
    """What is left of an address without what telephones, campaigns and https add to it."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    host = re.sub(r"^(?:www|m|mobile|amp)\.", "", (parts.hostname or "").lower())
    path = re.sub(r"/amp/?$", "", parts.path).rstrip("/")
    query = "&".join(
        sorted(
            part for part in parts.query.split("&") if not re.match(r"(?i)(utm_\w+|fbclid|gclid|yclid|amp)(=|$)", part)
        )
    )
    return f"{host}{path}?{query}" if host and (path or query) else ""
