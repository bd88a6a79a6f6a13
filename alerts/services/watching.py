"""The sources that are watched, and the desk's own rules of triage."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from alerts.domain import countries, opml, sourcefile
from alerts.domain.errors import Conflict, Invalid, NotFound
from alerts.domain.refusals import Refusal, Refused
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.domain.triage import Rule, Then
from alerts.domain.watching import Cursor, Habits, Health, Identity, Source, Tier
from alerts.egress import is_loopback
from alerts.services.ids import new_id
from alerts.settings import Settings
from alerts.settings import countries as known_countries
from alerts.store import Store
from alerts.store.tables import SOURCE


@dataclass(frozen=True, slots=True)
class Imported:
    """`known`: how many were watched already, and stay as they are."""

    added: int
    known: int
    refusals: tuple[Refusal, ...] = ()


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


def export(store: Store, form: str, title: str) -> str:
    """Every source as a file that `import_sources` takes back: `opml` or `csv`."""
    rows = [sourcefile.columns(source) for source in sorted(listing(store), key=lambda s: (s.title, s.url))]
    return opml.write(title, rows) if form == "opml" else sourcefile.write(rows)


def listing(store: Store) -> list[Source]:
    """Every source, those that fail first, then by title."""
    with store.read() as tx:
        return tx.sources.where(by=[SOURCE.c.failures.desc(), SOURCE.c.title, SOURCE.c.id])


@dataclass(frozen=True, slots=True)
class Given:
    """What is to be set of a source; None: it stays."""

    url: str | None = None
    title: str | None = None
    country: str | None = None
    starred: bool | None = None
    identity: Identity | None = None


def change(store: Store, url: str, given: Given, *, by: Staff, now: Instant) -> Source:
    """Set what is given of the source at that address, and visit it at once.

    By another address or identity everything there may look new: the next visit is as the first one.
    Raises Forbidden, Invalid, NotFound, Conflict (the new address is watched already).
    """
    by.must_be(Role.ADMIN, "change sources")
    with store.begin() as tx:
        source = tx.sources.find(SOURCE.c.url == url)
        if source is None:
            raise NotFound(f"No source has the address {url}: vigil source list shows them.")
        values: dict[str, Any] = {"next_poll_at": now}
        if given.url is not None and (new := sourcefile.address(given.url)) != source.url:
            if tx.sources.count(SOURCE.c.url == new):
                raise Conflict(f"{new} is watched already.")
            values |= {"url": new, "local": _is_local(new), "health": Health.NEW, "reason": "", "failures": 0}
        if given.title is not None:
            values["title"] = given.title
        if given.country is not None:
            values["country"] = countries.country(given.country, known_countries()).code if given.country else ""
        if given.starred is not None:
            values["starred"] = given.starred
        if "url" in values or given.identity is not None:
            habits = Habits(identity=given.identity or (None if "url" in values else source.habits.identity))
            values |= {"cursor": Cursor(), "worked_at": None, "habits": habits}
        changed = replace(source, **values)
        tx.sources.save(changed)
        tx.audit.add("source changed", source.id, ", ".join(sorted(values.keys() - {"next_poll_at"})), by=by, at=now)
    return changed


def rules(settings: Settings) -> list[Rule]:
    """The desk's own triage rules, in their order. Raises Invalid, with the rule and the key."""
    return [_rule(values, n) for n, values in enumerate(settings.triage.rules, 1)]


def _source(row: sourcefile.Row, now: Instant) -> Source:
    return Source(
        new_id(now), row.url, row.title, country=row.country, starred=row.starred, local=_is_local(row.url),
        next_poll_at=now, created_at=now, habits=Habits(identity=row.identity),
    )  # fmt: skip


def _is_local(url: str) -> bool:
    return is_loopback(urlsplit(url).hostname or "")


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
