"""Lawyer and family are asked before each date, each once; what they answer changes the date, or waits for staff."""

from __future__ import annotations

import threading
from dataclasses import replace

import deliveries
import pytest
import sqlalchemy as sa
from builders import ANA, BEK, DANA, DAY, HEARING, HOUR, MINUTE, NOON, a_case, a_confidant, a_person, a_subscriber
from builders import a_subscription as subscription

from alerts.domain.alerts import Kind as AlertKind
from alerts.domain.confidants import ConfidantRole
from alerts.domain.deadlines import Kind, State
from alerts.domain.delivery import Sent
from alerts.domain.errors import Conflict, Forbidden, Invalid, NotFound
from alerts.domain.letters import Kind as LetterKind
from alerts.domain.questions import Answer, Fate, Given, Question, Seen, What
from alerts.domain.times import at, between, on
from alerts.render import Render
from alerts.services import answering, asking, confidants, deadlines, questions, reminding
from alerts.services.letters import letter_mail
from alerts.store import Store, Unavailable
from alerts.store.dates import QUESTION
from alerts.store.due import next_due
from alerts.store.pages import confidants as page
from alerts.store.tables import ALERT, AUDIT, LETTER

TWO = ("en", "ru")
TEN = HEARING.instant
SOONER = at("2030-02-01 08:30", "Asia/Bishkek")
LATER = at("2030-03-01 10:00", "Asia/Bishkek")
BASE = "http://desk.example"
RENDER = Render(deliveries.SETTINGS)


@pytest.fixture
def case(store):
    case = a_case()
    with store.begin() as tx:
        tx.cases.add(case, replace(a_case("KG-2"), id="another"))
        tx.people.add(a_person(case)[0])
        tx.subscribers.add(reader := a_subscriber())
        tx.subscriptions.add(subscription(reader))
    return case


@pytest.fixture
def lawyer(store, case):
    return knows(store, a_confidant(case.id))


@pytest.fixture
def sister(store, case):
    return knows(store, a_confidant(case.id, role=ConfidantRole.FAMILY, email="sister@home.example", language="ru"))


def knows(store, confidant):
    with store.begin() as tx:
        tx.confidants.add(confidant)
    return confidant


def hearing(store, by=BEK, now=NOON, kind=Kind.HEARING, when=HEARING):
    return deadlines.enter(store, "KG-1", kind, when, by=by, now=now)


def asked(store, fate=None):
    with store.read() as tx:
        found = tx.questions.where(by=[QUESTION.c.asked_at, QUESTION.c.id])
    return [question for question in found if fate in (None, question.fate)]


def letters(store, kind=LetterKind.QUESTION):
    with store.read() as tx:
        return tx.letters.where(LETTER.c.kind == kind.value, by=LETTER.c.created_at)


def token(store, question):
    return asking.link(store.vault, BASE, question).rpartition("/")[2]


def asks(store, queue, before):
    questions.ask_due(store, queue, TEN - before)
    return asked(store)[-1]


def tells(store, queue, question, given, now=TEN - 14 * HOUR):
    return answering.answer(store, queue, TWO, token(store, question), given, now)


def told_of(store, id):
    with store.read() as tx:
        return tx.deadlines.get(id)


def corrections(store):
    with store.read() as tx:
        return tx.alerts.where(ALERT.c.kind == AlertKind.CORRECTION)


def all_reminded(store, queue, now):
    """The reader has the date, by a reminder."""
    reminding.remind(store, queue, TWO, now)
    while work := deliveries.take(store, now):
        deliveries.record(store, work, [(mail.n, Sent()) for mail in work.mails], now)
        deliveries.finish(store, work, now)


# asking


def test_a_hearing_is_asked_of_three_days_fifteen_hours_and_two_hours_before(store, queue, lawyer, sister):
    hearing(store)
    fired = [questions.ask_due(store, queue, TEN - hours * HOUR) for hours in range(100, -3, -1)]
    assert sum(fired) == 6
    rungs = [(q.rung, q.confidant_id) for q in asked(store)]
    assert sorted(rungs) == sorted((rung, who.id) for rung in ("T-3d", "T-15h", "T-2h") for who in (lawyer, sister))
    assert len(letters(store)) == 6


def test_a_clock_that_jumps_to_what_is_due_next_misses_no_question(store, queue, lawyer):
    hearing(store)
    hearing(store, kind=Kind.RELEASE, when=SOONER)
    with store.begin() as tx:
        tx.reminders.delete()
    now, stops = NOON, []
    while now:
        questions.ask_due(store, queue, now)
        with store.begin() as tx:
            tx.letters.delete()
        with store.read() as tx:
            if now := next_due(tx, now):
                stops.append(TEN - now)
    assert stops == [3 * DAY, 15 * HOUR, 2 * HOUR]
    assert [q.rung for q in asked(store)] == ["T-3d", "T-15h", "T-2h"]
    confidants.end(store, lawyer.id, by=ANA, now=NOON)
    with store.read() as tx:
        assert next_due(tx, NOON) is None


def test_several_clocks_ask_once(store, queue, lawyer):
    hearing(store)
    stores = [Store(store.url, store.vault) for _ in range(4)]
    start = threading.Barrier(4)

    def tick(mine):
        start.wait()
        for _ in range(3):
            questions.ask_due(mine, queue, TEN - 15 * HOUR)

    clocks = [threading.Thread(target=tick, args=(mine,)) for mine in stores]
    for clock in clocks:
        clock.start()
    for clock in clocks:
        clock.join()
    for mine in stores:
        mine.close()
    assert (len(asked(store)), len(letters(store))) == (1, 1)


def test_several_clocks_and_who_moves_dates_meanwhile_ask_once_of_each_date_as_it_stands(store, queue, lawyer, sister):
    them = [hearing(store).id for _ in range(9)]
    questions.ask_due(store, queue, TEN - 3 * DAY)
    stores, barrier, refused = [Store(store.url, store.vault) for _ in range(3)], threading.Barrier(4), []

    def clock(mine):
        barrier.wait()
        try:
            for _ in range(3):
                questions.ask_due(mine, queue, TEN - 15 * HOUR)
        except Unavailable as refusal:
            refused.append(refusal)

    def mover():
        barrier.wait()
        for id in them[::3]:
            deadlines.reschedule(store, queue, TWO, id, LATER, reason="", by=BEK, now=TEN - 15 * HOUR)

    threads = [threading.Thread(target=clock, args=(mine,)) for mine in stores] + [threading.Thread(target=mover)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for mine in stores:
        mine.close()
    questions.ask_due(store, queue, TEN - 15 * HOUR)
    stand = sorted((q.deadline_id, q.rung, q.confidant_id) for q in asked(store, Fate.ASKED))
    assert refused == []
    assert stand == sorted(
        (id, rung, who.id)
        for id in them
        if them.index(id) % 3
        for rung in ("T-3d", "T-15h")
        for who in (lawyer, sister)
    )
    assert len(letters(store)) == len(asked(store))


def test_a_desk_that_was_down_asks_once_at_its_start(store, queue, lawyer):
    hearing(store)
    assert questions.ask_due(store, queue, TEN - HOUR) == 1
    assert [q.rung for q in asked(store)] == ["T-2h"]


def test_nobody_is_asked_of_anothers_case_nor_whose_part_is_over(store, queue, case, lawyer):
    knows(store, a_confidant("another"))
    confidants.end(store, lawyer.id, by=ANA, now=NOON)
    hearing(store)
    assert questions.ask_due(store, queue, TEN - HOUR) == 0


def test_a_change_of_the_date_revokes_what_was_asked_of_it(store, queue, lawyer):
    date = hearing(store)
    first = asks(store, queue, 15 * HOUR)
    deadlines.reschedule(store, queue, TWO, date.id, SOONER, reason="", by=BEK, now=TEN - 14 * HOUR - MINUTE)
    with pytest.raises(NotFound), store.read() as tx:
        asking.of_letter(tx, letters(store)[0], TEN - 14 * HOUR)
    questions.ask_due(store, queue, TEN - 14 * HOUR)
    assert {q.id: q.fate for q in asked(store)}[first.id] is Fate.REVOKED
    assert not answering.asked(store, token(store, first), TEN - 14 * HOUR).stands
    with pytest.raises(Conflict, match="has changed"):
        tells(store, queue, first, Given(Answer.YES))


def test_what_nobody_answers_lapses_with_the_hearing(store, queue, lawyer):
    hearing(store)
    question = asks(store, queue, 2 * HOUR)
    questions.ask_due(store, queue, TEN + MINUTE)
    assert [q.fate for q in asked(store)] == [Fate.LAPSED]
    with pytest.raises(NotFound):
        answering.asked(store, token(store, question), TEN + MINUTE)


def test_staff_ask_at_once(store, queue, lawyer):
    date = hearing(store)
    questions.ask(store, queue, lawyer.id, What.SEEN, by=ANA, now=NOON)
    questions.ask(store, queue, lawyer.id, What.STILL, deadline_id=date.id, by=ANA, now=NOON)
    with pytest.raises(Conflict, match="within the last hour"):
        questions.ask(store, queue, lawyer.id, What.SEEN, by=BEK, now=NOON + MINUTE)
    with pytest.raises(Forbidden):
        questions.ask(store, queue, lawyer.id, What.SEEN, by=DANA, now=NOON + DAY)
    with pytest.raises(Invalid, match="which date"):
        questions.ask(store, queue, lawyer.id, What.STILL, by=ANA, now=NOON + DAY)
    assert len(letters(store)) == 2


def test_staff_ask_nobody_of_anothers_date(store, queue, lawyer):
    other = deadlines.enter(store, "KG-2", Kind.HEARING, HEARING, by=BEK, now=NOON)
    with pytest.raises(Forbidden, match="own case"):
        questions.ask(store, queue, lawyer.id, What.STILL, deadline_id=other.id, by=ANA, now=NOON)
    assert asked(store) == []


def test_an_appeal_period_is_asked_of_the_lawyer_alone_and_once_a_rung(store, queue, lawyer, sister):
    ends = hearing(store, kind=Kind.APPEAL_END)
    for _ in range(2):
        with store.begin() as tx:
            questions.remind_lawyer(tx, queue, ends, "T-5d", TEN - 5 * DAY)
    [question] = asked(store)
    assert (question.what, question.confidant_id) == (What.APPEALED, lawyer.id)
    assert len(letters(store)) == 1
    tells(store, queue, question, Given(Answer.YES), TEN - 4 * DAY)
    with store.read() as tx:
        assert [(w.kind, w.question.answer) for w in page.waiting(tx, TEN - 4 * DAY)] == [("told", "yes")]
        assert tx.deadlines.get(ends.id).open


# the letter


def test_a_letter_names_nobody_in_its_subject_and_carries_the_link(store, queue, lawyer, sister):
    hearing(store)
    asks(store, queue, 15 * HOUR)
    for letter in letters(store):
        mail = letter_mail(store, store.vault, BASE, letter, TEN)
        message = RENDER.letter(
            LetterKind(letter.kind), mail.language, link=mail.link, details=mail.details, id="1@desk.example", date=NOON
        )
        assert mail.link in message.text and "1" in message.subject and "10:00" in message.subject
        for word in ("Aida", "Sample", "KG-1", "Nurlan"):
            assert word not in message.subject + message.text + message.html
    assert {letter_mail(store, store.vault, BASE, one, TEN).to for one in letters(store)} == {
        "nurlan@law.example", "sister@home.example",
    }  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ru", "ky"])
@pytest.mark.parametrize("what", What)
@pytest.mark.parametrize(
    "when",
    [
        HEARING, on("2030-02-01", "Asia/Bishkek"), on("2030-02", "Asia/Bishkek"), on("2030", "Asia/Bishkek"),
        between("mid-May 2030", "2030-05-10", "2030-05-20", "Asia/Bishkek"),
    ],
)  # fmt: skip
def test_each_question_is_asked_in_words(what, when, language):
    question = Question("q", "case", "confidant", what, NOON, TEN, when=when)
    for role in ConfidantRole:
        details = asking.details(a_confidant("case", role=role, zone="Asia/Almaty"), question)
        letter = RENDER.letter(LetterKind.QUESTION, language, link="", details=details, id="1@desk.example", date=NOON)
        assert "%(" not in letter.text + letter.subject and "None" not in letter.text
        if what is not What.SEEN:
            assert "2030" in letter.text + letter.subject
            assert ("09:00" in letter.text) == when.exact, "the confidant's own clock"
        by_hand = RENDER.question(language, f"{BASE}/tell/x", details)
        assert by_hand == f"{letter.subject}\n{BASE}/tell/x"


def test_who_was_ended_gets_no_letter_that_still_waits(store, queue, lawyer):
    hearing(store)
    asks(store, queue, 15 * HOUR)
    confidants.end(store, lawyer.id, by=ANA, now=TEN)
    with pytest.raises(NotFound):
        letter_mail(store, store.vault, BASE, letters(store)[0], TEN)


def test_who_reads_no_mail_waits_for_staff_to_send_it_by_hand(store, queue, case):
    knows(store, a_confidant(case.id, email=""))
    hearing(store)
    question = asks(store, queue, 15 * HOUR)
    assert letters(store) == []
    with store.read() as tx:
        assert [w.kind for w in page.waiting(tx, TEN - 14 * HOUR)] == ["by-hand"]
    answering.handled(store, question.id, by=ANA, now=TEN - 14 * HOUR)
    with store.read() as tx:
        assert page.waiting(tx, TEN - 14 * HOUR) == []


# answering


def test_the_lawyers_new_date_is_confirmed_and_corrects_whoever_had_the_old_one(store, queue, lawyer):
    date = hearing(store)
    all_reminded(store, queue, TEN - 20 * HOUR)
    question = asks(store, queue, 15 * HOUR)
    tells(store, queue, question, Given(Answer.MOVED, to=SOONER), TEN - 20 * HOUR)
    moved = told_of(store, date.id)
    assert (moved.when, moved.state, moved.confirmed_by) == (SOONER, State.RESCHEDULED, lawyer.id)
    [correction] = corrections(store)
    assert correction.notice and correction.notice.was == HEARING
    assert [q.fate for q in asked(store)] == [Fate.ANSWERED]


def test_a_lawyer_who_taps_wrongly_takes_it_back_by_the_same_link(store, queue, lawyer):
    date = hearing(store)
    question = asks(store, queue, 2 * DAY)
    tells(store, queue, question, Given(Answer.MOVED, to=SOONER), TEN - 2 * DAY)
    tells(store, queue, asked(store)[0], Given(Answer.YES), TEN - 2 * DAY + MINUTE)
    assert (told_of(store, date.id).when, told_of(store, date.id).confirmed) == (HEARING, True)


def test_the_familys_new_date_waits_for_us_and_staff_are_told_at_once(store, queue, sister):
    with store.begin() as tx:
        tx.staff.save(replace(ANA, notices=True))
    date = hearing(store)
    all_reminded(store, queue, TEN - 20 * HOUR)
    question = asks(store, queue, 15 * HOUR)
    tells(store, queue, question, Given(Answer.MOVED, to=SOONER), TEN - 20 * HOUR)
    moved = told_of(store, date.id)
    assert (moved.when, moved.confirmed) == (SOONER, False)
    assert corrections(store) == []
    assert [letter.staff_id for letter in letters(store, LetterKind.TOLD)] == [ANA.id]


def test_moved_without_a_day_changes_nothing_and_waits_for_staff_to_ring(store, queue, lawyer):
    date = hearing(store)
    question = asks(store, queue, 15 * HOUR)
    tells(store, queue, question, Given(Answer.MOVED))
    assert told_of(store, date.id) == date and corrections(store) == []
    with store.read() as tx:
        [waiting] = page.waiting(tx, TEN - 14 * HOUR)
    assert (waiting.kind, waiting.question.answer) == ("told", "not then")
    answering.handled(store, question.id, by=ANA, now=TEN - 13 * HOUR)
    with pytest.raises(Conflict, match="done that already"):
        answering.handled(store, question.id, by=BEK, now=TEN - 13 * HOUR)
    with store.read() as tx:
        assert page.waiting(tx, TEN - 13 * HOUR) == []


def test_yes_confirms_a_date_that_nobody_had_vouched_for(store, queue, lawyer, sister):
    date = hearing(store, by=ANA)
    asks(store, queue, 15 * HOUR)
    by_who = {question.confidant_id: question for question in asked(store)}
    tells(store, queue, by_who[sister.id], Given(Answer.YES))
    assert not told_of(store, date.id).confirmed
    tells(store, queue, by_who[lawyer.id], Given(Answer.YES))
    assert told_of(store, date.id).confirmed_by == lawyer.id
    tells(store, queue, by_who[lawyer.id], Given(Answer.YES), TEN - 13 * HOUR)
    assert asked(store)[0].answered_at is not None


def test_who_saw_the_person_is_known_by_case(store, queue, case, lawyer):
    hearing(store)
    question = asks(store, queue, 15 * HOUR)
    tells(store, queue, question, Given(Answer.YES, Seen.WELL, text="tired"), TEN - 14 * HOUR)
    with store.read() as tx:
        assert confidants.last_seen(tx, case.id) == TEN - 14 * HOUR
    answering.saw(store, lawyer.id, Seen.NO, by=ANA, now=TEN - 13 * HOUR)
    with store.read() as tx:
        assert confidants.last_seen(tx, case.id) == TEN - 14 * HOUR
        assert confidants.last_heard(tx, case.id) == TEN - 13 * HOUR


def test_not_let_in_waits_for_staff(store, queue, lawyer):
    question = questions.ask(store, queue, lawyer.id, What.SEEN, by=ANA, now=NOON)
    tells(store, queue, question, Given(seen=Seen.REFUSED), NOON + HOUR)
    with store.read() as tx:
        assert [w.question.seen for w in page.waiting(tx, NOON + HOUR)] == ["refused"]


def test_a_lawyer_who_says_nothing_is_on_today_two_hours_before(store, queue, lawyer, sister):
    hearing(store)
    asks(store, queue, 15 * HOUR)
    of_sister = next(question for question in asked(store) if question.confidant_id == sister.id)
    tells(store, queue, of_sister, Given(Answer.YES))
    with store.read() as tx:
        assert page.waiting(tx, TEN - 3 * HOUR) == []
        assert [w.kind for w in page.waiting(tx, TEN - 2 * HOUR)] == ["silent"]
    of_lawyer = next(question for question in asked(store) if question.confidant_id == lawyer.id)
    tells(store, queue, of_lawyer, Given(Answer.UNKNOWN), TEN - HOUR)
    with store.read() as tx:
        assert [w.kind for w in page.waiting(tx, TEN - HOUR)] == ["told"]


def test_a_link_says_the_same_words_for_every_flaw(store, queue, case, lawyer):
    hearing(store)
    question = asks(store, queue, 15 * HOUR)
    good = token(store, question)
    assert answering.asked(store, good, TEN).question.id == question.id
    flaws = [good[:-1], good.replace("t.", "a.", 1), good.replace(question.id, "x"), "", good.lower()]
    said = set()
    for flaw in flaws:
        with pytest.raises(NotFound) as refused:
            answering.asked(store, flaw, TEN)
        said.add(str(refused.value))
    with pytest.raises(NotFound) as over:
        answering.asked(store, good, TEN + 2 * HOUR)
    confidants.end(store, lawyer.id, by=ANA, now=TEN)
    with pytest.raises(NotFound) as ended:
        answering.asked(store, good, TEN)
    assert said == {str(over.value)} == {str(ended.value)}


def test_two_answers_at_once_leave_one_date_and_one_correction_a_move(store, queue, lawyer):
    date = hearing(store)
    all_reminded(store, queue, TEN - 20 * HOUR)
    question = asks(store, queue, 15 * HOUR)
    start = threading.Barrier(2)
    failed = []

    def tap():
        mine = Store(store.url, store.vault)
        start.wait()
        try:
            tells(mine, queue, question, Given(Answer.MOVED, to=SOONER), TEN - 20 * HOUR)
        except Exception as error:  # noqa: BLE001  reported below
            failed.append(error)
        mine.close()

    taps = [threading.Thread(target=tap) for _ in range(2)]
    for each in taps:
        each.start()
    for each in taps:
        each.join()
    assert not failed
    assert (told_of(store, date.id).revision, len(corrections(store))) == (2, 1)


def test_what_they_say_is_sealed_and_the_log_names_ids_only(store, queue, lawyer):
    hearing(store)
    question = asks(store, queue, 15 * HOUR)
    tells(store, queue, question, Given(Answer.MOVED, Seen.REFUSED, text="Beaten in the van"))
    with store.read() as tx:
        raw = str(tx.conn.execute(sa.select(QUESTION)).all()) + str(tx.conn.execute(sa.select(AUDIT)).all())
    for word in ("Beaten", "refused", "not then", "Nurlan"):
        assert word not in raw
    confidants.end(store, lawyer.id, by=ANA, now=TEN)
    confidants.forget(store, TEN + 30 * DAY)
    assert asked(store) == [] and letters(store) == []
