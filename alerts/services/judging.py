"""What a new signal is worth, with all that is known around it; and what follows from that at once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache

from alerts.domain import critical
from alerts.domain.alerts import Kind as AlertKind
from alerts.domain.alerts import State
from alerts.domain.cases import Case
from alerts.domain.critical import ENDS, LONGEST_HOLD, Window
from alerts.domain.deadlines import ATTENDED, OPEN
from alerts.domain.times import Instant
from alerts.domain.triage import Around, Handled, Rule, Then, Verdict, rises, triage
from alerts.domain.watching import Match, Signal, Source
from alerts.services import dating, drafting
from alerts.store import Tx
from alerts.store.dates import DEADLINE
from alerts.store.tables import ALERT, CASE
from watchers.matching.terms import Term, Terms

LONGEST_SPAN = timedelta(days=366)
AHEAD = max(LONGEST_HOLD, timedelta(days=2))


class Judge:
    """Asked signal by signal within one transaction; what it looked up once it keeps."""

    def __init__(self, tx: Tx, rules: list[Rule]) -> None:
        self.tx, self.rules = tx, rules
        self._terms = _terms(frozenset(word for rule in rules for word in rule.words))
        self._sources: dict[str, Source] = {}
        self._cases: dict[str, Case] = {}
        self._critical: dict[str, Window] | None = None

    def __call__(self, signal: Signal, matches: list[Match], now: Instant) -> Verdict:
        windows = self._windows(now) if matches else {}
        said = frozenset(mention.means for mention in self._terms.find(signal.words))
        around = Around(self._source(signal.source_id), self._named(matches), windows, said)
        verdict = triage(signal, matches, self.rules, around)
        if verdict.handled is not Handled.WAITING:
            return verdict
        told = verdict.then is Then.PAGE or rises(matches, around.critical)
        return replace(verdict, page_due=now if told else None)

    def _source(self, id: str) -> Source:
        if id not in self._sources:
            self._sources[id] = self.tx.sources.look(id)
        return self._sources[id]

    def _named(self, matches: Iterable[Match]) -> dict[str, Case]:
        ids = {match.case_id for match in matches}
        if missing := ids - self._cases.keys():
            self._cases |= {case.id: case for case in self.tx.cases.where(CASE.c.id.in_(missing))}
        return {id: self._cases[id] for id in ids if id in self._cases}

    def _windows(self, now: Instant) -> dict[str, Window]:
        if self._critical is None:
            self._critical = windows(self.tx, now)
        return self._critical


@lru_cache(maxsize=4)
def _terms(words: frozenset[str]) -> Terms:
    """Rules seldom change, and a transaction of visits is made many times a second."""
    return Terms(Term(word, word) for word in words)


def windows(tx: Tx, now: Instant) -> dict[str, Window]:
    """The cases whose critical hours are now."""
    near = DEADLINE.c.starts_at.between(now - LONGEST_SPAN, now + AHEAD)
    kinds = DEADLINE.c.kind.in_([*ATTENDED, *ENDS])
    found = tx.deadlines.where(DEADLINE.c.state.in_(OPEN), near, kinds, DEADLINE.c.case_id.is_not(None))
    return critical.windows(found, now)


def settle(
    tx: Tx, signals: Iterable[Signal], matches: Iterable[Match], verdicts: Iterable[Verdict], now: Instant
) -> None:
    """Write the verdicts on signals that are written, with what follows from them: drafts, and dates to be proposed."""
    named: dict[str, list[str]] = defaultdict(list)
    for match in matches:
        named[match.signal_id].append(match.case_id)
    tx.verdicts.add(*_begin_drafts(tx, verdicts, named, now))
    for signal in signals:
        if signal.id in named:
            tx.proposals.add(*dating.proposed(tx, signal, named[signal.id][0], now))


def _begin_drafts(tx: Tx, verdicts: Iterable[Verdict], named: dict[str, list[str]], now: Instant) -> Iterator[Verdict]:
    """The verdicts, those that a rule wants drafted with the draft of the case that they name first.

    Nothing is written in it, and nothing of the news: what readers get a person writes. A case has one such draft at a
    time, however much news there is.
    """
    begun: dict[str, str] = {}
    for verdict in verdicts:
        if verdict.then is not Then.DRAFT or verdict.handled is not Handled.WAITING or verdict.signal_id not in named:
            yield verdict
            continue
        case_id = named[verdict.signal_id][0]
        if case_id not in begun:
            begun[case_id] = _unwritten(tx, case_id) or drafting.begin(tx, case_id, now).id
        yield replace(verdict, alert_id=begun[case_id])


def _unwritten(tx: Tx, case_id: str) -> str:
    """The draft that a rule began before and nobody has written in yet."""
    mine = (ALERT.c.case_id == case_id, ALERT.c.state == State.DRAFT, ALERT.c.kind == AlertKind.URGENT)
    return next((alert.id for alert in tx.alerts.where(*mine) if not alert.writers), "")
