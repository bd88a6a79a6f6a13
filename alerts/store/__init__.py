"""The one place that knows SQL."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from alerts.store import migrations
from alerts.store.engine import Unavailable, connect, plain_errors
from alerts.store.fifo import Fifo
from alerts.store.tx import Tx
from alerts.store.vault import Vault

__all__ = ["Store", "Tx", "Unavailable"]

DESK = 0x76696769
"""The number of the advisory lock that says: somebody works here."""

BREATH = 0.005
"""Seconds that the ledger leaves between its commits, so that other processes get in."""


class Store:
    """A desk's database. Writers of this process queue in the order in which they came."""

    def __init__(self, url: str, vault: Vault) -> None:
        self.url, self.vault = url, vault
        self._writer, self._reader = connect(url, writes=True), connect(url, writes=False)
        self._turn = Fifo()
        self._flushed = 0.0

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """One consistent view; what is written in it is an error. Raises Unavailable."""
        with plain_errors(), self._reader.begin() as conn:
            yield Tx(conn, self.vault, writes=False)

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        """All of it or nothing. Raises Unavailable."""
        with plain_errors():
            with self._turn, self._writer.begin() as conn:
                tx = Tx(conn, self.vault, writes=True)
                yield tx
            for call in tx.after:
                call()

    @contextmanager
    def flush(self) -> Iterator[Tx]:
        """As `begin`, for the ledger: leaves a breath for others after its last commit."""
        time.sleep(max(0.0, self._flushed + BREATH - time.monotonic()))
        with self.begin() as tx:
            yield tx
        self._flushed = time.monotonic()

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether no other process, on whatever host, works at this desk: held until the block ends.

        PostgreSQL knows by an advisory lock, which it frees a moment after its holder's death; SQLite's file is this
        host's.
        """
        if self.on_sqlite:
            yield True
            return
        with plain_errors(), self._writer.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            query = sa.select(sa.func.pg_try_advisory_lock(DESK))
            held, tries = bool(conn.execute(query).scalar()), 50
            while not held and tries:
                time.sleep(0.1)
                held, tries = bool(conn.execute(query).scalar()), tries - 1
            yield held

    @property
    def on_sqlite(self) -> bool:
        return self._writer.dialect.name == "sqlite"

    def migrate(self) -> None:
        """Bring the tables up to date. Raises Unavailable."""
        with plain_errors(), self._turn:
            migrations.upgrade(self._writer)

    def empty(self) -> bool:
        """Whether no desk was ever kept here."""
        with plain_errors(), self._reader.connect() as conn:
            return not sa.inspect(conn).has_table("audit_head")

    def behind(self) -> bool:
        """Whether the tables wait for a step of `migrate`."""
        with plain_errors(), self._reader.connect() as conn:
            return migrations.behind(conn)

    def close(self) -> None:
        self._writer.dispose()
        self._reader.dispose()
