"""Silence is an event: each alarm is raised once, ends with news, and names who must act."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa
from builders import (
    ANA,
    BEK,
    CLEO,
    DANA,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    VAULT,
    a_case,
    a_person,
    a_source,
    a_subscriber,
    a_subscription,
    an_id,
)  # fmt: skip
from deliveries import SETTINGS

from alerts.domain.confidants import ConfidantRole
from alerts.domain.deadlines import Kind
from alerts.domain.errors import Conflict, Forbidden, Invalid, NotFound
from alerts.domain.letters import Kind as LetterKind
from alerts.domain.responses import Answer
from alerts.domain.silence import Awaited
from alerts.domain.times import LocalTime, Precision, tzdata
from alerts.domain.triage import Then, Verdict
from alerts.domain.watching import Habits, Health, Match, Signal, Tier
from alerts.render import Render
from alerts.services import (
    casework,
    confidants,
    deadlines,
    letters,
    listening,
    reminding,
    responding,
    silence,
    staffing,
)
from alerts.services.listening import Expected
from alerts.store import Store, Unavailable
from alerts.store.dates import SILENCE
from alerts.store.pages.silence import with_all
from alerts.store.tables import ALERT, SOURCE

TWO = ("en", "ru")
SEEN, CHECK_IN = Expected(Awaited.SEEN, 72), Expected(Awaited.CHECK_IN, 8)


@pytest.fixture
def case(store):
    case = a_case()
    with store.begin() as tx:
        tx.cases.add(case)
        tx.people.add(a_person(case)[0])
    return case


@pytest.fixture
def told(store, queue):
    """Cleo wants letters. `told()`: what each letter so far says, in order."""
    staffing.notices(store, CLEO.email, True, by=CLEO, now=NOON)

    def lines():
        with store.read() as tx:
            found = tx.letters.where(letters.LETTER.c.kind == LetterKind.SILENCE.value, by=letters.LETTER.c.created_at)
        return [letters.details_of(letter)["silences"].split("\n") for letter in found]

    return lines


@pytest.fixture
def listens(store, queue):
    """`listens(from, to, step)`: the clock goes; answers when something fired, and what."""

    def run(start, end, step=HOUR):
        fired, now = [], start
        while now <= end:
            if silence.listen(store, queue, now):
                fired.append(now)
            now += step
        return fired

    return run


def is_at(instant):
    """That instant on a clock in UTC, to the minute."""
    wall = instant.replace(tzinfo=None)
    return LocalTime(wall, "UTC", Precision.MINUTE, wall.date(), "", instant, tzdata())


def a_date(store, kind, when, by=BEK, now=NOON, **kw):
    return deadlines.enter(store, kw.pop("code", "KG-1"), Kind(kind), is_at(when), by=by, now=now, **kw)


def stands(store, now):
    """The alarms that stand, as what is awaited."""
    with store.read() as tx:
        return [one.awaited for one in listening.fired(tx, now)]


def the_only(store):
    with store.read() as tx:
        [one] = tx.silences.where()
    return one


def held(store, case):
    with store.begin() as tx:
        tx.cases.save(replace(case, detention="pre-trial prison No. 1"))


# a lawyer who has not seen the client


def test_over_months_each_week_without_the_lawyer_is_one_alarm_and_a_visit_ends_it(store, queue, case, told, listens):
    held(store, case)
    assert listens(NOON, NOON + 60 * DAY, 12 * HOUR) == [NOON + 7 * DAY]
    assert stands(store, NOON + 60 * DAY) == [Awaited.SEEN]
    listening.hear(store, the_only(store).id, by=ANA, now=NOON + 60 * DAY)
    assert stands(store, NOON + 60 * DAY) == []
    assert listens(NOON + 60 * DAY, NOON + 120 * DAY, 12 * HOUR) == [NOON + 67 * DAY]
    assert told() == [["seen\tKG-1\t"], ["seen\tKG-1\t"]]


def test_that_the_lawyer_says_they_saw_her_is_news_between_alarms_and_ends_one(store, queue, case, listens):
    held(store, case)
    lawyer = a_lawyer(store, NOON)
    saw(store, lawyer, NOON + 5 * DAY)
    assert listens(NOON, NOON + 20 * DAY, 12 * HOUR) == [NOON + 12 * DAY]
    saw(store, lawyer, NOON + 20 * DAY)
    assert stands(store, NOON + 20 * DAY) == [], "at once, and not at the next tick"
    assert listens(NOON + 20 * DAY, NOON + 40 * DAY, 12 * HOUR) == [NOON + 27 * DAY]


def a_lawyer(store, now):
    return confidants.add(store, "KG-1", ConfidantRole.LAWYER, name="B. Sample", by=ANA, now=now, email="b@law.example")


def saw(store, confidant, now):
    with store.begin() as tx:
        confidants.heard(tx, confidant.id, now, seen=True)


def test_a_date_of_custody_is_custody_too_and_its_end_ends_the_waiting(store, queue, case, listens):
    remand = a_date(store, Kind.REMAND, NOON + 60 * DAY)
    assert listens(NOON, NOON + 8 * DAY, 12 * HOUR) == [NOON + 7 * DAY]
    deadlines.held(store, remand.id, outcome="released on bail", by=ANA, now=NOON + 8 * DAY)
    assert stands(store, NOON + 8 * DAY) == []
    assert listens(NOON + 8 * DAY, NOON + 30 * DAY, DAY) == []
    a_date(store, Kind.REMAND, NOON + 90 * DAY, now=NOON + 30 * DAY)
    assert listens(NOON + 30 * DAY, NOON + 40 * DAY, 12 * HOUR) == [NOON + 37 * DAY], (
        "taken again, it is waited for again"
    )


def test_nobody_waits_for_the_lawyer_of_who_is_free_unless_staff_say_so(store, queue, case, listens):
    assert listens(NOON, NOON + 30 * DAY, DAY) == []
    listening.expect(store, "KG-1", [SEEN], by=ANA, now=NOON + 30 * DAY)
    assert listens(NOON + 30 * DAY, NOON + 40 * DAY, 12 * HOUR) == [NOON + 33 * DAY]


def test_staff_may_say_that_it_need_not_be_heard(store, queue, case, listens):
    held(store, case)
    listening.expect(store, "KG-1", [Expected(Awaited.SEEN)], by=ANA, now=NOON)
    assert listens(NOON, NOON + 30 * DAY, DAY) == []


def test_a_closed_case_is_silent_by_right(store, queue, case, listens):
    held(store, case)
    assert listens(NOON, NOON + 7 * DAY, 12 * HOUR) == [NOON + 7 * DAY]
    casework.close(store, "KG-1", by=BEK, now=NOON + 8 * DAY)
    assert stands(store, NOON + 8 * DAY) == []
    assert listens(NOON + 8 * DAY, NOON + 30 * DAY, DAY) == []
    with pytest.raises(Conflict, match="closed"):
        listening.expect(store, "KG-1", [SEEN], by=ANA, now=NOON + 9 * DAY)


# a hold that ran out


def test_a_hold_that_ran_out_without_news_is_an_alarm_an_hour_later(store, queue, case, told, listens):
    a_date(store, Kind.HOLD, NOON + 48 * HOUR, by=ANA)  # nobody has vouched for it: there is no ladder
    assert listens(NOON, NOON + 3 * DAY, HOUR) == [NOON + 49 * HOUR]
    assert told() == [["court\tKG-1\tAna"]], "who entered it must act"


@pytest.mark.parametrize("what", ["fact", "date", "used signal", "seen", "outcome", "moved", "cancelled"])
def test_news_of_the_court_ends_it(store, queue, case, listens, what):
    hold = a_date(store, Kind.HOLD, NOON + 48 * HOUR)
    after = NOON + 52 * HOUR
    assert listens(NOON, after - HOUR) == [NOON + 49 * HOUR]
    news(store, queue, case, hold, what, after)
    assert Awaited.COURT not in stands(store, after)
    rest = listens(after, after + 3 * DAY, 3 * HOUR)
    assert rest == ([NOON + 73 * HOUR] if what == "moved" else []), "another date is waited for anew"


def test_what_was_known_before_and_a_signal_that_nobody_used_are_no_news(store, queue, case, listens):
    hold = a_date(store, Kind.HOLD, NOON + 48 * HOUR)
    news(store, queue, case, hold, "fact", NOON + 47 * HOUR)
    news(store, queue, case, hold, "signal", NOON + 48 * HOUR + MINUTE)
    assert listens(NOON, NOON + 50 * HOUR) == [NOON + 49 * HOUR]


def news(store, queue, case, deadline, what, now):
    match what:
        case "fact":
            casework.add_fact(store, "KG-1", "Remanded for two months.", by=ANA, now=now, source="lawyer")
        case "date":
            a_date(store, Kind.SUBMISSION, now + 90 * DAY, now=now)
        case "signal" | "used signal":
            used = {"handled": "used", "handled_by": ANA.id, "handled_at": now} if what == "used signal" else {}
            with store.begin() as tx:
                source, [person] = a_source(), tx.people.where()
                tx.sources.add(source)
                signal = Signal(an_id("signal"), source.id, "1", "Court", "", "", "ru", "KG", now, now)
                tx.signals.add(signal)
                tx.matches.add(Match(an_id("match"), signal.id, case.id, person.id, "Aida", "Aida", 0, 4, Tier.SURE))
                tx.verdicts.add(replace(Verdict(signal.id, Then.HOLD, "names her"), **used))
        case "seen":
            lawyer = confidants.add(
                store, "KG-1", ConfidantRole.LAWYER, name="B. Sample", by=ANA, now=now, phone="+996 1234567"
            )
            saw(store, lawyer, now)
        case "outcome":
            deadlines.held(store, deadline.id, outcome="remanded", by=ANA, now=now)
        case "moved":
            when = is_at(NOON + 72 * HOUR)
            deadlines.reschedule(store, queue, TWO, deadline.id, when, reason="", by=BEK, now=now)
        case "cancelled":
            deadlines.cancel(store, queue, TWO, deadline.id, reason="released", by=BEK, now=now)


# a hearing nobody speaks of


def test_a_day_after_a_hearing_of_which_nobody_said_anything_it_is_an_alarm(store, queue, case, told, listens):
    hearing = a_date(store, Kind.HEARING, NOON + DAY)
    assert listens(NOON, NOON + 4 * DAY, 3 * HOUR) == [NOON + 2 * DAY]
    assert told() == [["outcome\tKG-1\tBek"]]
    deadlines.adjourn(store, queue, TWO, hearing.id, reason="judge ill", by=BEK, now=NOON + 4 * DAY)
    assert stands(store, NOON + 4 * DAY) == []


# an answer that never came


@pytest.mark.skipif("answer" not in [*Kind], reason="comes with the clocks of international bodies")
def test_sixty_days_without_an_answer_are_an_alarm_and_the_answer_ends_it(store, queue, told, listens):
    sent = a_date(store, "answer", NOON + 60 * DAY, code=None, title="UN communication, fictional")
    assert listens(NOON, NOON + 70 * DAY, 12 * HOUR) == [NOON + 60 * DAY]
    assert told() == [["answer\t\tBek"]]
    deadlines.held(store, sent.id, outcome="the State denies it", by=ANA, now=NOON + 70 * DAY)
    assert stands(store, NOON + 70 * DAY) == []


# a check-in


def test_a_missed_check_in_is_an_alarm_and_hearing_from_her_arms_it_anew(store, queue, case, told, listens):
    listening.expect(store, "KG-1", [CHECK_IN], by=ANA, now=NOON, who=BEK.id, note="her sister: +996 …")
    one = the_only(store)
    listening.hear(store, one.id, by=ANA, now=NOON + 8 * HOUR)
    assert listens(NOON, NOON + DAY, HOUR) == [NOON + 18 * HOUR]
    assert told() == [["check-in\tKG-1\tBek"]]
    assert the_only(store).note == "her sister: +996 …"
    listening.hear(store, one.id, by=ANA, now=NOON + DAY)
    assert listens(NOON + DAY, NOON + 2 * DAY, HOUR) == [NOON + 34 * HOUR]


def test_put_off_it_comes_back(store, queue, case, listens):
    listening.expect(store, "KG-1", [CHECK_IN], by=ANA, now=NOON)
    assert listens(NOON, NOON + DAY) == [NOON + 10 * HOUR]
    listening.put_off(store, the_only(store).id, by=ANA, now=NOON + DAY)
    assert stands(store, NOON + DAY) == []
    assert listens(NOON + DAY, NOON + 2 * DAY) == [NOON + DAY + 12 * HOUR]


# who promised to come


def promises(store, queue, now=NOON):
    """A reader who says yes to the reminder of a hearing in two days."""
    reader = a_subscriber(f"{an_id('reader')}@mission.example", heard_at=NOON - DAY)
    with store.begin() as tx:
        tx.subscribers.add(reader)
        tx.subscriptions.add(a_subscription(reader))
    hearing = a_date(store, Kind.HEARING, NOON + 2 * DAY)
    reminding.remind(store, queue, TWO, NOON)
    says(store, reader, Answer.YES, NOON)
    return hearing, reader


def says(store, reader, answer, now):
    with store.begin() as tx:
        [alert] = tx.alerts.where(ALERT.c.published_at.is_not(None))
        responding.noted(tx, None, tx.subscribers.get(reader.id), alert, answer, "", now)


def test_a_promised_observer_who_sends_no_word_is_an_alarm_after_six_hours(store, queue, case, told, listens):
    hearing, reader = promises(store, queue)
    deadlines.held(store, hearing.id, outcome="two years", by=ANA, now=NOON + 2 * DAY + HOUR)
    assert listens(NOON, NOON + 5 * DAY, 3 * HOUR) == [NOON + 2 * DAY + 6 * HOUR]
    assert told() == [["observer\tKG-1\tBek"]]
    says(store, reader, Answer.CALL_ME, NOON + 5 * DAY)
    assert stands(store, NOON + 5 * DAY) == []


@pytest.mark.parametrize("word", ["in time", "took it back", "no promise"])
def test_who_sent_word_or_never_promised_is_nobodys_alarm(store, queue, case, listens, word):
    hearing, reader = promises(store, queue)
    if word == "in time":
        says(store, reader, Answer.YES, NOON + 2 * DAY + 3 * HOUR)
    else:
        says(store, reader, Answer.CANNOT, NOON + HOUR)
    deadlines.held(store, hearing.id, outcome="two years", by=ANA, now=NOON + 2 * DAY + HOUR)
    assert listens(NOON, NOON + 5 * DAY, 3 * HOUR) == []


# a source


def test_a_starred_source_that_fell_quiet_stands_on_today_until_it_speaks(store, queue, told, listens):
    source = a_source(starred=True, health=Health.QUIET, habits=Habits(news_at=NOON - 30 * DAY))
    with store.begin() as tx:
        tx.sources.add(source, a_source(url="https://other.example/rss", health=Health.QUIET))
    assert listens(NOON, NOON + 20 * DAY, DAY) == [NOON]
    assert told() == [], "its own letter tells of it"
    listening.put_off(store, the_only(store).id, by=ANA, now=NOON + 20 * DAY)
    assert listens(NOON + 20 * DAY, NOON + 40 * DAY, DAY) == [NOON + 27 * DAY]
    with store.begin() as tx:
        tx.sources.update(SOURCE.c.id == source.id, health=Health.OK)
    assert stands(store, NOON + 40 * DAY) == []
    assert listens(NOON + 40 * DAY, NOON + 50 * DAY, DAY) == []
    with store.begin() as tx:
        tx.sources.update(SOURCE.c.id == source.id, health=Health.QUIET)
    assert listens(NOON + 50 * DAY, NOON + 60 * DAY, DAY) == [NOON + 50 * DAY]


# clocks that stop, run twice, and die


def test_what_was_due_while_the_desk_was_down_fires_when_it_starts(store, queue, case, told, listens):
    held(store, case)
    a_date(store, Kind.HOLD, NOON + 48 * HOUR)
    assert silence.listen(store, queue, NOON) == 0
    assert silence.listen(store, queue, NOON + 30 * DAY) == 2
    assert told() == [["court\tKG-1\tBek", "seen\tKG-1\t"]], "in one letter"


def test_two_clocks_fire_each_once(store, queue, told, case):
    for number in range(2, 6):
        with store.begin() as tx:
            tx.cases.add(a_case(f"KG-{number}", detention="a prison"))
    fired, barrier = [], threading.Barrier(4)

    def clock(own):
        barrier.wait()
        fired.append(silence.listen(own, queue, NOON) + silence.listen(own, queue, NOON + 8 * DAY))

    stores = [store, store, Store(store.url, VAULT), Store(store.url, VAULT)]  # two threads here, two other processes
    clocks = [threading.Thread(target=clock, args=(own,)) for own in stores]
    for thread in clocks:
        thread.start()
    for thread in clocks:
        thread.join()
    for own in stores[2:]:
        own.close()
    assert (len(fired), sum(fired)) == (4, 4)
    assert sum(len(letter) for letter in told()) == 4


def test_who_dies_between_the_alarm_and_its_letter_has_raised_none(store, queue, case, told):
    held(store, case)
    silence.listen(store, queue, NOON)
    with store.begin() as tx:
        tx.conn.execute(sa.text("ALTER TABLE letter RENAME TO away"))
    with pytest.raises(Unavailable):
        silence.listen(store, queue, NOON + 8 * DAY)
    with store.begin() as tx:
        tx.conn.execute(sa.text("ALTER TABLE away RENAME TO letter"))
    assert (stands(store, NOON + 8 * DAY), told()) == ([], [])
    assert silence.listen(store, queue, NOON + 8 * DAY) == 1
    assert len(told()) == 1


def test_a_tick_reads_only_what_is_due(store, queue, case):
    with store.begin() as tx:
        query = sa.select(SILENCE).where(SILENCE.c.due_at <= NOON).limit(1)
        sql = str(query.compile(tx.conn, compile_kwargs={"literal_binds": True}))
        if not store.on_sqlite:  # a small table is read whole
            tx.conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN" if store.on_sqlite else "EXPLAIN"
        plan = " ".join(str(row) for row in tx.conn.exec_driver_sql(f"{explain} {sql}"))
    assert "ix_silence_due_at" in plan


# who may say what


def test_who_must_act_is_named_and_works_here(store, queue, case):
    with pytest.raises(Invalid, match="works here no more"):
        listening.expect(store, "KG-1", [CHECK_IN], by=ANA, now=NOON, who="gone")
    [one] = listening.expect(store, "KG-1", [CHECK_IN], by=ANA, now=NOON, who=BEK.id)
    nobody = replace(one, who="", kept_by="")
    with store.read() as tx:
        rows = with_all(tx, [one, replace(one, who="gone"), nobody])
    assert [row.who for row in rows] == [BEK.id, ANA.id, ""], "else who asked to listen, else whoever is at the desk"


def test_an_auditor_only_reads(store, queue, case):
    held(store, case)
    silence.listen(store, queue, NOON)
    one = the_only(store)
    for act in (
        lambda: listening.expect(store, "KG-1", [SEEN], by=DANA, now=NOON),
        lambda: listening.hear(store, one.id, by=DANA, now=NOON),
        lambda: listening.put_off(store, one.id, by=DANA, now=NOON),
    ):
        with pytest.raises(Forbidden):
            act()
    assert the_only(store) == one


def test_what_is_refused_changes_nothing(store, queue, case):
    with pytest.raises(Invalid):
        listening.expect(store, "KG-1", [SEEN, Expected(Awaited.CHECK_IN, 10_000)], by=ANA, now=NOON)
    with pytest.raises(NotFound):
        listening.hear(store, "nothing", by=ANA, now=NOON)
    with store.read() as tx:
        assert tx.silences.count() == 0


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("KG-1", "the lawyer has not seen the client", "Who must act: whoever is at the desk", "Ana")),
        ("ru", ("KG-1", "адвокат не видел подзащитного", "кто сейчас на месте", "Ana")),
    ],
)
def test_the_letter_names_the_case_what_silence_means_and_who_must_act(store, queue, case, told, language, words):
    held(store, case)
    a_date(store, Kind.HOLD, NOON + 48 * HOUR, by=ANA)
    silence.listen(store, queue, NOON)
    silence.listen(store, queue, NOON + 30 * DAY)
    with store.read() as tx:
        [letter] = tx.letters.where()
    details = letters.details_of(letter)
    made = Render(SETTINGS).letter(LetterKind.SILENCE, language, link="", details=details, id="1@x.example", date=NOON)
    assert [word for word in words if word not in made.text] == []
    assert "Aida" not in made.text + made.subject and "expired" not in made.text
