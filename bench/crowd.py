"""Subscribers by the hundred thousand, written into the product's own tables, sealed with its own vault.

They are as mixed as those of a large network: three languages of which the alert is written in two, a dozen zones,
forty countries, one address in fourteen at a webmail service and the rest spread over five hundred domains.
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from alerts.domain.audience import ReaderKind, Subscriber, Subscription
from alerts.domain.times import Instant
from alerts.store import Store, Tx
from alerts.store.tables import SUBSCRIBER, SUBSCRIPTION

PARTS = ("KG", "TJ", "UZ")
"""Each subscriber follows one of the first `parts` of these: so large a part of all gets an alert about one of them."""

PROOF, FEW = "KZ", "TM"
"""Followed by the first few: those whose mail is compared name by name, and those of the urgent appeal."""

OTHERS = [
    "AF", "AM", "AZ", "BD", "BH", "BI", "BY", "CD", "CN", "CO", "CU", "EG", "ER", "ET", "GE", "GT", "HN", "HT", "IN",
    "IQ", "IR", "KE", "KH", "LA", "LK", "LY", "MA", "MD", "MM", "MX", "NI", "PK", "RU", "RW", "SD", "SY", "TH",
]  # fmt: skip
TOPICS = ("fair trial", "freedom of expression", "torture", "human rights defenders")
ZONES = (
    "Asia/Bishkek", "Asia/Almaty", "Asia/Tashkent", "Europe/Berlin", "Europe/Paris", "Europe/London", "Europe/Vienna",
    "Europe/Zurich", "America/New_York", "America/Toronto", "Asia/Tokyo", "Africa/Nairobi",
)  # fmt: skip
LANGUAGES = ("en", "en", "en", "ru", "ru", "fr")
WEBMAIL = ("gmail.com", "mail.ru", "yandex.ru", "outlook.com", "proton.me")
FIRST = (
    "Aida", "Bermet", "Чинара", "Dana", "José", "Élodie", "Fatima", "Гульнара", "Hannah", "Ирина", "Jürgen", "Zoë",
)  # fmt: skip
LAST = (
    "Asanova", "Беков", "Cortés", "Dubois", "Ермакова", "Fischer", "Grant", "Hügel", "Исаев", "Jakobsen", "O’Neill",
    "Zhang",
)  # fmt: skip
AT_ONCE = 20_000


def address(n: int) -> str:
    domain = WEBMAIL[n // 14 % len(WEBMAIL)] if n % 14 == 0 else f"mission{n * 7919 % 500}.example"
    return f"reader{n}@{domain}"


def fill(store: Store, count: int, parts: int, proof: int, few: int, now: Instant) -> None:
    """`count` confirmed subscribers, in the database's fastest way of taking rows."""
    with store.begin() as tx:
        for start in range(0, count, AT_ONCE):
            some = range(start, min(start + AT_ONCE, count))
            _insert(tx, SUBSCRIBER, _people(tx, some, now))
            _insert(tx, SUBSCRIPTION, _wishes(tx, some, parts, proof, few, now))
        if (
            tx.conn.dialect.name == "postgresql"
        ):  # what its autovacuum has long done at a desk that was not born just now
            tx.conn.execute(sa.text("ANALYZE subscriber, subscription"))


def _id(n: int) -> str:
    return f"01J{n:023d}"


def _people(tx: Tx, some: range, now: Instant) -> Iterator[list[Any]]:
    vault, joined = tx.vault, now - timedelta(days=400)
    usual = Subscriber(
        "", "", consented_on=joined.date(), consented_how="form", created_at=joined, confirmed_at=joined,
        vetted_at=None, heard_at=joined,
    )  # fmt: skip
    names, row = _row(tx, SUBSCRIBER, asdict(usual))
    place = {name: names.index(name) for name in names}
    kinds = [kind.value for kind in ReaderKind]
    for n in some:
        id, email, mine = _id(n), address(n), list(row)
        sealed = {
            "email": email, "name": f"{FIRST[n % 12]} {LAST[n // 12 % 12]}",
            "organisation": f"Mission {n % 500}", "note": "",
        }  # fmt: skip
        for column, text in sealed.items():
            mine[place[column]] = vault.seal(text, f"subscriber|{column}|{id}")
        mine[place["id"]], mine[place["email_index"]] = id, vault.index(email)
        mine[place["language"]], mine[place["zone"]] = LANGUAGES[n // 3 % 6], ZONES[n // 5 % 12]
        mine[place["kind"]] = kinds[n % len(kinds)]
        yield mine


def _wishes(tx: Tx, some: range, parts: int, proof: int, few: int, now: Instant) -> Iterator[list[Any]]:
    names, row = _row(tx, SUBSCRIPTION, asdict(Subscription("", "", created_at=now)))
    words = SUBSCRIPTION.c.countries.type.dialect_impl(tx.conn.dialect).bind_processor(tx.conn.dialect)
    assert words is not None
    id, whose, countries, topics = (names.index(name) for name in ("id", "subscriber_id", "countries", "topics"))
    lists: dict[tuple[str, ...], Any] = {}
    for n in some:
        more = OTHERS[n % 37 : n % 37 + n // 37 % 4]
        wanted = (PARTS[n % parts], *more, *((PROOF,) if n < proof else ()), *((FEW,) if n < few else ()))
        about = (TOPICS[n // 4 % 4], TOPICS[0]) if n % 4 == 0 else ()
        mine = list(row)
        mine[id] = mine[whose] = _id(n)
        mine[countries] = lists[wanted] if wanted in lists else lists.setdefault(wanted, words(wanted))
        mine[topics] = lists[about] if about in lists else lists.setdefault(about, words(about))
        yield mine


def _row(tx: Tx, table: sa.Table, values: dict[str, Any]) -> tuple[list[str], list[Any]]:
    """The columns' names, and the values as the database is given them."""
    row = []
    for column in table.c:
        turn = column.type.dialect_impl(tx.conn.dialect).bind_processor(tx.conn.dialect)
        value = values.get(column.name)
        binary = isinstance(column.type, sa.LargeBinary)  # sealed, and each reader's own
        row.append(turn(value) if turn and value is not None and not binary else value)
    return [column.name for column in table.c], row


def _insert(tx: Tx, table: sa.Table, rows: Iterator[list[Any]]) -> None:
    columns = ", ".join(f'"{column.name}"' for column in table.c)
    raw: Any = tx.conn.connection.driver_connection
    if tx.conn.dialect.name == "postgresql":
        with raw.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" for _ in table.c)
    while some := list(islice(rows, 2_000)):
        raw.executemany(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', some)
