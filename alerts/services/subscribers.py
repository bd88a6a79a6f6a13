"""What staff do with subscribers: import a list, confirm, vet, suppress, look."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from alerts.domain.audience import Subscriber, Subscription, together
from alerts.domain.errors import Conflict, Invalid, NotFound
from alerts.domain.letters import Kind, Letter
from alerts.domain.refusals import Refusal, Refused
from alerts.domain.staff import Role, Staff
from alerts.domain.subscriberfile import Wanted
from alerts.domain.times import Instant
from alerts.queue import Queue
from alerts.services.ids import new_id
from alerts.services.letters import compose, wake
from alerts.services.subscribing import asks, subscription_of
from alerts.store import Store, Tx
from alerts.store.bulk import save_all
from alerts.store.tables import SUBSCRIBER, SUBSCRIPTION

AT_ONCE = 500
"""Rows in one statement: SQLite takes a limited number of values, and the bar moves."""


@dataclass(frozen=True, slots=True)
class Imported:
    """`left` and `suppressed`: people of the file who stay as they are, whatever the file says."""

    added: int = 0
    updated: int = 0
    left: int = 0
    suppressed: int = 0
    letters: int = 0
    refusals: tuple[Refusal, ...] = ()

    def __str__(self) -> str:
        said = f"{self.added:,} added, {self.updated:,} updated, {self.letters:,} asked to confirm"
        stay = ((self.left, "left before: stay out"), (self.suppressed, "suppressed: stay so"))
        return ", ".join([said, *(f"{number:,} {words}" for number, words in stay if number)])


def import_subscribers(
    store: Store, rows: Sequence[Wanted], refusals: Iterable[Refusal] = (), *, by: Staff, now: Instant, queue: Queue,
    vetted: bool = False, partial: bool = False, progress: Callable[[int], None] = lambda _: None,
) -> Imported:  # fmt: skip
    """Take a list of subscribers: all of it or nothing; `partial` takes the rows that are not refused.

    Several rows of one address are several subscriptions of one person. Who is here already gets what the file asks for
    and stays as they stand: who has left stays left, untouched. With `vetted` the staff member vouches for all others:
    confirmed and vetted, and nothing is sent. Without it each new address gets one letter. `progress` is told how many
    rows are done since it was told last.
    Raises Forbidden, Refused (each line with its reason).
    """
    by.must_be(Role.APPROVER, "import subscribers")
    refused = tuple(sorted(refusals))
    if refused and not partial:
        raise Refused(refused)
    count: Counter[str] = Counter()
    with store.begin() as tx:
        people = _people(rows)
        for start in range(0, len(people), AT_ONCE):
            some = people[start : start + AT_ONCE]
            letters = _take(tx, some, by if vetted else None, now, count)
            tx.letters.add(*letters)
            count["letters"] += len(letters)
            progress(sum(len(theirs) for theirs in some))
        if count["letters"]:
            wake(tx, queue)
        done = Imported(**count, refusals=refused)
        tx.audit.add("subscribers imported", "", f"{done}{', vouched for' if vetted else ''}", by=by, at=now)
    return done


def confirm(store: Store, email: str, *, by: Staff, now: Instant) -> Subscriber:
    """They told us themselves, as by a reply. Raises Forbidden, NotFound, Conflict (left, or confirmed already)."""
    by.must_be(Role.APPROVER, "confirm a subscriber")
    with store.begin() as tx:
        known = _staying(find(tx, email))
        if known.confirmed_at:
            raise Conflict("They are confirmed already.")
        subscriber = replace(known, confirmed_at=now, heard_at=now)
        tx.subscribers.save(subscriber)
        tx.audit.add("subscriber confirmed", subscriber.id, by=by, at=now)
    return subscriber


def vet(store: Store, email: str, *, by: Staff, now: Instant) -> Subscriber:
    """We know them: they may read what is for trusted readers. Raises Forbidden, NotFound, Conflict (left, vetted)."""
    by.must_be(Role.APPROVER, "vet a subscriber")
    with store.begin() as tx:
        known = _staying(find(tx, email))
        if known.vetted_at:
            raise Conflict("They are vetted already.")
        subscriber = replace(known, vetted_at=now, vetted_by=by.id)
        tx.subscribers.save(subscriber)
        tx.audit.add("subscriber vetted", subscriber.id, by=by, at=now)
    return subscriber


def suppress(store: Store, email: str, reason: str, *, by: Staff, now: Instant) -> Subscriber:
    """They must not be written to, from this moment on, and why. Raises Forbidden, NotFound, Invalid."""
    by.must_be(Role.APPROVER, "suppress a subscriber")
    reason = " ".join(reason.split()) or "suppressed by staff"
    if len(reason) > 200:
        raise Invalid("reason: is longer than 200 letters.")
    with store.begin() as tx:
        subscriber = replace(find(tx, email), suppressed_at=now, suppressed_why=reason)
        tx.subscribers.save(subscriber)
        tx.audit.add("subscriber suppressed", subscriber.id, by=by, at=now)
    return subscriber


def lift(store: Store, email: str, *, by: Staff, now: Instant) -> Subscriber:
    """Write to them again: the mailbox is mended, or staff were mistaken. What came back until now counts no more.

    Who left stays out: only they can come back. Raises Forbidden, NotFound, Conflict.
    """
    by.must_be(Role.APPROVER, "lift a suppression")
    with store.begin() as tx:
        known = _staying(find(tx, email))
        if known.suppressed_at is None:
            raise Conflict("They are written to already.")
        subscriber = replace(known, suppressed_at=None, suppressed_why="", heard_at=now)
        tx.subscribers.save(subscriber)
        tx.audit.add("subscriber lifted", subscriber.id, by=by, at=now)
    return subscriber


def find(tx: Tx, email: str) -> Subscriber:
    """Raises NotFound."""
    found = tx.subscribers.find_by("email", email)
    if found is None:
        raise NotFound(f"There is no subscriber {email.strip()}.")
    return found


def listing(store: Store) -> list[tuple[Subscriber, Subscription]]:
    """Everybody with what they asked for, those who came first at the top."""
    with store.read() as tx:
        found: dict[str, list[Subscription]] = defaultdict(list)
        for subscription in tx.subscriptions.where():
            found[subscription.subscriber_id].append(subscription)
        people = tx.subscribers.where(by=[SUBSCRIBER.c.created_at, SUBSCRIBER.c.id])
        return [(one, what) for one in people for what in found.get(one.id) or [Subscription("", one.id)]]


def _people(rows: Sequence[Wanted]) -> list[list[Wanted]]:
    """The rows of each person."""
    found: dict[str, list[Wanted]] = defaultdict(list)
    for row in rows:
        found[row.email.lower()].append(row)
    return list(found.values())


def _take(
    tx: Tx, people: Sequence[list[Wanted]], vouched: Staff | None, now: Instant, count: Counter[str]
) -> list[Letter]:
    """Write these people's rows. Answers the letters to be sent for them."""
    places = [tx.vault.index(theirs[0].email) for theirs in people]
    here = {one.email.lower(): one for one in tx.subscribers.where(SUBSCRIBER.c.email_index.in_(places))}
    new: list[Subscriber] = []
    changed: list[Subscriber] = []
    wanted: list[Subscription] = []
    letters: list[Letter] = []
    for theirs in people:
        known = here.get(theirs[0].email.lower())
        if known and known.left_at:
            count["left"] += 1
            continue
        subscriber = known or Subscriber(new_id(now), theirs[0].email, created_at=now)
        for row in theirs:
            subscriber = asks(subscriber, row)
        if vouched:
            subscriber = replace(
                subscriber, confirmed_at=subscriber.confirmed_at or now,
                vetted_at=subscriber.vetted_at or now, vetted_by=subscriber.vetted_by or vouched.id,
            )  # fmt: skip
        asked = [subscription_of(row, subscriber.id, now) for row in theirs]
        wanted += asked
        if known:
            if subscriber != known:
                changed.append(subscriber)
            count["suppressed" if known.suppressed_at else "updated"] += 1
        else:
            new.append(subscriber)
            count["added"] += 1
            if not vouched:
                letters.append(compose(Kind.CONFIRM, subscriber, now, together(asked)))
    tx.subscriptions.delete(SUBSCRIPTION.c.subscriber_id.in_([one.id for one in here.values() if not one.left_at]))
    save_all(tx.subscribers, changed)
    tx.subscribers.add(*new)
    tx.subscriptions.add(*wanted)
    return letters


def _staying(subscriber: Subscriber) -> Subscriber:
    if subscriber.left_at:
        raise Conflict("They have left: only they themselves can come back.")
    return subscriber
