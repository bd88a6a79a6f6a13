"""Hand a short text to a messenger or an SMS gateway, by the library Apprise (an extra that not every desk installs).

Apprise opens its own connections, past our egress. So only services are taken whose servers are their maker's, or one
that is named in the address and leads into no private network at the moment of sending; redirects are not followed.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from alerts.channels import PLAIN
from alerts.domain.delivery import Outcome, Rejected, Retry, Sent, Unknown
from alerts.domain.errors import Invalid
from alerts.domain.messages import Message
from alerts.domain.ways import Way
from alerts.egress import Egress

MAKERS = frozenset({
    "46elks", "bulksms", "bulkvs", "burstsms", "clickatell", "clicksend", "d7sms", "elks", "httpsms", "kavenegar",
    "msg91", "msgbird", "nexmo", "plivo", "seven", "sinch", "sns", "telesign", "telnyx", "tgram", "threema", "twilio",
    "voipms", "vonage", "whatsapp",
})  # fmt: skip
"""Messengers and SMS gateways that Apprise reaches at an address of their maker's, whatever the URL says."""

NAMED = frozenset({"matrix", "matrixs", "ntfy", "ntfys", "signal", "signals", "smseagle", "smseagles"})
"""Those whose server is named in the URL."""

SWITCHES = ("verify", "redirect", "attach", "rto", "cto", "retry", "wait")
"""What a URL may not ask for: to trust any certificate, to go elsewhere, to read files, to take its time."""

MISSING = "Apprise is not installed: pip install 'vigil-alerts[apprise]'."
INSIDE = "their server leads into a private network: name it in egress.allow if it is yours"
LATE = "the messenger did not answer in time"
TIMED_OUT = 5
"""Apprise's number for it (AppriseResultStatus)."""
SHORT = 500
PATIENCE, LIMIT = 30, 40
"""Seconds that Apprise gives a service, and after which we wait for Apprise no longer."""

AT_ONCE = ThreadPoolExecutor(8, thread_name_prefix="apprise")
"""Threads of its own: a service that hangs takes none from the desk."""


class Channel:
    """`egress` says which private servers may be reached."""

    def __init__(self, egress: Egress) -> None:
        self.egress = egress

    def check(self, to: str) -> None:
        service(to)

    def line(self) -> "Line":
        return Line(self)

    async def greet(self) -> str:
        _library()
        return "messengers need no log-in"


class Line:
    """Nothing is kept open."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    async def __aenter__(self) -> "Line":
        return self

    async def __aexit__(self, *failure: object) -> None: ...

    async def send(self, to: str, message: Message, way: Way = PLAIN) -> Outcome:
        """A messenger knows no ids by which it would fold two of the same: what may have arrived is Unknown."""
        handing = partial(_hand_over, self.channel.egress, to, message.subject, shortened(message.text))
        try:
            async with asyncio.timeout(LIMIT):
                return await asyncio.get_running_loop().run_in_executor(AT_ONCE, handing)
        except TimeoutError:
            return Unknown(LATE)


def service(url: str) -> Any:
    """Apprise's own thing for this address. Raises Invalid, never with the address: it holds their passwords."""
    scheme, _, rest = url.partition("://")
    if not rest or scheme.lower() not in MAKERS | NAMED:
        raise Invalid(
            "This is not an address of a messenger that a desk may use: matrixs://, signals://, tgram://, ntfys://, "
            "threema://, whatsapp:// or an SMS gateway's, as twilio:// (docs/operating.md lists them)."
        )
    asked = {name.lower() for name in parse_qs(rest.partition("?")[2], keep_blank_values=True)}
    if refused := [switch for switch in SWITCHES if switch in asked]:
        raise Invalid(f"The address may not set “{refused[0]}”: leave it out.")
    apprise = _library()
    quiet = apprise.AppriseAsset(
        async_mode=False, http_redirects=False, image_url_mask=False, service_timeout=PATIENCE,
        storage_mode=apprise.PersistentStoreMode.MEMORY, app_id="Vigil", app_desc="Vigil", app_url="",
    )  # fmt: skip
    found = apprise.Apprise.instantiate(url, asset=quiet, suppress_exceptions=True)
    if found is None:
        raise Invalid("Apprise cannot read this address: write it as its documentation does.")
    if not found.verify_certificate or found.redirects:  # by a way of writing it that we do not know
        raise Invalid("The address may set neither “verify” nor “redirect”: leave them out.")
    if hasattr(found, "discovery"):
        found.discovery = False  # Matrix would ask the server where to go, and go there
    return found


def shortened(text: str) -> str:
    """The beginning, with the ask; cut between words."""
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if len(text) <= SHORT:
        return text
    return text[: text.rindex(" ", 0, SHORT) if " " in text[:SHORT] else SHORT].rstrip() + " …"


def _hand_over(egress: Egress, to: str, subject: str, text: str) -> Outcome:
    """In a thread, since Apprise and the name server are waited for."""
    try:
        found = service(to)
    except Invalid as refusal:
        return Retry(MISSING) if str(refusal) == MISSING else Rejected(str(refusal))
    try:
        if _server(found) and egress.leads_inside(found.host, found.port):
            return Retry(INSIDE)
    except OSError:
        return Retry("the name of their server is not known")
    library = _library()
    messenger = library.Apprise(asset=found.asset)
    messenger.add(found)
    answer = messenger.notify(body=text, title=subject, body_format=library.NotifyFormat.TEXT)
    if answer.status == TIMED_OUT:
        return Unknown(LATE)
    return Sent() if answer else Retry("the messenger did not take it")


def _server(found: Any) -> bool:
    """Whether the address names a server. In ntfy's cloud what stands there is a topic."""
    return str(found.secure_protocol) in NAMED and getattr(found, "mode", "") != "cloud"


def _library() -> Any:
    try:
        import apprise
    except ImportError:
        raise Invalid(MISSING) from None
    logging.getLogger("apprise").disabled = True  # it would log addresses and texts
    return apprise
