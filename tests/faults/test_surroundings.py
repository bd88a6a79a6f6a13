"""What a desk stands on gives way: its database dies, is held, is full; its clock jumps."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from desk import AUTHOR, eventually
from faultdesk import FaultDesk, accepted, proves_doubles, reckon
from postgres import Postgres
from servers import MailProcess, MailServer

READERS, CONNECTIONS = 1_500, 8
LONG = pytest.mark.timeout(300)


class MortalPostgres(Postgres):
    """Its death is sudden, so a commit must be in its log when it is one: no `synchronous_commit=off` here."""

    def _start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off -c max_connections=50"
        self._do("pg_ctl", "-D", "data", "-l", "server.log", "-w", "-o", options, "start")

    def dies(self) -> None:
        """`kill -9` of the server and of all its children."""
        self._admin.close()
        head = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(head)], capture_output=True, text=True).stdout
        for process in (head, *map(int, children.split())):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in (head, *map(int, children.split()))), 10)

    def rises(self) -> None:
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        self._start()
        self._admin = psycopg.connect(self.url("postgres"), autocommit=True)


@LONG
def test_postgresql_is_killed_and_comes_back_in_mid_fan_out(tmp_path: Path, post: MailProcess) -> None:
    """The worker goes on by itself; had it ended, the test would start it again, as a supervisor does.

    Seen to fail with a worker that keeps its claim on what it could not record: 396 pending for ever.
    """
    with MortalPostgres() as server:
        desk = FaultDesk(tmp_path, server.create(), post.url, VIGIL_SMTP__CONNECTIONS=str(CONNECTIONS))
        try:
            desk.opens().has_a_case().has_readers(READERS)
            alert, deaths = desk.publishes(), []
            process = desk.starts()
            for n in (1, 2):
                eventually(lambda n=n: post.count() >= 300 * n, 60)  # type: ignore[misc]
                server.dies()
                time.sleep(1)
                deaths.append(time.time())
                assert desk.refuses("alert", "status", alert)
                server.rises()
            end = time.monotonic() + 120
            while desk.status(alert)["sent"] < READERS:
                assert time.monotonic() < end, f"{desk.status(alert)}\n{desk.said()[-2_000:]}"
                if process.poll() is not None:
                    process = desk.starts()
                time.sleep(0.3)
            log = post.accepted()
            doubles = proves_doubles(log, deaths, CONNECTIONS)
            assert reckon(desk, alert, log, doubles=doubles)["sent"] == READERS
            assert "Traceback" not in desk.said()
        finally:
            desk.closes()


@LONG
@pytest.mark.long
def test_a_database_that_another_program_holds_is_waited_for(
    sqlite_desk: FaultDesk, post: MailProcess, thorough: bool
) -> None:
    """60 s in `make faults`. A command that writes says so in one sentence; one that reads answers, or says so.

    Seen to fail with answers that are forgotten when their commit fails: mails of long before were doubled.
    """
    desk = sqlite_desk
    desk.opens().has_a_case().has_readers(READERS)
    alert = desk.publishes()
    desk.starts()
    eventually(lambda: post.count() >= 300, 60)
    held = sqlite3.connect(desk.folder / "vigil.db", isolation_level=None, timeout=10)
    held.execute("BEGIN EXCLUSIVE")
    begun, freed = time.monotonic(), 60 if thorough else 15
    body = desk.write("other.txt", "Another.\n")
    said = desk.refuses("alert", "draft", "--case", "KG-1", "--title", "x", "--body-file", body, "--as", AUTHOR)
    assert "busy" in said
    asked = desk.attempt("alert", "status", alert)
    assert asked.returncode == 0 or asked.stderr.count("\n") == 1
    time.sleep(max(0.0, begun + freed - time.monotonic()))
    held.execute("ROLLBACK")
    held.close()
    released = time.time()
    desk.sees(alert, seconds=120, sent=READERS)
    log = post.accepted()
    doubles = len(log) - len({mail["rcpt"] for mail in log})
    proves_doubles(log, [released - seconds for seconds in range(freed)], CONNECTIONS)
    reckon(desk, alert, log, doubles=doubles)
    assert doubles <= CONNECTIONS
    assert "Traceback" not in desk.said()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """20 MB. Only root may mount it, and not in every container."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if os.geteuid() != 0 or not mount:
        pytest.skip("only root may mount a small disk: run make faults as root")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(folder)], capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def desk_on_small_disk(small_disk: Path, tmp_path: Path, post: MailProcess) -> Iterator[FaultDesk]:
    url, data = f"sqlite:///{small_disk / 'vigil.db'}", str(small_disk / "data")
    desk = FaultDesk(tmp_path, url, post.url, VIGIL_SMTP__CONNECTIONS=str(CONNECTIONS), VIGIL_DATA__DIR=data)
    yield desk
    desk.closes()


@LONG
@pytest.mark.parametrize("killed", [False, True], ids=["lives", "dies"])
def test_a_full_disk_is_said_in_a_sentence_and_when_it_has_room_again_the_work_goes_on(
    desk_on_small_disk: FaultDesk, small_disk: Path, post: MailProcess, killed: bool
) -> None:
    """What was taken by the relay and could not be recorded is known all the same, even if the process dies then.

    Seen to fail with a worker that keeps its claim on what it could not record: 297 pending for ever."""
    desk = desk_on_small_disk
    desk.opens().has_a_case().has_readers(READERS)
    alert, deaths = desk.publishes(), []
    process = desk.starts()
    eventually(lambda: post.count() >= 200, 60)
    ballast = small_disk / "ballast"
    fills(ballast)
    try:
        eventually(lambda: "disk" in desk.said(), 60, "a sentence: " + desk.said()[-500:])
        time.sleep(2)
        storm = desk.said().count("\n")
        if killed:
            desk.kills(process)
            deaths.append(time.time())
    finally:
        ballast.unlink()
    if killed:
        desk.starts()
    desk.sees(alert, seconds=120, sent=READERS)
    log = post.accepted()
    assert len({mail["rcpt"] for mail in log}) == READERS
    doubles = proves_doubles(log, deaths, CONNECTIONS)
    reckon(desk, alert, log, doubles=doubles)
    assert "Traceback" not in desk.said()
    assert storm < 60, "a storm of sentences, on a disk that is full"


def fills(ballast: Path) -> None:
    """Until not one block is left: the database's own files keep what they have."""
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 65_536)
    with ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 512)


@LONG
@pytest.mark.parametrize(
    "step",
    [timedelta(hours=2), pytest.param(timedelta(hours=-2), marks=pytest.mark.faults), timedelta(days=3653)],
    ids=["2h-on", "2h-back", "10y-on"],
)
def test_a_clock_that_jumps_in_mid_fan_out_makes_no_storm_and_no_stall(
    desk: FaultDesk, relay: MailServer, step: timedelta
) -> None:
    """And neither does one that is set right again while there is nothing to do. (Ten years on, readers are also asked
    whether they still want to hear: those letters do not count.)

    Seen to fail with a worker that rests until the wall's clock has gone on by a second: two hours of rest.
    """
    readers = 120
    relay.delay = 0.1
    desk.sets_its_clock().opens().has_a_case().has_readers(readers)
    alert = desk.publishes()
    desk.starts()
    eventually(lambda: len(relay.messages) >= 30, 60)
    connections = relay.connections
    desk.passes(step)
    desk.sees(alert, sent=readers)
    assert relay.connections - connections < 50, "a storm of connections"
    first = accepted(relay, "Tuesday")
    reckon(desk, alert, first)
    desk.passes(-step)
    time.sleep(2)
    desk.apart = True
    after = desk.publishes("Bishkek: still held – call again")
    desk.sees(after, sent=readers)
    reckon(desk, after, accepted(relay, "Tuesday")[len(first) :])
    assert "Traceback" not in desk.said()


@LONG
def test_a_clock_that_was_set_back_goes_on_ticking(desk: FaultDesk, relay: MailServer) -> None:
    """It stood two hours ahead and was set right: what is due a minute later is not left until it is as late again.

    Seen to fail with ticks whose next time is kept by the wall's clock: nothing for two hours.
    """
    desk.sets_its_clock().passes(timedelta(hours=2))
    desk.apart = True
    desk.opens().has_a_case().has_readers(3)
    desk.starts()
    first = desk.publishes()
    desk.sees(first, sent=3)
    desk.passes(timedelta(hours=-2))
    time.sleep(3)
    soon = datetime.now(UTC) + timedelta(minutes=2)
    second = desk.schedules(soon)
    desk.passes(timedelta(minutes=3))
    desk.sees(second, seconds=30, sent=3)
