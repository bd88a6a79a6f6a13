"""The poller of the product in a process of its own: for each line on standard input one round of what is due.

It prints the round as one line of JSON: what was visited, new and failed, the seconds from the first claim to the last
commit, and the processor's seconds of this process and of the children in which feeds are read.
"""

import asyncio
import json
import os
import resource
import sys
import time

from alerts.bootstrap import build, utc_now
from alerts.cli.run import run_loop
from alerts.engine.polling import visit_due
from alerts.settings import load


async def main() -> None:
    app = build(load(None, os.environ), utc_now)
    loop = asyncio.get_running_loop()
    print("ready", flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        before = time.process_time()
        done = await visit_due(app, app.now())
        print(
            json.dumps({
                "visited": done.visited, "new": done.new, "failed": [reason for _, reason in done.failed],
                "seconds": done.seconds, "cpu": time.process_time() - before,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }),
            flush=True,
        )  # fmt: skip
    await app.egress.close()
    app.close()


if __name__ == "__main__":
    run_loop(main())
