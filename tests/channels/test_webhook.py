"""Webhooks against a real server on loopback, verified by the reference library and by `cryptography`."""

from __future__ import annotations

import base64
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from builders import NOON, VAULT
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hooks import HookServer, Posted
from standardwebhooks import Webhook, WebhookVerificationError

from alerts.channels.webhook import Channel
from alerts.domain.delivery import Outcome, Rejected, Retry, Sent
from alerts.domain.errors import Invalid
from alerts.domain.messages import Message
from alerts.domain.times import Instant
from alerts.domain.ways import Way, rotated
from alerts.egress import Egress
from alerts.services.ways import public_key, signing

OLD, NEW = ("whsec_" + base64.b64encode(letter * 32).decode() for letter in (b"o", b"n"))
MESSAGE = Message(
    "7kq4reader@desk.example", "Bishkek: lawyer taken – call today", "She was taken.\n", "<p>She was taken.</p>\n",
    NOON, {"X-TLP": "TLP:AMBER", "List-Id": "<alerts.desk.example>", "Content-Language": "en",
           "List-Unsubscribe": "<https://desk.example/leave/secret/now>"},
    kind="urgent", reference="7KQ4",
)  # fmt: skip


def today() -> Instant:
    """The reference library knows no clock but the computer's."""
    return datetime.now(UTC)


@pytest.fixture
def server() -> Iterator[HookServer]:
    with HookServer() as server:
        server.answer("/in", 200)
        yield server


@pytest.fixture
async def channel(server: HookServer) -> AsyncIterator[Channel]:
    egress = Egress((f"127.0.0.1:{server.port}",), "https://desk.example")
    yield Channel(egress, signing(VAULT), today, "https://desk.example")
    await egress.close()


async def post(channel: Channel, url: str, secret: str = "", message: Message = MESSAGE) -> Outcome:
    async with channel.line() as line:
        return await line.send(url, message, Way("cleo", "webhook", url, secret or rotated("", OLD, today())))


def verified(posted: Posted, secret: str) -> object:
    return Webhook(secret).verify(posted.body, posted.headers)


async def test_the_reference_library_accepts_a_post_and_refuses_a_changed_one(server, channel):
    assert await post(channel, server.url("/in")) == Sent()
    [posted] = server.posted
    assert verified(posted, OLD) == posted.json
    with pytest.raises(WebhookVerificationError):
        verified(replace(posted, body=posted.body.replace(b"taken", b"freed")), OLD)
    with pytest.raises(WebhookVerificationError):
        verified(replace(posted, headers=posted.headers | {"webhook-id": "another"}), OLD)
    with pytest.raises(WebhookVerificationError):
        verified(posted, NEW)


async def test_a_post_says_what_the_mail_would_say_and_no_more(server, channel):
    await post(channel, server.url("/in"))
    [posted] = server.posted
    assert posted.headers["content-type"] == "application/json"
    assert posted.json == {
        "type": "alert.published", "timestamp": "2030-01-01T12:00:00Z",
        "data": {
            "message_id": "7kq4reader@desk.example", "kind": "urgent", "number": None, "reference": "7KQ4",
            "label": "AMBER", "language": "en", "subject": "Bishkek: lawyer taken – call today",
            "text": "She was taken.\n",
            "headers": {"X-TLP": "TLP:AMBER", "List-Id": "<alerts.desk.example>"},
        },
    }  # fmt: skip


async def test_who_holds_no_secret_verifies_by_a_public_key_of_their_own(server, channel):
    await post(channel, server.url("/in"))
    [posted] = server.posted
    said = f"{posted.headers['webhook-id']}.{posted.headers['webhook-timestamp']}.".encode() + posted.body
    [made] = [part for part in posted.headers["webhook-signature"].split(" ") if part.startswith("v1a,")]
    theirs, other = public_key(VAULT, "cleo"), public_key(VAULT, "dan")
    assert theirs.startswith("whpk_") and theirs != other
    key(theirs).verify(base64.b64decode(made[4:]), said)
    with pytest.raises(InvalidSignature):
        key(theirs).verify(base64.b64decode(made[4:]), said + b" ")
    with pytest.raises(InvalidSignature):
        key(other).verify(base64.b64decode(made[4:]), said)


async def test_during_a_rotation_both_secrets_verify_and_a_day_later_the_new_one_alone(server, channel):
    before, now = today() - timedelta(hours=2), today()
    secret = rotated(rotated("", OLD, before), NEW, now - timedelta(hours=23))
    await post(channel, server.url("/in"), secret)
    secret = rotated(rotated("", OLD, before), NEW, now - timedelta(hours=25))
    await post(channel, server.url("/in"), secret)
    during, after = server.posted
    assert verified(during, OLD) == verified(during, NEW) == during.json
    assert verified(after, NEW) == after.json
    with pytest.raises(WebhookVerificationError):
        verified(after, OLD)


async def test_every_attempt_has_the_same_id_and_body_and_its_own_time(server, channel):
    clock = iter([NOON, NOON + timedelta(hours=2)])
    channel.now = lambda: next(clock)
    server.fail("/in", 503)
    assert await post(channel, server.url("/in")) == Retry("they answer HTTP 503")
    assert await post(channel, server.url("/in")) == Sent()
    first, second = server.posted
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    times = [int(posted.headers["webhook-timestamp"]) for posted in server.posted]
    assert times == [int(NOON.timestamp()), int(NOON.timestamp()) + 7200]


@pytest.mark.parametrize(
    ("status", "headers", "meant"),
    [
        (204, {}, Sent()),
        (202, {}, Sent()),
        (410, {}, Rejected("gone (410): they want nothing more at this address")),
        (404, {}, Retry("they answer HTTP 404")),
        (401, {}, Retry("they answer HTTP 401")),
        (500, {}, Retry("they answer HTTP 500")),
        (429, {"Retry_After": "120"}, Retry("they answer HTTP 429", timedelta(minutes=2))),
        (429, {"Retry_After": "1000000000"}, Retry("they answer HTTP 429", timedelta(hours=24))),
        (503, {"Retry_After": "9" * 5000}, Retry("they answer HTTP 503", timedelta(hours=24))),
        (503, {"Retry_After": "Tue, 01 Jan 2030 12:30:00 GMT"}, Retry("they answer HTTP 503", timedelta(minutes=30))),
        (503, {"Retry_After": "Tue, 01 Jan 2019 12:30:00 GMT"}, Retry("they answer HTTP 503", timedelta())),
        (503, {"Retry_After": "soon"}, Retry("they answer HTTP 503")),
        (503, {"Retry_After": "-5"}, Retry("they answer HTTP 503")),
    ],
)
async def test_each_answer_is_read_as_standard_webhooks_has_it(server, channel, status, headers, meant):
    channel.now = lambda: NOON
    assert await post(channel, server.answer("/in", status, **headers), rotated("", OLD, NOON)) == meant


async def test_a_redirect_is_not_followed(server, channel):
    server.redirect("/in", server.url("/elsewhere"), 307)
    answer = await post(channel, server.url("/in"))
    assert isinstance(answer, Retry) and "ask them for the final address" in answer.reason
    assert [posted.path for posted in server.posted] == ["/in"]


async def test_who_took_it_may_answer_at_any_length_and_dawdle_over_it(server, channel):
    server.serve("/in", b"x" * 50_000_000)
    assert await post(channel, server.url("/in")) == Sent()
    server.serve("/in", b"thank you", etag=None)
    server.slow("/in", 30)
    started = time.monotonic()
    assert await post(channel, server.url("/in")) == Sent()
    assert time.monotonic() - started < 5


async def test_a_server_that_is_not_there_is_asked_again(server, channel):
    with HookServer() as gone:
        url = gone.url("/in")
        channel.egress = Egress(("127.0.0.1",), "https://desk.example")
    assert await post(channel, url) == Retry("the server does not take connections")
    await channel.egress.close()


async def test_nobody_has_the_desk_post_into_a_private_network(server, channel):
    channel.egress = Egress((), "https://desk.example")
    for url in (server.url("/in"), "https://10.0.0.1/in", "https://169.254.169.254/latest"):
        assert await post(channel, url) == Retry("the address leads into a private network")
    await channel.egress.close()
    assert server.posted == []


@pytest.mark.parametrize(
    "url",
    [
        "http://ngo.example/in", "ftp://ngo.example/in", "https://", "https:///in", "ngo.example", "", "https://x.example:y/",
        "https://user:pass@ngo.example/in", "https://ngo.example/in#part", "https://ngo.example/a b", "https://[::1/in",
        "https://ngo.example/in\r\nX: y", "https://ngo.example/" + "x" * 2000, "https://desk.example/api/alerts",
        "https://DESK.example:8443/", "https://desk.example./api",
    ],
)  # fmt: skip
def test_what_is_no_address_for_a_webhook_is_refused(url):
    with pytest.raises(Invalid):
        Channel(Egress((), ""), signing(VAULT), today, "https://desk.example").check(url)


def key(public: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(public.removeprefix("whpk_")))
