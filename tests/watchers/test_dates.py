"""Dates in texts: found as they are written, in the languages that our news has; and never one that is not there."""

from datetime import date
from time import perf_counter

import pytest

from alerts.domain.deadlines import Kind
from alerts.domain.proposals import Doubt
from watchers.dates import find

WRITTEN, ZONE = date(2026, 11, 24), "Asia/Bishkek"
"""A Tuesday."""

EXACT = {
    "Заседание назначено на 12 марта 2027 года в 10:00 в Первомайском суде.": ("12 марта 2027", "2027-03-12 10:00"),
    "Суд пройдёт 3 декабря, в 14.30 — начало в 15.00": ("3 декабря", "2026-12-03 14:30"),
    "Суд состоится 1 декабря, вторник, в 10 часов": ("1 декабря", "2026-12-01 10:00"),
    "Слушание 9-го декабря в 3 часа дня": ("9-го декабря", "2026-12-09 15:00"),
    "В 10:00 7 декабря начнётся суд": ("7 декабря", "2026-12-07 10:00"),
    "03.12.2026 в 11:30 суд": ("03.12.2026", "2026-12-03 11:30"),
    "Сот 2026-жылдын 12-декабрында саат 10:00дө өтөт": ("2026-жылдын 12-декабрында", "2026-12-12 10:00"),
    "Сот жыйыны 12-декабрь күнү саат 14:00дө": ("12-декабрь", "2026-12-12 14:00"),
    "Sud majlisi 9-dekabr kuni soat 10:00 da boʻlib oʻtadi": ("9-dekabr", "2026-12-09 10:00"),
    "Суд 2026 йил 9 декабрь куни соат 11:00 да": ("2026 йил 9 декабрь", "2026-12-09 11:00"),
    "2026 жылғы 9 желтоқсан сағат 10:00-де сот": ("2026 жылғы 9 желтоқсан", "2026-12-09 10:00"),
    "Суд 12 марти соли 2027 соати 10:00": ("12 марти соли 2027", "2027-03-12 10:00"),
    "2026-njy ýylyň 9-njy dekabrynda sagat 09:00-da kazyýet": ("2026-njy ýylyň 9-njy dekabrynda", "2026-12-09 09:00"),
    "The hearing will be held on 12 December at 10:00": ("12 December", "2026-12-12 10:00"),
    "The trial opens on December 3, 2026 at 9 a.m. in Bishkek": ("December 3, 2026", "2026-12-03 09:00"),
    "Суд состоится завтра в 14:00": ("завтра", "2026-11-25 14:00"),
    "Сот эртең саат 14:00дө өтөт": ("эртең", "2026-11-25 14:00"),
    "Sud ertaga soat 14:00 da": ("ertaga", "2026-11-25 14:00"),
    "Суд сегодня в 16:00": ("сегодня", "2026-11-24 16:00"),
    "Суд в пятницу в 10:00": ("пятницу", "2026-11-27 10:00"),
}  # fmt: skip

DAYS = {
    "Суд перенесён на 9 декабря 2026 года.": "2026-12-09",
    "Апелляционный суд рассмотрит жалобу 2026-12-15.": "2026-12-15",
    "Срок содержания под стражей продлён до 24 января 2027 года": "2027-01-24",
    "hearing on 3rd of December": "2026-12-03",
}

NOTHING = (
    "В 2010 году его осудили", "статья 307 часть 2, 5 лет лишения свободы", "его задержали вчера вечером",
    "Его задержали 12 мая", "Задержан 9 ноября 2026 года", "Курс 12.5, рост 3.12", "Телефон 03-12-26",
    "Сотрудники милиции приехали завтра", "in May", "Сегодня суд", "31 февраля 2027 года", "от 12 декад",
    "Он сказал это в пятницу", "1/2 суда", "Родился 12 марта", "Суд был 12 мая",
)  # fmt: skip


@pytest.mark.parametrize("text", EXACT)
def test_a_day_with_its_hour_is_found_at_its_words(text: str) -> None:
    [found] = find(text, WRITTEN, ZONE)
    assert (text[found.start : found.end], f"{found.when.wall:%Y-%m-%d %H:%M}") == EXACT[text]
    assert found.when.exact and found.when.zone == ZONE


@pytest.mark.parametrize("text", DAYS)
def test_without_an_hour_none_is_made_up(text: str) -> None:
    [found] = find(text, WRITTEN, ZONE)
    assert (found.when.first.isoformat(), found.when.exact) == (DAYS[text], False)


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_past_or_no_date_is_not_found(text: str) -> None:
    assert find(text, WRITTEN, ZONE) == []


def test_what_had_to_be_added_is_said() -> None:
    doubts = {
        "Суд завтра в 10:00": Doubt.RELATIVE, "Суд 12 марта": Doubt.NO_YEAR, "court 03/12/2026": Doubt.DAY_OR_MONTH,
        "Суд 9 декабря": None, "court 25/12/2026": None, "Суд 12 марта 2027": None,
    }  # fmt: skip
    assert {text: find(text, WRITTEN, ZONE)[0].doubt for text in doubts} == doubts


def test_the_words_around_say_what_is_on_that_day() -> None:
    kinds = {
        "Приговор огласят 9 декабря": Kind.VERDICT, "Апелляция 9 декабря": Kind.APPEAL, "Сот 9 декабрь": Kind.HEARING,
        "Под стражей до 9 декабря": Kind.REMAND, "Фестиваль 9 декабря": Kind.RECHECK,
    }  # fmt: skip
    assert {text: find(text, WRITTEN, ZONE)[0].kind for text in kinds} == kinds


def test_the_same_day_with_an_hour_stands_for_the_one_without() -> None:
    found = find("Сот 12-декабрда болот\nСот 2026-жылдын 12-декабрында саат 10:00дө өтөт.", WRITTEN, ZONE)
    assert [f"{each.when.wall:%d %H:%M}" for each in found] == ["12 10:00"]


def test_no_text_takes_long() -> None:
    find("x", WRITTEN, ZONE)
    for text in (
        "1" * 20_000,
        "12 декабря " * 2_000,
        "до 12 " * 3_000,
        "2026 г " * 3_000,
        "в 10.00 " * 2_500,
        "a" * 20_000,
    ):
        start = perf_counter()
        assert len(find(text, WRITTEN, ZONE)) <= 5
        assert perf_counter() - start < 2, text[:12]
