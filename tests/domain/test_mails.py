"""What a mail says in its first line, of time, and to whom it says nothing."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from readings import BARE, DAY, FICTION, LINKS, NOTICE, READINGS, SETTINGS, SUIT, SUMMIT, URGENT, Settings

from alerts.domain.alerts import Kind, Notice
from alerts.domain.labels import Label
from alerts.domain.letters import Kind as LetterKind
from alerts.domain.messages import Links, Message, Reading
from alerts.domain.times import at, between, on
from alerts.render import Render, clean

render = Render(SETTINGS)


def subject(name: str, language: str = "en") -> str:
    reading = READINGS[name]
    return render.subject(reading.alert, reading.edition, language, country=reading.country)


def mail(reading: Reading) -> Message:
    return render.message(reading, id="1@example.org", date=DAY)


@pytest.mark.parametrize(
    ("name", "english", "russian"),
    [
        ("reminder", "Thu 3 Dec 10:00, court hearing, Bishkek: can you attend? (KG-4)",
         "Чт 3 дек 10:00, суд, Бишкек: сможете прийти? (KG-4)"),
        ("reminder of a day", "Thu 3 Dec, hearing, Pervomaisky district court, room 4: can you attend? (KG-4)",
         "Чт 3 дек, слушание, Pervomaisky district court, room 4: сможете прийти? (KG-4)"),
        ("reminder of a vague date", "Hearing expected in February 2010, Dushanbe (Solidzhon Dzhuraev and others)",
         "Слушание ожидается: февраль 2010\u00a0г., Душанбе (Solidzhon Dzhuraev и другие)"),
        ("reminder of a summit", "1–2 December 2010, OSCE Summit, Astana: please prepare",
         "1–2 декабря 2010\u00a0г., Саммит ОБСЕ, Астана: просим подготовиться"),
        ("moved to tomorrow", "CORRECTION: hearing TOMORROW 09:00, not 1 Dec – Bishkek (KG-4)",
         "ИСПРАВЛЕНИЕ: слушание ЗАВТРА в 09:00, а не 1 декабря – Бишкек (KG-4)"),
        ("moved by an hour", "CORRECTION: hearing Thu 3 Dec 10:00, not 11:00 – Bishkek (KG-4)",
         "ИСПРАВЛЕНИЕ: слушание чт 3 дек 10:00, а не 11:00 – Бишкек (KG-4)"),
        ("cancelled", "CORRECTION: hearing 3 Dec cancelled – Bishkek (KG-4)",
         "ИСПРАВЛЕНИЕ: слушание 3 декабря отменяется – Бишкек (KG-4)"),
        ("withdrawal", "Please delete our mail 7KQ4", "Просим удалить наше письмо 7KQ4"),
    ],
)  # fmt: skip
def test_a_subject_says_when_or_where_then_what_then_what_is_asked(name: str, english: str, russian: str) -> None:
    assert (subject(name), subject(name, "ru")) == (english, russian.replace("\u00a0", " "))


def test_without_a_place_or_a_court_the_subject_says_the_country() -> None:
    alert = replace(READINGS["reminder"].alert, notice=replace(NOTICE, place="", court=""))
    assert render.subject(alert, BARE, "ru", country="KG").startswith("Чт 3 дек 10:00, суд, Кыргызстан: сможете")
    assert render.subject(alert, BARE, "en").startswith("Thu 3 Dec 10:00, court hearing: can you attend?")


def test_a_hearing_put_off_has_no_date_in_its_subject() -> None:
    assert subject("put off") == "CORRECTION: hearing put off, no new date – Dushanbe (Solidzhon Dzhuraev and others)"


def test_a_vague_date_is_written_as_it_was_claimed() -> None:
    reading = READINGS["moved to a vague date"]
    unnamed = replace(reading.alert, kind=Kind.REMINDER, notice=replace(reading.alert.notice or SUIT, names=()))
    assert render.subject(unnamed, BARE, "en") == "Hearing expected mid-May 2010, Dushanbe (TJ-DZHURAEV)"
    assert render.subject(unnamed, BARE, "ru") == "Слушание ожидается в середине мая 2010 г., Душанбе (TJ-DZHURAEV)"


def test_a_claim_that_russian_has_no_words_for_stays_in_quotes() -> None:
    time = between("after the holidays", "2010-01-10", "2010-01-31", "Asia/Dushanbe")
    assert render.when(time, "ru") == ["«after the holidays»"]
    assert render.when(time, "en") == ["after the holidays"]


def test_tomorrow_is_tomorrow_on_the_courts_clock() -> None:
    alert = READINGS["moved to tomorrow"].alert
    midnight_passed_in_bishkek = replace(alert, published_at=datetime(2026, 11, 24, 18, 30, tzinfo=UTC))
    assert "TODAY 09:00" in render.subject(midnight_passed_in_bishkek, BARE, "en")
    unpublished = replace(alert, published_at=None)
    assert "hearing Wed 25 Nov 09:00, not 1 Dec" in render.subject(unpublished, BARE, "en")


def test_the_year_is_said_where_it_is_another_one() -> None:
    alert = replace(URGENT, kind=Kind.REMINDER, notice=replace(NOTICE, when=at("2027-01-08 10:00", "Asia/Bishkek")))
    assert render.subject(alert, BARE, "en").startswith("Fri 8 Jan 2027 10:00, court hearing")


def test_the_courts_clock_comes_first_and_the_readers_only_where_it_differs() -> None:
    hearing = at("2026-12-03 10:00", "Asia/Bishkek")
    assert render.when(hearing, "en", "Asia/Almaty") == ["Thursday 3 December 2026, 10:00, Bishkek", "09:00 in Almaty"]
    assert render.when(hearing, "en", "Asia/Omsk") == ["Thursday 3 December 2026, 10:00, Bishkek"]
    early = at("2026-12-03 03:00", "Asia/Bishkek")
    assert render.when(early, "en", "Europe/Vienna")[1] == "Wednesday 2 December 2026, 22:00 in Vienna"
    assert render.when(early, "ru", "Europe/Vienna")[1] == "среда, 2 декабря 2026\u00a0г., 22:00 (Вена)"


@pytest.mark.parametrize(
    ("time", "english", "russian"),
    [("2010-09-15", "15 September 2010", "15 сентября 2010\u00a0г."), ("2010-06", "June 2010", "июнь 2010\u00a0г."),
     ("2010", "2010", "2010\u00a0г.")],
)  # fmt: skip
def test_a_partial_date_gets_no_day_and_no_hour(time: str, english: str, russian: str) -> None:
    assert render.when(on(time, "Asia/Bishkek"), "en", "Asia/Almaty") == [english]
    assert render.when(on(time, "Asia/Bishkek"), "ru", "Asia/Almaty") == [russian]


@pytest.mark.parametrize("language", render.languages)
def test_a_withdrawal_repeats_nothing_by_which_its_matter_could_be_known(language: str) -> None:
    alert = replace(
        URGENT, kind=Kind.WITHDRAWAL, label=Label.GREEN, number="UA 014/2026 KGZ", reference="8ABC", ordinal=3,
        notice=Notice("", code="7KQ4"),
    )  # fmt: skip
    edition = replace(FICTION, language=language)
    reading = Reading(alert, edition, language, because=("KG", "KG-4"), code="KG-4", country="KG", links=LINKS)
    message = mail(replace(reading, earlier=(("UA 014/2026 KGZ", DAY),)))
    said = "".join((message.subject, message.text, message.html, *message.headers.values()))
    for word in ("Sample", "Bishkek", "Бишкек", "KG", "Kyrgyz", "Кыргыз", "014"):
        assert word not in said
    assert "7KQ4" in message.subject


def test_only_what_is_public_has_a_number() -> None:
    numbered = replace(URGENT, number="UA 014/2026 KGZ", ordinal=2)
    public = mail(replace(READINGS["urgent"], alert=replace(numbered, label=Label.GREEN)))
    assert "Ref UA 014/2026 KGZ · 7KQ4" in public.text and "Second issue under this number." in public.text
    trusted = mail(replace(READINGS["urgent"], alert=numbered))
    assert "014" not in trusted.text + trusted.html and trusted.headers["X-TLP"] == "TLP:AMBER"


def test_a_message_says_apart_what_it_is_and_no_number_that_its_text_does_not_show() -> None:
    numbered = replace(URGENT, number="UA 014/2026 KGZ")
    public = replace(READINGS["urgent"], alert=replace(numbered, label=Label.GREEN))
    gone = replace(public, alert=replace(public.alert, kind=Kind.WITHDRAWAL, notice=Notice("", code="7KQ4")))
    said = [(m.kind, m.number, m.reference) for m in (mail(public), mail(READINGS["urgent"]), mail(gone))]
    assert said == [("urgent", "UA 014/2026 KGZ", "7KQ4"), ("urgent", "", "7KQ4"), ("withdrawal", "", "7KQ4")]
    assert not any("014/2026" in value for value in mail(public).headers.values())


def test_one_click_is_promised_only_where_there_is_one() -> None:
    headers = mail(READINGS["urgent"]).headers
    assert headers["List-Unsubscribe"] == (
        "<https://vigil.example.org/l/now>, <mailto:answers@vigil.example.org?subject=LEAVE>"
    )
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Id"] == "<alerts.vigil.example.org>"
    by_mail = mail(replace(READINGS["urgent"], links=Links())).headers
    assert by_mail["List-Unsubscribe"] == "<mailto:answers@vigil.example.org?subject=LEAVE>"
    assert "List-Unsubscribe-Post" not in by_mail


def test_a_reader_without_an_edition_is_told_so_in_their_language() -> None:
    french = replace(READINGS["urgent"], language="fr")
    assert "d'édition dans votre langue ; vous recevez la première, en anglais." in mail(french).text
    assert mail(french).headers["Content-Language"] == "en"
    assert "edition in your language" not in mail(READINGS["urgent"]).text


def test_an_exercise_and_a_test_say_so_first() -> None:
    desk = Render(Settings(exercise="EXERCISE: <nothing> here is real."))
    message = desk.message(READINGS["urgent"], id="1@example.org", date=DAY, to_test=True)
    assert message.text.startswith("EXERCISE: <nothing> here is real.\n")
    assert "EXERCISE: &lt;nothing&gt; here is real." in message.html
    assert message.subject.startswith("TEST – ") and "TEST: this mail went to one address only" in message.text


def test_a_language_that_no_native_has_read_says_so() -> None:
    assert render.reviewed("en") and not render.reviewed("ru")
    russian = replace(READINGS["urgent"], edition=replace(FICTION, language="ru"))
    assert "носитель языка его ещё не читал" in mail(russian).text
    assert "native speaker" not in mail(READINGS["urgent"]).text


def test_text_that_others_wrote_cannot_hide_or_act() -> None:
    message = mail(READINGS["urgent, hostile"])
    for part in (message.subject, message.text, message.html):
        assert not any(mark in part for mark in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x07\x1b")
    assert "<script" not in message.html and "&lt;script&gt;alert(1)&lt;/script&gt;" in message.html
    assert "mailto:%22" not in message.html


def test_a_long_line_is_folded_between_words_and_never_inside_an_entity() -> None:
    assert clean.folded("word " * 400).replace("\n", " ").split() == ["word"] * 400
    assert all(line.count("&") == line.count(";") for line in clean.folded("&amp;" * 900).split("\n"))
    assert clean.folded("é" * 2000).replace("\n", "") == "é" * 2000


def test_a_confirmation_passes_on_no_link_and_no_number_that_a_stranger_typed() -> None:
    details = {"topics": "unfair trial;http://spam.example;call 555 1234;win.example", "countries": "KG"}
    letter = render.letter(LetterKind.CONFIRM, "en", link="https://d.example/c/1", details=details, id="1@e", date=DAY)
    assert "about: Kyrgyzstan, unfair trial." in letter.text
    assert "spam" not in letter.text and "555" not in letter.text and "win" not in letter.html


def test_a_summit_has_no_case_and_needs_none() -> None:
    alert = replace(URGENT, kind=Kind.REMINDER, notice=replace(SUMMIT, place=""), countries=())
    assert render.subject(alert, BARE, "en") == "1–2 December 2010, OSCE Summit: please prepare"
