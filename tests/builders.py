"""Things as they are most often, so that a test names only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from alerts.domain.alerts import Alert, Edition, Kind
from alerts.domain.audience import ReaderKind, Subscriber, Subscription
from alerts.domain.cases import Case, Event, Fact, NameForm, Person
from alerts.domain.confidants import Confidant, ConfidantRole
from alerts.domain.deadlines import Deadline
from alerts.domain.deadlines import Kind as DeadlineKind
from alerts.domain.labels import Answer, Label
from alerts.domain.staff import Role, Staff
from alerts.domain.subscriberfile import Wanted
from alerts.domain.times import LocalTime, at
from alerts.domain.watching import Source
from alerts.store.vault import Keys, Vault

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HEARING = at("2030-02-01 10:00", "Asia/Bishkek")

ANA = Staff("ana", "ana@desk.example", "Ana", Role.AUTHOR, created_at=NOON)
BEK = Staff("bek", "bek@desk.example", "Bek", Role.APPROVER, created_at=NOON)
CLEO = Staff("cleo", "cleo@desk.example", "Cleo", Role.ADMIN, created_at=NOON)

VAULT = Vault(lambda: Keys({b"\x00\x01": b"k" * 32}))

DANA = Staff("dana", "dana@desk.example", "Dana", Role.AUDITOR, created_at=NOON)

_numbers = count(1)


def an_id(kind: str) -> str:
    return f"{kind}{next(_numbers)}"


def a_case(code: str = "KG-1", **kw: Any) -> Case:
    """A fictional case whose sister agreed that all subscribers may know."""
    case = Case(
        an_id("case"),
        code,
        "KG",
        fictional=True,
        answer=Answer.ALL_SUBSCRIBERS,
        agreed_by="her sister",
        created_at=NOON,
    )
    return replace(case, **kw)


def a_person(case: Case, name: str = "Aida Sample", *forms: str, **kw: Any) -> tuple[Person, list[NameForm]]:
    """A person of the case with their name forms, the name itself being the first."""
    person = replace(Person(an_id("person"), case.id, 0, name), **kw)
    return person, [NameForm(an_id("form"), person.id, form) for form in (name, *forms)]


def an_event(case: Case, kind: str = "arrest", **kw: Any) -> Event:
    return replace(Event(an_id("event"), case.id, 0, kind), **kw)


def a_fact(case: Case, text: str = "She was taken from her home.", **kw: Any) -> Fact:
    return replace(Fact(an_id("fact"), case.id, 0, text), **kw)


def a_source(**kw: Any) -> Source:
    return replace(Source(an_id("source"), "https://news.example/rss", next_poll_at=NOON, created_at=NOON), **kw)


def a_deadline(when: LocalTime | None = HEARING, kind: DeadlineKind = DeadlineKind.HEARING, **kw: Any) -> Deadline:
    return replace(Deadline(an_id("deadline"), kind, when, "KG", created_at=NOON), **kw)


def a_confidant(case_id: str, **kw: Any) -> Confidant:
    """The lawyer of a case, who reads mail and has a telephone."""
    confidant = Confidant(
        an_id("confidant"), case_id, ConfidantRole.LAWYER, "Nurlan Sample", "nurlan@law.example", "+996 555 123456",
        "en", "Asia/Bishkek", added_at=NOON,
    )  # fmt: skip
    return replace(confidant, **kw)


def an_alert(**kw: Any) -> Alert:
    """An urgent appeal on Kyrgyzstan for all subscribers, that Ana wrote: a draft."""
    id = kw.get("id") or an_id("alert")
    return replace(Alert(id, Kind.URGENT, Label.GREEN, id, countries=("KG",), writers=("ana",), created_at=NOON), **kw)


def an_edition(alert: Alert, language: str = "en", **kw: Any) -> Edition:
    edition = Edition(
        an_id("edition"), alert.id, 0, language, "Bishkek: lawyer taken – call today", "She was taken at night."
    )
    return replace(edition, **kw)


def a_subscriber(email: str = "cleo@mission.example", **kw: Any) -> Subscriber:
    """A diplomat who confirmed, and whom staff know."""
    subscriber = Subscriber(
        an_id("subscriber"), email, kind=ReaderKind.DIPLOMAT, created_at=NOON, confirmed_at=NOON, vetted_at=NOON,
        vetted_by=BEK.id,
    )  # fmt: skip
    return replace(subscriber, **kw)


def a_subscription(subscriber: Subscriber, **kw: Any) -> Subscription:
    """Everything on Kyrgyzstan, if nothing else is named."""
    return replace(
        Subscription(an_id("subscription"), subscriber.id, created_at=NOON), **(kw or {"countries": ("KG",)})
    )


def wanted(email: str = "cleo@mission.example", **kw: Any) -> Wanted:
    """A row of a file, or a form: somebody asks for Kyrgyzstan."""
    return replace(Wanted(2, email, countries=("KG",)), **kw)
