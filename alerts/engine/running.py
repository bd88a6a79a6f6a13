"""What `vigil run` and `vigil work` do: the clock and the worker, until they are told to stop."""

import asyncio

from alerts.bootstrap import App
from alerts.domain.errors import Conflict
from alerts.engine.clock import clock
from alerts.engine.lock import WorkerLock
from alerts.engine.worker import Worker
from alerts.services import delivering


async def work(app: App, stop: asyncio.Event, began: asyncio.Event | None = None) -> None:
    """Raises Conflict where another process works at this desk; `began` is set once it is known that none does.

    What is under way when `stop` is set is recorded first.
    """
    with WorkerLock(app.settings.data.dir), app.store.alone() as alone:
        if not alone:
            raise Conflict("This desk is worked at already, by a process on another computer: stop that one first.")
        if began:
            began.set()
        await asyncio.to_thread(delivering.recover, app.store, app.now())
        worker, ticking = Worker(app, app.email), clock(app)
        ticking.start()
        working = asyncio.create_task(worker.run())
        try:
            await asyncio.wait([working, asyncio.create_task(stop.wait())], return_when=asyncio.FIRST_COMPLETED)
        finally:
            ticking.shutdown(wait=False)
            worker.stop()
            await working
            await app.egress.close()
