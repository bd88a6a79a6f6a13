"""A hearing as a chain: whatever is done to it, nobody's last message states a stale date."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import deliveries
import pytest
import sqlalchemy as sa
from builders import ANA, BEK, CLEO, DAY, HEARING, HOUR, VAULT, a_case, a_person, a_subscriber, a_subscription
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.domain.alerts import Alert, Kind
from alerts.domain.audience import Cadence
from alerts.domain.calling import Count, How
from alerts.domain.deadlines import Deadline, State, Teller
from alerts.domain.deadlines import Kind as DateKind
from alerts.domain.delivery import Rejected, Retry, Sent, Unknown
from alerts.domain.errors import Conflict, Invalid, NotFound
from alerts.domain.ladders import Fate
from alerts.domain.responses import Answer
from alerts.domain.staff import Role
from alerts.domain.times import Instant, LocalTime, at, between
from alerts.queue.table import TableQueue
from alerts.render import Render
from alerts.services import calling, deadlines, digests, reducing, reminding, responding
from alerts.store import Store, held
from alerts.store.dates import REMINDER, WAS
from alerts.store.pages import calls
from alerts.store.tables import ALERT, BATCH, RETRY

ZONE = "Asia/Bishkek"
QUEUE, RENDER = TableQueue(), Render(deliveries.SETTINGS)


@dataclass(frozen=True)
class Lawyer:
    """Neither staff nor reader: their word on a date counts as confirmed."""

    id: str = "lawyer"

    def may(self, role: Role) -> bool:
        return role.rank <= Role.APPROVER.rank

    def must_be(self, role: Role, to: str) -> None:
        assert self.may(role)


VOICES = {"author": ANA, "approver": BEK, "lawyer": Lawyer()}
AHEAD = [8, 20, 30, 34, 72, 240, 480, 960]
OUTCOMES = st.lists(st.sampled_from(["sent", "sent", "sent", "retry", "unknown", "rejected"]), max_size=6)
STEPS = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([1, 5, 24])),
    st.tuples(st.just("rung")),
    st.tuples(st.just("rung")),
    st.tuples(st.just("send"), OUTCOMES),
    st.tuples(st.just("take")),
    st.tuples(st.just("move"), st.sampled_from(list(VOICES)), st.sampled_from(AHEAD)),
    st.tuples(st.just("back"), st.sampled_from(list(VOICES))),
    st.tuples(st.sampled_from(["relocate"]), st.sampled_from(list(VOICES)), st.sampled_from(["Court A", "Court B"])),
    st.tuples(st.sampled_from(["close", "reopen", "adjourn", "cancel", "confirm"]), st.sampled_from(list(VOICES))),
    st.tuples(st.just("reader"), st.sampled_from(["immediate", "daily", "weekly"]), st.sampled_from(["", "22-07"])),
)


@dataclass(frozen=True)
class Message:
    """What somebody got, or may have got, or is just being sent."""

    expects: tuple[object, ...]
    sure: bool
    alert: Alert | None = None


@dataclass
class Desk:
    store: Store
    now: Instant = HEARING.instant - 14 * DAY
    readers: list[str] = field(default_factory=list)
    got: dict[str, list[Message]] = field(default_factory=dict)
    in_flight: list[deliveries.Work] = field(default_factory=list)
    dates: list[LocalTime] = field(default_factory=lambda: [HEARING])
    id: str = ""
    failed: set[str] = field(default_factory=set)

    # what people do

    def opens(self) -> None:
        case = a_case()
        with self.store.begin() as tx:
            tx.cases.add(case)
            tx.people.add(a_person(case)[0])
        for cadence in ("immediate", "immediate", "daily"):
            self.reader(cadence, "")
        self.id = deadlines.enter(
            self.store, "KG-1", DateKind.HEARING, self.dates[0], by=BEK, now=self.now, court="Court A"
        ).id

    def reader(self, cadence: str, quiet: str) -> None:
        person = a_subscriber(f"reader{len(self.readers)}@mission.example", quiet=quiet, zone=ZONE)
        with self.store.begin() as tx:
            tx.subscribers.add(person)
            tx.subscriptions.add(a_subscription(person, countries=("KG",), cadence=Cadence(cadence)))
        self.readers.append(person.id)

    def wait(self, hours: int) -> None:
        self.now += hours * HOUR

    def rung(self) -> None:
        """The clock comes to where the next rung of any ladder stands, or stood before it was retracted."""
        with self.store.read() as tx:
            later = tx.reminders.where(REMINDER.c.fire_at > self.now, by=REMINDER.c.fire_at, limit=1)
        self.now = later[0].fire_at if later else self.now + HOUR
        self.remind()

    def remind(self) -> None:
        before = {alert.id for alert in self.said()}
        reminding.remind(self.store, QUEUE, ("en", "ru"), self.now)
        digests.send_due(self.store, QUEUE, RENDER, self.now)
        deadline = self.deadline()
        for alert in self.said():
            if alert.id not in before and alert.kind is Kind.REMINDER:
                assert deadline.on and alert.notice.expects == self.stands()
                with self.store.read() as tx:
                    fired = tx.reminders.find(REMINDER.c.alert_id == alert.id)
                assert (fired.fate, fired.revision) == (Fate.FIRED, deadline.revision)

    def take(self) -> None:
        """A batch is being sent, and nothing of it has been answered yet."""
        if not self.in_flight and (work := deliveries.take(self.store, self.now)):
            self.in_flight.append(work)

    def send(self, outcomes: list[str]) -> None:
        """What is being sent is answered, then all that waits; who is not named gets it."""
        left = list(outcomes)
        while work := self.in_flight.pop() if self.in_flight else deliveries.take(self.store, self.now):
            for mail in work.mails:
                outcome = left.pop(0) if left else "sent"
                answer = {"sent": Sent(), "retry": Retry("451"), "unknown": Unknown("?"), "rejected": Rejected("550")}
                corrected = work.alert.kind is Kind.CORRECTION and not self._because(work, mail.n)
                if corrected and outcome in ("sent", "unknown"):
                    wrong = self.stale(mail.reader.id, work.alert.notice.expects)
                    assert wrong, "somebody who does not hold another date is corrected"
                self._arrives(work, mail.reader.id, outcome)
                if not deliveries.record(self.store, work, [(mail.n, answer[outcome])], self.now):
                    break
            deliveries.finish(self.store, work, self.now)

    def _because(self, work, n):
        return work.batch.recipients[n].because

    def _arrives(self, work, reader: str, outcome: str) -> None:
        if outcome == "rejected":
            self.failed.add(reader)
        if outcome not in ("sent", "unknown"):
            return
        alerts = [work.alert]
        if work.alert.kind is Kind.DIGEST:
            with self.store.read() as tx:
                alerts = [tx.alerts.get(id) for id in held.contents(tx, work.alert.id)]
        for alert in alerts:
            self.got.setdefault(reader, []).append(Message(alert.notice.expects, outcome == "sent", alert))

    def move(self, by: str, hours: int) -> None:
        there = (self.now + hours * HOUR).astimezone(ZoneInfo(ZONE))
        self.dates.append(at(f"{there:%Y-%m-%d %H}:00", ZONE))
        self.change(deadlines.reschedule, by, self.dates[-1])

    def back(self, by: str) -> None:
        self.change(deadlines.reschedule, by, self.dates[0])

    def relocate(self, by: str, court: str) -> None:
        self.change(deadlines.relocate, by, court)

    def close(self, by: str) -> None:
        self.change(deadlines.close, by)

    def reopen(self, by: str) -> None:
        self.change(deadlines.reopen, by)

    def adjourn(self, by: str) -> None:
        self.change(deadlines.adjourn, by)

    def cancel(self, by: str) -> None:
        self.change(deadlines.cancel, by)

    def confirm(self, by: str) -> None:
        self.change(deadlines.confirm, by)

    def change(self, verb, by: str, *what: object) -> None:
        voice, before = VOICES[by], self.deadline()
        said = {alert.id for alert in self.said()}
        reason = {} if verb is deadlines.confirm else {"reason": ""}
        if verb is deadlines.confirm and by == "author":
            return
        try:
            after = verb(self.store, QUEUE, ("en", "ru"), self.id, *what, by=voice, now=self.now, **reason)
        except (Conflict, Invalid):
            assert self.deadline() == before  # nothing half-changed
            assert {alert.id for alert in self.said()} == said
            return
        assert after.revision == before.revision + (verb is not deadlines.confirm)
        self._corrected_exactly([alert for alert in self.said() if alert.id not in said])

    def _corrected_exactly(self, new: list[Alert]) -> None:
        """Of what was said at a change: exactly who holds, may hold or is being sent another date is corrected."""
        corrections = [alert for alert in new if alert.kind is Kind.CORRECTION]
        assert len(corrections) <= 1
        told = {r.subscriber_id for alert in corrections for r in self.recipients(alert) if not r.because}
        if self.deadline().confirmed:
            assert told == {one for one in self.readers if self.stale(one, self.stands(), being_sent=True)}
        else:
            assert new == []
        others = [r.subscriber_id for alert in new if alert.kind is Kind.REMINDER for r in self.recipients(alert)]
        assert not told & set(others), "told twice at once"

    # what is so

    def deadline(self) -> Deadline:
        with self.store.read() as tx:
            return tx.deadlines.get(self.id)

    def said(self) -> list[Alert]:
        with self.store.read() as tx:
            return tx.alerts.where(ALERT.c.deadline_id == self.id, by=[ALERT.c.ordinal, ALERT.c.id])

    def recipients(self, alert: Alert):
        with self.store.read() as tx:
            query = sa.select(BATCH.c.recipients).where(BATCH.c.alert_id == alert.id)
            return [one for row in tx.conn.execute(query) for one in row.recipients]

    def stands(self) -> tuple[object, ...]:
        """What readers should expect by now."""
        d = self.deadline()
        ends = d.state if d.state in (State.CANCELLED, State.CLOSED) else ""
        return d.when.said if d.when else None, d.court, ends

    def stale(self, reader: str, expects: tuple[object, ...], *, being_sent: bool = False) -> bool:
        """Whether they hold, or may hold, something else than that."""
        wrong = False
        messages = list(self.got.get(reader, ()))
        for work in self.in_flight if being_sent else ():
            if any(one.subscriber_id == reader for one in work.batch.recipients):
                with self.store.read() as tx:
                    ids = held.contents(tx, work.alert.id) if work.alert.kind is Kind.DIGEST else [work.alert.id]
                    messages += [Message(tx.alerts.get(id).notice.expects, False) for id in ids]
        for message in messages:
            if message.expects != expects:
                wrong = True
            elif message.sure:
                wrong = False
        return wrong

    # the end

    def settles(self) -> None:
        """An approver stands for what was left open, and all mail arrives."""
        self.confirm("approver")
        for _ in range(20):
            self.send([])
            self.now += 8 * HOUR
            with self.store.begin() as tx:
                tx.ledger.reopen(self.now)
            digests.send_due(self.store, QUEUE, RENDER, self.now)
        with self.store.read() as tx:
            waiting = tx.conn.execute(sa.select(sa.func.count()).select_from(RETRY)).scalar_one()
            assert (waiting, tx.ledger.waits()) == (0, False)

    def is_right(self) -> None:
        deadline = self.deadline()
        assert deadline.confirmed
        for reader, messages in self.got.items():
            sure = [message for message in messages if message.sure]
            if sure and reader not in self.failed:
                assert sure[-1].expects == self.stands(), "the last message states a stale date"
            corrections = [m.alert.id for m in sure if m.alert and m.alert.kind is Kind.CORRECTION]
            assert len(corrections) == len(set(corrections)), "corrected twice of one change"
        with self.store.read() as tx:
            chain = tx.was.where(WAS.c.deadline_id == self.id, by=WAS.c.revision)
        assert [link.revision for link in chain] == list(range(1, deadline.revision))


@contextmanager
def a_store(prepared: Path | str, postgres) -> Iterator[Store]:
    """A desk of its own for each chain."""
    if postgres:
        url = postgres.create(prepared)
    else:
        copy = prepared.with_name("chain.db")
        for old in prepared.parent.glob("chain.db*"):
            old.unlink()
        shutil.copy(prepared, copy)
        url = f"sqlite:///{copy}"
    store = Store(url, VAULT)
    try:
        yield store
    finally:
        store.close()
        if postgres:
            postgres.drop(url)


def prepare(url: str) -> None:
    store = Store(url, VAULT)
    store.migrate()
    with store.begin() as tx:
        tx.staff.add(ANA, BEK, CLEO)
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def desks(request, tmp_path_factory):
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        return server.template("chains", prepare), server
    file = tmp_path_factory.mktemp("chains") / "prepared.db"
    prepare(f"sqlite:///{file}")
    return file, None


TOLD = st.tuples(st.just("remind")), st.tuples(st.just("send"), OUTCOMES)


@pytest.mark.long
@pytest.mark.timeout(600)
@given(st.tuples(*TOLD, st.lists(STEPS, min_size=3, max_size=25)))
@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck), print_blob=True)
def test_over_any_chain_of_changes_nobodys_last_message_states_a_stale_date(desks, chain):
    *told, steps = chain
    with a_store(*desks) as store:
        desk = Desk(store)
        desk.opens()
        for verb, *what in (*told, *steps):
            getattr(desk, verb)(*what)
        desk.settles()
        desk.is_right()


# one step at a time


@pytest.fixture
def night(store):
    """Ten in the morning in Bishkek, of a day whose night will be bad; a hearing in nine days."""
    desk = Desk(store, now=MORNING, dates=[NINE_DAYS_ON])
    desk.opens()
    return desk


MORNING, LATE = datetime(2030, 1, 18, 4, tzinfo=UTC), datetime(2030, 1, 18, 17, 30, tzinfo=UTC)
NINE_DAYS_ON, IN_TEN_HOURS = at("2030-01-27 10:00", ZONE), at("2030-01-19 09:30", ZONE)


def moves(store, id, when=IN_TEN_HOURS, now=LATE, by=BEK, **kw):
    return deadlines.reschedule(store, QUEUE, ("en", "ru"), id, when, reason="", by=by, now=now, **kw)


def calls_of(store, id):
    return [(person.subscriber.email, person.holder) for person in calling.listing(store, id)[1]]


def test_brought_forward_at_night_everybody_is_told_once_by_two_minutes_later(night):
    store = night.store
    night.reader("weekly", "22-07"), night.reader("immediate", "22-07")
    flight = a_subscriber("jan@embassy.example", zone="Asia/Almaty", quiet="22-07")
    with store.begin() as tx:
        tx.subscribers.add(flight)
        tx.subscriptions.add(a_subscription(flight, countries=("KG",)))
    night.readers.append(flight.id)
    night.remind(), night.send(["sent", "rejected"])
    had = {id for id, messages in night.got.items() if messages}
    assert len(had) == 3  # of six: two wait for a digest, and one's mailbox refused
    night.reader("daily", "22-07")  # never had the old date
    night.now = LATE
    moves(store, night.id)
    night._corrected_exactly([alert for alert in night.said() if alert.published_at == LATE])
    before = {id: len(night.got.get(id, ())) for id in night.readers}
    for minute in range(3):
        night.now = LATE + timedelta(minutes=minute)
        night.remind(), night.send([])
    assert {id: len(night.got[id]) - before[id] for id in night.readers} == dict.fromkeys(night.readers, 1)
    with store.read() as tx:
        ladder = tx.reminders.where(REMINDER.c.deadline_id == night.id, REMINDER.c.revision == 2)
        assert {one.rung for one in ladder if one.fate is Fate.PENDING} == {"T+6h"}
        assert tx.conn.execute(sa.select(sa.func.count()).select_from(RETRY)).scalar_one() == 0
    night.now = IN_TEN_HOURS.instant - HOUR
    night.remind()
    assert len([alert for alert in night.said() if alert.published_at > LATE]) == 0
    assert {holder.call.subscriber_id for _, holder in calls_of(store, night.id)} == had


def test_a_list_is_ticked_off_until_everybody_knows(night):
    night.remind(), night.send([])
    moves(night.store, night.id, now=night.now)
    night.send(["sent", "rejected"])
    (_, one), (_, other) = calls_of(night.store, night.id)
    assert (one.mailed, one.phone_only, other.silent) == ("failed", True, True)
    tick = partial(calling.tick, night.store, night.id, by=ANA, now=night.now)
    assert not tick(one.call.subscriber_id, How.NOT_REACHED).knows
    assert tick(one.call.subscriber_id, How.RANG).knows
    with pytest.raises(Conflict, match="told them already"):
        tick(one.call.subscriber_id, How.WROTE)
    with pytest.raises(Conflict, match="look again before you ring"):
        tick(other.call.subscriber_id, How.RANG, seen=1)
    with pytest.raises(NotFound):
        tick("nobody", How.RANG)
    with night.store.read() as tx:
        assert calls.counts(tx, [night.deadline()], night.now) == {night.id: Count(1, 1, 0)}
        assert calls.listed(tx, night.now) == [night.id]
    correction = night.said()[-1]
    with night.store.begin() as tx:
        reader = tx.subscribers.get(other.call.subscriber_id)
        responding.noted(tx, None, reader, correction, Answer.CANNOT, "", night.now)
    with night.store.read() as tx:
        assert calls.counts(tx, [night.deadline()], night.now) == {night.id: Count(2, 0, 0)}
        assert calls.counts(tx, [night.deadline()], IN_TEN_HOURS.instant) == {}
        assert calls.listed(tx, IN_TEN_HOURS.instant) == []


def test_a_list_is_forgotten_thirty_days_after_the_hearing(night):
    night.remind(), night.send([])
    moves(night.store, night.id, now=night.now)
    for days, left in ((29, 2), (30, 0)):
        reducing.reduce(night.store, IN_TEN_HOURS.instant + days * DAY)
        with night.store.read() as tx:
            assert tx.calls.count() == left


def test_who_was_told_by_phone_is_rung_again_when_it_moves_back(night):
    night.remind(), night.send([])
    moves(night.store, night.id, now=night.now)
    night.send(["rejected"])
    [rung] = [holder.call.subscriber_id for _, holder in calls_of(night.store, night.id) if holder.phone_only]
    calling.tick(night.store, night.id, rung, How.RANG, by=ANA, now=night.now)
    moves(night.store, night.id, NINE_DAYS_ON, now=night.now)
    assert rung not in {one.subscriber_id for one in night.recipients(night.said()[-1])}  # their mail still says so
    assert rung in {holder.call.subscriber_id for _, holder in calls_of(night.store, night.id)}


@pytest.mark.parametrize("verb", ["cancel", "adjourn", "close", "relocate"])
def test_whatever_changes_tomorrows_hearing_opens_a_list_and_what_is_far_off_does_not(night, verb):
    night.remind(), night.send([])
    what = ("Court B",) if verb == "relocate" else ()
    change = getattr(deadlines, verb)
    change(night.store, QUEUE, ("en", "ru"), night.id, *what, reason="", by=BEK, now=night.now)
    assert calls_of(night.store, night.id) == []
    other = deadlines.enter(night.store, "KG-1", DateKind.HEARING, IN_TEN_HOURS, by=BEK, now=night.now, court="Court A")
    night.remind(), night.send([])
    change(night.store, QUEUE, ("en", "ru"), other.id, *what, reason="", by=BEK, now=night.now)
    assert len(calls_of(night.store, other.id)) == 3


def test_in_another_place_and_closed_to_the_public_tell_who_has_the_date_and_nobody_else(night):
    night.remind(), night.send([])
    lawyer = {"reason": "", "by": Lawyer(), "now": night.now, "told_by": Teller.LAWYER}
    deadlines.relocate(night.store, QUEUE, ("en",), night.id, " Court B ", **lawyer)
    place = night.said()[-1]
    assert (place.notice.when, place.notice.was, place.notice.court, place.notice.was_court) == (
        NINE_DAYS_ON, None, "Court B", "Court A",
    )  # fmt: skip
    assert (place.notice.told_by, place.audience) == ("lawyer", 2)
    night.send([])
    deadlines.close(night.store, QUEUE, ("en",), night.id, **lawyer)
    assert (night.said()[-1].notice.state, night.said()[-1].audience) == (State.CLOSED, 2)
    night.send([])
    night.now = NINE_DAYS_ON.instant - HOUR
    night.remind()
    assert night.said()[-1].notice.state == State.CLOSED  # nobody is reminded to come
    deadlines.reopen(night.store, QUEUE, ("en",), night.id, **lawyer | {"now": night.now})
    assert (night.said()[-1].notice.was_closed, night.said()[-1].kind) == (True, Kind.CORRECTION)
    assert night.deadline().revision == 4


def test_a_mail_does_not_say_that_relatives_told_us(night):
    night.remind(), night.send([])
    moves(night.store, night.id, told_by=Teller.FAMILY)
    assert (night.deadline().told_by, night.said()[-1].notice.told_by) == (Teller.FAMILY, "")


@pytest.mark.parametrize("change", ["move", "cancel"])
def test_a_digest_that_was_stopped_by_a_change_does_not_come_back_with_the_old_date(night, change):
    """Seen where nobody had got anything yet: nobody is corrected, and the digest was made anew as it was."""
    night.remind()
    night.send(["rejected"] * 2)
    night.now += DAY
    night.remind()
    with night.store.read() as tx:
        [digest] = tx.alerts.where(ALERT.c.kind == Kind.DIGEST)
    getattr(night, change)("approver", *([240] if change == "move" else []))
    assert [alert.kind for alert in night.said()] == [Kind.REMINDER]
    night.remind(), night.send([])
    assert all(one.expects == night.stands() for messages in night.got.values() for one in messages)
    with night.store.read() as tx:
        assert tx.alerts.get(digest.id).state == "cancelled"


def test_of_what_is_only_expected_staff_alone_are_asked_until_somebody_sets_it(night):
    soon = between("24 or 25 January", "2030-01-24", "2030-01-25", ZONE)
    date = deadlines.enter(night.store, "KG-1", DateKind.HEARING, soon, by=BEK, now=night.now, expected=True)
    assert (date.state, date.confirmed) == (State.EXPECTED, False)
    with pytest.raises(Conflict, match="only expected"):
        deadlines.confirm(night.store, QUEUE, ("en",), date.id, by=BEK, now=night.now)
    with night.store.read() as tx:
        [asked] = tx.reminders.where(REMINDER.c.deadline_id == date.id)
    assert (asked.whom, asked.fire_at) == ("staff", soon.instant)
    assert moves(night.store, date.id, NINE_DAYS_ON).state is State.CONFIRMED


def test_held_asks_for_the_report_and_reported_ends_it(night):
    with pytest.raises(Conflict, match="First say that it took place"):
        deadlines.report(night.store, night.id, "Two came.", by=ANA, now=night.now)
    deadlines.held(night.store, night.id, outcome="adjourned at once", by=ANA, now=night.now)
    with pytest.raises(Invalid, match="report is empty"):
        deadlines.report(night.store, night.id, " ", by=ANA, now=night.now)
    done = deadlines.report(night.store, night.id, " Two came. ", by=ANA, now=night.now)
    assert (done.state, done.report, done.open) == (State.REPORTED, "Two came.", False)


def test_a_second_change_on_top_of_another_is_refused_and_nothing_changes(night):
    night.remind(), night.send([])
    moves(night.store, night.id, seen=1)
    before, said = night.deadline(), len(night.said())
    with pytest.raises(Conflict, match="Bek moved it to 2030-01-19 09:30 Asia/Bishkek since you looked: look"):
        moves(night.store, night.id, NINE_DAYS_ON, by=ANA, seen=1)
    for verb in (deadlines.cancel, deadlines.adjourn, deadlines.close):
        with pytest.raises(Conflict, match="look again"):
            verb(night.store, QUEUE, ("en",), night.id, reason="", by=BEK, now=LATE, seen=1)
    assert (night.deadline(), len(night.said())) == (before, said)


def test_two_people_at_once_one_of_them_is_refused(night):
    night.remind(), night.send([])
    barrier, became = threading.Barrier(2), []

    def changes(when):
        barrier.wait()
        try:
            became.append(moves(night.store, night.id, when, seen=1).revision)
        except Conflict as refusal:
            became.append(str(refusal))

    both = [threading.Thread(target=changes, args=(when,)) for when in (IN_TEN_HOURS, at("2030-01-20 10:00", ZONE))]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(isinstance(one, int) for one in became) == [False, True]
    assert len([alert for alert in night.said() if alert.kind is Kind.CORRECTION]) == 1
