"""An urgent appeal to everybody, end to end: claimed, made, sent over SMTP, recorded. See README.md for how to read it.

What is measured is `vigil work`, a child process at a desk that is made for it. The desk's alert is published by the
product's service and the clock runs from that commit until the product says that nobody is left to be written to. Each
round sends a part of the recipients, right after each yardstick has had its own turn on the same machine.

Duplicates and losses are looked for twice. First by name: an alert to a few thousand goes to a sink that writes each
mail down, and every envelope is held against the list of those who should have got it. Then by sum, at full speed: what
the sink has answered with 250, less what the ledger calls sent, are duplicates; who is in the audience and not sent, or
sent by the ledger and never seen by the sink, is lost.
"""

import email
import email.policy
import json
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import crowd
from host import host
from measured import Measured
from sink import Sink, smtp_source
from stand import LOOK, Stand, described

PROOF, FEW = 2_000, 100
SOURCE, NAIVE = 20_000, 500
"""Messages of a yardstick in each round."""

Told = Callable[[str], None]


def deliver(recipients: int, database_url: str, rounds: int, told: Told) -> dict[str, Any]:
    """What DESIGN asks of a fan-out, as one document. Raises NotFound without Postfix’s programs, Conflict, Invalid."""
    with ends_cleanly(), Stand(database_url) as stand:
        told(f"writing {recipients:,} subscribers")
        proof, few = min(PROOF, recipients), min(FEW, recipients)
        stand.fill(recipients, rounds, proof, few)
        told(f"comparing the mail of {proof:,} name by name")
        by_name, mails = _proof(stand, proof)
        found = _Rounds(stand, mails, told)
        with Sink() as sink:
            worker = stand.start(sink.url)
            for round in range(rounds):
                found.play(round, worker)
            accepted = sink.accepted()
            sent = sum(stand.sent(alert) for alert in found.alerts)
            told("an urgent appeal into a running update")
            urgent = _urgent(stand, found.alerts, worker)
            rss = worker.peak_mb()
            worker.kill()
        found.lost = by_name["lost"] + (found.audience - sent) + max(0, sent - accepted)
        found.duplicates = by_name["duplicates"] + max(0, accepted - sent)
        return found.document(proof, rss, urgent) | {"machine": machine(stand)}


def expand(recipients: int, database_url: str, told: Told) -> dict[str, Any]:
    """How long publishing takes: freezing whom an alert goes to, as batches in the queue. Nothing is sent."""
    with ends_cleanly(), Stand(database_url) as stand:
        told(f"writing {recipients:,} subscribers")
        stand.fill(recipients)
        told("publishing")
        audience, seconds = stand.publish(stand.approved(crowd.PARTS[0]))
        return {"recipients": audience, "expand_seconds": round(seconds, 2), "machine": machine(stand)}


class _Rounds:
    """Each: smtp-source, the naive stack, and our part; their rates side by side."""

    def __init__(self, stand: Stand, mails: list[bytes], told: Told) -> None:
        self.stand, self.told = stand, told
        self.size = round(statistics.mean(len(mail) for mail in mails))
        self.templates = stand.folder / "templates.json"
        self.templates.write_text(json.dumps(_templates(mails[0])))
        self.alerts: list[str] = []
        self.audience = self.lost = self.duplicates = 0
        self.seconds = self.noticed = self.expanding = self.cpu = 0.0
        self.rates: dict[str, list[float]] = {"vigil": [], "smtp_source": [], "naive": []}

    def play(self, round: int, worker: Measured) -> None:
        total = self.stand.recipients
        self.told(f"round {round + 1}: smtp-source")
        self.rates["smtp_source"].append(smtp_source(min(SOURCE, max(2_000, total)), self.size))
        self.told(f"round {round + 1}: the naive stack")
        self.rates["naive"].append(naive(min(NAIVE, total), self.templates))
        self.told(f"round {round + 1}: vigil work")
        alert = self.stand.approved(crowd.PARTS[round])
        before = worker.cpu()
        audience, expanding = self.stand.publish(alert)
        began = time.monotonic()
        taken = worker.until(lambda: self.stand.taken(alert), "no batch was taken", 60, LOOK / 2)
        ended = self.stand.ended(alert)
        self.cpu += (worker.cpu() or 0.0) - (before or 0.0)
        self.alerts.append(alert)
        self.audience += audience
        self.expanding += expanding
        self.seconds += ended - began
        self.noticed += taken - began
        self.rates["vigil"].append(audience / (ended - began))

    def document(self, proof: int, rss: float | None, urgent: float | None) -> dict[str, Any]:
        rate = self.audience / self.seconds
        yardsticks = {name: statistics.median(self.rates[name]) for name in ("smtp_source", "naive")}
        return {
            "recipients": self.audience,
            "seconds": round(self.seconds, 2),
            "per_second": round(rate),
            "cpu_seconds_per_10k": round(self.cpu / self.audience * 10_000, 3) if self.cpu else None,
            "rss_mb": rss,
            "duplicates": self.duplicates,
            "lost": self.lost,
            **({} if urgent is None else {"urgent_seconds": round(urgent, 2)}),
            "expand_seconds": round(self.expanding, 2),
            "noticed_seconds": round(self.noticed, 2),
            "yardsticks": {name: round(value) for name, value in yardsticks.items()},
            "ratios": {name: round(rate / value, 2) for name, value in yardsticks.items()},
            "rounds": {name: [round(value) for value in values] for name, values in self.rates.items()},
            "compared_by_name": proof,
            "mail_bytes": self.size,
        }


def naive(count: int, templates: Path) -> float:
    """Messages a second of the obvious stack, in a process of its own, to a sink of its own."""
    program = Path(__file__).with_name("naive.py")
    with Sink() as sink:
        command = [sys.executable, str(program), str(sink.port), str(count), str(templates)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
        return float(done.stdout)


def machine(stand: Stand) -> dict[str, Any]:
    return host() | {"database": described(stand.desk)}


def _proof(stand: Stand, proof: int) -> tuple[dict[str, int], list[bytes]]:
    """Duplicates and losses by name, and the mails that came."""
    alert = stand.approved(crowd.PROOF)
    stand.publish(alert)
    with Sink(keep=True) as sink:
        worker = stand.start(sink.url)
        stand.ended(alert)
        worker.stop()
        got, mails = sink.kept()
    due = {crowd.address(n) for n in range(proof)}
    twice = sum(times - 1 for times in got.values()) + len(got.keys() - due)
    return {"duplicates": twice, "lost": len(due - got.keys())}, mails


def _urgent(stand: Stand, alerts: list[str], worker: Measured) -> float | None:
    """Seconds from asking for an urgent appeal to be published until the ledger has its first mail, while an update of
    the alerts just sent, for two thirds of all, is under way. None where that was over too soon to say anything.
    """
    bulk = [stand.approved_update(alert) for alert in alerts[:2]]
    urgent = stand.approved(crowd.FEW)
    for update in bulk:
        stand.publish(update)
    worker.until(lambda: stand.taken(bulk[0]), "no batch was taken", 60)
    began = time.monotonic()
    stand.publish(urgent)
    first = worker.until(lambda: stand.first_sent(urgent), "the worker ended", 60, LOOK / 4)
    return None if stand.done(bulk[-1]) else first - began


def _templates(sample: bytes) -> dict[str, str]:
    """The words of a mail that was sent, with a slot for each secret: what the naive stack renders."""
    mail = email.message_from_bytes(sample, policy=email.policy.default)
    secret = re.compile(r"(https://desk\.example\.org/(?:leave|preferences|answer)/)[\w.-]+")
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None and html is not None
    slots = {kind: secret.sub(r"\1{{ token }}", part.get_content()) for kind, part in (("text", text), ("html", html))}
    return {"subject": str(mail["Subject"]), **slots}


@contextmanager
def ends_cleanly() -> Iterator[None]:
    """A request to end is as Ctrl-C: what was started is ended, and what was made is removed."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
