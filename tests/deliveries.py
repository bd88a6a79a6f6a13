"""A worker's part, one step at a time: take a batch, record answers, let go of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from builders import NOON

from alerts.domain.alerts import Alert
from alerts.domain.delivery import NotNow, Outcome
from alerts.domain.ladders import Reminder, Whom
from alerts.domain.letters import Letter
from alerts.domain.relays import MAIN, Relay
from alerts.domain.times import Instant
from alerts.queue import Queue
from alerts.queue.table import TableQueue
from alerts.services import delivering, letters, reminding, resuming, together
from alerts.services.addressing import address
from alerts.services.delivering import Answered, Holder, Work
from alerts.settings import load
from alerts.store import Store, Tx
from alerts.store.tables import RELAY

SETTINGS = load(
    None,
    {
        "VIGIL_WEB__BASE_URL": "https://desk.example", "VIGIL_SMTP__SENDER": "desk@desk.example",
        "VIGIL_SMTP__URL": "smtp://localhost",
    },
)  # fmt: skip


def take(store: Store, now: Instant = NOON, no: int | None = None) -> Work | None:
    """The next batch, with those recorded who must not be written to."""
    found = _turn(store, [], [no], now)
    for work in found:
        settled = address(store, SETTINGS, work, now, {})
        _turn(store, [Answered(work, list(settled))], [], now)
    return found[0] if found else None


def record(store: Store, work: Work, answers: Iterable[tuple[int, Outcome | NotNow]], now: Instant = NOON) -> bool:
    """Whether to go on."""
    answers = list(answers)
    work.given += len(answers)
    _turn(store, [Answered(work, [*answers])], [], now)
    return not work.stopped


def recover(store: Store, now: Instant = NOON) -> int:
    """A process starts after another died, which left no journal."""
    return resuming.recover(store, TableQueue(), Path("no-such-folder"), now, alone=True)


def finish(store: Store, work: Work, now: Instant = NOON) -> None:
    _turn(store, [Answered(work, over=True)], [], now)


def relay(store: Store) -> Relay:
    with store.read() as tx:
        return tx.relays.find(RELAY.c.id == MAIN) or Relay(MAIN)


def _turn(store: Store, answered: list[Answered], wants: list[int | None], now: Instant) -> list[Work]:
    return delivering.turn(store, SETTINGS, Holder("0a1b2c3d"), answered, wants, {MAIN}, now)


def due_letters(store: Store, now: Instant, limit: int) -> list[Letter]:
    """Claim the letters that are due, as a worker does while the relay takes any."""
    found = letters.granted_letters(store, SETTINGS, now, limit)
    return found[1] if found else []


def reminded(tx: Tx, queue: Queue, languages: Sequence[str], deadline_id: str, rung: str, now: Instant) -> Alert:
    """One rung fires for readers, as the clock lets it."""
    deadline = tx.deadlines.get(deadline_id)
    told = reminding.tell(
        tx, deadline, Reminder("a rung", deadline_id, deadline.revision, rung, Whom.SUBSCRIBERS, now), [], now
    )
    together.send(tx, queue, [told], languages, now)
    return tx.alerts.get(told.alert.id)
