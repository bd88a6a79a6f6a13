"""The happenings and claims of a case file. A date is kept as precisely as it was written, and no more so."""

from dataclasses import dataclass, replace

from alerts.domain import times
from alerts.domain.cases import Certainty, Event, Fact
from alerts.domain.documents import Node, Part, Reader
from alerts.domain.errors import Invalid
from alerts.domain.labels import Label
from alerts.domain.times import LocalTime

CLAIM = (
    "date",
    "text",
    "outcome",
    "place",
    "source",
    "note",
    "certainty",
    "label",
    "sensitive",
    "agreed_by",
    "agreed_on",
)
HAPPENING = ("kind", *CLAIM, "from", "to", "body", "until", "reason")


@dataclass(frozen=True, slots=True)
class Told:
    """Where the file's claims come from: `source` in full, `short` as a footnote is cited."""

    source: str = ""
    short: str = ""

    def cited(self, notes: tuple[str, ...]) -> str:
        if not notes:
            return self.source
        many = f"notes {', '.join(notes[:-1])} and {notes[-1]}" if len(notes) > 1 else f"note {notes[0]}"
        return f"{self.short}, {many}" if self.short else many


def happening(
    reader: Reader, node: Node, case_id: str, position: int, event_id: str, fact_id: str, zone: str, told: Told
) -> tuple[Event, Fact]:
    """One event of a case, and the one fact that says what is claimed of it."""
    part = reader.part(node, "an event", HAPPENING)
    kind = "_".join(part.text("kind", "other").lower().split())
    fact = _claim(part, fact_id, case_id, position, zone, told)
    return Event(event_id, case_id, position, kind), replace(fact, event_id=event_id, text=_sentence(part, kind))


def fact(reader: Reader, node: Node, case_id: str, position: int, fact_id: str, zone: str, told: Told) -> Fact:
    """One claim that belongs to no event."""
    part = reader.part(node, "a fact", CLAIM)
    return replace(_claim(part, fact_id, case_id, position, zone, told), text=part.needed("text"))


def _claim(part: Part, fact_id: str, case_id: str, position: int, zone: str, told: Told) -> Fact:
    when, claim = _date(part, zone)
    return Fact(
        fact_id, case_id, position, "", when=when, claim=claim, outcome=part.text("outcome"), place=part.text("place"),
        source=part.text("source") or told.cited(notes(part)), label=part.word_or_none("label", Label),
        certainty=part.word("certainty", Certainty, Certainty.REPORTED), consent_by=part.text("agreed_by"),
        consent_on=part.day("agreed_on"), sensitive=part.flag("sensitive"),
    )  # fmt: skip


def notes(part: Part) -> tuple[str, ...]:
    """The footnotes that back a claim: one number or a list of them."""
    node = part.node("note")
    if node is None:
        return ()
    return part.reader.words(node, "note") if isinstance(node.value, tuple) else (part.text("note"),)


def _date(part: Part, zone: str) -> tuple[LocalTime | None, str]:
    """The date as far as it can be placed, and the claim where there is one."""
    node = part.node("date")
    if node is None:
        return None, ""
    if isinstance(node.value, str):
        return part.checked("date", lambda text: times.at(text, zone) if ":" in text else times.on(text, zone)), ""
    span = part.reader.part(node, "a vague date", ("text", "from", "to"))
    claim, first, last = span.needed("text"), span.text("from"), span.text("to")
    if not first and not last:
        return None, claim
    try:
        return times.between(claim, first or last, last or first, zone), claim
    except Invalid as refusal:
        part.reader.refuse(span.line, f"date: {str(refusal).rstrip('.')}")
        return None, claim


def _sentence(part: Part, kind: str) -> str:
    """What is claimed, in words of the file. Said in full, for a fact's text is what goes into an alert."""
    text, outcome, place, reason = (part.text(key) for key in ("text", "outcome", "place", "reason"))
    moved = [f"{word} {part.text(word)}" for word in ("from", "to") if part.text(word)]
    by = f"by {part.text('body')}" if part.text("body") else ""
    until = part.text("until")
    put_off = until if until == "sine die" else f"until {until}" if until else ""
    details = " ".join(filter(None, (*moved, by, put_off)))
    head = f"{kind.replace('_', ' ')} {details}".strip()
    if text.endswith(".") and outcome:  # a whole sentence stands first
        return f"{text} {head.capitalize()}: {outcome.rstrip('.')}."
    claim = "; ".join(filter(None, (outcome, text)))
    said = text if text and not outcome and not details else f"{head}: {claim}" if claim else head
    aside = "; ".join(filter(None, ("" if place in said else place, reason)))
    return f"{said} ({aside})" if aside else said
