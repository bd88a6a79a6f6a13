"""How alerts reach a subscriber, where it is not by plain mail."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.domain.times import Instant

ROTATION = timedelta(hours=24)
"""How long a webhook's old secret still signs beside the new one, so that they can change it without losing a post."""


@dataclass(frozen=True, slots=True)
class Way:
    """`id` is the subscriber's. `target`, `secret`, `cert`: sealed.

    `channel`: a file of channels/ (email, webhook, apprise). `target`: where to, for channels other than email.
    `secret`: what signs a webhook's posts, as `rotated` writes it. `cert`: their OpenPGP certificate.
    `encrypt_only`: never plaintext. `disabled_why`: nothing goes out by it, because they told us to stop.
    """

    id: str
    channel: str = "email"
    target: str = ""
    secret: str = ""
    cert: str = ""
    encrypt_only: bool = False
    disabled_why: str = ""
    changed_at: Instant | None = None


def secrets(kept: str, now: Instant) -> tuple[str, ...]:
    """The secrets that sign at `now`, the newest first."""
    rows = json.loads(kept) if kept else []
    return tuple(row["secret"] for row in rows if not row["until"] or now < datetime.fromisoformat(row["until"]))


def rotated(kept: str, new: str, now: Instant) -> str:
    """What to keep from now on: `new` signs, and what signed until now signs beside it for 24 hours more.

    A third does not: who rotates twice within a day has lost the one that is now the oldest.
    """
    rows = [{"secret": new, "until": ""}]
    rows += [{"secret": old, "until": (now + ROTATION).isoformat()} for old in secrets(kept, now)[:1]]
    return json.dumps(rows)
