"""The same story, whoever tells it."""

from __future__ import annotations

import pytest

from alerts.domain.stories import NEAR, Told, content, likeness, place, same
from alerts.domain.watching import Signal

TEXT = (
    "Суд в Бишкеке отложил слушание по делу правозащитника до понедельника, сообщили его адвокаты. Наблюдателей в зал "
    "не пустили, хотя заседание было объявлено открытым. Прокурор просит продлить стражу ещё на два месяца, защита "
    "настаивает на домашнем аресте. Родные узнали о переносе из новостей и весь день ждали у здания суда."
)


def bits(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


def test_a_reprint_with_another_opening_is_alike_and_another_story_is_not() -> None:
    other = TEXT.replace("Суд", "Парламент").replace("слушание по делу", "чтение закона о").replace("зал", "ложу")
    assert bits(likeness(TEXT), likeness(f"{TEXT}.")) == 0
    assert bits(likeness(TEXT), likeness(f"{TEXT} Фото: АКИпресс")) <= 12
    assert bits(likeness(TEXT), likeness(other)) > NEAR
    assert likeness("Суд отложил слушание") == "", "short texts are alike by chance"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.news.example.org/a/1?utm_source=rss", "http://m.news.example.org/a/1/"),
        ("https://news.example.org/a?x=1&y=2", "https://news.example.org/a?y=2&fbclid=z&x=1"),
        ("https://news.example.org/a/amp/", "https://amp.news.example.org/a"),
    ],
)
def test_one_address_is_written_in_many_ways(one: str, other: str) -> None:
    assert place(one) == place(other) != ""


@pytest.mark.parametrize("link", ["", "https://news.example.org/", "https://[::1", "mailto:"])
def test_a_front_page_and_what_is_no_address_are_no_story(link: str) -> None:
    assert place(link) == ""


def test_a_story_is_found_by_its_address_or_its_words() -> None:
    told = [Told("one", "story-1", "https://a.example.org/1", likeness(TEXT)), Told("two", "story-2", "", "")]
    by_link = Signal("x", "s", "f", "T", "http://www.a.example.org/1?utm_medium=feed")
    by_words = Signal("x", "s", "f", "T", "https://b.example.org/9", TEXT)
    assert same(by_link, "", told) == "story-1"
    assert same(by_words, likeness(TEXT), told) == "story-1"
    assert same(Signal("x", "s", "f", "T", "https://b.example.org/9"), "", told) == ""


def test_a_counter_or_a_date_makes_no_new_version() -> None:
    assert content("Суд 24.11.2026\nПрочитано: 15") == content("суд, 25.11.2026 Прочитано: 1 024")
    assert content("Суд отложил") != content("Суд отложил слушание")
