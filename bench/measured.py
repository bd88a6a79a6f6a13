"""`vigil …` as a child process: how much of the processor it has used, and how much memory at most."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alerts.domain.errors import Conflict

VIGIL = [sys.executable, "-c", "from alerts.cli import main; main()"]


@contextmanager
def uninterrupted() -> Iterator[None]:
    """A Ctrl-C while a child is being started comes once we know the child: else nobody would end it."""
    asked: list[int] = []
    before = {sign: signal.signal(sign, lambda sign, _: asked.append(sign)) for sign in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
    if asked:
        raise KeyboardInterrupt


class Measured:
    """Its own session: Ctrl-C reaches only us, and we end it. Figures come from /proc; elsewhere they are None."""

    def __init__(self, words: list[str], environment: dict[str, str], folder: Path) -> None:
        self.log = folder / "worker.log"
        try:
            with self.log.open("ab") as log, uninterrupted():
                self.process = subprocess.Popen(
                    [*VIGIL, *words], env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    start_new_session=True,
                )  # fmt: skip
        except KeyboardInterrupt:
            self.kill()
            raise

    def cpu(self) -> float | None:
        """Seconds, of all its threads, in the program and for it in the kernel."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(") ")[2].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_mb(self) -> float | None:
        try:
            lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        except OSError:
            return None
        return next((round(int(line.split()[1]) / 1024, 1) for line in lines if line.startswith("VmHWM")), None)

    def until(self, true: Callable[[], bool], otherwise: str, seconds: float = 60, look: float = 0.02) -> float:
        """Wait for it, and answer when it was found true. Raises Conflict if the child ends before, or time is up."""
        end = time.monotonic() + seconds
        while not true():
            if self.process.poll() is not None or time.monotonic() > end:
                said = self.log.read_text(errors="replace").strip().splitlines()
                raise Conflict(f"{otherwise}; it last said: {said[-1] if said else 'nothing'}")
            time.sleep(look)
        return time.monotonic()

    def stop(self) -> None:
        """As a service is stopped: it records what is under way."""
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
