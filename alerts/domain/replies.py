"""What an SMTP refusal means: is it about this reader, about us, or about this moment?

Two tables with their sources, codes and words. Reply codes are RFC 5321 §4.2, enhanced codes RFC 3463 and the IANA
registry of SMTP enhanced status codes.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from alerts.domain.delivery import Blocked, Outcome, Rejected, Retry

ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
ADDRESS = re.compile(r"\S+@\S+")
MENTIONED = re.compile(r"[^\s<>,;:\"()]+@[^\s<>,;:\"()]+")
"""An address in the words of a relay, without the brackets and commas around it: what is kept of them holds none."""

IANA = "IANA, SMTP enhanced status codes"
GOOGLE = "Google, Gmail SMTP errors and codes (support.google.com/a/answer/3726730)"
MICROSOFT = "Microsoft, non-delivery reports in Exchange Online (learn.microsoft.com)"
AMAZON = "Amazon SES, errors related to sending quotas (docs.aws.amazon.com)"
POSTFIX = "Postfix, what smtpd says (postconf.5)"
USUAL = "seen at several servers"


class Stage(StrEnum):
    CONNECT = "connect"
    LOGIN = "log-in"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"


class About(StrEnum):
    US = "us"
    THEM = "them"


@dataclass(frozen=True, slots=True)
class Code:
    """An enhanced status code 5.(subject).(detail); detail None: all of that subject. `stage`: only there."""

    about: About
    subject: int
    detail: int | None
    says: str
    source: str
    stage: Stage | None = None


CODES = (
    Code(About.THEM, 1, 1, "no such mailbox", IANA),
    Code(About.THEM, 1, 2, "no such domain", IANA),
    Code(About.THEM, 1, 3, "the address is malformed", IANA),
    Code(About.THEM, 1, 4, "the address is ambiguous", IANA),
    Code(About.THEM, 1, 6, "the mailbox has moved", IANA),
    Code(About.THEM, 1, 10, "the domain takes no mail, or the recipient was not found", f"{IANA}; {MICROSOFT}"),
    Code(About.THEM, 2, 0, "something about the mailbox", IANA),
    Code(About.THEM, 2, 1, "the mailbox is disabled", f"{IANA}; {GOOGLE}"),
    Code(About.THEM, 2, 2, "the mailbox is full", f"{IANA}; {GOOGLE}"),
    Code(About.THEM, 2, 3, "longer than the mailbox allows", IANA),
    Code(About.THEM, 2, 4, "a list that cannot be expanded", IANA),
    Code(About.THEM, 4, 1, "no such recipient, said at the edge", MICROSOFT),
    Code(About.THEM, 7, 124, "only who is on its list may write to this group", MICROSOFT),
    Code(About.THEM, 7, 129, "only who is on their list may write to this recipient", MICROSOFT),
    Code(About.THEM, 7, 133, "only colleagues may write to this group", MICROSOFT),
    Code(About.THEM, 7, 134, "only colleagues may write to this mailbox", MICROSOFT),
    Code(About.THEM, 7, 135, "only colleagues may write to this folder", MICROSOFT),
    Code(About.THEM, 7, 136, "only colleagues may write to this user", MICROSOFT),
    Code(About.US, 1, 7, "the sender's address is malformed", IANA),
    Code(About.US, 1, 8, "the sender's address is refused", IANA),
    Code(About.US, 1, 90, "the daily limit", MICROSOFT),
    Code(About.US, 3, 4, "the message is too big", IANA),
    Code(About.US, 4, 5, "the daily limit", GOOGLE),
    Code(About.US, 5, 1, "a command that we may not give", IANA),
    Code(About.US, 7, None, "policy, authentication, reputation", IANA),
    Code(About.US, 3, None, "the relay's own trouble with this message", IANA, Stage.DATA),
    Code(About.US, 5, None, "the relay does not follow what we said", IANA, Stage.DATA),
    Code(About.US, 6, None, "what the message holds", IANA, Stage.DATA),
)
"""Where a code of a whole subject stands as well, the one with its detail counts.

Were a reply about a reader taken to be about us, one bad address would stop the mail of all; the other way round, a
night without quota would destroy the list.
"""

QUOTA_WORDS = (
    ("quota exceeded", GOOGLE),
    ("sending limit", GOOGLE),
    ("sending quota", GOOGLE),
    ("daily message quota", AMAZON),
    ("daily limit", MICROSOFT),
    ("daily message limit", USUAL),
    ("message rate limit", USUAL),
    ("too many messages", USUAL),
)
US_WORDS = (
    *QUOTA_WORDS,
    ("rate limit", USUAL),
    ("sender address", POSTFIX),
    ("not owned by", POSTFIX),
    ("relay access denied", POSTFIX),
    ("authentication required", USUAL),
    ("blacklist", USUAL),
    ("blocklist", USUAL),
    ("spam", USUAL),
    ("suspended", USUAL),
)
THEM_WORDS = (
    ("user unknown", POSTFIX),
    ("unknown user", USUAL),
    ("unknown recipient", USUAL),
    ("no such user", USUAL),
    ("no such recipient", USUAL),
    ("no such mailbox", USUAL),
    ("invalid recipient", USUAL),
    ("does not exist", GOOGLE),
    ("mailbox not found", USUAL),
    ("recipient not found", USUAL),
    ("mailbox unavailable", "RFC 5321 §4.2.3"),
    ("mailbox is full", USUAL),
    ("mailbox full", USUAL),
)
"""What is read where no enhanced code says it. Addresses are taken out first: theirs may be antispam@…"""

ABOUT_THEM = {(code.subject, code.detail) for code in CODES if code.about is About.THEM}
ABOUT_US = {(code.subject, code.detail) for code in CODES if code.about is About.US and code.detail is not None}
ABOUT_US_WORDS = tuple(words for words, _ in US_WORDS)

_EXACT = {(code.subject, code.detail): code.about for code in CODES if code.detail is not None}
_WHOLE = {(code.subject, code.stage): code.about for code in CODES if code.detail is None}


def outcome(stage: Stage, code: int, text: str, *, took_others: bool = False) -> Outcome:
    """Sent is never answered here: only a refusal comes. `text` is the reply without its code.

    `took_others`: the same relay took other recipients of that domain within the hour. Only then is a 5xx that the
    tables do not know about the reader; else it is about us.
    """
    text = " ".join(text.split())[:300]
    reason = f"{code} {text}".strip()
    if stage in (Stage.CONNECT, Stage.LOGIN):
        return Blocked(reason)
    if 400 <= code < 500:
        passes = stage is not Stage.MAIL or code in (421, 454)
        return Retry(reason) if passes and not _daily(text) else Blocked(reason)
    about = About.US if stage is Stage.MAIL else _about(stage, text)
    if about is None:
        about = About.THEM if took_others else About.US
    return Rejected(reason) if about is About.THEM else Blocked(reason)


def about_quota(reason: str) -> bool:
    """Whether a relay that refused us said that our day is full: it ends by itself."""
    enhanced = ENHANCED.search(reason)
    detail = (int(enhanced[2]), int(enhanced[3])) if enhanced else None
    return detail in ((1, 90), (4, 5)) or _says(reason, QUOTA_WORDS)


LOG_IN = ("530", "534", "535", "538")
"""Reply codes that speak of our log-in (RFC 4954 §6)."""


def known(reason: str) -> bool:
    """Whether a relay that refused us said so for sure: by a code of its own, or speaking of a quota.

    A mere 5.7.x, or a word like “spam”, may be about one reader after all.
    """
    enhanced = ENHANCED.search(reason)
    exact = _EXACT.get((int(enhanced[2]), int(enhanced[3]))) if enhanced else None
    sure = not reason.startswith("5") or reason[:3] in LOG_IN
    return sure or exact is About.US or about_quota(reason)


def _about(stage: Stage, text: str) -> About | None:
    """Whom a 5xx after the sender was taken is about, as far as the tables know."""
    enhanced = ENHANCED.search(text)
    subject, detail = (int(enhanced[2]), int(enhanced[3])) if enhanced else (0, 0)
    if (subject, detail) in _EXACT:
        return _EXACT[subject, detail]
    if _says(text, US_WORDS):
        return About.US
    whole = _WHOLE.get((subject, None)) or _WHOLE.get((subject, stage))
    return whole or (About.THEM if _says(text, THEM_WORDS) else None)


def _daily(text: str) -> bool:
    """A day's limit said with a 4xx: no minute of patience helps."""
    return _says(text, tuple(words for words in QUOTA_WORDS if "daily" in words[0]))


def _says(text: str, words: tuple[tuple[str, str], ...]) -> bool:
    said = ADDRESS.sub("", text.lower())
    return any(word in said for word, _ in words)
