"""The ledger: frozen batches, append-only results, and the small table of those who are tried again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from alerts.domain.alerts import Alert
from alerts.domain.audience import Recipient
from alerts.domain.delivery import Again, Delivery, Result, Tally
from alerts.store.tables import ALERT, BATCH, DELIVERY, RETRY


@dataclass(frozen=True, slots=True)
class Batch:
    no: int
    alert_id: str
    thread: str
    ordinal: int
    recipients: tuple[Recipient, ...]
    token: str | None


class Ledger:
    def __init__(self, conn: sa.Connection) -> None:
        self.conn = conn
        self.insert: Any = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert

    def add(self, alert: Alert, batches: Iterable[list[Recipient]]) -> list[int]:
        """The alert's frozen recipients, as open batches. Answers their numbers."""
        rows = [
            {"alert_id": alert.id, "thread": alert.thread, "ordinal": alert.ordinal, "priority": alert.kind.priority,
             "size": len(recipients), "recipients": tuple(recipients), "open": True, "token": None}
            for recipients in batches
        ]  # fmt: skip
        return [self.conn.execute(sa.insert(BATCH).values(row).returning(BATCH.c.no)).scalar_one() for row in rows]

    def take(self, token: str) -> Batch | None:
        """Claim the next open batch by (priority, no).

        One whose thread is still being sent with an older text waits.
        """
        older = BATCH.alias("older")
        overtakes = sa.exists().where(
            older.c.thread == BATCH.c.thread,
            older.c.ordinal < BATCH.c.ordinal,
            older.c.token.is_not(None),
            older.c.open,
        )
        query = sa.select(BATCH).where(BATCH.c.open, BATCH.c.token.is_(None), ~overtakes)
        query = query.order_by(BATCH.c.priority, BATCH.c.no).limit(1).with_for_update(skip_locked=True)
        row = self.conn.execute(query).first()
        if row is None:
            return None
        self.conn.execute(sa.update(BATCH).where(BATCH.c.no == row.no).values(token=token))
        return Batch(row.no, row.alert_id, row.thread, row.ordinal, row.recipients, token)

    def holds(self, no: int, token: str) -> bool:
        """Whether the batch is still this holder's; it stays so until the transaction ends."""
        query = sa.select(BATCH.c.token).where(BATCH.c.no == no).with_for_update()
        return bool(self.conn.execute(query).scalar_one() == token)

    def halted(self, alert_id: str) -> bool:
        return self.conn.execute(sa.select(ALERT.c.halted_at).where(ALERT.c.id == alert_id)).scalar_one() is not None

    def write(self, results: Iterable[Delivery | Again]) -> None:
        """Append results; a recipient that has one already keeps it."""
        results = list(results)
        ends = [result for result in results if isinstance(result, Delivery)]
        if ends:
            values = [
                {"batch_no": d.batch_no, "n": d.n, "result": d.result, "reason": d.reason, "at": d.at} for d in ends
            ]
            self.conn.execute(self.insert(DELIVERY).on_conflict_do_nothing(), values)
            self._forget(ends)
        for again in (result for result in results if isinstance(result, Again)):
            values_ = {name: getattr(again, name) for name in ("attempts", "first_at", "not_before", "last", "reason")}
            query = self.insert(RETRY).values(batch_no=again.batch_no, n=again.n, **values_)
            self.conn.execute(query.on_conflict_do_update(index_elements=["batch_no", "n"], set_=values_))

    def _forget(self, ends: list[Delivery]) -> None:
        for no in {end.batch_no for end in ends}:
            places = [end.n for end in ends if end.batch_no == no]
            self.conn.execute(sa.delete(RETRY).where(RETRY.c.batch_no == no, RETRY.c.n.in_(places)))

    def ended(self, no: int) -> set[int]:
        return set(self.conn.execute(sa.select(DELIVERY.c.n).where(DELIVERY.c.batch_no == no)).scalars())

    def again(self, no: int) -> dict[int, Again]:
        rows = self.conn.execute(sa.select(RETRY).where(RETRY.c.batch_no == no))
        return {row.n: Again(**row._mapping) for row in rows}

    def leave(self, no: int, token: str, *, open: bool) -> None:
        """Let go of a batch: for good once nobody in it is left to be tried now."""
        query = sa.update(BATCH).where(BATCH.c.no == no, BATCH.c.token == token)
        self.conn.execute(query.values(token=None, open=open))

    def recover(self) -> int:
        """What a dead process held is open again. Only for who has just become the one process that works."""
        return self.conn.execute(sa.update(BATCH).where(BATCH.c.token.is_not(None)).values(token=None)).rowcount

    def reopen(self, now: datetime) -> int:
        """Open the batches in which somebody is due for one more try."""
        due = sa.select(RETRY.c.batch_no).where(RETRY.c.not_before <= now)
        return self.conn.execute(sa.update(BATCH).where(~BATCH.c.open, BATCH.c.no.in_(due)).values(open=True)).rowcount

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
        for no, recipients, token, is_open in self.conn.execute(query.order_by(BATCH.c.no)).all():
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

    def busy(self, alert_id: str) -> bool:
        """Whether any batch of the alert is still open."""
        query = sa.select(sa.exists().where(BATCH.c.alert_id == alert_id, BATCH.c.open))
        return bool(self.conn.execute(query).scalar())

    def sent(self) -> list[tuple[str, Recipient, datetime]]:
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
