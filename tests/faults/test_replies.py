"""A relay that refuses, puts off, loses its replies or talks nonsense: nobody is lost, and nobody is blamed for it."""

from __future__ import annotations

import time
from datetime import timedelta

from desk import APPROVER, Desk, eventually
from faultdesk import FaultDesk, accepted, reckon
from servers import MailServer

READERS = 24
ONE = "reader5@mission5.example"
NOBODY = {"rejected": 0, "retrying": 0, "unknown": 0, "suppressed": 0}


def works(desk: FaultDesk, readers: int = READERS) -> None:
    """A desk with so many readers, and a process at work."""
    desk.sets_its_clock().opens().has_a_case().has_readers(readers)
    desk.starts()


# replies that never come


def test_of_the_replies_that_are_lost_after_the_final_dot_each_is_asked_again_with_the_same_id(
    desk: FaultDesk, relay: MailServer
) -> None:
    """Seen to fail with a lost final reply taken for a refusal of the reader: some who have the mail were
    rejected, and nobody was in doubt. Seen to fail with each loss costing the next reader a minute as well.
    """
    relay.loses, readers = 0.02, 400
    works(desk, readers)
    alert = desk.publishes()
    desk.sees(alert, pending=0)
    found = reckon(desk, alert, accepted(relay))
    lost = found["unknown"]
    assert 0 < lost == len(relay.messages) - found["sent"]
    assert found["retrying"] == 0, "nobody else pays, although an envelope had gone with the text of each"
    relay.relent()
    desk.outwaits(alert, sent=readers)
    reckon(desk, alert, accepted(relay), doubles=lost)
    assert len(relay.messages) == readers + lost


BREAKS = {
    "after the dot": ("DATA", b"", True),
    "in the text": ("BODY", b"", False),
    "at the dot": ("DATA", b"", False),
    "half a reply": ("DATA", b"250 2.0", True),
    "half of two lines": ("DATA", b"250-2.0.0 queued\r\n", True),
    "550 in the text": ("BODY", b"550 5.3.0 no more of this\r\n", False),
    "at MAIL": ("MAIL", b"", False),
    "at RCPT": ("RCPT", b"", False),
    "at DATA": ("354", b"", False),
}


def test_a_line_that_breaks_costs_its_reader_a_wait_and_nobody_anything_else(
    desk: FaultDesk, relay: MailServer, thorough: bool
) -> None:
    """Who it was ends as sent, once the relay answers again; if the mail had been kept, with two copies of one id.

    Seen to fail with a reply that is believed before its line ends: “250 2.0” counted as sent.
    """
    works(desk)
    for name, (at, said, keep) in list(BREAKS.items())[:: 1 if thorough else 3]:
        before = len(relay.messages)
        relay.misbehave(at, said, keep=keep, to=None if at == "MAIL" else ONE)
        alert = desk.publishes()
        desk.sees(alert, lambda found: found["pending"] == 0 or found["sent"] >= READERS - 1)
        found = reckon(desk, alert, accepted(relay)[before:], doubles=int(keep))
        assert (found["rejected"], found["suppressed"]) == (0, 0), f"{name}: {found}"
        desk.outwaits(alert, sent=READERS)
        reckon(desk, alert, accepted(relay)[before:], doubles=int(keep))
        assert len(relay.messages) - before == READERS + keep, name


def test_a_reply_that_does_not_end_is_given_up_after_the_timeout_and_the_others_go_on(
    desk: FaultDesk, relay: MailServer
) -> None:
    """One byte a second, line after line for ever, and a line of three megabytes.

    Seen to fail with a patience that begins anew with each byte: 30 s later that mail was under way still.
    """
    desk.environment["VIGIL_SMTP__TIMEOUT"] = "2"
    works(desk)
    for name in ("slow", "endless", "huge"):
        before, ended = len(relay.messages), len(relay.odd_until)
        if name == "endless":
            relay.babble("DATA", b"250-and there is more\r\n", to=ONE)
        elif name == "huge":
            relay.misbehave("DATA", b"250 2.0.0 " + b"x" * 3_000_000 + b"\r\n", to=ONE)
        else:
            relay.misbehave("DATA", *(bytes([byte]) for byte in b"250 2.0.0 queued\r\n" * 5), every=1, to=ONE)
        alert = desk.publishes()
        found = desk.sees(alert, seconds=30, pending=0)
        assert (found["rejected"], found["unknown"]) == (0, 1), f"{name}: after the final dot it may have arrived"
        assert found["retrying"] == 0, f"{name}: nobody else pays, although an envelope had gone with that text"
        eventually(lambda ended=ended: len(relay.odd_until) > ended, 15, "the line is closed by us")  # type: ignore[misc]
        reckon(desk, alert, accepted(relay)[before:])
        desk.outwaits(alert, sent=READERS)
        reckon(desk, alert, accepted(relay)[before:])


# refusals


def test_everybody_greylisted_has_it_a_little_later_and_once(desk: FaultDesk, relay: MailServer) -> None:
    """A domain that puts off several is given time, so its last reader may wait for the others.

    Seen to fail with a 451 taken for an end: all rejected.
    """
    relay.greylists, readers = True, 28
    works(desk, readers)
    alert = desk.publishes()
    eventually(lambda: relay.refused >= 20, 60, "put off")
    time.sleep(1)
    found = desk.status(alert)
    assert found["retrying"] + found["pending"] == readers
    desk.outwaits(alert, sent=readers)
    reckon(desk, alert, accepted(relay))


OF_US = [
    ("CONNECT", "554 5.7.1 no service for you"),
    ("EHLO", "550 5.7.1 your name is not welcome"),
    ("AUTH", "535 5.7.8 wrong user name or password"),
    ("MAIL", "550 5.1.8 sender address refused"),
    ("MAIL", "552 5.2.2 you are over your quota"),
    ("RCPT", "550 5.7.1 relaying denied"),
    ("354", "554 5.5.1 no"),
    ("DATA", "554 5.7.1 looks like spam"),
    ("DATA", "552 5.3.4 message too big"),
    ("DATA", "550 5.4.5 Daily user sending limit exceeded"),
]


def test_a_refusal_of_us_marks_nobody_at_whatever_stage(desk: FaultDesk, relay: MailServer, thorough: bool) -> None:
    """Seen to fail with every 5xx taken for the reader's: all 24 rejected."""
    relay.login = ("desk", "secret")
    desk.environment["VIGIL_SMTP__URL"] = relay.url
    works(desk)
    for at, reply in OF_US[:: 1 if thorough else 2]:
        before, refused = len(relay.messages), relay.refused
        relay.answer(reply, times=float("inf"), at=at)
        relay.hang_up()
        alert = desk.publishes()
        eventually(lambda refused=refused: relay.refused > refused, 30, f"a refusal: {reply}")  # type: ignore[misc]
        time.sleep(0.5)
        found = desk.status(alert)
        assert found | NOBODY | {"sent": 0, "pending": READERS} == found, f"{at}: {reply}: {found}"
        relay.relent()
        desk.outwaits(alert, sent=READERS)
        reckon(desk, alert, accepted(relay)[before:])
    assert "Traceback" not in desk.said()


OF_ONE = [
    ("RCPT", "550 5.1.1 no such user"),
    ("RCPT", "550 no such user here"),
    ("RCPT", "552 5.2.2 Quota exceeded"),
    ("DATA", "550 5.2.1 mailbox disabled"),
]


def test_a_refusal_of_one_reader_ends_that_reader_alone(desk: FaultDesk, relay: MailServer) -> None:
    """The relay takes all others of the same domain in the same minute.

    Seen to fail with every 5xx taken for one of us: a bad address stopped everybody's mail.
    """
    works(desk)
    for at, reply in OF_ONE:
        before = len(relay.messages)
        relay.answer(reply, times=float("inf"), at=at, to=ONE)
        alert = desk.publishes()
        desk.sees(alert, sent=READERS - 1, rejected=1)
        assert ONE not in relay.counts()
        reckon(desk, alert, accepted(relay)[before:])
        relay.relent()


def test_a_relay_full_of_421_is_waited_for(desk: FaultDesk, relay: MailServer, thorough: bool) -> None:
    """At the beginning, and in the middle of a conversation, after which it closes.

    Seen to fail with a 4xx taken for the reader's end: rejected.
    """
    works(desk)
    for at in ("CONNECT", "EHLO", "MAIL", "RCPT", "354", "DATA")[:: 1 if thorough else 2]:
        before, odd = len(relay.messages), len(relay.odd_until)
        relay.misbehave(at, b"421 4.3.2 too many connections, try again later\r\n", times=float("inf"))
        relay.hang_up()
        alert = desk.publishes()
        eventually(lambda odd=odd: len(relay.odd_until) > odd, 30, f"a 421 at {at}")  # type: ignore[misc]
        time.sleep(0.5)
        found = desk.status(alert)
        assert (found["sent"], found["rejected"]) == (0, 0), f"{at}: {found}"
        relay.relent()
        desk.outwaits(alert, sent=READERS)
        reckon(desk, alert, accepted(relay)[before:])


# the night of the quota


def test_a_quota_after_message_300_of_414_gives_the_first_300_what_they_need_most_and_the_rest_tomorrow(
    desk: FaultDesk, relay: MailServer
) -> None:
    """Who subscribed first is written to first, among those who need it alike.

    Seen to fail with every 5xx taken for the reader's: all after the 300th rejected for good.
    """
    desk.sets_its_clock().opens().has_a_case()
    imported(desk, "first", 290)
    imported(desk, "later", 124)
    relay.answer_after(300, "550 5.4.5 Daily user sending limit exceeded")
    alert = desk.publishes()
    desk.starts()
    desk.sees(alert, sent=300)
    found = desk.status(alert)
    assert found | NOBODY | {"pending": 114} == found
    assert sum(address.startswith("first") for address in relay.counts()) == 290, "not the right ones"
    assert "not written to" not in desk.vigil("subscriber", "list")
    relay.relent()
    desk.passes(timedelta(days=1))
    desk.outwaits(alert, sent=414)
    assert set(relay.counts().values()) == {1}
    reckon(desk, alert, accepted(relay))


def imported(desk: Desk, name: str, count: int) -> None:
    rows = "".join(f"{name}{n}@mission{n % 7}.example,,,diplomat,en,KG,,,,immediate\n" for n in range(count))
    header = "email,name,organisation,kind,language,countries,cases,topics,kinds,cadence\n"
    desk.vigil("import", "subscribers", desk.write(f"{name}.csv", header + rows), "--as", APPROVER, "--vetted")


def test_a_relay_that_takes_no_envelope_but_its_own_takes_ours(desk: FaultDesk, relay: MailServer) -> None:
    """Seen to fail with a return path that holds the recipient (VERP) used unasked: 553 for everybody."""
    relay.own = "desk@desk.example"
    works(desk)
    alert = desk.publishes()
    desk.sees(alert, sent=READERS)
    assert {mail.sender for mail in relay.messages} == {"desk@desk.example"}
    reckon(desk, alert, accepted(relay))
