"""What one mail of the mailbox says, in plain values. Its writer is a stranger: no bytes stop the reading."""

import logging
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

from flufl.bounce import all_failures

from alerts.domain.returns import Complaint, Report, Returned, may_be_bounce
from watchers import plain

LONGEST_HEADER, LONGEST_TEXT, LONGEST_LINE = 2_000, 100_000, 300
MOST_NESTED, MOST_PARTS, MOST_ADDRESSES, MOST_IDS, MOST_REPORTS = 20, 50, 50, 200, 50

TO = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-failed-recipients")
KEPT = (
    "auto-submitted", "precedence", "return-path", "authentication-results", "list-id", "x-autoreply", "x-autorespond",
    "x-autoresponder", "x-fc-machinegenerated", "x-post-messageclass",
)  # fmt: skip
ID = re.compile(r"<([^\s<>@]{1,128}@[^\s<>@]{1,128})>")
QUOTE = re.compile(r"(?is)<blockquote\b.*|<div[^>]{0,200}\b(?:gmail_quote|moz-cite-prefix|divRplyFwdMsg)\b.*")
"""Where a reply in HTML begins to quote; text is cut there, since nobody's own words follow that matter."""

log = logging.getLogger("vigil.mailbox")
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)  # it logs what it reads


def parse(source: str, data: bytes) -> Returned:
    """Never raises: of a mail that cannot be read, what could be is there, or nothing."""
    try:
        return _parsed(source, data)
    except Exception as bug:  # noqa: BLE001  whatever a stranger's bytes do to a parser, the next mail is read
        log.warning("A mail in the mailbox could not be read (%s).", type(bug).__name__)
        return Returned(source)


def _parsed(source: str, data: bytes) -> Returned:
    # compat32: the newer policy reads headers by a grammar, which takes minutes for some that are made to that end. And
    # each line is compared with the boundary of every part around it: what is nested deeper than people's mails is cut.
    deep = data.lower().count(b"boundary=") > MOST_NESTED
    mail = message_from_bytes(re.split(rb"\r?\n\r?\n", data, maxsplit=1)[0] if deep else data, policy=policy.compat32)
    headers = {name: _header(mail, name) for name in KEPT if mail[name] is not None}
    parts = _parts(mail)
    senders = _addresses(mail, "from")
    sender = senders[0] if len(senders) == 1 else ""  # RFC 5322 allows several; whose word would it be?
    reports = _reports(parts)
    if not reports and may_be_bounce(headers, sender):
        reports = _guessed(data[:LONGEST_TEXT], parts)
    return Returned(
        source, sender, tuple(a for name in TO for a in _addresses(mail, name))[:MOST_ADDRESSES],
        _header(mail, "subject")[:LONGEST_LINE], _text(parts),
        tuple(ID.findall(f"{_header(mail, 'in-reply-to')} {_header(mail, 'references')}"))[:MOST_IDS],
        tuple(dict.fromkeys(ID.findall(data.decode("latin-1"))))[:MOST_IDS], headers, reports, _complaint(parts),
    )  # fmt: skip


def _parts(mail: Message) -> list[Message]:
    """Itself and what is in it, level by level; by hand, for what is nested a thousand times must not end us."""
    found: list[Message] = []
    waiting = [mail]
    while waiting and len(found) < MOST_PARTS:
        part = waiting.pop(0)
        found.append(part)
        inner = part.get_payload()
        if isinstance(inner, list):
            waiting += [each for each in inner if isinstance(each, Message)]
    return found


def _header(mail: Message, name: str) -> str:
    """The first of that name, decoded, on one line."""
    raw = str(mail.get(name, ""))[:LONGEST_HEADER]
    try:
        pieces = [
            piece if isinstance(piece, str) else _decoded(piece, charset or "ascii")
            for piece, charset in decode_header(raw)
        ]
    except ValueError:
        pieces = [raw]
    return " ".join(_printable("".join(pieces)).split())


def _addresses(mail: Message, name: str) -> list[str]:
    values = [" ".join(str(value)[:LONGEST_HEADER].split()) for value in (mail.get_all(name) or [])[:10]]
    found = getaddresses(values)
    return [address for _, address in found if 3 <= len(address) <= 254 and "@" in address and address.isprintable()]


def _text(parts: list[Message]) -> str:
    """What a person would read: the first text that is no attachment, else the first HTML."""
    for kind in ("text/plain", "text/html"):
        for part in _outside_reports(parts):
            if part.get_content_type() == kind and part.get_content_disposition() != "attachment":
                found = _printable(_body(part))[:LONGEST_TEXT]
                shown = plain.text(QUOTE.sub("", found), LONGEST_TEXT) if kind == "text/html" else found
                if shown.strip():
                    return shown.replace("\r\n", "\n").replace("\r", "\n").strip()
    return ""


def _outside_reports(parts: list[Message]) -> Iterator[Message]:
    """A mail that another carries is not what its writer said."""
    carried: set[int] = set()
    for part in parts:
        inner = part.get_payload()
        if isinstance(inner, list) and (part.get_content_maintype() == "message" or id(part) in carried):
            carried.update(id(each) for each in inner)
        if id(part) not in carried:
            yield part


def _body(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return _decoded(payload, part.get_content_charset() or "utf-8") if isinstance(payload, bytes) else ""


def _decoded(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset, "replace")
    except (LookupError, ValueError):  # a charset that nobody knows, or one that is no text at all
        return data.decode("utf-8", "replace")


def _printable(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable() or sign in "\n\r\t \u200c\u200d").replace("\t", " ")


def _reports(parts: list[Message]) -> tuple[Report, ...]:
    """One for each recipient of a delivery status notification (RFC 3464)."""
    found = []
    for part in parts:
        if part.get_content_type() not in ("message/delivery-status", "message/global-delivery-status"):
            continue
        blocks = part.get_payload()
        for block in [each for each in blocks if isinstance(each, Message)] if isinstance(blocks, list) else []:
            recipient = _typed(_header(block, "original-recipient")) or _typed(_header(block, "final-recipient"))
            if recipient:
                status = _header(block, "status")[:20]
                said = _typed(_header(block, "diagnostic-code")) or _header(block, "diagnostic-code")
                found.append(Report(recipient, _header(block, "action").lower(), status, said[:500]))
    return tuple(found[:MOST_REPORTS])


def _typed(value: str) -> str:
    """`rfc822; jan@mission.example` without its type."""
    return value.partition(";")[2].strip().strip("<>") if ";" in value else ""


def _guessed(data: bytes, parts: list[Message]) -> tuple[Report, ...]:
    """What the many servers that send no report mean. What one of them said decides how much it counts."""
    try:
        later, never = all_failures(message_from_bytes(data, policy=policy.compat32))
    except Exception:  # noqa: BLE001  its detectors stumble over what they do not expect
        return ()
    said = " ".join(_text(parts).split())[:2000]
    reports = [Report(_decoded(address, "ascii"), "failed", said=said) for address in sorted(never)]
    reports += [Report(_decoded(address, "ascii"), "delayed", said=said) for address in sorted(later)]
    return tuple(reports[:MOST_REPORTS])


def _complaint(parts: list[Message]) -> Complaint | None:
    """An abuse report (RFC 5965): about whom, as far as the provider says it."""
    for n, part in enumerate(parts):
        if part.get_content_type() != "message/feedback-report":
            continue
        fields = _fields(part)
        about = [fields.get(name, "") for name in ("original-rcpt-to", "removal-recipient", "original-mail-from")]
        carried = [a for inner in parts[n:] if inner["message-id"] for name in TO for a in _addresses(inner, name)]
        found = [address.strip().strip("<>") for address in about] + carried
        kind = fields.get("feedback-type", "abuse").lower()[:40]
        return Complaint(tuple(dict.fromkeys(a for a in found if "@" in a))[:MOST_ADDRESSES], kind)
    return None


def _fields(part: Message) -> dict[str, str]:
    """The parser takes such a part for a mail of its own: its fields are that mail's headers, or its text."""
    inner = part.get_payload()
    block = inner[0] if isinstance(inner, list) and inner else part
    named = {name.lower(): _header(block, name) for name in block} if isinstance(block, Message) else {}
    lines = (line.partition(":") for line in _body(part).splitlines()[:50]) if not isinstance(inner, list) else ()
    return {name.strip().lower(): value.strip() for name, colon, value in lines if colon} | named
