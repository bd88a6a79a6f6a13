"""From an open batch to results in the ledger, one commit for all that happened since the last."""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from alerts.domain.alerts import Alert
from alerts.domain.delivery import Again, Blocked, Delivery, NotNow, Outcome, Rejected, Result, Sent, settle
from alerts.domain.relays import Relay
from alerts.domain.times import Instant
from alerts.queue import Queue
from alerts.services import relays
from alerts.services.addressing import HALTED, Work
from alerts.services.bounces import rejected
from alerts.services.issuing import landed
from alerts.services.renderings import Common
from alerts.settings import Settings
from alerts.store import Store, Tx
from alerts.store.journal import left_behind, mark


@dataclass(slots=True)
class Answered:
    """What became of recipients of one batch since the last commit. `over`: nobody is sending it any more."""

    work: Work
    answers: list[tuple[int, Outcome | NotNow]] = field(default_factory=list)
    over: bool = False


@dataclass(frozen=True, slots=True)
class Holder:
    """Who takes batches. `id` begins each token; `common`: what they have read of the alerts they send."""

    id: str
    common: Common = field(default_factory=dict)


class Halts:
    """What must stop by now, asked once a turn for all batches of an alert."""

    def __init__(self, tx: Tx, now: Instant) -> None:
        self.tx, self.now = tx, now
        self._alerts: dict[str, tuple[Instant | None, Instant | None, Instant | None]] = {}
        self._overtaken: dict[int, bool] = {}

    def stop(self, work: Work) -> bool:
        """Whether nothing more of it may be sent now; its alert is as it stands by now."""
        id, priority = work.alert.id, work.batch.priority
        if id not in self._alerts:
            self._alerts[id] = self.tx.ledger.halts(id)
        halted_at, paused_at, not_after = self._alerts[id]
        if (halted_at, paused_at, not_after) != (work.alert.halted_at, work.alert.paused_at, work.alert.not_after):
            work.alert = replace(work.alert, halted_at=halted_at, paused_at=paused_at, not_after=not_after)
        if priority not in self._overtaken:
            self._overtaken[priority] = priority > 0 and self.tx.ledger.overtaken(priority)
        return self._overtaken[priority] or paused_at is not None or bool(_over(work.alert, self.now))


Next = int | None
"""Which batch is wanted: the next one, or that with this number, as a queue says."""


def turn(
    store: Store, settings: Settings, holder: Holder, answered: Iterable[Answered], wants: Iterable[Next],
    room: Collection[str], now: Instant,
) -> list[Work]:  # fmt: skip
    """Record what relays answered, let go of what is over, and take batches: one commit. Answers what was taken, which
    is to be addressed next (`addressing.address`).

    A work that must not go on is `stopped`: its batch is another's by now, its alert is halted, paused or too late,
    the relay refuses us, or something more urgent waits. `room`: the relays whose connections have room for more.
    """
    with store.flush() as tx:
        halts = Halts(tx, now)
        for one in answered:
            _record(tx, one, halts, now)
        if relays.rests_until(tx, settings, now):
            return []
        return [work for no in wants if (work := _take(tx, settings, holder, no, room, now))]


def recover(store: Store, queue: Queue, folder: Path, now: Instant, *, alone: bool) -> int:
    """What the dead of this machine had sent is recorded. `alone`: nobody else works at this desk, so what any process
    held is open again, and a paused relay is asked at once. Answers how many batches were held.
    """
    replay(store, queue, folder, now)
    if not alone:
        return 0
    with store.begin() as tx:
        relays.ask_all_again(tx, now)
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
            queue.lost(tx, theirs)


def waits(store: Store) -> bool:
    """Whether there is a batch to be taken. Asked every second by who has nothing to do: a read, no writer."""
    with store.read() as tx:
        return tx.ledger.waits()


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
    if not queue.brings or not waits(store):
        return 0
    with store.begin() as tx:
        if relays.rests_until(tx, settings, now):
            return 0
        covered = queue.covered(tx)
        missing = [(no, priority) for no, priority in tx.ledger.opened() if no not in covered]
        for priority in {priority for _, priority in missing}:
            queue.defer(tx, "deliver", priority, [no for no, its in missing if its == priority])
        return len(missing)


def relays_of(store: Store, settings: Settings) -> list[Relay]:
    with store.read() as tx:
        return relays.all_relays(tx, settings)


def _take(
    tx: Tx, settings: Settings, holder: Holder, no: Next, room: Collection[str], now: Instant
) -> Work | None:  # fmt: skip
    """The next batch that may be sent. None: there is nothing, or no relay with room takes any."""
    while True:
        token = holder.id + secrets.token_hex(4)
        batch = tx.ledger.take(token) if no is None else tx.ledger.take_over(no, token)
        if batch is None:
            return None
        alert = tx.alerts.get(batch.alert_id)
        if why := _over(alert, now):
            _end(tx, batch.no, token, len(batch.recipients), alert, why, now)
            if no is not None:
                return None
            continue
        found = relays.grant(tx, settings, len(batch.recipients), now, room)
        if found is None:
            tx.ledger.leave(batch.no, token, open=True)
            return None
        relay, granted = found
        return Work(batch, alert, token, relay, granted, tx.ledger.again(batch.no))


def _record(tx: Tx, done: Answered, halts: Halts, now: Instant) -> None:
    """An answer `Blocked` pauses the relay; the recipient keeps their place, and no attempt is counted."""
    work, batch = done.work, done.work.batch
    if not tx.ledger.holds(batch.no, work.token):
        work.stopped = True
        return
    blocked = next((outcome for _, outcome in done.answers if isinstance(outcome, Blocked)), None)
    if blocked and not work.refused:
        work.relay, work.refused = relays.refused(tx, work.relay, blocked, now), True
    elif not work.refused and any(type(outcome) is Sent for _, outcome in done.answers):
        work.relay = relays.took(tx, work.relay)
    until = work.relay.paused_until
    done.answers += work.later
    work.later = []
    for n, outcome in done.answers:
        work.given += type(outcome) not in (NotNow, Blocked) and n not in work.elsewhere
        if type(outcome) is Rejected and n not in work.elsewhere:
            rejected(tx, batch.recipients[n].subscriber_id, outcome.reason, now)
    results: list[Delivery | Again] = [settle(o, batch.no, n, work.before.get(n), until, now) for n, o in done.answers]
    tx.ledger.write(work.ended + results)
    work.unreached -= len(work.ended) + sum(type(result) is Delivery for result in results)
    work.ended = []
    if blocked or halts.stop(work):
        work.stopped = True
    if done.over:
        _finish(tx, work, now)


def _finish(tx: Tx, work: Work, now: Instant) -> None:
    """Let go of the batch. Who was not reached stays in it; a halted alert's rest ends here."""
    no, size = work.batch.no, len(work.batch.recipients)
    if why := _over(work.alert, now):
        _end(tx, no, work.token, size, work.alert, why, now)
        return
    relays.give_back(tx, work.relay.id, work.granted - work.given, now)
    left = False
    if work.unreached:
        again, ended = tx.ledger.again(no), tx.ledger.ended(no)
        left = any(n not in ended and (n not in again or again[n].last == "blocked") for n in range(size))
    tx.ledger.leave(no, work.token, open=left)
    if not left:
        landed(tx, work.alert)


def _over(alert: Alert, now: Instant) -> str:
    """Why nothing more of this alert may go out, or nothing."""
    if alert.halted_at:
        return HALTED
    return "too late: it was not to be sent any more" if alert.not_after and alert.not_after <= now else ""


def _end(tx: Tx, no: int, token: str, size: int, alert: Alert, why: str, now: Instant) -> None:
    tx.ledger.end_rest(no, size, why, now)
    tx.ledger.leave(no, token, open=False)
    landed(tx, alert)
