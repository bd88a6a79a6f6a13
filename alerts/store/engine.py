"""Connections to SQLite and PostgreSQL that behave alike."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from alerts.domain.errors import Conflict, Invalid

BUSY_MS = 10_000
NO_TABLE, TAKEN = "42P01", "42P07"  # PostgreSQL's; SQLite calls both an operational error
PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "secure_delete": "ON",
    "foreign_keys": "ON",
    "trusted_schema": "OFF",
    "busy_timeout": str(BUSY_MS),
}


FOREIGN = "This database holds tables of something else. Nothing was changed; give the desk a database of its own."


class Unavailable(Exception):
    """The database cannot serve now. One sentence: exit 1, or 503; whoever asked may ask again."""


def connect(url: str, *, writes: bool) -> sa.Engine:
    """An engine whose transactions write (BEGIN IMMEDIATE on SQLite), or read only. Raises Invalid for a bad URL."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise Invalid("database.url is not a database URL: write sqlite:///vigil.db or postgresql://…") from None
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, writes)
    if parsed.get_backend_name() == "postgresql":
        options: dict[str, Any] = {} if writes else {"postgresql_readonly": True}
        return sa.create_engine(
            parsed,
            hide_parameters=True,
            pool_pre_ping=True,
            execution_options=options,
            connect_args={"connect_timeout": 10},
        )
    raise Invalid(f"database.url names {parsed.get_backend_name()}; Vigil keeps its desk in SQLite or PostgreSQL.")


def _sqlite(url: sa.URL, writes: bool) -> sa.Engine:
    engine = sa.create_engine(url, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for name, value in PRAGMAS.items():
            connection.execute(f"PRAGMA {name}={value}")
        if not writes:
            connection.execute("PRAGMA query_only=ON")

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def plain_errors() -> Iterator[None]:
    """The database's refusals as one sentence. What is our own mistake stays what it is: a bug."""
    try:
        yield
    except OperationalError as error:
        raise Unavailable(_sentence(str(error.orig))) from error
    except IntegrityError as error:
        if "unique" not in str(error.orig).lower():
            raise
        raise Conflict(
            "Somebody has entered the same at this very moment. Look again, and try again if it is needed."
        ) from error
    except DBAPIError as error:
        foreign = getattr(error.orig, "sqlstate", "") in (NO_TABLE, TAKEN) or "not a database" in str(error.orig)
        if error.connection_invalidated or foreign or "malformed" in str(error.orig):
            raise Unavailable(_sentence(str(error.orig))) from error
        raise


def _sentence(said: str) -> str:
    if "locked" in said or "lock timeout" in said:
        return "The database is busy: another program holds it. Nothing was changed; try again in a moment."
    if "full" in said or "No space" in said:
        return "The disk of the database is full. Nothing was changed; free some space and try again."
    if "readonly" in said or "read-only" in said or "unable to open" in said:
        return "The database file cannot be opened for writing: check database.url and who owns the folder."
    if "disk I/O error" in said:
        return "The disk of the database cannot be written or read: it is full, or it fails. Nothing was changed."
    if "not a database" in said:
        return "The file of the database is none, or not of SQLite: check database.url."
    if "malformed" in said:
        return "The file of the database is damaged: stop Vigil, keep the file, and restore your last copy."
    if "already exists" in said:
        return FOREIGN
    if "no such table" in said or re.search("relation .* does not exist", said):
        return "This database holds no desk yet: run “vigil migrate”."
    first = said.strip().splitlines()[0] if said.strip() else "no answer"
    return f"The database does not answer: {first}."
