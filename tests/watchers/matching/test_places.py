"""Countries, organisations and topics in running text."""

from __future__ import annotations

import pytest

from watchers.matching.places import country, mentions
from watchers.matching.terms import Term, Terms


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Суд в Киргизии", "KG"), ("Кыргыз Республикасында, Бишкекте", "KG"), ("гражданин Казахстана", "KZ"),
        ("Қазақстанда ұсталды", "KZ"), ("Oʻzbekistonda", "UZ"), ("O’ZBEKISTON", "UZ"), ("Ўзбекистонда", "UZ"),
        ("узбекского журналиста", "UZ"), ("дар Тоҷикистон", "TJ"), ("Türkmenistanyň paýtagty", "TM"),
        ("в Ашхабаде", "TM"), ("in Turkmenistan", "TM"), ("nach Genf", ""), ("кроме того", ""), ("Кошмар", ""),
    ],
)  # fmt: skip
def test_a_country_is_known_by_its_names_its_capital_and_its_people(text: str, code: str) -> None:
    assert country(text) == code


def test_the_country_named_most_often_counts() -> None:
    assert country("Из Москвы в Ташкент: Узбекистан просит Россию, и узбекский суд") == "UZ"


def test_a_mention_says_where_it_stands() -> None:
    text = "😀 В Узбекистане и Киргизии"
    assert [(m.means, text[m.start : m.end]) for m in mentions(text)] == [("UZ", "Узбекистане"), ("KG", "Киргизии")]


def test_organisations_and_topics_are_found_in_every_case_as_whole_words() -> None:
    terms = Terms(
        [Term("torture", "пытка"), Term("cap", "Комитет против пыток"), Term("vozdukh", "Воздух"), Term("e", "Ezgulik")]
    )
    text = "О пытке заявил Комитет; с Комитетом против пыток и «Воздухом»; воздухоплавание; Ezgulikning raisi"
    assert [(m.means, m.words) for m in terms.find(text)] == [
        ("torture", "пытке"), ("cap", "Комитетом против пыток"), ("vozdukh", "Воздухом"), ("e", "Ezgulikning"),
    ]  # fmt: skip
    assert Terms([]).find(text) == []
