"""Sealed columns: AES-256-GCM bound to table, column and row; look-up by an HMAC blind index.

A value is `version (1) | key id (2) | nonce (12) | ciphertext | tag (16)`. Keys live outside the database, one line
each in a file: `<key id> <base64 of 32 bytes>`, the first line being the one that seals. What is derived from them for
each purpose is by HKDF-SHA-256 (RFC 5869).
"""

import base64
import hmac
import os
import unicodedata
from collections.abc import Callable
from functools import cache, cached_property
from hashlib import blake2b
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from alerts.domain.errors import Invalid

VERSION = b"\x01"


class Keys:
    """The desk's keys by id. `first` seals; all of them open."""

    def __init__(self, secrets: dict[bytes, bytes]) -> None:
        self.secrets = secrets
        self.first = next(iter(secrets))

    def derive(self, purpose: str, key_id: bytes | None = None) -> bytes:
        secret = self.secrets[key_id or self.first]
        return HKDF(hashes.SHA256(), 32, salt=None, info=f"vigil {purpose}".encode()).derive(secret)


class Vault:
    """Asks `keys` once, when the first value is sealed or opened, so that a desk can start locked."""

    def __init__(self, keys: Callable[[], Keys]) -> None:
        self._keys = keys

    @cached_property
    def keys(self) -> Keys:
        return self._keys()

    @cached_property
    def _ciphers(self) -> dict[bytes, AESGCM]:
        return {VERSION + key_id: AESGCM(self.keys.derive("seal", key_id)) for key_id in self.keys.secrets}

    @cached_property
    def _index(self) -> bytes:
        return self.keys.derive("index")

    def seal(self, text: str, place: str) -> bytes:
        """`place` is `table|column|row id`: a value opens nowhere else."""
        nonce, key = os.urandom(12), VERSION + self.keys.first
        return key + nonce + self._ciphers[key].encrypt(nonce, text.encode(), place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """Raises Invalid where the value was moved or changed, or its key is missing."""
        cipher = self._ciphers.get(sealed[:3])
        if cipher is None:
            raise Invalid("A sealed value needs a key that this keys file does not hold.")
        try:
            return cipher.decrypt(sealed[3:15], sealed[15:], place.encode()).decode()
        except (InvalidTag, ValueError):  # ValueError: cut so short that there is no nonce or tag
            raise Invalid("A sealed value does not open: it was moved or changed.") from None

    def index(self, address: str) -> bytes:
        """The blind index of an address, the same for every way of writing it."""
        folded = unicodedata.normalize("NFC", address.strip()).lower()
        return hmac.digest(self._index, folded.encode(), "sha256")[:16]

    def sign(self, purpose: str, text: str) -> bytes:
        """32 bytes that only this desk can make, for message ids and for links in mails: keyed BLAKE2b (RFC 7693)."""
        return self.signer(purpose)(text.encode())

    @cache  # noqa: B019  a desk has one vault, and a handful of purposes
    def signer(self, purpose: str) -> Callable[[bytes], bytes]:
        """As `sign`, for many in a row: a mail has four signatures, which must not cost more than the mail."""
        keyed = blake2b(key=self.keys.derive(purpose), digest_size=32)

        def sign(text: bytes) -> bytes:
            hash = keyed.copy()
            hash.update(text)
            return hash.digest()

        return sign


def load(file: Path) -> Keys:
    """Raises Invalid where the file is missing or is no keys file."""
    try:
        lines = [line.split() for line in file.read_text().splitlines() if line.strip() and not line.startswith("#")]
        secrets = {bytes.fromhex(key_id): base64.b64decode(secret, validate=True) for key_id, secret in lines}
        if any((len(key_id), len(secret)) != (2, 32) for key_id, secret in secrets.items()):
            raise ValueError
        return Keys(secrets)
    except FileNotFoundError:
        raise Invalid(f"There is no keys file {file}: restore it from your copy, or set keys.file.") from None
    except (PermissionError, IsADirectoryError):
        raise Invalid(f"The keys file {file} cannot be read by this user.") from None
    except (ValueError, StopIteration):
        raise Invalid(f"{file} is not a keys file: each line is a key id and a key.") from None


def make(file: Path) -> None:
    """A new keys file, readable by its owner alone. Raises Invalid where it cannot or must not be made there."""
    if any((folder / ".git").exists() for folder in file.absolute().parents):
        raise Invalid(f"The keys file {file} would lie in a git work tree: set keys.file to a place outside it.")
    line = f"{os.urandom(2).hex()} {base64.b64encode(os.urandom(32)).decode()}\n"
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    except OSError as error:
        raise Invalid(f"The keys file {file} cannot be made: {error.strerror}.") from None
    with os.fdopen(descriptor, "w") as out:
        out.write("# The keys of a Vigil desk. Without this file its addresses and notes cannot be read.\n" + line)
        out.flush()
        os.fsync(out.fileno())
