"""Many rows in one statement: a list of thousands must not hold other writers up for longer than they wait."""

from collections.abc import Sequence
from typing import TypeVar

import sqlalchemy as sa

from alerts.store.rows import Rows

T = TypeVar("T")


def save_all(rows: Rows[T], things: Sequence[T]) -> None:
    """As `rows.save` for each of them; theirs is a table with an `id`."""
    if not things:
        return
    values = [rows.dump(thing) for thing in things]
    columns = {name: sa.bindparam(f"new_{name}", type_=rows.table.c[name].type) for name in values[0] if name != "id"}
    query = sa.update(rows.table).where(rows.table.c.id == sa.bindparam("its_id")).values(columns)
    rows.conn.execute(
        query, [{"its_id": one.pop("id"), **{f"new_{name}": value for name, value in one.items()}} for one in values]
    )
