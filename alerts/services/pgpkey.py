"""The desk's OpenPGP key, which signs encrypted mail: one file beside the keys file, and as well kept.

It has no passphrase, as the keys file has none: who can read the one can read the other.
"""

import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from alerts.channels import _pgp
from alerts.domain.errors import Conflict, Invalid, NotFound
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.store import Store

log = logging.getLogger("vigil")


def file_of(keys_file: str) -> Path:
    """Where the key lies, for a desk with this keys file."""
    return Path(f"{keys_file}.pgp")


def make(store: Store, file: Path, name: str, address: str, *, by: Staff, now: Instant) -> str:
    """Make the desk's key, once. Answers its certificate, for readers. Raises Forbidden, Conflict, Invalid."""
    by.must_be(Role.ADMIN, "make the desk's OpenPGP key")
    if file.exists():
        raise Conflict(f"The desk has an OpenPGP key already, in {file}: “vigil key show” prints its public half.")
    with store.begin() as tx:
        _make(file, name, address)
        tx.audit.add("OpenPGP key made", "", by=by, at=now)
    return certificate(file)


def certificate(file: Path) -> str:
    """The public half, armored. Raises NotFound, Invalid."""
    if not file.exists():
        raise NotFound("The desk has no OpenPGP key yet: “vigil key make”.")
    return _pgp.public(_read(file))


def signer(file: Path, name: str, address: str) -> Callable[[], _pgp.Signer]:
    """What answers the signing key: read, or made, when it is first needed, and kept. The answer raises Invalid."""
    kept: list[_pgp.Signer] = []

    def ready() -> _pgp.Signer:
        if not kept:
            if not file.exists():
                _make(file, name, address)
                log.warning("A new OpenPGP key in %s. Copy that file to where you keep the keys file.", file)
            kept.append(_pgp.signer(_read(file)))
        return kept[0]

    return ready


def sealing(file: Path, name: str, address: str, now: Callable[[], Instant]) -> _pgp.Seal:
    """What a mail channel is given, so that it encrypts to readers with a key and signs with the desk's."""
    return _pgp.sealing(signer(file, name, address), now)


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError):
        raise Invalid(f"The desk's OpenPGP key {file} cannot be read by this user.") from None


def _make(file: Path, name: str, address: str) -> None:
    """Whole or not at all; where another process was first, theirs stays. Raises Invalid."""
    if not address:
        raise Invalid("The desk's OpenPGP key is made for its sender: set smtp.sender first.")
    key = _pgp.make(name, address)
    try:
        descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=".pgp")  # 0600, and nobody else's
        with os.fdopen(descriptor, "w") as out:
            out.write(key)
            out.flush()
            os.fsync(out.fileno())
        Path(draft).chmod(0o400)
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            Path(draft).unlink()
    except OSError as error:
        raise Invalid(f"The desk's OpenPGP key {file} cannot be made: {error.strerror}.") from None
