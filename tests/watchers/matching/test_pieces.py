"""The pieces of matching, each by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchers.matching import Form, Index
from watchers.matching.endings import split
from watchers.matching.lookalikes import fold
from watchers.matching.names import read
from watchers.matching.romanise import sounds
from watchers.matching.skeleton import key

NAMES = st.text("абвгдежзийклмнопрстуфхцчшщыьэюяёқғўҳіңabcdeghijklmnoprstuvxyz'-ʻ", min_size=2, max_size=12)


@pytest.mark.parametrize(
    "spellings",
    [
        ("Жўраев", "Joʻrayev", "Jo'rayev", "Juraev", "Dzhurayev", "Джураев", "Ҷӯраев"),
        ("Хамроев", "Hamroyev", "Khamroev", "Xamroyev", "Ҳамроев", "Chamrojew"),
        ("Гусейнов", "Huseynov", "Guseinov"),
        ("Шевченко", "Shevchenko", "Schewtschenko", "Ševčenko"),
        ("Чынгыз", "Chyngyz", "Çyňgyz", "Tschingis"),
    ],
)
def test_spellings_of_one_name_share_a_key(spellings: tuple[str, ...]) -> None:
    keys = [{key(split(sound)[0]) for sound in sounds(fold(word))} for word in spellings]
    assert set.intersection(*keys)


@pytest.mark.parametrize(
    ("word", "folded"),
    [
        ("Acкapoв", "аскаров"), ("Аскар0в", "аскаров"), ("Аskarov", "askarov"), ("ОʻЗБЕК", "о'збек"),
        ("Oʼzbek", "o'zbek"),
        ("И\u0306ОД", "йод"), ("İlham", "ilham"), ("Касым‑Жомарт", "касым-жомарт"), ("كريمي", "کریمی"), ("B52", "b52"),
    ],
)  # fmt: skip
def test_a_word_is_folded_to_what_it_is_meant_to_be(word: str, folded: str) -> None:
    assert fold(word) == folded


@pytest.mark.parametrize(
    ("form", "words", "initial"),
    [
        ("Азимжан Тургунович Аскаров", ("азимжан", "аскаров"), ""),
        ("Аскаров А.", ("аскаров",), "а"),
        ("Нурлан Тургун уулу", ("нурлан", "тургун"), ""),
        ("Тургун уулу", ("тургун", "уулу"), ""),
        ("Айгуль Тургуновна", ("айгуль", "тургуновна"), ""),
        ("Karim bin Rashid", ("karim", "rashid"), ""),
        ("…", (), ""),
    ],
)
def test_a_form_is_read_as_its_words(form: str, words: tuple[str, ...], initial: str) -> None:
    name = read(form)
    assert (name.words, name.initial) == (words, initial)


@given(NAMES, NAMES, st.text(max_size=30), st.text(max_size=30))
def test_whoever_is_named_exactly_is_found_whatever_stands_around(a: str, b: str, before: str, after: str) -> None:
    index = Index([Form("c", "p", f"{a.title()} {b.title()}")])
    text = f"{before}\n\n{a.title()} {b.title()}\n\n{after}"
    hits = index.find(text)
    assert all(text[hit.start : hit.end] == hit.words for hit in hits)
    if len(read(f"{a} {b}").words) == 2 and a[0].isalpha() and b[0].isalpha() and a[-1].isalpha() and b[-1].isalpha():
        assert hits


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    index = Index([Form("c", "p", "Азимжан Аскаров"), Form("c", "q", text), Form("c", "r", f"{text} Ким")])
    assert all(text[hit.start : hit.end] == hit.words for hit in index.find(text))
