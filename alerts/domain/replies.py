"""What an SMTP refusal means: is it about this reader, about us, or about this moment?

Reply codes are RFC 5321 §4.2, enhanced codes RFC 3463 and the IANA registry of SMTP enhanced status codes. What
providers answer when a quota or an account is the trouble: Gmail “550 5.4.5 Daily user sending limit exceeded”
(support.google.com/mail/answer/6596), Exchange Online “550 5.1.90 … daily limit” and “550 5.7.30 Basic
authentication is not supported” (learn.microsoft.com, non-delivery reports), mailbox.org “553 5.7.1 Sender address
rejected”.
"""

import re
from enum import StrEnum

from alerts.domain.delivery import Blocked, Outcome, Rejected, Retry

ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
ADDRESS = re.compile(r"\S+@\S+")

ABOUT_US = {
    (1, 7),  # the sender's address is malformed
    (1, 8),  # the sender's address is refused
    (1, 90),  # Exchange Online: the daily limit
    (3, 4),  # the message is too big
    (4, 5),  # Gmail: the daily limit
    (5, 1),  # a command that we may not give
}
"""Enhanced codes 5.(subject).(detail) by which the relay refuses us, although a recipient was just named.

So are all 5.7.x.
"""

ABOUT_THEM = {(1, 1), (1, 2), (1, 3), (1, 4), (1, 6), (1, 10), (2, 0), (2, 1), (2, 2), (2, 3), (2, 4)}
"""Codes by which it is their address or mailbox, whatever words follow: “5.2.2 Quota exceeded” is a full mailbox.

Were such a reply taken to be about us, one bad address would stop the mail of all.
"""

ABOUT_US_WORDS = (
    "quota exceeded",
    "sending limit",
    "daily limit",
    "rate limit",
    "too many messages",
    "sender address",
    "not owned by",
    "authentication required",
    "blacklist",
    "blocklist",
    "spam",
    "suspended",
)


class Stage(StrEnum):
    CONNECT = "connect"
    LOGIN = "log-in"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"


def outcome(stage: Stage, code: int, text: str) -> Outcome:
    """Sent is never answered here: only a refusal comes. `text` is the reply without its code."""
    text = " ".join(text.split())[:300]
    reason = f"{code} {text}".strip()
    enhanced = ENHANCED.search(text)
    detail = (int(enhanced[2]), int(enhanced[3])) if enhanced else None
    if stage in (Stage.CONNECT, Stage.LOGIN):
        return Blocked(reason)
    if 400 <= code < 500:
        return Blocked(reason) if stage is Stage.MAIL and code != 421 else Retry(reason)
    if stage is Stage.MAIL or _about_us(detail, text):
        return Blocked(reason)
    if stage is Stage.RCPT:
        return Rejected(reason)
    return Blocked(reason) if detail is None or detail[0] in (3, 5, 6) else Rejected(reason)


def _about_us(detail: tuple[int, int] | None, text: str) -> bool:
    if detail and (detail in ABOUT_US or detail[0] == 7):
        return True
    said = ADDRESS.sub("", text.lower())  # the address may be antispam@…
    return detail not in ABOUT_THEM and any(words in said for words in ABOUT_US_WORDS)
