"""Which deadlines concern one reader's calendar: looked for without loading what does not."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from alerts.domain.audience import Subscription
from alerts.domain.calendars import KEPT
from alerts.domain.deadlines import Kind, State
from alerts.domain.labels import Answer, Label
from alerts.domain.times import Instant
from alerts.store.tables import CASE, DEADLINE, FORMER
from alerts.store.tx import Tx

A_YEAR = timedelta(days=366)
"""What is vague may have begun long before it ends."""

EXACT = '%"precision":"minute"%'
"""How a `LocalTime` with an hour is stored."""

_D, _F = DEADLINE.c, FORMER.c


class Row(NamedTuple):
    """A deadline as far as it says whom it concerns."""

    id: str
    kind: Kind
    country: str
    label: Label | None
    case_id: str | None
    code: str | None
    topics: tuple[str, ...] | None
    answer: Answer | None


def concerning(tx: Tx, subscriptions: Sequence[Subscription], now: Instant) -> Iterator[Row]:
    """Deadlines of the countries that these subscriptions name, that are or were confirmed; the nearest first."""
    since = now - KEPT
    vague = sa.and_(_D.starts_at >= since - A_YEAR, sa.type_coerce(_D.when, sa.Text).not_like(EXACT))
    shown = sa.and_(_D.confirmed_by.is_not(None), _D.state != State.ADJOURNED, sa.or_(_D.starts_at >= since, vague))
    former = _D.id.in_(sa.select(_F.deadline_id).where(_F.until >= since))
    query = sa.select(
        _D.id, _D.kind, _D.country, _D.label, _D.case_id, CASE.c.code, CASE.c.topics, CASE.c.answer
    ).outerjoin(CASE, CASE.c.id == _D.case_id).where(sa.or_(shown, former))  # fmt: skip
    if all(one.countries for one in subscriptions):
        named = {code for one in subscriptions for code in one.countries}
        query = query.where(_D.country.in_([*sorted(named), ""]))
    rows: Any = tx.conn.execute(query.order_by(_D.starts_at.is_not(None), _D.starts_at, _D.id))
    return (Row(*row) for row in rows)
