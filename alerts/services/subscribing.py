"""What a reader does alone: ask, confirm, choose, leave, come back. Nobody learns from an answer who is subscribed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from alerts.domain import audience, subscriberfile
from alerts.domain.audience import Subscriber, Subscription
from alerts.domain.errors import NotFound
from alerts.domain.letters import Kind
from alerts.domain.subscriberfile import Wanted
from alerts.domain.times import Instant
from alerts.queue import Queue
from alerts.services import letters
from alerts.services.addresses import address
from alerts.services.ids import new_id
from alerts.services.letters import letter_done, letter_mail
from alerts.services.links import WORDS, Purpose, links, subject, token
from alerts.services.responding import answer
from alerts.settings import countries
from alerts.store import Store, Tx
from alerts.store.tables import SUBSCRIPTION

__all__ = [
    "answer", "ask_link", "change", "confirm", "confirming", "form", "leave", "leaving", "letter_done", "letter_mail",
    "links", "preferences", "sign_up", "stay", "still", "token",
]  # fmt: skip

CHOICES = (
    "language", "countries", "cases", "topics", "kinds", "cadence", "zone", "quiet", "note", "show_note", "reach",
    "rungs", "nag", "calendar_names",
)  # fmt: skip
"""What a reader may change alone. An address is changed by signing up with the new one."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A subscriber and what they asked for."""

    subscriber: Subscriber
    subscription: Subscription


def form(values: Mapping[str, str | Iterable[str]]) -> Wanted:
    """A form's fields, checked as a file's row is; a field with several values may come as a list. Raises Invalid."""
    texts = {key: value if isinstance(value, str) else ";".join(value) for key, value in values.items()}
    return subscriberfile.wanted(texts, countries(), address)


def sign_up(store: Store, queue: Queue, wanted: Wanted | Mapping[str, str | Iterable[str]], now: Instant) -> None:
    """Somebody asks for alerts at an address. Answers alike whoever they are; the address alone learns more, by letter.

    New, unconfirmed, or left: please confirm, and until then nothing is sent. Confirmed: nothing changes, and the
    letter carries a link to their preferences. Suppressed: nothing at all. At most one letter an hour and three a day.
    Raises Invalid for the form itself.
    """
    wanted = wanted if isinstance(wanted, Wanted) else form(wanted)
    with store.begin() as tx:
        signed_up(tx, queue, wanted, now)


def signed_up(tx: Tx, queue: Queue, wanted: Wanted, now: Instant) -> None:
    """What `sign_up` does, however they asked."""
    known = tx.subscribers.find_by("email", wanted.email)
    if known and known.suppressed_at:
        letters.write_nobody(tx, now, "suppressed")
    elif known and known.confirmed_at and not known.left_at:
        letters.write(tx, queue, Kind.PREFERENCES, known, now)
    else:
        asking = asks(known or Subscriber(new_id(now), wanted.email, created_at=now), wanted)
        subscription = subscription_of(wanted, asking.id, now)
        if known:
            tx.subscribers.save(asking)
        else:
            tx.subscribers.add(asking)
        tx.subscriptions.delete(SUBSCRIPTION.c.subscriber_id == asking.id)
        tx.subscriptions.add(subscription)
        letters.write(tx, queue, Kind.CONFIRM, asking, now, subscription)


def ask_link(store: Store, queue: Queue, email: str, now: Instant) -> None:
    """Mail a link to their preferences to who is subscribed; answers alike for everybody. Raises Invalid."""
    email = address(email)
    with store.begin() as tx:
        known = tx.subscribers.find_by("email", email)
        if known is None or known.suppressed_at:
            letters.write_nobody(tx, now, "nobody to write to")
        elif known.confirmed_at:
            letters.write(tx, queue, Kind.PREFERENCES, known, now)
        else:
            letters.write(tx, queue, Kind.CONFIRM, known, now, reader_of(tx, known.id).subscription)


def confirming(store: Store, given: str, now: Instant) -> Reader:
    """What a confirmation link would confirm. Raises NotFound."""
    with store.read() as tx:
        return _confirming(tx, given, now)


def confirm(store: Store, given: str, now: Instant, queue: Queue | None = None) -> Reader:
    """Yes, I asked for this. Who had left is back, if the link was written since; once more changes nothing.

    With a `queue` a receipt goes out, which holds the link to their preferences. Raises NotFound.
    """
    with store.begin() as tx:
        return confirmed(tx, queue, _confirming(tx, given, now), now)


def confirmed(tx: Tx, queue: Queue | None, reader: Reader, now: Instant) -> Reader:
    """What `confirm` does, however they said yes."""
    known = reader.subscriber
    if known.confirmed_at and not known.left_at:
        return reader
    subscriber = replace(known, confirmed_at=now, left_at=None, heard_at=now)
    tx.subscribers.save(subscriber)
    if queue and not known.suppressed_at:
        letters.receipt(tx, queue, Kind.WELCOME, subscriber, now, reader.subscription)
    tx.audit.add("subscriber came back" if known.left_at else "subscriber confirmed", known.id, by=None, at=now)
    return replace(reader, subscriber=subscriber)


def preferences(store: Store, given: str, now: Instant) -> Reader:
    """Whom a preferences link is about, and what they asked for. Raises NotFound."""
    with store.read() as tx:
        return reader_of(tx, subject(store.vault, Purpose.PREFERENCES, given, now))


def change(store: Store, given: str, choices: Mapping[str, str | Iterable[str]], now: Instant) -> Reader:
    """Replace what they asked for. Fields of CHOICES that are missing keep their value. Raises NotFound, Invalid."""
    id = subject(store.vault, Purpose.PREFERENCES, given, now)
    with store.begin() as tx:
        reader = reader_of(tx, id)
        wanted = form({**_as_form(reader), **{key: value for key, value in choices.items() if key in CHOICES}})
        subscriber = replace(
            reader.subscriber, language=wanted.language, zone=wanted.zone, quiet=wanted.quiet, note=wanted.note,
            show_note=bool(wanted.show_note), heard_at=now, reach=wanted.reach, rungs=wanted.rungs,
            nag=bool(wanted.nag), calendar_names=bool(wanted.calendar_names),
        )  # fmt: skip
        subscription = subscription_of(wanted, id, now)
        tx.subscribers.save(subscriber)
        tx.subscriptions.delete(SUBSCRIPTION.c.subscriber_id == id)
        tx.subscriptions.add(subscription)
        tx.audit.add("preferences changed", id, by=None, at=now)
    return Reader(subscriber, subscription)


def still(store: Store, given: str, now: Instant) -> Reader:
    """They read our mails as before, and want to go on. Raises NotFound."""
    id = subject(store.vault, Purpose.PREFERENCES, given, now)
    with store.begin() as tx:
        reader = reader_of(tx, id)
        subscriber = replace(reader.subscriber, heard_at=now)
        tx.subscribers.save(subscriber)
    return replace(reader, subscriber=subscriber)


def leaving(store: Store, given: str, now: Instant) -> Reader:
    """Whom a leave link is about. Raises NotFound."""
    with store.read() as tx:
        return reader_of(tx, subject(store.vault, Purpose.LEAVE, given, now))


def leave(store: Store, given: str, now: Instant, queue: Queue | None = None) -> Reader:
    """Nothing more is sent to them, from this moment on; once more changes nothing.

    With a `queue` a receipt goes out, so that who was signed off by another hand learns of it. Raises NotFound.
    """
    id = subject(store.vault, Purpose.LEAVE, given, now)
    with store.begin() as tx:
        reader = reader_of(tx, id)
        return replace(reader, subscriber=gone(tx, queue, reader.subscriber, now))


def gone(tx: Tx, queue: Queue | None, known: Subscriber, now: Instant, verb: str = "subscriber left") -> Subscriber:
    """What `leave` does, however they said it; `verb` names it in the audit log."""
    if known.left_at:
        return known
    left = replace(known, left_at=now)
    tx.subscribers.save(left)
    if queue and left.confirmed_at and not left.suppressed_at:
        letters.receipt(tx, queue, Kind.LEFT, left, now)
    tx.audit.add(verb, left.id, by=None, at=now)
    return left


def stay(store: Store, given: str, now: Instant) -> Reader:
    """Undo leaving, by the link to one's preferences; they are as they were before. Raises NotFound."""
    id = subject(store.vault, Purpose.PREFERENCES, given, now)
    with store.begin() as tx:
        reader = reader_of(tx, id)
        if not reader.subscriber.left_at:
            return reader
        back = replace(reader.subscriber, left_at=None, heard_at=now)
        tx.subscribers.save(back)
        tx.audit.add("subscriber came back", id, by=None, at=now)
    return replace(reader, subscriber=back)


def asks(subscriber: Subscriber, wanted: Wanted) -> Subscriber:
    """The subscriber as `wanted` describes them; what it leaves empty stays, and so does how they stand with us."""
    return replace(
        subscriber, name=wanted.name or subscriber.name, organisation=wanted.organisation or subscriber.organisation,
        kind=wanted.kind, language=wanted.language, zone=wanted.zone or subscriber.zone,
        quiet=wanted.quiet or subscriber.quiet, note=wanted.note or subscriber.note,
        consented_on=wanted.consented_on or subscriber.consented_on,
        consented_how=wanted.consented_how or subscriber.consented_how,
        show_note=subscriber.show_note if wanted.show_note is None else wanted.show_note,
        head=subscriber.head if wanted.head is None else wanted.head,
        reach=wanted.reach or subscriber.reach, rungs=wanted.rungs or subscriber.rungs,
        nag=subscriber.nag if wanted.nag is None else wanted.nag,
        calendar_names=subscriber.calendar_names if wanted.calendar_names is None else wanted.calendar_names,
    )  # fmt: skip


def subscription_of(wanted: Wanted, subscriber_id: str, now: Instant) -> Subscription:
    return audience.check(Subscription(
        new_id(now), subscriber_id, wanted.countries, wanted.cases, wanted.topics, wanted.kinds, wanted.cadence, now
    ))  # fmt: skip


def reader_of(tx: Tx, id: str) -> Reader:
    """A subscriber with what they asked for. Raises NotFound, in a link's words, where they were erased."""
    found = tx.subscriptions.where(SUBSCRIPTION.c.subscriber_id == id)
    try:
        return Reader(tx.subscribers.get(id), audience.together(found) if found else Subscription("", id))
    except NotFound:
        raise NotFound(WORDS) from None


def _confirming(tx: Tx, given: str, now: Instant) -> Reader:
    """A link older than a leaving does not undo it: who left stays left, whatever lies in their mailbox."""
    id, _, written = subject(tx.vault, Purpose.CONFIRM, given, now).partition("-")
    reader = reader_of(tx, id)
    left = reader.subscriber.left_at
    if not written.isdigit() or (left and int(written) < int(left.timestamp())):
        raise NotFound(WORDS)
    return reader


def _as_form(reader: Reader) -> dict[str, str | Iterable[str]]:
    who, what = reader.subscriber, reader.subscription
    return {
        "email": who.email, "kind": who.kind, "language": who.language, "zone": who.zone, "quiet": who.quiet,
        "countries": what.countries, "cases": what.cases, "topics": what.topics, "kinds": what.kinds,
        "cadence": what.cadence, "note": who.note, "show_note": "yes" if who.show_note else "no",
        "reach": who.reach, "rungs": who.rungs, "nag": "yes" if who.nag else "no",
        "calendar_names": "yes" if who.calendar_names else "no",
    }  # fmt: skip
