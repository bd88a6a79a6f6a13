"""What we wait to hear, with all that its row on a page says."""

from collections.abc import Iterable
from dataclasses import dataclass

from alerts.domain.deadlines import Deadline
from alerts.domain.silence import Awaited, Silence, whose
from alerts.domain.watching import Source
from alerts.store import silence, views
from alerts.store.dates import DEADLINE
from alerts.store.tables import SOURCE, SUBSCRIBER
from alerts.store.tx import Tx
from alerts.store.views import About


@dataclass(frozen=True, slots=True)
class Quiet:
    """`who` of staff must act, by their id, empty: whoever is at the desk. `observers`: who promised and is silent."""

    silence: Silence
    who: str
    about: About | None = None
    deadline: Deadline | None = None
    source: Source | None = None
    observers: tuple[str, ...] = ()


def with_all(tx: Tx, silences: Iterable[Silence]) -> list[Quiet]:
    """These in their order."""
    found = list(silences)
    if not found:
        return []
    cases = views.about(tx, (one.case_id for one in found))
    dated = [one.deadline_id for one in found if one.deadline_id]
    deadlines = {one.id: one for one in tx.deadlines.where(DEADLINE.c.id.in_(dated))} if dated else {}
    at = [one.source_id for one in found if one.source_id]
    sources = {one.id: one for one in tx.sources.where(SOURCE.c.id.in_(at))} if at else {}
    here = {one.id for one in tx.staff.where() if one.disabled_at is None}
    rows = []
    for one in found:
        deadline = deadlines.get(one.deadline_id or "")
        who = whose(one, deadline.set_by if deadline else "", here)
        about, source = cases.get(one.case_id or ""), sources.get(one.source_id or "")
        rows.append(Quiet(one, who, about, deadline, source, _observers(tx, one)))
    return rows


def _observers(tx: Tx, one: Silence) -> tuple[str, ...]:
    if one.awaited is not Awaited.OBSERVER or not one.deadline_id:
        return ()
    ids = silence.silent_observers(tx, one.deadline_id, one.since)
    people = tx.subscribers.where(SUBSCRIBER.c.id.in_(ids), by=SUBSCRIBER.c.id)
    return tuple(person.organisation or person.name or person.email for person in people)
