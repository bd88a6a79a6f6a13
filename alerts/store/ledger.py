"""The ledger: frozen batches, append-only results, and the small table of those who are tried again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from alerts.domain.alerts import Alert, Kind, State
from alerts.domain.audience import Recipient
from alerts.domain.delivery import Again, Delivery, Result, Tally
from alerts.store.append import append, append_sent
from alerts.store.tables import ALERT, BATCH, CONTAINS, DELIVERY, RETRY

# Statements of every turn are made once: to build one costs more than to run it. `open` is compared: SQLite uses no
# index for a bare column.

_OLDER = BATCH.alias("older")
_OVERTAKES = sa.exists().where(
    _OLDER.c.thread == BATCH.c.thread, _OLDER.c.ordinal < BATCH.c.ordinal, _OLDER.c.token.is_not(None),
    _OLDER.c.open == sa.true(),
)  # fmt: skip
_PAUSED = sa.exists().where(ALERT.c.id == BATCH.c.alert_id, ALERT.c.paused_at.is_not(None))
_DIGEST = BATCH.alias("digest")
_IN_DIGESTS = (
    sa.select(ALERT.c.thread).join(CONTAINS, CONTAINS.c.alert_id == ALERT.c.id)
    .join(_DIGEST, _DIGEST.c.alert_id == CONTAINS.c.digest_id)
    .where(_DIGEST.c.open == sa.true(), _DIGEST.c.priority == Kind.DIGEST.priority, _DIGEST.c.token.is_not(None))
)  # fmt: skip
_MAY_BE_SENT = (BATCH.c.open == sa.true(), ~_OVERTAKES, ~_PAUSED, BATCH.c.thread.not_in(_IN_DIGESTS))
"""A batch whose thread is still being sent with an older text, alone or in a digest, waits, and so does that of a
paused alert.
"""

_FREE = (*_MAY_BE_SENT, BATCH.c.token.is_(None))
_ITS_NO = BATCH.c.no == sa.bindparam("its_no")
_NEXT = (
    sa.select(BATCH).where(*_FREE).order_by(BATCH.c.priority, BATCH.c.no).limit(1)
    .with_for_update(skip_locked=True, of=BATCH)
)  # fmt: skip
_THIS = sa.select(BATCH).where(*_MAY_BE_SENT, _ITS_NO).with_for_update(skip_locked=True, of=BATCH)
_CLAIM = sa.update(BATCH).where(_ITS_NO).values(token=sa.bindparam("its_token"))
_WAITS = sa.select(sa.exists().where(*_FREE))
_OPENED = sa.select(BATCH.c.no, BATCH.c.priority).where(*_MAY_BE_SENT).order_by(BATCH.c.no)
_OVERTAKEN = sa.select(sa.exists().where(*_FREE, BATCH.c.priority < sa.bindparam("its_priority")))
_TOKEN = sa.select(BATCH.c.token).where(_ITS_NO).with_for_update()
_ENDED = sa.select(DELIVERY.c.n).where(DELIVERY.c.batch_no == sa.bindparam("its_no"))
_ENDED_COUNT = sa.select(sa.func.count()).where(DELIVERY.c.batch_no == sa.bindparam("its_no"))
_AGAIN = sa.select(RETRY).where(RETRY.c.batch_no == sa.bindparam("its_no"))
_HAS_ENDED = sa.exists().where(DELIVERY.c.batch_no == RETRY.c.batch_no, DELIVERY.c.n == RETRY.c.n)
_FORGET = sa.delete(RETRY).where(RETRY.c.batch_no == sa.bindparam("its_no"), _HAS_ENDED)


@dataclass(frozen=True, slots=True)
class Batch:
    """`taken_over`: somebody held it until now, who is dead or a zombie."""

    no: int
    alert_id: str
    thread: str
    ordinal: int
    priority: int
    recipients: tuple[Recipient, ...]
    token: str | None
    taken_over: bool = False


class Ledger:
    def __init__(self, conn: sa.Connection) -> None:
        self.conn = conn
        self.insert: Any = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert

    def add(self, alert: Alert, batches: Iterable[list[Recipient]]) -> list[int]:
        """The alert's frozen recipients, as open batches. Answers their numbers."""
        same = {"alert_id": alert.id, "thread": alert.thread, "ordinal": alert.ordinal}
        query = sa.insert(BATCH).returning(BATCH.c.no)
        numbers = []
        for recipients in batches:
            row = {"size": len(recipients), "recipients": tuple(recipients), "open": True, "token": None, **same}
            numbers.append(self.conn.execute(query.values(priority=alert.kind.priority, **row)).scalar_one())
        return numbers

    def take(self, token: str) -> Batch | None:
        """Claim the next open batch by (priority, no) that nobody holds."""
        return self._claim(token, self.conn.execute(_NEXT).first())

    def take_over(self, no: int, token: str) -> Batch | None:
        """Claim this batch, whoever held it: the queue knows that its holder is dead, or a zombie."""
        return self._claim(token, self.conn.execute(_THIS, {"its_no": no}).first())

    def _claim(self, token: str, row: sa.Row[Any] | None) -> Batch | None:
        if row is None:
            return None
        self.conn.execute(_CLAIM, {"its_no": row.no, "its_token": token})
        held = row.token is not None
        return Batch(row.no, row.alert_id, row.thread, row.ordinal, row.priority, row.recipients, token, held)

    def waits(self) -> bool:
        """Whether there is a batch to be taken."""
        return bool(self.conn.execute(_WAITS).scalar())

    def opened(self) -> list[tuple[int, int]]:
        """Number and priority of every batch that may be sent, or is being sent."""
        return [(row.no, row.priority) for row in self.conn.execute(_OPENED)]

    def overtaken(self, priority: int) -> bool:
        """Whether something more urgent waits for somebody to take it."""
        return bool(self.conn.execute(_OVERTAKEN, {"its_priority": priority}).scalar())

    def holds(self, no: int, token: str) -> bool:
        """Whether the batch is still this holder's; it stays so until the transaction ends."""
        return bool(self.conn.execute(_TOKEN, {"its_no": no}).scalar_one() == token)

    def sent(self, no: int, sent: list[tuple[int, str]], at: datetime, *, tried: bool) -> None:
        """Append those of a batch that were taken: place, and what the relay said. `tried`: some stand in `retry`."""
        append_sent(self.conn, no, sent, at)
        if tried:
            self.conn.execute(_FORGET, {"its_no": no})

    def write(self, results: Iterable[Delivery | Again]) -> None:
        """Append results; a recipient that has one already keeps it."""
        results = list(results)
        ends = [result for result in results if isinstance(result, Delivery)]
        if ends:
            append(self.conn, ends)
            for no in {end.batch_no for end in ends}:
                self.conn.execute(_FORGET, {"its_no": no})
        for again in (result for result in results if isinstance(result, Again)):
            values_ = {name: getattr(again, name) for name in ("attempts", "first_at", "not_before", "last", "reason")}
            query = self.insert(RETRY).values(batch_no=again.batch_no, n=again.n, **values_)
            self.conn.execute(query.on_conflict_do_update(index_elements=["batch_no", "n"], set_=values_))

    def ended(self, no: int) -> set[int]:
        return set(self.conn.execute(_ENDED, {"its_no": no}).scalars())

    def ended_count(self, no: int) -> int:
        return int(self.conn.execute(_ENDED_COUNT, {"its_no": no}).scalar_one())

    def again(self, no: int) -> dict[int, Again]:
        rows = self.conn.execute(_AGAIN, {"its_no": no})
        return {row.n: Again(**row._mapping) for row in rows}

    def leave(self, no: int, token: str, *, open: bool) -> None:
        """Let go of a batch: for good once nobody in it is left to be tried now."""
        query = sa.update(BATCH).where(BATCH.c.no == no, BATCH.c.token == token)
        self.conn.execute(query.values(token=None, open=open))

    def recover(self) -> int:
        """What a dead process held is open again. Only for who has just become the one process that works."""
        return self.conn.execute(sa.update(BATCH).where(BATCH.c.token.is_not(None)).values(token=None)).rowcount

    def held(self) -> dict[int, str]:
        """Every batch that somebody holds, or died holding, with the token."""
        rows = self.conn.execute(sa.select(BATCH.c.no, BATCH.c.token).where(BATCH.c.token.is_not(None)))
        return {row.no: row.token for row in rows}

    def let_go(self, numbers: list[int]) -> None:
        """Their holders are dead."""
        self.conn.execute(sa.update(BATCH).where(BATCH.c.no.in_(numbers)).values(token=None))

    def due(self, now: datetime) -> bool:
        """Whether somebody in a batch that is not open is due for one more try."""
        waits = RETRY.c.not_before <= now, RETRY.c.batch_no == BATCH.c.no, BATCH.c.open == sa.false()
        return bool(self.conn.execute(sa.select(sa.exists().where(*waits))).scalar())

    def reopen(self, now: datetime) -> int:
        """Open the batches in which somebody is due for one more try."""
        due = sa.select(RETRY.c.batch_no).where(RETRY.c.not_before <= now)
        return self.conn.execute(
            sa.update(BATCH).where(BATCH.c.open == sa.false(), BATCH.c.no.in_(due)).values(open=True)
        ).rowcount

    def withdraw_unsent(self, alert_ids: list[str], reason: str, at: datetime) -> None:
        """End every recipient of these alerts that nobody is sending to at this moment.

        One who may have got it stays so.
        """
        query = sa.select(BATCH.c.no, BATCH.c.size).where(BATCH.c.alert_id.in_(alert_ids), BATCH.c.token.is_(None))
        for no, size in self.conn.execute(query.with_for_update()).all():
            self.end_rest(no, size, reason, at)
            self.conn.execute(sa.update(BATCH).where(BATCH.c.no == no).values(open=False))

    def end_rest(self, no: int, size: int, reason: str, at: datetime) -> None:
        ended, again = self.ended(no), self.again(no)
        rest = [n for n in range(size) if n not in ended]
        may_have_it = {n for n in rest if n in again and again[n].last == "unknown"}
        self.write(
            [Delivery(no, n, Result.UNKNOWN if n in may_have_it else Result.WITHDRAWN, reason, at) for n in rest]
        )

    def holders(self, alert_ids: list[str]) -> dict[str, str]:
        """Who has, may have, or is just being sent one of these alerts: subscriber id and the language they got."""
        found: dict[str, str] = {}
        query = sa.select(BATCH.c.no, BATCH.c.recipients, BATCH.c.token, BATCH.c.open).where(
            BATCH.c.alert_id.in_(alert_ids)
        )
        some = query.order_by(BATCH.c.no).execution_options(yield_per=20)
        for no, recipients, token, is_open in self.conn.execute(some):
            got = set(
                self.conn.execute(
                    sa.select(DELIVERY.c.n).where(
                        DELIVERY.c.batch_no == no, DELIVERY.c.result.in_([Result.SENT, Result.UNKNOWN])
                    )
                ).scalars()
            )
            got |= {n for n, again in self.again(no).items() if again.last == "unknown"}
            if token is not None and is_open:
                got |= set(range(len(recipients))) - self.ended(no)
            found.update({recipients[n].subscriber_id: recipients[n].language for n in sorted(got)})
        return found

    def got(self, alert_ids: list[str]) -> set[str]:
        """Who surely has one of these alerts, by subscriber id."""
        query = sa.select(BATCH.c.no, BATCH.c.recipients).where(BATCH.c.alert_id.in_(alert_ids))
        sent = DELIVERY.c.result == Result.SENT
        return {
            recipients[n].subscriber_id
            for no, recipients in self.conn.execute(query)
            for n in self.conn.execute(sa.select(DELIVERY.c.n).where(DELIVERY.c.batch_no == no, sent)).scalars()
        }

    def told(self, alert_id: str) -> dict[str, tuple[Result | None, str]]:
        """What became of each recipient's mail, by subscriber id, and why; None while it is under way."""
        found: dict[str, tuple[Result | None, str]] = {}
        query = sa.select(BATCH.c.no, BATCH.c.recipients).where(BATCH.c.alert_id == alert_id)
        for no, recipients in self.conn.execute(query):
            ends = sa.select(DELIVERY.c.n, DELIVERY.c.result, DELIVERY.c.reason).where(DELIVERY.c.batch_no == no)
            ended = {n: (result, reason) for n, result, reason in self.conn.execute(ends)}
            found |= {one.subscriber_id: ended.get(n, (None, "")) for n, one in enumerate(recipients)}
        return found

    def cut_short(self, alert_ids: list[str], reason: str) -> bool:
        """Whether a batch of these was ended for that reason: then some who were taken for holders never got it."""
        mine = sa.select(BATCH.c.no).where(BATCH.c.alert_id.in_(alert_ids))
        ended = (DELIVERY.c.batch_no.in_(mine), DELIVERY.c.result == Result.WITHDRAWN, DELIVERY.c.reason == reason)
        return bool(self.conn.execute(sa.select(sa.exists().where(*ended))).scalar())

    def under_way(self, alert_id: str) -> bool:
        """Whether anybody is still to be sent to, or tried again."""
        mine = sa.select(BATCH.c.no).where(BATCH.c.alert_id == alert_id)
        again = sa.exists().where(RETRY.c.batch_no.in_(mine))
        return self.busy(alert_id) or bool(self.conn.execute(sa.select(again)).scalar())

    def through(self) -> list[str]:
        """Alerts that are said to be on their way although none of their batches is open."""
        busy = sa.exists().where(BATCH.c.alert_id == ALERT.c.id, BATCH.c.open == sa.true())
        query = sa.select(ALERT.c.id).where(ALERT.c.state == State.PUBLISHING, ~busy).order_by(ALERT.c.id)
        return list(self.conn.execute(query).scalars())

    def busy(self, alert_id: str) -> bool:
        """Whether any batch of the alert is still open."""
        query = sa.select(sa.exists().where(BATCH.c.alert_id == alert_id, BATCH.c.open == sa.true()))
        return bool(self.conn.execute(query).scalar())

    def mails(self) -> list[tuple[str, Recipient, datetime]]:
        """Every mail that was taken: which alert, whose, when."""
        query = sa.select(BATCH.c.alert_id, BATCH.c.recipients, DELIVERY.c.n, DELIVERY.c.at)
        query = query.join(BATCH, BATCH.c.no == DELIVERY.c.batch_no).where(DELIVERY.c.result == Result.SENT)
        return [(row.alert_id, row.recipients[row.n], row.at) for row in self.conn.execute(query)]

    def tally(self, alert_id: str) -> Tally:
        mine = sa.select(BATCH.c.no).where(BATCH.c.alert_id == alert_id)
        size = sa.select(sa.func.coalesce(sa.func.sum(BATCH.c.size), 0)).where(BATCH.c.alert_id == alert_id)
        ended = (
            sa.select(DELIVERY.c.result, sa.func.count())
            .where(DELIVERY.c.batch_no.in_(mine))
            .group_by(DELIVERY.c.result)
        )
        again = sa.select(RETRY.c.last, sa.func.count()).where(RETRY.c.batch_no.in_(mine)).group_by(RETRY.c.last)
        ends = {row[0]: row[1] for row in self.conn.execute(ended)}
        tries = {row[0]: row[1] for row in self.conn.execute(again)}
        return Tally(
            audience=int(self.conn.execute(size).scalar_one()),
            sent=ends.get(Result.SENT, 0), rejected=ends.get(Result.REJECTED, 0),
            unknown=ends.get(Result.UNKNOWN, 0) + tries.get("unknown", 0), retrying=tries.get("retry", 0),
            suppressed=ends.get(Result.SUPPRESSED, 0), withdrawn=ends.get(Result.WITHDRAWN, 0),
        )  # fmt: skip
