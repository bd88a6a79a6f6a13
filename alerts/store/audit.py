"""What people did here, in a chain that shows every later change to it."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from alerts.domain.staff import Voice
from alerts.store.tables import AUDIT, AUDIT_HEAD
from alerts.store.vault import Vault


@dataclass(frozen=True, slots=True)
class Entry:
    no: int
    at: datetime
    verb: str
    subject: str
    detail: str
    staff_id: str | None
    hash: str


class Audit:
    """Entry n carries HMAC-SHA-256(key, hash of n-1 ‖ entry n); one head row says which is the last."""

    def __init__(self, conn: sa.Connection, vault: Vault) -> None:
        self.conn = conn
        self.vault = vault

    def add(self, verb: str, subject: str, detail: str = "", *, by: Voice | None, at: datetime) -> None:
        """The last statement of its transaction: the head row is held until the commit."""
        self.add_all([(verb, subject, detail)], by=by, at=at)

    def add_all(self, entries: Sequence[tuple[str, str, str]], *, by: Voice | None, at: datetime) -> None:
        """As `add`, for what was done together: verb, subject and detail of each."""
        if not entries:
            return
        no, last = self.conn.execute(sa.select(AUDIT_HEAD.c.no, AUDIT_HEAD.c.hash).with_for_update()).one()
        rows: list[dict[str, Any]] = []
        for verb, subject, detail in entries:
            no += 1
            row = {"no": no, "at": at, "verb": verb, "subject": subject, "detail": detail}
            row["staff_id"] = by.id if by else None
            last = row["hash"] = self._hash(last, row)
            rows.append(row)
        self.conn.execute(sa.insert(AUDIT), rows)
        self.conn.execute(sa.update(AUDIT_HEAD).values(no=no, hash=last))

    def entries(self) -> Iterator[Entry]:
        for row in self.conn.execute(sa.select(AUDIT).order_by(AUDIT.c.no)):
            yield Entry(**row._mapping)

    def since(self, at: datetime, verb: str) -> list[Entry]:
        """What was done of that kind after `at`, in its order."""
        query = sa.select(AUDIT).where(AUDIT.c.verb == verb, AUDIT.c.at > at).order_by(AUDIT.c.no)
        return [Entry(**row._mapping) for row in self.conn.execute(query)]

    def about(self, subject: str, verb: str) -> list[Entry]:
        """What was done of that kind to one subject, in its order."""
        query = sa.select(AUDIT).where(AUDIT.c.subject == subject, AUDIT.c.verb == verb).order_by(AUDIT.c.no)
        return [Entry(**row._mapping) for row in self.conn.execute(query)]

    def last(self) -> Entry | None:
        row = self.conn.execute(sa.select(AUDIT).order_by(AUDIT.c.no.desc()).limit(1)).first()
        return Entry(**row._mapping) if row else None

    def broken_at(self) -> int | None:
        """The number of the first entry that was changed, removed or added by another hand; None if there is none."""
        last, expected = "", 1
        for entry in self.entries():
            values = {name: getattr(entry, name) for name in ("no", "at", "verb", "subject", "detail", "staff_id")}
            if entry.no != expected or not hmac.compare_digest(self._hash(last, values), entry.hash):
                return expected
            last, expected = entry.hash, expected + 1
        head = self.conn.execute(sa.select(AUDIT_HEAD.c.no, AUDIT_HEAD.c.hash)).one()
        return None if tuple(head) == (expected - 1, last) else expected

    def _hash(self, last: str, entry: dict[str, Any]) -> str:
        said = json.dumps({**entry, "at": entry["at"].isoformat(timespec="microseconds")}, sort_keys=True)
        return hmac.digest(self.vault.keys.derive("audit"), f"{last}{said}".encode(), hashlib.sha256).hex()
