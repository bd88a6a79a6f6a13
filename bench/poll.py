"""Thousands of feeds, visited and recorded. See README.md for how to read it."""

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from deliver import ends_cleanly, machine
from measured import uninterrupted
from presses import address
from stand import Stand

from alerts.bootstrap import utc_now
from alerts.domain.cases import Case, NameForm, Person
from alerts.domain.errors import Conflict
from alerts.domain.watching import Source
from alerts.store.tables import SOURCE

Told = Callable[[str], None]

ROUNDS = 3
PEERS, ALL = ("reader", "rss2email"), 500
"""Yardsticks, and on how many of the same feeds."""

PEOPLE = 50


def poll(sources: int, told: Told) -> dict[str, Any]:
    """A first import and three steady rounds, each beside its yardsticks. Raises Conflict."""
    if platform.system() != "Linux":
        raise Conflict("Each source of this bench has an address of its own in 127/8, which only Linux answers at.")
    with ends_cleanly(), Stand() as stand, Helper("presses.py", stand, str(sources)) as presses:
        port = int(presses.said())
        told(f"{sources:,} sources")
        _fill(stand, sources, port)
        few = min(ALL, sources)
        peers = {name: Helper("peers.py", stand, name, str(few), str(port)) for name in PEERS}
        try:
            with Helper("poller.py", stand) as poller:
                poller.said()
                return _measured(stand, presses, poller, peers, told) | {"machine": machine(stand)}
        finally:
            for peer in peers.values():
                peer.end()


def _measured(
    stand: Stand, presses: "Helper", poller: "Helper", peers: "dict[str, Helper]", told: Told
) -> dict[str, Any]:
    told("the first import")
    first = poller.ask()
    firsts: dict[str, dict[str, Any]] = {}
    for name, peer in peers.items():
        told(f"the first import by {name}")
        firsts[name] = peer.ask() if peer.said() == "ready" else {}
    steady: list[dict[str, Any]] = []
    rates: dict[str, list[dict[str, Any]]] = {name: [] for name in peers if firsts[name]}
    size = 0
    for round in range(ROUNDS):
        told(f"round {round + 1}")
        size = int(presses.ask_line("turn"))
        for name, found in rates.items():
            found.append(peers[name].ask())
        with stand.desk.store.begin() as tx:
            tx.sources.update(SOURCE.c.id != "", next_poll_at=utc_now())
        steady.append(poller.ask())
    return _document(first, firsts, steady, rates, size)


def _document(
    first: dict[str, Any], firsts: dict[str, dict[str, Any]], steady: list[dict[str, Any]],
    rates: dict[str, list[dict[str, Any]]], size: int,
) -> dict[str, Any]:  # fmt: skip
    ours = [one["visited"] / one["seconds"] for one in steady]
    theirs = {name: [one["visited"] / one["seconds"] for one in found] for name, found in rates.items()}
    rate, begun = statistics.median(ours), first["visited"] / first["seconds"]
    return {
        "sources": first["visited"],
        "per_second": round(rate),
        "first_per_second": round(begun),
        "failed": sorted({reason for one in (first, *steady) for reason in one["failed"]}),
        "new": sum(one["new"] for one in steady),
        "cpu_ms_per_feed": round(1000 * sum(o["cpu"] for o in steady) / sum(o["visited"] for o in steady), 3),
        "rss_mb": round(max(one["peak_mb"] for one in (first, *steady)), 1),
        "yardsticks": {name: round(statistics.median(found)) for name, found in theirs.items()},
        "ratios": {name: round(rate / statistics.median(found), 1) for name, found in theirs.items()},
        "first_yardsticks": {n: round(f["visited"] / f["seconds"]) for n, f in firsts.items() if f},
        "first_ratios": {n: round(begun / (f["visited"] / f["seconds"]), 1) for n, f in firsts.items() if f},
        "yardsticks_failed": {name: f"{f['failed']} of {f['visited']}" for name, f in firsts.items() if f},
        "rounds": {"vigil": [round(value) for value in ours]}
        | {name: [round(value) for value in found] for name, found in theirs.items()},
        "feed_bytes": size,
    }


def _fill(stand: Stand, sources: int, port: int) -> None:
    now = utc_now()
    with stand.desk.store.begin() as tx:
        tx.cases.add(Case("bench", "KG-BENCH", "KG"))
        tx.people.add(*(Person(f"p{n}", "bench", n, f"Somebody Unheard{n}") for n in range(PEOPLE)))
        tx.forms.add(*(NameForm(f"f{n}", f"p{n}", f"Некто Неслыханный{n}", "ru") for n in range(PEOPLE)))
        source = Source("", "", country="KG", local=True, next_poll_at=now, created_at=now)
        tx.sources.add(
            *(replace(source, id=f"s{n:06}", url=f"http://{address(n)}:{port}/feed/{n}") for n in range(sources))
        )


class Helper:
    """A program of this folder as a child: it answers each line with a line."""

    def __init__(self, program: str, stand: Stand, *words: str) -> None:
        own = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        environment = {**own, "HOME": str(stand.folder), "LANG": "C.UTF-8", **stand.environment}
        self.program = program
        with uninterrupted():
            self.process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name(program)), *words], env=environment, cwd=stand.folder,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1,
                start_new_session=True,
            )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def said(self) -> str:
        """Its next line. Raises Conflict where it ended."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise Conflict(f"{self.program} ended before it answered.")
        return line.strip()

    def ask_line(self, words: str) -> str:
        assert self.process.stdin
        self.process.stdin.write(f"{words}\n")
        return self.said()

    def ask(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.ask_line("go"))
        return found

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
