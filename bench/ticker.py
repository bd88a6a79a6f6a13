"""One clock of the product in a process of its own, with its tick of reminders alone: a line for each time it looked.

It begins with the first line on standard input, and ends with it.
"""

import asyncio
import os
import sys

from apscheduler.events import EVENT_JOB_EXECUTED

from alerts.bootstrap import build, utc_now
from alerts.cli.run import run_loop
from alerts.engine.clock import clock
from alerts.engine.ticks import reminders
from alerts.settings import load


async def main() -> None:
    app = build(load(None, os.environ), utc_now)
    await reminders(app, app.now())  # what is read and made once is not the clock's lateness
    scheduler = clock(app)
    for job in scheduler.get_jobs():
        if job.id != reminders.__name__:
            job.remove()
    scheduler.add_listener(lambda _: print("looked", flush=True), EVENT_JOB_EXECUTED)
    loop = asyncio.get_running_loop()
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)
    scheduler.start()
    await loop.run_in_executor(None, sys.stdin.read)
    scheduler.shutdown()
    app.close()


if __name__ == "__main__":
    run_loop(main())
