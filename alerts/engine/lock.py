"""Exactly one process works at a desk that has no queue server."""

import fcntl
import os
from pathlib import Path
from types import TracebackType

from alerts.domain.errors import Conflict


class WorkerLock:
    """`flock` on data.dir/worker.lock: the kernel frees it within a millisecond of a `kill -9`. Raises Conflict."""

    def __init__(self, folder: str) -> None:
        self.file = Path(folder) / "worker.lock"
        self._descriptor = -1

    def __enter__(self) -> "WorkerLock":
        self._descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            other = os.read(self._descriptor, 32).decode().strip() or "unknown"
            os.close(self._descriptor)
            raise Conflict(
                f"This desk is worked at already, by process {other} (see {self.file}): stop that one first."
            ) from None
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, f"{os.getpid()}\n".encode())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)
