"""The names that are looked for, and what pages show of the signals."""

from collections import defaultdict
from dataclasses import dataclass

import sqlalchemy as sa

from alerts.domain.proposals import Proposal
from alerts.domain.times import Instant
from alerts.domain.triage import Handled, Verdict
from alerts.domain.watching import Signal, Source, Tier
from alerts.store import confided
from alerts.store.tables import (
    CASE,
    MATCH,
    NAME_FORM,
    NUMBER,
    PERSON,
    PROPOSAL,
    SIGNAL,
    SOURCE,
    VERDICT,
)
from alerts.store.tx import Tx


@dataclass(frozen=True, slots=True)
class Spelling:
    """One form of the name of somebody in an open case."""

    case_id: str
    person_id: str
    form: str


@dataclass(frozen=True, slots=True)
class Named:
    """A match, and whom it names: `words` are those of the signal from `start` to `end`."""

    form: str
    words: str
    start: int
    end: int
    tier: Tier
    case_code: str
    person_id: str
    person_name: str
    case_id: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A signal as pages show it.

    `teller`: who told us, where it is from no public place. `sources`: how many tell the same story. `dates`: those
    that stand in its text.
    """

    signal: Signal
    verdict: Verdict
    source: Source
    matches: tuple[Named, ...]
    teller: str = ""
    sources: int = 1
    dates: tuple[Proposal, ...] = ()

    @property
    def source_title(self) -> str:
        return self.source.title or self.source.url


def spellings(tx: Tx, since: Instant | None = None) -> list[Spelling]:
    """Every form of every name in the open cases; the name by which we call a person is one. `since`: of those cases
    that came in then or later.
    """
    opened: sa.ColumnElement[bool] = CASE.c.closed_at.is_(None)
    if since:
        opened &= CASE.c.created_at >= since
    people = sa.select(PERSON.c.case_id, PERSON.c.id, PERSON.c.name).join_from(PERSON, CASE).where(opened)
    forms = sa.select(PERSON.c.case_id, PERSON.c.id, NAME_FORM.c.form).select_from(
        NAME_FORM.join(PERSON, NAME_FORM.c.person_id == PERSON.c.id).join(CASE, PERSON.c.case_id == CASE.c.id)
    )
    return [Spelling(*row) for row in tx.conn.execute(people.union(forms.where(opened)))]


def not_them(tx: Tx) -> list[tuple[str, str]]:
    """Whom staff said that a signal is not about, and the words that had named them."""
    query = sa.select(MATCH.c.person_id, MATCH.c.words).join(VERDICT, VERDICT.c.signal_id == MATCH.c.signal_id)
    rows = tx.conn.execute(query.where(VERDICT.c.handled == Handled.NOT_THEM).distinct())
    return [(row.person_id, row.words) for row in rows]


def number(tx: Tx, series: str) -> int:
    """The last number of a series that knows no years; 0 before the first."""
    mine = (NUMBER.c.series == series, NUMBER.c.year == 0)
    return tx.conn.execute(sa.select(NUMBER.c.last).where(*mine)).scalar() or 0


def seen_since(tx: Tx, since: Instant) -> list[str]:
    """The signals seen then or later, by id."""
    query = sa.select(SIGNAL.c.id).where(SIGNAL.c.seen_at >= since).order_by(SIGNAL.c.id)
    return list(tx.conn.execute(query).scalars())


def signals(tx: Tx, ids: list[str]) -> list[Signal]:
    return tx.signals.where(SIGNAL.c.id.in_(ids))


def verdict(tx: Tx, signal_id: str) -> Verdict | None:
    return tx.verdicts.find(VERDICT.c.signal_id == signal_id)


def seen(tx: Tx, handled: Handled, limit: int) -> list[Seen]:
    """The signals of which that became, the newest first."""
    newest = sa.select(SIGNAL.c.id).join_from(SIGNAL, VERDICT, VERDICT.c.signal_id == SIGNAL.c.id)
    newest = (
        newest.where(VERDICT.c.handled == handled).order_by(SIGNAL.c.seen_at.desc(), SIGNAL.c.id.desc()).limit(limit)
    )
    return of(tx, list(tx.conn.execute(newest).scalars()))


def one_seen(tx: Tx, signal_id: str) -> Seen:
    """Raises NotFound."""
    return of(tx, [tx.signals.get(signal_id).id])[0]


def of(tx: Tx, ids: list[str]) -> list[Seen]:
    """These signals with all that a page shows of them, in this order."""
    signals = {s.id: s for s in confided.opened(tx, tx.signals.where(SIGNAL.c.id.in_(ids)))}
    verdicts = {v.signal_id: v for v in tx.verdicts.where(VERDICT.c.signal_id.in_(ids))}
    sources = {s.id: s for s in tx.sources.where(SOURCE.c.id.in_({s.source_id for s in signals.values()}))}
    tellers = confided.tellers(tx, sources.values())
    named, dates = _named(tx, ids), defaultdict(list)
    for proposal in tx.proposals.where(PROPOSAL.c.signal_id.in_(ids), by=[PROPOSAL.c.start, PROPOSAL.c.id]):
        dates[proposal.signal_id].append(proposal)
    told = _tellers_of(tx, {signal.story for signal in signals.values() if signal.story})
    return [
        Seen(
            signals[id], verdicts[id], sources[signals[id].source_id], tuple(named[id]),
            tellers.get(signals[id].source_id, ""), told.get(signals[id].story, 1), tuple(dates[id]),
        )
        for id in ids
    ]  # fmt: skip


def _tellers_of(tx: Tx, stories: set[str]) -> dict[str, int]:
    """How many sources tell each of these stories."""
    sources = sa.func.count(SIGNAL.c.source_id.distinct()).label("sources")
    many = sa.select(SIGNAL.c.story, sources).where(SIGNAL.c.story.in_(stories))
    return {row.story: row.sources for row in tx.conn.execute(many.group_by(SIGNAL.c.story))}


def _named(tx: Tx, signal_ids: list[str]) -> dict[str, list[Named]]:
    whose = MATCH.join(CASE, MATCH.c.case_id == CASE.c.id).join(PERSON, MATCH.c.person_id == PERSON.c.id)
    query = sa.select(
        MATCH.c.signal_id, MATCH.c.form, MATCH.c.words, MATCH.c.start, MATCH.c.end, MATCH.c.tier,
        CASE.c.code.label("case_code"), MATCH.c.person_id, PERSON.c.name.label("person_name"), MATCH.c.case_id,
    ).select_from(whose)  # fmt: skip
    found: dict[str, list[Named]] = defaultdict(list)
    for signal_id, *values in tx.conn.execute(
        query.where(MATCH.c.signal_id.in_(signal_ids)).order_by(MATCH.c.start, MATCH.c.id)
    ):
        found[signal_id].append(Named(*values))
    return found
