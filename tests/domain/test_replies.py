"""What a refusal means: is it about this reader, about us, or about this moment? Texts as providers write them."""

import pytest

from alerts.domain.delivery import Blocked, Rejected, Retry
from alerts.domain.replies import ABOUT_THEM as THEIR_CODES
from alerts.domain.replies import ABOUT_US as OUR_CODES
from alerts.domain.replies import CODES, Stage, about_quota, known, outcome

ABOUT_US = [
    (Stage.RCPT, 550, "5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go to"),
    (Stage.DATA, 550, "5.4.5 Daily user sending limit exceeded."),
    (Stage.DATA, 550, "5.1.90 Your message can't be sent because you've reached your daily limit."),
    (Stage.DATA, 550, "5.7.30 Basic authentication is not supported for Client Submission."),
    (Stage.RCPT, 550, "5.7.1 Relaying denied"),
    (Stage.RCPT, 554, "5.7.1 <cleo@example.org>: Relay access denied"),
    (Stage.RCPT, 554, "5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org"),
    (Stage.RCPT, 553, "5.7.1 <desk@example.org>: Sender address rejected: not owned by user bek"),
    (Stage.RCPT, 550, "5.1.8 <desk@example.org>: Sender address rejected: Domain not found"),
    (Stage.RCPT, 550, "Sender address rejected"),
    (Stage.DATA, 550, "5.7.26 This mail is unauthenticated, which poses a security risk to the sender and Gmail users"),
    (Stage.DATA, 554, "5.7.0 Message rejected as spam by Content Filtering."),
    (Stage.DATA, 552, "5.3.4 Message size exceeds fixed limit"),
    (Stage.MAIL, 550, "5.1.7 Invalid sender"),
    (Stage.MAIL, 530, "5.7.0 Must issue a STARTTLS command first"),
    (Stage.MAIL, 452, "4.3.1 Insufficient system storage"),
    (Stage.MAIL, 503, "5.5.1 nested MAIL command"),
    (Stage.LOGIN, 535, "5.7.8 Username and Password not accepted"),
    (Stage.LOGIN, 454, "4.7.0 Temporary authentication failure"),
    (Stage.CONNECT, 554, "5.7.1 No SMTP service here"),
    (Stage.CONNECT, 421, "4.3.2 too many connections"),
    (Stage.MAIL, 553, "5.7.1 <desk+x1@example.org>: Sender address rejected: not owned by user desk@example.org"),
    (Stage.DATA, 454, "Throttling failure: Daily message quota exceeded"),
    (Stage.MAIL, 452, "4.5.3 Daily message limit exceeded."),
]  # fmt: skip
ABOUT_THEM = [
    (Stage.RCPT, 550, "5.1.1 The email account that you tried to reach does not exist."),
    (Stage.RCPT, 550, "5.1.1 <cleo@example.org>: Recipient address rejected: User unknown in virtual mailbox table"),
    (
        Stage.RCPT,
        550,
        "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient cleo@example.org not found by SMTP address lookup",
    ),
    (Stage.RCPT, 550, "5.2.1 The email account that you tried to reach is disabled."),
    (Stage.RCPT, 550, "5.2.1 user account suspended"),
    (Stage.RCPT, 552, "5.2.2 <cleo@example.org>: Quota exceeded (mailbox for user is full)"),
    (Stage.RCPT, 550, "5.1.1 <antispam@example.org>: Recipient address rejected: User unknown"),
    (Stage.RCPT, 550, "<rate.limit+spam@example.org> user unknown"),
    (Stage.RCPT, 550, "5.4.1 Recipient address rejected: Access denied"),
    (Stage.RCPT, 553, "5.1.3 The recipient address is not a valid RFC 5321 address"),
    (Stage.RCPT, 550, "no such user here"),
    (Stage.RCPT, 550, "5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required"),
    (Stage.RCPT, 550, "Requested action not taken: mailbox unavailable"),
    (Stage.DATA, 550, "5.1.1 no such user"),
    (Stage.DATA, 552, "5.2.2 The email account that you tried to reach is over quota"),
]
LATER = [
    (
        Stage.RCPT,
        450,
        "4.2.0 <cleo@example.org>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/",
    ),
    (Stage.RCPT, 451, "4.7.1 Greylisting in action, please come back later"),
    (Stage.RCPT, 452, "4.2.2 The email account that you tried to reach is over quota"),
    (Stage.RCPT, 450, "4.1.1 unverified address"),
    (Stage.RCPT, 421, "4.7.28 unusual rate of unsolicited mail"),
    (Stage.DATA, 451, "4.3.0 local error in processing"),
    (Stage.DATA, 421, "4.3.2 shutting down"),
    (Stage.MAIL, 421, "4.7.0 too many messages on this connection"),
    (Stage.DATA, 454, "Throttling failure: Maximum sending rate exceeded."),
    (Stage.MAIL, 454, "4.7.0 slow down"),
]
OF_NO_TABLE = [
    (Stage.RCPT, 550, ""),
    (Stage.RCPT, 550, "not today"),
    (Stage.RCPT, 550, "5.0.0 delivery refused"),
    (Stage.RCPT, 550, "5.1.0 address rejected"),
    (Stage.RCPT, 554, "5.4.4 unable to route"),
    (Stage.DATA, 554, "Transaction failed"),
]


def about(cases):
    return pytest.mark.parametrize(("stage", "code", "text"), cases, ids=lambda value: str(value)[:40])


@about(ABOUT_US)
def test_a_refusal_of_us_blames_no_reader(stage, code, text):
    assert outcome(stage, code, text) == Blocked(f"{code} {text}")


@about(ABOUT_THEM)
def test_an_address_that_does_not_work_stops_nobody_else(stage, code, text):
    assert outcome(stage, code, text) == Rejected(f"{code} {text}".strip())


@about(ABOUT_US)
def test_what_is_known_to_be_about_us_stays_so_although_others_of_that_domain_were_taken(stage, code, text):
    assert outcome(stage, code, text, took_others=True) == Blocked(f"{code} {text}")


@about(OF_NO_TABLE)
def test_a_refusal_of_no_table_is_about_the_reader_only_where_others_of_their_domain_were_taken(stage, code, text):
    reason = f"{code} {text}".strip()
    assert outcome(stage, code, text) == Blocked(reason)
    assert outcome(stage, code, text, took_others=True) == Rejected(reason)
    assert not known(reason)


def test_every_code_has_its_source_and_stands_once():
    assert all(code.source and code.says for code in CODES)
    assert len({(code.subject, code.detail, code.stage) for code in CODES}) == len(CODES)
    assert not THEIR_CODES & OUR_CODES


@pytest.mark.parametrize(
    ("reason", "quota"),
    [
        ("550 5.4.5 Daily user sending limit exceeded", True),
        ("550 5.1.90 Your message can't be sent because you've reached your daily limit.", True),
        ("454 Throttling failure: Daily message quota exceeded", True),
        ("535 5.7.8 Username and Password not accepted", False),
        ("the relay cannot be reached: refused", False),
    ],
)
def test_a_full_day_is_told_from_what_does_not_end_by_itself(reason, quota):
    assert about_quota(reason) is quota
    assert known(reason)


@about(LATER)
def test_what_may_pass_is_tried_again(stage, code, text):
    assert outcome(stage, code, text) == Retry(f"{code} {text}")


def test_the_reason_is_one_short_line():
    found = outcome(Stage.RCPT, 550, "5.1.1 no such user\r\n550 5.1.1  see\t" + "x" * 5000)
    assert found.reason.startswith("550 5.1.1 no such user 550 5.1.1 see xxx")
    assert len(found.reason) < 310
