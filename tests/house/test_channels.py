"""Every channel meets the same contract, whatever is on the other side. A channel is a file of alerts/channels."""

from __future__ import annotations

import importlib
import inspect
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from builders import NOON, VAULT
from hooks import HookServer
from servers import MailServer

from alerts.channels import Channel
from alerts.domain.delivery import Blocked, Rejected, Retry, Sent, Unknown
from alerts.domain.errors import Invalid
from alerts.domain.messages import Message
from alerts.domain.ways import Way, rotated
from alerts.egress import Egress
from alerts.services.ways import channels

FOLDER = Path(__file__).parents[2] / "alerts/channels"
FILES = sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))
OUTCOMES = (Sent, Retry, Rejected, Unknown, Blocked)
MESSAGE = Message(
    "7kq4reader@desk.example", "Bishkek: lawyer taken – call today", "She was taken.\n", "<p>She was taken.</p>\n",
    NOON, {"X-TLP": "TLP:GREEN"},
)  # fmt: skip

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # a library of Apprise's


@dataclass
class Other:
    """The other side of a channel: where it is, and how to make it refuse."""

    channel: Channel
    to: str
    refuse: Callable[[], Any]


@contextmanager
def email() -> Iterator[Other]:
    from alerts.channels.email import Channel as Email

    with MailServer() as server:
        channel = Email(server.url, "desk@desk.example", "Desk", "desk@desk.example", 5)
        yield Other(channel, "cleo@mission.example", lambda: server.answer("550 5.1.1 no such user"))


@contextmanager
def webhook() -> Iterator[Other]:
    with HookServer() as server:
        server.answer("/in", 200)
        yield Other(over_http("webhook", server), server.url("/in"), lambda: server.answer("/in", 410))


@contextmanager
def apprise() -> Iterator[Other]:
    with HookServer() as server:
        server.serve("/", json.dumps({}), etag=None)
        yield Other(over_http("apprise", server), f"ntfy://127.0.0.1:{server.port}/t", lambda: server.answer("/", 403))


def over_http(name: str, server: HookServer) -> Channel:
    egress = Egress((f"127.0.0.1:{server.port}",), "https://desk.example")
    return channels(egress, VAULT, lambda: NOON, "https://desk.example")[name]


SIDES = {"email": email, "webhook": webhook, "apprise": apprise}


@pytest.fixture(params=FILES)
async def side(request: pytest.FixtureRequest) -> AsyncIterator[Other]:
    assert request.param in SIDES, f"give channels/{request.param}.py another side in this file"
    with SIDES[request.param]() as other:
        yield other
        if egress := getattr(other.channel, "egress", None):
            await egress.close()


def way(to: str) -> Way:
    return Way("cleo", target=to, secret=rotated("", "whsec_" + "c2VjcmV0" * 6, NOON))


@pytest.mark.parametrize("name", FILES)
def test_a_channels_file_defines_a_channel(name: str) -> None:
    module = importlib.import_module(f"alerts.channels.{name}")
    assert inspect.isclass(module.Channel)
    assert module.__doc__


async def test_a_channel_hands_over_one_message_after_the_other_on_one_line(side: Other) -> None:
    side.channel.check(side.to)
    async with side.channel.line() as line:
        for _ in range(2):
            assert isinstance(await line.send(side.to, MESSAGE, way(side.to)), Sent)


async def test_a_refusal_is_an_answer_and_the_line_lives_on(side: Other) -> None:
    side.refuse()
    async with side.channel.line() as line:
        assert isinstance(await line.send(side.to, MESSAGE, way(side.to)), (Retry, Rejected))
        assert isinstance(await line.send(side.to, MESSAGE, way(side.to)), OUTCOMES)


async def test_that_nobody_is_there_is_an_answer_too(side: Other) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    moved = _moved(side, port)
    async with moved.channel.line() as line:
        assert isinstance(await line.send(moved.to, MESSAGE, way(moved.to)), (Retry, Blocked))


async def test_a_line_that_was_never_used_closes(side: Other) -> None:
    async with side.channel.line():
        pass


@pytest.mark.parametrize("to", ["", "nonsense", "a b@c.example", "x@y.example\r\nRSET", "file:///etc/passwd"])
async def test_what_is_no_address_is_refused(side: Other, to: str) -> None:
    with pytest.raises(Invalid):
        side.channel.check(to)


def _moved(side: Other, port: int) -> Other:
    """The same where nobody listens."""
    from alerts.channels.email import Channel as Email

    if isinstance(side.channel, Email):
        nobody = Email(f"smtp://127.0.0.1:{port}", "desk@desk.example", "Desk", "desk@desk.example", 5)
        return Other(nobody, side.to, side.refuse)
    side.channel.egress = Egress((f"127.0.0.1:{port}",), "https://desk.example")  # type: ignore[attr-defined]
    return Other(side.channel, side.to.replace(side.to.split(":")[2].split("/")[0], str(port)), side.refuse)
