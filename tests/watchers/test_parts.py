"""Of a feed that changed only what is new in it is read, and nothing is lost by that."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from servers import FeedServer

from alerts.domain.polling import after
from alerts.domain.watching import Source
from alerts.egress import Egress
from watchers import feed
from watchers.feed import parts

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def item(n: int, title: str = "", more: str = "") -> str:
    return f"<item><title>{title or f'T{n}'}</title><guid isPermaLink='false'>{n}</guid>{more}</item>\n"


def document(*items: str) -> str:
    return f"<rss version='2.0'><channel><title>N</title>\n{''.join(items)}</channel></rss>"


class Visited:
    """One source that is visited again and again, as the engine does it."""

    def __init__(self, egress: Egress, server: FeedServer) -> None:
        self.egress, self.server = egress, server
        self.source = Source(f"s{id(self)}", server.url("/feed"))

    async def brings(self, body: str, etag: str = "", *, kept: bool = True) -> list[str]:
        self.server.serve("/feed", body, etag=etag)
        poll = await feed.poll(self.source, self.egress, NOW)
        assert poll.health.works, poll.reason
        if kept:  # else what it brought was never recorded
            self.source = after(self.source, poll, NOW, new=len(poll.items))
        return [one.title for one in poll.items]


@pytest.fixture
async def visited(feed_server: FeedServer) -> AsyncIterator[Visited]:
    egress = Egress((f"127.0.0.1:{feed_server.port}",), "")
    yield Visited(egress, feed_server)
    await egress.close()


async def test_only_what_is_new_comes_the_next_time(visited: Visited) -> None:
    assert await visited.brings(document(item(2), item(1))) == ["T1", "T2"]
    assert await visited.brings(document(item(3), item(2), item(1))) == ["T3"]
    assert await visited.brings(document(item(3), item(2, "T2, corrected"), item(1))) == ["T2, corrected"]
    assert await visited.brings(document(item(3), item(1)), '"other"') == []


async def test_what_was_not_recorded_comes_again(visited: Visited) -> None:
    """Seen to fail where the last reading alone decides what is known: T3 was lost."""
    await visited.brings(document(item(1)))
    assert await visited.brings(document(item(3), item(1)), kept=False) == ["T3"]
    assert "T3" in await visited.brings(document(item(4), item(3), item(1)))


async def test_a_feed_whose_items_share_their_guid_is_read_whole(visited: Visited) -> None:
    """An item alone would have another fingerprint than among its like."""
    one = "<item><title>S%s</title><guid>same</guid><link>https://x.example.org/%s</link></item>"
    same = [one % (n, n) for n in (1, 2, 3)]
    await visited.brings(document(item(1)))
    assert await visited.brings(document(*same[:2], item(1))) == ["S2", "S1"]
    assert len(await visited.brings(document(*same, item(1)))) == 4


async def test_a_forgotten_reading_only_costs_time(visited: Visited) -> None:
    await visited.brings(document(item(1)))
    parts.forget(visited.source.id)
    assert await visited.brings(document(item(2), item(1))) == ["T1", "T2"]


async def test_everything_is_asked_for_once_a_week(visited: Visited) -> None:
    await visited.brings(document(item(1)), '"x"')
    assert await visited.brings(document(item(1)), '"x"') == []
    assert visited.server.last("/feed").status == 304
    long_ago = datetime(2026, 11, 1, tzinfo=UTC)
    visited.source = replace(visited.source, habits=replace(visited.source.habits, whole_at=long_ago))
    await visited.brings(document(item(1)), '"x"')
    assert visited.server.last("/feed").status == 200


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (b"<rss><item>1</item><item>2</item></rss>", 2),
        (b"<feed><entry>1</entry ></feed>", 1),
        (b"<item><item>1</item></item>", 0),
        (b"<item>1</item><item>", 0),
        (b"</item><item>", 0),
        (b"<items>1</items>", 0),
        (b"<item>" * 500_000, 0),
    ],
)
def test_entries_are_told_apart_only_where_that_is_sure(body: bytes, count: int) -> None:
    assert len(parts.split(body)) == count
