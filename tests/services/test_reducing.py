"""Who promised and wrote is forgotten a month after it is over; how many they were stays."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import CLEO, DAY, HEARING, NOON, a_deadline, a_subscriber, an_alert, an_id

from alerts.domain.letters import Kind as LetterKind
from alerts.domain.responses import Answer, over
from alerts.domain.returns import READ, REDUCED, Kind, Reply
from alerts.services import reducing, responding
from alerts.store.tables import LETTER

HEARD = HEARING.instant
LATER = HEARD + 30 * DAY


@pytest.mark.parametrize(
    ("at", "ends", "now", "expected"),
    [
        (NOON, HEARD, LATER, True),
        (NOON, HEARD, LATER - DAY, False),
        (HEARD + 10 * DAY, HEARD, LATER, False),
        (HEARD + 10 * DAY, HEARD, LATER + 10 * DAY, True),
        (NOON, None, NOON + 60 * DAY, True),
        (NOON, None, NOON + 59 * DAY, False),
    ],
)
def test_it_is_over_a_month_after_the_hearing_or_two_after_it_was_written(at, ends, now, expected):
    assert over(at, ends, now) is expected


def answered(store, queue, *answers, dated=True, at=NOON):
    """An alert that readers answered, with their receipts, and one mail that staff have read."""
    deadline = a_deadline(when=HEARING) if dated else None
    alert = an_alert(published_at=NOON, deadline_id=deadline.id if deadline else None, reference=an_id("R"))
    people = [a_subscriber(f"{an_id('reader')}@mission.example") for _ in answers]
    mail = Reply(
        an_id("mail"), Kind.OTHER, an_id("source"), alert.id, alert.deadline_id, people[0].id, people[0].email, "Re:",
        "We send two people.", at, READ, CLEO.id, at,
    )  # fmt: skip
    with store.begin() as tx:
        tx.deadlines.add(*([deadline] if deadline else []))
        tx.alerts.add(alert)
        tx.subscribers.add(*people)
        tx.replies.add(mail)
        for one, answer in zip(people, answers, strict=True):
            responding.noted(tx, queue, one, alert, answer, "I will come.", at)
    return alert, mail


def left(store, alert, mail):
    with store.read() as tx:
        receipts = tx.letters.count(LETTER.c.kind == LetterKind.NOTED)
        return tx.responses.count(), receipts, tx.replies.get(mail.id), reducing.counts(tx, alert.id)


def test_a_month_after_the_hearing_counts_are_all_that_is_left(store, queue):
    alert, mail = answered(store, queue, Answer.YES, Answer.CANNOT, Answer.YES, Answer.YES)
    assert reducing.reduce(store, LATER - DAY) == 0
    assert left(store, alert, mail) == (4, 4, mail, {})
    assert reducing.reduce(store, LATER) == 5
    responses, receipts, kept, counts = left(store, alert, mail)
    assert (responses, receipts, counts) == (0, 0, {Answer.YES: 3, Answer.CANNOT: 1})
    assert kept == Reply(mail.id, mail.kind, mail.source, at=mail.at, handled=REDUCED, handled_by=CLEO.id,
                         handled_at=mail.handled_at)  # fmt: skip
    with store.read() as tx:
        said = [(entry.verb, entry.subject, entry.detail) for entry in tx.audit.entries()][-2:]
        assert tx.audit.broken_at() is None
    assert said == [("answers reduced", alert.id, "3 yes, 1 cannot"), ("mails reduced", "", "1")]
    assert reducing.reduce(store, LATER + DAY) == 0


def test_what_comes_later_is_counted_to_what_was_there(store, queue):
    alert, mail = answered(store, queue, Answer.YES, Answer.CALL_ME)
    reducing.reduce(store, LATER)
    with store.begin() as tx:
        late = tx.subscribers.where()[0]
        responding.noted(tx, queue, late, alert, Answer.YES, "", LATER)
    assert reducing.reduce(store, LATER + 29 * DAY) == 0
    assert reducing.reduce(store, LATER + 30 * DAY) == 1
    assert left(store, alert, mail)[3] == {Answer.YES: 2, Answer.CALL_ME: 1}


def test_a_hearing_that_was_moved_keeps_the_promises_until_it_was_held(store, queue):
    alert, _ = answered(store, queue, Answer.YES)
    later = replace(HEARING, instant=HEARD + 90 * DAY, wall=HEARING.wall + 90 * DAY)
    with store.begin() as tx:
        deadline = tx.deadlines.get(alert.deadline_id)
        tx.deadlines.save(replace(deadline, when=later))
    assert reducing.reduce(store, LATER) == 0
    assert reducing.reduce(store, LATER + 90 * DAY) == 2


def test_without_a_date_it_is_two_months(store, queue):
    alert, mail = answered(store, queue, Answer.CANNOT, dated=False)
    assert reducing.reduce(store, NOON + 59 * DAY) == 0
    assert reducing.reduce(store, NOON + 60 * DAY) == 2
    assert left(store, alert, mail)[3] == {Answer.CANNOT: 1}


def test_a_mail_that_nobody_has_read_stays_until_somebody_has(store, queue):
    alert, mail = answered(store, queue, Answer.YES)
    with store.begin() as tx:
        tx.replies.save(replace(mail, handled="", handled_by=None, handled_at=None))
    assert reducing.reduce(store, LATER + 300 * DAY) == 1
    assert left(store, alert, mail)[2].text == "We send two people."
