"""Staff who asked for it hear of sources that need a look: of starred ones at once, of the rest once a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import CLEO, HOUR, MINUTE, NOON

from alerts.domain.health import OUR_NETWORK
from alerts.domain.letters import Kind
from alerts.domain.watching import Habits, Health, Source
from alerts.render import Render
from alerts.services import letters, sourcenews, staffing
from alerts.settings import load
from alerts.store.tables import SOURCE

SETTINGS = load(None, {"VIGIL_SMTP__SENDER": "desk@desk.example"})
DAY = timedelta(days=1)


@pytest.fixture
def told(store, queue):
    """Cleo is told. `told(now)`: the letters so far, as their kind and the sources in them."""
    staffing.notices(store, CLEO.email, True, by=CLEO, now=NOON)

    def tell(now):
        sourcenews.tell(store, queue, SETTINGS, now)
        with store.read() as tx:
            found = sorted(tx.letters.where(), key=lambda letter: letter.created_at)
        details = [letters.details_of(letter) for letter in found]
        return [
            (str(letter.kind), [line.split("\t")[1] for line in said.get("sources", "").splitlines()])
            for letter, said in zip(found, details, strict=True)
        ]

    return tell


def watch(store, title, health=Health.BROKEN, starred=False, failures=3, since=NOON - DAY, reason="why"):
    source = Source(
        title, f"https://{title}.example.org/", title, starred=starred, health=health, reason=reason,
        failures=failures, habits=Habits(since=since), polled_at=NOON,
    )  # fmt: skip
    with store.begin() as tx:
        tx.sources.add(source)


def test_a_starred_source_is_told_of_at_once_and_once(store, told):
    watch(store, "star", starred=True, failures=2, since=NOON - MINUTE)
    watch(store, "blip", starred=True, failures=1, since=NOON - MINUTE)
    early = NOON.replace(hour=3)
    assert told(early) == [("sources", ["star"])]
    assert told(early + 5 * HOUR) == [("sources", ["star"])]


def test_the_rest_comes_in_one_letter_a_day_in_the_morning(store, told):
    watch(store, "one")
    watch(store, "new", since=NOON - HOUR)
    watch(store, "well", Health.OK, failures=0)
    assert told(NOON.replace(hour=6)) == []
    assert told(NOON.replace(hour=8)) == [("sources", ["one"])]
    watch(store, "two", Health.QUIET, failures=0)
    assert len(told(NOON + 10 * HOUR)) == 1, "one a day"
    assert told(NOON + DAY)[1:] == [("sources", ["new", "two"])]
    assert len(told(NOON + 3 * DAY)) == 2, "each of them once"


def test_another_state_is_told_anew(store, told):
    watch(store, "one")
    told(NOON)
    with store.begin() as tx:
        source = tx.sources.get("one")
        tx.sources.save(replace(source, health=Health.GONE, habits=replace(source.habits, since=NOON + DAY)))
    assert len(told(NOON + 2 * DAY)) == 2


def test_that_our_network_is_away_is_told_once(store, told):
    watch(store, "one", Health.OK, failures=0, reason=OUR_NETWORK)
    assert told(NOON + MINUTE) == [("network", [])]
    assert len(told(NOON + 10 * MINUTE)) == 1


def test_whoever_did_not_ask_for_it_is_told_nothing(store, told):
    watch(store, "one")
    staffing.notices(store, CLEO.email, False, by=CLEO, now=NOON)
    assert told(NOON) == []
    with store.read() as tx:
        assert tx.sources.count(SOURCE.c.habits.like("%broken%")) == 0, "and it is told once somebody asks"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("Sources that need a look", "2 sources that are watched need a look", "broken", "turns us away", "why"),
        ),
        ("ru", ("надо взглянуть", "Надо взглянуть на 2 источника", "не работает", "не пускает нас")),
    ],
)
def test_the_letter_names_each_with_its_state_and_reason(store, told, language, words):
    watch(store, "one")
    watch(store, "two", Health.BLOCKED)
    told(NOON)
    with store.read() as tx:
        details = letters.details_of(tx.letters.where()[0])
    made = Render(SETTINGS).letter(Kind.SOURCES, language, link="", details=details, id="1@desk.example", date=NOON)
    assert all(word in made.subject + made.text for word in words)
    assert all(word in made.html for word in words[1:])


def test_the_link_leads_to_the_page_of_the_sources(store, told):
    watch(store, "one")
    told(NOON)
    with store.read() as tx:
        letter = tx.letters.where()[0]
    mail = letters.letter_mail(store, store.vault, "https://desk.example", letter, NOON)
    assert mail.link == "https://desk.example/settings"
