"""A desk that is harmed on purpose: by its clock, by its relay, by death. And the reckoning after it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from components import needs
from desk import APPROVER, AUTHOR, Desk, DeskHere
from servers import MailServer

ONE_MINUTE = timedelta(minutes=1)
SLEEP = "import select, time\ntime.sleep = lambda seconds: select.select([], [], [], seconds) and None\n"
"""libfaketime 0.9.10 answers EINVAL to the clock_nanosleep until an absolute time by which Python sleeps."""


class FaultDesk(DeskHere):
    """What its processes say goes to files; its clock can be set while they run (`sets_its_clock` comes first).

    PYTHONPATH is passed on: with it these tests run against a build in another folder, which was broken on purpose.
    """

    def __init__(self, folder: Path, database_url: str, smtp_url: str, **settings: str) -> None:
        if "PYTHONPATH" in os.environ:
            settings["PYTHONPATH"] = os.environ["PYTHONPATH"]
        super().__init__(folder, database_url, smtp_url, **settings)
        self._clock: Path | None = None
        self._ahead = timedelta()
        self.apart = False

    def starts(self, command: str = "work") -> subprocess.Popen[bytes]:
        with (self.folder / f"said-{len(self.processes)}.log").open("wb") as said:
            process = subprocess.Popen(
                [str(Path(sys.executable).with_name("vigil")), command],
                env=self.environment,
                cwd=self.folder,
                stderr=said,
            )
        self.processes.append(process)
        return process

    def said(self) -> str:
        """The logs of all its processes."""
        return "".join(
            (self.folder / f"said-{n}.log").read_text("utf-8", "replace") for n in range(len(self.processes))
        )

    def attempt(self, *words: str) -> subprocess.CompletedProcess[str]:
        """In a process of its own, which has the desk's own clock, where the test says `apart`."""
        if self.apart and words[:2] != ("alert", "status"):
            return Desk.attempt(self, *words)
        return super().attempt(*words)

    # the clock

    def sets_its_clock(self) -> FaultDesk:
        """From now on `passes` moves the wall clock of all its processes; the monotonic clock goes on, as it does."""
        self._clock = self.folder / "clock"
        self._tells()
        shim = self.folder / "sleep"
        shim.mkdir()
        (shim / "sitecustomize.py").write_text(SLEEP)
        paths = [str(shim), *filter(None, [self.environment.get("PYTHONPATH")])]
        self.environment |= {
            "PYTHONPATH": os.pathsep.join(paths), "LD_PRELOAD": str(needs("faketime")),
            "FAKETIME_TIMESTAMP_FILE": str(self._clock), "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }  # fmt: skip
        return self

    def passes(self, time: timedelta) -> None:
        """So much time has passed, or was taken back. A running process sees it within a second."""
        self._ahead += time
        self._tells()

    def _tells(self) -> None:
        assert self._clock, "sets_its_clock() comes first"
        new = self._clock.with_suffix(".new")  # a process may read at any moment: the file is exchanged as a whole
        new.write_text(f"{self._ahead.total_seconds():+.0f}\n")
        new.rename(self._clock)

    # its alerts

    def schedules(self, at: datetime, title: str = "Bishkek: still held – call again") -> str:
        """An urgent appeal that goes out at this time. Answers its id."""
        body = self.write("body.txt", "She is held still.\n")
        id = self.id("alert", "draft", "--case", "KG-1", "--title", title, "--body-file", body, "--as", AUTHOR)
        self.vigil("alert", "submit", id, "--as", AUTHOR)
        self.vigil("alert", "approve", id, "--as", APPROVER)
        self.vigil("alert", "publish", id, "--at", f"{at:%Y-%m-%d %H:%M}", "--zone", "UTC", "--as", AUTHOR)
        return id

    def sees(
        self, alert: str, true: Callable[[dict[str, Any]], bool] | None = None, seconds: float = 60, **counts: int
    ) -> dict[str, Any]:
        """Until the counts of the alert are these, or it is true of them. Answers them all."""
        end = time.monotonic() + seconds
        while True:
            found = self.status(alert)
            if counts.items() <= found.items() and (true is None or true(found)):
                return found
            assert time.monotonic() < end, (
                f"not within {seconds} s: {counts or 'it'}, but {found}\n{self.said()[-2000:]}"
            )
            time.sleep(0.1)  # a look costs as much as several mails

    def outwaits(self, alert: str, seconds: float = 120, **counts: int) -> None:
        """As `sees`, with so much time passing that whoever waits is due."""
        end = time.monotonic() + seconds
        self.passes(2 * ONE_MINUTE)
        while time.monotonic() < end - 8:
            try:
                self.sees(alert, seconds=3, **counts)
            except AssertionError:
                self.passes(10 * ONE_MINUTE)
            else:
                return
        self.sees(alert, seconds=8, **counts)


def accepted(relay: MailServer, words: str = "") -> list[dict[str, Any]]:
    """What the relay took, as the mail process logs it; of the mails that hold these words."""
    return [
        {"rcpt": address, "message_id": mail.message_id, "at": mail.at, "line": mail.line}
        for mail in list(relay.messages)
        if words in mail.text
        for address in mail.recipients
    ]


def reckon(desk: Desk, alert: str, log: Sequence[dict[str, Any]], *, doubles: int = 0) -> dict[str, Any]:
    """The sum holds, and the relay's log of this alert agrees with the ledger: everybody whom the ledger counts as sent
    is in the log; who is in the log beyond them is still in doubt; another copy is the same message.

    `doubles`: how many second copies there may be. Answers the counts.
    """
    found = desk.status(alert)
    ids = defaultdict(list)
    for mail in log:
        ids[mail["rcpt"]].append(mail["message_id"])
    assert all(len(set(each)) == 1 for each in ids.values()), "another copy of a mail has another Message-ID"
    assert len({each[0] for each in ids.values()}) == len(ids), "two readers got one Message-ID"
    in_doubt = found["unknown"] + found["retrying"] + found["pending"]
    assert found["sent"] <= len(ids), f"{found['sent']} sent, but {len(ids)} in the relay's log"
    assert len(ids) <= found["sent"] + in_doubt, f"{len(ids)} in the relay's log, but the ledger says {found}"
    assert len(log) - len(ids) <= doubles, f"{len(log) - len(ids)} doubles, {doubles} can be accounted for"
    return found


def proves_doubles(log: Sequence[dict[str, Any]], deaths: Sequence[float], connections: int) -> int:
    """Every second copy was accepted but not recorded when the process died: it came after a death, its first copy
    before it and as the last mail of its connection. At most one a connection and death. Answers how many there are.

    `deaths`: for each, a moment after it and before the next process began.
    """
    last = {mail["line"]: mail for mail in log}
    copies = defaultdict(list)
    for mail in log:
        copies[mail["rcpt"]].append(mail)
    of_death: dict[int, int] = defaultdict(int)
    for mails in copies.values():
        for first, second in pairwise(mails):
            between = [n for n, at in enumerate(deaths) if first["at"] <= at <= second["at"]]
            assert between, f"a double without a death between its copies: {first} {second}"
            assert last[first["line"]] is first, f"not the last of its connection, and yet doubled: {first}"
            of_death[between[0]] += 1
    assert max(of_death.values(), default=0) <= connections, dict(of_death)
    return sum(of_death.values())
