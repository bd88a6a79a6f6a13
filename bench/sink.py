"""Postfix’s test programs: `smtp-sink` takes mail and throws it away, `smtp-source` sends as fast as C can."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Self

from measured import uninterrupted

from alerts.domain.errors import Conflict, NotFound

HOW_TO_GET = (
    "This bench needs Postfix’s smtp-sink and smtp-source: apt install postfix (Debian, Ubuntu); "
    "macOS has them in /usr/libexec/postfix. The mail server itself is never started."
)
FOLDERS = ("/usr/sbin", "/usr/libexec/postfix", "/usr/lib/postfix/sbin", "/opt/homebrew/sbin", "/usr/local/sbin")
SESSIONS = 20
ITS_HEADERS = 130
"""Bytes of the headers that smtp-source writes itself."""


def program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(FOLDERS))
    if not found:
        raise NotFound(HOW_TO_GET)
    return found


class Sink:
    """One `smtp-sink`, fresh for each measurement. It counts every message that it has answered with 250 (`-c`).

    With `keep` it writes down each message instead, with the recipient that stood in its envelope (`-D`). That is
    several times slower: for the proof on a few thousand, never for a rate.
    """

    def __init__(self, *, keep: bool = False) -> None:
        self.keep = keep

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="vigil-sink-"))
        self.process: subprocess.Popen[bytes] | None = None
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        self.folder.chmod(0o777)  # as root, smtp-sink becomes the user nobody before it writes
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        what = ["-D", "mail"] if self.keep else ["-c"]  # beside it: nobody may not walk there from the root
        with (self.folder / "counters").open("wb") as said, uninterrupted():
            self.process = subprocess.Popen(
                [program("smtp-sink"), *user, *what, f"127.0.0.1:{self.port}", "1000"], cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True,
            )  # fmt: skip
        for _ in range(250):
            if self.process.poll() is not None:
                break
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as line:
                line.recv(100)
                return
            time.sleep(0.02)
        raise Conflict(f"smtp-sink does not answer on port {self.port}.")

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def accepted(self) -> int:
        """Messages answered with 250 so far."""
        with (self.folder / "counters").open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 300))
            counts = re.findall(rb"mesg=(\d+)\s", file.read())
        return int(counts[-1]) if counts else 0

    def kept(self) -> tuple[Counter[str], list[bytes]]:
        """How often each recipient’s mail was taken, and the mails with their line ends as they were on the wire."""
        file = self.folder / "mail"
        parts = file.read_bytes().split(b"X-Client-Addr: ")[1:] if file.exists() else []
        recipients: Counter[str] = Counter()
        mails = []
        for part in parts:
            envelope, _, mail = re.split(rb"(\tby smtp-sink [^\n]*\n\t[^\n]*\n)", part, maxsplit=1)
            to = re.search(rb"^X-Rcpt-Args: <([^>]*)>", envelope, re.MULTILINE)
            recipients[to[1].decode() if to else ""] += 1
            mails.append(mail.removesuffix(b"\n").replace(b"\n", b"\r\n"))
        return recipients, mails


def smtp_source(count: int, size: int) -> float:
    """Messages a second over 20 connections that stay open, to a sink of its own; nothing is rendered or recorded."""
    with Sink() as sink:
        command = [program("smtp-source"), "-d", "-s", str(SESSIONS), "-l", str(max(1, size - ITS_HEADERS))]
        command += ["-m", str(count), "-N", "-f", "desk@desk.example.org", "-t", "reader@mission.example"]
        began = time.monotonic()
        subprocess.run([*command, f"127.0.0.1:{sink.port}"], check=True, stdout=subprocess.DEVNULL, timeout=300)
        return count / (time.monotonic() - began)
