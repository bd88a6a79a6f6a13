"""What `vigil run` and `vigil work` do: the clock and the worker, until they are told to stop."""

import asyncio
import contextlib

from alerts.bootstrap import App
from alerts.domain.errors import Conflict
from alerts.engine import ticks
from alerts.engine.clock import clock
from alerts.engine.lock import WorkerLock
from alerts.engine.worker import Worker


async def work(app: App, stop: asyncio.Event, began: asyncio.Event | None = None) -> None:
    """On SQLite one process works at a desk: raises Conflict where another does. `began` is set once that is known.

    What is under way when `stop` is set is recorded first.
    """
    with WorkerLock(app.settings.data.dir) if app.store.on_sqlite else contextlib.nullcontext():
        if began:
            began.set()
        worker, ticking = Worker(app), clock(app)
        await asyncio.to_thread(worker.recover)
        await ticks.ladders(app, app.now())  # before anybody is reminded: zone rules may be newer than the dates
        ticking.start()
        stopped = asyncio.create_task(stop.wait())
        bringing = asyncio.create_task(app.queue.work(worker.deliver, stop))
        working = asyncio.create_task(worker.run())
        try:
            await asyncio.wait([working, bringing, stopped], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.set()
            ticking.shutdown(wait=False)
            worker.stop()
            try:
                await asyncio.gather(working, bringing)
            except OSError as error:
                raise Conflict(f"The crash journal cannot be kept in {app.journals}: {error.strerror}.") from None
            finally:
                await app.egress.close()
