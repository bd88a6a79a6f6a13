"""A private IMAP server for one test: one user, on two ports of loopback that the system gives."""

from __future__ import annotations

import grp
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Self

from components import needs
from servers import certificate

USER, PASSWORD = "desk@desk.example", "secret/with@signs"
IN_URL = "desk%40desk.example:secret%2Fwith%40signs"

CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
ssl = {tls}
ssl_cert = <{folder}/localhost.pem
ssl_key = <{folder}/localhost.pem
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class Dovecot:
    """`imap` and `imaps` are the addresses of its INBOX; with `tls=False` it offers none on either port."""

    def __init__(self, *, tls: bool = True) -> None:
        self.tls = tls

    def __enter__(self) -> Self:
        program = needs("dovecot")
        # Not pytest's temporary folder: a socket's path has room for 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="vigil-dc-", dir="/tmp"))
        self.folder.chmod(0o755)
        certificate(self.folder)
        self.port, self.tls_port = _free_port(), _free_port()
        # As root its processes become somebody else; else all of them are who runs the test.
        me = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        (self.folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
        for name in ("mail", "home"):
            (self.folder / name).mkdir()
            os.chown(self.folder / name, me.pw_uid, me.pw_gid)
        conf = self.folder / "dovecot.conf"
        conf.write_text(CONFIGURATION.format(
            folder=self.folder, user=me.pw_name, group=grp.getgrgid(me.pw_gid).gr_name, uid=me.pw_uid, gid=me.pw_gid,
            tls="yes" if self.tls else "no", port=self.port, tls_port=self.tls_port,
        ))  # fmt: skip
        out = subprocess.DEVNULL
        self.process = subprocess.Popen([program, "-F", "-c", str(conf)], stdin=out, stdout=out, stderr=out)
        try:
            self._ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def imap(self) -> str:
        return f"imap://{IN_URL}@127.0.0.1:{self.port}/INBOX"

    @property
    def imaps(self) -> str:
        return f"imaps://{IN_URL}@localhost:{self.tls_port}/INBOX"

    def line(self) -> imaplib.IMAP4:
        """Logged in, as the user's own mail program is."""
        line = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        line.login(USER, PASSWORD)
        return line

    def deliver(self, *mails: bytes, folder: str = "INBOX", at: datetime | None = None) -> None:
        """`at`: when it came, if not now."""
        came = imaplib.Time2Internaldate(at) if at else ""
        with self.line() as line:
            line.create(folder)
            for mail in mails:
                answer, said = line.append(folder, "", came, mail.replace(b"\n", b"\r\n"))
                assert answer == "OK", said

    def flags(self) -> list[bytes]:
        with self.line() as line:
            line.select("INBOX", readonly=True)
            return [part for part in line.fetch("1:*", "(FLAGS)")[1] if isinstance(part, bytes)]

    def _ready(self) -> None:
        end = time.monotonic() + 15
        while True:
            try:
                self.line().logout()
                return
            except (OSError, imaplib.IMAP4.error) as error:
                if self.process.poll() is not None or time.monotonic() > end:
                    log = self.folder / "log"
                    raise RuntimeError(f"dovecot: {error} {log.read_text() if log.exists() else ''}") from None
                time.sleep(0.05)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
