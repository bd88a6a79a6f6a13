"""From an open batch to results in the ledger, one commit for all that happened since the last."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from alerts.domain.alerts import Alert
from alerts.domain.delivery import Again, Blocked, Delivery, NotNow, Outcome, Rejected, Retry, Sent, settle
from alerts.domain.relays import Relay
from alerts.domain.times import Instant
from alerts.services import grants, relays
from alerts.services.addressing import HALTED, Work
from alerts.services.bounces import rejected
from alerts.services.issuing import landed
from alerts.services.renderings import Common
from alerts.settings import Settings
from alerts.store import Store, Tx
from alerts.store.tables import LETTER


@dataclass(slots=True)
class Answered:
    """What became of recipients of one batch since the last commit. `over`: nobody is sending it any more."""

    work: Work
    answers: list[tuple[int, Outcome | NotNow | Delivery]] = field(default_factory=list)
    over: bool = False


@dataclass(frozen=True, slots=True)
class Holder:
    """Who takes batches. `id` begins each token; `common`: what they have read of the alerts they send."""

    id: str
    common: Common = field(default_factory=dict)


class Halts:
    """What must stop by now, asked once a turn for all batches of an alert. `ended`: alerts of which a batch ended."""

    def __init__(self, tx: Tx, now: Instant) -> None:
        self.tx, self.now = tx, now
        self._alerts: dict[str, Alert] = {}
        self._overtaken: dict[int, bool] = {}
        self.ended: set[str] = set()

    def stop(self, work: Work) -> bool:
        """Whether nothing more of it may be sent now; its alert is as it stands by now."""
        work.alert, priority = self.alert(work.alert.id), work.batch.priority
        if priority not in self._overtaken:
            self._overtaken[priority] = priority > 0 and self.tx.ledger.overtaken(priority)
        return self._overtaken[priority] or work.alert.paused_at is not None or bool(_over(work.alert, self.now))

    def alert(self, id: str) -> Alert:
        """As it stands by now."""
        if id not in self._alerts:
            self._alerts[id] = self.tx.alerts.look(id)
        return self._alerts[id]


Next = int | None
"""Which batch is wanted: the next one, or that with this number, as a queue says."""


def turn(
    store: Store, settings: Settings, holder: Holder, answered: Sequence[Answered], wants: Sequence[Next],
    room: Collection[str], now: Instant,
) -> list[Work]:  # fmt: skip
    """Record what relays answered, let go of what is over, and take batches: one commit. Answers what was taken, which
    is to be addressed next (`addressing.address`).

    A work that must not go on is `stopped`: its batch is another's by now, its alert is halted, paused or too late,
    the relay refuses us, or something more urgent waits. `room`: the relays whose connections have room for more.
    """
    with store.flush() as tx:
        giving, halts = grants.Grants(tx, settings, now), Halts(tx, now)  # relays first: two workers lock in one order
        for one in answered:
            _record(tx, one, halts, now)
        # a relay that refused us in this very turn was still thought to take mail when `giving` was read
        refused = any(isinstance(answer, Blocked) for one in answered for _, answer in one.answers)
        taken = [] if refused else _taken(tx, holder, giving, halts, wants, room, now)
        giving.write()
        ended = [id for id in sorted(halts.ended) if not tx.ledger.busy(id)]
    for id in ended:
        land(store, id)
    return taken


def land(store: Store, alert_id: str) -> None:
    """Say that it is published once nobody of it is to be written to any more.

    Apart from the turn, which holds batches: whoever publishes holds an alert and waits for its batches.
    """
    with store.begin() as tx:
        landed(tx, tx.alerts.get(alert_id))


def waits(store: Store) -> bool:
    """Whether there is a batch to be taken. Asked every second by who has nothing to do: a read, no writer."""
    with store.read() as tx:
        return tx.ledger.waits()


def stuck(tx: Tx, settings: Settings, now: Instant) -> bool:
    """Whether mails or letters wait at a desk that has no relay at all."""
    if relays.all_relays(tx, settings):
        return False
    return tx.ledger.waits() or tx.letters.count(LETTER.c.not_before <= now) > 0


def relays_of(store: Store, settings: Settings) -> list[Relay]:
    with store.read() as tx:
        return relays.all_relays(tx, settings)


def _taken(
    tx: Tx, holder: Holder, giving: grants.Grants, halts: Halts, wants: Sequence[Next], room: Collection[str],
    now: Instant,
) -> list[Work]:  # fmt: skip
    found = []
    for no in wants:
        work = _take(tx, holder, giving, halts, no, room, now)
        if work is not None:
            found.append(work)
        elif no is None:
            break
    return found


def _take(
    tx: Tx, holder: Holder, giving: grants.Grants, halts: Halts, no: Next, room: Collection[str], now: Instant
) -> Work | None:  # fmt: skip
    """The next batch that may be sent. None: there is nothing, or no relay with room takes any."""
    while True:
        token = holder.id + secrets.token_hex(4)
        batch = tx.ledger.take(token) if no is None else tx.ledger.take_over(no, token)
        if batch is None:
            return None
        if batch.taken_over:
            grants.release(tx, [batch.no], {}, now)
        alert = halts.alert(batch.alert_id)
        if why := _over(alert, now):
            _end(tx, batch.no, token, len(batch.recipients), why, now)
            halts.ended.add(alert.id)
            if no is not None:
                return None
            continue
        granted = giving.give(len(batch.recipients), room)
        if granted is None:
            tx.ledger.leave(batch.no, token, open=True)
            return None
        reserved = grants.reserve(tx, batch.no, *granted, now)
        return Work(batch, alert, token, *granted, tx.ledger.again(batch.no), reserved)


def _record(tx: Tx, done: Answered, halts: Halts, now: Instant) -> None:
    """An answer `Blocked` pauses the relay; the recipient keeps their place, and no attempt is counted.

    What the work itself remembers is changed once this is committed: else a failed commit would be believed.
    """
    work, batch = done.work, done.work.batch
    if not tx.ledger.holds(batch.no, work.token):
        work.stopped = True
        return
    sent = [(n, answer.ref) for n, answer in done.answers if type(answer) is Sent]
    rest = [(n, _about_them(work, n, answer)) for n, answer in done.answers if type(answer) is not Sent]
    blocked = next((answer for _, answer in rest if isinstance(answer, Blocked)), None)
    relay = work.relay
    if blocked and not work.refused:
        relay = relays.refused(tx, relay, blocked, now)
    elif sent and not work.refused:
        relay = relays.took(tx, relay)
    tx.after.append(lambda: _remember(work, relay, refused=blocked is not None))
    for n, answer in rest:
        if type(answer) is Rejected and n not in work.elsewhere:
            rejected(tx, batch.recipients[n].subscriber_id, answer.reason, now)
    if sent:
        tx.ledger.sent(batch.no, sent, now, tried=bool(work.before or work.tried))
    if rest:
        work.tried = True
        tx.ledger.write(_settled(work, rest, relay, now))
    if blocked or halts.stop(work):
        work.stopped = True
    if work.reserved:
        grants.spent(tx, batch.no, work.granted - work.given)
    if done.over:
        _finish(tx, work, now)
        halts.ended.add(work.alert.id)


def _settled(
    work: Work, answers: Sequence[tuple[int, Outcome | NotNow | Delivery]], relay: Relay, now: Instant
) -> list[Delivery | Again]:
    no, before, until = work.batch.no, work.before, relay.paused_until
    return [
        answer if isinstance(answer, Delivery) else settle(answer, no, n, before.get(n), until, now)
        for n, answer in answers
    ]


def _remember(work: Work, relay: Relay, *, refused: bool) -> None:
    work.relay, work.refused = relay, work.refused or refused


def _about_them(work: Work, n: int, answer: Outcome | NotNow | Delivery) -> Outcome | NotNow | Delivery:
    """A refusal of us that meets the same reader again, after the relay took others, is about this reader: else one of
    them could hold up a desk for ever.
    """
    before = work.before.get(n)
    if isinstance(answer, Blocked) and before and before.last == "blocked" and not work.relay.blocks:
        return Retry(answer.reason)
    return answer


def _finish(tx: Tx, work: Work, now: Instant) -> None:
    """Let go of the batch. Who was not reached stays in it; a halted alert's rest ends here."""
    no, size = work.batch.no, len(work.batch.recipients)
    if work.reserved:
        grants.release(tx, [no], {}, now)
    else:
        grants.give_back(tx, work.relay.id, work.granted - work.given, now)
    if why := _over(work.alert, now):
        _end(tx, no, work.token, size, why, now)
        return
    tx.ledger.leave(no, work.token, open=tx.ledger.ended_count(no) < size and _left(tx, no, size))


def _left(tx: Tx, no: int, size: int) -> bool:
    """Whether somebody in the batch is to be tried again as soon as it is taken."""
    ended, again = tx.ledger.ended(no), tx.ledger.again(no)
    return any(n not in ended and (n not in again or again[n].last == "blocked") for n in range(size))


def _over(alert: Alert, now: Instant) -> str:
    """Why nothing more of this alert may go out, or nothing."""
    if alert.halted_at:
        return HALTED
    return "too late: it was not to be sent any more" if alert.not_after and alert.not_after <= now else ""


def _end(tx: Tx, no: int, token: str, size: int, why: str, now: Instant) -> None:
    tx.ledger.end_rest(no, size, why, now)
    tx.ledger.leave(no, token, open=False)
