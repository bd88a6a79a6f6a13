"""Connect to a relay: TLS, log-in, and in words why not."""

import asyncio
import functools
import socket
from collections.abc import Awaitable, Callable
from urllib.parse import SplitResult, unquote

import aiosmtplib

from alerts.domain.delivery import Blocked
from alerts.domain.errors import VigilError

Token = Callable[[], Awaitable[str]]
"""Gets an access token for OAuth. Raises VigilError."""

LOOPBACK = ("localhost", "127.0.0.1", "::1")
UNREACHED = (aiosmtplib.SMTPException, OSError, TimeoutError, VigilError)
"""What `connect` may raise."""


async def connect(url: SplitResult, patience: float, token: Token | None = None) -> aiosmtplib.SMTP:
    """Connected, encrypted where the relay offers it, greeted and logged in: with `token` by XOAUTH2.

    A relay on this computer may show any certificate and get the password in the clear; another must show a valid one
    for its name before it hears the password. `patience`: seconds for each answer. Raises UNREACHED.
    """
    if not url.hostname:
        raise aiosmtplib.SMTPConnectError("no relay is set: set smtp.url")
    here = url.hostname in LOOPBACK
    smtp = aiosmtplib.SMTP(
        hostname=url.hostname, port=url.port or (465 if url.scheme == "smtps" else 25), timeout=patience,
        use_tls=url.scheme == "smtps", start_tls=None if url.scheme == "smtp" else False, validate_certs=not here,
        local_hostname=await asyncio.to_thread(_our_name),
    )  # fmt: skip
    try:
        await smtp.connect()
        if smtp.is_ehlo_or_helo_needed:
            try:
                await smtp.ehlo()
            except aiosmtplib.SMTPHeloError:
                await smtp.helo()
        if url.username:
            if not here and smtp.get_transport_info("sslcontext") is None:
                raise aiosmtplib.SMTPException("it offers no encryption, and without it the password is not sent")
            await _log_in(smtp, unquote(url.username), unquote(url.password or ""), token)
    except BaseException:
        smtp.close()
        raise
    return smtp


@functools.cache
def _our_name() -> str:
    """For EHLO. Asked for once: where the name service is slow it takes seconds."""
    name = "".join(socket.getfqdn().split())
    return name if name and name.isascii() else "localhost"


async def _log_in(smtp: aiosmtplib.SMTP, user: str, password: str, token: Token | None) -> None:
    if token is None:
        await smtp.login(user, password)
    elif "xoauth2" in smtp.server_auth_methods:
        await smtp.auth_xoauth2(user, await token())
    else:
        raise aiosmtplib.SMTPException("it does not offer to log in with OAuth (XOAUTH2)")


def unreached(failure: BaseException) -> Blocked:
    """What it means that `connect` raised this: no connection is nobody's fault but the relay's."""
    if isinstance(failure, aiosmtplib.SMTPAuthenticationError):
        return Blocked(f"the log-in was refused: {failure.code} {_said(failure.message)}")
    if isinstance(failure, aiosmtplib.SMTPResponseException) and failure.code > 0:
        return Blocked(f"{failure.code} {_said(failure.message)}")
    return Blocked(f"the relay cannot be reached: {words(failure)}")


def words(failure: BaseException) -> str:
    return _said(str(failure)) or type(failure).__name__


def _said(text: str) -> str:
    return " ".join(text.split())[:200]
