"""Messengers through the real library, to an ntfy server of our own on loopback."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from builders import NOON
from hooks import HookServer

from alerts.channels import apprise
from alerts.channels.apprise import Channel, service, shortened
from alerts.domain.delivery import Outcome, Rejected, Retry, Sent, Unknown
from alerts.domain.errors import Invalid
from alerts.domain.messages import Message
from alerts.egress import Egress

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # a library of Apprise's

TEXT = "Call the ministry today: +996 000 000.\n\nShe was taken from her home. " + "And more is known. " * 60
MESSAGE = Message("7kq4@desk.example", "Bishkek: lawyer taken – call today", TEXT, "<p>…</p>", NOON)


@pytest.fixture
def server() -> Iterator[HookServer]:
    with HookServer() as server:
        server.serve("/", json.dumps({"id": "x"}), etag=None)
        yield server


def channel(*allow: str) -> Channel:
    return Channel(Egress(allow, "https://desk.example"))


async def send(channel: Channel, url: str) -> Outcome:
    async with channel.line() as line:
        return await line.send(url, MESSAGE)


async def test_a_messenger_gets_the_subject_and_the_beginning_with_the_ask(server):
    url = f"ntfy://127.0.0.1:{server.port}/readers"
    assert await send(channel(f"127.0.0.1:{server.port}"), url) == Sent()
    [posted] = server.posted
    assert (posted.json["topic"], posted.json["title"]) == ("readers", "Bishkek: lawyer taken – call today")
    said = posted.json["message"]
    assert said.startswith("Call the ministry today: +996 000 000.\n\nShe was taken") and said.endswith("And more is …")
    assert len(said) <= 502
    assert "x-icon" not in posted.headers  # no picture is fetched from anywhere


async def test_a_server_in_a_private_network_is_not_reached_unless_a_setting_names_it(server):
    for host in ("127.0.0.1", "localhost", "2130706433", "0.0.0.0"):
        answer = await send(channel(), f"ntfy://{host}:{server.port}/readers")
        assert isinstance(answer, Retry) and "private network" in answer.reason
    assert server.posted == []


async def test_a_redirect_is_not_followed(server):
    with HookServer() as other:
        server.redirect("/", other.url("/"), 307)
        answer = await send(channel(f"127.0.0.1:{server.port}"), f"ntfy://127.0.0.1:{server.port}/readers")
        assert (answer, other.posted) == (Retry("the messenger did not take it"), [])


async def test_what_the_messenger_refuses_is_tried_again(server):
    server.answer("/", 507)
    answer = await send(channel("127.0.0.1"), f"ntfy://127.0.0.1:{server.port}/readers")
    assert answer == Retry("the messenger did not take it")


async def test_a_messenger_that_does_not_answer_may_have_taken_it(server, monkeypatch):
    monkeypatch.setattr(apprise, "LIMIT", 0.2)
    server.serve("/", b"{}", etag=None)
    server.slow("/", 2)
    assert await send(channel("127.0.0.1"), f"ntfy://127.0.0.1:{server.port}/readers") == Unknown(apprise.LATE)


async def test_an_address_that_no_longer_serves_is_rejected_and_nothing_is_raised():
    assert isinstance(await send(channel(), "json://127.0.0.1/in"), Rejected)


@pytest.mark.parametrize(
    "url",
    [
        "json://127.0.0.1/in", "xml://127.0.0.1/in", "form://127.0.0.1/in", "mailto://a:b@mail.example", "syslog://",
        "dbus://", "file:///etc/passwd", "windows://", "apprise://127.0.0.1/token", "rsyslog://127.0.0.1",
        "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "http://127.0.0.1/", "ntfy",
        "",
        "ntfy://ntfy.example/t?verify=no", "ntfys://ntfy.example/t?Redirect=yes", "twilio://nonsense",
        "ntfy://ntfy.example/t?attach=file:///etc/passwd", "matrixs://u:p@m.example/#r?retry=9",
        "ntfy://ntfy.example/t#?verify=no", "ntfy://ntfy.example/t?%76erify=no", "ntfy://ntfy.example/t?a=b;verify=no",
    ],
)  # fmt: skip
def test_other_ways_out_of_the_machine_are_refused_without_repeating_the_address(url):
    with pytest.raises(Invalid) as refused:
        channel().check(url)
    assert not url.partition("//")[2] or url not in str(refused.value)


def test_a_matrix_server_is_not_asked_where_to_go_instead():
    assert service("matrixs://user:word@matrix.example/#room").discovery is False


def test_a_short_text_stays_as_it_is_and_a_long_one_is_cut_between_words():
    assert shortened(" Call today. \n") == "Call today."
    assert shortened("word " * 200) == ("word " * 100).rstrip() + " …"
    assert shortened("x" * 600) == "x" * 500 + " …"


def test_a_desk_without_apprise_says_how_to_install_it():
    code = (
        "import sys; sys.modules['apprise'] = None\n"
        "from alerts.channels.apprise import service\n"
        "from alerts.domain.errors import Invalid\n"
        "try: service('ntfys://topic')\n"
        "except Invalid as refusal: print(refusal)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "Apprise is not installed: pip install 'vigil-alerts[apprise]'.\n"
