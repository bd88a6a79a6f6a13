"""What strangers may read: counts and dates of what was published, and nothing that anything secret could change."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from alerts.domain.alerts import Kind
from alerts.domain.labels import Answer, Label
from alerts.domain.times import Instant
from alerts.store.tables import ALERT, CASE
from alerts.store.tx import Tx

A_YEAR = timedelta(days=365)
OPEN = (Label.GREEN, Label.CLEAR)
TOLD_TO_ALL = (Answer.ALL_SUBSCRIBERS, Answer.EVERYONE)
"""A case that fewer may know of adds no country to a public page: the name of a country can say that there is one."""


@dataclass(frozen=True, slots=True)
class Mails:
    """How many a reader would have got in the last year, and how many of them were urgent."""

    all: int = 0
    urgent: int = 0


@dataclass(frozen=True, slots=True)
class Issue:
    """One mail of ours, as whoever holds its reference may know it: never what it was about."""

    kind: Kind
    number: str
    published_at: Instant


def mails(tx: Tx, now: Instant) -> tuple[Mails, dict[str, Mails]]:
    """In all, and by country. What named several countries counts for each of them."""
    countries = sa.cast(ALERT.c.countries, sa.Text)
    query = sa.select(ALERT.c.kind, countries, sa.func.count()).where(
        ALERT.c.published_at > now - A_YEAR, ALERT.c.label.in_(OPEN), ALERT.c.kind != Kind.DIGEST
    )
    every: Counter[str] = Counter()
    urgent: Counter[str] = Counter()
    for kind, named, count in tx.conn.execute(query.group_by(ALERT.c.kind, countries)):
        for code in ("", *_words(named)):
            every[code] += count
            urgent[code] += count if kind is Kind.URGENT else 0
    found = {code: Mails(count, urgent[code]) for code, count in every.items()}
    return found.pop("", Mails()), found


def countries(tx: Tx) -> set[str]:
    """Where the desk says that it works: countries of cases that all may know of, and of what went out to all."""
    told = sa.select(CASE.c.country).where(CASE.c.answer.in_(TOLD_TO_ALL)).distinct()
    named = sa.select(sa.cast(ALERT.c.countries, sa.Text)).where(
        ALERT.c.published_at.is_not(None), ALERT.c.label.in_(OPEN)
    ).distinct()  # fmt: skip
    published = [code for row in tx.conn.execute(named) for code in _words(row[0])]
    return {*tx.conn.execute(told).scalars(), *published}


def topics(tx: Tx) -> list[str]:
    """What the alerts that all may have were about."""
    named = sa.select(sa.cast(ALERT.c.topics, sa.Text)).where(
        ALERT.c.published_at.is_not(None), ALERT.c.label.in_(OPEN)
    ).distinct()  # fmt: skip
    return sorted({topic for row in tx.conn.execute(named) for topic in _words(row[0])})


def issues(tx: Tx, reference: str) -> list[Issue]:
    """Everything that went out under this reference, the first one first; empty too where only we may know of it."""
    query = sa.select(ALERT.c.kind, ALERT.c.number, ALERT.c.published_at, ALERT.c.label).where(
        ALERT.c.reference == reference, ALERT.c.published_at.is_not(None), ALERT.c.label != Label.RED
    )
    return [
        Issue(row.kind, row.number if row.label.public else "", row.published_at)
        for row in tx.conn.execute(query.order_by(ALERT.c.ordinal, ALERT.c.id))
    ]


def _words(column: str) -> list[str]:
    found: list[str] = json.loads(column)
    return found
