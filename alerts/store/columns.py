"""The kinds of columns that tables are made of. Times are `Instant`, sealed columns are marked, SQLite's are STRICT."""

from typing import Any

import sqlalchemy as sa

from alerts.store.types import Flag, Instant

metadata = sa.MetaData()


def table(name: str, *columns: Any) -> sa.Table:
    return sa.Table(name, metadata, *columns, sqlite_strict=True)


def id() -> sa.Column[str]:
    return sa.Column("id", sa.Text, primary_key=True)


def ref(name: str, to: str, *, empty: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, sa.ForeignKey(f"{to}.id"), nullable=empty, index=True)


def text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def at(name: str, *, index: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Instant, index=index)


def flag(name: str) -> sa.Column[Any]:
    """A yes or no that came later: the rows from before say no."""
    return sa.Column(name, Flag, nullable=False, server_default=sa.false())


def later(name: str, *, index: bool = False) -> sa.Column[str]:
    """A text that came later: in the rows from before it is empty."""
    return sa.Column(name, sa.Text, nullable=False, server_default=sa.text("''"), index=index)


def where(clause: Any) -> dict[str, Any]:
    """An index of these rows alone: few among many."""
    return {"sqlite_where": clause, "postgresql_where": clause}


def sealed(name: str) -> sa.Column[bytes]:
    """AES-GCM by the vault, bound to table, column and row."""
    return sa.Column(name, sa.LargeBinary, nullable=False, info={"sealed": True})


def index_of(column: str) -> sa.Column[bytes]:
    """An HMAC blind index, by which a sealed address is found and kept unique."""
    return sa.Column(f"{column}_index", sa.LargeBinary, nullable=False, unique=True, info={"indexes": column})
