"""Visit what is due, and keep what is new of what was seen."""

from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit

from alerts.domain import sourcefile
from alerts.domain.refusals import Refusal, Refused
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.domain.triage import Handled, Rule, Then, Verdict
from alerts.domain.watching import FIRST_INTERVAL, Cursor, Item, Match, Poll, Signal, Source, after
from alerts.egress import is_loopback
from alerts.services.ids import new_id
from alerts.services.judging import Judge, settle
from alerts.settings import countries as known_countries
from alerts.store import Store, Tx, feeds
from alerts.store.tables import SOURCE
from watchers.matching import Form, Index

HOLD = timedelta(minutes=5)
"""How long a claimed source is left to whoever claimed it. A visit itself lasts 40 s at most."""

FIRST_NEWEST, FIRST_DAYS = 50, timedelta(days=7)
FLOOD = 200
MOST_MATCHES = 100
"""A page that says a name a thousand times is not more news than one that says it often."""

BEFORE = "from before we watched this source"


@dataclass(frozen=True, slots=True)
class Imported:
    """`known`: how many were watched already, and stay as they are."""

    added: int
    known: int
    refusals: tuple[Refusal, ...] = ()


def due(store: Store, now: Instant, limit: int = 50) -> list[Source]:
    """Claim the sources that are due. Two clocks never get the same one; a claim ends by itself after five minutes."""
    with store.begin() as tx:
        return feeds.claim_due(tx, now, HOLD, limit)


def record(
    store: Store, source: Source, poll: Poll, now: Instant, rules: list[Rule], interval: timedelta = FIRST_INTERVAL
) -> int:
    """Keep what a visit brought: the new signals with matches and verdicts, and how the source fares. Answers how many
    signals are new, those from before we watched not counted.

    Of a first visit only the newest 50 of the last seven days are news. Of any later one at most 200 are taken, the
    newest, and the cursor stays, so that the rest comes with the next visits: a feed that is suddenly all new has
    probably changed how it names its entries, and nobody should wade through that at once.
    """
    with store.begin() as tx:
        before = tx.sources.get(source.id)
        first = before.worked_at is None
        new = _new(tx, before, poll.items)
        now_is = after(before, poll, now, interval)
        if len(new) > FLOOD and not first:
            reason = f"flood: {len(new)} new entries at once, of which the newest {FLOOD} were taken"
            now_is, new = replace(now_is, reason=reason, cursor=Cursor()), new[-FLOOD:]
        tx.sources.save(now_is)
        return _keep(tx, before, new, now, rules, first) if new else 0


def import_sources(store: Store, text: str, *, by: Staff, now: Instant, partial: bool = False) -> Imported:
    """Watch what a CSV or OPML names: all of the file or nothing; `partial` takes what is not refused.

    Those that are watched already stay as they are.

    An address on this machine that an admin wrote in the file itself may be visited (`local`), at that host and port
    alone: an admin has a place in mind, and no feed, redirect or name server can write into that file.

    Raises Forbidden, Refused (each line with its reason).
    """
    by.must_be(Role.ADMIN, "add sources")
    rows, refusals = sourcefile.parse(text, known_countries())
    if refusals and not partial:
        raise Refused(refusals)
    with store.begin() as tx:
        watched = {source.url for source in tx.sources.where()}
        new = [row for row in rows if row.url not in watched]
        tx.sources.add(*(_source(row, now) for row in new))
        if new:
            tx.audit.add("sources imported", "", f"{len(new)} sources", by=by, at=now)
    return Imported(len(new), len(rows) - len(new), tuple(sorted(refusals)))


def listing(store: Store) -> list[Source]:
    """Every source, those that fail first, then by title."""
    with store.read() as tx:
        return tx.sources.where(by=[SOURCE.c.failures.desc(), SOURCE.c.title, SOURCE.c.id])


def _source(row: sourcefile.Row, now: Instant) -> Source:
    local = is_loopback(urlsplit(row.url).hostname or "")
    return Source(
        new_id(now), row.url, row.title, country=row.country, starred=row.starred, local=local,
        next_poll_at=now, created_at=now, kind=row.kind, pick=row.pick,
    )  # fmt: skip


def _new(tx: Tx, source: Source, items: tuple[Item, ...]) -> list[Item]:
    unique = {item.fingerprint: item for item in items}
    known = feeds.known(tx, source.id, list(unique)) if unique else set()
    return [item for key, item in unique.items() if key not in known]


def _keep(tx: Tx, source: Source, items: list[Item], now: Instant, rules: list[Rule], first: bool) -> int:
    index = Index(Form(s.case_id, s.person_id, s.form) for s in feeds.spellings(tx))
    judge = Judge(tx, rules)
    signals, matches, verdicts, news = [], [], [], 0
    for place, item in enumerate(items):
        signal = Signal(
            new_id(now), source.id, item.fingerprint, item.title, item.link, item.text, item.language, source.country,
            item.published, now,
        )  # fmt: skip
        found = [
            Match(new_id(now), signal.id, hit.case_id, hit.person_id, hit.form, hit.words, hit.start, hit.end)
            for hit in index.find(signal.words)[:MOST_MATCHES]
        ]
        if first and (place < len(items) - FIRST_NEWEST or (item.published and item.published < now - FIRST_DAYS)):
            verdict = Verdict(signal.id, Then.DISMISS, BEFORE, Handled.DISMISSED)
        else:
            verdict, news = judge(signal, found, now), news + 1
        signals.append(signal)
        matches += found
        verdicts.append(verdict)
    tx.signals.add(*signals)
    tx.matches.add(*matches)
    settle(tx, signals, matches, verdicts, now)
    return news
