"""Reminders: three clocks at one database, one of them killed, a third of the dates moved meanwhile. See README.md.

The clocks are the product's own, each in a process; dates are moved by the product's own service. What became of each
reminder, and when, is written down by triggers of the database, so that the bench need not believe the program.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from deliver import ends_cleanly, machine
from poll import Helper
from stand import Stand
from watched import Watched, watch

from alerts.bootstrap import utc_now
from alerts.domain.audience import Subscriber, Subscription
from alerts.domain.cases import Case
from alerts.domain.deadlines import Deadline, Kind, State
from alerts.domain.labels import Answer
from alerts.domain.ladders import Reminder, plan
from alerts.domain.times import Instant, LocalTime, Precision, tzdata, zone_info
from alerts.services import deadlines, reminding
from alerts.services.ids import new_id
from alerts.store.dates import REMINDER

Told = Callable[[str], None]

CLOCKS, WINDOW, TAIL = 3, 20.0, 4.0
"""Clocks; seconds in which reminders fall due; and seconds that a clock has for the last of them."""

LEAD, UNTIL = timedelta(seconds=3), timedelta(hours=1)
"""How soon the first falls due once all is written, and how far away it is until then."""

MOST_DUE = 3_000
"""Dates of which something falls due in the run; all others wait for another week."""

CASES, READERS = 300, 900
"""Each case is followed by three readers."""

ZONE, LATER = "Asia/Bishkek", timedelta(days=7)
AHEAD = {Kind.HEARING: timedelta(days=14), Kind.APPEAL_END: timedelta(days=5)}
"""How long before a date of each kind its rung comes that falls due in the run."""

ONE_IN = 8
"""So many dates are one hearing, of which readers are told; the others end a period to appeal, and only we are."""


def reminders(pending: int, database_url: str, told: Told) -> dict[str, Any]:
    """What DESIGN asks of the clocks, as one document. Raises Conflict, Invalid."""
    with ends_cleanly(), Stand(database_url) as stand, ExitStack() as children:
        told(f"writing {pending:,} reminders")
        chance = random.Random(1)
        written, due = _fill(stand, pending, chance)
        with stand.desk.store.begin() as tx:
            watch(tx)
        plan_ = _plan(stand)
        clocks = [children.enter_context(Helper("ticker.py", stand)) for _ in range(CLOCKS)]
        for clock in clocks:
            clock.said()
        begins = _bring_near(stand, written)
        told(f"{len(due):,} dates fall due within {WINDOW:g} s")
        moved, longest, looks = _run(stand, clocks, due, written, begins, chance)
        told("counting")
        with stand.desk.store.read() as tx:
            found = Watched(tx, begins - UNTIL / 2, begins + timedelta(seconds=WINDOW))
        return {
            "pending": pending, "clocks": CLOCKS, **found.counts(), "ticks": looks, "killed": 1, "moved": moved,
            "due": found.due, "told": found.alerts, "write_max_s": round(longest, 3), "plan": plan_,
            "machine": machine(stand),
        }  # fmt: skip


def _run(
    stand: Stand, clocks: list[Helper], due: list[Deadline], written: Instant, begins: Instant, chance: random.Random
) -> tuple[int, float, int]:
    """How many dates were moved, the longest that moving one took, and how often clocks looked."""
    counts = [0] * len(clocks)

    def listen(n: int) -> None:
        while clocks[n].process.stdout and clocks[n].process.stdout.readline():
            counts[n] += 1

    listeners = [threading.Thread(target=listen, args=(n,), daemon=True) for n in range(len(clocks))]
    for clock, listener in zip(clocks, listeners, strict=True):
        assert clock.process.stdin
        clock.process.stdin.write("go\n")
        listener.start()
        time.sleep(0.35)  # clocks of several computers do not look at the same moment
    kill_at = begins + timedelta(seconds=chance.uniform(0.3, 0.5) * WINDOW)
    ends = begins + timedelta(seconds=WINDOW)
    longest, moved, killed = 0.0, 0, False
    for when, deadline in _moves(due, written, begins, chance):
        while utc_now() < when:
            time.sleep(0.002)
        if not killed and utc_now() > kill_at:
            clocks[0].process.kill()
            killed = True
        began = time.monotonic()
        _move(stand, deadline, begins, chance)
        longest = max(longest, time.monotonic() - began)
        time.sleep(0.005)  # people do not move dates in one breath
        moved += 1
    if not killed:
        clocks[0].process.kill()
    time.sleep(max(0.0, (ends - utc_now()).total_seconds()) + TAIL)
    for clock in clocks:
        clock.end()
    for listener in listeners:
        listener.join()
    return moved, longest, sum(counts)


def _moves(
    due: list[Deadline], written: Instant, begins: Instant, chance: random.Random
) -> Iterator[tuple[Instant, Deadline]]:
    """A third of the dates, one after another, each at least a second before it falls due."""
    some = chance.sample(due, len(due) // 3)
    last = begins + timedelta(seconds=WINDOW * 0.7)
    for deadline in sorted(some, key=lambda one: one.starts_at - AHEAD[one.kind] if one.starts_at else begins):
        assert deadline.starts_at
        falls_due = begins + (deadline.starts_at - AHEAD[deadline.kind] - written)
        yield min(falls_due - timedelta(seconds=chance.uniform(1, 4)), last), deadline


def _move(stand: Stand, deadline: Deadline, begins: Instant, chance: random.Random) -> None:
    """To where its rung falls due a little later in the run."""
    earliest = max((utc_now() - begins).total_seconds() + 1, 0)
    due = begins + timedelta(seconds=chance.uniform(min(earliest, WINDOW - 1), WINDOW))
    desk, when = stand.desk, _local(due + AHEAD[deadline.kind])
    deadlines.reschedule(
        desk.store, desk.queue, desk.render.languages, deadline.id, when, reason="", by=stand.approver, now=utc_now()
    )


def _fill(stand: Stand, pending: int, chance: random.Random) -> tuple[Instant, list[Deadline]]:
    """So many reminders, in ladders as the product plans them. Answers the moment of the first, and what is due."""
    _people(stand)
    made, waiting = 0, pending - MOST_DUE * 8
    if waiting > 0:
        for some, rows in _ladders(waiting, utc_now() + LATER, chance):
            _add(stand, some, rows)
            made += len(rows)
    written = utc_now() + UNTIL
    due: list[Deadline] = []
    for some, rows in _ladders(pending - made, written, chance):
        _add(stand, some, rows)
        due += some
    with stand.desk.store.begin() as tx:
        if tx.conn.dialect.name == "postgresql":
            tx.conn.exec_driver_sql("ANALYZE")
    return written, due


def _bring_near(stand: Stand, written: Instant) -> Instant:
    """However long it took to write them: the first falls due in a moment. Answers when."""
    r = REMINDER.c
    with stand.desk.store.begin() as tx:
        mine = r.fire_at.between(written, written + timedelta(seconds=WINDOW))
        rows = tx.conn.execute(sa.select(r.id, r.fire_at).where(mine)).all()
        begins = utc_now() + LEAD
        tx.conn.execute(
            sa.update(REMINDER).where(r.id == sa.bindparam("its_id")).values(fire_at=sa.bindparam("its_time")),
            [{"its_id": row.id, "its_time": row.fire_at + (begins - written)} for row in rows],
        )
    return begins


def _ladders(count: int, begins: Instant, chance: random.Random) -> Iterator[tuple[list[Deadline], list[Reminder]]]:
    """Deadlines and their rungs, a thousand deadlines at a time, with so many rungs in all."""
    now, n, left = utc_now(), 0, count
    while left > 0:
        some: list[Deadline] = []
        rows: list[Reminder] = []
        while left > 0 and len(some) < 1_000:
            kind = Kind.HEARING if n % ONE_IN == 0 else Kind.APPEAL_END
            at = begins + timedelta(seconds=chance.uniform(0, WINDOW))
            deadline = Deadline(
                new_id(now), kind, _local(at + AHEAD[kind]), country="KG", case_id=f"case{n % CASES}",
                state=State.CONFIRMED, set_by="bek", confirmed_by="bek", confirmed_at=now, created_at=now,
            )  # fmt: skip
            rungs = [p for p in plan(deadline, now) if p.fire_at > now][:left]
            rows += [Reminder(new_id(now), deadline.id, 1, p.rung.name, p.rung.whom, p.fire_at, p.fate) for p in rungs]
            some.append(deadline)
            left, n = left - len(rungs), n + 1
        yield some, rows


def _add(stand: Stand, some: list[Deadline], rows: list[Reminder]) -> None:
    with stand.desk.store.begin() as tx:
        tx.deadlines.add(*some)
        tx.reminders.add(*rows)


def _people(stand: Stand) -> None:
    now = utc_now()
    with stand.desk.store.begin() as tx:
        tx.cases.add(*(
            Case(f"case{n}", f"KG-{n}", "KG", fictional=True, answer=Answer.ALL_SUBSCRIBERS, agreed_by="nobody")
            for n in range(CASES)
        ))  # fmt: skip
        tx.subscribers.add(*(
            Subscriber(
                f"s{n:04}", f"reader{n}@mission.example", language=("en", "ru")[n % 2], created_at=now,
                confirmed_at=now, vetted_at=now,
            )
            for n in range(READERS)
        ))  # fmt: skip
        tx.subscriptions.add(*(
            Subscription(f"w{n:04}", f"s{n:04}", cases=(f"KG-{n % CASES}",), created_at=now) for n in range(READERS)
        ))  # fmt: skip


def _local(at: Instant) -> LocalTime:
    """To the second, unlike what people say: else everything would fall due in the same minute."""
    wall = at.astimezone(zone_info(ZONE)).replace(tzinfo=None)
    return LocalTime(wall, ZONE, Precision.MINUTE, wall.date(), "", at, tzdata())


def _plan(stand: Stand) -> list[str]:
    """How the database finds what is due."""
    with stand.desk.store.read() as tx:
        query = reminding.due(utc_now()).compile(tx.conn, compile_kwargs={"literal_binds": True})
        lite = tx.conn.dialect.name == "sqlite"
        rows = tx.conn.exec_driver_sql(f"{'EXPLAIN QUERY PLAN' if lite else 'EXPLAIN'} {query}")
        return [str(row[3] if lite else row[0]).strip() for row in rows]
