"""How often something failed of late, in this process's memory. It forgets on a restart: it slows guessing, no more."""

import threading
from collections import OrderedDict, deque
from datetime import timedelta
from weakref import WeakKeyDictionary

from alerts.domain.times import Instant
from alerts.store import Store

FAILURES, WITHIN, PAUSE = 5, timedelta(minutes=15), timedelta(minutes=1)
MOST_KEYS = 10_000


class Throttle:
    """Keys are blind indexes: no address stays in memory. The key that failed longest ago is forgotten first."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._failed: OrderedDict[bytes, deque[Instant]] = OrderedDict()

    def waits(self, key: bytes, now: Instant) -> bool:
        """Whether one more try must wait: five failures in a quarter of an hour, the last within a minute."""
        with self._guard:
            failed = self._failed.get(key, deque())
            recent = [at for at in failed if now - at < WITHIN]
            return len(recent) >= FAILURES and now - recent[-1] < PAUSE

    def failed(self, key: bytes, now: Instant) -> None:
        with self._guard:
            self._failed.setdefault(key, deque(maxlen=FAILURES)).append(now)
            self._failed.move_to_end(key)
            if len(self._failed) > MOST_KEYS:
                self._failed.popitem(last=False)

    def forget(self, key: bytes) -> None:
        with self._guard:
            self._failed.pop(key, None)


_of: WeakKeyDictionary[Store, Throttle] = WeakKeyDictionary()


def of(store: Store) -> Throttle:
    """The one throttle of a desk in this process."""
    return _of.setdefault(store, Throttle())
