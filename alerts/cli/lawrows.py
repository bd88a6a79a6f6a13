"""Rules and proofs as JSON prints them: a contract, to which keys are only added."""

from typing import Any

from alerts.domain.counting import Proof
from alerts.domain.law import Rule, Version
from alerts.domain.times import LocalTime, Precision


def proof_row(proof: Proof, words: list[str]) -> dict[str, Any]:
    rule, asked = proof.rule, proof.asked
    versions = [version_row(version) for version in rule.versions]
    early = time_row(proof.early)
    vague = proof.early.precision is Precision.SPAN
    return {
        "rule": rule.id, "what": rule.what, "jurisdiction": rule.jurisdiction, "gives": rule.gives or None,
        "article": versions[0]["article"], "version": versions[0], "versions": versions, "known": proof.known,
        "certainty": proof.certainty.value, "counting_certainty": proof.laid_out.value,
        "verified": proof.verified, "for_court": rule.for_court,
        "counted_from": counted_from(proof), "custody": asked.custody, "cases": list(asked.cases),
        "trigger": time_row(asked.trigger), "copy": time_row(asked.copy) if asked.copy else None,
        "start": time_row(asked.copy if proof.from_copy and asked.copy else asked.trigger),
        "early": early, "outer": time_row(proof.outer),
        "interval": {"from": early["from"], "to": early["to"]} if vague else None,
        "excluded": [{"day": one.day.isoformat(), "why": one.why} for one in proof.excluded], "rolled": proof.rolled,
        "tzdata": proof.tzdata, "calendar": proof.calendar, "words": words,
    }  # fmt: skip


def rule_row(rule: Rule) -> dict[str, Any]:
    way = rule.counting
    return {
        "rule": rule.id, "jurisdiction": rule.jurisdiction, "what": rule.what, "says": rule.says or None,
        "triggers": [trigger.value for trigger in rule.triggers], "gives": rule.gives or None,
        "for_court": rule.for_court, "before": rule.before,
        "counting": {
            "id": way.id, "article": way.article or None, "certainty": way.certainty.value, "source": way.source,
            "first_day": way.first_day, "rolls": way.rolls, "rolls_in_custody": way.rolls_in_custody,
            "working_days_only": [unit.value for unit in way.working_days_only], "ends": way.ends.value,
            "note": way.note or None,
        } if way else None,
        "versions": [version_row(version) for version in rule.versions],
    }  # fmt: skip


def version_row(version: Version) -> dict[str, Any]:
    return {
        "valid_from": version.valid_from.isoformat() if version.valid_from else None,
        "valid_to": version.valid_to.isoformat() if version.valid_to else None,
        "valid_words": version.valid_words or None,
        "amount": version.amount, "unit": version.unit.value if version.unit else None,
        "cases": [
            {"when": one.when, "amount": one.amount, "unit": one.unit.value, "says": one.says or None}
            for one in version.variants
        ],
        "says": version.says or None, "counted_from": version.counted_from.value,
        "in_custody": version.in_custody.value if version.in_custody else None, "article": version.article,
        "source": version.source, "certainty": version.certainty.value, "verified": version.certainty.verified,
        "quote": version.quote or None, "reviewed_by": version.reviewed_by or None,
        "reviewed_on": version.reviewed_on.isoformat() if version.reviewed_on else None,
    }  # fmt: skip


def counted_from(proof: Proof) -> str:
    """From what the outer date is counted."""
    if proof.from_copy:
        return "service of copy" if proof.asked.copy else "proclamation, since nobody knows when the copy was served"
    return proof.rule.versions[0].counted_from.value


def time_row(when: LocalTime) -> dict[str, Any]:
    return {
        "at": when.wall.strftime("%Y-%m-%d %H:%M") if when.exact else None, "from": when.first.isoformat(),
        "to": when.last.isoformat(), "precision": when.precision.value, "zone": when.zone,
        "ends": when.ends.isoformat(), "claim": when.claim or None,
    }  # fmt: skip
