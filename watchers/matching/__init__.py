"""Find the people whom we follow in a text, in whatever spelling, script and grammatical case."""

from watchers.matching.found import Hit
from watchers.matching.index import Index
from watchers.matching.people import Form

__all__ = ["Form", "Hit", "Index"]
