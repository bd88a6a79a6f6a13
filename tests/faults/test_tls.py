"""A relay elsewhere must prove who it is, and no password goes out in clear. (127.0.0.2 is “elsewhere” to Vigil.)"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from desk import eventually
from faultdesk import FaultDesk, accepted, reckon
from servers import MailServer, certificate

ELSEWHERE, READERS = "127.0.0.2", 12
ITS_NAME = x509.IPAddress(ip_address(ELSEWHERE))


@pytest.fixture
def relay() -> Iterator[MailServer]:
    """With a log-in; a test gives it the certificate."""
    try:
        socket.create_server((ELSEWHERE, 0)).close()
    except OSError:
        pytest.skip(f"this computer has no {ELSEWHERE}: only Linux gives every address in 127/8 to the loopback")
    with MailServer(host=ELSEWHERE, login=("desk", "secret")) as server:
        yield server


def goes_out(desk: FaultDesk, relay: MailServer, folder: Path, scheme: str = "smtp") -> str:
    """An alert through this relay, whose certificate the desk's processes trust, if it is good."""
    port = relay.port
    desk.environment["VIGIL_SMTP__URL"] = f"{scheme}://desk:secret@{ELSEWHERE}:{port}"
    desk.environment["SSL_CERT_FILE"] = str(folder / "localhost.pem")
    desk.opens().has_a_case().has_readers(READERS)
    alert = desk.publishes()
    desk.starts()
    return alert


def test_a_good_certificate_is_good_enough(desk: FaultDesk, relay: MailServer, tmp_path: Path) -> None:
    """The control: without it the others prove nothing."""
    relay.tls, _ = certificate(tmp_path, ITS_NAME)
    alert = goes_out(desk, relay, tmp_path)
    desk.sees(alert, sent=READERS)
    assert relay.logins
    assert all(relay.logins)
    reckon(desk, alert, accepted(relay))


@pytest.mark.parametrize("fault", ["expired", "wrong-name", "unknown-issuer"])
def test_nothing_is_handed_to_a_relay_that_cannot_prove_who_it_is(
    desk: FaultDesk, relay: MailServer, tmp_path: Path, fault: str
) -> None:
    """Neither a password nor a mail; no reader is marked; staff read one sentence.

    Seen to fail with certificates unchecked: all 12 sent.
    """
    name = x509.DNSName("relay.example") if fault == "wrong-name" else ITS_NAME
    relay.tls, _ = certificate(tmp_path, name, days=-1 if fault == "expired" else 1)
    if fault == "unknown-issuer":
        (tmp_path / "another").mkdir()
        certificate(tmp_path / "another", ITS_NAME)
        (tmp_path / "another" / "localhost.pem").replace(tmp_path / "localhost.pem")
    refused(desk, relay, goes_out(desk, relay, tmp_path))
    assert "certificate" in desk.said().lower()


def test_no_password_goes_out_in_clear_where_starttls_was_stripped(
    desk: FaultDesk, relay: MailServer, tmp_path: Path
) -> None:
    """Somebody in between took STARTTLS out of the relay's offers.

    Seen to fail with encryption only where it is offered: the password in clear, and all 12 mails.
    """
    certificate(tmp_path, ITS_NAME)
    refused(desk, relay, goes_out(desk, relay, tmp_path))


def refused(desk: FaultDesk, relay: MailServer, alert: str) -> None:
    eventually(lambda: "relay" in desk.said() or bool(relay.logins), 60, "a sentence about the relay")
    time.sleep(1)
    found = reckon(desk, alert, accepted(relay))
    assert (found["sent"], found["rejected"], found["pending"]) == (0, 0, READERS)
    assert relay.logins == []
    assert relay.messages == []
    assert "Traceback" not in desk.said()
    assert "secret" not in desk.said()
