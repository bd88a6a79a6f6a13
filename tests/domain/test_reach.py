"""Whether a reader can still be there, and the reminders they want."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.domain import reach, wishes
from alerts.domain.countries import Country
from alerts.domain.errors import Invalid
from alerts.domain.reach import Far
from alerts.domain.times import at, on

KNOWN = {code: Country(code, f"{code}Z", "Asia/Bishkek") for code in ("KG", "KZ", "UZ")}


def kept(text: str) -> str:
    return reach.check(text, KNOWN)


# what they write


@pytest.mark.parametrize(
    ("written", "kept_as"),
    [
        ("", ""),
        ("kg two days", "KG two days"),
        ("KG: Two Days ; KZ/Almaty next day", "KG two days;KZ/Almaty next day"),
        ("else phone; KZ/Astana same day; KG next day", "KG next day;KZ/Astana same day;else phone"),
        ("KG two days; KG two days", "KG two days"),
        ("KZ/Ust-Kamenogorsk two days", "KZ/Ust-Kamenogorsk two days"),
    ],
)
def test_reach_is_kept_in_one_way_however_it_was_written(written, kept_as):
    assert kept(written) == kept_as
    assert kept(kept_as) == kept_as


def test_what_is_kept_reads_as_places_and_how_far_they_are():
    assert reach.places("KG two days;KZ/Nur Sultan same day;else phone") == {
        "KG": Far.TWO_DAYS, "KZ/Nur Sultan": Far.SAME_DAY, "else": Far.PHONE,
    }  # fmt: skip
    assert reach.places("") == {}


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("KG", "does not say how soon"),
        ("KG tomorrow", "as KG two days"),
        ("Astana same day", "as KZ/Astana same day"),
        ("KZ/ same day", "does not say how soon"),
        ("KZ/12 Main Street same day", "does not say how soon"),
        ("KG two days; kg phone", "twice"),
        (";".join(f"KZ/{'a' * n} phone" for n in range(1, 25)), "too many"),
    ],
)
def test_what_says_nothing_is_refused_with_the_way_out(written, why):
    with pytest.raises(Invalid, match=why):
        kept(written)


@pytest.mark.parametrize(
    ("written", "kept_as"),
    [
        ("T-3d, T-10d", "T-10d;T-3d"),
        ("t-3h;T-1d", "T-1d;T-3h"),
        ("T−3d", "T-3d"),  # with a minus as word processors write it
        ("T-1d; T-24h", "T-1d"),
    ],
)
def test_the_reminders_of_a_reader_are_kept_with_the_earliest_first(written, kept_as):
    assert wishes.rungs(written) == kept_as
    assert wishes.rungs(kept_as) == kept_as


@pytest.mark.parametrize("written", ["T+1d", "3 days", "T-0d", "T-91d", "T-73h", "T-3", "soon"])
def test_a_reminder_that_is_none_is_refused_in_one_sentence(written):
    with pytest.raises(Invalid, match="is no reminder: write days or hours before the date, as T-10d; T-3h"):
        wishes.rungs(written)


def test_a_reader_may_not_ask_for_a_reminder_every_hour():
    with pytest.raises(Invalid, match="9 reminders of one date are too many"):
        wishes.rungs(";".join(f"T-{hours}h" for hours in range(1, 10)))


# whether they can still be there

NINE = at("2026-11-25 09:00", "Asia/Bishkek")


@pytest.mark.parametrize(
    ("told", "hours", "expected"),
    [
        ("KG same day", 3, None),
        ("KG same day", 1, Far.SAME_DAY),
        ("KG next day", 24, None),  # told at nine the day before
        ("KG next day", 10, Far.NEXT_DAY),  # told at eleven the evening before
        ("KG two days", 72, None),
        ("KG two days", 24, Far.TWO_DAYS),
        ("KG phone", 1000, Far.PHONE),
        ("", 1, None),  # who did not say is asked as ever
        ("KZ two days", 1, None),
        ("KZ same day;else two days", 24, Far.TWO_DAYS),
    ],
)
def test_a_reader_is_asked_to_come_only_while_they_can_still_be_there(told, hours, expected):
    now = NINE.instant - timedelta(hours=hours)
    assert reach.away(told, "KG", "Pervomaisky district court", NINE, now) is expected


@pytest.mark.parametrize(
    ("court", "expected"),
    [
        ("Astana city court", Far.SAME_DAY),
        ("Medeu court, Almaty", Far.NEXT_DAY),
        ("Court of ALMATY and Astana", Far.NEXT_DAY),  # which of the two is not known: the farther one
        ("Astanaly district court", Far.TWO_DAYS),  # only resembles it
        ("", Far.TWO_DAYS),
    ],
)
def test_a_city_counts_where_the_court_s_name_says_it_else_the_whole_country(court, expected):
    assert reach.far_from("KZ two days;KZ/Almaty next day;KZ/Astana same day", "KZ", court) is expected


def test_where_they_named_cities_only_the_farthest_stands_for_a_court_in_a_city_unsaid():
    assert reach.far_from("KZ/Almaty next day;KZ/Astana same day;else phone", "KZ", "Medeu court") is Far.NEXT_DAY
    assert reach.far_from("KZ/Almaty next day;else phone", "UZ", "Almaty") is Far.PHONE
    assert reach.far_from("KZ/Almaty next day", "", "Almaty") is None


def test_of_a_vague_date_the_last_moment_counts():
    day = on("2026-11-25", "Asia/Bishkek")
    assert reach.away("KG next day", "KG", "", day, day.instant - timedelta(hours=15)) is None
    assert reach.away("KG two days", "KG", "", day, day.instant - timedelta(hours=15)) is Far.TWO_DAYS


@given(
    st.sampled_from([f"KG {far}" for far in Far]), st.integers(-500, 5000), st.integers(0, 99)
)  # fmt: skip
def test_who_can_be_there_could_have_been_there_had_they_known_earlier(told, minutes, earlier):
    now = NINE.instant - timedelta(minutes=minutes)
    if reach.away(told, "KG", "", NINE, now) is None:
        assert reach.away(told, "KG", "", NINE, now - timedelta(minutes=earlier)) is None
