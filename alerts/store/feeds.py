"""Sources that are due, signals that are known, and what pages show of them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from alerts.domain.proposals import Proposal
from alerts.domain.times import Instant
from alerts.domain.triage import Handled, Verdict
from alerts.domain.watching import VISITED, Signal, Source, Tier
from alerts.store import confided
from alerts.store.tables import CASE, MATCH, NAME_FORM, PERSON, PROPOSAL, SIGNAL, SOURCE, VERDICT
from alerts.store.tx import Tx

CHUNK = 500


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


def claim_due(tx: Tx, now: Instant, hold: timedelta, limit: int) -> list[Source]:
    """The sources that are due, longest first, as they were; nobody else gets them before `hold` is over."""
    is_due = sa.or_(SOURCE.c.next_poll_at.is_(None), SOURCE.c.next_poll_at <= now)
    query = (
        sa.select(SOURCE)
        .where(is_due, SOURCE.c.kind.in_(VISITED))
        .order_by(SOURCE.c.next_poll_at, SOURCE.c.id)
        .limit(limit)
    )
    # SQLite has no such clause and needs none: its transaction that writes is the only one.
    rows = tx.conn.execute(query.with_for_update(skip_locked=True)).all()
    sources = [tx.sources.load(row) for row in rows]
    tx.sources.update(SOURCE.c.id.in_([source.id for source in sources]), next_poll_at=now + hold)
    return sources


def known(tx: Tx, source_id: str, fingerprints: list[str]) -> set[str]:
    """Which of these were seen at this source before."""
    found: set[str] = set()
    for start in range(0, len(fingerprints), CHUNK):
        asked = SIGNAL.c.fingerprint.in_(fingerprints[start : start + CHUNK])
        query = sa.select(SIGNAL.c.fingerprint).where(SIGNAL.c.source_id == source_id, asked)
        found.update(tx.conn.execute(query).scalars())
    return found


def spellings(tx: Tx) -> list[Spelling]:
    """Every form of every name in the open cases; the name by which we call a person is one."""
    opened = CASE.c.closed_at.is_(None)
    people = sa.select(PERSON.c.case_id, PERSON.c.id, PERSON.c.name).join_from(PERSON, CASE).where(opened)
    forms = sa.select(PERSON.c.case_id, PERSON.c.id, NAME_FORM.c.form).select_from(
        NAME_FORM.join(PERSON, NAME_FORM.c.person_id == PERSON.c.id).join(CASE, PERSON.c.case_id == CASE.c.id)
    )
    return [Spelling(*row) for row in tx.conn.execute(people.union(forms.where(opened)))]


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
    return [
        Seen(
            signals[id], verdicts[id], sources[signals[id].source_id], tuple(named[id]),
            tellers.get(signals[id].source_id, ""), dates=tuple(dates[id]),
        )
        for id in ids
    ]  # fmt: skip


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
