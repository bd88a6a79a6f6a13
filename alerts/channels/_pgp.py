"""OpenPGP (an extra that not every desk installs): a mail signed by the desk and encrypted to one reader.

PGP/MIME (RFC 3156), with the true headers inside (RFC 9788). The subject and the label outside say nothing, and what is
encrypted has one of a few sizes, so that nobody on the way can tell one alert from another by its length.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from alerts.domain.delivery import Retry
from alerts.domain.errors import Invalid
from alerts.domain.times import Instant
from alerts.domain.ways import Way

KIB = 1024
SIZES = (KIB, 4 * KIB, 16 * KIB, 64 * KIB)
"""What is encrypted is padded to one of these; what is longer, to a multiple of the last."""

OLD, V4 = 3, 4
"""Versions: of a packet that names a recipient before RFC 9580, and of a key before it."""

LONGEST, MOST_NAMES = 1024 * KIB, 1000
SUBJECT = b"Subject: [...]"
MISSING = "OpenPGP is not installed: pip install 'vigil-alerts[pgp]'."

OUTSIDE = frozenset({
    b"from", b"to", b"reply-to", b"date", b"message-id", b"list-id", b"list-unsubscribe", b"list-unsubscribe-post",
    b"auto-submitted", b"mime-version",
})  # fmt: skip
"""What mail servers need to see. All else is inside only: the subject, the label, the language."""

NOBODY = """-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEXgvhABYJKwYBBAHaRw8BAQdAj/AAEVTRFixBBd9RD2RxJVZxsfwghtiai5VF
dnPFnRi0Bm5vYm9keYiQBBMWCAA4FiEElunKmeqnDH40HKS5cqxoJBTQDDMFAl4L
4QACGwEFCwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQcqxoJBTQDDNL6QEA8r2O
ne8tJb7UsgTC3IFg9SCDls01dRmMjLpJ2/8k3R0BAI0GkIj0Wep6sIGkk7pqAund
SWfv/TwKM38FeEgGJfQKuDgEXgvhPBIKKwYBBAGXVQEFAQEHQNLCH0y8YTvVQwEj
vsDbG1qVOts2neWNgkQy3ztfyvtJAwEIB4h4BBgWCAAgFiEElunKmeqnDH40HKS5
cqxoJBTQDDMFAl4L4TwCGwwACgkQcqxoJBTQDDP1VAEAuTqiLhA4wOCOitAn5CPw
7LAvZ5kuFpD3D1phkAM2f2EA/jfS3w06UHTp57eGdS/A6O3/NdX4/8XIPhdJzM/o
xwkK
=v0lX
-----END PGP PUBLIC KEY BLOCK-----
"""
NOBODYS_KEY = "ceffe22a25a44999"
"""A certificate as GnuPG 2.2 makes them, whose secret half was thrown away: see `_sealed`."""

Signer = Any
"""A signing key, unlocked, as `signer` answers it."""

Seal = Callable[[bytes, Way], bytes | Retry]
"""Makes of a composed mail what goes to a reader with that way, or says why nothing may go now."""


@dataclass(frozen=True, slots=True)
class Cert:
    """A certificate as it was read: whose, and until when each key that would be used is good (None: for ever).

    `newer`: it says that its owner's programs know the messages of RFC 9580.
    """

    opened: Any
    newer: bool
    names: tuple[str, ...]
    revoked: bool
    until: datetime | None
    keys_until: tuple[datetime | None, ...]


def sealing(sign: Callable[[], Signer], now: Callable[[], Instant]) -> Seal:
    """What makes of a mail that which goes to a reader: see `outgoing`. `sign` answers the desk's key."""
    return lambda mail, way: outgoing(mail, way, sign, now) if way.cert or way.encrypt_only else mail


def unsealed(mail: bytes, way: Way) -> bytes | Retry:
    """The same where nothing can be encrypted: who takes encrypted mail only gets none."""
    return Retry("this desk does not encrypt") if way.encrypt_only else mail


def outgoing(mail: bytes, way: Way, sign: Callable[[], Signer], now: Callable[[], Instant]) -> bytes | Retry:
    """The mail as it goes to this reader: encrypted if their key can be used, and plain if they take plain mail.

    Retry where they take encrypted mail only, and it cannot be had now; or where the desk's own key cannot be read.
    """
    at = now()
    if why := usable(way.cert, at):
        return Retry(f"their key {why}") if way.encrypt_only else mail
    try:
        return encrypt(mail, way.cert, sign(), at)
    except Invalid as refusal:
        return Retry(str(refusal).removesuffix("."))


def usable(cert: str, now: Instant) -> str:
    """Why no mail can be encrypted to it at `now`, in words that may stand after “their key”; empty if one can."""
    try:
        _library()
    except Invalid as refusal:
        return f"cannot be used. {refusal}".removesuffix(".")
    try:
        read = _read(cert)
    except Invalid as refusal:
        return str(refusal)
    if read.revoked:
        return "was revoked"
    if read.until and read.until <= now:
        return f"expired on {read.until:%Y-%m-%d}"
    if not any(until is None or now < until for until in read.keys_until):
        last = max(until for until in read.keys_until if until)
        return f"has a part for encryption that expired on {last:%Y-%m-%d}"
    return ""


def names(cert: str) -> tuple[str, ...]:
    """The addresses that the certificate says it is for, in small letters. Raises Invalid."""
    return _read(cert).names


def encrypt(mail: bytes, cert: str, sign: Signer | None, now: Instant) -> bytes:
    """A mail as `_mime.compose` makes it, encrypted to this one certificate. Lines end in CRLF; it is not dot-stuffed.

    Raises Invalid where the certificate cannot be used at `now`.
    """
    if why := usable(cert, now):
        raise Invalid(f"Their key {why}.")
    head, _, body = mail.partition(b"\r\n\r\n")
    rows = re.split(rb"\r\n(?![ \t])", head)
    named = [(row.partition(b":")[0].lower(), row) for row in rows]
    outer = [SUBJECT if name == b"subject" else row for name, row in named if name in OUTSIDE or name == b"subject"]
    inner = _padded(_inside(named, outer) + b"\r\n\r\n" + body)
    sealed = _sealed(inner, _read(cert), sign)
    boundary = _boundary(named)
    parts = (
        b"Content-Type: application/pgp-encrypted\r\nContent-Description: PGP/MIME version identification\r\n\r\n"
        b"Version: 1\r\n",
        b'Content-Type: application/octet-stream; name="encrypted.asc"\r\n'
        b'Content-Disposition: inline; filename="encrypted.asc"\r\n\r\n' + sealed.replace(b"\n", b"\r\n"),
    )
    outer.append(
        b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";\r\n boundary="' + boundary + b'"'
    )
    between = b"--" + boundary
    return b"\r\n".join([*outer, b"", *(piece for part in parts for piece in (between, part)), between + b"--", b""])


def make(name: str, address: str) -> str:
    """A new signing key for this sender, armored, without a passphrase: Ed25519, as GnuPG 2.2 knows it, for ever."""
    library = _library()
    made = library.Tsk.generate(
        user_id=f"{name} <{address}>" if name else address,
        cipher_suite=library.CipherSuite.Cv25519, profile=library.Profile.RFC4880,
    )  # fmt: skip
    return str(made)


def signer(key: str) -> Signer:
    """Raises Invalid."""
    return _key(key).signer()


def public(key: str) -> str:
    """The certificate of a signing key, armored, for those who want to verify. Raises Invalid."""
    return str(_key(key).extract_certificate())


def _key(key: str) -> Any:
    library = _library()
    try:
        return library.Tsk.from_bytes(key.encode())
    except RuntimeError:
        raise Invalid("is not an OpenPGP key") from None


@lru_cache(4096)
def _read(cert: str) -> Cert:
    """Raises Invalid, with words that may stand after “their key”.

    The library takes a certificate that has expired, so each that it would encrypt to is looked at here.
    """
    if len(cert) > LONGEST:
        raise Invalid("is larger than 1 MiB")
    library = _library()
    try:
        found = library.Cert.split_bytes(cert.encode())
        if len(found) != 1:
            raise Invalid("is several keys: give one" if found else "is not an OpenPGP certificate")
        opened = found[0]
        packets = list(library.packet.PacketPile.from_bytes(cert.encode()))
    except RuntimeError:
        raise Invalid("is not an OpenPGP certificate") from None
    if any("Secret" in str(packet.tag) for packet in packets):
        raise Invalid("is a secret key: delete it from here, and ask them for the public one alone")
    said = [packet for packet in packets if packet.user_id is not None]
    if len(said) > MOST_NAMES:
        raise Invalid(f"has more than {MOST_NAMES:,} user ids")
    try:
        revoked, until = opened.is_revoked, opened.expiration
        trial = library.encrypt(b"", recipients=[opened])
    except RuntimeError:
        raise Invalid("has no part that can encrypt") from None
    asked = _asked(trial)
    ends = _ends(packets)
    keys = tuple(ends.get(_recipient(packet), until) for packet in asked)
    newer = any(packet.body[0] != OLD and packet.body[2] == V4 for packet in asked)
    emails = (packet.user_id_email or packet.user_id for packet in said)
    return Cert(opened, newer, tuple(email.strip("<>").lower() for email in emails), revoked, until, keys)


def _asked(message: bytes) -> list[Any]:
    """The packets of a message that name a key by which it can be opened."""
    library = _library()
    packets = library.packet.PacketPile.from_bytes(message)
    return [packet for packet in packets if packet.tag == library.packet.Tag.PKESK]


def _recipient(packet: Any) -> str:
    """The key's id, or its fingerprint in the messages of RFC 9580 (§5.1)."""
    body = bytes(packet.body)
    return body[1:9].hex() if body[0] == OLD else body[3 : 2 + body[1]].hex()


def _sealed(plain: bytes, cert: Cert, sign: Signer | None) -> bytes:
    """Signed, encrypted and armored.

    Sequoia's keys promise the messages of RFC 9580, and people use them with GnuPG, which reads none of those. The
    library offers no choice, but keeps to the older kind, which all programs read, when one of several recipients
    promises less. So NOBODY is asked along, and the packet for NOBODY taken out.
    """
    library = _library()
    if not cert.newer:
        return bytes(library.encrypt(plain, recipients=[cert.opened], signer=sign))
    nobody = library.Cert.from_bytes(NOBODY.encode())
    both = library.encrypt(plain, recipients=[nobody, cert.opened], signer=sign, armor=False)
    pkesk, packets = library.packet.Tag.PKESK, library.packet.PacketPile.from_bytes(both)
    kept = [bytes(packet) for packet in packets if packet.tag != pkesk or _recipient(packet) != NOBODYS_KEY]
    return str(library.armor(b"".join(kept), library.ArmorKind.Message)).encode()


def _ends(packets: list[Any]) -> dict[str, datetime | None]:
    """When each subkey ends, by its newest binding; by id and by fingerprint."""
    ends: dict[str, datetime | None] = {}
    key: Any = None
    newest: datetime | None = None
    for packet in packets:
        if "Subkey" in str(packet.tag):
            key, newest = packet, None
            continue
        bound = key and "SubkeyBinding" in str(packet.signature_type)
        if bound and (newest is None or packet.signature_created >= newest):
            newest, lasts = packet.signature_created, packet.key_validity_period
            ends[key.key_id] = ends[key.fingerprint] = key.key_created + lasts if lasts else None
    return ends


def _inside(named: list[tuple[bytes, bytes]], outer: list[bytes]) -> bytes:
    """All headers as they truly are, and in HP-Outer how they stood outside (RFC 9788 §2.2)."""
    protected = b';\r\n hp="cipher"; protected-headers="v1"'  # the second: what programs before 2025 look for
    rows = [row + (protected if name == b"content-type" else b"") for name, row in named if name != b"mime-version"]
    rows += [b"HP-Outer: " + row for row in outer if not row.lower().startswith(b"mime-version:")]
    return b"\r\n".join(rows)


def _padded(plain: bytes) -> bytes:
    """Blank lines after the last boundary, where no mail program looks."""
    size = next((size for size in SIZES if len(plain) <= size), -(-len(plain) // SIZES[-1]) * SIZES[-1])
    short = size - len(plain)
    return plain + (b" " * 70 + b"\r\n") * (short // 72) + b" " * (short % 72)


def _boundary(named: list[tuple[bytes, bytes]]) -> bytes:
    """The inner one, with a letter before it: it was made from the Message-ID alone."""
    inner = re.search(rb'boundary="([^"]+)"', dict(named).get(b"content-type", b""))
    return b"=-" + (inner[1].lstrip(b"=_") if inner else b"sealed")


def _library() -> Any:
    try:
        import pysequoia
        import pysequoia.packet
    except ImportError:
        raise Invalid(MISSING) from None
    return pysequoia
