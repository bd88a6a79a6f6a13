"""What goes into an edition: the ticked facts that these readers may have, the addressees, the words; and what is
wrong with it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from alerts.domain import alerts
from alerts.domain.alerts import AddresseeLine, Alert, Edition, FactLine
from alerts.domain.cases import Case, default_label, may_say, widest
from alerts.domain.errors import Conflict, Invalid
from alerts.domain.labels import Label
from alerts.domain.staff import Staff
from alerts.domain.times import Instant
from alerts.services.casework import addressees, asks_of
from alerts.services.ids import new_id
from alerts.store import Tx
from alerts.store.tables import EDITION, FACT, PERSON


@dataclass(frozen=True, slots=True)
class Text:
    """What a writer gives for one edition. `facts` are ids of the case's facts that are ticked."""

    title: str
    body: str
    facts: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    background: str = ""


def editions(tx: Tx, alert_id: str) -> list[Edition]:
    return tx.editions.where(EDITION.c.alert_id == alert_id, by=EDITION.c.position)


def warnings(tx: Tx, alert: Alert, written: list[Edition], audience: int, without: Mapping[str, int]) -> Iterable[str]:
    """What a writer should know before it goes out; none of it holds it up.

    `without`: how many of the audience read a language that there is no edition in.
    """
    if not audience:
        yield "Nobody would get this: no subscription matches, or nobody may read this label."
    for language, count in sorted(without.items()):
        yield f"No edition in {language}: {count} who read it get the one in {written[0].language}."
    if alert.case_id:
        case = tx.cases.get(alert.case_id)
        said = " ".join(f"{e.title} {e.body}" for e in written).casefold()
        for person in tx.people.where(PERSON.c.case_id == case.id):
            if person.name.casefold() in said and not person.label(case).allows(alert.label):
                yield f"The text names {person.name}, whom nobody has allowed to be named to these readers."


def label_for(asked: Label | None, case: Case | None) -> Label:
    """The label asked for, if somebody who speaks for the case did not agree to less. Raises Invalid."""
    label, agreed = asked or default_label(case), widest(case)
    if agreed and not agreed.allows(label):
        raise Invalid(f"What may we say of this case? Not more than {agreed}: an alert for {label} cannot be made.")
    return label


def edition_of(
    tx: Tx, alert: Alert, case: Case | None, text: Text, language: str, position: int, by: Staff, now: Instant
) -> Edition:
    language = language_of(language)
    _check_asks(tx, case, text.asks)
    return Edition(
        new_id(now), alert.id, position, language, alerts.title(text.title), body_of(text.body),
        _facts(tx, alert, case, text.facts), text.asks, addressees_of(tx, alert, language), text.background, by.id,
    )  # fmt: skip


def _check_asks(tx: Tx, case: Case | None, asks: tuple[str, ...]) -> None:
    """Consent to facts is not consent to actions. Raises Invalid for an ask that the case does not want."""
    unwanted = {ask.text for ask in asks_of(tx, case) if not ask.welcome(case)} if case else set()
    for ask in asks:
        if ask in unwanted:
            raise Invalid(f"“{ask}” is not wanted in this case: leave it out.")


def _facts(tx: Tx, alert: Alert, case: Case | None, ticked: tuple[str, ...]) -> tuple[FactLine, ...]:
    """The ticked facts as lines, in order. Raises Invalid for one that these readers may not have."""
    if not ticked or case is None:
        return ()
    allowed = {
        f.id: f for f in may_say(case, tx.facts.where(FACT.c.case_id == case.id, by=FACT.c.position), alert.label)
    }
    if any(id not in allowed for id in ticked):
        raise Invalid("A ticked fact may not be said to these readers.")
    lines = [FactLine(f.id, f.text, f.when, f.claim, f.certainty.value) for f in allowed.values() if f.id in ticked]
    return tuple(lines)


def check_facts(tx: Tx, alert: Alert, written: list[Edition]) -> None:
    """Raises Conflict where a fact in the text was set apart after it was ticked, or the case answers for less now."""
    if alert.case_id is None:
        return
    case = tx.cases.get(alert.case_id)
    agreed = widest(case)
    if agreed and not agreed.allows(alert.label):
        raise Conflict(f"Not more than {agreed} may be said of this case by now: this alert is for {alert.label}.")
    allowed = {f.id for f in may_say(case, tx.facts.where(FACT.c.case_id == case.id), alert.label)}
    if any(line.fact_id not in allowed for edition in written for line in edition.facts):
        raise Conflict("A fact in this text may no longer be said to these readers: edit it and submit it again.")


def addressees_of(tx: Tx, alert: Alert, language: str) -> tuple[AddresseeLine, ...]:
    if len(alert.countries) != 1:
        return ()
    known = addressees(tx, alert.countries[0], tx.cases.get(alert.case_id) if alert.case_id else None)
    return tuple(
        AddresseeLine(a.office, a.holder, a.address, (a.salutations or {}).get(language, ""), a.copy) for a in known
    )


def language_of(code: str) -> str:
    code = code.strip().lower()
    if not (code.isascii() and code.isalpha() and 2 <= len(code) <= 3):
        raise Invalid(f"“{code}” is not a language: write its two letters, as en.")
    return code


def body_of(text: str) -> str:
    if not text.strip():
        raise Invalid("The text is empty.")
    return text.strip().replace("\r\n", "\n")
