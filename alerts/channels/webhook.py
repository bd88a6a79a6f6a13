"""Post to a URL, signed as Standard Webhooks 1.0 asks, for other systems to pick up."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable
from functools import partial
from urllib.parse import urlsplit

from alerts.channels import PLAIN
from alerts.channels._http import outcome
from alerts.domain.delivery import Outcome, Retry
from alerts.domain.errors import Invalid
from alerts.domain.messages import Message
from alerts.domain.times import Instant
from alerts.domain.ways import Way, secrets
from alerts.egress import Egress, is_loopback

PATIENCE, ANSWER = 15.0, 4096
LONGEST = 2000
TLP = "X-TLP"


class Channel:
    """`sign(subscriber_id, said)`: by an Ed25519 key for them alone, so that what one got proves nothing to another.

    `now`: a receiver refuses what was signed five minutes ago. `base_url`: this desk's own, where it may not post.
    """

    def __init__(self, egress: Egress, sign: Callable[[str, bytes], bytes], now: Callable[[], Instant], base_url: str):
        self.egress, self.sign, self.now, self.own = egress, sign, now, urlsplit(base_url).hostname

    def check(self, to: str) -> None:
        try:
            parts = urlsplit(to)
            parts.port  # noqa: B018  only now is it read
            host = (parts.hostname or "").rstrip(".").lower()
        except ValueError:
            raise Invalid("This is not a web address: its host or port cannot be read.") from None
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
            raise Invalid("A webhook must be an https:// address: what is posted must not be read on the way.")
        if not host or len(to) > LONGEST or not re.fullmatch(r"[!-~]+", to):
            raise Invalid("A webhook must be one address, of ASCII letters without spaces, as https://desk.example/in.")
        if parts.username is not None or parts.fragment:
            raise Invalid("A webhook's address must hold no password and no “#…”: each post is signed instead.")
        if host == self.own:
            raise Invalid("This is the desk's own address: it cannot post to itself.")

    def line(self) -> "Line":
        return Line(self)

    async def greet(self) -> str:
        return "webhooks need no log-in"


class Line:
    """Nothing is kept open: egress keeps connections."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    async def __aenter__(self) -> "Line":
        return self

    async def __aexit__(self, *failure: object) -> None: ...

    async def send(self, to: str, message: Message, way: Way = PLAIN) -> Outcome:
        """The same id and body on every attempt; the time and the signatures are the attempt's."""
        channel, now = self.channel, self.channel.now()
        try:
            channel.check(to)
        except Invalid as refusal:  # the desk's own address may have changed since it was entered
            return Retry(str(refusal))
        body = payload(message)
        at = str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": at,
            "webhook-signature": signatures(
                message.id, at, body, secrets(way.secret, now), partial(channel.sign, way.id)
            ),
        }
        answer = await channel.egress.post(to, body, headers, limit=ANSWER, seconds=PATIENCE, peek=True)
        return outcome(answer, now)


def payload(message: Message) -> bytes:
    """What this reader's mail would say, and nothing that it would not."""
    headers = message.headers
    data = {
        "message_id": message.id, "kind": message.kind, "number": message.number or None,
        "reference": message.reference,
        "label": headers.get(TLP, "").removeprefix("TLP:"), "language": headers.get("Content-Language", ""),
        "subject": message.subject, "text": message.text,
        "headers": {name: value for name, value in headers.items() if name in (TLP, "List-Id")},
    }  # fmt: skip
    event = {"type": "alert.published", "timestamp": f"{message.date:%Y-%m-%dT%H:%M:%SZ}", "data": data}
    return json.dumps(event, ensure_ascii=False).encode()


def signatures(id: str, at: str, body: bytes, shared: Iterable[str], sign: Callable[[bytes], bytes]) -> str:
    """One v1 for each secret that they may know, and a v1a by our key, whose public half is no secret to lose."""
    said = f"{id}.{at}.".encode() + body
    keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in shared]
    made = [("v1", hmac.digest(key, said, hashlib.sha256)) for key in keys] + [("v1a", sign(said))]
    return " ".join(f"{version},{base64.b64encode(mac).decode()}" for version, mac in made)
