"""The life of an alert through the services: draft, review, approval, publication, and what follows it."""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import count

import deliveries
import pytest
import sqlalchemy as sa
from builders import (
    ANA,
    BEK,
    CLEO,
    DAY,
    HOUR,
    NOON,
    a_case,
    a_fact,
    a_person,
    a_subscriber,
    a_subscription,
    an_id,
)
from readings import SETTINGS

from alerts.domain.alerts import Kind, State
from alerts.domain.audience import BATCH
from alerts.domain.cases import Ask, Wish
from alerts.domain.delivery import Retry, Sent, Unknown
from alerts.domain.errors import Conflict, Forbidden, Invalid, NotFound
from alerts.domain.labels import Answer, Label
from alerts.render import Render
from alerts.services import alerting, resuming
from alerts.services.alerting import Text
from alerts.store.tables import ALERT
from alerts.store.tables import BATCH as BATCHES

TEXT = Text("Bishkek: A. Sample taken – call today", "Late on Tuesday she was taken from her home.")
TWO = ("en", "ru")


@pytest.fixture
def case(store):
    case = a_case()
    with store.begin() as tx:
        tx.cases.add(case)
        tx.people.add(a_person(case)[0])
    return case


def has_readers(store, how_many=3, **kw):
    readers = [a_subscriber(f"{an_id('reader')}@mission.example", **kw) for _ in range(how_many)]
    with store.begin() as tx:
        tx.subscribers.add(*readers)
        tx.subscriptions.add(*(a_subscription(reader) for reader in readers))
    return readers


def approved(store, code="KG-1", by=ANA, now=NOON, **kw):
    alert = alerting.draft(store, code, TEXT, language="en", by=by, now=now, **kw)
    return reviewed(store, alert.id, by=by, now=now)


def reviewed(store, id, by=ANA, now=NOON):
    alerting.submit(store, id, by=by, now=now)
    return alerting.approve(store, id, by=BEK if by is ANA else CLEO, now=now)


def published(store, queue, code="KG-1", now=NOON, **kw):
    return alerting.publish(store, queue, approved(store, code, now=now, **kw).id, by=ANA, now=now)[0]


def take(store, now=NOON):
    return deliveries.take(store, now)


def answers(store, outcome, now=NOON):
    """Send one batch: `outcome` is the answer to each recipient, or is asked with the place."""
    work = take(store, now)
    said = [(mail.n, outcome(mail.n) if callable(outcome) else outcome) for mail in work.mails]
    deliveries.record(store, work, said, now)
    deliveries.finish(store, work, now)
    return work


def tally(store, alert):
    found = alerting.status(store, alert.id).tally
    parts = ("sent", "retrying", "rejected", "unknown", "suppressed", "withdrawn", "pending")
    counts = {part: getattr(found, part) for part in parts}
    assert sum(counts.values()) == found.audience
    assert all(value >= 0 for value in counts.values())
    return {part: value for part, value in counts.items() if value}


def state(store, alert):
    return alerting.status(store, alert.id).alert.state


def written_to(store, alert):
    """The ids of everybody in the alert's frozen lists."""
    with store.read() as tx:
        rows = tx.conn.execute(sa.select(BATCHES.c.recipients).where(BATCHES.c.alert_id == alert.id))
        return {recipient.subscriber_id for row in rows for recipient in row.recipients}


# to publication


def test_from_draft_to_mail_every_step_is_counted_and_in_the_audit_chain(store, queue, case):
    has_readers(store, 3)
    alert = alerting.draft(store, "KG-1", TEXT, language="en", by=ANA, now=NOON)
    assert (alert.state, alert.label, alert.countries, alert.writers) == (State.DRAFT, Label.GREEN, ("KG",), ("ana",))
    assert alert.act_by == (NOON + 42 * DAY).date()
    assert alerting.submit(store, alert.id, by=ANA, now=NOON).state is State.IN_REVIEW
    with pytest.raises(Forbidden):
        alerting.approve(store, alert.id, by=ANA, now=NOON)
    assert alerting.approve(store, alert.id, by=BEK, now=NOON).state is State.APPROVED
    alert, forecast = alerting.publish(store, queue, alert.id, by=ANA, now=NOON)
    assert (alert.state, alert.audience, forecast.editions) == (State.PUBLISHING, 3, {"en": 3})
    assert tally(store, alert) == {"pending": 3}
    work = take(store)
    assert tally(store, alert) == {"pending": 3}
    assert deliveries.record(store, work, [(0, Sent("ok"))], NOON)
    assert tally(store, alert) == {"sent": 1, "pending": 2}
    deliveries.record(store, work, [(1, Retry("451")), (2, Sent("ok"))], NOON)
    deliveries.finish(store, work, NOON)
    assert tally(store, alert) == {"sent": 2, "retrying": 1}
    assert state(store, alert) is State.PUBLISHED
    with store.read() as tx:
        verbs = [entry.verb for entry in tx.audit.entries()]
        assert verbs == ["alert drafted", "alert submitted", "alert approved", "urgent published"]
        assert tx.audit.broken_at() is None


def test_a_refused_step_changes_nothing(store, queue, case):
    has_readers(store, 1)
    alert = alerting.draft(store, "KG-1", TEXT, language="en", by=ANA, now=NOON)
    for step in (
        lambda: alerting.publish(store, queue, alert.id, by=ANA, now=NOON),
        lambda: alerting.approve(store, alert.id, by=BEK, now=NOON),
        lambda: alerting.follow(store, alert.id, Kind.UPDATE, "more", by=ANA, now=NOON),
        lambda: alerting.withdraw(store, queue, TWO, alert.id, by=BEK, now=NOON),
    ):
        with pytest.raises(Conflict):
            step()
    assert alerting.status(store, alert.id).alert == alert
    assert [entry.alert.id for entry in alerting.listing(store)] == [alert.id]
    with store.read() as tx:
        assert tx.conn.execute(sa.select(sa.func.count()).select_from(BATCHES)).scalar_one() == 0
        assert len(list(tx.audit.entries())) == 1


def test_what_does_not_exist_is_not_found(store, queue):
    for step in (
        lambda: alerting.draft(store, "XX-9", TEXT, language="en", by=ANA, now=NOON),
        lambda: alerting.submit(store, "nothing", by=ANA, now=NOON),
        lambda: alerting.publish(store, queue, "nothing", by=ANA, now=NOON),
        lambda: alerting.status(store, "nothing"),
    ):
        with pytest.raises(NotFound):
            step()


def test_an_edit_after_approval_voids_it(store, queue, case):
    has_readers(store, 1)
    alert = approved(store)
    alerting.edition(store, alert.id, "en", replace(TEXT, body="Another text."), by=BEK, now=NOON)
    with pytest.raises(Conflict):
        alerting.publish(store, queue, alert.id, by=ANA, now=NOON)
    alerting.submit(store, alert.id, by=ANA, now=NOON)
    with pytest.raises(Forbidden):
        alerting.approve(store, alert.id, by=BEK, now=NOON)  # who changed it is a writer now
    assert alerting.approve(store, alert.id, by=CLEO, now=NOON).state is State.APPROVED


def test_who_approves_vouches_for_what_they_saw(store, case):
    alert = alerting.draft(store, "KG-1", TEXT, language="en", by=ANA, now=NOON)
    alerting.submit(store, alert.id, by=ANA, now=NOON)
    with pytest.raises(Conflict, match="read it again"):
        alerting.approve(store, alert.id, by=BEK, now=NOON, seen="what was there before")


def test_an_edition_is_written_over_whatever_way_its_language_is_spelt(store, case):
    alert = alerting.draft(store, "KG-1", TEXT, language="EN", by=ANA, now=NOON)
    alerting.edition(store, alert.id, " En ", replace(TEXT, body="Second."), by=ANA, now=NOON)
    alerting.edition(store, alert.id, "ru", TEXT, by=ANA, now=NOON)
    with store.read() as tx:
        found = alerting.editions(tx, alert.id)
    assert [(e.language, e.position, e.body) for e in found] == [("en", 0, "Second."), ("ru", 1, TEXT.body)]


def test_each_reader_gets_their_language_or_the_first_edition(store, queue, case):
    has_readers(store, 1, language="ru")
    has_readers(store, 2, language="fr")
    alert = alerting.draft(store, "KG-1", TEXT, language="en", by=ANA, now=NOON)
    alerting.edition(store, alert.id, "ru", TEXT, by=ANA, now=NOON)
    reviewed(store, alert.id)
    _, forecast = alerting.publish(store, queue, alert.id, by=ANA, now=NOON)
    assert forecast.editions == {"en": 2, "ru": 1}
    readings = take(store).readings
    assert sorted((r.language, r.edition.language) for r in readings) == [("fr", "en"), ("ru", "ru")]


def test_an_audience_of_many_is_cut_into_batches(store, queue, case):
    has_readers(store, BATCH + 1)
    alert = published(store, queue)
    assert [len(take(store).mails) for _ in range(2)] == [BATCH, 1]
    assert take(store) is None
    assert tally(store, alert) == {"pending": BATCH + 1}


def test_an_alert_for_nobody_is_published_with_a_warning(store, queue, case):
    alert = approved(store)
    alert, forecast = alerting.publish(store, queue, alert.id, by=ANA, now=NOON)
    assert (alert.state, alert.audience) == (State.PUBLISHED, 0)
    assert forecast.warnings[0].startswith("Nobody would get this")


def test_a_writer_is_warned_of_a_name_that_nobody_allowed(store, queue):
    case = a_case(answer=Answer.TRUSTED_NO_NAME)
    with store.begin() as tx:
        tx.cases.add(case)
        tx.people.add(a_person(case, "Aida Sample")[0])
    text = Text("A lawyer was taken", "AIDA SAMPLE was taken.")
    alert = alerting.draft(store, "KG-1", text, language="en", by=ANA, now=NOON)
    assert any("names Aida Sample" in warning for warning in alerting.forecast(store, alert.id).warnings)


def test_publishing_says_whose_language_is_missing_and_leaves_nobody_out(store, queue, case):
    has_readers(store, 2, language="fr")
    has_readers(store, 1)
    alert, forecast = alerting.publish(store, queue, approved(store).id, by=ANA, now=NOON)
    assert forecast.warnings == ("No edition in fr: 2 who read it get the one in en.",)
    assert alert.audience == 3


def test_an_ask_that_the_case_does_not_want_cannot_be_composed(store, queue, case):
    with store.begin() as tx:
        tx.cases.save(replace(case, publicity=Wish.NO))
        tx.asks.add(Ask(an_id("ask"), "KG", "Make a public statement", 0, case_id=case.id, needs="publicity"))
    loud = replace(TEXT, asks=("Make a public statement",))
    with pytest.raises(Invalid, match="not wanted"):
        alerting.draft(store, "KG-1", loud, language="en", by=ANA, now=NOON)


# what may be said


def test_nobody_drafts_for_more_readers_than_was_agreed(store):
    with store.begin() as tx:
        tx.cases.add(a_case("KG-1", answer=Answer.TRUSTED_NAME), a_case("KG-2", answer=None))
    with pytest.raises(Invalid, match="Not more than amber"):
        alerting.draft(store, "KG-1", TEXT, language="en", by=ANA, now=NOON, label=Label.GREEN)
    assert alerting.draft(store, "KG-1", TEXT, language="en", by=ANA, now=NOON).label is Label.AMBER
    assert alerting.draft(store, "KG-2", TEXT, language="en", by=ANA, now=NOON).label is Label.AMBER


def test_only_facts_that_these_readers_may_have_are_ticked(store, case):
    open_, closed = a_fact(case), a_fact(case, "Her sister hides her son.", sensitive=True)
    with store.begin() as tx:
        tx.facts.add(open_, closed)
    with pytest.raises(Invalid, match="may not be said"):
        alerting.draft(store, "KG-1", replace(TEXT, facts=(closed.id,)), language="en", by=ANA, now=NOON)
    assert alerting.draft(store, "KG-1", replace(TEXT, facts=(open_.id,)), language="en", by=ANA, now=NOON)


def test_a_fact_set_apart_or_a_narrower_answer_after_approval_stops_the_publication(store, queue, case):
    fact = a_fact(case)
    with store.begin() as tx:
        tx.facts.add(fact)
    alert = alerting.draft(store, "KG-1", replace(TEXT, facts=(fact.id,)), language="en", by=ANA, now=NOON)
    reviewed(store, alert.id)
    plain = approved(store)
    with store.begin() as tx:
        tx.facts.save(replace(fact, label=Label.RED))
    with pytest.raises(Conflict, match="may no longer be said"):
        alerting.publish(store, queue, alert.id, by=ANA, now=NOON)
    with store.begin() as tx:
        tx.cases.save(replace(case, answer=Answer.ONLY_US))
    with pytest.raises(Conflict, match="Not more than red"):
        alerting.publish(store, queue, plain.id, by=ANA, now=NOON)


def test_red_goes_to_nobody_and_amber_to_the_vetted(store, queue):
    with store.begin() as tx:
        tx.cases.add(a_case(answer=None))
    has_readers(store, 2)
    has_readers(store, 1, vetted_at=None)
    has_readers(store, 1, confirmed_at=None)
    has_readers(store, 1, left_at=NOON)
    has_readers(store, 1, suppressed_at=NOON, suppressed_why="bounced")
    assert published(store, queue, label=Label.AMBER).audience == 2
    assert published(store, queue, label=Label.RED).audience == 0
    assert published(store, queue, label=Label.GREEN).audience == 3


# numbers and references


def test_numbers_do_not_count_secrets(store, queue):
    with store.begin() as tx:
        tx.cases.add(a_case(answer=None))
    labels = [Label.GREEN, Label.AMBER, Label.CLEAR, Label.RED, Label.GREEN]
    alerts = [published(store, queue, label=label) for label in labels]
    assert [alert.number for alert in alerts] == ["UA 001/2030 KGZ", "", "UA 002/2030 KGZ", "", "UA 003/2030 KGZ"]
    references = {alert.reference for alert in alerts}
    assert len(references) == 5
    assert all(len(reference) == 4 and not set(reference) & set("AEIOU01") for reference in references)


def test_numbers_begin_anew_each_year(store, queue, case):
    published(store, queue)
    assert published(store, queue, now=NOON + 365 * DAY).number == "UA 001/2031 KGZ"


def test_numbers_have_no_gaps_and_no_doubles_when_many_publish_at_once(store, queue, case):
    ready = [approved(store).id for _ in range(6)]
    numbers = []

    def publish(id):
        numbers.append(alerting.publish(store, queue, id, by=ANA, now=NOON)[0].number)

    threads = [threading.Thread(target=publish, args=(id,)) for id in ready]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == [f"UA 00{n}/2030 KGZ" for n in range(1, 7)]


def test_an_alert_is_published_once_by_however_many(store, queue, case):
    has_readers(store, 1)
    alert, outcomes = approved(store), []

    def publish():
        try:
            alerting.publish(store, queue, alert.id, by=ANA, now=NOON)
            outcomes.append("published")
        except Conflict:
            outcomes.append("refused")

    threads = [threading.Thread(target=publish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["published"] + ["refused"] * 3
    assert tally(store, alert) == {"pending": 1}


# what follows


def test_an_update_keeps_the_number_and_moves_the_ordinal(store, queue, case):
    readers = has_readers(store, 2)
    first = published(store, queue)
    answers(store, Sent())
    draft = alerting.follow(store, first.id, Kind.UPDATE, "She has seen her lawyer.", by=ANA, now=NOON)
    reviewed(store, draft.id)
    update, _ = alerting.publish(store, queue, draft.id, by=ANA, now=NOON)
    assert (update.number, update.reference, update.thread) == (first.number, first.reference, first.id)
    assert (first.ordinal, update.ordinal) == (1, 2)
    assert state(store, first) is State.UPDATED
    assert written_to(store, update) == {reader.id for reader in readers}
    [read] = take(store).readings
    assert read.earlier == ((first.number, NOON),)


def test_an_update_goes_to_new_readers_and_to_all_who_had_the_first(store, queue, case):
    [old] = has_readers(store, 1)
    first = published(store, queue)
    answers(store, Sent())
    with store.begin() as tx:
        tx.subscriptions.delete(tx.subscriptions.table.c.subscriber_id == old.id)
    [new] = has_readers(store, 1)
    draft = alerting.follow(store, first.id, Kind.UPDATE, "More.", by=ANA, now=NOON)
    reviewed(store, draft.id)
    update, _ = alerting.publish(store, queue, draft.id, by=ANA, now=NOON)
    assert written_to(store, update) == {old.id, new.id}


def test_a_correction_goes_to_exactly_those_who_have_or_may_have_it(store, queue, case):
    readers = has_readers(store, 5)
    first = published(store, queue)
    outcomes = [Sent(), Unknown("broke"), Retry("451"), Sent()]
    work = take(store)
    deliveries.record(store, work, list(enumerate(outcomes)), NOON)
    deliveries.finish(store, work, NOON)
    has_readers(store, 1)  # subscribed since: never had the wrong text
    draft = alerting.follow(store, first.id, Kind.CORRECTION, "It was on Monday.", by=ANA, now=NOON)
    reviewed(store, draft.id)
    correction, _ = alerting.publish(store, queue, draft.id, by=ANA, now=NOON)
    places = {work.own(mail).leave: mail.n for mail in work.mails}
    assert len(places) == 5
    in_order = [r.subscriber_id for r in work.batch.recipients]
    assert written_to(store, correction) == {in_order[0], in_order[1], in_order[3]} < {reader.id for reader in readers}
    assert tally(store, first) == {"sent": 2, "unknown": 1, "withdrawn": 2}
    assert state(store, first) is State.CORRECTED
    assert [len(take(store, NOON).mails)] == [3]
    resuming.retry(store, NOON + DAY)
    assert take(store, NOON + DAY) is None  # nothing of the wrong text is tried again


def test_a_correction_waits_for_who_is_being_sent_the_wrong_text_and_leaves_out_who_did_not_get_it(store, queue, case):
    has_readers(store, 3)
    first = published(store, queue)
    work = take(store)
    deliveries.record(store, work, [(0, Sent())], NOON)
    draft = alerting.follow(store, first.id, Kind.CORRECTION, "It was on Monday.", by=ANA, now=NOON)
    reviewed(store, draft.id)
    correction, _ = alerting.publish(store, queue, draft.id, by=ANA, now=NOON)
    assert correction.audience == 3  # the two in flight may get it
    assert take(store) is None  # not while the wrong text is on its way
    assert not deliveries.record(store, work, [(1, Sent())], NOON)  # the old holder is told to stop
    deliveries.finish(store, work, NOON)
    assert tally(store, first) == {"sent": 2, "withdrawn": 1}
    now = take(store)
    assert len(now.mails) == 2
    assert tally(store, correction) == {"pending": 2, "withdrawn": 1}


def test_a_correction_of_a_correction_reaches_who_has_only_the_first_text(store, queue, case):
    has_readers(store, 2)
    first = published(store, queue)
    answers(store, Sent())
    ids, current = [], first
    for n in (1, 2):
        draft = alerting.follow(store, current.id, Kind.CORRECTION, f"Correction {n}.", by=ANA, now=NOON)
        reviewed(store, draft.id)
        current, _ = alerting.publish(store, queue, draft.id, by=ANA, now=NOON)
        ids.append(current)
        if n == 1:
            answers(store, lambda place: Sent() if place == 0 else Retry("451"))
    assert tally(store, ids[0]) == {"sent": 1, "withdrawn": 1}
    assert ids[1].audience == 2


def test_a_stop_tells_all_who_had_any_issue_and_ends_the_rest(store, queue, case):
    has_readers(store, 2)
    first = published(store, queue)
    answers(store, lambda place: Sent() if place == 0 else Retry("451"))
    draft = alerting.follow(store, first.id, Kind.STOP, "She is free.", by=BEK, now=NOON)
    reviewed(store, draft.id, by=BEK)
    stop, _ = alerting.publish(store, queue, draft.id, by=ANA, now=NOON)
    assert (stop.audience, state(store, first)) == (1, State.STOPPED)
    assert tally(store, first) == {"sent": 1, "withdrawn": 1}
    with pytest.raises(Forbidden):
        alerting.follow(store, first.id, Kind.STOP, "x", by=ANA, now=NOON)


def test_a_withdrawal_asks_everybody_who_may_have_it_to_delete_it_and_repeats_nothing(store, queue, case):
    has_readers(store, 4, language="ru")
    first = published(store, queue)
    outcomes = [Sent(), Unknown("broke"), Retry("451")]
    work = take(store)
    deliveries.record(store, work, list(enumerate(outcomes)), NOON)
    deliveries.finish(store, work, NOON)
    gone = alerting.withdraw(store, queue, TWO, first.id, by=BEK, now=NOON + HOUR)
    assert (gone.kind, gone.state, gone.audience) == (Kind.WITHDRAWAL, State.PUBLISHING, 2)
    assert tally(store, first) == {"sent": 1, "unknown": 1, "withdrawn": 2}
    assert state(store, first) is State.WITHDRAWN
    render = Render(SETTINGS)
    work = take(store, NOON + HOUR)
    for mail in work.mails:
        message = render.message(work.readings[mail.cohort], id=work.own(mail).id, date=NOON)
        said = f"{message.subject} {message.text} {message.html} {message.headers} {work.own(mail)}".casefold()
        assert first.reference.casefold() in said
        for word in ("sample", "aida", "taken", "late on tuesday", "kg-1"):
            assert word not in said, word
    with pytest.raises(Conflict, match="nothing may follow"):
        alerting.follow(store, first.id, Kind.UPDATE, "x", by=ANA, now=NOON)


def test_only_an_approver_withdraws(store, queue, case):
    first = published(store, queue)
    with pytest.raises(Forbidden):
        alerting.withdraw(store, queue, TWO, first.id, by=ANA, now=NOON)


def test_a_follower_approved_before_a_withdrawal_does_not_go_out_after_it(store, queue, case):
    has_readers(store, 1)
    first = published(store, queue)
    answers(store, Sent())
    drafts = [
        alerting.follow(store, first.id, kind, "With the name.", by=ANA, now=NOON).id
        for kind in (Kind.UPDATE, Kind.CORRECTION)
    ]
    for id in drafts:
        reviewed(store, id)
    alerting.publish(store, queue, drafts[1], by=ANA, now=NOON, at=NOON + 2 * HOUR)
    alerting.withdraw(store, queue, TWO, first.id, by=BEK, now=NOON + HOUR)
    with pytest.raises(Conflict, match="withdrawn"):
        alerting.publish(store, queue, drafts[0], by=ANA, now=NOON + 2 * HOUR)
    assert alerting.publish_due(store, queue, NOON + 2 * HOUR) == []
    assert alerting.status(store, drafts[1]).alert.state is State.DRAFT


# cancelling and scheduling


def test_cancelling_halts_what_is_unsent(store, queue, case):
    has_readers(store, 3)
    alert = published(store, queue)
    work = take(store)
    deliveries.record(store, work, [(0, Sent()), (1, Retry("451"))], NOON)
    alerting.cancel(store, alert.id, by=ANA, now=NOON)
    assert not deliveries.record(store, work, [], NOON)
    deliveries.finish(store, work, NOON)
    assert tally(store, alert) == {"sent": 1, "withdrawn": 2}
    assert take(store) is None
    with pytest.raises(Conflict):
        alerting.cancel(store, alert.id, by=ANA, now=NOON)


def test_cancelling_before_anything_was_taken_ends_everybody_at_once(store, queue, case):
    has_readers(store, 2)
    alert = published(store, queue)
    alerting.cancel(store, alert.id, by=ANA, now=NOON)
    assert tally(store, alert) == {"withdrawn": 2}
    assert state(store, alert) is State.CANCELLED
    assert take(store) is None


def test_a_draft_that_is_cancelled_is_never_published(store, queue, case):
    alert = approved(store)
    assert alerting.cancel(store, alert.id, by=ANA, now=NOON).state is State.CANCELLED
    with pytest.raises(Conflict):
        alerting.publish(store, queue, alert.id, by=ANA, now=NOON)


def test_what_is_scheduled_goes_out_when_it_is_due_and_not_before(store, queue, case):
    has_readers(store, 1)
    alert, _ = alerting.publish(store, queue, approved(store).id, by=ANA, now=NOON, at=NOON + HOUR)
    assert (alert.state, alert.number) == (State.SCHEDULED, "")
    assert alerting.publish_due(store, queue, NOON + HOUR - DAY / 10**6) == []
    [due] = alerting.publish_due(store, queue, NOON + HOUR)
    assert (due.id, due.state, due.number, due.published_at) == (
        alert.id,
        State.PUBLISHING,
        "UA 001/2030 KGZ",
        NOON + HOUR,
    )
    assert alerting.publish_due(store, queue, NOON + 2 * HOUR) == []
    assert tally(store, alert) == {"pending": 1}


def test_a_scheduled_text_that_was_edited_is_not_published(store, queue, case):
    alert, _ = alerting.publish(store, queue, approved(store).id, by=ANA, now=NOON, at=NOON + HOUR)
    alerting.edition(store, alert.id, "en", replace(TEXT, body="Another."), by=ANA, now=NOON)
    assert alerting.publish_due(store, queue, NOON + HOUR) == []
    assert state(store, alert) is State.DRAFT


def test_one_that_may_no_longer_go_out_holds_up_nobody_else(store, queue, case):
    """Its author left the desk; its fact was set apart. Both go back to a draft, and the third is published."""
    fact = a_fact(case)
    with store.begin() as tx:
        tx.facts.add(fact)
    with_fact = alerting.draft(store, "KG-1", replace(TEXT, facts=(fact.id,)), language="en", by=BEK, now=NOON)
    reviewed(store, with_fact.id, by=BEK)
    minutes = count(1)
    orphan, apart, good = (
        alerting.publish(store, queue, id, by=by, now=NOON, at=NOON + next(minutes) * HOUR / 60)[0]
        for id, by in ((approved(store).id, ANA), (with_fact.id, BEK), (approved(store, by=BEK).id, BEK))
    )
    with store.begin() as tx:
        tx.staff.save(replace(ANA, disabled_at=NOON))
        tx.facts.save(replace(fact, label=Label.RED))
    assert [alert.id for alert in alerting.publish_due(store, queue, NOON + HOUR)] == [good.id]
    assert [state(store, alert) for alert in (orphan, apart)] == [State.DRAFT, State.DRAFT]
    with store.read() as tx:
        assert [e.subject for e in tx.audit.entries() if e.verb == "alert held back"] == [orphan.id, apart.id]
        assert tx.alerts.count(ALERT.c.state == State.SCHEDULED) == 0
