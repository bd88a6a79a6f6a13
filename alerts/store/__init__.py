"""The one place that knows SQL."""

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from alerts.store import migrations
from alerts.store.engine import Unavailable, connect, plain_errors
from alerts.store.fifo import Fifo
from alerts.store.tx import Tx
from alerts.store.vault import Vault

__all__ = ["Store", "Tx", "Unavailable"]

BREATH = 0.005
"""Seconds that the ledger leaves between its commits, so that other processes get in."""


class Store:
    """A desk's database. Writers of this process queue in the order in which they came. `zone`: the desk's.
    `scarce`: its own relay has a limit.
    """

    def __init__(self, url: str, vault: Vault, zone: str = "UTC", *, scarce: bool = False) -> None:
        self.url, self.vault, self.zone, self.scarce = url, vault, zone, scarce
        self._writer, self._reader = connect(url, writes=True), connect(url, writes=False)
        self._turn = Fifo()
        self._flushed = 0.0

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """One consistent view; what is written in it is an error. Raises Unavailable."""
        with plain_errors(), self._reader.begin() as conn:
            yield Tx(conn, self.vault, writes=False, zone=self.zone, scarce=self.scarce)

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        """All of it or nothing. Raises Unavailable."""
        with plain_errors():
            with self._turn, self._writer.begin() as conn:
                tx = Tx(conn, self.vault, writes=True, zone=self.zone, scarce=self.scarce)
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
    def watched(self) -> Iterator[Callable[[], bool]]:
        """Asks whether anybody has committed since it was asked last: microseconds on SQLite, always no on PostgreSQL,
        whose queue brings word by itself.
        """
        if not self.on_sqlite:
            yield lambda: False
            return
        with plain_errors(), contextlib.closing(self._reader.raw_connection()) as conn:
            seen = 0

            def changed() -> bool:
                nonlocal seen
                before, seen = seen, conn.cursor().execute("PRAGMA data_version").fetchone()[0]
                return bool(seen != before)

            changed()
            yield changed

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
