"""The steps of `vigil migrate` end in exactly the tables that the program uses."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from builders import VAULT

from alerts.store import Store, Unavailable
from alerts.store.tables import metadata


def ours(table: str) -> bool:
    """Procrastinate and Alembic make theirs themselves."""
    return not table.startswith(("procrastinate_", "alembic_"))


def shape(engine: sa.Engine) -> dict[str, object]:
    inspector = sa.inspect(engine)
    return {
        table: {
            "columns": [(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)],
            "key": inspector.get_pk_constraint(table)["constrained_columns"],
            "indexes": sorted(
                (str(i["name"]), i["column_names"], bool(i["unique"])) for i in inspector.get_indexes(table)
            ),
            "unique": sorted(tuple(u["column_names"]) for u in inspector.get_unique_constraints(table)),
            "references": sorted(
                (*f["constrained_columns"], f["referred_table"]) for f in inspector.get_foreign_keys(table)
            ),
        }
        for table in inspector.get_table_names()
        if ours(table)
    }


def test_migrated_tables_are_the_tables_of_the_code(database_url, tmp_path, request):
    store = Store(database_url, VAULT)
    store.migrate()
    with store._writer.connect() as conn:
        context = MigrationContext.configure(
            conn,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                "include_name": lambda name, kind, parents: kind != "table" or ours(name),
            },
        )
        assert compare_metadata(context, metadata) == []
    made = Store(f"sqlite:///{tmp_path / 'made.db'}", VAULT) if store.on_sqlite else None
    url = made.url if made else request.getfixturevalue("postgres").create()
    made = made or Store(url, VAULT)
    metadata.create_all(made._writer)
    assert shape(store._writer) == shape(made._writer)
    store.close()
    made.close()


def test_strictness_and_all_that_sqlite_wrote_down_is_the_same(tmp_path):
    migrated, made = (Store(f"sqlite:///{tmp_path / name}", VAULT) for name in ("migrated.db", "made.db"))
    migrated.migrate()
    metadata.create_all(made._writer)
    found = []
    for store in (migrated, made):
        with store._reader.connect() as conn:
            rows = conn.exec_driver_sql("SELECT name, strict, wr FROM pragma_table_list WHERE type = 'table'")
            found.append({tuple(row) for row in rows if not row.name.startswith(("sqlite_", "alembic_"))})
        store.close()
    assert found[0] == found[1]
    assert {row[1] for row in found[0]} == {1}


def test_migrating_twice_changes_nothing(database_url):
    store = Store(database_url, VAULT)
    assert store.empty()
    with pytest.raises(Unavailable, match="vigil migrate"):
        store.behind()
    store.migrate()
    assert not store.empty()
    assert not store.behind()
    with store.begin() as tx:
        assert tx.next_number("UA", 2030) == 1
    store.migrate()
    with store.begin() as tx:
        assert tx.next_number("UA", 2030) == 2
        assert tx.audit.broken_at() is None
    store.close()


def test_a_step_that_fails_leaves_nothing_behind(database_url, monkeypatch):
    store = Store(database_url, VAULT)
    monkeypatch.setattr("alembic.op.create_index", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        store.migrate()
    assert store.empty()
    monkeypatch.undo()
    store.migrate()
    assert not store.behind()
    store.close()
