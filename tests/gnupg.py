"""GnuPG as a reader has it: a home of its own, keys, and what it says of a mail."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path


@dataclass(frozen=True)
class Opened:
    """`status`: the first words of GnuPG's status lines, each with what follows it."""

    plain: bytes
    status: dict[str, str]

    @property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.plain, policy=policy.default)


class GnuPG:
    def __init__(self, home: Path) -> None:
        home.mkdir(mode=0o700)
        self.home = home

    def gpg(self, *words: str, given: bytes = b"") -> bytes:
        done = self._run(words, given)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def key(self, name: str, algorithm: str = "ed25519", encrypts: str = "cv25519", lasts: str = "never") -> str:
        """A new key; its certificate, armored. `encrypts` "": it only signs."""
        self.gpg("--quick-gen-key", name, algorithm, "cert,sign", lasts)
        if encrypts:
            self.gpg("--quick-add-key", self.fingerprint(name), encrypts, "encr", lasts)
        return self.certificate(name)

    def certificate(self, name: str) -> str:
        return self.gpg("--armor", "--export", name).decode()

    def fingerprint(self, name: str) -> str:
        rows = self.gpg("--list-keys", "--with-colons", name).decode().splitlines()
        return next(row.split(":")[9] for row in rows if row.startswith("fpr"))

    def revoke(self, name: str) -> str:
        """The certificate once it was revoked by the paper that GnuPG wrote when it made the key."""
        paper = (self.home / "openpgp-revocs.d" / f"{self.fingerprint(name)}.rev").read_text()
        self.gpg("--import", given=paper.replace(":-----BEGIN", "-----BEGIN").encode())
        return self.certificate(name)

    def open(self, mail: bytes) -> Opened:
        """A PGP/MIME mail, as a mail program hands it over."""
        parts = list(message_from_bytes(mail, policy=policy.default).iter_parts())
        assert [part.get_content_type() for part in parts] == ["application/pgp-encrypted", "application/octet-stream"]
        done = self._run(("--status-fd", "2", "--decrypt"), parts[1].get_content())
        rows = [
            row.split(" ", 2)
            for row in done.stderr.decode(errors="replace").splitlines()
            if row.startswith("[GNUPG:] ")
        ]
        return Opened(done.stdout, {row[1]: row[2] if len(row) > 2 else "" for row in rows})

    def close(self) -> None:
        subprocess.run(["gpgconf", "--homedir", str(self.home), "--kill", "all"], capture_output=True, check=False)

    def _run(self, words: tuple[str, ...], given: bytes) -> subprocess.CompletedProcess[bytes]:
        asked = ["gpg", "--homedir", str(self.home), "--batch", "--no-tty", "--pinentry-mode", "loopback"]
        return subprocess.run(
            [*asked, "--passphrase", "", *words], input=given, capture_output=True, timeout=60, check=False
        )
