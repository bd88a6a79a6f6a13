"""Rows of one table as frozen dataclasses of one kind."""

from dataclasses import fields
from functools import cache
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from alerts.domain.errors import NotFound
from alerts.store.vault import Vault

T = TypeVar("T")


class Rows(Generic[T]):
    """A column without a field of its own is read from the thing's property of that name (as `deadline.starts_at`)."""

    def __init__(self, conn: sa.Connection, vault: Vault, table: sa.Table, kind: type[T], *, lock: bool) -> None:
        self.conn, self.vault, self.table, self.kind, self.lock = conn, vault, table, kind, lock
        self.names, self.sealed, self.indexes, self.key = _shape(table, kind)  # type: ignore[arg-type]

    def get(self, id: str) -> T:
        """The row with that id, held until the transaction ends if it is one that writes. Raises NotFound."""
        return self._there(self.find(self.table.c.id == id), id)

    def look(self, id: str) -> T:
        """As `get`, held by nobody. Raises NotFound."""
        row = self.conn.execute(sa.select(self.table).where(self.table.c.id == id)).first()
        return self._there(self.load(row) if row else None, id)

    def find(self, *clauses: Any) -> T | None:
        query = sa.select(self.table).where(*clauses).limit(1)
        row = self.conn.execute(query.with_for_update() if self.lock else query).first()
        return self.load(row) if row else None

    def find_by(self, column: str, value: str) -> T | None:
        """By a sealed column, through its blind index."""
        return self.find(self.table.c[f"{column}_index"] == self.vault.index(value))

    def where(self, *clauses: Any, by: Any = None, limit: int | None = None) -> list[T]:
        order = by if by is not None else [self.table.c[name] for name in self.key]
        order = order if isinstance(order, (list, tuple)) else [order]
        query = sa.select(self.table).where(*clauses).order_by(*order).limit(limit)
        return [self.load(row) for row in self.conn.execute(query)]

    def count(self, *clauses: Any) -> int:
        return self.conn.execute(sa.select(sa.func.count()).select_from(self.table).where(*clauses)).scalar_one()

    def add(self, *things: T) -> None:
        if things:
            self.conn.execute(sa.insert(self.table), [self.dump(thing) for thing in things])

    def save(self, thing: T, *unless_moved: Any) -> bool:
        """Write `thing` over its row. Answers whether the row was still as the clauses say."""
        values = self.dump(thing)
        mine = [self.table.c[name] == values.pop(name) for name in self.key]
        return self.conn.execute(sa.update(self.table).where(*mine, *unless_moved).values(values)).rowcount == 1

    def update(self, *clauses: Any, **values: Any) -> int:
        return self.conn.execute(sa.update(self.table).where(*clauses).values(values)).rowcount

    def delete(self, *clauses: Any) -> int:
        return self.conn.execute(sa.delete(self.table).where(*clauses)).rowcount

    def load(self, row: sa.Row[Any]) -> T:
        values = {name: value for name, value in row._mapping.items() if name in self.names}
        for name in self.sealed:
            values[name] = self.vault.open(bytes(values[name]), self._place(name, values))
        return self.kind(**values)

    def dump(self, thing: T) -> dict[str, Any]:
        values = {c.name: getattr(thing, c.name) for c in self.table.c if c.name not in self.indexes}
        for name, column in self.indexes.items():
            values[name] = self.vault.index(values[column])
        for name in self.sealed:
            values[name] = self.vault.seal(values[name], self._place(name, values))
        return values

    def _there(self, found: T | None, id: str) -> T:
        if found is None:
            raise NotFound(f"There is no {self.table.name.replace('_', ' ')} {id}.")
        return found

    def _place(self, column: str, values: dict[str, Any]) -> str:
        return f"{self.table.name}|{column}|{values['id']}"


@cache
def _shape(table: sa.Table, kind: type[Any]) -> tuple[set[str], list[str], dict[str, str], list[str]]:
    """Fields of the kind, sealed columns, blind indexes and what they index, key: the same in every transaction."""
    return (
        {f.name for f in fields(kind)},
        [c.name for c in table.c if c.info.get("sealed")],
        {c.name: c.info["indexes"] for c in table.c if "indexes" in c.info},
        [c.name for c in table.primary_key],
    )
