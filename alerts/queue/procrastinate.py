"""PostgreSQL: Procrastinate's job rows commit with ours, and its workers, as many as wanted, take them by priority.

There is one job for each open batch, made with the batch or by `reconcile`. A job of a worker whose heartbeat stopped
is given to another; that the first may still live is the ledger's affair, which fences it by the batch's token. On the
same machine a death is known at once, by the journal that nobody holds any more.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable

import procrastinate
import psycopg
import sqlalchemy as sa
from procrastinate.exceptions import ProcrastinateException
from procrastinate.jobs import Status
from procrastinate.types import JSONValue

from alerts.queue import Deliver, Transaction, asleep

AT_ONCE = 10
"""Batches in one worker's hands: while some are recorded, the others are sent."""

STALLED, SWEEP = 30, 5
"""Seconds without a heartbeat after which a worker counts as dead, and how often that is looked for."""

_COVERED = (
    "SELECT (args->>'no')::int FROM procrastinate_jobs WHERE task_name = 'deliver' AND status IN ('todo', 'doing')"
)

_RETRY = (
    "SELECT procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL) FROM procrastinate_jobs"
    " WHERE task_name = 'deliver' AND status = 'doing' AND (args->>'no')::int = ANY(%s)"
)
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('vigil jobs'))"

log = logging.getLogger("vigil.queue")


class ProcrastinateQueue:
    brings = True

    def __init__(self, url: str) -> None:
        self.wake: Callable[[], None] = asleep
        self._conninfo = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        # never opened: it defers on the connection of our own transaction
        self._app = procrastinate.App(connector=procrastinate.SyncPsycopgConnector(conninfo=self._conninfo))

    def defer(self, tx: Transaction, task: str, priority: int, jobs: list[int]) -> None:
        if jobs:
            tx.after.append(self._woken)
        numbers = [no for no in jobs if no]
        if numbers:
            connection = tx.conn.connection.driver_connection
            deferring = self._app.configure_task(task, queue=task, priority=-priority, connection=connection)
            rows: list[dict[str, JSONValue]] = [{"no": no} for no in numbers]
            deferring.batch_defer(*rows)

    def covered(self, tx: Transaction) -> set[int]:
        """Who asks holds a lock until the end of the transaction: no two clocks give one batch two jobs."""
        tx.conn.exec_driver_sql(_LOCK)
        return set(tx.conn.exec_driver_sql(_COVERED).scalars())

    def lost(self, tx: Transaction, numbers: list[int]) -> None:
        tx.conn.exec_driver_sql(_RETRY, (numbers,))

    async def work(self, deliver: Deliver, stop: asyncio.Event) -> None:
        """A database that goes away is waited for."""
        while not stop.is_set():
            try:
                await self._work(deliver, stop)
            except (ProcrastinateException, psycopg.Error, OSError) as failure:
                log.warning("The queue does not answer (%s); it is asked again in a moment.", type(failure).__name__)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), 1)

    async def _work(self, deliver: Deliver, stop: asyncio.Event) -> None:
        app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=self._conninfo))

        @app.task(name="deliver", queue="deliver")
        async def one(no: int) -> None:
            await deliver(no)

        async with app.open_async():
            working = asyncio.create_task(
                app.run_worker_async(
                    queues=["deliver"], concurrency=AT_ONCE, delete_jobs="successful", install_signal_handlers=False,
                    fetch_job_polling_interval=1, stalled_worker_timeout=STALLED,
                )
            )  # fmt: skip
            sweeping, stopped = asyncio.create_task(_sweep(app)), asyncio.create_task(stop.wait())
            await asyncio.wait([working, sweeping, stopped], return_when=asyncio.FIRST_COMPLETED)
            sweeping.cancel()
            stopped.cancel()
            if not working.done():
                working.cancel()  # it takes no more, and waits for what is under way
            ends = await asyncio.gather(working, sweeping, return_exceptions=True)
            for end in ends:
                if isinstance(end, BaseException) and not isinstance(end, asyncio.CancelledError):
                    raise end

    def _woken(self) -> None:
        self.wake()


async def _sweep(app: procrastinate.App) -> None:
    """Jobs of the dead are ended, and `reconcile` makes new ones for what they had not sent.

    The same job brought again would end when its first holder wakes, although it is only a zombie.
    """
    while True:
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
            with contextlib.suppress(ProcrastinateException):  # another worker was faster
                await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
                log.warning("A worker is gone; what it was sending is taken over.")
        await asyncio.sleep(SWEEP)
