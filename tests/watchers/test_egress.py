"""The one way out: nobody leads us inside, and nobody keeps us busy."""

from __future__ import annotations

import gzip
import ipaddress
import socket
import threading
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest
from servers import FeedServer

from alerts.egress import Answer, Egress, Failed, is_public

PRIVATE = "the address leads into a private network"


@pytest.fixture
async def egress() -> AsyncIterator[Egress]:
    """One that may go nowhere special."""
    made = Egress((), "https://desk.example.org")
    yield made
    await made.close()


@pytest.fixture
async def let_in(feed_server: FeedServer) -> AsyncIterator[Egress]:
    """One whose settings name the feed server."""
    made = Egress((f"127.0.0.1:{feed_server.port}",), "https://desk.example.org")
    yield made
    await made.close()


@pytest.fixture
def other_server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


def reason(answer: Answer | Failed) -> str:
    assert isinstance(answer, Failed), answer
    return answer.reason


def body(answer: Answer | Failed) -> bytes:
    assert isinstance(answer, Answer), answer
    return answer.body


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://0x7f000001/", "http://2130706433/",
        "http://0.0.0.0/", "http://10.0.0.1/", "http://192.168.1.1/", "http://172.16.0.1/", "http://169.254.169.254/latest",
        "http://100.64.0.1/", "http://224.0.0.1/", "http://240.0.0.1/", "http://255.255.255.255/",
        "http://[::ffff:127.0.0.1]/", "http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/",
        "http://[2001:0:7f00:1::]/", "http://[fd00::1]/", "http://[fe80::1]/", "http://[fec0::1]/", "http://[ff02::1]/",
        "http://[::]/", "http://①②⑦.⓪.⓪.①/",
    ],
)  # fmt: skip
async def test_no_private_address_is_reached(egress: Egress, url: str) -> None:
    said = reason(await egress.get(url, seconds=5))
    # some spellings are no address to us at all, which is as good
    assert said in (PRIVATE, "this is not a web address", "the name of the server is not known"), said


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:2800:220:1::1"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.org/", "gopher://example.org/", "feed.xml", "", "http:///x"]
)
async def test_only_the_web_is_visited(egress: Egress, url: str) -> None:
    assert reason(await egress.get(url))


async def test_loopback_is_refused_unless_the_settings_name_it(
    egress: Egress, let_in: Egress, feed_server: FeedServer
) -> None:
    url = feed_server.serve("/feed", "hello")
    assert reason(await egress.get(url)) == PRIVATE
    assert body(await let_in.get(url)) == b"hello"
    assert feed_server.count("/feed") == 1


async def test_the_settings_may_name_a_network_or_a_host(feed_server: FeedServer) -> None:
    url = feed_server.serve("/feed", "hello")
    for allow in ("127.0.0.0/8", "127.0.0.1"):
        egress = Egress((allow,), "")
        assert body(await egress.get(url)) == b"hello"
        await egress.close()


async def test_a_local_source_opens_its_own_host_and_port_alone(
    egress: Egress, feed_server: FeedServer, other_server: FeedServer
) -> None:
    other_server.serve("/secret", "secret")
    feed_server.serve("/feed", "hello")
    own, other = feed_server.redirect("/own", "/feed"), feed_server.redirect("/other", other_server.url("/secret"))
    assert body(await egress.get(own, local=True)) == b"hello"
    assert reason(await egress.get(other, local=True)) == PRIVATE
    assert other_server.asked == []


async def test_a_connection_of_a_local_source_serves_nobody_else(
    egress: Egress, let_in: Egress, feed_server: FeedServer, other_server: FeedServer
) -> None:
    """Connections are kept open: one to this machine must not be there for a redirect that leads to it."""
    target = other_server.serve("/feed", "hello")
    assert body(await egress.get(target, local=True)) == b"hello"
    assert reason(await egress.get(target)) == PRIVATE
    assert body(await let_in.get(feed_server.serve("/x", "x"))) == b"x"
    assert reason(await let_in.get(feed_server.redirect("/y", target))) == PRIVATE


async def test_local_opens_nothing_that_is_not_this_machine(egress: Egress) -> None:
    assert reason(await egress.get("http://10.0.0.1/", local=True, seconds=5)) == PRIVATE


async def test_a_redirect_into_a_private_network_is_refused(let_in: Egress, feed_server: FeedServer) -> None:
    for target in ("http://10.0.0.1/", "http://localhost:1/", "http://169.254.169.254/", "http://[::1]:1/"):
        assert reason(await let_in.get(feed_server.redirect("/away", target))) == PRIVATE


@pytest.mark.parametrize(
    "inside",
    ["http://127.0.0.2:80/", "http://10.0.0.1/", "http://169.254.169.254/", "http://100.64.0.1/", "http://[::1]/",
     "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[::ffff:10.0.0.1]/", "http://224.0.0.1/"],
)  # fmt: skip
async def test_no_step_of_a_chain_of_redirects_leads_inside(
    let_in: Egress, feed_server: FeedServer, inside: str
) -> None:
    feed_server.redirect("/3", inside, 302)
    feed_server.redirect("/2", "/3", 307)
    assert reason(await let_in.get(feed_server.redirect("/1", "/2", 301))) == PRIVATE


async def test_an_answer_says_whether_all_steps_to_it_were_for_good(let_in: Egress, feed_server: FeedServer) -> None:
    there = feed_server.serve("/feed", "hello")
    feed_server.redirect("/now", "/feed", 302)
    for path, status, to, moved in (("/a", 301, "/feed", there), ("/b", 308, "/a", there), ("/c", 301, "/now", "")):
        answer = await let_in.get(feed_server.redirect(path, to, status))
        assert isinstance(answer, Answer) and answer.moved == moved, path
    direct = await let_in.get(there)
    assert isinstance(direct, Answer) and direct.moved == ""


async def test_what_a_cut_line_looks_like_is_told_from_what_is_refused(let_in: Egress, feed_server: FeedServer) -> None:
    inside = await let_in.get("http://10.0.0.1/")
    unknown = await let_in.get("http://nowhere.invalid/")
    endless = await let_in.get(feed_server.redirect("/x", "/x"))
    feed_server.serve("/slow", "x" * 1000)
    feed_server.slow("/slow", 5)
    late = await let_in.get(feed_server.url("/slow"), seconds=0.2)
    found = [answer.away for answer in (unknown, late, inside, endless) if isinstance(answer, Failed)]
    assert found == [True, True, False, False]


async def test_a_redirect_to_a_file_is_refused(let_in: Egress, feed_server: FeedServer) -> None:
    assert "not http" in reason(await let_in.get(feed_server.redirect("/away", "file:///etc/passwd")))


async def test_five_redirects_are_followed_and_a_loop_ends(let_in: Egress, feed_server: FeedServer) -> None:
    feed_server.serve("/5", "there")
    for n in range(5):
        feed_server.redirect(f"/{n}", f"/{n + 1}")
    answer = await let_in.get(feed_server.url("/0"))
    assert body(answer) == b"there"
    assert isinstance(answer, Answer) and answer.url == feed_server.url("/5")
    assert "redirects" in reason(await let_in.get(feed_server.redirect("/loop", "/loop")))
    assert feed_server.count("/loop") == 6


async def test_validators_go_out_and_come_back_byte_for_byte(let_in: Egress, feed_server: FeedServer) -> None:
    url = feed_server.serve("/feed", "hello", etag='W/"a b"', modified=1_000_000)
    first = await let_in.get(url)
    assert isinstance(first, Answer) and first.etag == 'W/"a b"'
    second = await let_in.get(url, etag=first.etag, modified=first.modified)
    assert isinstance(second, Answer) and second.not_modified
    assert feed_server.last("/feed").headers["If-None-Match"] == 'W/"a b"'


async def test_we_say_who_we_are_and_carry_no_cookies(let_in: Egress, feed_server: FeedServer) -> None:
    url = feed_server.serve("/feed", "hello", Set_Cookie="a=b")
    await let_in.get(url)
    await let_in.get(url)
    sent = feed_server.last("/feed").headers
    assert sent["User-Agent"].startswith("Vigil/") and "https://desk.example.org" in sent["User-Agent"]
    assert "Cookie" not in sent and "Referer" not in sent


async def test_a_proxy_in_the_environment_is_not_asked(
    let_in: Egress, feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://10.0.0.1:3128")
    assert body(await let_in.get(feed_server.serve("/feed", "hello"))) == b"hello"


@pytest.mark.parametrize(("name", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
async def test_a_bomb_is_cut_while_it_unpacks(let_in: Egress, feed_server: FeedServer, name: str, pack: object) -> None:
    assert callable(pack)
    small = feed_server.serve("/small", pack(b"hello"), Content_Encoding=name)
    assert body(await let_in.get(small)) == b"hello"
    bomb = feed_server.serve("/bomb", pack(bytes(60 * 1024 * 1024)), Content_Encoding=name)
    assert reason(await let_in.get(bomb)) == "the answer is longer than 10 MiB"


async def test_a_long_answer_is_cut(let_in: Egress, feed_server: FeedServer) -> None:
    assert "longer" in reason(await let_in.get(feed_server.serve("/long", b"x" * 2000), limit=1000))


async def test_a_server_that_drips_is_left(let_in: Egress, feed_server: FeedServer) -> None:
    url = feed_server.serve("/slow", "hello")
    feed_server.slow("/slow", 5)
    assert reason(await let_in.get(url, seconds=0.3)) == "the server did not answer in time"


async def test_a_server_that_is_down_or_talks_nonsense_gets_a_sentence() -> None:
    egress = Egress(("127.0.0.1",), "")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert reason(await egress.get(f"http://127.0.0.1:{port}/")) == "the server does not take connections"
    for said in (b"", b"220 mail.example.org ESMTP\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"):
        with saying(said) as port:
            assert reason(await egress.get(f"http://127.0.0.1:{port}/", seconds=5))
    await egress.close()


async def test_a_post_follows_no_redirect(let_in: Egress, feed_server: FeedServer) -> None:
    answer = await let_in.post(
        feed_server.redirect("/hook", "/elsewhere", 307), b"{}", {"Content-Type": "application/json"}
    )
    assert isinstance(answer, Answer) and answer.status == 307
    assert feed_server.count("/elsewhere") == 0
    assert feed_server.last("/hook").headers["Content-Type"] == "application/json"


@contextmanager
def saying(words: bytes) -> Iterator[int]:
    """A server that says the same to whoever comes, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection = server.accept()[0]
                except OSError:
                    return
                with connection:
                    connection.recv(4096)
                    connection.sendall(words)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
