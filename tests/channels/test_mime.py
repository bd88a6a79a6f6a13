"""A mail compiled once for all says to each reader what it would say if it were made for them alone."""

from __future__ import annotations

import random
import re
import smtplib
import string
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from builders import NOON
from hypothesis import example, given
from hypothesis import strategies as st
from readings import DAY, DETAILS, READINGS, SETTINGS
from servers import MailServer

from alerts.channels._mime import From, Skeleton, compile, compose, wired
from alerts.domain.errors import Invalid
from alerts.domain.letters import Kind as LetterKind
from alerts.domain.messages import Links, Message, Own
from alerts.render import Render

FIELDS = ("leave", "preferences", "answer")
render = Render(SETTINGS)
DESK = From("desk@vigil.example.org", "Example desk", "answers@vigil.example.org")


def an_own(n: int, **kw: str) -> Own:
    id, mac = f"{n:026d}", f"{n:x}".rjust(27, "-")
    usual = Own(
        f"{n:032d}@vigil.example.org", f"reader{n}@mission.example", "",
        f"l.{id}.0.{mac}", f"p.{id}.1799999999.{mac}", f"a.{id}-{id}.1799999999.{mac}",
    )  # fmt: skip
    return usual._replace(**kw)


CLEO, DAN = an_own(7), an_own(8, name="Дан Сэмпл")


def some_blanks(seed: int) -> Own:
    chance = random.Random(seed)
    words = ("".join(chance.choices(string.ascii_lowercase, k=length)) for length in (58, 67, 94))
    return CLEO._replace(**dict(zip(FIELDS, words, strict=True)))


BLANKS, OTHER_BLANKS = some_blanks(1), some_blanks(2)


def links(own: Own, base: str = "https://vigil.example.org") -> Links:
    return Links(
        f"{base}/leave/{own.leave}", f"{base}/leave/{own.leave}/now", f"{base}/preferences/{own.preferences}",
        f"{base}/genuine/7KQ4", f"{base}/answer/{own.answer}",
    )  # fmt: skip


def a_message(own: Own, text: str = "", html: str = "", subject: str = "Call today", **headers: str) -> Message:
    """`text`, `html` and the headers name a link's end as {leave}, {preferences}, {answer}."""
    text, html, *values = (_written(part, own) for part in (text, html, *headers.values()))
    names = (name.replace("_", "-") for name in headers)
    return Message(own.id, subject, text, html, NOON, dict(zip(names, values, strict=True)))


def _written(text: str, own: Own) -> str:
    for field in FIELDS:
        text = text.replace("{" + field + "}", getattr(own, field))
    return text


def compiled(*, eight: bool, blanks: Own = BLANKS, **kw: str) -> Skeleton:
    return compile(DESK, a_message(blanks, **kw), blanks, eight=eight)


def filled(own: Own, *, eight: bool, **kw: str) -> EmailMessage:
    return received(compiled(eight=eight, **kw).fill(own))


def received(wire: bytes) -> EmailMessage:
    assert wire.endswith(b"\r\n.\r\n")
    mail = wire[:-3].replace(b"\r\n.", b"\r\n")
    return message_from_bytes(mail, policy=policy.default)


def assert_the_same(wire: bytes, alone: bytes) -> None:
    """But for transfer encodings and the boundary."""
    got, wanted = received(wire), message_from_bytes(alone, policy=policy.default)
    parts, wanted_parts = list(got.walk()), list(wanted.walk())
    assert [_headers(part) for part in parts] == [_headers(part) for part in wanted_parts]
    leaves, wanted_leaves = ([part for part in some if not part.is_multipart()] for some in (parts, wanted_parts))
    assert [part.get_content() for part in leaves] == [part.get_content() for part in wanted_leaves]
    assert not any(part.defects for part in parts)


def _headers(part: EmailMessage) -> list[tuple[str, str]]:
    found = [(name, str(value)) for name, value in part.items() if name != "Content-Transfer-Encoding"]
    return [(name, value.partition("; boundary=")[0]) for name, value in found]


def assert_fit_for_the_wire(wire: bytes, *, eight: bool) -> None:
    assert b"\r" not in wire.replace(b"\r\n", b"")
    assert b"\n" not in wire.replace(b"\r\n", b"")
    assert b"\0" not in wire
    lines = [line.removeprefix(b".") for line in wire.split(b"\r\n")]
    assert max(map(len, lines)) <= 998
    assert wire.split(b"\r\n").count(b".") == 1
    if not eight:
        assert wire.isascii()
        assert max(map(len, wire.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 77
        assert max(map(len, lines[lines.index(b"") :])) <= 76


both = pytest.mark.parametrize("eight", [True, False], ids=["8bit", "quoted-printable"])

# what it says


@both
@pytest.mark.parametrize("language", render.languages)
@pytest.mark.parametrize("name", READINGS)
def test_every_mail_is_what_it_would_be_for_one_reader_alone(name: str, language: str, eight: bool) -> None:
    reading = replace(READINGS[name], language=language, edition=replace(READINGS[name].edition, language=language))

    def mail(own: Own) -> Message:
        here = links(own) if reading.links.leave else Links()
        return render.message(replace(reading, links=here), id=own.id, date=DAY)

    skeleton = compile(DESK, mail(BLANKS), BLANKS, eight=eight)
    for own in (CLEO, DAN):
        wire = skeleton.fill(own)
        assert_the_same(wire, compose(DESK, own.to, own.name, mail(own)))
        assert_fit_for_the_wire(wire, eight=eight)
        assert not any(blank.encode() in wire for blank in (BLANKS.leave, BLANKS.preferences, BLANKS.answer))


@both
@pytest.mark.parametrize("language", render.languages)
@pytest.mark.parametrize("kind", LetterKind)
def test_every_letter_too(kind: LetterKind, language: str, eight: bool) -> None:
    def letter(own: Own) -> Message:
        link = links(own).preferences
        return render.letter(kind, language, link=link, details=DETAILS, id=own.id, date=DAY)

    wire = compile(DESK, letter(BLANKS), BLANKS, eight=eight).fill(CLEO)
    assert_the_same(wire, compose(DESK, CLEO.to, "", letter(CLEO)))
    assert_fit_for_the_wire(wire, eight=eight)


HOSTILE = [
    "", "\n", "\n\n", "\r", "\r\n", "\r\r", ".", "\n.\n", "\r\n.\r\n", "\n..", "\n. ", " \n", "\t\n", "  ", "=", "==",
    "=\n", "=3D", "%", "%%", "%s", "%b", "%(x)s", "{{ 7 }}", "\nFrom here\n", "\u2028", "\x85", "\x0b", "\x0c", "\0",
    "\x1b[31m", "\u202e", "\u2066", "é", "e\u0301", "ж", "Ā", "ƀ", "ǿ", "👩‍⚖️", "\U0010ffff", "\ufeff", "Wort " * 40,
    "x" * 72, "x" * 75, "x" * 76, "x" * 77, "ж" * 40, "x" * 998, "x" * 5000, "ж" * 5000, "\n--=_\n", "<b>", "&amp;",
    "{leave}", "{preferences}", "{answer}", "/{leave}", " {answer}&", "/{preferences}",
]  # fmt: skip
texts = st.lists(st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cs"]), max_size=9)).map("".join)
subjects = texts.map(lambda text: re.sub(r"\{\w+\}", "", text)[:300])


@both
@given(text=texts, html=texts, subject=subjects, name=subjects)
@example(text="{leave}", html="", subject="", name="")
@example(text="/{answer}{answer}", html="/{leave}{preferences}", subject="%", name="")
@example(text="/{answer}", html="x" * 990 + "/{answer}", subject="ж" * 300, name="ж" * 300)
@example(text="%Ā{leave}", html="=ƀ{answer}ǿ", subject="\u202e", name="=?utf-8?q?no?=")
def test_hostile_text_arrives_as_it_would_alone_or_is_refused(text, html, subject, name, eight) -> None:
    own = CLEO._replace(name=name)
    mail, control = a_message(own, text, html, subject), ("Cc", "Zl", "Zp")
    if any(unicodedata.category(letter) in control for letter in subject + name):
        with pytest.raises(ValueError, match="line end"):
            compose(DESK, own.to, name, mail)
        with pytest.raises((ValueError, Invalid)):
            compiled(text=text, html=html, subject=subject, eight=eight).fill(own)
        return
    try:
        wire = compiled(text=text, html=html, subject=subject, eight=eight).fill(own)
    except Invalid:
        assert "{" in text + html  # only a slot can be why
        return
    assert_the_same(wire, compose(DESK, own.to, name, mail))
    assert_fit_for_the_wire(wire, eight=eight)


@both
@pytest.mark.parametrize("before", range(80))
def test_a_link_is_whole_wherever_it_stands_in_its_line(before: int, eight: bool) -> None:
    text = "\n".join(f"{lead * before}/{{{field}}}." for field in FIELDS for lead in ("x", "=", "ж", " ", "."))
    skeleton = compiled(text=text, html=f"<p>{text}</p>", eight=eight)
    wire = skeleton.fill(CLEO)
    assert_the_same(wire, compose(DESK, CLEO.to, "", a_message(CLEO, text, f"<p>{text}</p>")))
    assert_fit_for_the_wire(wire, eight=eight)
    assert wire.count(CLEO.leave.encode()) == wire.count(CLEO.preferences.encode()) == 10


def test_letters_that_mean_something_in_quoted_printable_and_in_smtp_stay_as_they_are_in_a_token() -> None:
    own = CLEO._replace(answer="." * 94, leave="-" * 58, preferences="_" * 67)
    wire = compiled(text="a/{answer}\nb/{leave}\nc/{preferences}", html="/{answer}", eight=False).fill(own)
    mail = a_message(own, "a/{answer}\nb/{leave}\nc/{preferences}", "/{answer}")
    assert_the_same(wire, compose(DESK, own.to, "", mail))
    assert_fit_for_the_wire(wire, eight=False)


def test_a_part_with_a_line_too_long_for_8bit_is_quoted_printable() -> None:
    mail = filled(CLEO, text="ж " * 600 + "/{leave}", html="<p>ж</p>", eight=True)
    assert [part["Content-Transfer-Encoding"] for part in mail.walk()] == ["8bit", "quoted-printable", "8bit"]
    assert mail.get_body(("plain",)).get_content() == f"{'ж ' * 600}/{CLEO.leave}\r\n"


@both
def test_it_says_whether_the_relay_must_take_eight_bits(eight: bool) -> None:
    assert compiled(text="ж", html="ж", eight=eight).eight is eight
    assert not compiled(text="\0", html="\0", eight=eight).eight


@both
def test_the_boundary_is_the_same_on_every_attempt_and_another_in_another_mail(eight: bool) -> None:
    def boundary(**kw) -> str | None:
        return received(compiled(eight=eight, **kw).fill(CLEO)).get_boundary()

    first = boundary(text="a/{leave}", html="b")
    assert first == boundary(text="a/{leave}", html="b", blanks=OTHER_BLANKS)
    assert first != boundary(text="a/{leave}!", html="b")


@both
def test_what_a_signature_is_made_over_stands_there_once(eight: bool) -> None:
    reading = replace(READINGS["urgent"], links=links(BLANKS))
    message = render.message(reading, id="not@used", date=DAY)
    mail = received(compile(DESK, message, BLANKS, eight=eight).fill(CLEO))
    signed = ["From", "To", "Reply-To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe",
              "List-Unsubscribe-Post", "MIME-Version", "Content-Type"]  # fmt: skip
    assert [len(mail.get_all(name, [])) for name in signed] == [1] * len(signed)
    assert mail["Message-ID"] == f"<{CLEO.id}>"
    assert mail["To"] == CLEO.to


@both
def test_the_link_to_leave_stands_there_in_plain_letters(eight: bool) -> None:
    reading = replace(READINGS["urgent"], links=links(BLANKS))
    wire = compile(DESK, render.message(reading, id="x@y", date=DAY), BLANKS, eight=eight).fill(CLEO)
    assert f"\r\nList-Unsubscribe: <{links(CLEO).one_click}>, <mailto:".encode() in wire


@both
def test_blanks_that_do_not_occur_and_links_that_are_not_there_do_no_harm(eight: bool) -> None:
    none = CLEO._replace(leave="", preferences="", answer="")
    wire = compile(DESK, a_message(none, "a", "b"), none, eight=eight).fill(none)
    assert_the_same(wire, compose(DESK, CLEO.to, "", a_message(none, "a", "b")))
    assert_the_same(
        compiled(text="a", html="b", eight=eight).fill(CLEO), compose(DESK, CLEO.to, "", a_message(CLEO, "a", "b"))
    )


# who it is for

NAMES = [
    "", "Cleo Sample", "O'Neil-Sample Jr.", 'The "best", <cleo@x.example>\\', "Клео", "Клео Сэмпл-Образцова",
    "Бюро быстрого реагирования по делам Центральной Азии и Кавказа", "عربي", "Zoë", "e\u0301", "👩‍⚖️", "=?utf-8?q?no?=",
    "a, b; c: d@e.example", "(comment)", "x" * 300, "word " * 50 + "end", "ж" * 400, "\u202eevil",
]  # fmt: skip


def name_in(wire: bytes) -> tuple[str, str]:
    """Read by RFC 2047; the parser of `policy.default` puts a space between two encoded words (Python 3.11)."""
    said, address = parseaddr(message_from_bytes(wire)["To"])
    return str(make_header(decode_header(said))), address


@both
@pytest.mark.parametrize("name", NAMES, ids=len)
def test_a_readers_name_arrives_as_it_is(name: str, eight: bool) -> None:
    own = CLEO._replace(name=name)
    wire = compiled(text="a/{leave}", html="b", eight=eight).fill(own)
    assert name_in(wire) == name_in(compose(DESK, own.to, name, a_message(own))) == (name, CLEO.to)
    assert max(map(len, wire.partition(b"\r\nReply-To")[0].split(b"\r\n"))) <= 78


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs"]), max_size=60))
def test_any_name_arrives_as_it_is(name: str) -> None:
    assert name_in(PLAIN.fill(CLEO._replace(name=name))) == (name, CLEO.to)


def test_a_long_address_after_a_name_is_on_a_line_of_its_own() -> None:
    to = f"{'c' * 64}@{'x' * 60}.example"
    wire = PLAIN.fill(CLEO._replace(name="Клео", to=to))
    assert name_in(wire) == ("Клео", to)
    assert f"?=\r\n <{to}>\r\n".encode() in wire


# what may not be


PLAIN = compiled(text="a/{leave}", html="b", eight=True)
LINE_ENDS = ["\n", "\r", "\r\n", "\0", "\x0b", "\x85", "\u2028", "\u2029", "\x1b", "\x7f", "\t"]


@pytest.mark.parametrize("field", Own._fields)
@pytest.mark.parametrize("end", LINE_ENDS, ids=ascii)
def test_no_line_end_or_control_character_gets_into_a_mail(field: str, end: str) -> None:
    value = getattr(CLEO, field) or "Cleo"
    for bad in (f"{value}{end}", f"{end}{value}", f"{value[:3]}{end}{value[4:]}", f"{value}{end}Bcc: dan@x.example"):
        with pytest.raises(ValueError):
            PLAIN.fill(CLEO._replace(**{field: bad}))


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("change", [lambda v: v[1:], lambda v: v + "a", lambda v: "", lambda v: f"{v[1:]}\n"])
def test_a_link_is_as_long_as_its_blank(field: str, change: Callable[[str], str]) -> None:
    with pytest.raises(ValueError):
        PLAIN.fill(CLEO._replace(**{field: change(getattr(CLEO, field))}))


@pytest.mark.parametrize("letter", ["=", "%", "<", '"', "&", "/", " ", "é", "\ud800"])
@pytest.mark.parametrize("field", FIELDS)
def test_a_link_has_no_letter_that_would_have_to_be_escaped(field: str, letter: str) -> None:
    with pytest.raises(ValueError):
        PLAIN.fill(CLEO._replace(**{field: letter + getattr(CLEO, field)[1:]}))


@pytest.mark.parametrize(
    "to",
    ["", "cleo", "@x.example", "cleo@", "a@b@c.example", "<cleo@x.example>", "cleo@x.example,dan@x.example",
     "cleo@x.example.", '"cleo"@x.example', "cl eo@x.example", "клео@x.example", f"{'c' * 65}@x.example",
     f"cleo@{'x' * 250}.example"],
)  # fmt: skip
def test_a_trick_is_no_address_and_the_refusal_does_not_repeat_it(to: str) -> None:
    with pytest.raises(ValueError, match="does not fit") as refusal:
        PLAIN.fill(CLEO._replace(to=to))
    assert not to or to not in str(refusal.value)


@pytest.mark.parametrize("id", ["", "a b@x", "a>@x", "<a@x", "ж@x", "x" * 251])
def test_a_message_id_is_one_word(id: str) -> None:
    with pytest.raises(ValueError):
        PLAIN.fill(CLEO._replace(id=id))


def test_fields_do_not_run_into_each_other() -> None:
    whole = f"{CLEO.id}\n{CLEO.to}"
    with pytest.raises(ValueError):
        PLAIN.fill(CLEO._replace(id=whole, to=""))


@both
@pytest.mark.parametrize(
    ("kw", "why"),
    [
        ({"text": "{leave}"}, "starts a line"),
        ({"html": "a\n{leave}"}, "starts a line"),
        ({"html": "a\n\n{answer}"}, "starts a line"),
        ({"X_Link": "ж {leave}"}, "encoded"),
        ({"X_Link": "x" * 950 + "{leave}"}, "more than 998 octets"),
    ],
)
def test_what_no_slot_can_be_had_for_is_said(kw: dict[str, str], why: str, eight: bool) -> None:
    with pytest.raises(Invalid, match=why):
        compiled(eight=eight, **kw)


@both
@pytest.mark.parametrize("at", [1, 20, 29, 40, 57])
def test_half_a_blank_never_goes_to_everybody(at: int, eight: bool) -> None:
    text = f"/{BLANKS.leave[:at]}\n{BLANKS.leave[at:]}"
    with pytest.raises(Invalid, match="broken over two lines"):
        compiled(text=text, eight=eight)


@pytest.mark.parametrize(
    "blanks",
    [BLANKS._replace(leave="short"), BLANKS._replace(leave="a&" * 29), BLANKS._replace(leave=BLANKS.answer),
     BLANKS._replace(leave=BLANKS.answer[:58])],
)  # fmt: skip
def test_a_blank_is_a_long_word_like_no_other(blanks: Own) -> None:
    with pytest.raises(Invalid, match="random word"):
        compiled(blanks=blanks, eight=True)


def test_a_token_of_two_lines_is_too_long_for_quoted_printable() -> None:
    blanks = BLANKS._replace(answer=BLANKS.answer + OTHER_BLANKS.answer[:66])
    with pytest.raises(Invalid, match="too long for a line"):
        compiled(blanks=blanks, text="a/{answer}", eight=False)
    own = CLEO._replace(answer="b" * 160)
    wire = compiled(blanks=blanks, text="a/{answer}", eight=True).fill(own)
    assert b"/" + b"b" * 160 in wire


# over the wire


@both
def test_what_is_filled_is_one_mail_for_each_reader(mail_server: MailServer, eight: bool) -> None:
    text = "Dots:\n.\n..\n\r\n.\r\nMAIL FROM:<x@y.example>\nЖ/{answer}\n.{leave}\n" + "." * 400
    skeleton = compiled(text=text, html=text, eight=eight)
    owns = [an_own(n, name=name) for n, name in enumerate(["", "Клео", "a. b"])]
    alone = a_message(CLEO, text, text)
    send(
        mail_server,
        [(own.to, skeleton.fill(own)) for own in owns] + [(CLEO.to, wired(compose(DESK, CLEO.to, "", alone)))],
    )
    assert mail_server.refused == 0
    assert [got.recipients for got in mail_server.messages] == [(own.to,) for own in owns] + [(CLEO.to,)]
    for got, own in zip(mail_server.messages, [*owns, CLEO], strict=True):
        assert got.text == "\n".join(_written(text, own).splitlines()) + "\n"
        assert got.message_id == f"<{own.id}>"


def send(server: MailServer, mails: list[tuple[str, bytes]]) -> None:
    with smtplib.SMTP("127.0.0.1", server.port) as smtp:
        smtp.ehlo()
        for to, wire in mails:
            smtp.mail(DESK.address, ["BODY=8BITMIME"])
            smtp.rcpt(to)
            assert smtp.docmd("DATA")[0] == 354
            smtp.send(wire)
            assert smtp.getreply()[0] == 250
