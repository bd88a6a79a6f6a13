"""What comes back does what it says, once; what proves nothing counts for little; one bad night suspends nobody."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from builders import ANA, BEK, DANA, NOON, a_subscriber, a_subscription, an_alert, an_edition
from deliveries import due_letters
from mailsback import AWAY, DESK, PLAIN_BOUNCE, a_complaint, a_reply, a_report

from alerts.domain.alerts import Alert, State
from alerts.domain.audience import Recipient, Subscriber
from alerts.domain.errors import Conflict, Forbidden
from alerts.domain.letters import Kind as LetterKind
from alerts.domain.letters import Letter
from alerts.domain.responses import Answer
from alerts.domain.returns import Bounce, Kind, Reply, Severity
from alerts.queue.table import TableQueue
from alerts.services import bounces, reading, returning, subscribers, subscribing
from alerts.services.addressing import message_id
from alerts.services.returning import Became, envelope, opened
from alerts.store import Store
from watchers import returned

JAN = "jan@mission.example"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def comes(store: Store, queue: TableQueue, mail: bytes, now: datetime = NOON) -> Became:
    return returning.take(store, queue, returned.parse(f"mail{hash(mail)}", mail), now, (DESK,))


def has(store: Store, *people: Subscriber) -> Subscriber:
    with store.begin() as tx:
        tx.subscribers.add(*people)
        tx.subscriptions.add(*map(a_subscription, people))
    return people[0]


def went_out(store: Store, *to: Subscriber, reference: str = "7KQ4", at: datetime = NOON - HOUR) -> Alert:
    alert = an_alert(state=State.PUBLISHED, reference=reference, published_at=at, audience=len(to))
    with store.begin() as tx:
        tx.alerts.add(alert)
        tx.editions.add(an_edition(alert))
        tx.ledger.add(alert, [[Recipient(who.id, "en") for who in to]])
    return alert


def id_of(store: Store, alert: Alert, who: Subscriber) -> str:
    return message_id(store.vault, alert.id, who.id, "email", DESK)


def letter_id(store: Store, letter: Letter, who: Subscriber) -> str:
    return message_id(store.vault, letter.id, who.id, "letter", DESK)


def jan(store: Store) -> Subscriber:
    with store.read() as tx:
        found = tx.subscribers.find_by("email", JAN)
    assert found
    return found


def answers(store: Store) -> list[tuple[str, Answer, str]]:
    with store.read() as tx:
        return [(r.alert_id, r.answer, r.text) for r in tx.responses.where()]


def replies(store: Store) -> list[Reply]:
    with store.read() as tx:
        return tx.replies.where()


def kept_bounces(store: Store) -> list[Bounce]:
    with store.read() as tx:
        return tx.bounces.where(by=tx.bounces.table.c.at)


def written(store: Store, now: datetime = NOON) -> list[Letter]:
    return due_letters(store, now, 100)


# people


def test_a_reply_is_noted_as_the_page_notes_it_and_its_writer_gets_a_receipt(store: Store, queue: TableQueue) -> None:
    who = has(store, a_subscriber(JAN))
    first, _ = went_out(store, who), went_out(store, who, reference="8BBB", at=NOON)
    mail = a_reply("YES, we call at nine.\n\nOn Tue, Desk wrote:\n> LEAVE", answers=id_of(store, first, who))
    assert comes(store, queue, mail) is Became.ANSWER
    assert answers(store) == [(first.id, Answer.YES, "YES, we call at nine.")]
    [receipt] = written(store)
    assert (receipt.kind, receipt.subscriber_id) == (LetterKind.NOTED, who.id)
    assert jan(store).heard_at == NOON
    assert comes(store, queue, mail) is Became.AGAIN and len(replies(store)) == 1


def test_what_is_answered_is_found_by_message_id_by_reference_or_is_the_last_they_were_sent(
    store: Store, queue: TableQueue
) -> None:
    who = has(store, a_subscriber(JAN))
    first, second = went_out(store, who), went_out(store, who, reference="8BBB", at=NOON + 2 * HOUR)
    other = has(store, a_subscriber("ola@ngo.example"))
    went_out(store, other, reference="9CCC", at=NOON)
    comes(store, queue, a_reply("CAN'T", subject="Re: Bishkek", answers=id_of(store, first, who)))
    assert answers(store) == [(first.id, Answer.CANNOT, "")]
    comes(store, queue, a_reply("Call me", subject="Bishkek (Ref 7KQ4)"), NOON + HOUR)
    assert answers(store) == [(first.id, Answer.CALL_ME, "")]
    comes(store, queue, a_reply("yes\n\n> Ref 9CCC"), NOON + 3 * HOUR)
    assert sorted(answers(store)) == sorted([(first.id, Answer.CALL_ME, ""), (second.id, Answer.YES, "")]), (
        "an alert that never went to them is not the one they answer"
    )


def test_a_reply_to_the_receipt_changes_the_answer(store: Store, queue: TableQueue) -> None:
    who = has(store, a_subscriber(JAN))
    alert = went_out(store, who)
    comes(store, queue, a_reply("YES", answers=id_of(store, alert, who)))
    [receipt] = written(store)
    comes(store, queue, a_reply("CAN'T", answers=letter_id(store, receipt, who)), NOON + HOUR)
    assert answers(store) == [(alert.id, Answer.CANNOT, "")]


@pytest.mark.parametrize("text", ["We may be able to help.", "Yes? Who is this?", "Leave to appeal was refused.", "👍"])
def test_what_is_not_understood_waits_for_staff_at_the_alert_it_answers(
    store: Store, queue: TableQueue, text: str
) -> None:
    who = has(store, a_subscriber(JAN))
    alert = went_out(store, who)
    mail = a_reply(f"{text}\n\n-- \nJan\n> Ref 7KQ4", answers=id_of(store, alert, who))
    assert comes(store, queue, mail) is Became.KEPT
    [waiting] = reading.waiting(store)
    assert (waiting.reply.text, waiting.alert, waiting.who) == (text, alert, jan(store))
    assert waiting.reply.sender == JAN and answers(store) == [] and jan(store).left_at is None


def test_staff_note_with_one_click_what_a_mail_says(store: Store, queue: TableQueue) -> None:
    who = has(store, a_subscriber(JAN))
    alert = went_out(store, who)
    comes(store, queue, a_reply("Our ambassador goes there himself.", answers=id_of(store, alert, who)))
    [waiting] = reading.waiting(store)
    with pytest.raises(Forbidden):
        returning.note(store, queue, waiting.reply.id, Answer.YES, by=DANA, now=NOON)
    returning.note(store, queue, waiting.reply.id, Answer.YES, by=ANA, now=NOON)
    assert answers(store) == [(alert.id, Answer.YES, "Our ambassador goes there himself.")]
    assert [letter.kind for letter in written(store)] == [LetterKind.NOTED]
    assert reading.waiting(store) == []
    with pytest.raises(Conflict, match="noted this mail already"):
        returning.note(store, queue, waiting.reply.id, None, by=ANA, now=NOON)
    with store.read() as tx:
        entry = list(tx.audit.entries())[-1]
    assert (entry.verb, entry.staff_id) == ("alert answered", ANA.id)


def test_a_mail_of_somebody_unknown_can_only_be_read(store: Store, queue: TableQueue) -> None:
    alert = went_out(store, has(store, a_subscriber("ola@ngo.example")))
    assert comes(store, queue, a_reply("YES\n> Ref 7KQ4", sender="deputy@ngo.example")) is Became.KEPT
    assert comes(store, queue, a_reply("Buy now", sender="spam@x.example")) is Became.NOT_OURS
    [waiting] = reading.waiting(store)
    assert (waiting.alert, waiting.who) == (alert, None)
    with pytest.raises(Conflict, match="can only be read"):
        returning.note(store, queue, waiting.reply.id, Answer.YES, by=ANA, now=NOON)
    returning.note(store, queue, waiting.reply.id, None, by=ANA, now=NOON)
    assert answers(store) == [] and replies(store)[0].handled == "read"


def test_nobody_answers_for_another(store: Store, queue: TableQueue) -> None:
    who = has(store, a_subscriber(JAN))
    alert = went_out(store, who)
    comes(store, queue, a_reply("YES", sender="eve@x.example", answers=id_of(store, alert, who)))
    assert answers(store) == []


def test_what_its_own_server_calls_forged_does_nothing(store: Store, queue: TableQueue) -> None:
    who = has(store, a_subscriber(JAN))
    went_out(store, who)
    for text in ("LEAVE", "YES"):
        mail = a_reply(text, Authentication_Results="mx.desk.example; spf=fail; dmarc=fail header.from=mission.example")
        assert comes(store, queue, mail) is Became.KEPT
    assert (jan(store).left_at, jan(store).heard_at, answers(store)) == (None, None, [])


def test_yes_confirms_leave_leaves_and_yes_to_the_last_letter_comes_back(store: Store, queue: TableQueue) -> None:
    subscribing.sign_up(store, queue, {"email": JAN, "countries": "KG"}, NOON)
    [confirm] = written(store)
    assert comes(store, queue, a_reply("Yes", answers=letter_id(store, confirm, jan(store)))) is Became.CONFIRM
    assert jan(store).confirmed_at == NOON
    assert [letter.kind for letter in written(store)] == [LetterKind.WELCOME]
    assert comes(store, queue, a_reply("leave", subject="Re: Bishkek"), NOON + 2 * HOUR) is Became.LEAVE
    assert jan(store).left_at == NOON + 2 * HOUR
    left = written(store, NOON + 2 * HOUR)[-1]
    assert left.kind is LetterKind.LEFT
    old = a_reply("YES", answers=letter_id(store, confirm, jan(store)))
    assert comes(store, queue, old, NOON + 3 * HOUR) is Became.KEPT, "an old letter does not undo it"
    comes(store, queue, a_reply("YES", answers=letter_id(store, left, jan(store))), NOON + 3 * HOUR)
    assert jan(store).left_at is None


def test_yes_confirms_nobody_whom_we_did_not_ask(store: Store, queue: TableQueue) -> None:
    has(store, a_subscriber(JAN, confirmed_at=None, vetted_at=None, vetted_by=None))
    assert comes(store, queue, a_reply("YES")) is Became.KEPT
    assert jan(store).confirmed_at is None


def test_a_mail_program_leaves_by_the_subject_alone(store: Store, queue: TableQueue) -> None:
    has(store, a_subscriber(JAN))
    mail = a_reply("", subject="LEAVE", Auto_Submitted="auto-generated")
    assert comes(store, queue, mail) is Became.LEAVE
    assert jan(store).left_at == NOON


@pytest.mark.parametrize(
    ("text", "countries", "language"),
    [
        ("subscribe Kyrgyzstan", ("KG",), "en"),
        ("Subscribe me to Kazakhstan and the Tajikistan list please", ("KZ", "TJ"), "en"),
        ("subscribe KG, UZ", ("KG", "UZ"), "en"),
        ("Подписаться на Киргизию", ("KG",), "ru"),
        ("Обуна Тоҷикистон", ("TJ",), "tg"),
    ],
)
def test_who_cannot_reach_a_page_subscribes_by_mail(
    store: Store, queue: TableQueue, text: str, countries: tuple[str, ...], language: str
) -> None:
    assert comes(store, queue, a_reply(text, subject="hello")) is Became.SUBSCRIBE
    [letter] = written(store)
    assert (letter.kind, jan(store).confirmed_at, jan(store).language) == (LetterKind.CONFIRM, None, language)
    with store.read() as tx:
        assert tx.subscriptions.where()[0].countries == countries
    assert comes(store, queue, a_reply("YES", subject="Re: Please confirm"), NOON + HOUR) is Became.CONFIRM


@pytest.mark.parametrize("name", AWAY)
def test_an_automatic_reply_is_no_answer_and_no_bounce(store: Store, queue: TableQueue, name: str) -> None:
    went_out(store, has(store, a_subscriber(JAN)))
    assert comes(store, queue, AWAY[name]) is Became.AUTOMATIC
    assert (replies(store), kept_bounces(store), answers(store), jan(store).heard_at) == ([], [], [], None)


def test_our_own_mail_is_no_answer(store: Store, queue: TableQueue) -> None:
    has(store, a_subscriber(DESK))
    assert comes(store, queue, a_reply("LEAVE", sender=DESK)) is Became.NOT_OURS


# bounces and complaints


def bounced(store: Store, queue: TableQueue, who: Subscriber, now: datetime, **kw: str) -> None:
    alert = went_out(store, who, at=now - HOUR, reference=f"{now:%d%M}")
    assert comes(store, queue, a_report(who.email, message_id=id_of(store, alert, who), **kw), now) is Became.BOUNCE


@pytest.mark.parametrize(
    ("kw", "severity"),
    [
        ({}, Severity.HARD),
        ({"status": "5.2.2", "said": "552 5.2.2 mailbox full"}, Severity.SOFT),
        ({"status": "5.0.0", "said": "550 User unknown"}, Severity.HARD),
        ({"status": "4.4.7", "said": "421 timed out"}, Severity.SOFT),
        ({"status": "5.7.1", "said": "550 5.7.1 message refused by policy"}, None),
        ({"status": "5.0.0", "said": "550 your address is on a blocklist"}, None),
        ({"status": "5.7.129", "said": "550 5.7.129 only who is on the list may write"}, Severity.SOFT),
        ({"status": "4.4.1", "action": "delayed"}, None),
        ({"status": "2.0.0", "action": "relayed"}, None),
    ],
)
def test_a_bounce_counts_for_what_it_says(
    store: Store, queue: TableQueue, kw: dict[str, str], severity: Severity | None
) -> None:
    bounced(store, queue, has(store, a_subscriber(JAN)), NOON, **kw)
    assert [bounce.severity for bounce in kept_bounces(store)] == ([severity] if severity else [])


def test_one_bounce_suspends_nobody_and_two_on_different_days_do(store: Store, queue: TableQueue) -> None:
    who = has(store, a_subscriber(JAN))
    for hours in (0, 1, 2, 24):
        bounced(store, queue, who, NOON + hours * HOUR)
        assert returning.judge(store, NOON + hours * HOUR + timedelta(minutes=59)) == 0
    assert returning.judge(store, NOON + 26 * HOUR) == 1
    assert "does not exist" in jan(store).suppressed_why
    assert returning.judge(store, NOON + 26 * HOUR) == 0


def test_who_is_written_to_again_begins_anew_with_bounces(store: Store, queue: TableQueue) -> None:
    who = has(store, a_subscriber(JAN))
    for day in range(2):
        bounced(store, queue, who, NOON + day * DAY)
    returning.judge(store, NOON + 2 * DAY)
    assert jan(store).suppressed_at
    with pytest.raises(Forbidden):
        subscribers.lift(store, who.email, by=ANA, now=NOON + 3 * DAY)
    subscribers.lift(store, who.email, by=BEK, now=NOON + 3 * DAY)
    bounced(store, queue, who, NOON + 4 * DAY)
    returning.judge(store, NOON + 5 * DAY)
    assert jan(store).suppressed_at is None
    with pytest.raises(Conflict):
        subscribers.lift(store, who.email, by=BEK, now=NOON + 5 * DAY)


def test_five_days_with_a_full_mailbox_do_too_unless_they_were_heard_of(store: Store, queue: TableQueue) -> None:
    who = has(store, a_subscriber(JAN))
    for day in range(5):
        assert returning.judge(store, NOON + day * DAY) == 0
        bounced(store, queue, who, NOON + day * DAY, status="5.2.2", said="552 5.2.2 mailbox full")
        if day == 2:
            comes(store, queue, a_reply("I was away."), NOON + day * DAY + HOUR)
    assert returning.judge(store, NOON + 5 * DAY) == 0
    for day in (5, 6, 7):
        bounced(store, queue, who, NOON + day * DAY, status="5.2.2", said="552 5.2.2 mailbox full")
    assert returning.judge(store, NOON + 8 * DAY) == 1


def test_a_report_that_anybody_could_have_written_is_never_a_hard_bounce(store: Store, queue: TableQueue) -> None:
    """Seen to matter: two made-up reports would silence any reader whose address is known."""
    has(store, a_subscriber(JAN))
    for day in range(4):
        comes(store, queue, a_report(JAN, message_id=f"{'a' * 32}@desk.example"), NOON + day * DAY)
    assert {bounce.severity for bounce in kept_bounces(store)} == {Severity.SOFT}
    assert returning.judge(store, NOON + 9 * DAY) == 0


def test_the_envelope_address_says_whom_it_is_about_and_proves_it(store: Store, queue: TableQueue) -> None:
    alias = "forwarded@elsewhere.example"
    who = has(store, a_subscriber(JAN))
    went_out(store, a_subscriber("other@x.example"), who)
    with store.read() as tx:
        [no] = [row.no for row in tx.conn.exec_driver_sql("SELECT no FROM batch")]
    ours = envelope(store.vault, DESK, no, 1)
    comes(store, queue, a_report(alias, to=ours))
    comes(store, queue, a_report(alias, to=ours.replace("-", "-a", 1)))
    assert [(b.subscriber_id, b.severity) for b in kept_bounces(store)] == [(who.id, Severity.HARD)]


def test_a_server_that_sends_no_report_is_understood_as_well(store: Store, queue: TableQueue) -> None:
    has(store, a_subscriber(JAN))
    assert comes(store, queue, PLAIN_BOUNCE) is Became.BOUNCE
    [bounce] = kept_bounces(store)
    assert bounce.severity is Severity.SOFT, "nothing proves that it is about our mail"


def test_a_bounce_that_is_read_twice_counts_once(store: Store, queue: TableQueue) -> None:
    has(store, a_subscriber(JAN))
    mail = a_report(JAN)
    for _ in range(2):
        comes(store, queue, mail)
    assert len(kept_bounces(store)) == 1


def test_a_storm_from_one_domain_suspends_nobody_and_alarms_staff_once(
    store: Store, queue: TableQueue, caplog: pytest.LogCaptureFixture
) -> None:
    """Seen to fail without the marking of storms: the second night took all twelve off the list."""
    people = [a_subscriber(f"reader{n}@mission.example") for n in range(12)]
    has(store, *people, a_subscriber("gone@ngo.example"))
    with store.read() as tx:
        gone = tx.subscribers.find_by("email", "gone@ngo.example")
    assert gone
    for night in range(2):
        now = NOON + night * DAY
        with store.begin() as tx:
            for minutes, who in enumerate([*people, gone]):
                at = now + timedelta(minutes=minutes)
                bounces.rejected(tx, who.id, "550 5.1.1 no such user", at)
        for minutes in (20, 70, 130):
            returning.judge(store, now + timedelta(minutes=minutes))
    with store.read() as tx:
        stopped = [who.email for who in tx.subscribers.where() if who.suppressed_at]
        storms = [entry.detail for entry in tx.audit.entries() if entry.verb == bounces.STORM_VERB]
        [storm] = bounces.storms(tx, NOON + DAY + HOUR)
    assert stopped == ["gone@ngo.example"], "the one who bounced alone"
    assert storms == ["12 readers", "12 readers"] and "mission" not in caplog.text
    assert (storm.domain, storm.readers) == ("mission.example", 12)


def test_a_fifth_of_a_small_domain_is_a_storm_too(store: Store, queue: TableQueue) -> None:
    people = [a_subscriber(f"reader{n}@mission.example") for n in range(20)]
    has(store, *people)
    with store.begin() as tx:
        for who in people[:5]:
            bounces.rejected(tx, who.id, "550 5.1.1 no such user", NOON)
    returning.judge(store, NOON)
    assert {b.severity for b in kept_bounces(store)} == {Severity.STORM}


@pytest.mark.parametrize(
    ("reason", "severity"),
    [
        ("550 5.1.1 no such user", Severity.HARD),
        ("550 rejected", Severity.HARD),
        ("552 5.2.2 mailbox full", Severity.SOFT),
        ("550 5.7.1 spam", None),
        ("450 4.2.1 try later", None),
        ("email: “x” is not a mail address.", None),
    ],
)
def test_a_relay_s_own_refusal_counts_as_a_bounce(store: Store, reason: str, severity: Severity | None) -> None:
    who = has(store, a_subscriber(JAN))
    with store.begin() as tx:
        returning.rejected(tx, who.id, reason, NOON)
    assert [bounce.severity for bounce in kept_bounces(store)] == ([severity] if severity else [])


def test_who_complains_is_written_to_no_more_and_staff_learn_of_it(store: Store, queue: TableQueue) -> None:
    who = has(store, a_subscriber(JAN))
    alert = went_out(store, who)
    assert comes(store, queue, a_complaint(JAN, message_id="made-up@desk.example")) is Became.COMPLAINT
    assert jan(store).left_at is None, "anybody can write a complaint"
    assert comes(store, queue, a_complaint(JAN, message_id=id_of(store, alert, who), kind="not-spam"))
    assert jan(store).left_at is None
    comes(store, queue, a_complaint(JAN, message_id=id_of(store, alert, who)))
    assert jan(store).left_at == NOON and written(store) == []
    assert [reply.kind for reply in replies(store)] == [Kind.COMPLAINT, Kind.COMPLAINT]
    with store.read() as tx:
        assert [entry.verb for entry in tx.audit.entries()] == ["complaint"]


# envelope addresses


@pytest.mark.parametrize(("no", "n"), [(1, 0), (7, 499), (123_456, 4095), (2**40, 3)])
def test_an_envelope_address_is_short_and_opens_again(store: Store, no: int, n: int) -> None:
    address = envelope(store.vault, DESK, no, n)
    assert len(address.partition("@")[0]) <= 64 and address.endswith("@desk.example")
    assert opened(store.vault, address) == opened(store.vault, f"<{address.upper()}>") == (no, n)


def test_an_envelope_address_that_somebody_made_up_opens_nothing(store: Store) -> None:
    genuine = envelope(store.vault, DESK, 7, 3)
    for made_up in (DESK, genuine.replace("v-", "v-a"), genuine[:-14] + "a@desk.example", "desk+v-77-aaaaaaaa@x", ""):
        assert opened(store.vault, made_up) is None
    long = f"{'d' * 60}@desk.example"
    assert envelope(store.vault, long, 7, 3) == long, "no room for it"
