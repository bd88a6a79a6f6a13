"""Politeness: when each host may be asked again. One visit at a time, and a pause between two."""

import asyncio
from collections import defaultdict

PAUSE = 5.0
"""Seconds between the beginnings of two visits to one host."""

PATIENCE = 10.0
"""Seconds for which a visit waits for its turn. Whoever would wait longer is put off."""

REMEMBERED = 50_000


class Hosts:
    """For all rounds of one process. Each process has its own: two that poll may ask a host at the same time."""

    def __init__(self) -> None:
        self.locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._free: dict[str, float] = {}

    def turn(self, host: str, now: float) -> float:
        """Seconds until that host may be asked; the turn is taken, unless that is more than PATIENCE."""
        if len(self._free) > REMEMBERED:
            self._free = {name: at for name, at in self._free.items() if at > now}
            self.locks = defaultdict(asyncio.Lock, {name: lock for name, lock in self.locks.items() if lock.locked()})
        wait = max(0.0, self._free.get(host, 0.0) - now)
        if wait <= PATIENCE:
            self._free[host] = now + wait + PAUSE
        return wait
