"""Files as people bring them: read, checked and taken in one step. All or nothing, unless `partial`."""

from collections.abc import Callable

from alerts.domain import casefile, subscriberfile
from alerts.domain.staff import Staff
from alerts.domain.times import Instant
from alerts.queue import Queue
from alerts.services import casework, caseyaml
from alerts.services import subscribers as readers
from alerts.services.addresses import address
from alerts.services.ids import new_id
from alerts.settings import countries
from alerts.store import Store


def cases(store: Store, text: str, *, by: Staff, now: Instant, partial: bool = False) -> casework.Imported:
    """The cases of a YAML file. Raises Forbidden, Refused (each line with its reason)."""
    parsed = casefile.parse(caseyaml.read(text), countries(), lambda: new_id(now))
    return casework.import_cases(store, parsed, by=by, now=now, partial=partial)


def subscribers(
    store: Store, queue: Queue, text: str, *, by: Staff, now: Instant, vetted: bool = False, partial: bool = False,
    bar: Callable[[int], Callable[[int], None]] = lambda _: lambda _: None,
) -> readers.Imported:  # fmt: skip
    """The subscribers of a CSV file. `bar` is told how many rows there are, and answers what to tell of each step.

    Raises Forbidden, Refused (each line with its reason).
    """
    rows, refusals = subscriberfile.parse(text.splitlines(keepends=True), countries(), address)
    return readers.import_subscribers(
        store, rows, refusals, by=by, now=now, queue=queue, vetted=vetted, partial=partial, progress=bar(len(rows))
    )
