"""A desk as its people use it: the real command, in a process of its own, with its own folder, keys and database."""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

VIGIL = Path(sys.executable).with_name("vigil")
AUTHOR, APPROVER, ADMIN = "ana@desk.example", "bek@desk.example", "cleo@desk.example"


class Desk:
    def __init__(self, folder: Path, database_url: str, smtp_url: str, **settings: str) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8",
            "VIGIL_DATABASE__URL": database_url, "VIGIL_SMTP__URL": smtp_url, "VIGIL_SMTP__SENDER": "desk@desk.example",
            "VIGIL_WEB__PORT": str(self.port), "VIGIL_WEB__BASE_URL": f"http://localhost:{self.port}",
            "VIGIL_DATA__DIR": str(folder / "data"),
            "VIGIL_KEYS__FILE": str(folder / "keys" / "desk.keys"), "VIGIL_DESK__ZONE": "Asia/Bishkek", **settings,
        }  # fmt: skip
        self.processes: list[subprocess.Popen[bytes]] = []

    def vigil(self, *words: str, fails: bool = False) -> str:
        """What the command printed; the last word is often an id."""
        done = self.attempt(*words)
        assert (done.returncode != 0) == fails, (
            f"vigil {' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}"
        )
        return done.stderr if fails else done.stdout.strip()

    def attempt(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(VIGIL), *words],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def refuses(self, *words: str) -> str:
        """The one sentence in which it does."""
        done = self.attempt(*words)
        assert done.returncode == 1, f"vigil {' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}"
        assert done.stderr.startswith("vigil: ") and done.stderr.count("\n") == 1, done.stderr
        return done.stderr.removeprefix("vigil: ").strip()

    def id(self, *words: str) -> str:
        return self.vigil(*words).split()[-1]

    def json(self, *words: str) -> Any:
        return json.loads(self.vigil(*words, "--json"))

    def write(self, name: str, text: str) -> str:
        file = self.folder / name
        file.write_text(text, encoding="utf-8")
        return str(file)

    def opens(self) -> Desk:
        """The desk with an author, an approver and an admin."""
        for email, role in ((AUTHOR, "author"), (APPROVER, "approver"), (ADMIN, "admin")):
            self.vigil("staff", "add", email, "--role", role)
        return self

    def has_a_case(self, code: str = "KG-1", answer: str = "all-subscribers", person: str = "Aida Sample") -> Desk:
        text = f"cases:\n  - code: {code}\n    country: KG\n    fictional: true\n    answer: {answer}\n"
        text += f"    agreed_by: her sister\n    people:\n      - {{name: {person}}}\n"
        self.vigil("import", "cases", self.write("cases.yaml", text), "--as", AUTHOR)
        return self

    def has_readers(self, count: int, countries: str = "KG") -> Desk:
        rows = "".join(
            f"reader{n}@mission{n % 7}.example,,,diplomat,en,{countries},,,,immediate\n" for n in range(count)
        )
        header = "email,name,organisation,kind,language,countries,cases,topics,kinds,cadence\n"
        self.vigil("import", "subscribers", self.write("readers.csv", header + rows), "--as", APPROVER, "--vetted")
        return self

    def publishes(self, title: str = "Bishkek: A. Sample taken – call today", case: str = "KG-1") -> str:
        """An urgent appeal, written by one and approved by another. Answers its id."""
        body = self.write("body.txt", "Late on Tuesday she was taken from her home.\n")
        id = self.id("alert", "draft", "--case", case, "--title", title, "--body-file", body, "--as", AUTHOR)
        self.vigil("alert", "submit", id, "--as", AUTHOR)
        self.vigil("alert", "approve", id, "--as", APPROVER)
        self.vigil("alert", "publish", id, "--as", AUTHOR)
        return id

    def status(self, id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.json("alert", "status", id)
        parts = ("sent", "retrying", "rejected", "unknown", "suppressed", "withdrawn", "pending")
        assert found["audience"] == sum(found[part] for part in parts), found
        return found

    def starts(self, command: str = "run") -> subprocess.Popen[bytes]:
        process = subprocess.Popen([str(VIGIL), command], env=self.environment, cwd=self.folder, stderr=subprocess.PIPE)
        self.processes.append(process)
        return process

    def works(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether this process takes batches by now: it holds a journal."""
        data = Path(self.environment["VIGIL_DATA__DIR"])
        if self.environment["VIGIL_DATABASE__URL"].startswith("sqlite"):
            lock = data / "worker.lock"
            return lock.exists() and lock.read_text().strip() == str(process.pid)
        return any(_held(file) for file in (data / "journal").glob("*-0"))

    def kills(self, process: subprocess.Popen[bytes]) -> None:
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stops(self, process: subprocess.Popen[bytes]) -> int:
        process.send_signal(signal.SIGTERM)
        return process.wait(timeout=30)

    def closes(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                self.kills(process)
            if process.stderr:
                process.stderr.close()


class DeskHere(Desk):
    """The same commands, run within the test's own process: nothing is faked but the start of a program."""

    attempt_apart = Desk.attempt

    def attempt(self, *words: str) -> subprocess.CompletedProcess[str]:
        from alerts.cli import main

        out, err = io.StringIO(), io.StringIO()
        asked = {"argv": ["vigil", *words], "stdout": out, "stderr": err}
        with (
            patch.dict(os.environ, self.environment, clear=True),
            patch.multiple(sys, **asked),
            contextlib.chdir(self.folder),
            pytest.raises(SystemExit) as ended,
        ):
            main()
        return subprocess.CompletedProcess(words, int(ended.value.code or 0), out.getvalue(), err.getvalue())


def _held(file: Path) -> bool:
    with contextlib.suppress(FileNotFoundError), file.open() as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def eventually(true: Callable[[], bool], seconds: float = 30, what: str = "") -> None:
    """What another process does cannot be awaited: it is looked for, often, and not for ever."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.02)
