"""The rules that admins write in the console: after those of the settings, in their order, and only by admins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from watched import ADMIN, AUTHOR, NOW, watching_desk

from alerts.bootstrap import App
from alerts.domain.errors import Forbidden, Invalid, NotFound
from alerts.services import rules


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[App]:
    app = watching_desk(tmp_path, database_url)
    yield app
    app.close()


def write(desk: App, name: str, id: str = "", **values: Any) -> str:
    return rules.write(desk.store, {"name": name, "then": "hold", **values}, by=ADMIN, now=NOW, id=id).id


def names(desk: App) -> list[str]:
    return [rule.name for rule in rules.in_force(desk.store, desk.settings)]


def test_the_settings_rules_are_asked_first_then_the_desks_in_their_order(desk: App) -> None:
    write(desk, "one")
    two = write(desk, "two", words=["Арест"], cases=["KG-1"], starred=True)
    rules.earlier(desk.store, two, by=ADMIN, now=NOW)
    rules.earlier(desk.store, two, by=ADMIN, now=NOW)
    settings = replace(desk.settings, triage=replace(desk.settings.triage, rules=({"name": "file", "then": "hold"},)))
    found = rules.in_force(desk.store, settings)
    assert [rule.name for rule in found] == ["file", "two", "one"]
    assert (found[1].words, found[1].cases, found[1].starred) == (frozenset({"арест"}), frozenset({"KG-1"}), True)


def test_a_rule_is_changed_in_its_place_and_removed(desk: App) -> None:
    one = write(desk, "one")
    write(desk, "two")
    write(desk, "uno", id=one, countries=["KG"])
    assert names(desk) == ["uno", "two"]
    rules.remove(desk.store, one, by=ADMIN, now=NOW)
    assert names(desk) == ["two"]
    with pytest.raises(NotFound):
        rules.remove(desk.store, one, by=ADMIN, now=NOW)
    with desk.store.read() as tx:
        verbs = [entry.verb for entry in tx.audit.entries()]
    assert verbs[-4:] == ["rule written", "rule written", "rule changed", "rule removed"]


@pytest.mark.parametrize(("values", "says"), [
    ({"name": " "}, "give it a name"), ({"name": "a" * 81}, "at most 80"), ({"name": "a\nb"}, "one line"),
    ({"then": ""}, "then must be one of dismiss, hold, draft, page"), ({"cases": ["XX-9"]}, "no case XX-9"),
    ({"countries": ["XX"]}, "is not a country"), ({"starred": "yes"}, "true or false"), ({"name": "taken"}, "already"),
    ({"kind": "x"}, "no key “kind”"),
])  # fmt: skip
def test_a_rule_that_makes_no_sense_is_refused_in_one_sentence(desk: App, values: dict[str, Any], says: str) -> None:
    write(desk, "taken")
    with pytest.raises((Invalid, NotFound)) as refusal:
        rules.write(desk.store, {"name": "x", "then": "hold", **values}, by=ADMIN, now=NOW)
    assert says in str(refusal.value)
    assert names(desk) == ["taken"]


def test_nobody_but_an_admin_writes_orders_or_removes_rules(desk: App) -> None:
    id = write(desk, "one")
    for act in (
        lambda: rules.write(desk.store, {"name": "x", "then": "hold"}, by=AUTHOR, now=NOW),
        lambda: rules.earlier(desk.store, id, by=AUTHOR, now=NOW),
        lambda: rules.remove(desk.store, id, by=AUTHOR, now=NOW),
    ):
        with pytest.raises(Forbidden):
            act()
