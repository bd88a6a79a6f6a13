"""The crash journal: which mails were taken since the last commit, so that a `kill -9` costs almost no duplicate.

An entry is eight bytes: the batch's number (5), the last byte of its token (1), the place in it (2); zeros follow the
last. It is stored in a mapped file as soon as the relay said yes, without a call to the system: that survives the death
of the process, not a power cut. The token's byte keeps an old file from speaking of a database that was restored since.
Two files take turns: one fills while the other's entries are being committed, and is emptied after. They also say who
lives: a file that nobody holds (`flock`) is of a worker that died, and whoever comes next on this machine replays it.
"""

import contextlib
import errno
import fcntl
import mmap
import os
import struct
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from types import TracebackType
from typing import Self

ENTRY = struct.Struct(">Q")
SIZE = 256 * 1024
"""Octets in a file: many times what a worker has in hand, which takes nothing more until the last is recorded."""

Dead = dict[str, list[tuple[int, int]]]
"""Workers that died on this machine, each with what it had taken and not recorded: mark and place."""


class Journal:
    """One worker's journal in `folder`. `id` begins each of the worker's tokens. Raises OSError where it cannot be."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.id = folder, os.urandom(4).hex()
        self._files: list[int] = []
        self._maps: list[mmap.mmap] = []
        self._ends, self._now = [0, 0], 0

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in self._paths():
            made = path.with_name(f"new-{path.name}x")  # nobody takes it for a dead one's before it is held
            file = os.open(made, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                if os.write(file, bytes(SIZE)) < SIZE:  # now, while a full disk is an error that can be told
                    raise OSError(errno.ENOSPC, "the disk is full", str(made))
                os.fsync(file)
                self._maps.append(mmap.mmap(file, SIZE))
            except OSError:
                os.close(file)
                made.unlink()
                raise
            self._files.append(file)
            made.rename(path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not any(self._ends):  # else it stays for whoever comes next
            for path in self._paths():
                path.unlink(missing_ok=True)
        for mapped, file in zip(self._maps, self._files, strict=True):
            mapped.close()
            os.close(file)

    def taken(self, mark: int, n: int) -> None:
        now = self._now
        ENTRY.pack_into(self._maps[now], self._ends[now], mark | n)
        self._ends[now] += ENTRY.size

    def turn(self) -> None:
        """What is taken from now on belongs to the next commit but this."""
        self._now ^= 1

    def recorded(self) -> None:
        """All that was taken before the last `turn` is in the ledger."""
        last = self._now ^ 1
        self._maps[last][: self._ends[last]] = bytes(self._ends[last])
        self._ends[last] = 0

    def _paths(self) -> list[Path]:
        return [self.folder / f"{self.id}-{turn}" for turn in range(2)]


def mark(batch_no: int, token: str) -> int:
    """What the entries of one holder's batch have in common."""
    return batch_no << 24 | int(token[-2:], 16) << 16


@contextlib.contextmanager
def left_behind(folder: Path) -> Iterator[Dead]:
    """The dead of this machine. Their files go once the block ends well."""
    found: Dead = {}
    held: list[tuple[Path, int]] = []
    try:
        for first in sorted(folder.glob("*-0")):
            if _locked(first, held):  # its second file is ours then, too: else two might each take one of them
                _locked(first.with_name(f"{first.name[:-1]}1"), held)
        for path, file in held:
            found.setdefault(path.name[:-2], []).extend(_entries(os.pread(file, SIZE, 0)))
        yield found
        for path, _ in reversed(held):  # the first goes last: by it the second is found
            path.unlink(missing_ok=True)
    finally:
        for _, file in held:
            os.close(file)


def _locked(path: Path, held: list[tuple[Path, int]]) -> bool:
    """Whether it is of a dead worker, and nobody else's by now."""
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:  # another worker was faster
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return False
    held.append((path, file))
    return True


def _entries(data: bytes) -> list[tuple[int, int]]:
    whole = len(data) - len(data) % ENTRY.size
    found = takewhile(bool, (entry for (entry,) in ENTRY.iter_unpack(data[:whole])))
    return [(entry & ~0xFFFF, entry & 0xFFFF) for entry in found]
