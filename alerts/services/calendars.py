"""A reader's secret calendar: made, renewed and given up by them alone, and what it holds at this moment."""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from alerts.domain.alerts import Alert, Notice
from alerts.domain.alerts import Kind as AlertKind
from alerts.domain.alerts import State as AlertState
from alerts.domain.audience import Subscriber, Subscription, fits, refused
from alerts.domain.calendars import Calendar, Entry, discreet, entries, wished
from alerts.domain.cases import Case, Person, may_cite, may_name
from alerts.domain.chains import Was
from alerts.domain.deadlines import Deadline
from alerts.domain.errors import NotFound
from alerts.domain.labels import Label, label_of, labels
from alerts.domain.ladders import PUBLIC
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.services.links import WORDS, Purpose, subject
from alerts.services.subscribers import find
from alerts.store import Store, Tx
from alerts.store.calendars import Matter, dates, matters
from alerts.store.dates import DEADLINE, WAS
from alerts.store.readers import standings
from alerts.store.tables import ALERT, CALENDAR, CASE, PERSON, SUBSCRIPTION
from alerts.store.vault import Vault

MOST = 1_000
"""Entries of a feed: what lies further off comes as it draws nearer."""

AT_ONCE = 500
GONE = (AlertKind.WITHDRAWAL, AlertState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Shown:
    """A reader's calendar at this moment."""

    subscriber: Subscriber
    entries: list[Entry]


def make(store: Store, given: str, now: Instant) -> str:
    """A new secret address for the reader of this preferences link; the one they had works no more. Raises NotFound."""
    secret = secrets.token_urlsafe(32)
    with store.begin() as tx:
        id = _theirs(tx, given, now)
        tx.calendars.delete(CALENDAR.c.subscriber_id == id)
        tx.calendars.add(Calendar(hashed(secret), id, now))
        tx.audit.add("calendar made", id, by=None, at=now)
    return secret


def give_up(store: Store, given: str, now: Instant) -> None:
    """Their secret address works no more. Raises NotFound."""
    with store.begin() as tx:
        id = _theirs(tx, given, now)
        if tx.calendars.delete(CALENDAR.c.subscriber_id == id):
            tx.audit.add("calendar given up", id, by=None, at=now)


def made(store: Store, subscriber_id: str) -> Calendar | None:
    """The calendar that this reader has."""
    with store.read() as tx:
        return tx.calendars.find(CALENDAR.c.subscriber_id == subscriber_id)


def shown(store: Store, secret: str, now: Instant) -> Shown:
    """What is read at a secret address. Raises NotFound with the same words for every flaw."""
    with store.read() as tx:
        calendar = tx.calendars.find(CALENDAR.c.id == hashed(secret))
        if calendar is None:
            raise NotFound(WORDS)
        return _shown(tx, tx.subscribers.get(calendar.subscriber_id), now)


def looked_at(store: Store, email: str, *, by: Staff, now: Instant) -> Shown:
    """What a reader's calendar holds, or would: for staff who check it. Raises Forbidden, NotFound."""
    by.must_be(Role.APPROVER, "look at a reader's calendar")
    with store.read() as tx:
        return _shown(tx, find(tx, email), now)


def uid(vault: Vault, key: str) -> str:
    """Says nothing of what it stands for. The same for all readers: two of one mission may share a calendar."""
    return vault.sign("calendar", key)[:16].hex()


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _theirs(tx: Tx, given: str, now: Instant) -> str:
    """Whose preferences link this is, if they may be written to. Raises NotFound."""
    id = subject(tx.vault, Purpose.PREFERENCES, given, now)
    if refused(standings(tx, [id]).get(id), Label.GREEN):
        raise NotFound(WORDS)
    return id


def _shown(tx: Tx, subscriber: Subscriber, now: Instant) -> Shown:
    standing = standings(tx, [subscriber.id])[subscriber.id]
    if refused(standing, Label.GREEN):
        raise NotFound(WORDS)
    asked = tx.subscriptions.where(SUBSCRIPTION.c.subscriber_id == subscriber.id)
    named = {code for one in asked for code in one.countries} if all(one.countries for one in asked) else ()
    theirs = [
        matter
        for matter in (matters(tx, named, now) if asked else ())
        if _meets(asked, matter) and not refused(standing, labels(matter.answer)[0] if matter.case_id else Label.GREEN)
    ]
    may_read = [label for label in Label if not refused(standing, label)]
    chosen = dates(tx, theirs, PUBLIC, may_read, MOST, now)
    found = [
        entry
        for start in range(0, len(chosen), AT_ONCE)
        for entry in _entries(tx, subscriber, chosen[start : start + AT_ONCE], now)
    ]
    return Shown(subscriber, found)


def _meets(asked: Sequence[Subscription], matter: Matter) -> bool:
    """The rule of an alert's audience, for the reminder that a date about this would send."""
    about = (matter.country,) if matter.country else ()
    alert = Alert("", AlertKind.REMINDER, Label.GREEN, "", topics=matter.topics, countries=about)
    return any(fits(one, alert, matter.code) is not None for one in asked)


def _entries(tx: Tx, reader: Subscriber, ids: list[str], now: Instant) -> list[Entry]:
    here = tx.deadlines.where(DEADLINE.c.id.in_(ids), by=[DEADLINE.c.starts_at, DEADLINE.c.id])
    case_ids = {date.case_id for date in here if date.case_id}
    cases = {case.id: case for case in tx.cases.where(CASE.c.id.in_(case_ids))}
    people: dict[str, list[Person]] = defaultdict(list)
    for person in tx.people.where(PERSON.c.case_id.in_(case_ids), by=[PERSON.c.position, PERSON.c.id]):
        people[person.case_id].append(person)
    chains: dict[str, list[Was]] = defaultdict(list)
    for link in tx.was.where(WAS.c.deadline_id.in_(ids), by=[WAS.c.revision, WAS.c.id]):
        chains[link.deadline_id].append(link)
    last = {alert.deadline_id: alert for alert in tx.alerts.where(
        ALERT.c.deadline_id.in_(ids), ALERT.c.published_at.is_not(None), by=[ALERT.c.created_at, ALERT.c.ordinal]
    )}  # fmt: skip
    found, rungs = [], wished(reader.rungs)
    for date in here:
        said, case = last.get(date.id), cases.get(date.case_id or "")
        if date.ours:
            continue
        if said and (said.kind in GONE or said.state in GONE):
            continue
        notice = _notice(date, case, people[case.id] if case else [])
        if not reader.calendar_names:
            notice = discreet(notice, date.case_id)
        for entry in entries(date, chains[date.id], notice, now, rungs):
            found.append(replace(
                entry, uid=uid(tx.vault, entry.uid), reference=said.reference if said else "",
                fictional=bool(case and case.fictional),
            ))  # fmt: skip
    return found


def _notice(date: Deadline, case: Case | None, people: list[Person]) -> Notice:
    label = label_of(date.label, case.fact_label if case else None)
    names = tuple(person.name for person in may_name(case, people, label)) if case else ()
    code = may_cite(case, people, label) if case else ""
    return Notice(date.kind, date.title, names, code, "", date.court, date.when, None, date.state, date.reason)
