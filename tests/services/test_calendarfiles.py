"""Dates from a partner's calendar: reported and never confirmed, once and never twice, proposed and never done."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import ANA, BEK, DANA, NOON, a_case

from alerts.domain.calendarfile import Imported, Proposes, Written
from alerts.domain.deadlines import Deadline, Kind, State
from alerts.domain.errors import Forbidden, Invalid, NotFound
from alerts.domain.refusals import Refused
from alerts.domain.staff import Staff
from alerts.domain.times import at
from alerts.queue.table import TableQueue
from alerts.services import deadlines
from alerts.services.calendarfiles import Taken, proposal, take
from alerts.store import Store
from watchers.calendars import parse


def an_event(uid: str = "a@partner.example", when: str = "20300110T100000", **more: str) -> str:
    lines = {"UID": uid, "DTSTAMP": "20300101T000000Z", "SUMMARY": "Hearing of A. Sample", "SEQUENCE": "1"} | more
    head = {"DTSTART;TZID=Asia/Bishkek": when} if when else {}
    return "\n".join(f"{name}:{value}" for name, value in (lines | head).items())


def entries(*events: str) -> list[Written]:
    body = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    return parse(f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{body}END:VCALENDAR\n".encode())


def taken(store: Store, *events: str, by: Staff = ANA, **about: object) -> Taken:
    return take(store, entries(*events), by=by, now=NOON, **(about or {"case_code": "KG-1"}))  # type: ignore[arg-type]


def all_of(store: Store) -> tuple[list[Deadline], list[Imported]]:
    with store.read() as tx:
        return tx.deadlines.where(), tx.imported.where()


@pytest.fixture
def desk(store: Store) -> Store:
    with store.begin() as tx:
        tx.cases.add(a_case())
    return store


def test_an_entry_becomes_a_reported_date_even_if_an_approver_takes_it(desk: Store) -> None:
    [date] = taken(desk, an_event(LOCATION="Pervomaisky court"), by=BEK).added
    assert (date.state, date.confirmed, date.kind) == (State.SET, False, Kind.HEARING)
    assert (date.when, date.court) == (at("2030-01-10 10:00", "Asia/Bishkek"), "Pervomaisky court")
    assert date.title == "", "a partner's words about a case may name somebody"
    assert all_of(desk)[0] == [date]


def test_the_same_file_twice_changes_nothing(desk: Store) -> None:
    taken(desk, an_event(), an_event("b@partner.example", "20300112T100000"))
    before = all_of(desk)
    again = taken(desk, an_event(), an_event("b@partner.example", "20300112T100000"))
    assert (again.added, again.proposed, again.known) == ((), (), 2)
    assert all_of(desk) == before


def test_a_newer_version_proposes_a_move_and_moves_nothing(desk: Store) -> None:
    [date] = taken(desk, an_event()).added
    [moved] = taken(desk, an_event(when="20300111T090000", SEQUENCE="2")).proposed
    assert (moved.deadline, moved.proposes, moved.to) == (date, Proposes.MOVE, at("2030-01-11 09:00", "Asia/Bishkek"))
    assert all_of(desk)[0] == [date]
    assert taken(desk, an_event(when="20300111T090000", SEQUENCE="2")).proposed == ()
    with desk.read() as tx:
        assert proposal(tx, date) == moved


def test_an_older_version_proposes_nothing(desk: Store) -> None:
    taken(desk, an_event(SEQUENCE="3"))
    assert taken(desk, an_event(when="20300111T090000", SEQUENCE="2")).proposed == ()


def test_a_cancelled_entry_proposes_to_cancel_and_can_come_back(desk: Store) -> None:
    [date] = taken(desk, an_event()).added
    [gone] = taken(desk, an_event(SEQUENCE="2", STATUS="CANCELLED")).proposed
    assert (gone.deadline, gone.proposes, gone.to) == (date, Proposes.CANCEL, None)
    assert all_of(desk)[0] == [date]
    assert taken(desk, an_event(SEQUENCE="3")).proposed == ()
    with desk.read() as tx:
        assert proposal(tx, date) is None


def test_what_staff_did_since_is_no_proposal_any_more(desk: Store) -> None:
    [date] = taken(desk, an_event()).added
    taken(desk, an_event(when="20300111T090000", SEQUENCE="2"))
    moved = deadlines.reschedule(
        desk, TableQueue(), ("en",), date.id, at("2030-01-11 09:00", "Asia/Bishkek"), reason="", by=BEK, now=NOON
    )
    with desk.read() as tx:
        assert proposal(tx, moved) is None


def test_a_date_that_we_have_already_is_known_again_and_not_doubled(desk: Store) -> None:
    ours = deadlines.enter(desk, "KG-1", Kind.HEARING, at("2030-01-10 10:00", "Asia/Bishkek"), by=BEK, now=NOON)
    assert (taken(desk, an_event()).added, all_of(desk)[0]) == ((), [ours])
    [moved] = taken(desk, an_event(when="20300111T090000", SEQUENCE="2")).proposed
    assert moved.deadline == ours
    assert ours.confirmed


def test_what_is_past_or_cancelled_from_the_start_is_left_out(desk: Store) -> None:
    done = taken(desk, an_event(when="20200110T100000"), an_event("b@p.example", STATUS="CANCELLED"))
    assert (done.added, done.over) == ((), 2)


def test_dates_without_a_case_keep_their_title_and_country(desk: Store) -> None:
    [date] = taken(desk, an_event(SUMMARY="Warsaw Conference"), country_code="KG").added
    assert (date.kind, date.title, date.country, date.case_id) == (Kind.SUMMIT, "Warsaw Conference", "KG", None)


def test_one_bad_entry_and_nothing_is_taken(desk: Store) -> None:
    before = all_of(desk)
    floating = an_event("b@p.example", "") + "\nDTSTART:20300110T100000"
    daily = an_event("c@p.example", RRULE="FREQ=DAILY")
    backwards = an_event("d@p.example") + "\nDTEND;TZID=Asia/Bishkek:20300109T100000"
    with pytest.raises(Refused) as refused:
        taken(desk, an_event(), floating, daily, backwards, an_event(), an_event(""))
    reasons = [str(refusal) for refusal in refused.value.refusals]
    assert [reason.partition(":")[0] for reason in reasons] == ["line 11", "line 18", "line 26", "line 34", "line 41"]
    for reason, word in zip(reasons, ("--zone", "repeats", "ends before", "line 4 once more", "no UID"), strict=True):
        assert word in reason
    assert all_of(desk) == before
    done = taken(desk, an_event(), floating, daily, backwards, case_code="KG-1", partial=True)
    assert (len(done.added), len(done.refusals)) == (1, 3)


def test_a_floating_time_is_that_of_the_zone_that_is_given(desk: Store) -> None:
    floating = an_event(when="") + "\nDTSTART:20300110T100000"
    [date] = taken(desk, floating, case_code="KG-1", zone="Asia/Almaty").added
    assert date.when == at("2030-01-10 10:00", "Asia/Almaty")


def test_it_says_what_it_needs(desk: Store) -> None:
    with pytest.raises(Invalid, match="--case"):
        taken(desk, an_event(), case_code="")
    with pytest.raises(NotFound):
        taken(desk, an_event(), case_code="KG-9")
    with pytest.raises(Invalid, match="no time zone"):
        taken(desk, an_event(), case_code="KG-1", zone="Mars/Olympus")
    with pytest.raises(Invalid, match="no events"):
        taken(desk)
    with pytest.raises(Forbidden):
        taken(desk, an_event(), by=replace(DANA))


def test_the_partners_uid_is_not_kept_in_clear(desk: Store) -> None:
    taken(desk, an_event("aida.sample@partner.example"))
    assert "sample" not in repr(all_of(desk))
