"""A clock dies in mid-tick, at any statement it makes: each reminder fires once all the same."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from builders import BEK, HEARING, NOON, VAULT, a_case, a_person, a_subscriber, a_subscription

from alerts.domain.deadlines import Kind
from alerts.domain.ladders import Fate, Whom
from alerts.domain.times import LocalTime, at
from alerts.services import deadlines
from alerts.store import Store
from alerts.store.dates import REMINDER
from alerts.store.tables import ALERT, BATCH

DATES, DAY = 4, timedelta(days=1)
SEED = int(os.environ.get("VIGIL_SEED", "10"))

CLOCK = """
import os, signal, sys
from datetime import UTC, datetime
import sqlalchemy as sa
from builders import VAULT
from alerts.queue.table import TableQueue
from alerts.services import reminding
from alerts.store import Store

url, now, dies_at = sys.argv[1], datetime.fromisoformat(sys.argv[2]), int(sys.argv[3])
store, made = Store(url, VAULT), 0

def statement(conn, cursor, statement, parameters, context, many):
    global made
    made += 1
    if made == dies_at:
        os.kill(os.getpid(), signal.SIGKILL)

sa.event.listen(store._writer, "before_cursor_execute", statement)
reminding.remind(store, TableQueue(), ("en", "ru"), now.astimezone(UTC))
print(made)
"""


def ticks(url: str, now: object, dies_at: int = 0) -> subprocess.CompletedProcess[str]:
    paths = [str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.run(
        [sys.executable, "-c", CLOCK, url, str(now), str(dies_at)], capture_output=True, text=True, timeout=60,
        cwd=Path(__file__).parent,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)}, check=False,
    )  # fmt: skip


def on_day(n: int) -> LocalTime:
    """Another fortnight for each round, so that each has rungs of its own."""
    return at(f"{HEARING.first + n * DAY} 10:00", HEARING.zone)


@pytest.mark.timeout(600)
def test_a_clock_that_is_killed_at_any_statement_leaves_each_reminder_to_fire_once(
    database_url: str, kills: int
) -> None:
    """Seen to fail with what became of the reminders written in a transaction of its own: after deaths between the two
    each went out twice.
    """
    store, chance = Store(database_url, VAULT), random.Random(SEED)
    store.migrate()
    case = a_case()
    with store.begin() as tx:
        tx.staff.add(BEK)
        tx.cases.add(case)
        tx.people.add(a_person(case)[0])
        people = [a_subscriber(f"reader{n}@mission.example") for n in range(3)]
        tx.subscribers.add(*people)
        tx.subscriptions.add(*(a_subscription(person) for person in people))
    rounds = 6 if kills <= 20 else 40
    statements = 0
    for n in range(rounds + 1):
        them = [
            deadlines.enter(store, "KG-1", Kind.HEARING, on_day(n), by=BEK, now=NOON).id for _ in range(DATES)
        ]  # fmt: skip
        now = on_day(n).instant - 14 * DAY
        if n:
            last = statements - n + 1  # the last ones first: what is written there must not be written apart
            died = ticks(database_url, now, dies_at=last if n < 4 else chance.randint(1, statements))
            assert died.returncode == -signal.SIGKILL, died.stderr
        done = ticks(database_url, now)
        assert done.returncode == 0, done.stderr
        statements = statements or int(done.stdout)
        with store.read() as tx:
            mine = REMINDER.c.deadline_id.in_(them)
            fired = tx.reminders.where(mine, REMINDER.c.fate == Fate.FIRED, REMINDER.c.whom == Whom.SUBSCRIBERS)
            alerts = tx.alerts.where(ALERT.c.deadline_id.in_(them))
            assert sorted(one.deadline_id for one in alerts) == sorted(them), f"round {n}"
            assert {one.alert_id for one in fired} == {one.id for one in alerts}
            assert len(fired) == DATES
            held = tx.conn.execute(sa.text("SELECT count(*) FROM held")).scalar_one()
            sent = sum(
                tx.conn.execute(sa.select(BATCH.c.size).where(BATCH.c.alert_id.in_([a.id for a in alerts]))).scalars()
            )
            assert held + sent >= DATES * len(people)  # four for each of three: they wait for one mail
            assert tx.audit.broken_at() is None
    store.close()
