"""`vigil match` with files as people bring them."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import DeskHere

PEOPLE = "id,form\n1,Азимжан Аскаров\n1,Azimjan Askarov\n2,Гульнара Каримова\n"
TEXTS = "a\tСуд над Азимжаном Аскаровым 😀\tи Г. Каримова\n\nb\tWeather\nc\tGulnora Karimova\n"


@pytest.fixture
def desk(tmp_path: Path) -> DeskHere:
    """Settings that cannot be read: none are needed."""
    return DeskHere(tmp_path, "sqlite:////nowhere/at/all.db", "smtp://relay.invalid")


def written(desk: DeskHere, people: str | bytes = PEOPLE, texts: str | bytes = TEXTS) -> list[str]:
    for name, content in (("people.csv", people), ("texts.tsv", texts)):
        data = content if isinstance(content, bytes) else content.encode()
        (desk.folder / name).write_bytes(data)
    return ["match", "--people", "people.csv", "--texts", "texts.tsv"]


def test_each_hit_says_who_where_and_how_surely(desk: DeskHere) -> None:
    found = desk.json(*written(desk))
    assert found.keys() == {"hits"}
    assert found["hits"] == [
        {"text": "a", "person": "1", "tier": "A", "form": "Азимжан Аскаров", "start": 8, "end": 27, "score": 99.5},
        {"text": "a", "person": "2", "tier": "B", "form": "Гульнара Каримова", "start": 32, "end": 43, "score": 100.0},
        {"text": "c", "person": "2", "tier": "B", "form": "Гульнара Каримова", "start": 0, "end": 16, "score": 98.0},
    ]


def test_how_a_file_was_saved_does_not_matter(desk: DeskHere) -> None:
    plain = desk.json(*written(desk))
    for people, texts in (
        (PEOPLE.removeprefix("id,form\n"), TEXTS),
        ("\ufeff" + PEOPLE.replace("\n", "\r\n"), "\ufeff" + TEXTS.replace("\n", "\r\n")),
        ("\n" + PEOPLE.replace("\n", "\n\n"), "\n\n" + TEXTS.rstrip("\n")),
        (PEOPLE.replace("1,Азимжан Аскаров", '1,"Азимжан Аскаров"'), TEXTS),
    ):
        assert desk.json(*written(desk, people, texts)) == plain


def test_offsets_count_what_stands_in_the_file(desk: DeskHere) -> None:
    line = "x \u2028 \r «Азимжан  Аскаров»"
    (hit,) = desk.json(*written(desk, texts=f"t\t{line}\n"))["hits"]
    assert line[hit["start"] : hit["end"]] == "Азимжан  Аскаров"


def test_a_table_is_for_people(desk: DeskHere) -> None:
    said = desk.vigil(*written(desk))
    assert "“Азимжаном Аскаровым” is 1: Азимжан Аскаров" in said
    assert said.endswith("3 found.")


@pytest.mark.parametrize(
    ("people", "texts", "said"),
    [
        ("1,Аскаров, Азимжан\n", TEXTS, "people.csv, line 1: 3 columns instead of id and form: a form with a comma"),
        ("id,form\n1\n", TEXTS, "people.csv, line 2: 1 columns instead of id and form: write id,form"),
        ("1,\n", TEXTS, "people.csv, line 1: the form is empty"),
        ("id,form\n", TEXTS, "people.csv names nobody"),
        ("1,\"Аскаров\n2,Каримов\n", TEXTS, "Is a quote missing?"),
        ("1,Аскаров\n".encode("cp1251"), TEXTS, "people.csv, line 1: this is not UTF-8 text: save the file as UTF-8"),
        (PEOPLE, "a\tok\nno tab\n", "texts.tsv, line 2: there is no TAB"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_one_sentence(
    desk: DeskHere, people: str | bytes, texts: str, said: str
) -> None:
    assert said in desk.refuses(*written(desk, people, texts), "--json")


def test_a_file_that_is_not_there_is_named(desk: DeskHere) -> None:
    written(desk)
    assert "nowhere.csv cannot be read" in desk.refuses("match", "--people", "nowhere.csv", "--texts", "texts.tsv")
