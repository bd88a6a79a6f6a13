"""OpenPGP, read by GnuPG as a reader would: what is inside, what is not outside, and which keys are refused."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pysequoia
import pytest
from builders import NOON
from gnupg import GnuPG

from alerts.channels import _pgp
from alerts.channels._mime import From, compose
from alerts.channels.email import Channel as Email
from alerts.domain.delivery import Retry, Sent
from alerts.domain.errors import Invalid
from alerts.domain.messages import Message
from alerts.domain.ways import Way

DESK = From("desk@desk.example", "Example desk – Бишкек", "answers@desk.example")
TO = "cleo@mission.example"
SECRET = "Bishkek: Aida Sample taken – call today, before the court of the Pervomaisky district decides at noon"
MESSAGE = Message(
    "7kq4reader@desk.example", SECRET, "Call today.\n\nAida Sample was taken.\n.\nEnd\n", "<p>Aida Sample</p>\n", NOON,
    {"List-Id": "<alerts.desk.example>", "X-TLP": "TLP:AMBER", "Content-Language": "en",
     "Auto-Submitted": "auto-generated",
     "List-Unsubscribe": "<https://desk.example/leave/word/now>, <mailto:answers@desk.example?subject=LEAVE>",
     "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
)  # fmt: skip
DAY = timedelta(days=1)


def a_mail(message: Message = MESSAGE, to: str = TO) -> bytes:
    return compose(DESK, to, "", message)


@pytest.fixture(scope="module")
def reader() -> Iterator[GnuPG]:
    """One home for the module, with a short path: GnuPG's agent listens in it. The desk's certificate is known."""
    with tempfile.TemporaryDirectory(prefix="gpg") as folder:
        gnupg = GnuPG(Path(folder) / "home")
        yield gnupg
        gnupg.close()


@pytest.fixture(scope="module")
def desk_key(reader: GnuPG) -> str:
    key = _pgp.make("Example desk", "desk@desk.example")
    reader.gpg("--import", given=_pgp.public(key).encode())
    return key


@pytest.fixture(scope="module")
def cert(reader: GnuPG) -> str:
    return reader.key(f"Cleo <{TO}>")


def soon() -> datetime:
    """Signatures are made by the computer's clock, so keys made today must be good at it."""
    return datetime.now(UTC) + timedelta(hours=1)


def test_gnupg_decrypts_and_verifies_what_the_desk_sends(reader, desk_key, cert):
    sent = _pgp.encrypt(a_mail(), cert, _pgp.signer(desk_key), soon())
    opened = reader.open(sent)
    assert "DECRYPTION_OKAY" in opened.status and "DECRYPTION_FAILED" not in opened.status
    assert opened.status["GOODSIG"].endswith("Example desk <desk@desk.example>")
    assert opened.status["VALIDSIG"].split()[-1] == reader.fingerprint("desk@desk.example")
    plain = message_from_bytes(a_mail(), policy=policy.default)
    for kind in ("plain", "html"):
        assert opened.mail.get_body((kind,)).get_content() == plain.get_body((kind,)).get_content()


def test_gnupg_decrypts_for_an_rsa_key_and_for_a_key_that_sequoia_made(reader, desk_key):
    rsa = reader.key("Rosa <rosa@mission.example>", "rsa2048", "rsa2048")
    tsk = pysequoia.Tsk.generate(user_id="Sam <sam@mission.example>", profile=pysequoia.Profile.RFC4880)
    reader.gpg("--import", given=bytes(tsk))
    for theirs in (rsa, str(tsk.extract_certificate())):
        opened = reader.open(_pgp.encrypt(a_mail(), theirs, _pgp.signer(desk_key), soon()))
        assert opened.mail["Subject"] == SECRET and "GOODSIG" in opened.status


def test_a_changed_letter_is_noticed(reader, desk_key, cert):
    sent = _pgp.encrypt(a_mail(), cert, _pgp.signer(desk_key), soon())
    start = sent.index(b"-----BEGIN PGP MESSAGE")
    at = sent.index(b"\r\n\r\n", start) + 400
    changed = sent[:at] + (b"A" if sent[at : at + 1] != b"A" else b"B") + sent[at + 1 :]
    assert "GOODSIG" not in reader.open(changed).status


def test_the_subject_and_the_label_are_inside_only(reader, desk_key, cert):
    sent = _pgp.encrypt(a_mail(), cert, _pgp.signer(desk_key), soon())
    outside = message_from_bytes(sent, policy=policy.default)
    assert {name: str(value) for name, value in outside.items() if name != "Content-Type"} == {
        "From": "Example desk – Бишкек <desk@desk.example>", "To": TO, "Reply-To": "answers@desk.example",
        "Subject": "[...]", "Date": "Tue, 01 Jan 2030 12:00:00 +0000", "Message-ID": "<7kq4reader@desk.example>",
        "List-Id": "<alerts.desk.example>", "Auto-Submitted": "auto-generated", "MIME-Version": "1.0",
        "List-Unsubscribe": MESSAGE.headers["List-Unsubscribe"],
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }  # fmt: skip
    assert outside.get_content_type() == "multipart/encrypted"
    assert outside["Content-Type"].params["protocol"] == "application/pgp-encrypted"
    inside = reader.open(sent).mail
    assert (inside["Subject"], inside["X-TLP"], inside["Content-Language"]) == (SECRET, "TLP:AMBER", "en")
    assert dict(inside["Content-Type"].params) | {"boundary": ""} == {
        "boundary": "", "hp": "cipher", "protected-headers": "v1"
    }  # fmt: skip
    copied = dict(str(row).split(": ", 1) for row in inside.get_all("HP-Outer"))
    assert copied["Subject"] == "[...]" and copied["Message-ID"] == "<7kq4reader@desk.example>"
    assert "X-TLP" not in copied


def test_what_goes_out_is_ready_for_the_wire(desk_key, cert):
    sent = _pgp.encrypt(a_mail(), cert, _pgp.signer(desk_key), soon())
    assert sent.isascii() and sent.endswith(b"--\r\n")
    assert b"\n" not in sent.replace(b"\r\n", b"") and b"\r" not in sent.replace(b"\r\n", b"")
    assert max(len(line) for line in sent.split(b"\r\n")) <= 998


def test_the_length_tells_one_alert_from_another_in_a_few_steps_only(reader, desk_key, cert):
    sizes, texts = set(), [10, 500, 1_500, 3_000, 3_100, 6_000, 12_000, 14_000, 50_000, 60_000, 66_000, 120_000]
    for length in texts:
        message = replace(MESSAGE, text="word " * (length // 5), html="<p></p>")
        plain = reader.open(_pgp.encrypt(a_mail(message), cert, _pgp.signer(desk_key), soon())).plain
        sizes.add(len(plain.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")) // 1024)
        assert message_from_bytes(plain, policy=policy.default).get_body(("plain",)).get_content().strip() == (
            message.text.strip()
        )
    assert sizes == {4, 16, 64, 128}


def test_two_readers_get_two_messages_each_for_one_key(reader, desk_key, cert):
    other = reader.key("Dan <dan@ngo.example>")
    newer = str(pysequoia.Tsk.generate(user_id="Eve <eve@ngo.example>").extract_certificate())
    for theirs in (cert, other, newer):
        sent = _pgp.encrypt(a_mail(), theirs, _pgp.signer(desk_key), soon())
        armored = message_from_bytes(sent).get_payload()[1].get_payload(decode=True)
        packets = list(pysequoia.packet.PacketPile.from_bytes(armored))
        assert [packet.tag for packet in packets].count(pysequoia.packet.Tag.PKESK) == 1


def test_a_key_that_cannot_be_used_is_refused_in_words(reader, cert):
    assert _pgp.usable(cert, soon()) == ""
    assert _pgp.usable(reader.key("Old <old@x.example>", lasts="2d"), soon()) == ""
    old, day = reader.certificate("old@x.example"), f"{datetime.now(UTC) + 2 * DAY:%Y-%m-%d}"
    assert _pgp.usable(old, soon() + 3 * DAY) == f"expired on {day}"
    reader.key("Part <part@x.example>", encrypts="")
    reader.gpg("--quick-add-key", reader.fingerprint("part@x.example"), "cv25519", "encr", "2d")
    part = reader.certificate("part@x.example")
    assert _pgp.usable(part, soon()) == ""
    assert _pgp.usable(part, soon() + 3 * DAY) == f"has a part for encryption that expired on {day}"
    assert _pgp.usable(reader.key("Sig <sig@x.example>", encrypts=""), soon()) == "has no part that can encrypt"
    reader.key("Gone <gone@x.example>")
    assert _pgp.usable(reader.revoke("gone@x.example"), soon()) == "was revoked"
    assert _pgp.usable("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\njunk\n", soon()) == "is not an OpenPGP certificate"
    assert _pgp.usable("", soon()) == "is not an OpenPGP certificate"
    assert _pgp.usable(cert[: len(cert) // 2], soon()) != ""
    assert "secret key" in _pgp.usable(_pgp.make("", TO), soon())
    both = reader.gpg("--armor", "--export", TO, "old@x.example").decode()
    assert _pgp.usable(both, soon()) == "is several keys: give one"
    assert _pgp.usable("x" * (1024 * 1024 + 1), soon()) == "is larger than 1 MiB"


def test_a_key_that_had_expired_is_never_encrypted_to(reader, desk_key):
    """Seen to fail without our own look at the dates: the library encrypts to a key that has expired."""
    gone = pysequoia.Tsk.generate(user_id=TO, validity_seconds=1, profile=pysequoia.Profile.RFC4880)
    armored = str(gone.extract_certificate())
    assert _pgp.usable(armored, datetime(2020, 1, 1, tzinfo=UTC)) == ""
    with pytest.raises(Invalid, match="expired on"):
        _pgp.encrypt(a_mail(), armored, _pgp.signer(desk_key), soon())


def test_a_key_with_too_many_names_is_refused():
    key = pysequoia.Tsk.generate(user_ids=[f"n{n} <n{n}@x.example>" for n in range(1_001)])
    assert _pgp.usable(str(key.extract_certificate()), soon()) == "has more than 1,000 user ids"


def test_its_names_are_addresses_in_small_letters(reader):
    cert = reader.key("Cleo D. (work) <Cleo@Mission.Example>")
    assert _pgp.names(cert) == ("cleo@mission.example",)


def test_a_reader_gets_what_their_way_says_and_never_plaintext_against_it(reader, desk_key, cert):
    mail, later = a_mail(), soon() + 9 * DAY
    short = reader.key("Short <short@x.example>", lasts="2d")

    def outgoing(way: Way, at: datetime) -> bytes | Retry:
        return _pgp.sealing(lambda: _pgp.signer(desk_key), lambda: at)(mail, way)

    assert outgoing(Way("a"), soon()) == mail
    for only in (False, True):
        sent = outgoing(Way("a", cert=short, encrypt_only=only), soon())
        assert isinstance(sent, bytes) and "GOODSIG" in reader.open(sent).status
    assert outgoing(Way("a", cert=short), later) == mail
    held = outgoing(Way("a", cert=short, encrypt_only=True), later)
    assert isinstance(held, Retry) and held.reason.startswith("their key expired on")
    assert outgoing(Way("a", encrypt_only=True), soon()) == Retry("their key is not an OpenPGP certificate")


def test_a_desk_without_the_library_sends_no_plaintext_to_who_takes_none():
    code = (
        "import sys; sys.modules['pysequoia'] = None\n"
        "from datetime import UTC, datetime\n"
        "from alerts.channels._pgp import sealing, unsealed\n"
        "from alerts.domain.ways import Way\n"
        "seal, only = sealing(None, lambda: datetime.now(UTC)), Way('a', cert='x', encrypt_only=True)\n"
        "print(seal(b'plain', only).reason, unsealed(b'plain', only).reason, seal(b'plain', Way('a')), sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "their key cannot be used. OpenPGP is not installed: pip install 'vigil-alerts[pgp]'",
        "this desk does not encrypt", "b'plain'",
    ]  # fmt: skip


async def test_the_mail_channel_sends_to_each_reader_what_they_can_read(reader, desk_key, cert, mail_server):
    seal = _pgp.sealing(lambda: _pgp.signer(desk_key), soon)
    channel = Email(mail_server.url, DESK.address, DESK.name, DESK.reply_to, 5, seal=seal)
    only = Way("cleo", cert=cert, encrypt_only=True)
    async with channel.line() as line:
        assert isinstance(await line.send(TO, MESSAGE, only), Sent)
        assert isinstance(await line.send(TO, MESSAGE), Sent)
        gone = await line.send(TO, MESSAGE, Way("cleo", cert="", encrypt_only=True))
    assert gone == Retry("their key is not an OpenPGP certificate")
    sealed, plain = mail_server.messages
    opened = reader.open(sealed.raw)
    assert "GOODSIG" in opened.status and opened.mail["Subject"] == SECRET and "Aida" not in sealed.raw.decode()
    assert plain.message["Subject"] == SECRET
    assert channel.sealed(TO, "", MESSAGE, Way("cleo")) == channel.wire(TO, "", MESSAGE)


async def test_a_desk_that_cannot_encrypt_sends_nothing_to_who_takes_no_plain_mail(mail_server):
    channel = Email(mail_server.url, DESK.address, DESK.name, DESK.reply_to, 5)
    async with channel.line() as line:
        answer = await line.send(TO, MESSAGE, Way("cleo", cert="x", encrypt_only=True))
    assert (answer, mail_server.messages) == (Retry("this desk does not encrypt"), [])


def test_a_desk_whose_own_key_cannot_be_read_sends_neither_unsigned_nor_plain(cert):
    def sign() -> None:
        raise Invalid("The key cannot be read.")

    for only in (False, True):
        sent = _pgp.sealing(sign, soon)(a_mail(), Way("a", cert=cert, encrypt_only=only))
        assert sent == Retry("The key cannot be read")
