"""A reader's calendar: whose dates it holds, whom it refuses, and that programs which are not ours read it alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from builders import ANA, BEK, NOON, a_case, a_person, a_subscriber, a_subscription
from calendarreaders import by_icalendar, by_khal, by_vobject, local
from lawbook import shipped
from readings import SETTINGS
from sqlalchemy import event

from alerts.domain.alerts import Kind as AlertKind
from alerts.domain.audience import Subscriber
from alerts.domain.cases import Case
from alerts.domain.counting import Asked
from alerts.domain.deadlines import Deadline, Kind
from alerts.domain.errors import Forbidden, NotFound
from alerts.domain.labels import Answer
from alerts.domain.times import Instant, LocalTime, at, between, on
from alerts.queue.table import TableQueue
from alerts.render import Render
from alerts.services import alerting, calendars, computing, deadlines
from alerts.services.links import WORDS, Purpose, token
from alerts.services.reminding import remind
from alerts.store import Store
from alerts.store.tables import ALERT, CALENDAR

RENDER = Render(SETTINGS)
TENTH, TWELFTH = at("2030-01-10 10:00", "Asia/Bishkek"), at("2030-01-12 09:00", "Asia/Bishkek")


class Desk:
    def __init__(self, store: Store) -> None:
        self.store, self.queue = store, TableQueue()
        self.case = self.has(a_case("KG-7"))
        self.reader = self.reads(a_subscriber())

    def has(self, case: Case, *names: str) -> Case:
        with self.store.begin() as tx:
            tx.cases.add(case)
            for place, name in enumerate(names):
                tx.people.add(a_person(case, name, position=place)[0])
        return case

    def reads(self, reader: Subscriber, **asked: object) -> Subscriber:
        with self.store.begin() as tx:
            tx.subscribers.add(reader)
            tx.subscriptions.add(a_subscription(reader, **asked))
        return reader

    def sets(self, when: LocalTime = TENTH, code: str = "KG-7", kind: Kind = Kind.HEARING, **kw: object) -> Deadline:
        return deadlines.enter(self.store, code, kind, when, **({"by": BEK, "now": NOON} | kw))  # type: ignore[arg-type]

    def moves(self, date: Deadline, when: LocalTime, by: object = BEK) -> Deadline:
        return deadlines.reschedule(
            self.store, self.queue, ("en", "ru"), date.id, when, reason="", by=by, now=NOON + timedelta(hours=1)  # type: ignore[arg-type]
        )  # fmt: skip

    def secret(self, reader: Subscriber | None = None) -> str:
        own = token(self.store.vault, Purpose.PREFERENCES, (reader or self.reader).id, NOON)
        return calendars.make(self.store, own, NOON)

    def shown(self, reader: Subscriber | None = None, now: Instant = NOON) -> list[tuple[str, str]]:
        """Title and mark of each entry."""
        found = calendars.looked_at(self.store, (reader or self.reader).email, by=BEK, now=now)
        text = RENDER.calendar(found.entries, found.subscriber.language)
        return [(read.start, read.title) for read in sorted(by_icalendar(text), key=lambda read: read.start)]

    def titles(self, reader: Subscriber | None = None) -> list[str]:
        return [title for _, title in self.shown(reader)]


@pytest.fixture
def desk(store: Store) -> Iterator[Desk]:
    yield Desk(store)


def test_a_reader_has_the_confirmed_dates_of_what_they_follow(desk: Desk) -> None:
    elsewhere = desk.has(a_case("TJ-1", country="TJ"))
    desk.sets()
    desk.sets(code=elsewhere.code)
    desk.sets(TWELFTH, by=ANA)
    assert desk.shown() == [("2030-01-10T04:00:00+00:00", "Hearing, Kyrgyzstan, KG-7")]


def test_only_readers_of_reminders_have_dates_and_a_summit_concerns_every_country(desk: Desk) -> None:
    urgent = desk.reads(a_subscriber("u@mission.example"), countries=("KG",), kinds=(AlertKind.URGENT,))
    tajik = desk.reads(a_subscriber("t@mission.example"), countries=("TJ",))
    desk.sets()
    deadlines.enter(
        desk.store, None, Kind.SUMMIT, on("2030-01-10", "Asia/Almaty"), title="OSCE summit", by=BEK, now=NOON
    )
    assert desk.titles(urgent) == []
    assert desk.titles(tajik) == ["OSCE summit"]
    assert sorted(desk.titles()) == ["Hearing, Kyrgyzstan, KG-7", "OSCE summit"]


def test_dates_for_trusted_readers_are_for_them_alone_and_red_ones_for_nobody(desk: Desk) -> None:
    stranger = desk.reads(a_subscriber("stranger@ngo.example", vetted_at=None, vetted_by=None))
    desk.has(a_case("KG-8", answer=Answer.TRUSTED_NAME))
    desk.has(a_case("KG-9", answer=Answer.ONLY_US))
    for code in ("KG-8", "KG-9"):
        desk.sets(code=code)
    assert desk.titles(stranger) == []
    assert desk.titles() == ["Hearing, Kyrgyzstan, KG-8"]


def test_what_is_for_lawyers_and_staff_is_in_no_calendar(desk: Desk) -> None:
    desk.sets(kind=Kind.APPEAL_END)
    assert desk.titles() == []


def test_a_date_that_is_only_recalled_is_in_no_calendar(desk: Desk) -> None:
    desk.has(a_case("TM-1", country="TM"), "A fictional person")
    reader = desk.reads(a_subscriber("tm@mission.example"), countries=("TM",))
    asked = Asked(on("2029-12-31", "Asia/Ashgabat"))
    [remand] = computing.compute(desk.store, shipped(), "TM-1", asked, by=BEK, now=NOON, rule="TM-REMAND").made
    assert remand.confirmed and desk.titles(reader) == []


def test_a_name_stands_there_only_for_who_ticked_it_and_only_if_they_may_know_it(desk: Desk) -> None:
    ticked = desk.reads(a_subscriber("names@mission.example", calendar_names=True))
    desk.has(a_case("KG-8"), "Aida Sample", "Bakyt Sample")
    desk.has(a_case("KG-9", answer=Answer.TRUSTED_NO_NAME), "Cholpon Sample")
    for code in ("KG-8", "KG-9"):
        desk.sets(code=code, title="hearing of A. Sample")
    assert sorted(desk.titles()) == ["Hearing, Kyrgyzstan, KG-8", "Hearing, Kyrgyzstan, KG-9"]
    assert sorted(desk.titles(ticked)) == ["Hearing, Kyrgyzstan, Aida Sample and others", "Hearing, Kyrgyzstan, KG-9"]


def test_no_name_is_in_a_byte_of_a_calendar_without_the_tick(desk: Desk) -> None:
    desk.has(a_case("KG-SAMPLE", answer=Answer.TRUSTED_NO_NAME), "Aida Sample")
    desk.sets(code="KG-SAMPLE", kind=Kind.RELEASE, title="release of A. Sample")
    found = calendars.shown(desk.store, desk.secret(), NOON)
    assert len(found.entries) == 1
    assert b"SAMPLE" not in RENDER.calendar(found.entries, "en").upper()


def test_a_moved_date_leaves_a_word_where_it_was(desk: Desk) -> None:
    date = desk.sets()
    desk.moves(date, TWELFTH)
    assert desk.shown() == [
        ("2030-01-10T04:00:00+00:00", "MOVED to Sat 12 Jan 2030 09:00: Hearing, Kyrgyzstan, KG-7"),
        ("2030-01-12T03:00:00+00:00", "Hearing, Kyrgyzstan, KG-7"),
    ]


def test_an_authors_move_is_not_told_but_makes_the_date_unsure(desk: Desk) -> None:
    date = desk.moves(desk.sets(), TWELFTH, by=ANA)
    assert desk.titles() == ["TO BE CONFIRMED: Hearing, Kyrgyzstan, KG-7"]
    deadlines.confirm(desk.store, desk.queue, ("en",), date.id, by=BEK, now=NOON + timedelta(hours=2))
    assert [title.partition(":")[0] for title in desk.titles()] == [
        "MOVED to Sat 12 Jan 2030 09",
        "Hearing, Kyrgyzstan, KG-7",
    ]


def test_what_is_cancelled_stays_to_be_seen(desk: Desk) -> None:
    date = desk.sets()
    deadlines.cancel(desk.store, desk.queue, ("en",), date.id, reason="", by=BEK, now=NOON)
    found = calendars.looked_at(desk.store, desk.reader.email, by=BEK, now=NOON)
    statuses = [read.status for read in by_icalendar(RENDER.calendar(found.entries, "en"))]
    assert sorted(statuses) == ["CANCELLED", "CONFIRMED"]
    assert desk.titles() == ["CANCELLED: Hearing, Kyrgyzstan, KG-7"] * 2


def test_what_was_withdrawn_is_gone_from_calendars(desk: Desk) -> None:
    date = desk.sets()
    remind(desk.store, desk.queue, ("en",), NOON + timedelta(days=8))
    with desk.store.read() as tx:
        said = tx.alerts.find(ALERT.c.deadline_id == date.id)
    assert said and len(desk.titles()) == 1
    alerting.withdraw(desk.store, desk.queue, ("en",), said.id, by=BEK, now=NOON + timedelta(days=8, hours=1))
    assert desk.titles() == []


def test_an_address_is_secret_renewed_and_given_up(desk: Desk) -> None:
    desk.sets()
    first = desk.secret()
    assert len(calendars.shown(desk.store, first, NOON).entries) == 1
    second = desk.secret()
    own = token(desk.store.vault, Purpose.PREFERENCES, desk.reader.id, NOON)
    for works, secret in ((False, first), (True, second), (False, "guessed")):
        if works:
            assert calendars.shown(desk.store, secret, NOON)
        else:
            with pytest.raises(NotFound, match=WORDS):
                calendars.shown(desk.store, secret, NOON)
    calendars.give_up(desk.store, own, NOON)
    with pytest.raises(NotFound, match=WORDS):
        calendars.shown(desk.store, second, NOON)


def test_the_address_is_not_kept(desk: Desk) -> None:
    secret = desk.secret()
    with desk.store.read() as tx:
        [row] = tx.conn.execute(CALENDAR.select()).all()
    assert secret not in repr(row)


@pytest.mark.parametrize("change", [{"left_at": NOON}, {"suppressed_at": NOON}, {"confirmed_at": None}])
def test_whoever_must_not_be_written_to_has_no_calendar(desk: Desk, change: dict[str, Instant | None]) -> None:
    secret = desk.secret()
    with desk.store.begin() as tx:
        tx.subscribers.save(replace(desk.reader, **change))
    with pytest.raises(NotFound, match=WORDS):
        calendars.shown(desk.store, secret, NOON)
    with pytest.raises(NotFound, match=WORDS):
        desk.secret()


def test_staff_who_look_at_a_calendar_are_approvers(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        calendars.looked_at(desk.store, desk.reader.email, by=ANA, now=NOON)


def test_three_programs_read_a_feed_alike(desk: Desk, tmp_path: Path) -> None:
    """Almaty after its clocks were put back for good, a zone with summer time, days, vague dates, what moved."""
    brussels = desk.reads(a_subscriber("b@mission.example", zone="Europe/Brussels", rungs="T-3d;T-3h"))
    dates = [
        at("2030-03-01 09:00", "Asia/Almaty"), at("2030-03-31 01:30", "Europe/Brussels"),
        at("2030-07-01 10:00", "Europe/Brussels"), at("2030-10-27 12:00", "America/New_York"),
        at("2030-05-05 10:00", "Asia/Tashkent"),
    ]  # fmt: skip
    for when in dates:
        desk.sets(when)
    desk.sets(on("2030-04-01", "Asia/Bishkek"), kind=Kind.VERDICT)
    desk.sets(between("mid-May 2030", "2030-05-10", "2030-05-20", "Asia/Bishkek"))
    desk.moves(desk.sets(TENTH), TWELFTH)
    found = calendars.shown(desk.store, desk.secret(brussels), NOON)
    feed = RENDER.calendar(found.entries, "ru", "Europe/Brussels")
    events = by_icalendar(feed)
    assert events == by_vobject(feed)
    assert len(events) == len(found.entries) == 9
    expected = sorted(local(when.instant, "Europe/Brussels") for when in (*dates, TENTH, TWELFTH))
    listed = by_khal(feed, "Europe/Brussels", tmp_path)
    assert sorted(start for start, _ in listed) == sorted([*expected, "2030-04-01", "2030-05-10"])
    assert {title for _, title in listed} == {event.title for event in events}
    assert ("2030-03-01 05:00", "Слушание, Кыргызстан, KG-7") in listed


def test_a_feed_is_the_same_bytes_until_something_changes(desk: Desk) -> None:
    date = desk.sets()
    secret = desk.secret()

    def read(now: Instant) -> bytes:
        return RENDER.calendar(calendars.shown(desk.store, secret, now).entries, "en")

    before = read(NOON)
    assert read(NOON + timedelta(hours=5)) == before
    desk.moves(date, TWELFTH)
    assert read(NOON + timedelta(hours=5)) != before


def test_a_uid_says_nothing_and_is_the_same_for_all(desk: Desk) -> None:
    date = desk.sets()
    other = desk.reads(a_subscriber("other@ngo.example", zone="Europe/Brussels"))
    uids = {
        entry.uid
        for one in (desk.reader, other)
        for entry in calendars.shown(desk.store, desk.secret(one), NOON).entries
    }
    [uid] = uids
    assert date.id not in uid
    assert len(uid) == 32


def test_a_desk_with_many_dates_opens_only_what_is_theirs(desk: Desk) -> None:
    desk.has(a_case("TJ-1", country="TJ"))
    for day in range(10, 28):
        desk.sets(at(f"2030-01-{day} 10:00", "Asia/Dushanbe"), code="TJ-1")
    desk.sets()
    asked: list[str] = []
    event.listen(desk.store._reader, "before_cursor_execute", lambda *about: asked.append(about[2]))
    assert len(desk.titles()) == 1
    assert len(asked) < 16, "a feed takes as many questions however many dates there are"
