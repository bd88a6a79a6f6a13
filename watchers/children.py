"""The child processes in which strangers' documents are read: one for each thread that asks, replaced now and then.

Whatever happens in a child, the thread has its answer after SECONDS and a moment.
"""

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import Any

SECONDS = 8.0
"""For one document. The child's own alarm ends it; should that fail, the parent does, two seconds later."""

GRACE = 1.5
MEMORY = 300 * 1024 * 1024
"""Bytes that a child may have. Linux refuses it more (RLIMIT_AS); elsewhere the parent looks and ends it."""

JOBS = 500
"""After so many documents a child is replaced, so that what it may have leaked goes with it."""

LOOK = 0.2


class _Child:
    def __init__(self) -> None:
        needed = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
        self.jobs = 0
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "watchers.parsing"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=needed, start_new_session=True, bufsize=0,
        )  # fmt: skip
        assert self.process.stdin and self.process.stdout
        self.asked, self.answered = self.process.stdin.fileno(), self.process.stdout.fileno()
        os.set_blocking(self.asked, False)

    def ask(self, job: dict[str, Any], body: bytes) -> dict[str, Any]:
        """Raises OSError or ValueError where the child ended over it, TimeoutError where it had to be ended."""
        self.jobs += 1
        # it starts with its imports, on a busy machine for a while; the alarm rings from when it has the document
        deadline = time.monotonic() + SECONDS + GRACE + (5.0 if self.jobs == 1 else 0.0)
        unsent = memoryview(json.dumps(job).encode() + b"\n" + body)
        while unsent:
            self._wait(self.asked, select.POLLOUT, deadline)
            unsent = unsent[os.write(self.asked, unsent) :]
        said = bytearray()
        while not said.endswith(b"\n"):
            self._wait(self.answered, select.POLLIN, deadline)
            if not (more := os.read(self.answered, 1 << 20)):
                raise ValueError("the child is gone")
            said += more
        answer: dict[str, Any] = json.loads(said)
        return answer

    def _wait(self, pipe: int, until: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(pipe, until)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            if sys.platform != "linux" and self._too_big():
                raise MemoryError
            if poll.poll(1000 * min(left, LOOK)):
                return

    def _too_big(self) -> bool:
        """What `ps` says, where the system itself keeps no limit (macOS)."""
        asked = ["ps", "-o", "rss=", "-p", str(self.process.pid)]
        said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
        return said.isdigit() and int(said) * 1024 > MEMORY

    def end(self) -> None:
        self.process.kill()
        with suppress(OSError):
            self.process.communicate()


_mine = threading.local()


def ask(job: dict[str, Any], body: bytes) -> dict[str, Any]:
    """What this thread's child answers; a child that ended over the document is replaced for the next one."""
    child: _Child | None = getattr(_mine, "child", None)
    if child is None or child.jobs >= JOBS or child.process.poll() is not None:
        if child:
            _end(child)
        child = _mine.child = _Child()
        atexit.register(child.end)
    try:
        answer = child.ask(job, body)
        if answer.pop("spent", False):  # what it could not give back would be missing for the next document
            _end(child)
        return answer
    except TimeoutError:
        _end(child)
        return {"invalid": f"reading it takes longer than {SECONDS:.0f} s"}
    except MemoryError:
        _end(child)
        return {"invalid": "reading it takes too much memory"}
    except (OSError, ValueError):
        _end(child)
        how = child.process.returncode
        if how == -signal.SIGALRM:
            return {"invalid": f"reading it takes longer than {SECONDS:.0f} s"}
        return {"invalid": f"reading it ended the reader (code {how})"}


def _end(child: _Child) -> None:
    _mine.child = None
    child.end()
    atexit.unregister(child.end)
