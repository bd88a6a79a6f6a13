"""One relay's connections, and the mails that wait for one of them."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from alerts.bootstrap import App
from alerts.channels._smtp import Parcel, Pump
from alerts.domain.audience import BATCH
from alerts.domain.bugs import wordless
from alerts.domain.delivery import Blocked, Delivery, NotNow, Outcome, Rejected, Result, Retry, Sent
from alerts.domain.errors import Invalid
from alerts.domain.messages import Own
from alerts.domain.relays import Relay
from alerts.domain.slowed import Slowed
from alerts.engine.elsewhere import Elsewhere
from alerts.engine.writing import Filled, Writing
from alerts.services.addressing import Mail, Settled, Work
from alerts.services.delivering import Answered
from alerts.services.envelopes import envelope
from alerts.store.journal import Journal, mark

ENOUGH = 4_000
"""Mails that wait for a connection: while fewer do, more batches are taken. At the speed of the wire a tenth of a
second's.
"""

LAST_ANSWERS = 25.0
"""Seconds after `stop` in which whoever has a text may still answer for it: then its reader is in doubt."""

log = logging.getLogger("vigil.worker")


@dataclass(slots=True, eq=False)
class InHand:
    """A batch while it is sent. `coming`: its mails are not addressed yet; `left`: mails that wait; `flying`: mails
    that a connection has taken.
    """

    work: Work
    mark: int
    coming: bool = True
    left: int = 0
    flying: int = 0
    answers: list[tuple[int, Outcome | NotNow | Delivery]] = field(default_factory=list)
    filled: dict[tuple[int, bool], Filled] = field(default_factory=dict)


class Dispatcher:
    """`changed` is called whenever there is something to record, or room for more."""

    def __init__(self, app: App, relay: Relay, journal: Journal, changed: Callable[[], None]) -> None:
        self.app, self.relay, self.journal, self.changed = app, relay, journal, changed
        self.channel = app.channel(relay)
        self._writing = Writing(app, self.channel)
        self._elsewhere = Elsewhere(app, self._writing, self._done_elsewhere)
        self._gate, self._most = app.settings.delivery.gate, app.settings.smtp.connections
        self._waiting: deque[tuple[InHand, Mail]] = deque()
        self._hands: list[InHand] = []
        self._pumps: dict[Pump, asyncio.Task[Blocked | None]] = {}
        self._gated: set[Pump] = set()  # these took a mail whose answer is not committed
        self._answered: set[Pump] = set()
        self._collected: set[Pump] = set()
        self._serves = False
        self._slowed = Slowed()
        self._stopping = False

    @property
    def idle(self) -> bool:
        return not self._hands

    @property
    def room(self) -> int:
        """For how many more batches there is room."""
        have = len(self._waiting) + sum(BATCH for hand in self._hands if hand.coming)
        return 0 if self._stopping else max(0, (ENOUGH - have) // BATCH)

    def take(self, work: Work) -> None:
        """A batch is ours; its mails come with `ready`."""
        self._serves = self._serves and not self.idle
        self._hands.append(InHand(work, mark(work.batch.no, work.token)))

    def ready(self, work: Work, settled: Settled) -> None:
        """Its mails are addressed, and it is settled who gets none."""
        hand = self._of(work)
        hand.coming = False
        hand.answers += settled
        for mail in work.mails:
            if mail.n in work.elsewhere:
                hand.flying += 1
                self._elsewhere.send(work, mail)
            else:
                hand.left += 1
                self._waiting.append((hand, mail))
        self._open_up()
        self._wake()
        self.changed()

    def collect(self) -> list[Answered]:
        """What happened since this was asked last; a batch that nobody is sending any more is let go of."""
        found = []
        self._collected |= self._answered
        self._answered.clear()
        for hand in list(self._hands):
            if hand.work.stopped or self._stopping:
                hand.left = 0
            over = not (hand.coming or hand.left or hand.flying)
            found.append(Answered(hand.work, hand.answers, over))
            hand.answers = []
            if over:
                self._hands.remove(hand)
        return found

    def recorded(self) -> None:
        """What was collected last is in the ledger."""
        self._open_up()
        if self._collected:
            self._gated -= self._collected
            self._collected.clear()
            self._wake()

    def put_back(self, answered: list[Answered]) -> None:
        """The database did not answer: what was collected is recorded with what comes next."""
        for one in answered:
            if not any(hand.work is one.work for hand in self._hands):
                self._hands.append(InHand(one.work, mark(one.work.batch.no, one.work.token), coming=False))
            hand = self._of(one.work)
            hand.answers[:0] = one.answers

    def stop(self) -> None:
        """Begin nothing more; what is under way is finished, or broken off when it lasts too long."""
        self._stopping, loop = True, asyncio.get_running_loop()
        self._elsewhere.stop()
        loop.call_later(LAST_ANSWERS, self._elsewhere.break_off)
        for pump, task in self._pumps.items():
            pump.stop()
            loop.call_later(LAST_ANSWERS, task.cancel)

    async def hang_up(self) -> None:
        """Close the connections, once nothing is under way."""
        pumps, self._pumps = self._pumps, {}
        for pump in pumps:
            pump.stop()
        await asyncio.gather(*pumps.values(), return_exceptions=True)

    def _of(self, work: Work) -> InHand:
        return next(hand for hand in self._hands if hand.work is work)

    def _open_up(self) -> None:
        """A relay that had refused us is tried with one connection until it serves."""
        careful = not self._serves and any(hand.work.relay.blocks for hand in self._hands)
        wanted = min(1 if careful else self._most, len(self._waiting))
        while len(self._pumps) < wanted and not self._stopping:
            pump = self.channel.pump(self._feed, self._done)
            task = self._pumps[pump] = asyncio.create_task(pump.run())
            task.add_done_callback(lambda task, pump=pump: self._closed(pump, task))  # type: ignore[misc]

    def _closed(self, pump: Pump, task: "asyncio.Task[Blocked | None]") -> None:
        self._pumps.pop(pump, None)
        self._gated.discard(pump)
        if task.cancelled():
            return
        if failure := task.exception():
            log.error("A connection broke by a bug.", exc_info=wordless(failure))
        blocked = Blocked("our own mistake: it is in the log") if failure else task.result()
        if blocked and (found := self._next()):
            hand, mail = found
            hand.answers.append((mail.n, blocked))
            self._rest()
            self.changed()

    def _next(self) -> tuple[InHand, Mail] | None:
        while self._waiting:
            hand, mail = self._waiting.popleft()
            if not hand.work.stopped and hand.left:
                hand.left -= 1
                return hand, mail
        return None

    def _feed(self, pump: Pump) -> Parcel | None:
        if self._stopping or pump in self._gated:
            return None
        while found := self._next():
            hand, mail = found
            ready = self._ready(hand, mail, pump.eight)
            if isinstance(ready, Parcel):
                hand.flying += 1
                if self._gate:
                    self._gated.add(pump)
                if len(self._waiting) == ENOUGH - BATCH:
                    self.changed()
                return ready
            hand.answers.append((mail.n, ready))
        self.changed()
        return None

    def _ready(self, hand: InHand, mail: Mail, eight: bool) -> Parcel | Outcome | NotNow | Delivery:
        """The mail for the wire, or why it does not go. What is the reader's own is opened here, and not before."""
        work = hand.work
        try:
            own = work.own(mail)
        except Invalid:
            why = "the sealed address does not open"
            return Delivery(work.batch.no, mail.n, Result.SUPPRESSED, why, self.app.now())
        if self._slowed.any:
            domain, now = own.to.rpartition("@")[2], self.app.now()
            if not self._slowed.may(domain, now):
                return NotNow("slowed", self._slowed.next_at(domain) or now)
        try:
            write = self._written(hand, mail, own, eight)
            try:
                wire = write(own)
            except (Invalid, ValueError) as refusal:  # no mail can be written to this address
                return Rejected(str(refusal))
        except Exception as bug:
            said = "A mail of batch %s could not be made; its reader is tried again."
            log.exception(said, work.batch.no, exc_info=wordless(bug))
            return Retry("our own mistake")
        return Parcel(own.to, self._sender(hand, mail), wire, (hand, mail)) if isinstance(wire, bytes) else wire

    def _written(self, hand: InHand, mail: Mail, own: Own, eight: bool) -> Callable[[Own], bytes | Retry]:
        """The text is there, and what remains is the reader's own."""
        way = mail.way
        if way:
            message = self._writing.message(hand.work.readings[mail.cohort], own)
            return lambda own: self.channel.sealed(own.to, own.name, message, way)
        key = (mail.cohort, eight)
        filled = hand.filled.get(key)
        if filled is None:
            filled = hand.filled[key] = self._writing.filled(hand.work, mail.cohort, own, eight=eight)
        return filled.fill

    def _sender(self, hand: InHand, mail: Mail) -> str:
        sender = self.channel.sender
        return envelope(self.app.vault, sender, hand.work.batch.no, mail.n) if hand.work.relay.verp else sender

    def _done(self, pump: Pump, parcel: Parcel, outcome: Outcome | None) -> None:
        hand, mail = parcel.tag
        if type(outcome) is Sent:
            self.journal.taken(hand.mark, mail.n)
            self._serves = True
        elif outcome is None:
            self._not_tried(hand, mail)
            return
        elif isinstance(outcome, Blocked):
            self._rest()
        if self._slowed.any or type(outcome) is not Sent:
            self._slowed.heard(parcel.to.rpartition("@")[2], outcome, self.app.now())
        hand.flying -= 1
        hand.work.given += type(outcome) is not Blocked
        hand.answers.append((mail.n, outcome))
        if self._gate:
            self._answered.add(pump)
        self.changed()

    def _not_tried(self, hand: InHand, mail: Mail) -> None:
        """It keeps its place."""
        hand.flying -= 1
        hand.left += 1
        self._waiting.appendleft((hand, mail))
        self.changed()

    def _done_elsewhere(self, work: Work, mail: Mail, outcome: Outcome | NotNow) -> None:
        hand = self._of(work)
        hand.flying -= 1
        hand.answers.append((mail.n, outcome))
        self.changed()

    def _rest(self) -> None:
        """The relay refuses us: whoever was not reached keeps their place."""
        self._serves = False
        for hand in self._hands:
            hand.work.stopped = True

    def _wake(self) -> None:
        for pump in self._pumps:
            pump.wake()
