"""Who asked for what, who therefore gets an alert, and why."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

from alerts.domain.alerts import Alert, Kind
from alerts.domain.errors import Invalid
from alerts.domain.labels import Label
from alerts.domain.times import Instant

BATCH = 500
COLUMNS = ("countries", "cases", "topics", "kinds")
KINDS = tuple(kind for kind in Kind if kind is not Kind.DIGEST)
"""What a subscription may name: a digest is no kind that one asks for, but how often one hears."""


class ReaderKind(StrEnum):
    DIPLOMAT = "diplomat"
    NGO = "ngo"
    MEDIA = "media"
    OTHER = "other"


class Cadence(StrEnum):
    """The soonest first."""

    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """`quiet` is as `22-07`, hours on the reader's own clock in `zone`. `head`: of a mission or organisation.

    `show_note`: their own note stands in each mail. `heard_at`: when they last did or wrote anything; `asked_at`: when
    we last asked whether they are still the right reader. `reach`: where they can be how soon (domain/reach.py).
    `rungs`: the only reminders they want, as `T-3d;T-3h`; empty: the desk's ladder. `nag`: after a date they ask every
    day what became of it, until it is reported. `calendar_names`: their calendar may name people.
    """

    id: str
    email: str
    name: str = ""
    organisation: str = ""
    kind: ReaderKind = ReaderKind.OTHER
    language: str = "en"
    zone: str = ""
    quiet: str = ""
    note: str = ""
    consented_on: date | None = None
    consented_how: str = ""
    created_at: Instant | None = None
    confirmed_at: Instant | None = None
    vetted_at: Instant | None = None
    vetted_by: str | None = None
    suppressed_at: Instant | None = None
    suppressed_why: str = ""
    left_at: Instant | None = None
    head: bool = False
    show_note: bool = False
    heard_at: Instant | None = None
    asked_at: Instant | None = None
    reach: str = ""
    rungs: str = ""
    nag: bool = False
    calendar_names: bool = False


@dataclass(frozen=True, slots=True)
class Subscription:
    """Columns are ANDed, values in a column are ORed, an empty column means any."""

    id: str
    subscriber_id: str
    countries: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    cadence: Cadence = Cadence.IMMEDIATE
    created_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether a subscriber may be written to at this moment."""

    confirmed: bool
    vetted: bool
    suppressed: str = ""
    left: bool = False


class Candidate(NamedTuple):
    """A reader with the subscriptions by which an alert might reach them; those who ask for the same share theirs."""

    subscriber_id: str
    language: str
    standing: Standing
    subscriptions: tuple[Subscription, ...]
    zone: str = ""
    quiet: str = ""


class Recipient(NamedTuple):
    """One place in a batch's frozen list. `because`: the values of their subscriptions that the alert met."""

    subscriber_id: str
    language: str
    because: tuple[str, ...] = ()


def refused(standing: Standing | None, label: Label) -> str:
    """Why this subscriber must not be written to with this label, or nothing. None: the subscriber is erased."""
    if standing is None:
        return "erased"
    if standing.left:
        return "left"
    if standing.suppressed:
        return standing.suppressed
    if not standing.confirmed:
        return "not confirmed"
    if label is Label.RED:
        return "only us"
    if label is Label.AMBER and not standing.vetted:
        return "not vetted for this label"
    return ""


def fits(subscription: Subscription, alert: Alert, case_code: str) -> tuple[str, ...] | None:
    """The values that met, empty where every column is “any”; None where the subscription does not match.

    An alert that names no country (a summit) concerns them all.
    """
    met: list[str] = []
    columns = (
        (subscription.countries, alert.countries or subscription.countries),
        (subscription.cases, (case_code,)),
        (subscription.topics, alert.topics),
        (subscription.kinds, (alert.kind,)),
    )
    for wanted, given in columns:
        if wanted:
            folded = {value.casefold() for value in given}
            common = [value for value in wanted if value.casefold() in folded]
            if not common:
                return None
            met += common
    return tuple(met)


def select(
    alert: Alert, case_code: str, candidates: Iterable[Candidate], languages: Iterable[str]
) -> Iterator[tuple[Candidate, Recipient, Cadence]]:
    """Each candidate that a subscription matches and that may be written to, once, in the language they will read.

    The cadence is the soonest of those subscriptions that match.
    """
    editions = list(languages)
    met: dict[tuple[Subscription, ...], _Met | None] = {}  # a million readers ask for few different things
    for candidate in candidates:
        asked = candidate.subscriptions
        try:
            found = met[asked]
        except KeyError:
            found = met[asked] = _met(asked, alert, case_code)
        if found is not None and not refused(candidate.standing, alert.label):
            language = edition_for(candidate.language, editions)
            yield candidate, Recipient(candidate.subscriber_id, language, found.because), found.cadence


@dataclass(frozen=True, slots=True)
class _Met:
    because: tuple[str, ...]
    cadence: Cadence


def _met(subscriptions: tuple[Subscription, ...], alert: Alert, case_code: str) -> _Met | None:
    found = [(one.cadence, fits(one, alert, case_code)) for one in subscriptions]
    met = [(cadence, values) for cadence, values in found if values is not None]
    if not met:
        return None
    soonest = min((cadence for cadence, _ in met), key=list(Cadence).index)
    return _Met(tuple(dict.fromkeys(value for _, values in met for value in values)), soonest)


def edition_for(language: str, editions: list[str]) -> str:
    """The reader's language where there is an edition in it, else the first edition: nobody is left out."""
    return language if language in editions else editions[0]


def batches(recipients: Iterable[Recipient], size: int = BATCH) -> Iterator[list[Recipient]]:
    left = iter(recipients)
    while batch := list(islice(left, size)):
        yield batch


def together(subscriptions: Sequence[Subscription]) -> Subscription:
    """What somebody with several subscriptions asked for, as one for a page: never less than all of them."""
    countries, cases, topics, kinds = (
        [getattr(subscription, name) for subscription in subscriptions] for name in COLUMNS
    )  # fmt: skip
    widest = all(countries) or all(cases) or all(topics)  # else it would ask for nothing at all

    def join(lists: list[tuple[str, ...]]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(v for values in lists for v in values)) if all(lists) or not widest else ()

    return replace(
        subscriptions[0], countries=join(countries), cases=join(cases), topics=join(topics), kinds=join(kinds)
    )


def check(subscription: Subscription) -> Subscription:
    """Raises Invalid for a subscription that subscribes to nothing."""
    if not (subscription.countries or subscription.cases or subscription.topics):
        raise Invalid("This subscribes to nothing: name at least one country, case or topic.")
    unknown = [kind for kind in subscription.kinds if kind not in KINDS]
    if unknown:
        raise Invalid(f"“{unknown[0]}” is no kind of alert: write {', '.join(KINDS)}.")
    return subscription
