"""Names in texts, by exact spelling."""

from __future__ import annotations

import unicodedata

import pytest

from watchers.matching import Form, Index

INDEX = Index(
    [
        Form("case", "azimjan", "Азимжан Аскаров"),
        Form("case", "azimjan", "Аскаров"),
        Form("case", "azimjan", "А. Аскаров"),
        Form("case", "bakhrom", "Bakhrom Hamroev"),
        Form("other", "andrei", "Андрей Ёлкин"),
    ]
)


def found(text: str) -> list[tuple[str, str]]:
    hits = INDEX.find(text)
    assert all(text[hit.start : hit.end] == hit.words for hit in hits)
    return [(hit.person_id, hit.words) for hit in hits]


def test_a_russian_name_is_found_where_it_stands() -> None:
    text = "Суд в Бишкеке: Азимжан Аскаров останется под стражей."
    (hit,) = INDEX.find(text)
    assert (hit.case_id, hit.form, hit.start, hit.end) == ("case", "Азимжан Аскаров", 15, 30)


@pytest.mark.parametrize(
    "text", ["АЗИМЖАН АСКАРОВ", "азимжан\n  аскаров", "«Азимжан Аскаров»,", "Азимжан\u00a0Аскаров"]
)
def test_capitals_and_white_space_do_not_matter(text: str) -> None:
    assert [person for person, _ in found(text)] == ["azimjan"]


def test_how_an_accent_is_encoded_does_not_matter() -> None:
    text = unicodedata.normalize("NFD", "Вчера Андрей Ёлкин вышел.")
    assert found(text) == [("andrei", unicodedata.normalize("NFD", "Андрей Ёлкин"))]


@pytest.mark.parametrize("text", ["Аскарова", "Неаскаров", "Аскаров1", "Bakhrom, Hamroev", "Bakhrom. Hamroev", ""])
def test_a_part_of_a_word_or_of_two_sentences_is_no_name(text: str) -> None:
    assert found(text) == []


def test_the_longest_form_wins_and_each_place_counts_once() -> None:
    text = "Азимжан Аскаров. А.Аскаров сказал, и Аскаров, и Bakhrom Hamroev"
    assert found(text) == [
        ("azimjan", "Азимжан Аскаров"),
        ("azimjan", "А.Аскаров"),
        ("azimjan", "Аскаров"),
        ("bakhrom", "Bakhrom Hamroev"),
    ]


def test_two_people_of_one_name_are_both_found() -> None:
    index = Index(
        [Form("a", "one", "Али Ким"), Form("b", "two", "Али Ким"), Form("a", "one", "…"), Form("a", "one", "")]
    )
    assert [hit.person_id for hit in index.find("Али Ким … ")] == ["one", "two"]
