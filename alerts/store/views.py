"""Read-only joins for pages, written out; each reads as much as one page shows."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from alerts.domain.alerts import UNPUBLISHED, Alert, State
from alerts.domain.cases import Case
from alerts.domain.delivery import Result, Tally
from alerts.domain.labels import Label
from alerts.domain.triage import Handled
from alerts.store.tables import (
    ALERT,
    BATCH,
    CASE,
    DELIVERY,
    EDITION,
    NAME_FORM,
    PERSON,
    RETRY,
    SUBSCRIBER,
    VERDICT,
)
from alerts.store.tx import Tx

PAGE = 50


@dataclass(frozen=True, slots=True)
class About:
    """The case that a row is about, as staff call it."""

    case: Case
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """An alert with its first edition's title and what became of it."""

    alert: Alert
    title: str
    about: About | None
    tally: Tally
    answers: int = 0


@dataclass(frozen=True, slots=True)
class Rail:
    """What stands beside the rooms."""

    cases: int
    alerts: int
    new: int
    signals: int


def rail(tx: Tx) -> Rail:
    """All cases, texts that are not out yet, subscribers who wait for us to speak to them, and news that waits."""
    return Rail(
        tx.cases.count(), tx.alerts.count(ALERT.c.state.in_(UNPUBLISHED)), tx.subscribers.count(*unvetted()),
        tx.verdicts.count(VERDICT.c.handled == Handled.WAITING),
    )  # fmt: skip


def unvetted() -> tuple[Any, ...]:
    s = SUBSCRIBER.c
    return (s.vetted_at.is_(None), s.confirmed_at.is_not(None), s.suppressed_at.is_(None), s.left_at.is_(None))


def about(tx: Tx, case_ids: Iterable[str | None]) -> dict[str, About]:
    """By case id."""
    ids = sorted({id for id in case_ids if id})
    if not ids:
        return {}
    names: dict[str, list[str]] = defaultdict(list)
    query = sa.select(PERSON.c.case_id, PERSON.c.name).where(PERSON.c.case_id.in_(ids), PERSON.c.role != "relative")
    for case_id, name in tx.conn.execute(query.order_by(PERSON.c.case_id, PERSON.c.position)):
        names[case_id].append(name)
    return {case.id: About(case, tuple(names[case.id])) for case in tx.cases.where(CASE.c.id.in_(ids))}


def cases(tx: Tx, words: str, countries: Iterable[str], page: int) -> tuple[list[About], bool]:
    """A page of cases whose code or a name holds the words, or that lie in these countries; and whether more follow."""
    query = sa.select(CASE.c.id).order_by(CASE.c.code).limit(PAGE + 1).offset(PAGE * (page - 1))
    if words:
        like = f"%{_escaped(words)}%"
        named = sa.select(PERSON.c.case_id).where(PERSON.c.name.ilike(like, escape="\\"))
        spelled = sa.select(PERSON.c.case_id).join_from(PERSON, NAME_FORM, NAME_FORM.c.person_id == PERSON.c.id)
        spelled = spelled.where(NAME_FORM.c.form.ilike(like, escape="\\"))
        code, place = CASE.c.code.ilike(like, escape="\\"), CASE.c.country.in_(list(countries))
        query = query.where(sa.or_(code, place, CASE.c.id.in_(named), CASE.c.id.in_(spelled)))
    ids = list(tx.conn.execute(query).scalars())
    found = about(tx, ids[:PAGE])
    return [found[id] for id in ids[:PAGE]], len(ids) > PAGE


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


WHICH = {
    "open": UNPUBLISHED,
    "out": (State.PUBLISHING, State.PUBLISHED, State.UPDATED, State.CORRECTED),
    "ended": (State.STOPPED, State.WITHDRAWN, State.CANCELLED),
}


def alerts(tx: Tx, which: str, page: int) -> tuple[list[Said], bool]:
    """A page of alerts, the newest first, and whether more follow."""
    query = sa.select(ALERT.c.id).order_by(ALERT.c.id.desc()).limit(PAGE + 1).offset(PAGE * (page - 1))
    if which in WHICH:
        query = query.where(ALERT.c.state.in_(WHICH[which]))
    ids = list(tx.conn.execute(query).scalars())
    return said(tx, tx.alerts.where(ALERT.c.id.in_(ids[:PAGE]), by=ALERT.c.id.desc())), len(ids) > PAGE


def said(tx: Tx, found: list[Alert]) -> list[Said]:
    """These alerts with what their rows say, in their order."""
    ids = [alert.id for alert in found]
    query = sa.select(EDITION.c.alert_id, EDITION.c.title).where(EDITION.c.alert_id.in_(ids), EDITION.c.position == 0)
    titles = {row.alert_id: row.title for row in tx.conn.execute(query)}
    cases, counted = about(tx, (alert.case_id for alert in found)), tallies(tx, ids)
    return [
        Said(a, titles.get(a.id, ""), cases.get(a.case_id or ""), counted.get(a.id, Tally())) for a in found
    ]  # fmt: skip


def tallies(tx: Tx, alert_ids: list[str]) -> dict[str, Tally]:
    """What became of these alerts' recipients. Counted in the database, batch by batch."""
    if not alert_ids:
        return {}
    mine = BATCH.c.alert_id.in_(alert_ids)
    size = sa.select(BATCH.c.alert_id, sa.func.sum(BATCH.c.size)).where(mine).group_by(BATCH.c.alert_id)
    sizes = {row[0]: int(row[1]) for row in tx.conn.execute(size)}
    ends: dict[str, dict[Any, int]] = defaultdict(dict)
    query = sa.select(BATCH.c.alert_id, DELIVERY.c.result, sa.func.count()).join_from(
        BATCH, DELIVERY, DELIVERY.c.batch_no == BATCH.c.no
    )
    for id, result, count in tx.conn.execute(query.where(mine).group_by(BATCH.c.alert_id, DELIVERY.c.result)):
        ends[id][result] = count
    query = sa.select(BATCH.c.alert_id, RETRY.c.last, sa.func.count()).join_from(
        BATCH, RETRY, RETRY.c.batch_no == BATCH.c.no
    )
    for id, last, count in tx.conn.execute(query.where(mine).group_by(BATCH.c.alert_id, RETRY.c.last)):
        ends[id][f"again {last}"] = count
    return {
        id: Tally(
            audience=size, sent=ends[id].get(Result.SENT, 0), rejected=ends[id].get(Result.REJECTED, 0),
            unknown=ends[id].get(Result.UNKNOWN, 0) + ends[id].get("again unknown", 0),
            retrying=ends[id].get("again retry", 0), suppressed=ends[id].get(Result.SUPPRESSED, 0),
            withdrawn=ends[id].get(Result.WITHDRAWN, 0),
        )
        for id, size in sizes.items()
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standings:
    """Every subscriber once, by how they stand with us."""

    trusted: int = 0
    confirmed: int = 0
    waiting: int = 0
    left: int = 0
    stopped: int = 0

    @property
    def total(self) -> int:
        return self.trusted + self.confirmed + self.waiting + self.left + self.stopped

    def may_read(self, label: Label) -> int:
        return {Label.RED: 0, Label.AMBER: self.trusted}.get(label, self.trusted + self.confirmed)


def standing() -> sa.Case[str]:
    s = SUBSCRIBER.c
    return sa.case(
        (s.left_at.is_not(None), "left"),
        (s.suppressed_at.is_not(None), "stopped"),
        (s.confirmed_at.is_(None), "waiting"),
        (s.vetted_at.is_(None), "confirmed"),
        else_="trusted",
    )


def standings(tx: Tx) -> Standings:
    how = standing()
    rows = tx.conn.execute(sa.select(how, sa.func.count()).select_from(SUBSCRIBER).group_by(how))
    return Standings(**{row[0]: row[1] for row in rows})
