"""Which deadlines concern one reader's calendar: looked for without loading what does not."""

from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from alerts.domain.calendars import KEPT
from alerts.domain.deadlines import OPEN, Kind, State
from alerts.domain.labels import Answer, Label
from alerts.domain.times import Instant
from alerts.store.dates import DEADLINE, WAS
from alerts.store.tables import CASE
from alerts.store.tx import Tx

A_YEAR = timedelta(days=366)
"""What is vague may have begun long before it ends."""

EXACT = '%"precision":"minute"%'
"""How a `LocalTime` with an hour is stored."""

AT_ONCE = 5_000

_D, _W, _C = DEADLINE.c, WAS.c, CASE.c


class Matter(NamedTuple):
    """A case, or a country without one, as far as it says whom its dates concern."""

    case_id: str | None
    country: str
    code: str = ""
    topics: tuple[str, ...] = ()
    answer: Answer | None = None


def matters(tx: Tx, countries: Collection[str], now: Instant) -> Iterator[Matter]:
    """What has dates that a calendar may show, in these countries; in all of them if none is named."""
    there = _shown(now)
    cases = sa.select(_C.id, _C.country, _C.code, _C.topics, _C.answer).where(
        _C.id.in_(sa.select(_D.case_id).where(there))
    )
    others = sa.select(_D.country).where(_D.case_id.is_(None), there).distinct()
    if countries:
        cases = cases.where(_C.country.in_(countries))
        others = others.where(_D.country.in_([*countries, ""]))
    rows: Any = tx.conn.execute(cases)
    yield from (Matter(*row) for row in rows)
    yield from (Matter(None, country) for country in tx.conn.execute(others).scalars())


def dates(
    tx: Tx, about: Sequence[Matter], kinds: Collection[Kind], labels: Collection[Label], most: int, now: Instant
) -> list[str]:
    """The ids of the nearest dates about these matters, of these kinds and with no other label of their own."""
    cases = [matter.case_id for matter in about if matter.case_id]
    countries = [matter.country for matter in about if not matter.case_id]
    about_these: list[sa.ColumnElement[bool]] = [
        _D.case_id.in_(cases[start : start + AT_ONCE]) for start in range(0, len(cases), AT_ONCE)
    ]
    if countries:
        about_these.append(sa.and_(_D.case_id.is_(None), _D.country.in_(countries)))
    label = sa.or_(_D.label.is_(None), _D.label.in_(labels))
    found: list[tuple[Instant, str]] = []
    for those in about_these:
        query = sa.select(sa.func.coalesce(_D.starts_at, now), _D.id).where(
            those, _D.kind.in_(kinds), label, _shown(now)
        )
        rows: Any = tx.conn.execute(query.order_by(_D.starts_at.is_not(None), _D.starts_at, _D.id).limit(most))
        found += rows
    return [id for _, id in sorted(found)[:most]]


def _shown(now: Instant) -> sa.ColumnElement[bool]:
    """What is or was confirmed, and is not long over."""
    since = now - KEPT
    begun = sa.and_(
        _D.state.in_(OPEN), _D.starts_at >= since - A_YEAR, sa.type_coerce(_D.when, sa.Text).not_like(EXACT)
    )  # fmt: skip
    dated = sa.and_(_D.confirmed_by.is_not(None), _D.state != State.ADJOURNED, sa.or_(_D.starts_at >= since, begun))
    return sa.or_(dated, _D.id.in_(sa.select(_W.deadline_id).where(_W.until >= since)))
