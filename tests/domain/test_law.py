"""Rules of law as files have them: each refusal names the file, the rule and the way out; and what all rules keep."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lawbook import a_rule, a_version, shipped

from alerts.domain import times
from alerts.domain.alerts import title
from alerts.domain.counting import Asked, Proof, recount
from alerts.domain.errors import Invalid, NotFound
from alerts.domain.law import Certainty, Unit
from alerts.domain.lawfile import parse
from alerts.services.computing import ahead, proved

FILE = """
jurisdiction = "XX"
[copies.X-1]
what = "a code"
[counting.usual]
source = "X-1"
certainty = "A"
first_day = false
rolls = true
[[rule]]
id = "XX-APPEAL"
what = "appeal"
trigger = "verdict"
gives = "appeal-end"
counting = "usual"
  [[rule.version]]
  amount = 20
  unit = "сутки"
  counted_from = "service of copy"
  valid_to = 2023-12-31
  article = "CPC 1"
  source = "X-1"
  certainty = "A²"
  [[rule.version]]
  amount = 10
  unit = "сутки"
  valid_from = 2024-01-01
  article = "CPC 1"
  source = "X-1"
  certainty = "A²"
    [[rule.version.case]]
    when = "minor"
    amount = 5
    unit = "calendar day"
"""
BOOKS = shipped()
COUNTING = [rule for rule in BOOKS.law.rules if rule.counting and any(version.counts for version in rule.versions)]
LATE = datetime(2200, 1, 1, tzinfo=UTC)


def test_a_file_is_read_whole():
    law = parse(tomllib.loads(FILE), "XX.toml")
    rule = law.get("xx-appeal")
    assert [version.amount for version in rule.versions] == [20, 10]
    assert rule.versions[1].variants[0].unit is Unit.DAY
    assert rule.counting and rule.counting.rolls and not rule.counting.rolls_in_custody
    assert [copy.what for copy in law.read_in("X-1; cited by a paper")] == ["a code"]
    with pytest.raises(NotFound, match="no rule XX-2"):
        law.get("XX-2")


@pytest.mark.parametrize(
    ("written", "instead", "refusal"),
    [
        ('source = "X-1"\n  certainty', 'source = ""\n  certainty', "XX-APPEAL: it has no source"),
        ('unit = "сутки"', 'unit = "fortnight"', "XX-APPEAL: unit cannot be “fortnight”; it is one of hour, сутки"),
        ("valid_to = 2023-12-31", "valid_from = 2024-02-01\nvalid_to = 2023-12-31", "valid_to 2023-12-31 comes before"),
        ("valid_from = 2024-01-01", "valid_from = 2023-06-01", "XX-APPEAL: two versions overlap"),
        ("  valid_to = 2023-12-31\n", "", r"XX-APPEAL: two versions overlap \(the one until today"),
        ('counting = "usual"', 'counting = "other"', r"XX-APPEAL: there is no \[counting.other\]; there are usual"),
        ('gives = "appeal-end"', 'gives = "party"', "XX-APPEAL: gives cannot be “party”"),
        ('trigger = "verdict"', 'trigger = "dream"', "XX-APPEAL: trigger cannot be “dream”"),
        ('trigger = "verdict"', "", "XX-APPEAL: it gives a deadline, so it needs a trigger and a counting"),
        ('certainty = "A²"', 'certainty = "D"', "XX-APPEAL: certainty cannot be “D”"),
        ('article = "CPC 1"', 'artikel = "CPC 1"', "XX-APPEAL: there is no key artikel; there are amount"),
        ("amount = 20", 'amount = "20"', "XX-APPEAL: amount must be a whole number, not “20”"),
        ("amount = 20", "amount = -20", "XX-APPEAL: the amount -20 is less than nothing"),
        ("first_day = false", "", "counting usual: it must say first_day = true or false"),
        ('what = "appeal"', "", "XX-APPEAL: it has no what"),
        ('id = "XX-APPEAL"', "", "a rule: it has no id"),
        ('jurisdiction = "XX"', "", "it has no jurisdiction"),
        ("valid_from = 2024-01-01", "valid_from = 2024-01-01T10:00:00", "valid_from must be a date"),
        ("amount = 5\n", "", "minor"),
        ("    when = \"minor\"\n", "", "it has no when"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_sentence_with_the_file_and_the_rule(written, instead, refusal):
    assert written in FILE
    with pytest.raises(Invalid, match=refusal) as refused:
        parse(tomllib.loads(FILE.replace(written, instead, 1)), "XX.toml")
    assert str(refused.value).startswith("XX.toml: ")


def test_a_rule_with_an_id_that_is_there_or_without_an_amount_is_refused():
    second = FILE[FILE.index("[[rule]]") :]
    with pytest.raises(Invalid, match="there is a rule with that id already"):
        parse(tomllib.loads(FILE + second), "XX.toml")
    bare = FILE[: FILE.index("  [[rule.version]]")] + '[[rule.version]]\nsource = "X-1"\ncertainty = "C"'
    with pytest.raises(Invalid, match="it gives a deadline and has no amount"):
        parse(tomllib.loads(bare), "XX.toml")


def test_a_wording_is_chosen_by_its_day_and_a_gap_is_said():
    rule = a_rule(a_version(20, valid_to=date(2023, 12, 31)), a_version(10, valid_from=date(2024, 1, 1)))
    for day, amounts in ((date(2023, 12, 31), [20]), (date(2024, 1, 1), [10])):
        versions, known = rule.between(day, day)
        assert ([version.amount for version in versions], known) == (amounts, True)


TRIGGERS = st.datetimes(datetime(1999, 1, 1), datetime(2040, 1, 1))
ZONES = st.sampled_from(["Asia/Almaty", "Asia/Bishkek", "Asia/Tashkent", "Europe/Vienna", "America/New_York"])


@st.composite
def proofs(draw: st.DrawFn) -> Proof:
    """Any rule that ships, begun at any time, exact or vague, for anybody."""
    rule, zone, wall = draw(st.sampled_from(COUNTING)), draw(ZONES), draw(TRIGGERS).replace(second=0, microsecond=0)
    exactly = times.resolve(wall, zone).astimezone(times.zone_info(zone)).replace(tzinfo=None)
    last = (wall + timedelta(days=draw(st.integers(0, 400)))).date()
    trigger = draw(st.sampled_from([
        times.at(f"{exactly:%Y-%m-%d %H:%M}", zone), times.on(f"{wall:%Y-%m-%d}", zone),
        times.on(f"{wall:%Y-%m}", zone),
        times.between("some time then", f"{wall:%Y-%m-%d}", f"{last}", zone),
    ]))  # fmt: skip
    copied = trigger.last + timedelta(days=draw(st.integers(0, 60)))
    copy = draw(st.sampled_from([None, times.on(f"{copied}", zone), times.on(f"{copied:%Y-%m}", zone)]))
    cases = sorted({variant.when for version in rule.versions for variant in version.variants})
    held = [version for version in rule.between(trigger.first, trigger.last)[0] if version.counts]
    known = sorted({variant.when for version in held for variant in version.variants} & set(cases))
    chosen = draw(st.lists(st.sampled_from(known), max_size=1)) if known else []
    asked = Asked(trigger, draw(st.sampled_from([None, True, False])), copy, tuple(chosen))
    return proved(BOOKS, rule, asked)


@settings(max_examples=200, deadline=None)
@given(proofs())
def test_every_proof_counts_again_to_the_same_dates(proof):
    assert recount(proof) == proof


@settings(max_examples=200, deadline=None)
@given(proofs())
def test_the_early_date_is_never_after_the_outer_one(proof):
    assert proof.early.ends <= proof.outer.ends
    assert proof.early.first <= proof.outer.first


@settings(max_examples=200, deadline=None)
@given(proofs())
def test_what_is_only_recalled_is_never_said_to_be_over(proof):
    recalled = any(version.certainty is Certainty.RECALLED for version in proof.rule.versions)
    assert not (recalled and proof.verified)
    assert not (recalled and proof.lapsed(LATE))
    assert ahead(proof, LATE) is None, "and no date in the past is given out as one to come"


@settings(max_examples=200, deadline=None)
@given(proofs())
def test_a_vague_trigger_never_gives_a_minute(proof):
    if not proof.asked.trigger.exact:
        assert not proof.early.exact or proof.rule.counting.ends == "closing"


def test_what_a_rule_is_about_can_be_the_title_of_its_date():
    assert all(title(rule.what) == rule.what for rule in BOOKS.law.rules if rule.gives)
