"""The matter we follow: cases come in by a file, are answered for, grow by facts, and are closed."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date

from alerts.domain import times
from alerts.domain.alerts import Alert
from alerts.domain.casefile import CaseFile, Parsed
from alerts.domain.cases import Addressee, Ask, Case, Certainty, Event, Fact, NameForm, Person, Wish
from alerts.domain.deadlines import Deadline
from alerts.domain.errors import Conflict, Invalid, NotFound
from alerts.domain.labels import Answer, Label
from alerts.domain.refusals import Refusal, Refused
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant, LocalTime
from alerts.services import matching
from alerts.services.ids import new_id
from alerts.settings import countries
from alerts.store import Store, Tx
from alerts.store.dates import DEADLINE
from alerts.store.tables import ADDRESSEE, ALERT, ASK, CASE, EVENT, FACT, NAME_FORM, PERSON


@dataclass(frozen=True, slots=True)
class Imported:
    cases: int
    people: int
    facts: int
    asks: int
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Whole:
    """A case with all that belongs to it, as its page shows it. `forms` by person id."""

    case: Case
    people: list[Person]
    forms: dict[str, list[NameForm]]
    events: list[Event]
    facts: list[Fact]
    asks: list[Ask]
    addressees: list[Addressee]
    deadlines: list[Deadline]
    alerts: list[Alert]


def import_cases(store: Store, parsed: CaseFile, *, by: Staff, now: Instant, partial: bool = False) -> Imported:
    """Take the file's cases, asks and addressees: all of it or nothing; `partial` takes what is not refused.

    An ask or addressee that is here already is not taken twice. Raises Forbidden, Refused (each line with its reason).
    """
    by.must_be(Role.AUTHOR, "import cases")
    with store.begin() as tx:
        known = {case.code for case in tx.cases.where()}
        refusals = (*parsed.refusals, *(_known(one) for one in parsed.cases if one.case.code in known))
        if refusals and not partial:
            raise Refused(refusals)
        taken = [one for one in parsed.cases if one.case.code not in known]
        asks = _new_asks(tx, parsed, {one.case.id for one in taken})
        tx.cases.add(*(replace(one.case, created_at=now) for one in taken))
        tx.people.add(*(person for one in taken for person in one.people))
        tx.forms.add(*(form for one in taken for form in one.forms))
        tx.events.add(*(event for one in taken for event in one.events))
        tx.facts.add(*(fact for one in taken for fact in one.facts))
        tx.asks.add(*asks)
        tx.addressees.add(*_new_addressees(tx, parsed, {one.case.id for one in taken}))
        matching.changed(tx)
        people, facts = sum(len(one.people) for one in taken), sum(len(one.facts) for one in taken)
        tx.audit.add("cases imported", "", f"{len(taken)} cases, {facts} facts, {len(asks)} asks", by=by, at=now)
    return Imported(len(taken), people, facts, len(asks), tuple(sorted(refusals)))


def get(store: Store, code: str) -> Case:
    """Raises NotFound."""
    with store.read() as tx:
        return find(tx, code)


def find(tx: Tx, code: str) -> Case:
    """The case with this code. Raises NotFound."""
    case = tx.cases.find(CASE.c.code == code.strip())
    if case is None:
        raise NotFound(f"There is no case {code.strip()}.")
    return case


def listing(store: Store) -> list[Case]:
    """Every case, by its code."""
    with store.read() as tx:
        return tx.cases.where(by=CASE.c.code)


def file(store: Store, code: str) -> Whole:
    """All that is known of one case. Its asks are its own, and those to its country. Raises NotFound."""
    with store.read() as tx:
        case = find(tx, code)
        people = tx.people.where(PERSON.c.case_id == case.id, by=PERSON.c.position)
        forms: dict[str, list[NameForm]] = defaultdict(list)
        for form in tx.forms.where(NAME_FORM.c.person_id.in_([person.id for person in people])):
            forms[form.person_id].append(form)
        return Whole(
            case, people, dict(forms), tx.events.where(EVENT.c.case_id == case.id, by=EVENT.c.position),
            tx.facts.where(FACT.c.case_id == case.id, by=FACT.c.position), asks_of(tx, case),
            addressees(tx, case.country, case),
            tx.deadlines.where(DEADLINE.c.case_id == case.id, by=[DEADLINE.c.starts_at, DEADLINE.c.id]),
            tx.alerts.where(ALERT.c.case_id == case.id, by=[ALERT.c.created_at, ALERT.c.id]),
        )  # fmt: skip


def say(
    store: Store, code: str, answer: Answer, *, agreed_by: str, by: Staff, now: Instant, agreed_on: date | None = None
) -> Case:
    """Answer “What may we say?” for a case. Raises Forbidden, NotFound, Invalid (nobody agreed to it)."""
    by.must_be(Role.AUTHOR, "answer what may be said")
    if answer is not Answer.ONLY_US and not agreed_by.strip():
        raise Invalid("Say who agreed to it: the person, the family or the lawyer.")
    with store.begin() as tx:
        case = replace(
            find(tx, code), answer=answer, agreed_by=agreed_by.strip(), agreed_on=agreed_on or now.date()
        )  # fmt: skip
        tx.cases.save(case)
        tx.audit.add("case answered", case.id, answer, by=by, at=now)
    return case


def wanted(
    store: Store, code: str, *, publicity: Wish, missions: Wish, visits: Wish, by: Staff, now: Instant
) -> Case:  # fmt: skip
    """What the person, or who speaks for them, wants done. Raises Forbidden, NotFound."""
    by.must_be(Role.AUTHOR, "record what is wanted")
    with store.begin() as tx:
        case = replace(find(tx, code), publicity=publicity, missions=missions, visits=visits)
        tx.cases.save(case)
        said = f"publicity {publicity}, missions {missions}, visits {visits}"
        tx.audit.add("case wishes recorded", case.id, said, by=by, at=now)
    return case


def add_fact(
    store: Store, code: str, text: str, *, by: Staff, now: Instant, source: str = "", date: str = "", claim: str = "",
    first: str = "", last: str = "", certainty: Certainty = Certainty.REPORTED, label: Label | None = None,
    sensitive: bool = False, kind: str = "", contradicts: str | None = None,
) -> Fact:  # fmt: skip
    """One more claim. `date` as 2010-09-15, 2010-06, 2010 or with a time of day; or a vague `claim`, `first` to `last`.

    `kind` opens a new event with it. Raises Forbidden, NotFound, Invalid, Conflict (the case is closed).
    """
    by.must_be(Role.AUTHOR, "add a fact")
    if not text.strip():
        raise Invalid("The fact is empty: say what is claimed.")
    with store.begin() as tx:
        case = _open(find(tx, code))
        event = Event(new_id(now), case.id, tx.events.count(EVENT.c.case_id == case.id), kind.strip()) if kind else None
        fact = Fact(
            new_id(now), case.id, tx.facts.count(FACT.c.case_id == case.id), text.strip(), event.id if event else None,
            _when(date, claim, first, last, countries()[case.country].zone), claim.strip(), source=source.strip(),
            certainty=certainty, label=label, sensitive=sensitive, contradicts=contradicts,
        )  # fmt: skip
        if contradicts and tx.facts.get(contradicts).case_id != case.id:
            raise Invalid("A fact can only contradict a fact of the same case.")
        if event:
            tx.events.add(event)
        tx.facts.add(fact)
        tx.audit.add("fact added", case.id, fact.id, by=by, at=now)
    return fact


def close(store: Store, code: str, *, by: Staff, now: Instant) -> Case:
    """The matter is over; all that was said of it stays. Raises Forbidden, NotFound, Conflict (closed already)."""
    by.must_be(Role.AUTHOR, "close a case")
    with store.begin() as tx:
        case = replace(_open(find(tx, code)), closed_at=now)
        tx.cases.save(case)
        matching.changed(tx)
        tx.audit.add("case closed", case.id, by=by, at=now)
    return case


def _known(parsed: Parsed) -> Refusal:
    return Refusal(parsed.line, f"there is a case {parsed.case.code} already")


def _open(case: Case) -> Case:
    if case.closed_at:
        raise Conflict(f"The case {case.code} is closed.")
    return case


def _when(date: str, claim: str, first: str, last: str, zone: str) -> LocalTime | None:
    if date.strip():
        return times.at(date, zone) if ":" in date else times.on(date, zone)
    if first.strip() or last.strip():
        return times.between(claim, first or last, last or first, zone)
    return None


def addressees(tx: Tx, country: str, case: Case | None) -> list[Addressee]:
    """Whom readers write to in this country, copies last: for a case also its own; a fictional one has no others."""
    known = tx.addressees.where(ADDRESSEE.c.country == country, by=[ADDRESSEE.c.copy, ADDRESSEE.c.id])
    own, general = (case.id if case else ""), not (case and case.fictional)
    return [one for one in known if one.case_id == own or (general and one.case_id is None)]


def asks_of(tx: Tx, case: Case) -> list[Ask]:
    """Its own, and what is asked of its country anyway; nobody real is asked anything for a fictional case."""
    own = tx.asks.where(ASK.c.case_id == case.id, by=ASK.c.position)
    return (
        own
        if case.fictional
        else own + tx.asks.where(ASK.c.case_id.is_(None), ASK.c.body == case.country, by=ASK.c.position)
    )


def _new_asks(tx: Tx, file: CaseFile, taken: set[str]) -> list[Ask]:
    """Those of the cases taken, and those to a body that it was not asked before, after what was asked of it before."""
    here = tx.asks.where(ASK.c.case_id.is_(None))
    said = {(ask.body, ask.text) for ask in here}
    last = {ask.body: max(other.position for other in here if other.body == ask.body) for ask in here}
    general = [ask for ask in file.asks if ask.case_id is None and (ask.body, ask.text) not in said]
    placed = [replace(ask, position=ask.position + last.get(ask.body, -1) + 1) for ask in general]
    return [ask for ask in file.asks if ask.case_id in taken] + placed


def _new_addressees(tx: Tx, file: CaseFile, taken: set[str]) -> list[Addressee]:
    here = {(known.country, known.office, known.holder) for known in tx.addressees.where(ADDRESSEE.c.case_id.is_(None))}
    general = [one for one in file.addressees if one.case_id is None]
    new = [one for one in general if (one.country, one.office, one.holder) not in here]
    return new + [one for one in file.addressees if one.case_id in taken]
