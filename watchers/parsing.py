"""Read what strangers serve in a child process, which can be ended.

One hostile document of a megabyte keeps feedparser busy for minutes, and no thread can be stopped. The child has eight
seconds and little memory, knows nothing of the desk (no keys, no database, no environment), and answers in JSON: what
was taken over in there cannot reach further than an item's words.
"""

import asyncio
import importlib
import json
import os
import signal
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from typing import IO, Any

from alerts.domain.errors import Invalid
from alerts.domain.watching import Identity, Item, Reading
from watchers.children import MEMORY, SECONDS, ask

CHILDREN = 2
"""So that one hostile document does not hold up all others."""

LANE = 20
"""Sources that failed are read by a child of their own. So many wait for it at most: the rest is asked again later."""


async def read(
    watcher: str, body: bytes, content_type: str, url: str, hint: str = "", *, suspect: bool = False
) -> Reading:
    """What `read` of that watcher's module answers, worked out elsewhere. Raises Invalid; RuntimeError for a bug.

    `hint`: what is known of the source and helps to read it: a feed's identity, a page's selector. `suspect`: this
    source failed when it was asked last; it waits behind others of its kind, and keeps nobody else waiting.
    """
    job = {"watcher": watcher, "content_type": content_type, "url": url, "hint": hint, "size": len(body)}
    answer = await (_in_the_slow_lane(job, body) if suspect else _run(_threads(), job, body))
    if "bug" in answer:
        raise RuntimeError(answer["bug"])
    if "invalid" in answer:
        raise Invalid(answer["invalid"])
    values = answer["reading"]
    identity = Identity(values.pop("identity")) if values["identity"] else values.pop("identity")
    return Reading(tuple(_item(one) for one in values.pop("items")), identity=identity, **values)


async def _in_the_slow_lane(job: dict[str, Any], body: bytes) -> dict[str, Any]:
    global _waiting  # noqa: PLW0603 one loop counts, and only it
    if _waiting >= LANE:
        return {"invalid": "too many sources that failed are being read at this moment; it is asked again"}
    _waiting += 1
    try:
        return await _run(_slow(), job, body)
    finally:
        _waiting -= 1


async def _run(threads: ThreadPoolExecutor, job: dict[str, Any], body: bytes) -> dict[str, Any]:
    return await asyncio.get_running_loop().run_in_executor(threads, ask, job, body)


_waiting = 0


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(CHILDREN, thread_name_prefix="parsing")


@cache
def _slow() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="parsing-slow")


def _item(values: dict[str, Any]) -> Item:
    published = values.pop("published")
    return Item(**values, published=datetime.fromisoformat(published).astimezone(UTC) if published else None)


# the child's side


def serve(asked: IO[bytes], answered: IO[bytes]) -> None:
    """Answer job after job, until the parent is gone."""
    while line := asked.readline():
        job = json.loads(line)
        body = asked.read(job["size"])
        # The kernel ends us when it rings: whatever code we are in, and even where the parent was killed.
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        answer = _answer(job, body)
        signal.setitimer(signal.ITIMER_REAL, 0)
        answered.write(json.dumps(answer).encode() + b"\n")
        answered.flush()


def _answer(job: dict[str, Any], body: bytes) -> dict[str, Any]:
    watcher = importlib.import_module(job["watcher"])
    try:
        reading = watcher.read(body, job["content_type"], job["url"], job["hint"])
    except Invalid as refusal:
        return {"invalid": str(refusal)}
    except MemoryError:
        return {"invalid": "reading it takes too much memory", "spent": True}
    except RecursionError:
        return {"invalid": "it is nested too deeply to be read"}
    except Exception:  # noqa: BLE001 a bug, or a document that finds one in feedparser: the parent logs it
        return {"bug": traceback.format_exc()}
    items = [asdict(i) | {"published": i.published and i.published.isoformat()} for i in reading.items]
    return {"reading": {name: getattr(reading, name) for name in reading.__slots__} | {"items": items}}


def _limit() -> None:
    if sys.platform == "linux":  # elsewhere the system takes the figure and does not keep to it: the parent watches
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    os.nice(5)  # whoever answers people goes first
    _limit()
    serve(sys.stdin.buffer, sys.stdout.buffer)
