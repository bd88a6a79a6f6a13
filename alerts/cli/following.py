"""`vigil alert publish --follow`: what becomes of an alert, as it happens. Ctrl-C ends the looking, not the sending."""

import sys
import time
from collections import deque

import click

from alerts.bootstrap import App
from alerts.domain.alerts import State
from alerts.domain.delivery import Tally
from alerts.services import alerting, allowance

EVERY, OVER = 0.25, 5.0
"""Seconds between two looks, and over how many the rate is taken."""

STILL = 15.0
"""Seconds without a change after which it is said why."""


def follow(app: App, id: str) -> None:
    """A bar on stderr, until everybody was reached or waits for another day."""
    tally = alerting.status(app.store, id).tally
    seen = deque([(time.monotonic(), _done(tally))])
    moving = click.progressbar(
        length=max(1, tally.audience), label="Sent", show_pos=True, show_eta=False, width=24, file=sys.stderr,
        item_show_func=_said,
    )  # fmt: skip
    try:
        with moving as bar:
            while tally.pending and not _over(app, id):
                time.sleep(EVERY)
                before, tally = tally, alerting.status(app.store, id).tally
                now = time.monotonic()
                if _done(tally) != _done(before) or len(seen) == 1:
                    seen.append((now, _done(tally)))
                while len(seen) > 2 and now - seen[0][0] > OVER:
                    seen.popleft()
                still = now - seen[-1][0] > STILL
                bar.update(_done(tally) - _done(before), _words(app, tally, _rate(seen, now), still))
    except KeyboardInterrupt:
        click.echo("\nIt goes on without being watched: “vigil alert status” says how far it is.", err=True)
        return
    parts = ("sent", "retrying", "rejected", "unknown", "suppressed", "withdrawn", "pending")
    found = [f"{getattr(tally, part):,} {part}" for part in parts if getattr(tally, part)]
    click.echo(f"{tally.audience:,} readers: {', '.join(found) or 'nobody'}.", err=True)


def _said(words: str | None) -> str:
    return words or ""


def _over(app: App, id: str) -> bool:
    """Nobody was halted or held by hand meanwhile."""
    alert = alerting.status(app.store, id).alert
    return bool(alert.halted_at or alert.paused_at) or alert.state is State.CANCELLED


def _done(tally: Tally) -> int:
    return tally.audience - tally.pending


def _rate(seen: "deque[tuple[float, int]]", now: float) -> float:
    """Readers a second, lately."""
    (start, first), (_, last) = seen[0], seen[-1]
    return (last - first) / (now - start) if now > start else 0.0


def _words(app: App, tally: Tally, rate: float, still: bool) -> str:
    if still:
        with app.store.read() as tx:
            left = allowance.forecast(tx, app.settings, tally.pending, 0, app.now())
        waits = left.words(app.settings.desk.zone, app.now()) if left.waiting else ""
        return waits or "nothing moves: is “vigil run” or “vigil work” running, and does the relay take mail?"
    parts = [f"{rate:,.0f}/s"]
    if rate and tally.pending:
        parts.append(f"{tally.pending / rate:,.0f} s left")
    if tally.retrying:
        parts.append(f"{tally.retrying:,} tried again later")
    return ", ".join(parts)
