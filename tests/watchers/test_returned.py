"""What strangers write is read as plain values; no bytes stop the reading, and none take long."""

from __future__ import annotations

import time
from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from mailsback import AWAY, PLAIN_BOUNCE, a_complaint, a_reply, a_report

from alerts.domain import returns
from alerts.domain.returns import Complaint, Report, Sort
from watchers import returned

PARTS = [
    b"From: jan@mission.example\n", b"From: a@x, b@x\n", b"From:\n", b"To: =?utf-8?b?////?= <a@x>\n",
    b"Subject: =?x?q?=?=\n",
    b"Return-Path: <>\n", b"From: mailer-daemon@x\n", b"Content-Type: multipart/report; boundary=b\n",
    b"Content-Type: multipart/mixed; boundary=b\n", b"Content-Type: text/html; charset=utf-7\n", b"\n",
    b"\r\n", b"--b\n",
    b"--b--\n", b"Content-Type: message/delivery-status\n\n", b"Content-Type: message/feedback-report\n\n",
    b"Content-Type: message/rfc822\n\n", b"Final-Recipient: rfc822; a@x\nAction: failed\n\n", b"Status: 5.1.1\n",
    b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: x-uuencode\n", b"\xff\xfe\x00",
    b"Feedback-Type:\n",
    b"Original-Rcpt-To: <a@x>\n", b"<blockquote>", b"In-Reply-To: <a@b>\n", b"Content-Disposition: attachment\n",
]  # fmt: skip


def read(data: bytes) -> returns.Returned:
    return returned.parse("mail", data)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.sampled_from(PARTS) | st.binary(max_size=40), max_size=30).map(b"".join))
@example(b"")
@example(b"From: mailer-daemon@x\n\n")
@example(b"Content-Type: message/delivery-status\n\nFinal-Recipient: x\n")
def test_no_bytes_stop_the_reading(data: bytes) -> None:
    mail = read(data)
    returns.sort(mail), returns.forged(mail)
    assert all(returns.severity(report) is None or report.recipient for report in mail.reports)
    mail.text.encode(), mail.subject.encode(), mail.sender.encode()


@pytest.mark.parametrize(
    "data",
    [
        b"From: a@x\nContent-Type: multipart/mixed; boundary=b\n\n"
        + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 9000,
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(300))
        + b"\n" * 400_000,
        b"From: " + b"=?utf-8?q?=41?= " * 60_000 + b"<a@x>\n\nYES",
        b"From: " + b"(" * 200_000 + b"\nTo: " + b"<" * 200_000 + b"\n\nYES",
        b"From: mailer-daemon@x\nReturn-Path: <>\n\n" + b"<a@x>: 550 no such user\n" * 40_000,
        b"From: a@x\nContent-Type: text/html\n\n" + b"<div " * 200_000,
        b"From: a@x\n\n" + b"On Tue 1 Jan 2030 " * 50_000,
        b"From: a@x\n\n" + b"on \n" * 25_000 + b"YES",
    ],
    ids=["nested", "deep", "encoded", "brackets", "bounces", "html", "long line", "short lines"],
)
def test_a_mail_that_was_made_to_be_slow_is_read_in_no_time(data: bytes) -> None:
    began = time.process_time()
    mail = read(data[: 1024 * 1024])
    returns.sort(mail)
    assert time.process_time() - began < 5


def test_a_reply_is_read_with_who_wrote_and_what_it_answers() -> None:
    mail = read(a_reply("Да, приду\n", "jan@mission.example", "Re: Бишкек", answers="abc@desk.example"))
    assert (mail.sender, mail.subject, mail.text) == ("jan@mission.example", "Re: Бишкек", "Да, приду")
    assert mail.answers[0] == "abc@desk.example" and returns.sort(mail) is Sort.PERSON
    assert mail.to == ("desk@desk.example",)


def test_a_reply_in_html_is_read_without_what_it_quotes() -> None:
    html = '<p>Oui, je viens</p><div class="gmail_quote"><blockquote>LEAVE</blockquote></div>'
    assert read(a_reply("", html=html)).text == "Oui, je viens"


def test_two_senders_are_none() -> None:
    assert read(b"From: jan@mission.example, eve@x.example\n\nYES").sender == ""


def test_a_mail_that_another_carries_says_nothing_for_its_sender() -> None:
    inner = EmailMessage()
    inner["From"] = "jan@mission.example"
    inner.set_content("LEAVE")
    outer = EmailMessage()
    outer["From"] = "ola@ngo.example"
    outer.add_attachment(inner)
    assert read(outer.as_bytes()).text == ""


def test_a_report_is_read_recipient_by_recipient() -> None:
    mail = read(a_report("jan@mission.example", message_id="abc@desk.example"))
    assert mail.reports == (Report("jan@mission.example", "failed", "5.1.1", "550 5.1.1 no such user here"),)
    assert "abc@desk.example" in mail.ids and returns.sort(mail) is Sort.BOUNCE


def test_a_server_without_reports_is_understood() -> None:
    [report] = read(PLAIN_BOUNCE).reports
    assert (report.recipient, report.action) == ("jan@mission.example", "failed")
    assert returns.severity(report) is returns.Severity.HARD


def test_a_person_who_quotes_a_bounce_is_no_bounce() -> None:
    said = PLAIN_BOUNCE.partition(b"\n\n")[2].decode()
    mail = read(a_reply(f"I got this:\n{said}"))
    assert mail.reports == () and returns.sort(mail) is Sort.PERSON


def test_a_complaint_is_read_with_whom_it_is_about() -> None:
    mail = read(a_complaint("jan@mission.example", message_id="abc@desk.example", kind="fraud"))
    assert mail.complaint == Complaint(("jan@mission.example",), "fraud")
    assert "abc@desk.example" in mail.ids and returns.sort(mail) is Sort.COMPLAINT
    assert read(a_complaint("")).complaint == Complaint((), "abuse")


@pytest.mark.parametrize("name", AWAY)
def test_a_machine_is_known_for_one(name: str) -> None:
    assert returns.sort(read(AWAY[name])) is Sort.AUTOMATIC
