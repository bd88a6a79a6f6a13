"""A private PostgreSQL server for one run of the tests, reached only through a socket in its own folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Self

import psycopg
from components import needs

# The tests kill Vigil, never the database: what fsync guards against does not happen here.
# Collation C compares bytes, as SQLite does.
FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c max_connections=200"


class Postgres:
    """`create()` gives a new database's URL, in about 20 ms; `drop(url)` takes it away."""

    def __enter__(self) -> Self:
        self._programs = needs("postgresql")
        # Not pytest's temporary folder: a socket's path has room for 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="vigil-pg-", dir="/tmp"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        try:
            self._do(
                "initdb",
                "-D",
                "data",
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
            )
            self._start()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        self._admin = psycopg.connect(self.url("postgres"), autocommit=True)
        self._numbers = count(1)
        self._templates: dict[str, str] = {}
        return self

    def __exit__(self, *_: object) -> None:
        self._admin.close()
        self._do("pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder)

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def restarts(self) -> None:
        """As after a crash: whoever was connected finds the line dead."""
        self._admin.close()
        self._do("pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")
        self._start()
        self._admin = psycopg.connect(self.url("postgres"), autocommit=True)

    def create(self, template: str = "template0") -> str:
        name = f"vigil_{os.getpid()}_{next(self._numbers)}"
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop(self, url: str) -> None:
        name = url.partition("@/")[2].partition("?")[0]
        self._admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def template(self, name: str, prepare: Callable[[str], object]) -> str:
        """The name of a database that `prepare(url)` has filled once: `create(template=…)` copies it.
        `prepare` must close its connections."""
        if name not in self._templates:
            url = self.create()
            prepare(url)
            self._templates[name] = url.partition("@/")[2].partition("?")[0]
        return self._templates[name]

    def _start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} {FAST}"
        self._do("pg_ctl", "-D", "data", "-l", "server.log", "-w", "-o", options, "start")

    def _do(self, program: str, *arguments: str) -> None:
        """PostgreSQL refuses to run as root; and a user's PATH may lack the folder of runuser."""
        runuser = shutil.which("runuser") or "/usr/sbin/runuser"
        user = [runuser, "-u", "postgres", "--"] if os.geteuid() == 0 else []
        done = subprocess.run(
            [*user, str(self._programs / program), *arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # not a pipe: the server would hold it open
            stderr=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C"},
        )
        if done.returncode:
            log = self.folder / "server.log"
            said = log.read_text() if log.exists() else (done.stderr or b"").decode()
            raise RuntimeError(f"{program} failed: {said}")
