"""Results into the ledger, many at once: the one place where each database has a statement of its own.

A statement a row would cost more than the mail, and SQLite's driver gives up the interpreter for each: while relays
answer, getting it back 500 times takes longer than all the rest. So the rows go in as one value.
"""

import json
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from alerts.domain.delivery import Delivery

_SQLITE_SENT = (
    "INSERT INTO delivery (batch_no, n, result, reason, at)"
    " SELECT ?, key, 'sent', value, ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING"
)
_POSTGRESQL_SENT = (
    "INSERT INTO delivery (batch_no, n, result, reason, at)"
    " SELECT %s, n, 'sent', reason, %s FROM unnest(%s::int[], %s::text[]) AS t (n, reason) ON CONFLICT DO NOTHING"
)
_SQLITE = "INSERT INTO delivery (batch_no, n, result, reason, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_POSTGRESQL = (
    "INSERT INTO delivery (batch_no, n, result, reason, at)"
    " SELECT * FROM unnest(%s::int[], %s::int[], %s::text[], %s::text[], %s::timestamptz[]) ON CONFLICT DO NOTHING"
)


def append(conn: sa.Connection, ends: Sequence[Delivery]) -> None:
    """A recipient that has a result already keeps it."""
    if conn.dialect.name == "postgresql":
        columns = list(zip(*((d.batch_no, d.n, d.result.value, d.reason, d.at) for d in ends), strict=True))
        conn.exec_driver_sql(_POSTGRESQL, tuple(list(column) for column in columns))
        return
    at = {moment: moment and moment.isoformat(timespec="microseconds") for moment in {d.at for d in ends}}
    rows = [(d.batch_no, d.n, d.result.value, d.reason, at[d.at]) for d in ends]
    conn.exec_driver_sql(_SQLITE, rows)


def append_sent(conn: sa.Connection, no: int, sent: Sequence[tuple[int, str]], at: datetime) -> None:
    """As `append`, for those of one batch that were taken, as nearly all are: place, and what the relay said."""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql(_POSTGRESQL_SENT, (no, at, [n for n, _ in sent], [said for _, said in sent]))
        return
    moment = at.isoformat(timespec="microseconds")
    conn.exec_driver_sql(_SQLITE_SENT, (no, moment, json.dumps(dict(sent), ensure_ascii=False)))
