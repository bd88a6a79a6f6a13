"""Bad input: one clear sentence with its place, exit 1, and nothing half-written."""

from __future__ import annotations

import pytest
from desk import ADMIN, APPROVER, AUTHOR, DeskHere

HEADER = "email,name,organisation,kind,language,countries,cases,topics,kinds,cadence"
GOOD = "jan@mission.example,Jan,Embassy,diplomat,en,KG,,,,immediate"


def refused(desk: DeskHere, what: str, name: str, data: str | bytes, who: str) -> list[str]:
    """The lines that name a place in the file. Nothing was taken."""
    (desk.folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    done = desk.attempt("import", what, name, "--as", who)
    assert (done.returncode, done.stdout) == (1, ""), done
    *places, last = done.stderr.splitlines()
    assert places == [] or last == f"vigil: nothing was taken from {name}: mend it, or add --partial to take the rest."
    assert [line for line in places if not line.startswith(name)] == []
    assert desk.json("subscriber", "list") == []
    return places or [last]


@pytest.mark.parametrize(
    ("data", "place", "says"),
    [
        (f'{HEADER}\n{GOOD}\n"ola@x.example,O,,ngo,en,KG,,,,\n', ":3:", "not CSV from here on"),
        (f"email,name\n{GOOD}\n", ":1:", "organisation, kind, language"),
        (f"{HEADER},colour\n{GOOD},red\n", ":1:", "there is no column “colour”"),
        (f"{HEADER}\n{GOOD}\n".replace(",", ";"), ":1:", "not separated by commas"),
        (f"{HEADER}\n{GOOD}\nola@x.example,O\n", ":3:", "2 values, but the first line names 10"),
        (f"{HEADER}\n{GOOD}\n{GOOD}\n", ":3:", "stands in line 2 already"),
        (f"{HEADER}\n{GOOD.replace('KG', '')}\n", ":2:", "subscribes to nothing"),
        (f"{HEADER}\n{GOOD.replace('KG', 'XX')}\n", ":2:", "countries: “XX” is not a country"),
        (f"{HEADER}\n{GOOD.replace('diplomat', 'spy')}\n", ":2:", "kind: “spy” is none of"),
        (f"{HEADER}\n{GOOD.replace('immediate', 'hourly')}\n", ":2:", "cadence: “hourly” is none of"),
        (f"{HEADER},zone\n{GOOD},Mars/Base\n", ":2:", "zone: There is no time zone “Mars/Base”"),
        (f"{HEADER},consented_on\n{GOOD},2026-02-30\n", ":2:", "consented_on: “2026-02-30” is not a day"),
        (f"{HEADER}\njan@x.example,J\x07n,,ngo,en,KG,,,,\n", ":2:", "name: must be one line"),
        ("", ":1:", "the first line must name the columns"),
        (f"{HEADER}\njan@x.example,J\xf6rg,,,,KG,,,,\n".encode("latin-1"), " (line 2)", "is not UTF-8 text"),
    ],
)
def test_a_malformed_list_of_subscribers_is_refused_with_its_line(
    here: DeskHere, data: str | bytes, place: str, says: str
) -> None:
    [said] = refused(here, "subscribers", "readers.csv", data, APPROVER)
    assert place in said
    assert says in said


@pytest.mark.parametrize(
    "address",
    [
        '"jan@x.example\r\nBcc: eve@x.example"',
        '"jan@x.example>\nRCPT TO:<eve@x.example"',
        '"""jan doe""@x.example"',
        "<jan@x.example>",
        '"jan@x.example, eve@x.example"',
        "jan(eve)@x.example",
        "jan@[127.0.0.1]",
        "jan@x..example",
        "jan@",
        "jan\x00@x.example",
    ],
)
def test_an_address_that_is_a_trick_is_refused_everywhere(here: DeskHere, address: str) -> None:
    [said] = refused(here, "subscribers", "readers.csv", f"{HEADER}\n{address},,,ngo,en,KG,,,,\n", APPROVER)
    assert said.startswith("readers.csv:2: email: ")
    plain = address.strip('"').replace('""', '"')
    if "\x00" not in plain:  # no program can be given that
        assert "is not a mail address" in here.refuses("staff", "add", plain, "--role", "author")


def test_a_byte_order_mark_and_windows_line_ends_are_fine(here: DeskHere) -> None:
    (here.folder / "readers.csv").write_bytes(b"\xef\xbb\xbf" + f"{HEADER}\r\n{GOOD}\r\n".encode())
    assert here.vigil("import", "subscribers", "readers.csv", "--as", APPROVER).startswith("1 added")


@pytest.mark.parametrize(
    ("data", "place", "says"),
    [
        ("cases:\n  - code: A\n   country: KG\n", ":3:", "this is not YAML"),
        ("cases:\n\t- code: A\n", ":2:", "this is not YAML"),
        ("cases:\n  - code: !!python/object/apply:os.system [id]\n", ":2:", "a tag"),
        ("x: &a [1]\ncases: *a\n", ":1:", "an anchor"),
        ("cases:\n  - {code: A}\n", ":2:", "a case needs “country”"),
        ("cases:\n  - {code: A, country: KG}\n  - {code: A, country: KG}\n", ":3:", "code: A stands here twice"),
        ("cases:\n  - code: A\n    country: KG\n    colour: red\n", ":4:", "a case has no “colour”"),
        ('cases:\n  - {code: "A\\nB", country: KG}\n', ":2:", "code: “A B” is not a code"),
        (
            "cases:\n  - code: A\n    country: KG\n    events:\n      - {kind: hearing, date: 2010-02-30}\n",
            ":5:",
            "date: 2010-02-30 does not exist",
        ),
        (
            "cases:\n  - code: A\n    country: KG\n    events:\n      - {kind: hearing, date: 2010-02-20 25:00}\n",
            ":5:",
            "date: “2010-02-20 25:00” does not exist",
        ),
        ("a: " + "[" * 5000, ":1:", "nested too deeply"),
        ("", ":1:", "the file is empty"),
        (b"cases:\n  - {code: J\xf6, country: KG}\n", " (line 2)", "is not UTF-8 text"),
    ],
)
def test_a_malformed_case_file_is_refused_with_its_line(
    here: DeskHere, data: str | bytes, place: str, says: str
) -> None:
    [said] = refused(here, "cases", "cases.yaml", data, AUTHOR)
    assert place in said
    assert says in said


@pytest.mark.parametrize(
    ("data", "place", "says"),
    [
        ('<opml version="2.0">\n<body><outline xmlUrl="https://x.example/">\n</opml>', ":3:", "not XML from here on"),
        ('<!DOCTYPE a [<!ENTITY x "y">]>\n<opml version="2.0"><body/></opml>', ":1:", "a document type"),
        ("<html><body>Log in</body></html>", ":1:", "not OPML"),
        ('<opml version="2.0"><body>\n<outline xmlUrl="file:///etc/passwd"/></body></opml>', ":2:", "url: “file:"),
        ("url,title\nhttps://x.example/,Good\nnowhere,Bad\n", ":3:", "url: “nowhere”"),
        ("url,colour\nhttps://x.example/,red\n", ":1:", "there is no column “colour”"),
        ('url,title\nhttps://x.example/,"Good\n', ":2:", "not CSV from here on"),
        ("", ": ", "names no source"),
    ],
)
def test_a_malformed_list_of_sources_is_refused_with_its_line(
    here: DeskHere, data: str, place: str, says: str
) -> None:  # fmt: skip
    [said] = refused(here, "sources", "sources.opml", data, ADMIN)
    assert f"sources.opml{place}" in said
    assert says in said
    assert here.json("poll", "--once")["visited"] == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--at", "2090-02-30 10:00"), "“2090-02-30 10:00” does not exist"),
        (("--at", "2090-02-20 25:00"), "“2090-02-20 25:00” does not exist"),
        (("--at", "2027-03-28 02:30", "--zone", "Europe/Berlin"), "does not exist in Europe/Berlin: the clocks go"),
        (("--at", "2090-02-20"), "“2090-02-20” is not a time"),
        (("--at", "2090-02-20 10:00", "--zone", "Mars/Base"), "There is no time zone “Mars/Base”"),
        (("--at", "2090-02-20 10:00", "--zone", "../../etc/passwd"), "There is no time zone"),
        (("--at", "2020-02-20 10:00"), "That date is over already"),
        (("--claim", "spring", "--from", "2090-02-30", "--to", "2090-04-01"), "2090-02-30 does not exist"),
        (("--claim", "spring", "--from", "2090-05-01", "--to", "2090-04-01"), "2090-04-01 comes before 2090-05-01"),
        (("--claim", "spring"), "Give the time with --at"),
        ((), "Give the time with --at"),
        (("--at", "2090-02-20 10:00", "--claim", "spring"), "Give the time with --at"),
    ],
)
def test_a_date_that_does_not_exist_sets_nothing(here: DeskHere, words: tuple[str, ...], says: str) -> None:
    assert says in here.refuses("deadline", "set", "KG-1", "--kind", "hearing", *words, "--as", APPROVER)
    assert here.json("deadline", "list") == []


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"x", ""),
        (b"", "The text is empty."),
        (b"J\xf6rg\n", "is not UTF-8 text (line 1)"),
        (None, "cannot be read: No such file or directory."),
    ],
)
def test_a_text_that_cannot_be_read_drafts_nothing(here: DeskHere, data: bytes | None, says: str) -> None:
    if data is not None:
        (here.folder / "body.txt").write_bytes(data)
    asked = ("alert", "draft", "--case", "KG-1", "--title", "T", "--body-file", "body.txt", "--as", AUTHOR)
    if says:
        assert says in here.refuses(*asked)
    else:
        here.vigil(*asked)
    assert len(here.json("alert", "list")) == (0 if says else 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b'[desk\nname = "x"', "ours.toml is not TOML: Expected ']'"),
        (b"[desk]\nname = 3", "ours.toml: desk.name must be a text"),
        (b"[desk]\nnmae = 'x'", "ours.toml: there is no setting desk.nmae"),
        (b"[dsk]\nname = 'x'", "ours.toml: there is no section [dsk]"),
        (b"desk = 1", "ours.toml: [desk] is a section"),
        (b"[desk]\nname = 'J\xf6rg'", "ours.toml cannot be read: it is not UTF-8 text"),
        (b'[desk]\nname = "two\\nlines"', "ours.toml: desk.name must be one line"),
        (b'[mail]\nreply_to = "Jan <jan@x.example>"', "mail.reply_to is “Jan <jan@x.example>”: write a mail address"),
        (b"[polling]\nevery_minutes = 0", "polling.every_minutes must be 1 or more"),
        (b"[web]\nbase_url = 'http://desk.example.org'", "web.base_url must be https://"),
        (b"[smtp]\nconnections = 'many'", "ours.toml: smtp.connections must be a whole number"),
    ],
)
def test_a_malformed_settings_file_is_refused_with_the_key(here: DeskHere, text: bytes, says: str) -> None:
    (here.folder / "ours.toml").write_bytes(text)
    here.environment.pop("VIGIL_WEB__BASE_URL")  # it would win over the file
    assert says in here.refuses("--config", "ours.toml", "staff", "list")


def test_a_settings_file_that_is_missing_and_a_wrong_variable_are_named(here: DeskHere) -> None:
    assert here.refuses("--config", "none.toml", "staff", "list") == (
        "The settings file none.toml cannot be read: No such file or directory."
    )
    here.environment["VIGIL_DESK__ZONE"] = "Mars/Base"
    assert here.refuses("staff", "list").startswith("desk.zone: There is no time zone “Mars/Base”")
    here.environment["VIGIL_DESK__COLOUR"] = "red"
    assert here.refuses("staff", "list").startswith("the environment: there is no setting desk.colour")
