"""What follows in law from what happened, made as deadlines with a proof, for each person apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from builders import ANA, BEK, CLEO, DANA, a_case, a_person, a_subscriber, a_subscription
from lawbook import dates, said, shipped

from alerts.domain.alerts import Kind as AlertKind
from alerts.domain.counting import Asked, recount
from alerts.domain.deadlines import OURS, Kind, State
from alerts.domain.errors import Conflict, Forbidden, Invalid, NotFound
from alerts.domain.labels import Answer
from alerts.domain.ladders import LADDERS, Whom
from alerts.domain.law import Trigger
from alerts.domain.times import at, between, on
from alerts.services import computing, deadlines
from alerts.store.dates import DEADLINE, REMINDER
from alerts.store.tables import ALERT

BOOKS = shipped()
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY = at("2026-11-24 16:00", "Asia/Almaty")


def case_in(store, country, *names):
    case = a_case(f"{country}-1", country=country, answer=Answer.ALL_SUBSCRIBERS)
    people = [replace(a_person(case, name)[0], position=n) for n, name in enumerate(names or ("Aida Sample",))]
    with store.begin() as tx:
        tx.cases.add(case)
        tx.people.add(*people)
    return case, people


def compute(store, code, when=TODAY, by=BEK, trigger=Trigger.VERDICT, now=NOW, **kw):
    answers = {key: kw.pop(key) for key in ("custody", "copy", "cases") if key in kw}
    trigger = None if "rule" in kw else trigger
    return computing.compute(store, BOOKS, code, Asked(when, **answers), by=by, now=now, trigger=trigger, **kw)


def answer(store, queue, id, now=NOW, by=BEK, **kw):
    answers = {"custody": None, "copy": None} | kw
    return computing.answered(store, queue, ("en", "ru"), BOOKS, id, by=by, now=now, **answers)


def rows(store, *clauses):
    with store.read() as tx:
        return tx.deadlines.where(*clauses)


def test_a_verdict_makes_the_end_of_the_appeal_with_its_proof_and_says_what_else_the_law_says(store):
    _, [aida] = case_in(store, "KZ")
    found = compute(store, "KZ-1")
    [made] = found.made
    assert (made.kind, made.rule, made.state, made.person_id) == (
        Kind.APPEAL_END, "KZ-CRIM-APPEAL", State.CONFIRMED, aida.id,
    )  # fmt: skip
    assert (said(made.when), said(made.outer)) == ("2026-12-09", "2026-12-09")
    assert [note.id for note in found.notes] == ["KZ-CRIM-FORCE"]
    [kept] = rows(store, DEADLINE.c.rule == "KZ-CRIM-APPEAL")
    assert kept == made, "the proof comes back from the database as it went in"
    assert recount(kept.proof) == kept.proof


def test_an_authors_count_waits_for_an_approver_as_any_date(store):
    case_in(store, "KZ")
    [made] = compute(store, "KZ-1", by=ANA).made
    assert made.state is State.SET and not made.confirmed
    with pytest.raises(Forbidden):
        compute(store, "KZ-1", by=DANA)


def test_uzbekistan_gives_ten_days_since_2024_and_gave_twenty_before(store):
    case_in(store, "UZ")
    early = [
        computing.proved(BOOKS, BOOKS.law.get("UZ-CRIM-APPEAL"), Asked(on(day, "Asia/Tashkent"))).early.last
        for day in ("2023-12-31", "2024-01-01")
    ]
    assert [f"{day}" for day in early] == ["2024-01-20", "2024-01-11"]


def test_only_staff_are_reminded_of_what_the_defence_or_a_court_must_do(store):
    case_in(store, "UZ")
    made = compute(store, "UZ-1").made
    assert {one.kind for one in made} == {Kind.APPEAL_END, Kind.COURT_LIMIT}
    with store.read() as tx:
        whom = {reminder.whom for reminder in tx.reminders.where()}
    assert whom == {Whom.STAFF, Whom.LAWYER}
    assert all(rung.whom is not Whom.SUBSCRIBERS for kind in OURS for rung in LADDERS[kind])


def test_what_the_law_sets_for_the_court_has_a_title_that_tells_it_from_the_others(store):
    case_in(store, "UZ")
    [limit] = [one for one in compute(store, "UZ-1").made if one.kind is Kind.COURT_LIMIT]
    assert limit.title and limit.proof.rule.for_court


def test_each_person_of_a_case_has_periods_of_their_own(store):
    _, people = case_in(store, "KG", "Aida Sample", "Bolot Sample")
    with pytest.raises(Invalid, match="Say who of the case"):
        compute(store, "KG-1")
    compute(store, "KG-1", person="Aida Sample", custody=True, copy=on("2026-11-24", "Asia/Bishkek"))
    compute(store, "KG-1", person=people[1].id, custody=False)
    found = rows(store, DEADLINE.c.kind == Kind.APPEAL_END)
    assert {one.person_id for one in found} == {person.id for person in people}
    with pytest.raises(Conflict, match="counted already"):
        compute(store, "KG-1", person="Aida Sample")
    with pytest.raises(Invalid, match="Say who of the case"):
        compute(store, "KG-1", person="Nobody")


def test_a_relative_has_no_periods(store):
    case, [aida] = case_in(store, "KG")
    with store.begin() as tx:
        tx.people.add(a_person(case, "Nura Sample", role="relative", position=1)[0])
    assert computing.people(store, "KG-1") == [aida]
    assert compute(store, "KG-1").made[0].person_id == aida.id


def test_a_copy_that_came_later_moves_the_outer_date_alone(store, queue):
    case_in(store, "KZ")
    [made] = compute(store, "KZ-1", custody=True).made
    assert not made.proof.lapsed(datetime(2027, 6, 1, tzinfo=UTC)), "nobody knows of the copy: nothing is over"
    changed = answer(store, queue, made.id, custody=True, copy=at("2026-11-30 11:00", "Asia/Almaty"))
    assert (said(changed.when), said(changed.outer)) == ("2026-12-09", "2026-12-15")
    [kept] = rows(store, DEADLINE.c.id == made.id)
    assert (kept.revision, kept.outer, kept.proof) == (1, changed.outer, changed.proof)


def test_an_answer_that_changes_the_date_reschedules_it_and_tells_who_had_it(store, queue):
    case_in(store, "KZ")
    reader = a_subscriber()
    with store.begin() as tx:
        tx.subscribers.add(reader)
        tx.subscriptions.add(replace(a_subscription(reader), countries=("KZ",)))
    found = compute(store, "KZ-1", trigger=Trigger.HOLD)
    hold = next(one for one in found.made if one.rule == "KZ-HOLD")
    assert said(hold.when) == "2026-11-26 16:00"
    changed = answer(store, queue, hold.id, cases=("minor",))
    assert (said(changed.when), changed.revision, changed.state) == ("2026-11-25 16:00", 2, State.RESCHEDULED)
    [kept] = rows(store, DEADLINE.c.id == hold.id)
    assert kept.proof.early == kept.when
    with store.read() as tx:
        live = {r.revision for r in tx.reminders.where(REMINDER.c.deadline_id == hold.id, REMINDER.c.fate == "pending")}
        assert live == {2}
        [said_] = tx.alerts.where(ALERT.c.deadline_id == hold.id)
    assert (said_.kind, said_.audience) == (AlertKind.REMINDER, 1), "brought forward by a day: told at once, and once"


def test_an_appeal_period_that_is_brought_forward_by_a_day_is_told_to_no_reader(store, queue):
    case_in(store, "KZ")
    reader = a_subscriber()
    with store.begin() as tx:
        tx.subscribers.add(reader)
        tx.subscriptions.add(replace(a_subscription(reader), countries=("KZ",)))
    made = next(one for one in compute(store, "KZ-1").made if one.rule == "KZ-CRIM-APPEAL")
    almost = made.when.ends - timedelta(days=2, hours=3)
    sooner = on((made.when.last - timedelta(days=1)).isoformat(), made.when.zone)
    deadlines.reschedule(store, queue, ("en",), made.id, sooner, reason="", by=BEK, now=almost)
    with store.read() as tx:
        assert tx.alerts.where() == []


def test_a_hold_makes_no_end_of_remand_before_a_judge_has_ordered_one(store):
    case_in(store, "KZ")
    found = compute(store, "KZ-1", trigger=Trigger.HOLD)
    assert Kind.REMAND not in {one.kind for one in found.made}
    assert "KZ-REMAND" in {note.id for note in found.notes}
    [remand] = compute(store, "KZ-1", rule="KZ-REMAND").made
    assert (remand.kind, said(remand.when)) == (Kind.REMAND, "2027-01-23")


def test_a_date_whose_early_reading_is_past_is_reminded_of_by_the_outer_one(store):
    case_in(store, "KZ")
    verdict, copy = on("2026-11-05", "Asia/Almaty"), on("2026-11-16", "Asia/Almaty")
    [made] = compute(store, "KZ-1", verdict, custody=True, copy=copy).made
    assert (said(made.when), said(made.proof.early)) == ("2026-12-01", "2026-11-20")


def test_what_is_past_by_every_reading_is_not_entered_and_only_what_was_read_is_said_to_be_over(store):
    case_in(store, "KZ")
    [gone] = compute(store, "KZ-1", on("2026-10-01", "Asia/Almaty"), custody=False).gone
    assert gone.lapsed
    case_in(store, "TJ")
    found = compute(store, "TJ-1", on("2026-10-01", "Asia/Dushanbe"), custody=False)
    assert found.made == ()
    assert [one.lapsed for one in found.gone] == [False] * len(found.gone) != []
    assert rows(store) == []


def test_a_rule_that_is_only_recalled_reminds_and_says_so(store):
    case_in(store, "TJ")
    made = compute(store, "TJ-1").made
    appeal = next(one for one in made if one.kind is Kind.APPEAL_END)
    assert not appeal.proof.verified
    assert said(appeal.when) == "2026-12-04"
    assert Kind.RECHECK in {one.kind for one in made}, "the alarm on the third day"


def test_nobody_outside_is_reminded_of_what_is_only_recalled_nor_of_the_longest_arrest_as_a_release(store):
    case_in(store, "TJ")
    compute(store, "TJ-1", trigger=Trigger.ARREST)
    case_in(store, "TM")
    made = compute(store, "TM-1", rule="TM-REMAND").made
    case_in(store, "KZ")
    made += compute(store, "KZ-1", trigger=Trigger.ARREST).made
    assert {Kind.REMAND, Kind.RELEASE} < {one.kind for one in made}
    with store.read() as tx:
        assert Whom.SUBSCRIBERS not in {reminder.whom for reminder in tx.reminders.where()}


def test_a_vague_verdict_gives_days_and_not_a_day(store):
    case_in(store, "KZ")
    [made] = compute(store, "KZ-1", between("last week", "2026-11-16", "2026-11-20", "Asia/Almaty")).made
    assert said(made.when) == "2026-12-01..2026-12-05"


@pytest.mark.parametrize(
    ("rule", "trigger", "kind", "dates"),
    [
        ("INT-WGAD", "2026-11-24", Kind.ANSWER, "2027-01-23"),
        ("INT-OSCE", "2026-11-24", Kind.ANSWER, "2026-12-04"),
        ("INT-SP", "2026-11-24", Kind.EMBARGO, "2027-01-23"),
        ("INT-UPR-NGO", "2027-11-06", Kind.SUBMISSION, "2027-04-05"),
    ],
)
def test_international_clocks_need_no_case(store, rule, trigger, kind, dates):
    found = compute(store, None, on(trigger, "Europe/Vienna"), rule=rule, title="letter on a fictional case")
    [made] = found.made
    assert (made.case_id, made.person_id, made.kind, said(made.when)) == (None, None, kind, dates)


def test_what_makes_no_sense_is_refused_and_nothing_is_kept(store, queue):
    case_in(store, "UZ")
    for refusal, kw in {
        "UZ-CRIM-APPEAL-HEARD gives no deadline": {"rule": "UZ-CRIM-APPEAL-HEARD"},
        "is a rule of KZ: it does not hold there": {"rule": "KZ-CRIM-APPEAL"},
        "Nothing that we know of follows": {"trigger": Trigger.SESSION},
        "no case “giant”": {"cases": ("giant",)},
        "cannot have been handed over before": {"copy": on("2026-11-01", "Asia/Tashkent")},
    }.items():
        with pytest.raises(Invalid, match=refusal):
            compute(store, "UZ-1", **kw)
    with pytest.raises(NotFound):
        compute(store, "UZ-2")
    with pytest.raises(NotFound):
        compute(store, "UZ-1", rule="UZ-DREAM")
    assert rows(store) == []
    plain = deadlines.enter(store, "UZ-1", Kind.HEARING, at("2030-02-01 10:00", "Asia/Tashkent"), by=CLEO, now=NOW)
    with pytest.raises(Conflict, match="not counted from a rule"):
        answer(store, queue, plain.id)


def test_no_date_is_ever_given_for_hearing_an_uzbek_appeal(store):
    with pytest.raises(Invalid, match="gives no date"):
        computing.proved(BOOKS, BOOKS.law.get("UZ-CRIM-APPEAL-HEARD"), Asked(TODAY))


def test_both_dates_of_a_kazakh_arrest_stand_apart_as_non_working_time_is_left_out():
    proof = computing.proved(BOOKS, BOOKS.law.get("KZ-ADM-APPEAL"), Asked(on("2026-11-27", "Asia/Almaty")))
    assert dates(proof) == ("2026-12-07", "2026-12-11")
    assert {one.why for one in proof.excluded} == {"weekend"}
