"""Feeds to be polled: one server for all of 127/8, so that each source has an address of its own.

A process of its own (`python presses.py COUNT`): it says its port, and then takes a line of standard input for the next
hour. Of a hundred feeds 85 then stay as they are, ten get a new ETag on the same bytes, and five one new item.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

ITEMS, NAMELESS = 10, 5
"""Items in a feed; one feed in so many gives them neither guid nor link, as one in five real ones did."""

WORDS = (
    "Суд в Бишкеке отложил слушание по делу правозащитника до понедельника, сообщили его адвокаты. "
    "The court adjourned the hearing until Monday, his lawyers said; observers were not let into the room. "
)
STARTED = datetime.now(UTC) - timedelta(hours=20 * ITEMS + 2)


def address(n: int) -> str:
    return f"127.{1 + n // 62_500}.{n // 250 % 250}.{1 + n % 250}"


class Feed:
    def __init__(self, n: int) -> None:
        self.n, self.news, self.prints = n, 0, 0
        self.items = [self._item(number) for number in range(ITEMS)]
        self._print()

    def turn(self, hour: int) -> None:
        fate = (self.n * 7 + hour * 13) % 100
        if fate >= 95:
            self.news += 1
            self.items = [*self.items[1:], self._item(ITEMS + self.news)]
        if fate >= 85:
            self.prints += 1
            self._print()

    def _item(self, number: int) -> str:
        named = self.n % NAMELESS != 0
        guid = f"<guid isPermaLink='false'>{self.n}-{number}</guid>" if named else ""
        link = f"<link>http://{address(self.n)}/item/{number}</link>" if named else ""
        at = format_datetime(STARTED + timedelta(hours=20 * number, minutes=7 * self.n % 60), usegmt=True)
        text = "".join(f"&lt;p&gt;{WORDS}{self.n}.{number}.{part}&lt;/p&gt;" for part in range(10))
        return (
            f"<item><title>Новость {number} из источника {self.n}</title>{guid}{link}"
            f"<pubDate>{at}</pubDate><description>{text}</description></item>\n"
        )

    def _print(self) -> None:
        head = f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>Source {self.n}</title>\n"
        self.body = (head + "".join(reversed(self.items)) + "</channel></rss>").encode()
        self.etag = f'"{self.n}-{self.prints}"'.encode()
        fields = b"Content-Type: application/rss+xml\r\nETag: %s\r\nContent-Length: %d\r\n\r\n"
        self.whole = b"HTTP/1.1 200 OK\r\n" + fields % (self.etag, len(self.body)) + self.body
        self.same = b"HTTP/1.1 304 Not Modified\r\nETag: %s\r\n\r\n" % self.etag


class Reader(asyncio.Protocol):
    """As much of HTTP as the pollers speak."""

    def __init__(self, feeds: list[Feed]) -> None:
        self.feeds, self.said = feeds, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        if not transport.get_extra_info("peername")[0].startswith("127."):
            transport.abort()

    def data_received(self, data: bytes) -> None:
        self.said += data
        while (end := self.said.find(b"\r\n\r\n")) >= 0:
            asked, self.said = self.said[:end], self.said[end + 4 :]
            feed = self.feeds[int(asked[: asked.index(b" HTTP/")].rpartition(b"/")[2])]
            lines = asked.lower().split(b"\r\n")
            has = next((line[15:] for line in lines if line.startswith(b"if-none-match: ")), b"")
            self.transport.write(feed.same if has == feed.etag else feed.whole)
            if b"connection: close" in lines:
                self.transport.close()


async def main(count: int) -> None:
    loop = asyncio.get_running_loop()
    feeds = [Feed(n) for n in range(count)]
    server = await loop.create_server(lambda: Reader(feeds), "0.0.0.0", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    hour = 0
    while await loop.run_in_executor(None, sys.stdin.readline):
        hour += 1
        for feed in feeds:
            feed.turn(hour)
        print(sum(len(feed.body) for feed in feeds) // count, flush=True)


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(int(sys.argv[1])))
