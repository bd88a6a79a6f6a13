"""From news to a draft or a date: one step each, by a person; and what a rule may do by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from watched import ADMIN, AUTHOR, NOW, add, watching_desk

from alerts.bootstrap import App
from alerts.domain import times
from alerts.domain.alerts import State
from alerts.domain.deadlines import Kind
from alerts.domain.errors import Conflict, Forbidden, Invalid
from alerts.domain.letters import Kind as LetterKind
from alerts.domain.proposals import Doubt
from alerts.domain.staff import Role, Staff
from alerts.domain.triage import Handled, Rule, Then
from alerts.domain.watching import Item, Poll
from alerts.services import alerting, deadlines, intake, paging, triage, using, visiting, watching
from alerts.services.alerting import editions
from alerts.store.feeds import Seen
from alerts.store.tables import LETTER

NEWS = Item("1", "Суд: Азимжан Аскаров", "https://news.example.org/1", "Заседание 9 декабря 2026 года в 10:00.", "ru")
BEK = Staff("staff-3", "bek@desk.example", "Bek", Role.APPROVER, notices=True)


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[App]:
    app = watching_desk(tmp_path, database_url)
    with app.store.begin() as tx:
        tx.staff.add(BEK)
    yield app
    app.close()


def comes(desk: App, item: Item = NEWS, *rules: Rule) -> Seen:
    """The signal that a source brings."""
    add(desk)
    source = next(s for s in watching.listing(desk.store) if s.title == "News")
    visiting.record(desk.store, source, Poll(), NOW, [])
    visiting.record(desk.store, source, Poll((item,)), NOW, list(rules))
    return next(seen for seen in triage.waiting(desk.store) if seen.signal.fingerprint == item.fingerprint)


def use(desk: App, seen: Seen, by: Staff = AUTHOR, code: str = "KG-1") -> str:
    return using.use(desk.store, seen.signal.id, code, title=seen.signal.title, language="ru", by=by, now=NOW).id


def test_using_news_makes_the_draft_and_marks_the_signal_in_one_step(desk: App) -> None:
    seen = comes(desk)
    id = use(desk, seen)
    verdict = triage.get(desk.store, seen.signal.id).verdict
    assert (verdict.handled, verdict.alert_id, verdict.handled_by) == (Handled.USED, id, AUTHOR.id)
    with desk.store.read() as tx:
        [edition] = editions(tx, id)
        assert (edition.title, edition.written_by, tx.alerts.get(id).writers) == (NEWS.title, AUTHOR.id, (AUTHOR.id,))
        assert [entry.verb for entry in tx.audit.entries()][-2:] == ["alert drafted", "signal used"]


def test_where_it_cannot_be_used_nothing_is_left_of_a_draft(desk: App) -> None:
    seen = comes(desk)
    triage.mark(desk.store, seen.signal.id, Handled.NOT_THEM, by=AUTHOR, now=NOW)
    with pytest.raises(Conflict):
        use(desk, seen)
    auditor = Staff("x", "x@desk.example", "X", Role.AUDITOR)
    with pytest.raises(Forbidden):
        use(desk, comes(desk, Item("2", "Азимжан Аскаров")), auditor)
    assert alerting.listing(desk.store) == []


def test_a_rule_begins_one_draft_a_case_in_which_nothing_of_the_news_stands(desk: App) -> None:
    rule = Rule("draft it", Then.DRAFT)
    first = comes(desk, NEWS, rule)
    second = comes(desk, Item("2", "Снова Азимжан Аскаров"), rule)
    [status] = alerting.listing(desk.store)
    assert first.verdict.alert_id == second.verdict.alert_id == status.alert.id
    with desk.store.read() as tx:
        assert editions(tx, status.alert.id) == [] and status.alert.writers == ()
    with pytest.raises(Invalid, match="Nothing is written"):
        alerting.submit(desk.store, status.alert.id, by=AUTHOR, now=NOW)
    assert use(desk, first) == status.alert.id, "the draft that the rule began is taken up"
    assert use(desk, second) != status.alert.id, "for by now somebody writes in that one"


def test_a_rule_s_word_is_known_in_whatever_case_it_stands(desk: App) -> None:
    rule = Rule("torture", Then.HOLD, words=frozenset({"пытка", "комитет против пыток"}))
    assert comes(desk, Item("1", "Она заявила о пытке"), rule).verdict.because == "rule “torture”"
    assert comes(desk, Item("2", "Встреча с Комитетом против пыток"), rule).verdict.because == "rule “torture”"
    with pytest.raises(StopIteration):
        comes(desk, Item("3", "Курс доллара"), rule)  # nothing of it waits


def test_a_date_in_the_text_is_proposed_and_taken_once_by_a_person(desk: App) -> None:
    seen = comes(desk)
    [date] = seen.dates
    assert (seen.signal.words[date.start : date.end], date.kind, date.doubt) == ("9 декабря 2026", Kind.HEARING, None)
    assert (date.when.wall.isoformat(), date.when.zone) == ("2026-12-09T10:00:00", "Asia/Bishkek")
    assert deadlines.listing(desk.store) == [], "nothing is taken by itself"
    taken = using.take_date(desk.store, date.id, "KG-1", by=AUTHOR, now=NOW, kind=Kind.HEARING)
    assert not taken.confirmed and taken.when == date.when
    with pytest.raises(Conflict):
        using.take_date(desk.store, date.id, "KG-1", by=BEK, now=NOW, kind=Kind.HEARING)
    assert triage.get(desk.store, seen.signal.id).verdict.handled is Handled.WAITING


def test_tomorrow_is_counted_from_the_day_of_publication_on_the_clock_of_the_country(desk: App) -> None:
    late = NOW.replace(hour=20)  # already the 25th in Bishkek
    seen = comes(desk, Item("3", "Азимжан Аскаров: суд завтра в 10:00", published=late - timedelta(days=0)))
    [date] = seen.dates
    assert (date.when.wall.isoformat(), date.doubt) == ("2026-11-26T10:00:00", Doubt.RELATIVE)


# critical hours, and who is told


def hearing(desk: App) -> None:
    deadlines.enter(desk.store, "KG-1", Kind.HEARING, times.at("2026-11-25 10:00", "Asia/Bishkek"), by=BEK, now=NOW)


def letters(desk: App) -> list[str]:
    with desk.store.read() as tx:
        return [letter.details for letter in tx.letters.where(LETTER.c.kind == LetterKind.NEWS.value)]


def test_news_in_critical_hours_stays_and_staff_who_want_letters_get_one(desk: App) -> None:
    hearing(desk)
    seen = comes(desk, NEWS, Rule("all", Then.DISMISS))
    assert (seen.verdict.handled, seen.verdict.because) == (Handled.WAITING, "critical: a court sits")
    assert paging.page(desk.store, desk.queue, desk.settings, NOW) == 1
    [said] = letters(desk)
    assert "KG-1" in said and "Аскаров" not in said and "Askarov" not in said
    assert paging.page(desk.store, desk.queue, desk.settings, NOW) == 0


def test_what_comes_within_ten_minutes_goes_into_the_next_letter(desk: App) -> None:
    rule = Rule("page us", Then.PAGE)
    comes(desk, NEWS, rule)
    assert paging.page(desk.store, desk.queue, desk.settings, NOW) == 1
    comes(desk, Item("2", "Азимжан Аскаров"), rule)
    comes(desk, Item("3", "Опять Азимжан Аскаров"), rule)
    assert paging.page(desk.store, desk.queue, desk.settings, NOW + timedelta(minutes=5)) == 0
    assert paging.page(desk.store, desk.queue, desk.settings, NOW + timedelta(minutes=11)) == 1
    assert '"news": "2"' in letters(desk)[-1]


def test_a_desk_may_want_no_letters_for_critical_hours(desk: App, tmp_path: Path) -> None:
    from dataclasses import replace

    hearing(desk)
    comes(desk)
    quiet = replace(desk.settings, triage=replace(desk.settings.triage, page_critical=False))
    assert paging.page(desk.store, desk.queue, quiet, NOW) == 0
    assert paging.page(desk.store, desk.queue, desk.settings, NOW) == 0, "and not later either"


# what somebody told us

MESSAGE = "Задержан Азимжан Аскаров\nЕго увезли ночью, суд завтра в 10:00. Не говорите, что это я."


def test_a_pasted_message_is_a_signal_as_any_other_and_its_words_lie_sealed(desk: App) -> None:
    signal = intake.paste(desk.store, MESSAGE, by=AUTHOR, now=NOW, rules=[])
    [seen] = triage.waiting(desk.store)
    assert (seen.signal.title, seen.teller, seen.source.public) == ("Задержан Азимжан Аскаров", "Ana", False)
    assert [named.words for named in seen.matches] == ["Азимжан Аскаров"] and len(seen.dates) == 1
    with desk.store.read() as tx:
        row = tx.signals.get(signal.id)
        assert (row.title, row.text) == ("", "")
        raw = tx.conn.exec_driver_sql("SELECT * FROM confided").all()
    assert "ночью".encode() not in repr(raw).encode() and "ночью" not in repr(raw)


def test_pasted_twice_it_is_one_signal_and_empty_it_is_none(desk: App) -> None:
    first = intake.paste(desk.store, MESSAGE, by=AUTHOR, now=NOW, rules=[])
    assert intake.paste(desk.store, f"  {MESSAGE}\n", by=AUTHOR, now=NOW, rules=[]).id == first.id
    for text in ("", " \n\u202e"):
        with pytest.raises(Invalid, match="empty"):
            intake.paste(desk.store, text, by=AUTHOR, now=NOW, rules=[])
    with pytest.raises(Invalid, match="longer"):
        intake.paste(desk.store, "a" * 20_001, by=AUTHOR, now=NOW, rules=[])


def test_what_names_nobody_waits_all_the_same_for_somebody_found_it_worth_telling(desk: App) -> None:
    intake.paste(desk.store, "Обыск в офисе", by=AUTHOR, now=NOW, rules=[])
    assert [seen.verdict.because for seen in triage.waiting(desk.store)] == ["somebody told us"]


def test_nothing_of_a_pasted_message_goes_into_the_draft(desk: App) -> None:
    intake.paste(desk.store, MESSAGE, by=AUTHOR, now=NOW, rules=[])
    [seen] = triage.waiting(desk.store)
    id = use(desk, seen)
    with desk.store.read() as tx:
        assert editions(tx, id) == []
        assert tx.alerts.get(id).state is State.DRAFT


def test_only_an_admin_lists_partners(desk: App) -> None:
    with pytest.raises(Forbidden):
        intake.add_partner(desk.store, "bulletin@partner.example", "Partner", by=BEK, now=NOW)
    intake.add_partner(desk.store, "bulletin@partner.example", "Partner", by=ADMIN, now=NOW)
    with pytest.raises(Invalid):
        intake.add_partner(desk.store, "bulletin@partner.example", "Again", by=ADMIN, now=NOW)
    assert [one.name for one in intake.partners(desk.store)] == ["Partner"]
