"""The clock of the replay: it does not run fast, it jumps to whatever is due next, an act of the story or a row of
the desk.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from alerts.bootstrap import App
from alerts.domain.times import Instant
from alerts.engine.ticks import TICKS
from alerts.engine.worker import Worker
from alerts.store.due import next_due


@dataclass(frozen=True, slots=True)
class Act:
    """What people did at that moment. `what` is shown while the story is played."""

    at: Instant
    what: str
    do: Callable[[], None]


class Clock:
    """The time of the story, and once it is over the real one."""

    def __init__(self, start: Instant, real: Callable[[], Instant]) -> None:
        self.time: Instant | None = start
        self._real = real

    def __call__(self) -> Instant:
        return self.time or self._real()

    def go_real(self) -> None:
        self.time = None


async def replay(
    app: App, clock: Clock, acts: Iterable[Act], worker: Worker, pause: Callable[[str], Awaitable[None]], end: Instant
) -> None:
    """Play every act, and all that becomes due before `end`.

    `pause` is awaited after each jump on which something was done.
    """
    waiting = sorted(acts, key=lambda act: act.at)
    while True:
        with app.store.read() as tx:
            due = next_due(tx, clock())
        moments = [at for at in (waiting[0].at if waiting else None, due) if at is not None]
        if not moments or min(moments) > end:
            return
        clock.time = max(min(moments), clock())
        said = ""
        while waiting and waiting[0].at <= clock():
            act = waiting.pop(0)
            act.do()
            said = act.what
        for tick in TICKS:
            await tick(app, clock())
        sent = await worker.drain()
        if said or sent:
            await pause(said)
