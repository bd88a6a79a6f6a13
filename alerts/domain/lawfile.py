"""A file of rules of law, read with one sentence for whatever is wrong with it: the file, the rule, the way out."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Any, TypeVar

from alerts.domain.deadlines import Kind
from alerts.domain.errors import Invalid
from alerts.domain.law import Certainty, Copy, CountedFrom, Counting, Ends, Law, Rule, Trigger, Unit, Variant, Version

Table = Mapping[str, Any]
Word = TypeVar("Word", bound=StrEnum)

FILE = {"jurisdiction": str, "copies": dict, "counting": dict, "rule": list, "note": str}
COPY = {"what": str, "address": str, "read": str}
COUNTING = {
    "article": str, "certainty": str, "source": str, "quote": str, "first_day": bool, "rolls": bool,
    "rolls_in_custody": bool, "working_days_only": list, "ends": str, "note": str,
}  # fmt: skip
RULE = {
    "id": str, "what": str, "trigger": (str, list), "gives": str, "for_court": bool, "before": bool, "counting": str,
    "says": str, "version": list,
}  # fmt: skip
VERSION = {
    "amount": int, "unit": str, "says": str, "counted_from": str, "in_custody": str, "valid_from": date,
    "valid_to": date, "valid_words": str, "article": str, "source": str, "certainty": str, "quote": str,
    "reviewed_by": str, "reviewed_on": date, "case": list,
}  # fmt: skip
VARIANT = {"when": str, "amount": int, "unit": str, "says": str, "article": str}
KINDS = {date: "a date, as 2024-01-01", bool: "true or false", int: "a whole number", str: "a text", list: "a list"}


def parse(table: Table, file: str) -> Law:
    """The rules of one file. Raises Invalid: one sentence."""
    _known(table, FILE, file)
    jurisdiction = _text(table, "jurisdiction", file)
    copies = tuple(Copy(key, **_known(copy, COPY, f"{file}: {key}")) for key, copy in table.get("copies", {}).items())
    ways = {id: _counting(id, way, f"{file}: counting {id}") for id, way in table.get("counting", {}).items()}
    rules: list[Rule] = []
    for entry in table.get("rule", []):
        where = f"{file}: {_text(entry, 'id', f'{file}: a rule')}"
        if any(rule.id == entry["id"] for rule in rules):
            raise Invalid(f"{where}: there is a rule with that id already. Give it versions, or another id.")
        rules.append(_rule(entry, jurisdiction, ways, where))
    return Law(tuple(rules), copies)


def _counting(id: str, table: Table, where: str) -> Counting:
    _known(table, COUNTING, where)
    return Counting(
        id, _flag(table, "first_day", where), _flag(table, "rolls", where), table.get("rolls_in_custody", False),
        _word(Certainty, table, "certainty", where), _source(table, where),
        tuple(_one(Unit, unit, "working_days_only", where) for unit in table.get("working_days_only", [])),
        _word(Ends, table, "ends", where, Ends.MIDNIGHT), table.get("article", ""), table.get("quote", ""),
        table.get("note", ""),
    )  # fmt: skip


def _rule(table: Table, jurisdiction: str, ways: Mapping[str, Counting], where: str) -> Rule:
    _known(table, RULE, where)
    given = table.get("trigger") or []
    triggers = tuple(_one(Trigger, t, "trigger", where) for t in ([given] if isinstance(given, str) else given))
    gives = _one(Kind, table["gives"], "gives", where).value if table.get("gives") else ""
    way = table.get("counting", "")
    if way and way not in ways:
        raise Invalid(f"{where}: there is no [counting.{way}]; there are {', '.join(ways) or 'none'}.")
    versions = tuple(_version(version, where) for version in table.get("version", []))
    rule = Rule(
        table["id"], jurisdiction, _text(table, "what", where), versions, triggers, gives,
        table.get("for_court", False), table.get("before", False), ways.get(way), table.get("says", ""),
    )  # fmt: skip
    if not versions:
        raise Invalid(f"{where}: it has no version: write at least one [[rule.version]].")
    _check_order(rule, where)
    if gives and not (triggers and rule.counting):
        raise Invalid(f"{where}: it gives a deadline, so it needs a trigger and a counting.")
    if gives and not any(version.counts for version in versions):
        raise Invalid(f"{where}: it gives a deadline and has no amount: write one, or leave gives empty.")
    return rule


def _version(table: Table, where: str) -> Version:
    _known(table, VERSION, where)
    first, last = table.get("valid_from"), table.get("valid_to")
    if first and last and last < first:
        raise Invalid(f"{where}: valid_to {last} comes before valid_from {first}.")
    amount, unit = _amount(table, where)
    variants = tuple(_variant(variant, where) for variant in table.get("case", []))
    counted_from = _word(CountedFrom, table, "counted_from", where, CountedFrom.FACT)
    in_custody = _word(CountedFrom, table, "in_custody", where, counted_from)
    return Version(
        table.get("article", ""), _source(table, where), _word(Certainty, table, "certainty", where), amount, unit,
        counted_from, None if in_custody is counted_from else in_custody, table.get("says", ""), first, last,
        table.get("valid_words", ""), table.get("quote", ""), table.get("reviewed_by", ""), table.get("reviewed_on"),
        variants,
    )  # fmt: skip


def _variant(table: Table, where: str) -> Variant:
    _known(table, VARIANT, where)
    when = _text(table, "when", where)
    amount, unit = _amount(table, f"{where}: {when}")
    if amount is None or unit is None:
        raise Invalid(f"{where}: the case “{when}” has no amount.")
    return Variant(when, amount, unit, table.get("says", ""), table.get("article", ""))


def _amount(table: Table, where: str) -> tuple[int | None, Unit | None]:
    amount = table.get("amount")
    if amount is None:
        return None, None
    if amount < 0:
        raise Invalid(f"{where}: the amount {amount} is less than nothing; to count back write before = true.")
    return amount, _word(Unit, table, "unit", where)


def _check_order(rule: Rule, where: str) -> None:
    """Versions follow each other in time: whoever asks for one day gets one answer."""
    for earlier, later in pairwise(rule.versions):
        if earlier.valid_to is None or later.valid_from is None or later.valid_from <= earlier.valid_to:
            raise Invalid(
                f"{where}: two versions overlap (the one until {earlier.valid_to or 'today'}, and the one from "
                f"{later.valid_from or 'ever'}): give the earlier one a valid_to before the later one's valid_from."
            )


def _source(table: Table, where: str) -> str:
    if not str(table.get("source", "")).strip():
        raise Invalid(f"{where}: it has no source: say in which copy or by whom it was read, or “recalled”.")
    return str(table["source"])


def _known(table: Table, keys: Mapping[str, Any], where: str) -> Table:
    if not isinstance(table, Mapping):
        raise Invalid(f"{where}: it must be a table.")
    for key, value in table.items():
        if key not in keys:
            raise Invalid(f"{where}: there is no key {key}; there are {', '.join(keys)}.")
        kind = keys[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)) or hasattr(value, "hour"):
            raise Invalid(f"{where}: {key} must be {KINDS.get(kind, 'a table')}, not “{value}”.")
    return table


def _text(table: Table, key: str, where: str) -> str:
    if not str(table.get(key, "")).strip():
        raise Invalid(f"{where}: it has no {key}.")
    return str(table[key])


def _flag(table: Table, key: str, where: str) -> bool:
    if key not in table:
        raise Invalid(f"{where}: it must say {key} = true or false.")
    return bool(table[key])


def _word(kind: type[Word], table: Table, key: str, where: str, default: Word | None = None) -> Word:
    return default if default is not None and not table.get(key) else _one(kind, table.get(key, ""), key, where)


def _one(kind: type[Word], value: Any, key: str, where: str) -> Word:
    try:
        return kind(value)
    except ValueError:
        raise Invalid(f"{where}: {key} cannot be “{value}”; it is one of {', '.join(kind)}.") from None
