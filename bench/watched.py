"""What became of reminders, as the database itself wrote it down."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from alerts.domain.alerts import Kind
from alerts.domain.ladders import Fate, Whom
from alerts.domain.times import Instant
from alerts.store import Tx
from alerts.store.dates import DEADLINE, REMINDER
from alerts.store.tables import ALERT
from alerts.store.types import Instant as InstantColumn

WATCHED = sa.Table(
    "bench_watched", sa.MetaData(), sa.Column("reminder_id", sa.Text), sa.Column("fate", sa.Text),
    sa.Column("at", InstantColumn),
)  # fmt: skip
MOVED = sa.Table("bench_moved", sa.MetaData(), sa.Column("deadline_id", sa.Text), sa.Column("at", InstantColumn))

_SQLITE = """
CREATE TABLE bench_watched (reminder_id TEXT, fate TEXT, at TEXT);
CREATE TABLE bench_moved (deadline_id TEXT, at TEXT);
CREATE TRIGGER bench_fate AFTER UPDATE OF fate ON reminder BEGIN
  INSERT INTO bench_watched VALUES (new.id, new.fate, strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now')); END;
CREATE TRIGGER bench_date AFTER UPDATE OF revision ON deadline WHEN new.revision > old.revision BEGIN
  INSERT INTO bench_moved VALUES (new.id, strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now')); END;
"""
_POSTGRESQL = """
CREATE TABLE bench_watched (reminder_id TEXT, fate TEXT, at TIMESTAMPTZ);
CREATE TABLE bench_moved (deadline_id TEXT, at TIMESTAMPTZ);
CREATE FUNCTION bench_fate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO bench_watched VALUES (new.id, new.fate, clock_timestamp()); RETURN NULL; END $$;
CREATE FUNCTION bench_date() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO bench_moved VALUES (new.id, clock_timestamp()); RETURN NULL; END $$;
CREATE TRIGGER bench_fate AFTER UPDATE OF fate ON reminder FOR EACH ROW EXECUTE FUNCTION bench_fate();
CREATE TRIGGER bench_date AFTER UPDATE OF revision ON deadline FOR EACH ROW
  WHEN (new.revision > old.revision) EXECUTE FUNCTION bench_date();
"""


def watch(tx: Tx) -> None:
    """From now on the database writes down what becomes of each reminder, and which dates are moved."""
    if tx.conn.dialect.name == "postgresql":
        tx.conn.exec_driver_sql(_POSTGRESQL)
        return
    for statement in _SQLITE.strip().replace("END;\n", "END;;\n").replace(");\n", ");;\n").split(";;"):
        if statement.strip():
            tx.conn.exec_driver_sql(statement.strip())


class Watched:
    """What was due between two moments, and what was done about it. Fired, for the lawyer's: settled with a reason."""

    def __init__(self, tx: Tx, since: Instant, until: Instant) -> None:
        r = REMINDER.c
        mine = (r.fire_at.between(since, until), r.fate != Fate.REVOKED)
        rows = tx.conn.execute(
            sa.select(r.id, r.fire_at, r.fate, r.whom, r.deadline_id, r.revision, DEADLINE.c.revision.label("now"))
            .join(DEADLINE, DEADLINE.c.id == r.deadline_id).where(*mine)
        ).all()  # fmt: skip
        self.due = len(rows)
        settled: dict[str, list[datetime]] = {}
        for row in tx.conn.execute(sa.select(WATCHED).where(WATCHED.c.fate.not_in([Fate.PENDING, Fate.REVOKED]))):
            settled.setdefault(row.reminder_id, []).append(row.at)
        moved: dict[str, datetime] = {}
        for row in tx.conn.execute(sa.select(MOVED)):
            moved[row.deadline_id] = max(row.at, moved.get(row.deadline_id, row.at))
        alike = sa.select(ALERT.c.deadline_id).where(ALERT.c.kind == Kind.REMINDER)
        said = tx.conn.execute(alike.add_columns(ALERT.c.revision)).all()
        self.alerts = len(said)
        self.fired = sum(bool(settled.get(row.id)) and _fired(row) for row in rows)
        self.never = self.due - self.fired
        self.twice = sum(len(times) - 1 for times in settled.values()) + len(said) - len(set(said))
        self.early = sum(at < row.fire_at for row in rows for at in settled.get(row.id, ()))
        self.late = max(
            (at - row.fire_at for row in rows for at in settled.get(row.id, ())[:1]), default=timedelta(0)
        )  # fmt: skip
        old = tx.conn.execute(
            sa.select(r.id, r.deadline_id).join(DEADLINE, DEADLINE.c.id == r.deadline_id)
            .where(r.revision < DEADLINE.c.revision)
        ).all()  # fmt: skip
        self.revoked = sum(at > moved[row.deadline_id] for row in old for at in settled.get(row.id, ()))

    def counts(self) -> dict[str, Any]:
        return {
            "fired": self.fired, "fired_twice": self.twice, "fired_at_revoked_time": self.revoked,
            "fired_early": self.early, "never_fired": self.never, "lateness_max_s": round(self.late.total_seconds(), 3),
        }  # fmt: skip


def _fired(row: Any) -> bool:
    return row.fate is Fate.FIRED or (row.whom is Whom.LAWYER and row.fate is Fate.SKIPPED)
