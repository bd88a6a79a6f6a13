"""What follows in law from what happened: a verdict, a hold, a letter to a State, each deadline with its proof.

Periods run for each person apart: a co-defendant who stays silent may be bound while the others' appeal goes on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from alerts.domain.cases import Case, Person
from alerts.domain.counting import Asked, Proof, count, span
from alerts.domain.deadlines import Deadline, Kind, Teller
from alerts.domain.errors import Conflict, Invalid
from alerts.domain.law import Rule, Trigger
from alerts.domain.staff import Role, Voice
from alerts.domain.times import Instant, LocalTime
from alerts.queue import Queue
from alerts.services import casework, deadlines
from alerts.services.lawbooks import Books
from alerts.store import Store, Tx
from alerts.store.dates import DEADLINE
from alerts.store.tables import PERSON

INTERNATIONAL = "INT"
PLAIN = (Kind.APPEAL_END, Kind.HOLD, Kind.REMAND)
"""Of these a case has one at a time: they need no title to be told apart."""


@dataclass(frozen=True, slots=True)
class Gone:
    """A deadline that was not made, since both its dates are past. `lapsed`: whether the law says that it is over."""

    proof: Proof
    lapsed: bool


@dataclass(frozen=True, slots=True)
class Computed:
    """The deadlines made, those that came too late to be made, and what the law says besides."""

    made: tuple[Deadline, ...]
    gone: tuple[Gone, ...]
    notes: tuple[Rule, ...]


def proved(books: Books, rule: Rule, asked: Asked) -> Proof:
    """Count one rule by this desk's books. Raises Invalid."""
    return count(rule, asked, books.days_off(rule.jurisdiction, *span(rule, asked)), books.closing)


def follows(books: Books, trigger: Trigger, country: str) -> tuple[list[Rule], list[Rule]]:
    """The rules that make deadlines of this, and those that are notes to read.

    A hold makes no end of remand, though remand is counted from it: that is entered by its rule once a judge orders it.
    """
    rules = books.law.after(trigger, country)
    makes = [rule for rule in rules if rule.gives and not (trigger is Trigger.HOLD and rule.gives == Kind.REMAND)]
    return makes, [rule for rule in rules if rule not in makes]


def compute(
    store: Store, books: Books, case_code: str | None, asked: Asked, *, by: Voice, now: Instant,
    trigger: Trigger | None = None, rule: str = "", person: str = "", title: str = "",
) -> Computed:  # fmt: skip
    """Make what follows from a trigger, or from one rule. Without a case the deadlines need a title.

    `person`: id or name, needed where the case has several. Raises Forbidden, NotFound, Conflict (it is there
    already), Invalid (nothing follows, the rule gives no date, a case or a copy does not fit).
    """
    by.must_be(Role.AUTHOR, "set a deadline")
    with store.begin() as tx:
        case = casework.find(tx, case_code) if case_code else None
        who = _person(tx, case, person)
        rules, notes = _rules(books, case, trigger, rule)
        _cases_fit(rules, asked)
        made, gone = [], []
        for one in rules:
            proof = proved(books, one, _fitting(one, asked))
            _not_twice(tx, proof, case, who)
            when = ahead(proof, now)
            if when is None:
                gone.append(Gone(proof, proof.lapsed(now)))
                continue
            own = title or ("" if case and one.gives in PLAIN else one.what)
            deadline = deadlines.entered(
                tx, case_code, Kind(one.gives), when, by=by, now=now, told_by=Teller.RULE, title=own, proof=proof,
                person_id=who.id if who else None,
            )  # fmt: skip
            made.append(deadline)
        if not made and not gone:
            raise Invalid(
                "Nothing that we know of follows from that there: ask the lawyer, and enter the date by hand."
            )
    return Computed(tuple(made), tuple(gone), tuple(notes))


def answered(
    store: Store, queue: Queue, languages: Iterable[str], books: Books, id: str, *, custody: bool | None,
    copy: LocalTime | None, cases: Sequence[str] = (), by: Voice, now: Instant,
) -> Deadline:  # fmt: skip
    """Count a deadline again, now that more is known of the person. Whoever had another date is told.

    Raises Forbidden, NotFound, Conflict (it is over, or was not counted), Invalid.
    """
    by.must_be(Role.AUTHOR, "answer for a deadline")
    with store.begin() as tx:
        deadline = tx.deadlines.get(id)
        if deadline.proof is None:
            raise Conflict("This date was entered as it is, and not counted from a rule of law.")
        if not deadline.open:
            raise Conflict(f"This deadline is {deadline.state} already.")
        asked = Asked(deadline.proof.asked.trigger, custody, copy, tuple(cases))
        proof = proved(books, books.law.get(deadline.rule), asked)
        deadline = replace(deadline, proof=proof, outer=proof.outer)
        tx.deadlines.save(deadline)
        when = ahead(proof, now)
        if when and when != deadline.when:
            deadline = deadlines.rescheduled(
                tx, queue, languages, id, when, reason="counted again: more is known now", by=by, now=now,
                told_by=Teller.RULE,
            )  # fmt: skip
        else:
            tx.audit.add("deadline counted again", id, proof.rule.id, by=by, at=now)
    return deadline


def ahead(proof: Proof, now: Instant) -> LocalTime | None:
    """The date to remind of: the early one, or once that is past the outer one; None when both are."""
    return next((when for when in (proof.early, proof.outer) if when.ends > now), None)


def people(store: Store, code: str) -> list[Person]:
    """Whom periods can run for: those of the case who are no relatives. Raises NotFound."""
    with store.read() as tx:
        return _charged(tx, casework.find(tx, code))


def _rules(books: Books, case: Case | None, trigger: Trigger | None, id: str) -> tuple[list[Rule], list[Rule]]:
    country = case.country if case else INTERNATIONAL
    if not id:
        if trigger is None:
            raise Invalid("Say what happened, or which rule is meant.")
        return follows(books, trigger, country)
    rule = books.law.get(id)
    if rule.jurisdiction not in (country, INTERNATIONAL):
        raise Invalid(f"{rule.id} is a rule of {rule.jurisdiction}: it does not hold there.")
    if not rule.gives:
        raise Invalid(f"{rule.id} gives no deadline: it only says “{rule.what}”.")
    return [rule], []


def _person(tx: Tx, case: Case | None, person: str) -> Person | None:
    if case is None:
        return None
    known = _charged(tx, case)
    wanted = person.strip()
    if not wanted and len(known) == 1:
        return known[0]
    found = [one for one in known if wanted and wanted in (one.id, one.name)]
    if len(found) != 1:
        raise Invalid("Say who of the case it is about, by the whole name: periods run for each person apart.")
    return found[0]


def _charged(tx: Tx, case: Case) -> list[Person]:
    people = tx.people.where(PERSON.c.case_id == case.id, by=PERSON.c.position)
    return [person for person in people if person.role != "relative"]


def _cases_fit(rules: Iterable[Rule], asked: Asked) -> None:
    known = sorted({case for rule in rules for case in rule.cases})
    for case in asked.cases:
        if case not in known:
            raise Invalid(f"There is no case “{case}” there; there are {', '.join(known) or 'none'}.")


def _fitting(rule: Rule, asked: Asked) -> Asked:
    return replace(asked, cases=tuple(case for case in asked.cases if case in rule.cases))


def _not_twice(tx: Tx, proof: Proof, case: Case | None, who: Person | None) -> None:
    for known in tx.deadlines.where(
        DEADLINE.c.rule == proof.rule.id, DEADLINE.c.person_id == (who.id if who else None),
        DEADLINE.c.case_id == (case.id if case else None),
    ):  # fmt: skip
        if case and known.open and known.proof and known.proof.asked.trigger == proof.asked.trigger:
            raise Conflict(f"That is counted already ({proof.rule.id}): give the new answers on its own page.")
