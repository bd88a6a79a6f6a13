"""Sources that are due, and what visits wrote of them: many sources in one statement."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import sqlalchemy as sa

from alerts.domain.health import LATELY, OUR_NETWORK
from alerts.domain.stories import RECENT, Told
from alerts.domain.times import Instant
from alerts.domain.watching import VISITED, Source
from alerts.store.tables import MATCH, SIGNAL, SOURCE
from alerts.store.tx import Tx

CHUNK = 500
LATEST = 5000
LEARNT = ("cursor", "health", "reason", "failures", "habits")
TIMES = ("next_poll_at", "polled_at", "worked_at")
FEW_FAILURES = 2


def claim_due(tx: Tx, now: Instant, hold: timedelta, limit: int) -> list[Source]:
    """The sources that are due, longest first, as they were; nobody else gets them before `hold` is over."""
    is_due = sa.or_(SOURCE.c.next_poll_at.is_(None), SOURCE.c.next_poll_at <= now)
    visited = SOURCE.c.kind.in_(VISITED)
    query = sa.select(SOURCE).where(is_due, visited).order_by(SOURCE.c.next_poll_at, SOURCE.c.id).limit(limit)
    # SQLite has no such clause and needs none: its transaction that writes is the only one.
    rows = tx.conn.execute(query.with_for_update(skip_locked=True)).all()
    sources = [tx.sources.load(row) for row in rows]
    put_off(tx, [(source.id, now + hold) for source in sources])
    return sources


def put_off(tx: Tx, until: Sequence[tuple[str, Instant]]) -> None:
    """Due again at these times, and nothing else."""
    if until:
        query = sa.update(SOURCE).where(SOURCE.c.id == sa.bindparam("its"))
        at = sa.bindparam("at", type_=SOURCE.c.next_poll_at.type)
        tx.conn.execute(query.values(next_poll_at=at), [{"its": id, "at": moment} for id, moment in until])


def keep(tx: Tx, changes: Iterable[tuple[Source, Source]]) -> None:
    """Write what visits taught: each source as it was and as it is now. What people set meanwhile stays."""
    changed, timed, moved = [], [], []
    for was, now_is in changes:
        times = {name: getattr(now_is, name) for name in TIMES} | {"its": was.id}
        if all(getattr(was, name) == getattr(now_is, name) for name in LEARNT):
            timed.append(times)  # “unchanged”, as nine visits in ten
        else:
            changed.append(times | {name: getattr(now_is, name) for name in LEARNT})
        if was.url != now_is.url:
            moved.append(now_is)
    for rows, names in ((timed, TIMES), (changed, (*TIMES, *LEARNT))):
        if rows:
            values = {name: sa.bindparam(f"new_{name}", type_=SOURCE.c[name].type) for name in names}
            query = sa.update(SOURCE).where(SOURCE.c.id == sa.bindparam("its")).values(values)
            tx.conn.execute(
                query, [{"its": row["its"], **{f"new_{name}": row[name] for name in names}} for row in rows]
            )
    for source in moved:  # unless that address is watched already: then it stays where it was
        if not tx.sources.count(SOURCE.c.url == source.url):
            tx.sources.update(SOURCE.c.id == source.id, url=source.url)


def known(tx: Tx, source_id: str, fingerprints: list[str]) -> dict[str, tuple[str, str]]:
    """Which of these were seen at this source before: the signal's id, and the hash of its words."""
    found: dict[str, tuple[str, str]] = {}
    for start in range(0, len(fingerprints), CHUNK):
        asked = SIGNAL.c.fingerprint.in_(fingerprints[start : start + CHUNK])
        query = sa.select(SIGNAL.c.fingerprint, SIGNAL.c.id, SIGNAL.c.content)
        for fingerprint, id, content in tx.conn.execute(query.where(SIGNAL.c.source_id == source_id, asked)):
            found[fingerprint] = (id, content)
    return found


def seen_at(tx: Tx, source_id: str) -> tuple[set[str], set[str]]:
    """The links and the titles of the last thousands of signals of this source."""
    query = sa.select(SIGNAL.c.link, SIGNAL.c.title).where(SIGNAL.c.source_id == source_id)
    rows = tx.conn.execute(query.order_by(SIGNAL.c.id.desc()).limit(LATEST)).all()
    return {row.link for row in rows if row.link}, {row.title for row in rows if row.title}


def versions(tx: Tx, signal_id: str) -> tuple[int, set[str]]:
    """How many later versions of this signal there are, and the people whom it and they name."""
    mine = sa.or_(SIGNAL.c.id == signal_id, SIGNAL.c.revises == signal_id)
    ids = list(tx.conn.execute(sa.select(SIGNAL.c.id).where(mine)).scalars())
    return len(ids) - 1, named(tx, ids)


def named(tx: Tx, signal_ids: list[str]) -> set[str]:
    query = sa.select(MATCH.c.person_id).where(MATCH.c.signal_id.in_(signal_ids)).distinct()
    return set(tx.conn.execute(query).scalars())


def told(tx: Tx, now: Instant) -> list[Told]:
    """The stories of the last days that somebody had to see, the oldest first."""
    query = sa.select(SIGNAL.c.id, SIGNAL.c.story, SIGNAL.c.link, SIGNAL.c.alike)
    recent = query.where(SIGNAL.c.seen_at > now - RECENT, SIGNAL.c.story != "").order_by(SIGNAL.c.id)
    return [Told(*row) for row in tx.conn.execute(recent)]


def tellers(tx: Tx, story: str) -> tuple[set[str], set[str]]:
    """The signals of a story, and the sources that tell it."""
    rows = tx.conn.execute(sa.select(SIGNAL.c.id, SIGNAL.c.source_id).where(SIGNAL.c.story == story)).all()
    return {row.id for row in rows}, {row.source_id for row in rows}


def lately(tx: Tx, now: Instant, but: list[str]) -> tuple[int, int]:
    """How many sources that used to work were visited lately, and how many of those could not be reached; without the
    sources named.
    """
    mine = (SOURCE.c.polled_at > now - LATELY, SOURCE.c.worked_at.is_not(None), SOURCE.c.failures <= FEW_FAILURES)
    fallen = sa.func.sum(sa.case((SOURCE.c.worked_at < SOURCE.c.polled_at, 1), else_=0))
    tried, down = tx.conn.execute(
        sa.select(sa.func.count(), fallen).select_from(SOURCE).where(*mine, SOURCE.c.id.not_in(but))
    ).one()
    return int(tried), int(down or 0)


def unreached(tx: Tx, now: Instant) -> int:
    """How many sources wait for our own network."""
    return tx.sources.count(SOURCE.c.reason == OUR_NETWORK, SOURCE.c.polled_at > now - LATELY)
