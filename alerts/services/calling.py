"""The call list of a change that comes too soon for mail alone: opened with it, ticked off until everybody knows."""

from collections.abc import Collection

from alerts.domain import calling
from alerts.domain.calling import Call, Holder, How
from alerts.domain.chains import Was, stood
from alerts.domain.deadlines import Deadline
from alerts.domain.errors import Conflict, NotFound
from alerts.domain.phones import phone
from alerts.domain.staff import Role, Staff, Voice
from alerts.domain.times import Instant
from alerts.store import Store, Tx
from alerts.store.dates import CALL, WAS
from alerts.store.pages import calls
from alerts.store.tables import PHONE

TOLD = (How.RANG, How.WROTE)


def opened(tx: Tx, deadline: Deadline, old: Was | None, holders: Collection[str], now: Instant) -> None:
    """Put on the list who holds what stood before, if it comes too soon for mail alone.

    Who was told by phone is told by phone again: no ledger knows what they were told.
    """
    older = (CALL.c.deadline_id == deadline.id, CALL.c.revision < deadline.revision, CALL.c.how.in_(TOLD))
    ids = {call.subscriber_id for call in tx.calls.where(*older)}
    if calling.needed(old.when if old else None, deadline.when, now):
        ids |= set(holders)
    tx.calls.add(*(Call(deadline.id, deadline.revision, id) for id in sorted(ids)))


def listing(store: Store, id: str) -> tuple[Deadline, list[calls.Person]]:
    """Whom to ring about what stands here, the first one first; who knows comes last. Raises NotFound."""
    with store.read() as tx:
        deadline = tx.deadlines.get(id)
        return deadline, calls.people(tx, deadline)


def before(tx: Tx, deadline: Deadline) -> Was | None:
    """What they hold: what stood before, as far as anybody was told of it."""
    return stood(tx.was.where(WAS.c.deadline_id == deadline.id))


def on_list(store: Store, id: str, subscriber: str) -> str:
    """The id of somebody on the list, by their id or address. Raises NotFound."""
    _, people = listing(store, id)
    wanted = subscriber.strip().casefold()
    for person in people:
        if wanted in (person.subscriber.id.casefold(), person.subscriber.email.casefold()):
            return person.subscriber.id
    raise NotFound("They are not on this call list.")


def tick(
    store: Store, id: str, subscriber_id: str, how: How, *, by: Voice, now: Instant, seen: int | None = None
) -> Holder:
    """What came of trying to tell one of them.

    Raises Forbidden, NotFound, Conflict (somebody told them already, or it has changed since).
    """
    with store.begin() as tx:
        deadline = tx.deadlines.get(id)
        if seen is not None and seen != deadline.revision:
            raise Conflict("It has changed since you opened this list: look again before you ring anybody.")
        one = (CALL.c.revision == deadline.revision, CALL.c.subscriber_id == subscriber_id)
        call = tx.calls.find(CALL.c.deadline_id == id, *one)
        if call is None:
            raise NotFound("They are not on this call list.")
        tx.calls.save(calling.tick(call, how, by=by, now=now))
        [holder] = [one for one in calls.holders(tx, deadline) if one.call.subscriber_id == subscriber_id]
        tx.audit.add("call ticked", id, f"{subscriber_id} {how.value}", by=by, at=now)
    return holder


def number(store: Store, subscriber_id: str, given: str, *, by: Staff, now: Instant) -> None:
    """At which number they are rung; an empty one forgets it. Raises Forbidden, NotFound, Invalid."""
    by.must_be(Role.APPROVER, "write down a telephone number")
    with store.begin() as tx:
        tx.subscribers.get(subscriber_id)
        tx.phones.delete(PHONE.c.id == subscriber_id)
        if given.strip():
            tx.phones.add(phone(subscriber_id, given))
        tx.audit.add("telephone number kept" if given.strip() else "telephone number forgotten", subscriber_id,
                     by=by, at=now)  # fmt: skip
