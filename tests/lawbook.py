"""Rules of law for the tests: the shipped ones, and made-up ones that name only what a test is about."""

from __future__ import annotations

from datetime import date
from typing import Any

from alerts.domain.counting import Asked, DaysOff, Proof, count
from alerts.domain.law import Certainty, CountedFrom, Counting, Rule, Trigger, Unit, Version
from alerts.domain.times import LocalTime, at, on
from alerts.services.lawbooks import Books, books
from alerts.settings import load

ZONE = "Asia/Tashkent"
NO_DAYS_OFF = DaysOff({})


def shipped() -> Books:
    return books(load(None, {}).law)


def a_counting(**kw: Any) -> Counting:
    """The usual: the first day does not count, a day off rolls, but not in custody."""
    usual = {"first_day": False, "rolls": True, "rolls_in_custody": False, "certainty": Certainty.READ, "source": "X-1"}
    return Counting("usual", **(usual | kw))


def a_version(amount: int | None = 10, unit: Unit | None = Unit.SUTKI, **kw: Any) -> Version:
    return Version("CPC 1", "X-1", kw.pop("certainty", Certainty.READ), amount, unit, **kw)


def a_rule(*versions: Version, counting: Counting | None = None, **kw: Any) -> Rule:
    usual = {"triggers": (Trigger.VERDICT,), "gives": "appeal-end"}
    return Rule(
        "XX-APPEAL", "XX", "appeal", versions or (a_version(),), counting=counting or a_counting(), **(usual | kw)
    )


def when(text: str) -> LocalTime:
    return at(text, ZONE) if ":" in text else on(text, ZONE)


def off(*days: str) -> DaysOff:
    return DaysOff({date.fromisoformat(day): "a holiday" for day in days}, "1")


def counted(rule: Rule, trigger: str | LocalTime, days: DaysOff = NO_DAYS_OFF, **kw: Any) -> Proof:
    kw = {key: when(value) if key == "copy" else value for key, value in kw.items()}
    return count(rule, Asked(when(trigger) if isinstance(trigger, str) else trigger, **kw), days)


def said(moment: LocalTime) -> str:
    """`2030-01-02`, `2030-01-02 10:00`, or `2030-01-02..2030-01-04`."""
    if moment.exact:
        return f"{moment.wall:%Y-%m-%d %H:%M}"
    return str(moment.first) if moment.first == moment.last else f"{moment.first}..{moment.last}"


def dates(proof: Proof) -> tuple[str, str]:
    return said(proof.early), said(proof.outer)


COPY, SPOKEN = CountedFrom.COPY, CountedFrom.PROCLAMATION
