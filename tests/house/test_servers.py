"""The servers that the tests stand on do what they promise."""

from __future__ import annotations

import asyncio
import os
import signal
import smtplib
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import psycopg
import pytest
from browser import Browser
from components import HOW_TO_GET, lacks
from postgres import Postgres
from servers import FeedServer, MailProcess, MailServer, certificate
from sqlalchemy import create_engine, text

DENIS = "denis@example.org"


def a_mail(to: str = DENIS, body: str = "Слушание завтра.\n.\n..\n") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "desk@example.org", to, "Hearing — слушание"
    message["Message-ID"] = f"<{to}>"
    message.set_content(body)
    return message


def send(server: MailServer | MailProcess, to: str = DENIS) -> None:
    with smtplib.SMTP("127.0.0.1", server.port, timeout=5) as client:
        client.send_message(a_mail(to))


# mail


def test_a_mail_arrives_as_it_was_sent(mail_server: MailServer) -> None:
    send(mail_server)
    assert mail_server.to(DENIS)["Subject"] == "Hearing — слушание"
    assert mail_server.messages[0].text == "Слушание завтра.\n.\n..\n"
    assert mail_server.messages[0].sender == "desk@example.org"
    assert mail_server.messages[0].message_id == f"<{DENIS}>"
    with pytest.raises(AssertionError, match="no mail to nobody"):
        mail_server.to("nobody@example.org")


async def test_a_mail_arrives_from_an_async_sender(mail_server: MailServer) -> None:
    await aiosmtplib.send(a_mail(), hostname="127.0.0.1", port=mail_server.port)
    assert mail_server.counts() == {DENIS: 1}


def test_a_greylisted_recipient_gets_in_the_second_time(mail_server: MailServer) -> None:
    mail_server.answer("451 4.7.1 greylisted", times=1, to=DENIS)
    with pytest.raises(smtplib.SMTPRecipientsRefused, match="greylisted"):
        send(mail_server)
    send(mail_server)
    assert mail_server.counts() == {DENIS: 1}


def test_a_quota_refuses_everybody_until_it_relents(mail_server: MailServer) -> None:
    mail_server.answer_after(2, "550 5.4.5 Daily sending quota exceeded")
    send(mail_server)
    send(mail_server)
    with pytest.raises(smtplib.SMTPSenderRefused, match="quota"):
        send(mail_server)
    assert len(mail_server.messages) == 2
    mail_server.relent()
    send(mail_server)
    assert len(mail_server.messages) == 3


def test_a_dropped_connection_leaves_the_sender_in_doubt_and_the_mail_kept(mail_server: MailServer) -> None:
    mail_server.drop_after_dot()
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(mail_server)
    assert mail_server.counts() == {DENIS: 1}


def test_commands_sent_in_one_write_are_answered_in_order(mail_server: MailServer) -> None:
    with smtplib.SMTP("127.0.0.1", mail_server.port, timeout=5) as client:
        client.ehlo()
        assert client.has_extn("pipelining")
        client.send(b"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
        assert [client.getreply()[0] for _ in range(3)] == [250, 250, 354]
        client.send(b"Subject: x\r\n\r\n..y\r\n.\r\nMAIL FROM:<a@example.org>\r\n")
        assert [client.getreply()[0] for _ in range(2)] == [250, 250]
    assert mail_server.messages[0].raw == b"Subject: x\r\n\r\n.y\r\n"


def test_a_bare_line_feed_is_refused(mail_server: MailServer) -> None:
    with smtplib.SMTP("127.0.0.1", mail_server.port, timeout=5) as client:
        client.ehlo()
        client.send(b"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
        _ = [client.getreply() for _ in range(3)]
        client.send(b"Subject: x\n\nsmuggled\r\n.\r\n")
        assert client.getreply()[0] == 550


def test_a_login_is_asked_for() -> None:
    with (
        MailServer(login=("desk", "secret")) as server,
        smtplib.SMTP("127.0.0.1", server.port, timeout=5) as client,
    ):
        with pytest.raises(smtplib.SMTPSenderRefused, match="log in first"):
            client.send_message(a_mail())
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("desk", "wrong")
        client.login("desk", "secret")
        client.send_message(a_mail())


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_connection_is_encrypted_and_its_certificate_is_checked(tmp_path: Path, scheme: str) -> None:
    theirs, ours = certificate(tmp_path)
    smtps = scheme == "smtps"
    with MailServer(tls=theirs, smtps=smtps) as server:
        for context in (ours, ssl.create_default_context()):
            sending = aiosmtplib.send(
                a_mail(), hostname="localhost", port=server.port, use_tls=smtps, tls_context=context
            )
            if context is ours:
                await sending
            else:
                with pytest.raises((ssl.SSLError, aiosmtplib.SMTPConnectError)):
                    await sending
        assert server.url.startswith(f"{scheme}://")
        assert len(server.messages) == 1


def test_the_log_of_a_mail_process_survives_its_sudden_death(tmp_path: Path) -> None:
    with MailProcess(tmp_path / "mail.log", delay_ms=10) as server:
        send(server)
        send(server, "lisa@example.org")
        os.kill(server._process.pid, signal.SIGKILL)
    assert server.counts() == {DENIS: 1, "lisa@example.org": 1}
    assert server.accepted()[0]["message_id"] == f"<{DENIS}>"


# feeds


def get(url: str, **headers: str) -> tuple[int, bytes]:
    asked = urllib.request.Request(url, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_a_feed_that_did_not_change_is_not_sent_again(feed_server: FeedServer) -> None:
    url = feed_server.serve("/feed", "<rss/>", etag='"1"', modified=1_270_000_000)
    assert get(url) == (200, b"<rss/>")
    assert get(url, If_None_Match='"1"') == (304, b"")
    assert get(url, If_None_Match='"0"') == (200, b"<rss/>")
    assert get(url, If_Modified_Since="Wed, 31 Mar 2010 01:46:40 GMT") == (304, b"")
    assert get(url, If_Modified_Since="Wed, 31 Mar 2010 01:46:39 GMT") == (200, b"<rss/>")
    assert feed_server.count("/feed") == 5
    assert feed_server.last("/feed").status == 200


def test_a_feed_moves_fails_and_goes(feed_server: FeedServer) -> None:
    feed_server.serve("/new", "<rss/>")
    feed_server.redirect("/old", feed_server.url("/new"))
    assert get(feed_server.url("/old")) == (200, b"<rss/>")
    feed_server.fail("/new", 500, times=1)
    assert [get(feed_server.url("/new"))[0] for _ in range(2)] == [500, 200]
    feed_server.answer("/new", 410)
    assert get(feed_server.url("/new"))[0] == 410
    assert get(feed_server.url("/never"))[0] == 404


def test_a_slow_feed_takes_its_time(feed_server: FeedServer) -> None:
    url = feed_server.serve("/feed", "<rss/>")
    feed_server.slow("/feed", 0.3)
    begun = time.monotonic()
    assert get(url) == (200, b"<rss/>")
    assert time.monotonic() - begun >= 0.3


# databases


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_test_has_an_empty_database(database_url: str, turn: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as tx:
        tx.execute(text("CREATE TABLE only_once (n INTEGER)"))
    engine.dispose()


def test_a_template_is_filled_once_and_copied(postgres: Postgres) -> None:
    filled = []

    def fill(url: str) -> None:
        filled.append(url)
        with psycopg.connect(url) as tx:
            tx.execute("CREATE TABLE filled (n INTEGER)")

    for _ in range(3):
        url = postgres.create(postgres.template("filled", fill))
        with psycopg.connect(url) as tx:
            assert tx.execute("SELECT count(*) FROM filled").fetchone() == (0,)
        postgres.drop(url)
    assert len(filled) == 1


# components and the browser


def test_a_missing_component_skips_with_a_sentence_and_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt install postgresql"):
        lacks("postgresql")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="apt install chromium"):
        lacks("chromium")
    assert all(sentence.startswith("this test needs") for sentence in HOW_TO_GET.values())


def test_a_page_is_seen_at_two_sizes_and_stays_on_loopback(browser: Browser, feed_server: FeedServer) -> None:
    url = feed_server.serve("/", "<title>Vigil</title><p>Слушание", "text/html; charset=utf-8")
    widths = []
    for page in (browser.desktop(), browser.phone()):
        page.goto(url)
        assert page.title() == "Vigil"
        widths.append(page.viewport_size["width"] if page.viewport_size else 0)
    assert widths == [1280, 390]
    assert [c for c in browser.complaints if "favicon" not in c and "404" not in c] == []
    page.evaluate("fetch('http://example.org/').catch(() => 0)")
    assert any(c.startswith("left loopback: http://example.org") for c in browser.complaints)


async def test_an_async_test_may_follow_the_browser() -> None:
    await asyncio.sleep(0)


def test_the_components_script_is_valid_shell() -> None:
    root = Path(__file__).parents[2]
    for script in (".ci/components", ".ci/run"):
        assert os.access(root / script, os.X_OK)
        subprocess.run(["bash", "-n", root / script], check=True)
