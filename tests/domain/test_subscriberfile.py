"""A CSV of subscribers names every line and field that it refuses, and takes the rest as it stands."""

from __future__ import annotations

import pytest

from alerts.domain.subscriberfile import NEEDED, Wanted, parse, wanted
from alerts.services.addresses import address
from alerts.settings import countries

HEADER = ",".join(NEEDED)


def parsed(*rows: str, header: str = HEADER) -> tuple[list[Wanted], list[str]]:
    text = "\n".join((header, *rows))
    found, refusals = parse(text.splitlines(keepends=True), countries(), address)
    return found, [str(refusal) for refusal in refusals]


def test_a_row_becomes_what_one_person_wants() -> None:
    [row], refusals = parsed(
        'Jan@Mission.EXAMPLE,"de Vries, Jan",Embassy,diplomat,EN,kg; KZ,KG-1,fair trial,urgent,daily'
    )
    assert refusals == []
    assert (row.line, row.email, row.name, row.language) == (2, "Jan@mission.example", "de Vries, Jan", "en")
    assert (row.countries, row.cases, row.topics, row.kinds) == (("KG", "KZ"), ("KG-1",), ("fair trial",), ("urgent",))


def test_columns_may_stand_in_any_order_and_the_first_may_carry_a_byte_order_mark() -> None:
    header = "\ufeff" + ",".join(reversed((*NEEDED, "zone", "quiet")))
    [row], _ = parsed("22-7,Asia/Bishkek,weekly,,,,KG,ru,ngo,O,N,a@x.example", header=header)
    assert (row.email, row.quiet, row.zone, row.cadence) == ("a@x.example", "22-07", "Asia/Bishkek", "weekly")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a@x.example,,,ngo,en,,,,,", "this subscribes to nothing: name at least one country, case or topic"),
        ("a@x.example,,,king,en,KG,,,,", "kind: “king” is none of diplomat, ngo, media, other"),
        ("a@x.example,,,ngo,english,KG,,,,", "language: “english” is not a language: write its two letters, as en"),
        ("a@x.example,,,ngo,en,XX,,,,", "countries: “XX” is not a country: write its two letters, as KG"),
        ("a@x.example,,,ngo,en,KG,,,,hourly", "cadence: “hourly” is none of immediate, daily, weekly"),
        (",,,ngo,en,KG,,,,", "email: the address is empty"),
        ("a@b@c,,,ngo,en,KG,,,,", "email: “a@b@c” is not a mail address"),
        ("a@x.example,,,ngo,en,KG", "6 values, but the first line names 10: is a quote missing?"),
        ('"a@x.example\nBcc: b@x.example",,,ngo,en,KG,,,,', "email: must be one line, without control characters"),
        ('"""a b""@x.example",,,ngo,en,KG,,,,', "email: “\"a b\"@x.example” is not a mail address"),
    ],
)  # fmt: skip
def test_a_row_that_makes_no_sense_is_refused_with_its_line_and_field(row: str, reason: str) -> None:
    found, refusals = parsed("ok@x.example,,,,,KG,,,,", row)
    assert [one.email for one in found] == ["ok@x.example"]
    assert refusals == [f"line 3: {reason}"]


def test_zone_quiet_hours_and_days_are_checked() -> None:
    _, [refusal] = parsed(
        "a@x.example,,,,,KG,,,,,Mars/Base,22-25,2010-02-30", header=f"{HEADER},zone,quiet,consented_on"
    )
    assert refusal == (
        "line 2: zone: There is no time zone “Mars/Base”: write one as Asia/Bishkek; quiet: “22-25” are no quiet "
        "hours: write them as 22-07; consented_on: “2010-02-30” is not a day: write it as 2026-12-01"
    )


def test_reach_reminders_and_the_calendar_are_read_and_checked() -> None:
    header = f"{HEADER},reach,rungs,nag,calendar_names"
    [row], refusals = parsed(
        'a@x.example,,,,,KG,,,,,KG two days; KZ/Almaty next day,"T-3h, T-10d",yes,no', header=header
    )
    assert refusals == []
    assert (row.reach, row.rungs) == ("KG two days;KZ/Almaty next day", "T-10d;T-3h")
    assert (row.nag, row.calendar_names) == (True, False)
    _, [refusal] = parsed("a@x.example,,,,,KG,,,,,soon,T+1d,perhaps,", header=header)
    assert refusal == (
        "line 2: reach: “soon” does not say how soon you can be where: write a country, or a city in it, and one of "
        "same day, next day, two days, phone, as KG two days; KZ/Almaty next day; rungs: “T+1d” is no reminder: write "
        "days or hours before the date, as T-10d; T-3h, up to 90 days or 72 hours; nag: “perhaps” is neither yes nor no"
    )


def test_a_second_row_of_an_address_is_one_more_subscription_if_it_asks_for_something_else() -> None:
    found, refusals = parsed("a@x.example,Jan,,,,KG,,,,", "A@X.example,,,,,KZ,,torture,,")
    assert (len(found), refusals) == (2, [])
    _, refusals = parsed("a@x.example,Jan,,,,KG,,,,", "A@X.example,,,,,KG,,,,", "a@x.example,Eve,,,,KZ,,,,")
    assert refusals == [
        "line 3: email: this address stands in line 2 already, and asks for the same there",
        "line 4: name: line 2 says “Jan” of this address, and this line “Eve”",
    ]


def test_heads_of_mission_are_named_by_staff_and_never_by_a_form() -> None:
    rows = [f"{name}@x.example,,,,,KG,,,,,{head}" for name, head in (("a", "yes"), ("b", "No"), ("c", ""), ("d", "1"))]
    found, refusals = parsed(*rows, header=f"{HEADER},head")
    assert [row.head for row in found] == [True, False, None]
    assert refusals == ["line 5: head: “1” is neither yes nor no"]
    assert wanted({"email": "a@x.example", "countries": "KG", "head": "yes"}, countries(), address).head is None


def test_an_unclosed_quote_is_told_where_it_opens() -> None:
    found, refusals = parsed("ok@x.example,,,,,KG,,,,", 'a@x.example,"Jan,,,,KG,,,,', "b@x.example,,,,,KG,,,,")
    assert len(found) == 1
    assert refusals == ["line 3: this is not CSV from here on: unexpected end of data"]


def test_unknown_missing_and_doubled_columns_are_named() -> None:
    assert parsed(header=f"{HEADER},colour")[1][0].startswith(
        "line 1: there is no column “colour”; there may be email, name"
    )
    assert parsed(header=HEADER.replace(",kinds", ""))[1] == [
        "line 1: the first line must name the columns; kinds is missing"
    ]
    assert parsed(header=f"{HEADER},email")[1] == ["line 1: the column “email” stands here twice"]
    assert parsed(header="")[1][0].startswith("line 1: the first line must name the columns")
