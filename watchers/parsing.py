"""Read what strangers serve in a child process, which can be ended.

One hostile document of a megabyte keeps feedparser busy for minutes, and no thread can be stopped. The child has ten
seconds and little memory, knows nothing of the desk (no keys, no database, no environment), and answers in JSON.
"""

import asyncio
import atexit
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from typing import IO, Any

from alerts.domain.errors import Invalid
from alerts.domain.watching import Item

SECONDS = 10
MEMORY = 384 * 1024 * 1024
JOBS = 500
"""After so many documents a child is replaced, so that what it may have leaked goes with it."""
CHILDREN = 2
"""So that one hostile document does not hold up all others."""


async def parse(watcher: str, body: bytes, content_type: str, url: str, pick: str = "") -> tuple[Item, ...]:
    """What `parse` of that watcher's module answers, worked out elsewhere; `pick` is for a page alone.

    Raises Invalid; RuntimeError for a bug.
    """
    job = {"watcher": watcher, "content_type": content_type, "url": url, "size": len(body), "pick": pick}
    answer = await asyncio.get_running_loop().run_in_executor(_threads(), _ask, job, body)
    if "bug" in answer:
        raise RuntimeError(answer["bug"])
    if "invalid" in answer:
        raise Invalid(answer["invalid"])
    return tuple(_item(values) for values in answer["items"])


# the parent's side: a few threads, each with a child of its own


class _Child:
    def __init__(self) -> None:
        needed = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
        self.jobs = 0
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "watchers.parsing"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=needed, start_new_session=True,
        )  # fmt: skip

    def ask(self, job: dict[str, Any], body: bytes) -> dict[str, Any]:
        """Raises OSError or ValueError where the child ended over it."""
        asked, answered = self.process.stdin, self.process.stdout
        assert asked and answered
        self.jobs += 1
        asked.write(json.dumps(job).encode() + b"\n" + body)
        asked.flush()
        answer: dict[str, Any] = json.loads(answered.readline())
        return answer

    def end(self) -> None:
        self.process.kill()
        with suppress(OSError):
            self.process.communicate()


_mine = threading.local()


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(CHILDREN, thread_name_prefix="parsing")


def _ask(job: dict[str, Any], body: bytes) -> dict[str, Any]:
    child: _Child | None = getattr(_mine, "child", None)
    if child is None or child.jobs >= JOBS or child.process.poll() is not None:
        if child:
            _end(child)
        child = _mine.child = _Child()
        atexit.register(child.end)
    try:
        return child.ask(job, body)
    except (OSError, ValueError):
        _end(child)
        how = child.process.returncode
        if how == -signal.SIGALRM:
            return {"invalid": f"reading it takes longer than {SECONDS} s"}
        return {"invalid": f"reading it ended the reader (code {how})"}


def _end(child: _Child) -> None:
    _mine.child = None
    child.end()
    atexit.unregister(child.end)


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
        signal.alarm(SECONDS)
        answer = _answer(job, body)
        signal.alarm(0)
        answered.write(json.dumps(answer).encode() + b"\n")
        answered.flush()


def _answer(job: dict[str, Any], body: bytes) -> dict[str, Any]:
    watcher = importlib.import_module(job["watcher"])
    try:
        items = watcher.parse(body, job["content_type"], job["url"], *([job["pick"]] if job["pick"] else []))
    except Invalid as refusal:
        return {"invalid": str(refusal)}
    except MemoryError:
        return {"invalid": "reading it takes too much memory"}
    except Exception:  # noqa: BLE001 a bug, or a document that finds one in feedparser: the parent logs it
        return {"bug": traceback.format_exc()}
    return {"items": [asdict(i) | {"published": i.published and i.published.isoformat()} for i in items]}


def _limit() -> None:
    if sys.platform == "linux":  # elsewhere the system takes the figure and does not keep to it
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _limit()
    serve(sys.stdin.buffer, sys.stdout.buffer)
