"""Recipient domains that asked for patience, as one process and one relay see them. Nothing of it is stored."""

import re
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta

from alerts.domain.delivery import Outcome, Retry, Sent
from alerts.domain.times import Instant

MINUTE = timedelta(minutes=1)
AT_ONCE = ("421", "454")
"""By these a server asks for patience itself: RFC 5321 §3.8, RFC 4954 §6; Amazon SES says 454 for its sending rate."""
SEVERAL, SEVERAL_CODES = 3, ("450", "451")
RATE = re.compile(r"(?i)\b(?:too (?:many|much|fast|quick|often|frequent)|rate|limit|throttl|slow|busy|exceed)")
"""These codes mean many things. A domain that greylists puts off each reader's first mails, however slowly they come:
each waits for themselves. But three within a minute that speak of how much we send speak for the domain.
"""
FIRST, LEAST, FREE = 10.0, 1.0, 640.0
"""Mails a minute: where a slowed domain begins, the slowest, and the pace at which it is free again."""
SAME = timedelta(seconds=10)
"""Refusals this close to the last change belong to it: they answer what was already under way."""
MOST = 10_000
"""Domains that are remembered."""


@dataclass(slots=True)
class _Domain:
    pace: float = 0.0
    changed_at: Instant | None = None
    free_at: Instant | None = None
    later: deque[Instant] = field(default_factory=lambda: deque(maxlen=SEVERAL))


class Slowed:
    """One pace a domain, halved when it refuses again and doubled after each minute without a refusal."""

    def __init__(self) -> None:
        self._domains: dict[str, _Domain] = {}

    @property
    def any(self) -> bool:
        """Whether anything is known of any domain: while nothing is, nobody needs to be asked."""
        return bool(self._domains)

    def may(self, domain: str, now: Instant) -> bool:
        """Whether one mail may go there now; who is told yes has used up the turn."""
        known = self._domains.get(domain.lower())
        if known is None or not known.pace or self._is_free(domain, known, now):
            return True
        if known.free_at and known.free_at > now:
            return False
        known.free_at = now + MINUTE / known.pace
        return True

    def next_at(self, domain: str) -> Instant | None:
        """When the next mail may go there. None: at any time."""
        known = self._domains.get(domain.lower())
        return known.free_at if known and known.pace else None

    def pace(self, domain: str) -> float | None:
        """Mails a minute. None: as many as there are."""
        known = self._domains.get(domain.lower())
        return known.pace if known and known.pace else None

    def heard(self, domain: str, outcome: Outcome, now: Instant) -> None:
        """What became of one mail to that domain. A refusal's reason begins with its reply code."""
        match outcome:
            case Sent():
                self.took(domain, now)
            case Retry(reason):
                self.refused(domain, reason, now)

    def refused(self, domain: str, reply: str, now: Instant) -> None:
        """A recipient of that domain was put off with this reply; most say nothing of the others."""
        several = reply[:3] in SEVERAL_CODES and RATE.search(reply)
        if not several and reply[:3] not in AT_ONCE:
            return
        known = self._known(domain, now)
        if several:
            known.later.append(now)
            if len(known.later) < SEVERAL or now - known.later[0] > MINUTE:
                return
        if known.pace and known.changed_at and now - known.changed_at < SAME:
            return
        known.pace = max(LEAST, known.pace / 2) if known.pace else FIRST
        known.changed_at, known.free_at = now, now + MINUTE / known.pace

    def took(self, domain: str, now: Instant) -> None:
        """A recipient of that domain was taken."""
        known = self._domains.get(domain.lower())
        if known and known.pace and known.changed_at and now - known.changed_at >= MINUTE:
            known.pace, known.changed_at = known.pace * 2, now
            if known.pace >= FREE:
                del self._domains[domain.lower()]

    def _is_free(self, domain: str, known: _Domain, now: Instant) -> bool:
        """Silence counts as well: after some minutes in which nobody was refused the domain is free."""
        quiet = (now - known.changed_at) // MINUTE if known.changed_at else 0
        if known.pace * 2 ** min(quiet, 20) < FREE:
            return False
        del self._domains[domain.lower()]
        return True

    def _known(self, domain: str, now: Instant) -> _Domain:
        if len(self._domains) > MOST:
            self._domains = {name: one for name, one in self._domains.items() if _matters(one, now)}
        return self._domains.setdefault(domain.lower(), _Domain())


def _matters(one: _Domain, now: Instant) -> bool:
    return bool(one.pace) or bool(one.later and now - one.later[-1] < MINUTE)
