"""A question on its way: its link, which ends with it, and what the letter that carries it says."""

from alerts.domain import questions
from alerts.domain.confidants import Confidant
from alerts.domain.errors import NotFound
from alerts.domain.letters import Kind, Letter
from alerts.domain.questions import Question
from alerts.domain.times import Instant, LocalTime, Precision
from alerts.services.links import Purpose, token
from alerts.store import Tx
from alerts.store.vault import Vault

SHOWN = {Precision.DAY: 10, Precision.MONTH: 7, Precision.YEAR: 4}
"""How much of 2030-02-01 is known."""


def link(vault: Vault, base_url: str, question: Question) -> str:
    """Their page, empty where this desk has none that they could open. The same on every attempt."""
    lasts = question.until - question.asked_at
    ours = token(vault, Purpose.TELL, question.id, question.asked_at, lasts)
    return f"{base_url}/tell/{ours}" if base_url else ""


def letter(question: Question, confidant: Confidant, now: Instant) -> Letter:
    """It has its question's id: there is one letter a question."""
    return Letter(question.id, Kind.QUESTION, None, created_at=now, not_before=now, confidant_id=confidant.id)


def of_letter(tx: Tx, letter: Letter, now: Instant) -> tuple[Confidant, Question]:
    """Whom a letter goes to and what it asks. Raises NotFound where nobody needs to be asked this any more."""
    confidant, question = tx.confidants.look(letter.confidant_id or ""), tx.questions.look(letter.id)
    deadline = tx.deadlines.look(question.deadline_id) if question.deadline_id else None
    if not confidant.here or now > question.until or not questions.stands(question, deadline):
        raise NotFound("They need not be asked this any more.")
    return confidant, question


def details(confidant: Confidant, question: Question) -> dict[str, str]:
    """For a template: what is asked, whom, of which date, and on whose clock they live."""
    return {"what": question.what.value, "role": confidant.role.value, "clock": confidant.zone, **_date(question.when)}


def _date(when: LocalTime | None) -> dict[str, str]:
    """In text, as it can be read back."""
    if when is None:
        return {}
    if when.precision is Precision.SPAN:
        date = {"claim": when.claim, "first": f"{when.first}", "last": f"{when.last}"}
    elif when.exact:
        date = {"at": f"{when.wall:%Y-%m-%d %H:%M}"}
    else:
        date = {"on": f"{when.first}"[: SHOWN[when.precision]]}
    return {**date, "zone": when.zone}
