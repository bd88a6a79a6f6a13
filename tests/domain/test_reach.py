"""Whether a reader can still be there, and the reminders they want."""

import pytest

from alerts.domain import reach, wishes
from alerts.domain.countries import Country
from alerts.domain.errors import Invalid
from alerts.domain.reach import Far

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
