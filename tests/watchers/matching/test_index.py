"""Who is named in a text, in whatever spelling and case, and who is not."""

from __future__ import annotations

import unicodedata

import pytest

from alerts.domain.watching import Tier
from watchers.matching import Form, Index

INDEX = Index(
    [
        Form("case", "azimjan", "Азимжан Аскаров"),
        Form("case", "azimjan", "Azimjon Asqarov"),
        Form("case", "bakhrom", "Bakhrom Hamroev"),
        Form("case", "gulnora", "Гульнара Каримова"),
        Form("case", "oybek", "Oʻgʻiloy Joʻrayeva"),
        Form("case", "tolekan", "Толекан Исмаилова"),
        Form("other", "andrei", "Андрей Ёлкин"),
        Form("other", "kasym", "Касым-Жомарт Токаев"),
        Form("other", "nurlan", "Нурлан Тургун уулу"),
        Form("other", "three", "Мухаммад Солих Каримзода"),
        Form("other", "ilham", "伊力哈木·土赫提"),
        Form("other", "narges", "نرگس محمدی"),
        Form("other", "mir", "Мир"),
    ]
)


def found(text: str, most: Tier = Tier.LIKELY) -> list[str]:
    """Who is found so surely that somebody is told."""
    hits = INDEX.find(text)
    assert all(text[hit.start : hit.end] == hit.words for hit in hits)
    return [hit.person_id for hit in hits if hit.tier <= most]


def test_a_match_says_which_form_is_which_words_and_where_they_stand() -> None:
    text = "Суд в Бишкеке 😀: Азимжана Аскарова оставили под стражей."
    (hit,) = INDEX.find(text)
    assert (hit.case_id, hit.person_id, hit.form) == ("case", "azimjan", "Азимжан Аскаров")
    assert (hit.words, text[hit.start : hit.end]) == ("Азимжана Аскарова", "Азимжана Аскарова")
    assert (hit.tier, 99 < hit.score <= 100) == (Tier.SURE, True)


@pytest.mark.parametrize(
    "text",
    [
        "АЗИМЖАН АСКАРОВ", "азимжан\n  аскаров", "«Азимжан Аскаров»,", "Азимжан\u00a0Аскаров", "Аскаров Азимжан",
        "Азимжаном Аскаровым", "об Азимжане Аскарове", "Аскарову Азимжану", "Азимжан Тургунович Аскаров",
        "Аскаров, Азимжан", "Аскарова Азимжана Тургуновича", "Азимжан Т. Аскаров", "Azimzhan Askarov’s lawyer",
        "Azimjan Askarow", "Азимжан Асқаровтың ісі", "Азимжон Асқаровнинг иши", "Азимжан Аскаровго каршы",
        "Azimjon Asqarovga", "Азимжон Асқаровро", "Aзимжaн Acкapов", "Аз\u00adимжан Аскаров", "Азимжан «Ака» Аскаров",
        "Азимжан-ака Аскаров", "#азимжан_аскаров",
    ],
)  # fmt: skip
def test_case_spelling_script_order_and_disguise_do_not_matter(text: str) -> None:
    assert found(text) == ["azimjan"]


@pytest.mark.parametrize("mark", "ʻʼ’‘'`")
def test_every_apostrophe_of_uzbek_is_one(mark: str) -> None:
    assert found("O‘g‘iloy Jo‘rayevaning uyi".replace("‘", mark)) == ["oybek"]
    assert found("Угилой Жураеву задержали") == ["oybek"]


@pytest.mark.parametrize(
    "text",
    [
        "Неаскаров Азимжан", "Bakhrom. Hamroev", "Bakhrom, Hamroev", "Азимжан? Аскаров!", "Алишер Аскаров",
        "Азимжан Юсупов", "Азимжан Касаров", "Азимбек Аскаров", "Азимжан Петров, Сергей Аскаров",
        "Это Сергей Аскаров и Азимжан Петров", "Азимжан\n\nАскаров", "Азимжан Аскаров-Петров",
        "Каримова сказала. Гульнара молчит", "Гульнар Каримов", "Вчера Толекан и Исмаилова", "Азимжан и его Аскаров",
        "",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_name_is_none(text: str) -> None:
    assert found(text) == []


def test_how_an_accent_is_encoded_does_not_matter() -> None:
    text = unicodedata.normalize("NFD", "Вчера Андрей Ёлкин вышел. Андреем Елкиным довольны.")
    assert found(text) == ["andrei", "andrei"]


def test_a_double_name_is_found_with_and_without_its_hyphen() -> None:
    assert (
        found("Касым-Жомарта Токаева, Касымжомарт Токаев, Kassym-Jomart Tokayev, Касым Жомарт Токаев") == ["kasym"] * 4
    )


def test_son_and_daughter_of_may_be_left_out_but_not_the_father_where_there_is_no_other_name() -> None:
    assert found("Нурлан Тургун уулу кармалды. Нурлана Тургуна. Нурлан пришёл.") == ["nurlan", "nurlan"]


def test_of_a_name_of_three_words_two_are_not_enough_to_tell_anybody() -> None:
    assert found("Мухаммада Солиха Каримзоду; Muhammad Solih Karimzoda") == ["three", "three"]
    assert found("Мухаммад Каримзода") == []
    assert found("Мухаммад Каримзода", Tier.PERHAPS) == ["three"]


def test_a_name_in_another_script_is_found_as_it_is_written() -> None:
    assert found("维吾尔学者伊力哈木·土赫提被捕，伊力哈木土赫提") == ["ilham", "ilham"]
    assert found("بازداشت نرگس محمدي و نرگس محمدی") == ["narges", "narges"]


def test_an_initial_will_do_where_nobody_else_has_it() -> None:
    assert found("А. Аскаров; А.Т. Аскаровым; Аскаров А. и Askarov A.") == ["azimjan"] * 4
    assert found("Н. Аскаров; В. А. Аскаров; А. Каримов; Карпов А. Аскарян") == []
    two = Index([Form("c", "one", "Азимжан Аскаров"), Form("c", "two", "Алишер Аскаров")])
    assert [(hit.person_id, hit.tier) for hit in two.find("А. Аскаров")] == [
        ("one", Tier.PERHAPS), ("two", Tier.PERHAPS),
    ]  # fmt: skip


def test_small_letters_are_a_name_only_where_they_are_no_words() -> None:
    assert found("вчера азимжана аскарова увезли") == ["azimjan"]
    assert found("Вчера азимжана аскарова увезли") == ["azimjan"]
    index = Index([Form("c", "vera", "Вера Мир"), Form("c", "li", "Ли На")])
    assert [hit.tier for hit in index.find("Осталась вера миру и на ли.")] == [Tier.PERHAPS]


def test_a_name_of_one_word_must_be_written_with_a_capital() -> None:
    assert found("Мир сказал") == ["mir"]
    assert found("за мир") == []
    assert found("за мир", Tier.PERHAPS) == ["mir"]


def test_the_longest_form_wins_and_each_place_counts_once() -> None:
    index = Index([Form("c", "a", form) for form in ("Азимжан Аскаров", "Аскаров", "А. Аскаров")])
    text = "Азимжан Аскаров. А.Аскаров сказал, и Аскаров"
    assert [(hit.words, hit.tier) for hit in index.find(text)] == [
        ("Азимжан Аскаров", Tier.SURE), ("А.Аскаров", Tier.SURE), ("Аскаров", Tier.SURE),
    ]  # fmt: skip


def test_two_people_of_one_name_are_both_found_and_a_form_of_dots_nowhere() -> None:
    index = Index(
        [Form("a", "one", "Али Ким"), Form("b", "two", "Али Ким"), Form("a", "one", "…"), Form("a", "one", "")]
    )
    assert [hit.person_id for hit in index.find("Али Ким … ")] == ["one", "two"]


def test_whom_words_name_exactly_they_do_not_name_in_another_case_or_spelling() -> None:
    index = Index([Form("c", "he", "Азиз Каримов"), Form("c", "she", "Азиза Каримова")])
    assert {hit.person_id: hit.tier for hit in index.find("Азиза Каримова")} == {"she": Tier.SURE, "he": Tier.PERHAPS}
    assert {hit.person_id: hit.tier for hit in index.find("Азизом Каримовым")} == {"he": Tier.SURE}


def test_a_word_that_is_somebodys_name_is_no_misspelling_of_anothers() -> None:
    alone = Index([Form("c", "one", "Vladko Kopac")])
    assert [hit.tier for hit in alone.find("Vlatko Kopac")] == [Tier.LIKELY]
    both = Index([Form("c", "one", "Vladko Kopac"), Form("c", "two", "Vlatko Hansen")])
    assert both.find("Vlatko Kopac") == []


def test_not_them_silences_a_likeness_and_sinks_a_name() -> None:
    forms = [Form("c", "g", "Гульнара Каримова")]
    assert [hit.tier for hit in Index(forms).find("Гулнора Каримова")] == [Tier.LIKELY]
    assert Index(forms, [("g", "Гулнора Каримова")]).find("Гулнора Каримова, Гулноры Каримовой") == []
    sunk = Index(forms, [("g", "Гульнара Каримова")]).find("Каримову Гульнару")
    assert [hit.tier for hit in sunk] == [Tier.PERHAPS]
    assert len(Index(forms, [("other", "Гульнара Каримова")]).find("Гульнара Каримова")) == 1
