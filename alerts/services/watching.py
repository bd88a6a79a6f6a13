"""The sources that are watched."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from alerts.domain import countries, opml, sourcefile
from alerts.domain.errors import Conflict, NotFound
from alerts.domain.refusals import Refusal, Refused
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.domain.watching import VISITED, Cursor, Habits, Health, Identity, Source
from alerts.egress import is_loopback
from alerts.services.ids import new_id
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
    """Every source that is visited, those that fail first, then by title."""
    with store.read() as tx:
        return tx.sources.where(SOURCE.c.kind.in_(VISITED), by=[SOURCE.c.failures.desc(), SOURCE.c.title, SOURCE.c.id])


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


def _source(row: sourcefile.Row, now: Instant) -> Source:
    return Source(
        new_id(now), row.url, row.title, country=row.country, starred=row.starred, local=_is_local(row.url),
        next_poll_at=now, created_at=now, habits=Habits(identity=row.identity), kind=row.kind, pick=row.pick,
    )  # fmt: skip


def _is_local(url: str) -> bool:
    return is_loopback(urlsplit(url).hostname or "")
