"""The pages of the news: what waits, what was set aside, what was used; sieved by what a person looks for."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from alerts.domain.triage import Handled
from alerts.domain.watching import Tier
from alerts.store import feeds, views
from alerts.store.feeds import Seen
from alerts.store.tables import CASE, MATCH, SIGNAL, SOURCE, VERDICT
from alerts.store.tx import Tx

PAGE = 25
MOST = 200
LISTS = {
    "waiting": (Handled.WAITING,),
    "aside": (Handled.DISMISSED, Handled.NOT_THEM),
    "used": (Handled.USED,),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sieve:
    """What of a list is shown; what is empty lets everything through. `case` is a code."""

    which: str = "waiting"
    case: str = ""
    country: str = ""
    tier: Tier | None = None
    source: str = ""

    @property
    def narrow(self) -> bool:
        return bool(self.case or self.country or self.tier or self.source)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the news can be sieved by: codes with the first name, countries, and sources of which something waits."""

    cases: list[tuple[str, str]]
    countries: list[str]
    sources: list[tuple[str, str]]


def listing(tx: Tx, sieve: Sieve, page: int, critical: Iterable[str] = (), size: int = PAGE) -> tuple[list[Seen], bool]:
    """One page, and whether more follow. Of what waits, news of `critical` cases stands first; then the newest."""
    query = sa.select(SIGNAL.c.id).join_from(SIGNAL, VERDICT, VERDICT.c.signal_id == SIGNAL.c.id)
    query = query.where(_listed(sieve.which), *_through(sieve))
    order: list[Any] = [SIGNAL.c.seen_at.desc(), SIGNAL.c.id.desc()]
    if sieve.which == "waiting" and critical:
        order.insert(0, sa.case((_named(MATCH.c.case_id.in_(list(critical)), MATCH.c.tier <= Tier.LIKELY), 0), else_=1))
    ids = list(tx.conn.execute(query.order_by(*order).limit(size + 1).offset(size * (page - 1))).scalars())
    return feeds.of(tx, ids[:size]), len(ids) > size


def _listed(which: str) -> Any:
    """Nearly all news is set aside: said as what it is not, the newest are found by their time, with no sort of all."""
    if which == "aside":
        return VERDICT.c.handled.not_in([*LISTS["waiting"], *LISTS["used"]])
    return VERDICT.c.handled.in_(LISTS[which])


def counts(tx: Tx, sieve: Sieve) -> dict[str, int]:
    """How many each list holds, of what the sieve lets through."""
    query = sa.select(VERDICT.c.handled, sa.func.count()).group_by(VERDICT.c.handled)
    if sieve.narrow:
        query = query.join_from(VERDICT, SIGNAL, VERDICT.c.signal_id == SIGNAL.c.id).where(*_through(sieve))
    found = {row[0]: int(row[1]) for row in tx.conn.execute(query)}
    return {which: sum(found.get(handled, 0) for handled in those) for which, those in LISTS.items()}


def choices(tx: Tx) -> Choices:
    ids = list(tx.conn.execute(sa.select(MATCH.c.case_id).distinct().limit(MOST)).scalars())
    about = sorted(views.about(tx, ids).values(), key=lambda each: each.case.code)
    waits = sa.select(VERDICT.c.signal_id).where(_listed("waiting"))
    brought = sa.select(SIGNAL.c.source_id).where(SIGNAL.c.id.in_(waits)).distinct()
    sources = tx.sources.where(SOURCE.c.id.in_(brought), by=[SOURCE.c.title, SOURCE.c.id], limit=MOST)
    countries = {each.case.country for each in about} | {source.country for source in sources}
    public = [(source.id, source.title or source.url) for source in sources if source.public]
    return Choices([(a.case.code, a.names[0] if a.names else "") for a in about], sorted(countries - {""}), public)


def _through(sieve: Sieve) -> list[Any]:
    clauses: list[Any] = []
    if sieve.case:
        clauses.append(_named(MATCH.c.case_id.in_(sa.select(CASE.c.id).where(CASE.c.code == sieve.case))))
    if sieve.country:
        there = sa.select(CASE.c.id).where(CASE.c.country == sieve.country)
        clauses.append(sa.or_(SIGNAL.c.country == sieve.country, _named(MATCH.c.case_id.in_(there))))
    if sieve.tier:
        best = sa.select(sa.func.min(MATCH.c.tier)).where(MATCH.c.signal_id == SIGNAL.c.id)
        clauses.append(best.scalar_subquery() == sieve.tier.value)
    if sieve.source:
        clauses.append(SIGNAL.c.source_id == sieve.source)
    return clauses


def _named(*clauses: Any) -> Any:
    return sa.exists().where(MATCH.c.signal_id == SIGNAL.c.id, *clauses)
