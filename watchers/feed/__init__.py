"""Watch an RSS, Atom or JSON feed: each entry is an item.

`visit` asks the server, `answers` says what its answer means, `parts` finds what is new in the bytes, and `entries`
(with `jsonfeed`) reads them, in a child process: what is in there is written by strangers.
"""

from watchers.feed.visit import poll

__all__ = ["poll"]
