"""Envelope addresses that name the recipient (VERP), so that a bounce says whom it is about, and proves that it is one.

Only for relays that keep them: an ordinary account refuses any envelope address but its own.
"""

import base64
import hmac
import re

from alerts.store.vault import Vault

LONGEST = 64
"""Octets of a local part (RFC 5321 §4.5.3.1.1)."""

PLACES = 12
"""Bits for the place in a batch; the rest is the batch's number."""

OURS = re.compile(r"\+v-([a-z2-7]{2,16})-([a-z2-7]{8})@")


def envelope(vault: Vault, sender: str, batch_no: int, n: int) -> str:
    """`desk+v-<recipient>-<seal>@desk.example`, or the sender itself where that would be too long an address."""
    local, _, domain = sender.rpartition("@")
    if not 0 <= n < 1 << PLACES:
        raise ValueError(n)
    number = batch_no << PLACES | n
    said = _text(number.to_bytes((number.bit_length() + 7) // 8 or 1, "big"))
    found = f"{local}+v-{said}-{_seal(vault, said)}"
    return f"{found}@{domain}" if len(found) <= LONGEST else sender


def opened(vault: Vault, address: str) -> tuple[int, int] | None:
    """Batch and place, from such an address of ours; None for any other, and for one that somebody made up."""
    found = OURS.search(address.strip().lower())  # some servers write all addresses in lower case, some in upper
    if not found or not hmac.compare_digest(_seal(vault, found[1]).encode(), found[2].encode()):
        return None
    try:
        number = int.from_bytes(base64.b32decode(found[1].upper() + "=" * (-len(found[1]) % 8)), "big")
    except ValueError:
        return None
    return number >> PLACES, number & (1 << PLACES) - 1


def _seal(vault: Vault, said: str) -> str:
    return _text(vault.sign("envelope", said)[:5])


def _text(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()
