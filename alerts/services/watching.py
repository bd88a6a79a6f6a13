"""Visit what is due, and keep what is new of what was seen."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from alerts.domain import countries, sourcefile
from alerts.domain.errors import Invalid
from alerts.domain.refusals import Refusal, Refused
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.domain.triage import BEFORE, Handled, Rule, Then, Verdict, triage
from alerts.domain.watching import FIRST_INTERVAL, Cursor, Item, Poll, Signal, Source, Tier, after
from alerts.egress import is_loopback
from alerts.services import matching
from alerts.services.ids import new_id
from alerts.settings import Settings
from alerts.settings import countries as known_countries
from alerts.store import Store, Tx, feeds
from alerts.store.tables import SOURCE
from watchers.matching import places

HOLD = timedelta(minutes=5)
"""How long a claimed source is left to whoever claimed it. A visit itself lasts 40 s at most."""

FIRST_NEWEST, FIRST_DAYS = 50, timedelta(days=7)
FLOOD = 200


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


def rules(settings: Settings) -> list[Rule]:
    """The desk's own triage rules, in their order. Raises Invalid, with the rule and the key."""
    return [_rule(values, n) for n, values in enumerate(settings.triage.rules, 1)]


def _source(row: sourcefile.Row, now: Instant) -> Source:
    local = is_loopback(urlsplit(row.url).hostname or "")
    return Source(
        new_id(now), row.url, row.title, country=row.country, starred=row.starred, local=local,
        next_poll_at=now, created_at=now,
    )  # fmt: skip


def _new(tx: Tx, source: Source, items: tuple[Item, ...]) -> list[Item]:
    unique = {item.fingerprint: item for item in items}
    known = feeds.known(tx, source.id, list(unique)) if unique else set()
    return [item for key, item in unique.items() if key not in known]


def _keep(tx: Tx, source: Source, items: list[Item], now: Instant, rules: list[Rule], first: bool) -> int:
    index = matching.index(tx)
    signals, matches, verdicts, news = [], [], [], 0
    for place, item in enumerate(items):
        country = source.country or places.country(f"{item.title}\n{item.text}")
        signal = Signal(
            new_id(now), source.id, item.fingerprint, item.title, item.link, item.text, item.language, country,
            item.published, now,
        )  # fmt: skip
        found = matching.found(index, signal, now)
        if first and (place < len(items) - FIRST_NEWEST or (item.published and item.published < now - FIRST_DAYS)):
            verdict = Verdict(signal.id, Then.DISMISS, BEFORE, Handled.DISMISSED)
        else:
            verdict, news = triage(signal, found, rules), news + 1
        signals.append(signal)
        matches += found
        verdicts.append(verdict)
    tx.signals.add(*signals)
    tx.matches.add(*matches)
    tx.verdicts.add(*verdicts)
    return news


RULE_KEYS = ("name", "then", "countries", "words", "tier")


def _rule(values: Mapping[str, Any], n: int) -> Rule:
    where = f"triage.rules, rule {n}"
    for key in values:
        if key not in RULE_KEYS:
            raise Invalid(f"{where}: there is no key “{key}”; there are {', '.join(RULE_KEYS)}.")
    name = values.get("name")
    if not isinstance(name, str) or not name.strip():
        raise Invalid(f"{where}: give it a name, which is shown beside what it decides.")
    where = f"{where} “{name}”"
    try:
        codes = (countries.country(code, known_countries()).code for code in _words(values, "countries"))
        return Rule(
            name, _one_of({then.value: then for then in Then}, values.get("then"), "then"), frozenset(codes),
            _one_of({tier.name.lower(): tier for tier in Tier}, values["tier"], "tier") if "tier" in values else None,
            frozenset(word.casefold() for word in _words(values, "words")),
        )  # fmt: skip
    except Invalid as refusal:
        raise Invalid(f"{where}: {refusal}") from None


def _words(values: Mapping[str, Any], key: str) -> list[str]:
    found = values.get(key, [])
    if not isinstance(found, list) or not all(isinstance(word, str) and word.strip() for word in found):
        raise Invalid(f'{key} must be a list of words, as ["one", "two"].')
    return found


def _one_of(choices: dict[str, Any], value: object, key: str) -> Any:
    if value not in choices:
        raise Invalid(f"{key} must be one of {', '.join(choices)}, not “{value}”.")
    return choices[str(value)]
