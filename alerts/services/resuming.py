"""What the dead left behind, and what is due again: before a desk's first turn, and between turns."""

from collections import Counter
from pathlib import Path

from alerts.domain.delivery import Delivery, Result
from alerts.domain.times import Instant
from alerts.queue import Queue
from alerts.services import grants, relays
from alerts.services.delivering import land
from alerts.settings import Settings
from alerts.store import Store
from alerts.store.journal import left_behind, mark


def recover(store: Store, queue: Queue, folder: Path, now: Instant, *, alone: bool) -> int:
    """What the dead of this machine had sent is recorded. `alone`: nobody else works at this desk, so what any process
    held is open again, and a paused relay is asked at once. Answers how many batches were held.
    """
    replay(store, queue, folder, now)
    if not alone:
        return 0
    with store.begin() as tx:
        relays.ask_all_again(tx, now)
        grants.release(tx, list(tx.ledger.held()), {}, now)
        return tx.ledger.recover()


def replay(store: Store, queue: Queue, folder: Path, now: Instant) -> None:
    """Record what the journals of the dead say was sent, and let go of what they held."""
    with left_behind(folder) as dead:
        if not dead:
            return
        with store.begin() as tx:
            held = tx.ledger.held()
            batches = {mark(no, token): no for no, token in held.items()}
            sent = [(batches[its], n) for entries in dead.values() for its, n in entries if its in batches]
            tx.ledger.write([Delivery(no, n, Result.SENT, "from the journal", now) for no, n in sent])
            theirs = [no for no, token in held.items() if token[:8] in dead]
            tx.ledger.let_go(theirs)
            grants.release(tx, theirs, Counter(no for no, _ in sent), now)
            queue.lost(tx, theirs)


def land_all(store: Store) -> None:
    """Say of each alert that is through that it is published. A turn does so itself, unless it dies before."""
    with store.read() as tx:
        through = tx.ledger.through()
    for id in through:
        land(store, id)


def retry(store: Store, now: Instant) -> int:
    """Open the batches in which somebody is due for one more try."""
    with store.read() as tx:
        if not tx.ledger.due(now):  # asked every other second: no writer for nothing
            return 0
    with store.begin() as tx:
        return tx.ledger.reopen(now)


def reconcile(store: Store, settings: Settings, queue: Queue, now: Instant) -> int:
    """Give a job to every open batch that no job covers: jobs may be lost, and a batch that was let go of has none.

    It is found by what there is, never by age. Nothing is done while every relay rests.
    """
    if not queue.brings:
        return 0
    with store.read() as tx:  # asked every second: no writer for nothing
        if not tx.ledger.opened():
            return 0
    with store.begin() as tx:
        if relays.rests_until(tx, settings, now):
            return 0
        covered = queue.covered(tx)
        missing = [(no, priority) for no, priority in tx.ledger.opened() if no not in covered]
        for priority in {priority for _, priority in missing}:
            queue.defer(tx, "deliver", priority, [no for no, its in missing if its == priority])
        return len(missing)
