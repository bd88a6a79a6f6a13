"""How any alert goes out: one transaction that freezes it, stops what it supersedes, and puts its batches in the
queue.
"""

import secrets
from dataclasses import replace

from alerts.domain.alerts import Alert, Edition, Kind, State
from alerts.domain.audience import Recipient, batches, edition_for, select
from alerts.domain.labels import Label
from alerts.domain.staff import Staff
from alerts.domain.threads import LETTERS, SUPERSEDES, followed, number, series, superseded
from alerts.domain.times import Instant
from alerts.queue import Queue
from alerts.settings import countries
from alerts.store import Tx
from alerts.store.readers import candidates, languages
from alerts.store.tables import ALERT


def audience(tx: Tx, alert: Alert, editions: list[Edition]) -> list[Recipient]:
    """Whom this alert would go to: those whose subscription it meets, those who hold what it follows, or both."""
    written = [edition.language for edition in editions]
    older = superseded(alert, thread(tx, alert)) if alert.kind in SUPERSEDES else _followed(tx, alert)
    held = tx.ledger.holders([issue.id for issue in older]) if older else {}
    chosen: list[Recipient] = []
    if alert.kind not in SUPERSEDES:
        code = tx.cases.get(alert.case_id).code if alert.case_id else ""
        chosen = select(alert, code, candidates(tx, alert.countries), written)
    have = {recipient.subscriber_id for recipient in chosen}
    reads = languages(tx) if held else {}
    return chosen + [
        Recipient(id, edition_for(reads.get(id, ""), written))
        for id in held
        if id not in have and alert.label is not Label.RED
    ]


def issue(tx: Tx, queue: Queue, alert: Alert, recipients: list[Recipient], *, by: Staff | None, now: Instant) -> Alert:
    """Freeze the alert, its number and whom it goes to: its `audience`, found in the same transaction.

    An alert that says published is on its way. The audit entry is last.
    """
    alert = _numbered(tx, alert, now)
    state = State.PUBLISHING if recipients else State.PUBLISHED
    alert = replace(alert, state=state, published_at=now, audience=len(recipients))
    stopped = superseded(alert, thread(tx, alert))
    for older in stopped or _followed(tx, alert):
        tx.alerts.save(followed(alert, older, now, under_way=tx.ledger.under_way(older.id)))
    if stopped:
        tx.ledger.withdraw_unsent([older.id for older in stopped], f"overtaken by a {alert.kind}", now)
        for older in stopped:
            landed(tx, tx.alerts.get(older.id))
    tx.alerts.save(alert)
    queue.defer(tx, "deliver", alert.kind.priority, tx.ledger.add(alert, batches(recipients)))
    tx.audit.add(f"{alert.kind} published", alert.id, f"{alert.approved_hash} to {len(recipients)}", by=by, at=now)
    return alert


def landed(tx: Tx, alert: Alert) -> None:
    """Published, no longer publishing, once nobody of it is to be written to any more."""
    if alert.state is State.PUBLISHING and not tx.ledger.busy(alert.id):
        tx.alerts.save(replace(alert, state=State.PUBLISHED))


def thread(tx: Tx, alert: Alert) -> list[Alert]:
    """Every issue under the same number, the first one first."""
    return tx.alerts.where(ALERT.c.thread == alert.thread, by=[ALERT.c.ordinal, ALERT.c.id])


def next_ordinal(tx: Tx, first: str) -> int:
    published = tx.alerts.where(ALERT.c.thread == first, ALERT.c.published_at.is_not(None), by=ALERT.c.ordinal)
    return published[-1].ordinal + 1 if published else 1


def _followed(tx: Tx, alert: Alert) -> list[Alert]:
    if alert.kind is not Kind.UPDATE:
        return []
    return [issue for issue in thread(tx, alert) if issue.published_at and issue.id != alert.id]


def _numbered(tx: Tx, alert: Alert, now: Instant) -> Alert:
    """Its number and reference: the thread's own, or new ones for the first issue."""
    alert = replace(alert, ordinal=next_ordinal(tx, alert.thread))
    if not alert.reference:
        alert = replace(alert, reference=_reference(tx))
    if alert.number or not alert.label.public:
        return alert
    country = countries()[alert.countries[0]].alpha3 if len(alert.countries) == 1 else ""
    kind = series(alert)
    return replace(alert, number=number(kind, tx.next_number(kind, now.year), now.year, country))


def _reference(tx: Tx) -> str:
    """Short enough to be typed on a phone, and not in use."""
    while True:
        reference = "".join(secrets.choice(LETTERS) for _ in range(4))
        if not tx.alerts.count(ALERT.c.reference == reference):
            return reference
