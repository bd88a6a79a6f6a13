"""The first words of a reply are understood where they can mean one thing only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.domain import replywords
from alerts.domain.replywords import PHRASES, Word, alone, asks_for, folded, own, quoted, word
from alerts.render import Render
from alerts.settings import load

YES, CANNOT, CALL_ME, LEAVE = Word.YES, Word.CANNOT, Word.CALL_ME, Word.LEAVE


@pytest.mark.parametrize("kind", [YES, CANNOT, CALL_ME, LEAVE])
def test_every_phrase_is_understood_however_it_is_written(kind: Word) -> None:
    for phrase in PHRASES[kind]:
        for written in (phrase, phrase.upper(), f"  {phrase}.", f"{phrase}\r\nJan Novak", phrase.replace("'", "’")):
            assert word(written) is kind, written


def test_no_phrase_means_two_things() -> None:
    every = [folded(phrase) for phrases in PHRASES.values() for phrase in set(map(folded, phrases))]
    assert len(every) == len(set(every))


@pytest.mark.parametrize("language", Render(load(None, {})).languages)
def test_every_word_that_our_mails_ask_for_is_understood(language: str) -> None:
    say = Render(load(None, {}))._catalogue(language).say
    asked = {
        say("YES"): YES, say("CAN'T"): CANNOT, say("CALL ME"): CALL_ME, say("I COME"): YES, say("COLLEAGUE"): YES,
        "LEAVE": LEAVE, "YES": YES,
    }  # fmt: skip
    assert {words: word(words) for words in asked} == asked
    assert word(say("PHONE")) is None, "who telephones does not come: a person reads it"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Yes, we will attend with two people.", YES),
        ("Dear colleagues,\n\nYes, I will attend.", YES),
        ("“Yes”", YES),
        ("can't come on Thursday", CANNOT),
        ("I cannot attend – but my deputy may", CANNOT),
        ("Не могу, я в отпуске", CANNOT),
        ("Call me tomorrow after nine", CALL_ME),
        ("Leave, please. Thank you!", LEAVE),
        ("Please leave", None),
        ("Leave to appeal was refused on Tuesday", None),
        ("leave it with me", None),
        ("Leave? Why should I?", None),
        ("No problem, we come", None),
        ("Yes? Who is this?", None),
        ("Yes, but I cannot come", None),
        ("Can't open the attachment", None),
        ("Colleague Sample was taken too", None),
        ("Ha, ha, very funny", None),
        ("нет связи с адвокатом", None),
        ("Thank you for your mail.", None),
        ("> YES", None),
        ("", None),
        ("\n \n", None),
    ],
)
def test_what_could_mean_something_else_is_left_to_a_person(text: str, kind: Word | None) -> None:
    assert word(text) is kind


QUOTES = {
    "On Tue, Jan 1, 2030 at 12:00 PM Desk <desk@desk.example> wrote:\n> LEAVE",
    "On Tue, Jan 1, 2030 at 12:00 PM Desk\n<desk@desk.example> wrote:\nLEAVE",
    "вт, 1 янв. 2030 г. в 12:00, Бюро <desk@desk.example>:\nLEAVE",
    "01.01.2030 12:00, Desk пишет:\nLEAVE",
    "Le mar. 1 janv. 2030 à 12:00, Desk <desk@desk.example> a écrit :\nLEAVE",
    "Am 01.01.2030 um 12:00 schrieb Desk <desk@desk.example>:\nLEAVE",
    "-----Original Message-----\nFrom: Desk\nLEAVE",
    "________________________________\nLEAVE",
    "От: Desk <desk@desk.example>\nLEAVE",
    "-- \nJan Novak\nLEAVE",
    "Sent from my telephone",
}


@pytest.mark.parametrize("rest", sorted(QUOTES))
def test_only_what_they_wrote_themselves_counts(rest: str) -> None:
    text = f"We come.\n\n{rest}"
    assert own(text) == "We come." and quoted(text) == rest
    assert word(text) is YES or word(text) is None
    assert word(f"{rest}\nYES") is None or rest.startswith("Sent")


@pytest.mark.parametrize(
    ("subject", "kind"), [("LEAVE", LEAVE), ("leave", LEAVE), ("Leave of absence", None), ("YES", None), ("", None)]
)
def test_a_subject_alone_can_only_leave(subject: str, kind: Word | None) -> None:
    assert alone(subject) is kind


def test_who_asks_for_a_country_says_it_after_the_word() -> None:
    assert asks_for("Subscribe: Kyrgyzstan, please") == ("kyrgyzstan please", "en")
    assert asks_for("Подписка Қазақстан")[1] == "ru"
    assert asks_for("We subscribe to nothing") == ("", "")


@given(st.text(max_size=500))
def test_no_text_stops_the_reading(text: str) -> None:
    word(text), own(text), quoted(text), asks_for(text), alone(text), replywords.plain_subject(text)
