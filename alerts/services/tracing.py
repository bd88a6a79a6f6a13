"""Which of our mails a mail answers. Our Message-IDs cannot be read back, but they can be made again and compared."""

import re
from collections.abc import Collection, Iterable
from datetime import timedelta

import sqlalchemy as sa

from alerts.domain.alerts import Alert
from alerts.domain.audience import Subscriber
from alerts.domain.letters import Letter
from alerts.domain.threads import LETTERS
from alerts.domain.times import Instant
from alerts.services.addressing import message_id
from alerts.services.letters import HELD
from alerts.store import Tx
from alerts.store.tables import ALERT, BATCH, LETTER

ANSWERED_WITHIN = timedelta(days=60)
"""As long as the links in a mail."""

SEARCHED, LATELY = 20, timedelta(days=14)
"""Where nothing names the mail that is answered: among how many of the last alerts, and how far back."""

REFERENCE = re.compile(rf"(?<![A-Za-z0-9])[{LETTERS}]{{4}}(?![A-Za-z0-9])")


def is_ours(tx: Tx, who: Subscriber, ids: Collection[str], now: Instant) -> bool:
    """Whether one of these Message-IDs is of a mail that we wrote to this subscriber."""
    return _of_alert(tx, who, ids, now) is not None or letter_of(tx, who, ids, now) is not None


def answered(tx: Tx, who: Subscriber, ids: Collection[str], words: str, now: Instant) -> Alert | Letter | None:
    """The alert or letter that this reader answers: by Message-ID, else by reference, else the last they were sent.

    `words`: the subject and what they quoted, where “Ref 7KQ4” may stand.
    """
    exact = letter_of(tx, who, ids, now) or _of_alert(tx, who, ids, now)
    return exact or referred(tx, words, who) or _last(tx, who, now)


def referred(tx: Tx, words: str, who: Subscriber | None) -> Alert | None:
    """The newest alert whose reference stands in the words; where `who` is given, of those that went to them."""
    named = list(dict.fromkeys(REFERENCE.findall(words)))[:50]
    if not named:
        return None
    found = tx.alerts.where(
        ALERT.c.reference.in_(named), ALERT.c.published_at.is_not(None), by=ALERT.c.published_at.desc(), limit=SEARCHED
    )
    return next((alert for alert in found if who is None or _went_to(tx, alert, who)), None)


def _of_alert(tx: Tx, who: Subscriber, ids: Collection[str], now: Instant) -> Alert | None:
    wanted = _locals(ids)
    if not wanted:
        return None
    query = sa.select(ALERT.c.id).where(ALERT.c.published_at > now - ANSWERED_WITHIN)
    for alert_id in tx.conn.execute(query.order_by(ALERT.c.published_at.desc())).scalars():
        if _local(message_id(tx.vault, alert_id, who.id, "email", "")) in wanted:
            return tx.alerts.get(alert_id)
    return None


def letter_of(tx: Tx, who: Subscriber, ids: Collection[str], now: Instant) -> Letter | None:
    """The letter to them that has one of these Message-IDs."""
    wanted = _locals(ids)
    for letter in _letters(tx, who, now) if wanted else ():
        if _local(message_id(tx.vault, letter.id, who.id, "letter", "")) in wanted:
            return letter
    return None


def _letters(tx: Tx, who: Subscriber, now: Instant) -> Iterable[Letter]:
    """What we wrote to them, the last first."""
    mine = (LETTER.c.subscriber_id == who.id, LETTER.c.result != HELD, LETTER.c.created_at > now - ANSWERED_WITHIN)
    return tx.letters.where(*mine, by=[LETTER.c.created_at.desc(), LETTER.c.id.desc()], limit=200)


def _last(tx: Tx, who: Subscriber, now: Instant) -> Alert | Letter | None:
    """The last letter or alert that was written to them, whichever is newer."""
    letter = next(iter(_letters(tx, who, now)), None)
    lately = (ALERT.c.published_at.is_not(None), ALERT.c.published_at > now - LATELY)
    alerts = tx.alerts.where(*lately, by=ALERT.c.published_at.desc(), limit=SEARCHED)
    for alert in alerts:
        if letter and letter.created_at and alert.published_at and letter.created_at > alert.published_at:
            return letter
        if _went_to(tx, alert, who):
            return alert
    return letter


def _went_to(tx: Tx, alert: Alert, who: Subscriber) -> bool:
    """Whether they stand in a frozen list of the alert; their id is looked for without opening the list."""
    written = sa.cast(BATCH.c.recipients, sa.Text).like(f'%"{who.id}"%')
    return bool(tx.conn.execute(sa.select(sa.exists().where(BATCH.c.alert_id == alert.id, written))).scalar())


def _locals(ids: Iterable[str]) -> set[str]:
    return {_local(id) for id in ids}


def _local(id: str) -> str:
    """Without the domain: a desk may have changed its sender, or have several."""
    return id.partition("@")[0].lower()
