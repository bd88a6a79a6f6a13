"""The beginning of an alert: with its first text, or without words of its own until somebody writes some."""

from datetime import date

from alerts.domain import alerts
from alerts.domain.alerts import ACT_WITHIN, Alert, Kind
from alerts.domain.errors import Invalid
from alerts.domain.labels import Label
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.services import casework
from alerts.services.composing import Text, edition_of, label_for
from alerts.services.ids import new_id
from alerts.store import Tx


def begin(tx: Tx, case_id: str, now: Instant, by: Staff | None = None) -> Alert:
    """An urgent appeal for the case. Whoever writes its first edition is its writer; until then it goes nowhere."""
    case, id = tx.cases.look(case_id), new_id(now)
    alert = Alert(
        id, Kind.URGENT, label_for(None, case), thread=id, case_id=case.id, topics=case.topics,
        countries=(case.country,), act_by=(now + ACT_WITHIN).date(), created_at=now,
    )  # fmt: skip
    tx.alerts.add(alert)
    tx.audit.add("alert begun", alert.id, by=by, at=now)
    return alert


def written(
    tx: Tx, case_code: str | None, text: Text, *, language: str, by: Staff, now: Instant, label: Label | None = None,
    topics: tuple[str, ...] = (), countries: tuple[str, ...] = (), act_by: date | None = None, danger: bool = False,
    alert: Alert | None = None,
) -> Alert:  # fmt: skip
    """A new urgent appeal in its first language, as one step of a larger one. What is left out comes from the case.

    `alert`: one that was begun without words, to be written in. Raises Forbidden, NotFound, Invalid.
    """
    by.must_be(Role.AUTHOR, "write an alert")
    case = casework.find(tx, case_code) if case_code else None
    if alert is None:
        id = new_id(now)
        alert = Alert(
            id, Kind.URGENT, label_for(label, case), thread=id, case_id=case.id if case else None,
            topics=topics or (case.topics if case else ()), countries=countries or ((case.country,) if case else ()),
            writers=(by.id,), act_by=act_by or (now + ACT_WITHIN).date(), created_at=now,
            danger=danger,
        )  # fmt: skip
        if not (alert.countries or alert.topics):
            raise Invalid("Without a case, say which countries or topic this alert is about.")
        tx.alerts.add(alert)
    else:
        alert = alerts.edited(alert, by=by)
        tx.alerts.save(alert)
    tx.editions.add(edition_of(tx, alert, case, text, language, 0, by, now))
    tx.audit.add("alert drafted", alert.id, by=by, at=now)
    return alert
