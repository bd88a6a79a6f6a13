"""The rules of law that ship: all of them, each with its source, and none surer than what was read."""

import re
import tomllib
from pathlib import Path

import pytest

from alerts.domain.law import Certainty, Rule
from alerts.services.lawbooks import books
from alerts.settings import load, resource

FILES = sorted(resource("config/law").glob("*.toml"))
TABLES = {file.stem: tomllib.loads(file.read_text("utf-8")) for file in FILES}
LAW = books(load(None, {}).law).law
EVERY, OURS = Path(__file__).with_name("law_ids.txt").read_text("utf-8").split("# Our own counsel")
KEY = re.compile(r"\b(?:KZ|KG|UZ|TJ|TM)-\d+\b")


def ids(text: str) -> list[str]:
    return re.findall(r"^[A-Z]+-[A-Z0-9-]+$", text, re.MULTILINE)


def countings() -> list[str]:
    return [name for table in TABLES.values() for name in table["counting"] if name.isupper()]


def test_no_rule_is_missing_and_none_was_added_unseen():
    ours = [rule.id for rule in LAW.rules] + countings()
    assert sorted(ours) == sorted(ids(EVERY) + ids(OURS))
    assert len(set(ours)) == len(ours)


def test_a_file_holds_the_rules_of_its_own_jurisdiction():
    for stem, table in TABLES.items():
        assert table["jurisdiction"] == stem
        assert all(rule["id"].startswith(f"{stem}-") for rule in table["rule"])


@pytest.mark.parametrize("rule", LAW.rules, ids=lambda rule: rule.id)
def test_every_version_says_where_it_stands_and_who_read_it(rule: Rule):
    for version in rule.versions:
        assert version.source.strip()
        assert version.article or version.says, "no article, and no word why"
        assert version.counts or version.says or not rule.gives
        assert version.amount is None or version.amount >= 0
        assert bool(version.reviewed_by) is bool(version.reviewed_on), "a review has a name and a day"
        for quote in version.quote.split("; "):
            assert len(quote.split()) <= 15


def test_every_copy_that_is_named_is_known_and_every_known_one_is_named():
    for stem, table in TABLES.items():
        sources = [way["source"] for way in table["counting"].values()]
        sources += [version["source"] for rule in table["rule"] for version in rule["version"]]
        assert set(KEY.findall(" ".join(sources))) == table.get("copies", {}).keys(), stem
        assert all(copy["address"] and copy["read"] for copy in table.get("copies", {}).values())


def test_what_was_read_in_two_copies_names_two():
    for rule in LAW.rules:
        for version in rule.versions:
            if version.certainty is Certainty.TWICE and rule.id != "KG-ALL":
                assert re.search(r"[,;]|same as", version.source), rule.id


def test_our_own_counsel_is_never_taken_for_law():
    for id in ids(OURS):
        assert {version.certainty for version in LAW.get(id).versions} == {Certainty.RECALLED}


def test_what_nobody_read_is_recalled():
    for rule in LAW.rules:
        for version in rule.versions:
            if re.match(r"recalled|not found|our ", version.source):
                assert version.certainty is Certainty.RECALLED, rule.id


def test_a_way_of_counting_that_nobody_read_is_recalled_too():
    for table in TABLES.values():
        for way in table["counting"].values():
            assert way["certainty"] == "C" or not way["source"].startswith("recalled")
            assert way["certainty"] == "C" or way.get("article") or table["jurisdiction"] == "INT"


def test_what_the_law_sets_for_a_court_is_never_our_own_deadline():
    for rule in LAW.rules:
        assert rule.for_court is (rule.gives in ("court-limit", "answer")), rule.id
