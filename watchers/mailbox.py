"""Watch the mailbox to which bounces and answers come: a Maildir, or a folder over IMAP. It deletes nothing."""

import base64
import contextlib
import hashlib
import imaplib
import os
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from alerts.domain.errors import Invalid
from alerts.domain.returns import Mailbox
from alerts.domain.times import Instant

LARGEST = 1024 * 1024
"""Bytes read of one mail: what a person wrote and what a server reports stand at its beginning."""

MOST = 500
"""Mails in one round."""

SECONDS = 20
FIRST = timedelta(days=3)
"""How far back a mailbox is read that was never read before: it may hold years of somebody's mail."""

LOOPBACK = ("localhost", "127.0.0.1", "::1")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Failed(Exception):
    """The mailbox could not be read. Its text is one sentence, without addresses and passwords."""


@dataclass(frozen=True, slots=True)
class Raw:
    """One mail as bytes, LARGEST at most. `place`: its file name, or its UID."""

    place: str
    data: bytes

    @property
    def source(self) -> str:
        """The same each time it is read, whatever the mailbox calls it by then."""
        return hashlib.blake2b(self.data, digest_size=16).hexdigest()


class Box(Protocol):
    def mails(self) -> Iterator[Raw]:
        """What was not read yet, MOST at most, the oldest first. Raises Failed."""
        ...

    def done(self, mail: Raw, *, ours: bool) -> None:
        """It was taken, and what came of it is committed. `ours`: it was for us; else a person should still see it."""
        ...

    @property
    def read(self) -> Mailbox:
        """How far the mailbox was read once all that `mails` gave is done."""
        ...


def id_of(url: str) -> str:
    """A name for the mailbox that tells nothing of it: with another account or folder the reading begins anew."""
    parts = urlsplit(url)
    place = f"{parts.scheme.rstrip('s')}|{parts.username}|{parts.hostname}|{parts.path}"
    return hashlib.blake2b(place.encode(), digest_size=8).hexdigest()


@contextmanager
def opened(url: str, before: Mailbox, now: Instant) -> Iterator[Box]:
    """The mailbox, ready to be read on from `before`. Raises Failed, Invalid (no such kind of mailbox)."""
    parts = urlsplit(url)
    if parts.scheme == "maildir":
        yield Maildir(Path(unquote(parts.path)), before)
    elif parts.scheme in ("imap", "imaps"):
        with _imap(parts, before, now) as box:
            yield box
    else:
        raise Invalid("mailbox.url must be imaps://user:password@host/INBOX or maildir:/path.")


class Maildir:
    """What stands in new/; once taken it moves to cur/, marked as seen if it was for us."""

    def __init__(self, folder: Path, before: Mailbox) -> None:
        self.folder, self.read = folder, before

    def mails(self) -> Iterator[Raw]:
        try:
            names = sorted(entry.name for entry in os.scandir(self.folder / "new") if entry.is_file())
        except OSError as error:
            raise Failed(f"the Maildir of mailbox.url cannot be read: {error.strerror}.") from None
        for name in names[:MOST]:
            try:
                with (self.folder / "new" / name).open("rb") as file:
                    yield Raw(name, file.read(LARGEST))
            except FileNotFoundError:  # a mail program took it meanwhile
                continue
            except OSError as error:
                raise Failed(f"a mail in the Maildir of mailbox.url cannot be read: {error.strerror}.") from None

    def done(self, mail: Raw, *, ours: bool) -> None:
        base = mail.place.partition(":")[0]
        try:
            (self.folder / "cur").mkdir(exist_ok=True)
            (self.folder / "new" / mail.place).rename(self.folder / "cur" / f"{base}:2,{'S' if ours else ''}")
        except FileNotFoundError:
            pass
        except OSError as error:
            raise Failed(f"a mail cannot be moved within the Maildir of mailbox.url: {error.strerror}.") from None


class Imap:
    """A folder, opened read-only: what a person has seen or not in their own mail program stays as it is."""

    def __init__(self, line: imaplib.IMAP4, before: Mailbox, now: Instant) -> None:
        self.line, self.now = line, now
        validity = int((line.response("UIDVALIDITY")[1] or [b"0"])[0] or 0)
        self.read = before if before.uidvalidity == validity else replace(before, uidvalidity=validity, uid=0)

    def mails(self) -> Iterator[Raw]:
        for uid in self._unread()[:MOST]:
            if data := self._fetched(uid):
                yield Raw(str(uid), data)
            self.read = replace(self.read, uid=uid)

    def done(self, mail: Raw, *, ours: bool) -> None:
        self.read = replace(self.read, uid=int(mail.place))

    def _unread(self) -> list[int]:
        if self.read.uid:
            found = self._do("SEARCH", "UID", f"{self.read.uid + 1}:*")
        else:
            day = min(self.now, self.read.read_at or self.now) - FIRST
            found = self._do("SEARCH", "SINCE", f"{day.day}-{MONTHS[day.month - 1]}-{day.year}")
        numbers = sorted(int(word) for part in found if isinstance(part, bytes) for word in part.split())
        return [uid for uid in numbers if uid > self.read.uid]  # n:* names the last one even where it is older

    def _fetched(self, uid: int) -> bytes:
        """Empty where it is no longer there."""
        found = self._do("FETCH", str(uid), f"(BODY.PEEK[]<0.{LARGEST}>)")
        return next((bytes(part[1]) for part in found if isinstance(part, tuple)), b"")

    def _do(self, *words: str) -> list[object]:
        with _in_words():
            answer, found = self.line.uid(*words)
        if answer != "OK":
            raise Failed("the IMAP server refused to be read.")
        return list(found)


@contextmanager
def _imap(parts: SplitResult, before: Mailbox, now: Instant) -> Iterator[Box]:
    with _in_words():
        line = _connected(parts)
    try:
        with _in_words():
            _log_in(line, parts)
            folder = _folder(parts)
            if line.select(folder, readonly=True)[0] != "OK":
                raise Failed("the IMAP server has no such folder as mailbox.url names.")
        yield Imap(line, before, now)
    finally:
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            line.logout()


def _connected(parts: SplitResult) -> imaplib.IMAP4:
    host = parts.hostname or ""
    trust = ssl.create_default_context()
    if host in LOOPBACK:  # a bridge on this computer has a certificate of its own making
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    if parts.scheme == "imaps":
        return imaplib.IMAP4_SSL(host, parts.port or 993, ssl_context=trust, timeout=SECONDS)
    line = imaplib.IMAP4(host, parts.port or 143, timeout=SECONDS)
    if "STARTTLS" in line.capabilities:
        line.starttls(trust)
    elif host not in LOOPBACK:
        line.shutdown()
        raise Failed("the IMAP server offers no TLS, so the password was not sent: write imaps:// in mailbox.url.")
    return line


def _log_in(line: imaplib.IMAP4, parts: SplitResult) -> None:
    try:
        line.login(unquote(parts.username or ""), unquote(parts.password or ""))
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeEncodeError):
        raise Failed("the IMAP server does not take the user and password in mailbox.url.") from None


def _folder(parts: SplitResult) -> str:
    """Its name as the wire has it: modified UTF-7 (RFC 3501 §5.1.3), quoted."""
    name = unquote(parts.path.removeprefix("/")) or "INBOX"
    coded = re.sub(
        r"[^\x20-\x7e]+",
        lambda run: f"&{base64.b64encode(run[0].encode('utf-16-be', 'surrogatepass')).decode().rstrip('=')}-".replace(
            "/", ","
        ),
        name.replace("&", "&-"),
    )
    return '"' + coded.replace("\\", "\\\\").replace('"', '\\"') + '"'


@contextmanager
def _in_words() -> Iterator[None]:
    """What goes wrong on the line, as Failed. The server's own words may name the account: they are left out."""
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise Failed("the IMAP server's certificate is not valid for its name.") from None
    except ssl.SSLError:
        raise Failed("TLS with the IMAP server failed: imaps:// is for port 993, imap:// for 143.") from None
    except TimeoutError:
        raise Failed(f"the IMAP server did not answer within {SECONDS} s.") from None
    except OSError as error:
        raise Failed(f"the IMAP server cannot be reached: {error.strerror or type(error).__name__}.") from None
    except imaplib.IMAP4.error:
        raise Failed("the IMAP server broke off, or said something that is not IMAP.") from None
