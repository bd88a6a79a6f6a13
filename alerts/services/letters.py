"""One-off mails that wait: claimed by whoever works, tried again like any mail, and ended after 72 hours."""

import json
from dataclasses import dataclass, replace
from datetime import timedelta

import sqlalchemy as sa

from alerts.channels import PLAIN
from alerts.domain import letters
from alerts.domain.alerts import Alert
from alerts.domain.audience import Subscriber, Subscription
from alerts.domain.delivery import GIVE_UP_AFTER, Blocked, Outcome, Rejected, Retry, Sent, Unknown, pause, wait
from alerts.domain.errors import NotFound
from alerts.domain.letters import Kind, Letter
from alerts.domain.relays import Relay
from alerts.domain.responses import Answer
from alerts.domain.staff import Staff
from alerts.domain.times import Instant
from alerts.domain.ways import Way
from alerts.queue import Queue
from alerts.services import asking, grants, relays
from alerts.services.bounces import rejected
from alerts.services.ids import new_id
from alerts.services.links import Purpose, token
from alerts.services.reaching import ways_of
from alerts.settings import Settings
from alerts.store import Store, Tx
from alerts.store.tables import LETTER, STAFF
from alerts.store.vault import Vault

CLAIM_LASTS = timedelta(minutes=10)
"""A letter whose sender died is taken by another after this; it may arrive twice, with the same Message-ID."""

LINK_LASTS = timedelta(hours=24)
"""A preferences link that somebody asked for. Those at the end of alerts last as links.LASTS says."""

STAFF_LANGUAGE = "en"
"""Which language one of staff reads only their browser knows."""

RECEIPTS = 5
"""Of each kind, within a day."""

HELD = "held"
"""The result of a letter that was never to go out, written so that no page answers faster where none goes."""

TO_THE_LEFT = frozenset({Kind.LEFT, Kind.CONFIRM, Kind.PREFERENCES})
"""What goes to somebody who left: the receipt, and what they ask for to come back."""

PAGES = {
    Kind.CONFIRM: (Purpose.CONFIRM, "confirm"),
    Kind.PREFERENCES: (Purpose.PREFERENCES, "preferences"),
    Kind.WELCOME: (Purpose.PREFERENCES, "preferences"),
    Kind.STILL_READING: (Purpose.PREFERENCES, "preferences"),
    Kind.LEFT: (Purpose.PREFERENCES, "preferences"),
    Kind.NOTED: (Purpose.ANSWER, "answer"),
}


@dataclass(frozen=True, slots=True)
class Mail:
    """A letter as it is to be rendered: to whom, in which language, with which link."""

    to: str
    language: str
    link: str
    details: dict[str, str]
    way: Way = PLAIN


def write(
    tx: Tx, queue: Queue, kind: Kind, to: Subscriber, now: Instant, subscription: Subscription | None = None
) -> bool:
    """Let a letter go, unless the address had one within the hour or three today. Answers whether it goes.

    Either way one row is written: how long a page takes to answer tells nobody who is subscribed.
    """
    written = tx.letters.where(
        LETTER.c.subscriber_id == to.id, LETTER.c.created_at > now - letters.A_DAY[0], LETTER.c.result != HELD
    )
    goes = letters.may_write([letter.created_at for letter in written if letter.created_at], now)
    letter = compose(kind, to, now, subscription)
    tx.letters.add(letter if goes else _held(letter, "written to already"))
    if goes:
        wake(tx, queue)
    return goes


def write_nobody(tx: Tx, now: Instant, reason: str) -> None:
    """The row of a letter that nobody gets, where another address would have got one."""
    tx.letters.delete(LETTER.c.result == HELD, LETTER.c.created_at < now - letters.A_DAY[0])
    tx.letters.add(_held(Letter(new_id(now), Kind.PREFERENCES, None, created_at=now), reason))


def compose(kind: Kind, to: Subscriber, now: Instant, subscription: Subscription | None = None) -> Letter:
    """A letter to go out now, with what was asked for; columns as in a file, values separated by “;”."""
    columns = ("countries", "cases", "topics", "kinds")
    details = {column: ";".join(getattr(subscription, column)) for column in columns} if subscription else {}
    return Letter(
        new_id(now), kind, to.id, details=json.dumps(details, ensure_ascii=False), created_at=now, not_before=now
    )  # fmt: skip


def receipt(
    tx: Tx, queue: Queue, kind: Kind, to: Subscriber, now: Instant, subscription: Subscription | None = None
) -> None:  # fmt: skip
    """What was just done in their name. It goes out although another letter did within the hour: they must learn of it.

    At most RECEIPTS a day: whoever writes in another's name must not fill their mailbox by it.
    """
    _receipt(tx, queue, compose(kind, to, now, subscription), now)


def noted(tx: Tx, queue: Queue, to: Subscriber, alert: Alert, answer: Answer, now: Instant) -> None:
    """A receipt of what they answered: whoever answered in their name is found out."""
    details = {"answer": answer.value, "alert": alert.id, "reference": alert.reference}
    letter = Letter(new_id(now), Kind.NOTED, to.id, details=json.dumps(details), created_at=now, not_before=now)
    _receipt(tx, queue, letter, now)


def _receipt(tx: Tx, queue: Queue, letter: Letter, now: Instant) -> None:
    mine = (LETTER.c.subscriber_id == letter.subscriber_id, LETTER.c.created_at > now - letters.A_DAY[0])
    if tx.letters.count(*mine, LETTER.c.kind == letter.kind.value, LETTER.c.result != HELD) < RECEIPTS:
        tx.letters.add(letter)
        wake(tx, queue)


def wanting(tx: Tx) -> list[Staff]:
    """Those of staff who asked for letters about the desk itself."""
    return tx.staff.where(STAFF.c.notices == sa.true(), STAFF.c.disabled_at.is_(None))


def notice(kind: Kind, to: Staff, details: dict[str, str], now: Instant) -> Letter:
    """To one of them, to be sent at once."""
    said = json.dumps(details, ensure_ascii=False)
    return Letter(new_id(now), kind, None, to.id, said, now, now)


def wake(tx: Tx, queue: Queue) -> None:
    """The rows say what is due; the job has no number, and only says: look."""
    queue.defer(tx, "letters", 1, [0])


def granted_letters(store: Store, settings: Settings, now: Instant, limit: int) -> tuple[Relay, list[Letter]] | None:
    """Claim letters that are due, the oldest first, as many as a relay takes now; with that relay.

    One that nobody reports on is due again in ten minutes. None: nothing is due, or all relays rest.
    """
    with store.read() as tx:
        due = min(tx.letters.count(LETTER.c.not_before <= now), limit)
        if not due or relays.rests_until(tx, settings, now):
            return None
    with store.begin() as tx:
        found = grants.grant(tx, settings, due, now)
        return (found[0], _claim(tx, now, found[1])) if found else None


def _claim(tx: Tx, now: Instant, limit: int) -> list[Letter]:
    due = LETTER.c.not_before <= now
    query = tx.letters.table.select().where(due).order_by(LETTER.c.not_before, LETTER.c.id).limit(limit)
    rows = tx.conn.execute(query.with_for_update(skip_locked=True)).all()
    claimed = [replace(tx.letters.load(row), kind=Kind(row.kind), not_before=now + CLAIM_LASTS) for row in rows]
    tx.letters.update(LETTER.c.id.in_([letter.id for letter in claimed]), not_before=now + CLAIM_LASTS)
    return claimed


def letter_mail(store: Store, vault: Vault, base_url: str, letter: Letter, now: Instant) -> Mail:
    """What is rendered; the link is the same on every attempt, and empty where `base_url` is.

    Raises NotFound where the subscriber was erased, has left or must not be written to, one of staff works here no
    more, or a confidant need not be asked.
    """
    with store.read() as tx:
        if letter.staff_id:
            return _to_staff(tx, base_url, letter)
        if letter.confidant_id:
            confidant, question = asking.of_letter(tx, letter, now)
            link = asking.link(vault, base_url, question)
            return Mail(confidant.email, confidant.language, link, asking.details(confidant, question))
        to = tx.subscribers.get(letter.subscriber_id or "")
        if to.suppressed_at or (to.left_at and letter.kind not in TO_THE_LEFT):
            raise NotFound("They must not be written to any more.")
        way = ways_of(tx, [to.id]).get(to.id, PLAIN)
    purpose, page = PAGES[letter.kind]
    written = letter.created_at or now
    lasts = LINK_LASTS if purpose is Purpose.PREFERENCES else None
    details = details_of(letter)
    subjects = {Purpose.CONFIRM: confirms(to.id, written), Purpose.ANSWER: f"{to.id}-{details.get('alert', '')}"}
    link = f"{base_url}/{page}/{token(vault, purpose, subjects.get(purpose, to.id), written, lasts)}"
    return Mail(to.email, to.language, link if base_url else "", details, way)


def _to_staff(tx: Tx, base_url: str, letter: Letter) -> Mail:
    staff = tx.staff.get(letter.staff_id or "")
    if staff.disabled_at:
        raise NotFound(f"{staff.name} works here no more.")
    page = "settings" if letter.kind == Kind.SOURCES else "today"
    return Mail(staff.email, STAFF_LANGUAGE, f"{base_url}/{page}" if base_url else "", details_of(letter))


def details_of(letter: Letter) -> dict[str, str]:
    found: dict[str, str] = json.loads(letter.details or "{}")
    return found


def confirms(subscriber_id: str, written: Instant) -> str:
    """The subject of a confirmation link: when it was written decides whether it may undo a later leaving."""
    return f"{subscriber_id}-{int(written.timestamp())}"


def spare(store: Store, left: list[Letter], now: Instant) -> None:
    """These were not tried: they are due again at once, that is once a relay takes mail."""
    with store.begin() as tx:
        tx.letters.update(LETTER.c.id.in_([letter.id for letter in left]), not_before=now)


def letter_done(store: Store, letter: Letter, outcome: Outcome, now: Instant) -> None:
    """Record what the relay answered. A refusal of us counts no attempt; after 72 hours every try ends."""
    with store.begin() as tx:
        tx.letters.update(LETTER.c.id == letter.id, **_after(letter, outcome, now))
        if isinstance(outcome, Rejected) and letter.subscriber_id:
            rejected(tx, letter.subscriber_id, outcome.reason, now)


def _after(letter: Letter, outcome: Outcome, now: Instant) -> dict[str, object]:
    over = now - (letter.created_at or now) >= GIVE_UP_AFTER
    match outcome:
        case Sent(ref):
            return _end("sent", ref, now)
        case Rejected(reason):
            return _end("rejected", reason, now)
        case Blocked(reason, until):
            return _end("rejected", reason, now) if over else {"not_before": until or now + pause(1), "reason": reason}
        case Retry(reason) | Unknown(reason):
            if over:
                return _end("unknown" if isinstance(outcome, Unknown) else "rejected", reason, now)
            asked = outcome.after if isinstance(outcome, Retry) else None
            attempts = letter.attempts + 1
            return {"attempts": attempts, "not_before": now + (asked or wait(attempts)), "reason": reason}


def _end(result: str, reason: str, now: Instant) -> dict[str, object]:
    return {"ended_at": now, "not_before": None, "result": result, "reason": reason}


def _held(letter: Letter, reason: str) -> Letter:
    return replace(letter, not_before=None, ended_at=letter.created_at, result=HELD, reason=reason)
