"""E-mail against a real server on loopback: what goes over the wire, and what each answer means."""

from __future__ import annotations

import socket
from contextlib import asynccontextmanager
from dataclasses import replace
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.utils import parseaddr

import pytest
from builders import NOON
from servers import MailServer, certificate

from alerts.channels.email import Channel
from alerts.domain.delivery import Blocked, Rejected, Retry, Sent, Unknown
from alerts.domain.errors import Invalid
from alerts.domain.messages import Message
from alerts.domain.replies import Stage

TO, OTHER = "cleo@mission.example", "dan@ngo.example"
MESSAGE = Message(
    "7kq4.reader@desk.example", "Bishkek: lawyer taken – call today", "She was taken.\n\n.\nEnd\n",
    "<p>She was taken.</p>\n", NOON, {"List-Id": "<alerts.desk.example>", "X-TLP": "TLP:GREEN"},
)  # fmt: skip


def a_channel(url: str, **kw) -> Channel:
    usual = {"sender": "desk@desk.example", "name": "Example desk", "reply_to": "answers@desk.example", "timeout": 5}
    return Channel(url, **usual | kw)


@asynccontextmanager
async def a_line(server: MailServer):
    async with a_channel(server.url).line() as line:
        yield line


async def test_a_mail_arrives_with_exactly_these_headers(mail_server):
    async with a_line(mail_server) as line:
        assert await line.send(TO, MESSAGE) == Sent("2.0.0 queued")
    [got] = mail_server.messages
    assert (got.sender, got.recipients) == ("desk@desk.example", (TO,))
    headers = {name: str(value) for name, value in got.message.items()}
    content_type = headers.pop("Content-Type")
    assert headers == {
        "From": "Example desk <desk@desk.example>", "To": TO, "Reply-To": "answers@desk.example",
        "Subject": "Bishkek: lawyer taken – call today", "Date": "Tue, 01 Jan 2030 12:00:00 +0000",
        "Message-ID": "<7kq4.reader@desk.example>", "List-Id": "<alerts.desk.example>", "X-TLP": "TLP:GREEN",
        "MIME-Version": "1.0",
    }  # fmt: skip
    assert content_type.startswith("multipart/alternative")
    assert [part.get_content_type() for part in got.message.iter_parts()] == ["text/plain", "text/html"]
    assert got.text == MESSAGE.text  # a line of one dot included


async def test_no_reply_to_where_it_is_the_sender(mail_server):
    async with a_channel(mail_server.url, reply_to="desk@desk.example").line() as line:
        await line.send(TO, MESSAGE)
    assert "Reply-To" not in mail_server.to(TO)


async def test_every_attempt_has_the_same_id_and_date(mail_server):
    mail_server.answer("451 4.7.1 greylisted", at="DATA")
    mail_server.drop_after_dot()
    async with a_line(mail_server) as line:
        assert isinstance(await line.send(TO, MESSAGE), Retry)
        assert isinstance(await line.send(TO, MESSAGE), Unknown)
        assert isinstance(await line.send(TO, MESSAGE), Sent)
    assert {m.message_id for m in mail_server.messages} == {f"<{MESSAGE.id}>"}
    assert len({m.message["Date"] for m in mail_server.messages}) == 1


@pytest.mark.parametrize("at", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("reply", "kinds"),
    [
        ("451 4.7.1 greylisted", {"MAIL": Blocked, "RCPT": Retry, "DATA": Retry}),
        ("550 5.1.1 no such user", {"MAIL": Blocked, "RCPT": Rejected, "DATA": Rejected}),
        ("550 5.4.5 Daily user sending limit exceeded", {"MAIL": Blocked, "RCPT": Blocked, "DATA": Blocked}),
        ("550 no", {"MAIL": Blocked, "RCPT": Blocked, "DATA": Blocked}),
        ("421 4.3.2 shutting down", {"MAIL": Retry, "RCPT": Retry, "DATA": Retry}),
    ],
)
async def test_a_refusal_becomes_its_outcome_and_the_next_mail_goes_out(mail_server, at, reply, kinds):
    mail_server.answer(reply, at=at)
    async with a_line(mail_server) as line:
        assert await line.send(TO, MESSAGE) == kinds[at](reply)
        assert isinstance(await line.send(OTHER, MESSAGE), Sent)
    assert mail_server.counts() == {OTHER: 1}


async def test_a_refusal_that_says_nothing_is_about_the_reader_once_the_relay_took_others_of_their_domain(mail_server):
    mail_server.answer("550 no", at="RCPT", to=TO)
    mail_server.answer("550 no", at="RCPT", to=OTHER)
    async with a_line(mail_server) as line:
        assert isinstance(await line.send("dan@MISSION.example", MESSAGE), Sent)
        assert await line.send(TO, MESSAGE) == Rejected("550 no")
        assert await line.send(OTHER, MESSAGE) == Blocked("550 no")


def test_only_the_last_ten_thousand_domains_are_remembered_and_only_for_an_hour():
    channel = a_channel("smtp://localhost")
    for n in [*range(10_000), 0, 10_000]:
        channel.meaning(f"a@d{n}.example", Stage.DATA, 250, "ok")
    assert len(channel._took) == 10_000
    assert isinstance(channel.meaning("b@d1.example", Stage.RCPT, 550, "no"), Blocked)  # forgotten
    assert isinstance(channel.meaning("b@d0.example", Stage.RCPT, 550, "no"), Rejected)
    channel._took["d0.example"] -= 3600
    assert isinstance(channel.meaning("b@d0.example", Stage.RCPT, 550, "no"), Blocked)


@pytest.mark.parametrize("text", ["queued \x1b[31m", "a\0b", "\udcff\udcfe", "ok \u202e", "x" * 5000])
def test_what_the_relay_says_can_be_kept_and_shown(text):
    sent = a_channel("smtp://localhost").meaning(TO, Stage.DATA, 250, text)
    assert sent.ref.isprintable()
    assert 0 < len(sent.ref.encode()) <= 200


@pytest.mark.parametrize(("at", "kind"), [("MAIL", Retry), ("RCPT", Retry), ("DATA", Unknown)])
@pytest.mark.parametrize("reply", ["252 perhaps", "what", "354 go ahead"])
async def test_an_answer_that_may_not_come_here_is_never_sent(mail_server, at, kind, reply):
    mail_server.answer(reply, at=at)
    async with a_line(mail_server) as line:
        assert isinstance(await line.send(TO, MESSAGE), kind)
        assert isinstance(await line.send(OTHER, MESSAGE), Sent)


async def test_who_is_refused_does_not_get_the_mail_of_the_next(mail_server):
    mail_server.answer("550 5.1.1 no such user", to=TO)
    async with a_line(mail_server) as line:
        await line.send(TO, MESSAGE)
        await line.send(OTHER, MESSAGE)
    assert [m.recipients for m in mail_server.messages] == [(OTHER,)]


async def test_a_reply_of_several_lines_is_one_reason(mail_server):
    mail_server.answer("550 5.1.1 no such user \x1b[31m <script>")
    async with a_line(mail_server) as line:
        found = await line.send(TO, MESSAGE)
    assert "\n" not in found.reason


async def test_a_server_that_is_down_is_nobodys_fault_but_the_relays():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with a_channel(f"smtp://127.0.0.1:{port}").line() as line:
        found = await line.send(TO, MESSAGE)
    assert isinstance(found, Blocked)
    assert found.reason.startswith("the relay cannot be reached: ")


@pytest.mark.parametrize("url", ["", "smtp://", "smtp://no-such-host.invalid:25"])
async def test_no_relay_is_said_in_words(url):
    async with a_channel(url).line() as line:
        assert isinstance(await line.send(TO, MESSAGE), Blocked)


async def test_a_server_that_never_answers_is_given_up(mail_server):
    mail_server.delay = 5
    async with a_channel(mail_server.url, timeout=1).line() as line:
        found = await line.send(TO, MESSAGE)
    assert isinstance(found, Unknown)  # the text was under way


async def test_refused_at_the_door(mail_server):
    mail_server.answer("554 5.7.1 no service for you", at="CONNECT")
    async with a_line(mail_server) as line:
        assert isinstance(await line.send(TO, MESSAGE), Blocked)


async def test_a_line_dropped_after_the_dot_says_nothing(mail_server):
    mail_server.drop_after_dot()
    async with a_line(mail_server) as line:
        assert isinstance(await line.send(TO, MESSAGE), Unknown)
        assert isinstance(await line.send(OTHER, MESSAGE), Sent)
    assert mail_server.counts() == {TO: 1, OTHER: 1}


async def test_many_mails_go_over_one_connection(mail_server):
    async with a_line(mail_server) as line:
        for n in range(5):
            assert isinstance(await line.send(f"reader{n}@mission.example", MESSAGE), Sent)
    assert (mail_server.connections, len(mail_server.messages)) == (1, 5)


async def test_a_connection_that_the_server_closed_while_it_was_idle_is_opened_again(mail_server):
    async with a_line(mail_server) as line:
        await line.send(TO, MESSAGE)
        line.smtp.transport.close()
        assert isinstance(await line.send(OTHER, MESSAGE), Sent)
    assert mail_server.connections == 2


async def test_a_farewell_between_two_mails_costs_no_reader_an_attempt(mail_server):
    async with a_line(mail_server) as line:
        await line.send(TO, MESSAGE)
        mail_server.answer("421 4.4.2 idle for too long", at="MAIL")
        assert isinstance(await line.send(OTHER, MESSAGE), Sent)
    assert (mail_server.connections, mail_server.counts()) == (2, {TO: 1, OTHER: 1})


async def test_nothing_opens_before_the_first_mail(mail_server):
    async with a_line(mail_server):
        pass
    assert mail_server.connections == 0


# who we are, and who they are


async def test_it_logs_in_where_the_relay_wants_it(tmp_path):
    with MailServer(login=("bek", "pass word:@/")) as server:
        url = f"smtp://bek:pass%20word%3A%40%2F@127.0.0.1:{server.port}"
        async with a_channel(url).line() as line:
            assert isinstance(await line.send(TO, MESSAGE), Sent)
        async with a_channel(url.replace("bek:", "ben:")).line() as line:
            found = await line.send(TO, MESSAGE)
    assert isinstance(found, Blocked)
    assert "5.7.8" in found.reason
    assert "pass" not in found.reason.replace("password", "")


async def test_starttls_is_used_where_it_is_offered(tmp_path):
    server_side, _ = certificate(tmp_path)
    with MailServer(tls=server_side, login=("bek", "secret")) as server:
        async with a_channel(server.url).line() as line:
            assert isinstance(await line.send(TO, MESSAGE), Sent)
            assert line.smtp.get_transport_info("cipher") is not None


async def test_smtps_is_encrypted_from_the_start(tmp_path):
    server_side, _ = certificate(tmp_path)
    with MailServer(tls=server_side, smtps=True) as server:
        async with a_channel(server.url).line() as line:
            assert isinstance(await line.send(TO, MESSAGE), Sent)
            assert line.smtp.get_transport_info("cipher") is not None


# what may not go out


@pytest.mark.parametrize(
    "address",
    [
        "", "cleo", "@mission.example", "cleo@", "a@b@c.example", '"a\r\nRSET"@x.example',
        "a\nb@x.example", "a@x.example\r\nDATA", "cleo@x.example>", "<cleo@x.example>", "cleo@x.example,dan@x.example",
        "Cleo <cleo@x.example>", "cleo@x.example.",
        "cleo(comment)@x.example", '"cleo"@x.example', "cl eo@x.example", "клео@x.example", "cleo@пример.example",
        f"{'c' * 65}@x.example", f"cleo@{'x' * 250}.example", "cleo@[127.0.0.1]", "cleo\0@x.example", "cleo@x..example",
    ],
)  # fmt: skip
async def test_a_trick_is_refused_before_anything_is_sent(mail_server, address):
    channel = a_channel(mail_server.url)
    with pytest.raises(Invalid, match="not a mail address"):
        channel.check(address)
    async with channel.line() as line:
        with pytest.raises(Invalid):
            await line.send(address, MESSAGE)
    assert mail_server.connections == 0


@pytest.mark.parametrize("address", [TO, "o'neil+alerts@x.example", "a@localhost", "a.b-c_d@xn--e1afmkfd.example"])
def test_an_ordinary_address_is_taken(address):
    a_channel("smtp://localhost").check(address)


@pytest.mark.parametrize(
    "subject", ["a\nBcc: x@y.example", "a\r\nBcc: x@y.example", "a\rb", "a\u2028b", "a\x0bb", "a\0b"]
)
async def test_no_header_is_made_by_a_line_end_and_the_line_is_good_for_the_next(mail_server, subject):
    async with a_line(mail_server) as line:
        await line.send(TO, MESSAGE)
        with pytest.raises(ValueError, match="line end"):
            await line.send(TO, replace(MESSAGE, subject=subject))
        assert isinstance(await line.send(OTHER, MESSAGE), Sent)  # no envelope was left open
    assert mail_server.counts() == {TO: 1, OTHER: 1}


SUBJECTS = [
    "Bishkek: lawyer taken", "Бишкек: задержана адвокат А. Сампл – позвоните сегодня",
    "ИСПРАВЛЕНИЕ: " + "слушание " * 18,
    "x" * 200, "Ünïcödé " * 20, "a  b   c", "=?utf-8?q?not_encoded?=", "emoji 👩‍⚖️ and عربي", "word " * 39 + "Ё",
]  # fmt: skip


@pytest.mark.parametrize("subject", SUBJECTS)
async def test_a_subject_arrives_as_it_was_written(mail_server, subject):
    async with a_line(mail_server) as line:
        assert isinstance(await line.send(TO, replace(MESSAGE, subject=subject.strip())), Sent)
    assert str(mail_server.to(TO)["Subject"]) == subject.strip()


NAMES = [
    "",
    "Desk",
    'The "best", <desk>\\',
    "EXERCISE – Бюро быстрого реагирования по делам Центральной Азии и Кавказа",
]


@pytest.mark.parametrize("name", NAMES, ids=len)
async def test_our_name_arrives_as_it_is(mail_server, name):
    async with a_channel(mail_server.url, name=name).line() as line:
        assert isinstance(await line.send(TO, MESSAGE), Sent)
    # read by RFC 2047; the parser of `policy.default` puts a space between two encoded words (Python 3.11)
    said, address = parseaddr(message_from_bytes(mail_server.messages[0].raw)["From"])
    assert (str(make_header(decode_header(said))), address) == (name, "desk@desk.example")


async def test_a_long_link_to_leave_stands_there_in_plain_letters(mail_server):
    """Mail programs look for the link as it is (RFC 8058, RFC 2369); an encoded one is no button."""
    link = f"https://desk.some-network.example/leave/l.{'0' * 26}.0.{'a' * 27}/now"
    headers = {
        "List-Unsubscribe": f"<{link}>, <mailto:answers@desk.example?subject=LEAVE>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    async with a_line(mail_server) as line:
        assert isinstance(await line.send(TO, replace(MESSAGE, headers=headers)), Sent)
    raw = mail_server.messages[0].raw.replace(b"\r\n ", b" ")
    for name, value in headers.items():
        assert f"{name}: {value}\r\n".encode() in raw


BODIES = [
    "x" * 5000, "Ёж " * 2000, ".\n..\n. \n\n.\n", "From here\n>From there\n", "ends without a line end",
    "tab\tand = and =20\n",
    "\u2028 and \x85 and \x0b\n", "a\n" * 300,
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body[:10])
async def test_a_body_arrives_as_it_was_written(mail_server, body):
    html = f"<p>{body}</p>"
    async with a_line(mail_server) as line:
        assert isinstance(await line.send(TO, replace(MESSAGE, text=body, html=html)), Sent)
    [got] = mail_server.messages
    assert got.text.removesuffix("\n") == body.removesuffix("\n")
    found = got.message.get_body(("html",)).get_content().replace("\r\n", "\n")
    assert found.removesuffix("\n") == html
    assert mail_server.refused == 0


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\rb", "a\n.\nb", "Ё\r\rЁ"])
def test_what_is_composed_has_whole_line_ends_and_short_lines(text):
    raw = a_channel("smtp://localhost", name="Бюро").compose(TO, replace(MESSAGE, text=text, html=text))
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.isascii()
    sender = message_from_bytes(raw, policy=policy.default)["From"].addresses
    assert sender == (Address("Бюро", "desk", "desk.example"),)
