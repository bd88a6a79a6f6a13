"""What a person's mail does: it confirms, leaves, answers or subscribes as a link would; all else waits for staff.

Whoever can write a From line can write another's. So each of these is followed by a receipt to the address itself, a
mail that its own server calls forged does nothing, and nothing secret is ever told in answer.
"""

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from alerts.domain import replywords
from alerts.domain.alerts import Alert
from alerts.domain.alerts import Kind as AlertKind
from alerts.domain.audience import Subscriber
from alerts.domain.errors import Invalid
from alerts.domain.letters import Kind as LetterKind
from alerts.domain.letters import Letter
from alerts.domain.replywords import Word
from alerts.domain.responses import Answer
from alerts.domain.returns import BY_ITSELF, Kind, Reply, Returned, forged
from alerts.domain.times import Instant
from alerts.queue import Queue
from alerts.services import responding, subscribing, tracing
from alerts.services.countrynames import named
from alerts.services.ids import new_id
from alerts.services.letters import details_of
from alerts.services.links import LASTS, Purpose
from alerts.store import Store, Tx
from alerts.store.tables import LETTER, REPLY

LONGEST = 20_000
"""Letters of a mail that are kept."""

ANSWERS = {Word.YES: Answer.YES, Word.CANNOT: Answer.CANNOT, Word.CALL_ME: Answer.CALL_ME}
CONFIRMING = (LetterKind.CONFIRM, LetterKind.LEFT, LetterKind.PREFERENCES)
"""To which letters a YES brings back who left; they are told so, or asked."""


class Became(StrEnum):
    """What one mail in the mailbox was, or did."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    AUTOMATIC = "automatic reply"
    ANSWER = "answer"
    CONFIRM = "confirmation"
    LEAVE = "leaving"
    SUBSCRIBE = "subscription"
    SIGNAL = "news from a partner"
    KEPT = "kept for staff"
    AGAIN = "read before"
    NOT_OURS = "not for us"


def take(store: Store, queue: Queue, mail: Returned, now: Instant) -> Became:
    """Do what the mail asks, and keep it. One that was taken before does nothing more."""
    mine = f"{mail.subject}\n{replywords.quoted(mail.text)}"
    ids = (*mail.answers, *mail.ids)
    with store.read() as tx:  # looking for what it answers may take a moment, and must hold up no writer
        who = tx.subscribers.find_by("email", mail.sender) if mail.sender else None
        about = tracing.answered(tx, who, ids, mine, now) if who else tracing.referred(tx, mine, None)
    with store.begin() as tx:
        if tx.replies.count(REPLY.c.source == mail.source):
            return Became.AGAIN
        who = tx.subscribers.find_by("email", mail.sender) if mail.sender else None
        said = None if forged(mail) else word_of(mail)
        if said is Word.SUBSCRIBE and (became := _subscribed(tx, queue, mail, now)):
            return became
        if who is None:
            return _keep(tx, mail, None, about, now) if about else Became.NOT_OURS
        if not forged(mail):
            who = replace(who, heard_at=now)
            tx.subscribers.save(who)
        return _done(tx, queue, mail, who, about, said, now) or _keep(tx, mail, who, about, now)


def word_of(mail: Returned) -> Word | None:
    """What their first words say: a subject of LEAVE alone counts, and a new subject where there is no text."""
    new = not replywords.REPLIED.match(mail.subject)
    if new and (leaves := replywords.alone(mail.subject)):
        return leaves
    return replywords.word(mail.text) if mail.text or not new else replywords.word(mail.subject)


def _done(
    tx: Tx, queue: Queue, mail: Returned, who: Subscriber, about: Alert | Letter | None, said: Word | None, now: Instant
) -> Became | None:
    """What the word does; None where it does nothing, and staff must read the mail."""
    if said is Word.LEAVE:
        subscribing.gone(tx, queue, who, now)
        _note(tx, mail, Kind.LEAVE, who, None, now)
        return Became.LEAVE
    if said is Word.YES and (who.confirmed_at is None or who.left_at):
        if not _may_confirm(tx, who, mail, now):
            return None
        subscribing.confirmed(tx, queue, subscribing.reader_of(tx, who.id), now)
        _note(tx, mail, Kind.CONFIRM, who, None, now)
        return Became.CONFIRM
    alert = _alert_of(tx, about)
    if said in ANSWERS and alert and who.confirmed_at and alert.kind is not AlertKind.DIGEST:
        text = replywords.own(mail.text)[: responding.LONGEST]
        responding.noted(tx, queue, who, alert, ANSWERS[said], "" if _only_the_word(text) else text, now)
        _note(tx, mail, Kind.ANSWER, who, alert, now)
        return Became.ANSWER
    if said is Word.YES and isinstance(about, Letter):  # “are you still the right reader?”: that they wrote is enough
        _note(tx, mail, Kind.CONFIRM, who, None, now)
        return Became.CONFIRM
    return None


def _may_confirm(tx: Tx, who: Subscriber, mail: Returned, now: Instant) -> bool:
    """Whether we asked. Who left comes back only by an answer to a letter written since, which others do not have."""
    if who.left_at:
        letter = tracing.letter_of(tx, who, (*mail.answers, *mail.ids), now)
        at = letter.created_at if letter and letter.kind in CONFIRMING else None
        return at is not None and at >= who.left_at - timedelta(seconds=1)
    lasts = LASTS[Purpose.CONFIRM]
    mine = (LETTER.c.subscriber_id == who.id, LETTER.c.kind == LetterKind.CONFIRM, LETTER.c.created_at > now - lasts)
    return tx.letters.count(*mine) > 0


def _alert_of(tx: Tx, about: Alert | Letter | None) -> Alert | None:
    """The alert itself; or the one whose receipt they answer, to change what they said."""
    if isinstance(about, Letter):
        id = details_of(about).get("alert", "") if about.kind == LetterKind.NOTED else ""
        return tx.alerts.find(tx.alerts.table.c.id == id) if id else None
    return about


def _subscribed(tx: Tx, queue: Queue, mail: Returned, now: Instant) -> Became | None:
    """“subscribe Kyrgyzstan”, from whatever address: please confirm, or for who is on our list their preferences."""
    asked, language = replywords.asks_for(mail.text or mail.subject)
    codes = named(asked)
    try:
        wanted = subscribing.form({"email": mail.sender, "countries": codes, "language": language}) if codes else None
    except Invalid:
        return None
    if wanted is None:
        return None
    subscribing.signed_up(tx, queue, wanted, now)
    _note(tx, mail, Kind.OTHER, tx.subscribers.find_by("email", wanted.email), None, now)
    return Became.SUBSCRIBE


def _only_the_word(text: str) -> bool:
    return len(replywords.folded(text).split()) <= 2 and replywords.word(text) is not None


def _note(tx: Tx, mail: Returned, kind: Kind, who: Subscriber | None, alert: Alert | None, now: Instant) -> None:
    """That it came and was understood. What it said is not kept twice."""
    tx.replies.add(Reply(
        new_id(now), kind, mail.source, alert.id if alert else None, alert.deadline_id if alert else None,
        who.id if who else None, at=now, handled=BY_ITSELF, handled_at=now,
    ))  # fmt: skip


def _keep(tx: Tx, mail: Returned, who: Subscriber | None, about: Alert | Letter | None, now: Instant) -> Became:
    keep(tx, mail, Kind.OTHER, who, _alert_of(tx, about), now)
    return Became.KEPT


def keep(tx: Tx, mail: Returned, kind: Kind, who: Subscriber | None, alert: Alert | None, now: Instant) -> Reply:
    """The whole mail, sealed, for staff to read; what it quotes of ours is left out where they wrote anything."""
    text = replywords.own(mail.text) or mail.text
    reply = Reply(
        new_id(now), kind, mail.source, alert.id if alert else None, alert.deadline_id if alert else None,
        who.id if who else None, mail.sender, mail.subject, text[:LONGEST], now,
    )  # fmt: skip
    tx.replies.add(reply)
    return reply
