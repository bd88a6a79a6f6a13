"""No stale word overtakes a new one: withdrawals, cancellations and moved dates that come into a fan-out."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from desk import APPROVER, AUTHOR, eventually
from faultdesk import FaultDesk
from servers import MailServer, Received

READERS = 400
LONG = pytest.mark.timeout(240)


@LONG
@pytest.mark.parametrize("word", ["cancel", "withdraw"])
def test_two_seconds_after_a_halt_no_mail_of_the_alert_is_accepted(
    desk: FaultDesk, relay: MailServer, word: str
) -> None:
    """And whoever has it, and nobody else, is asked to delete it.

    Seen to fail with a batch that is sent to its end whatever happens meanwhile: mails for as long as it lasted.
    """
    relay.delay = 0.2
    desk.opens().has_a_case().has_readers(READERS)
    alert = desk.publishes()
    desk.starts()
    eventually(lambda: len(relay.messages) >= 60, 60, "mid fan-out")
    said = desk.vigil("alert", word, alert, "--as", APPROVER)
    halted = time.time()
    found = desk.sees(alert, pending=0)
    assert found["withdrawn"] > 0
    time.sleep(2)
    first = of(relay, lambda mail: "sample" in mail.text.lower())
    assert max(mail.at for mail in first) <= halted + 2
    had = {mail.recipients[0] for mail in first}
    assert found["sent"] <= len(had) <= found["sent"] + found["unknown"] + found["retrying"]
    if word == "withdraw":
        notice = said.split()[-1]
        desk.sees(notice, pending=0, retrying=0)
        asked = {mail.recipients[0] for mail in relay.messages} & {
            mail.recipients[0] for mail in of(relay, lambda mail: "sample" not in mail.text.lower())
        }
        assert asked == had
        for reader in had:
            assert [mail for mail in relay.messages if reader in mail.recipients][-1] not in first
    else:
        assert len(relay.messages) == len(first)


def of(relay: MailServer, wanted: Callable[[Received], bool]) -> list[Received]:
    return [mail for mail in list(relay.messages) if wanted(mail)]


@LONG
def test_a_reader_whose_reminder_was_greylisted_gets_the_moved_date_or_nothing(
    desk: FaultDesk, relay: MailServer
) -> None:
    """Seen to fail with a correction that leaves `retry` alone: the stale reminder went out after it."""
    desk.sets_its_clock().opens().has_a_case().has_readers(20)
    desk.apart = True
    late = "reader3@mission3.example"
    relay.answer("451 4.7.1 greylisted", times=1, to=late)
    now = datetime.now(UTC)
    old, new = now + timedelta(days=7, minutes=3), now + timedelta(days=20)
    words = ("--zone", "UTC", "--as", APPROVER)
    deadline = desk.id("deadline", "set", "KG-1", "--kind", "hearing", "--at", f"{old:%Y-%m-%d %H:%M}", *words)
    desk.starts()
    time.sleep(1.5)
    desk.passes(timedelta(minutes=5))
    eventually(lambda: len(relay.messages) >= 19, 60, "the reminder: " + desk.said()[-500:])
    time.sleep(1)
    assert late not in relay.counts()
    to = f"{new:%Y-%m-%d %H:%M}"
    desk.vigil("deadline", "reschedule", deadline, "--to", to, "--reason", "the judge is ill", *words)
    eventually(lambda: len(relay.messages) >= 38, 60, "the correction")
    for _ in range(3):
        desk.passes(timedelta(minutes=20))
        time.sleep(3)
    stale = f"{old:%d}".lstrip("0")
    theirs = [mail for mail in relay.messages if late in mail.recipients]
    assert len(theirs) <= 1
    assert all("ill" in mail.text for mail in theirs), f"the stale reminder of the {stale}th"
    found = [desk.status(alert["id"]) for alert in desk.json("alert", "list") if alert["published_at"]]
    assert sum(alert["sent"] for alert in found) == len(relay.messages)


@LONG
def test_a_correction_of_a_text_reaches_who_had_it_and_stops_it_for_who_had_not(
    desk: FaultDesk, relay: MailServer
) -> None:
    """Those who were put off when it came never get the wrong text after the right one.

    Seen to fail with a correction that leaves alone who waits for another try: they got the wrong text after all.
    """
    desk.sets_its_clock().opens().has_a_case().has_readers(40)
    relay.answer("452 4.2.2 their mailbox is full", times=15)
    alert = desk.publishes()
    desk.starts()
    desk.sees(alert, pending=0)
    put_off = 40 - len(relay.messages)
    assert put_off == 15
    body = desk.write("right.txt", "She was taken on Wednesday, not on Tuesday.\n")
    corrected = desk.id("alert", "correct", alert, "--body-file", body, "--as", AUTHOR)
    desk.vigil("alert", "submit", corrected, "--as", AUTHOR)
    desk.vigil("alert", "approve", corrected, "--as", APPROVER)
    desk.vigil("alert", "publish", corrected, "--as", AUTHOR)
    desk.sees(corrected, pending=0)
    for _ in range(3):
        desk.passes(timedelta(minutes=20))
        time.sleep(2)
    for reader in relay.counts():
        theirs = [mail for mail in relay.messages if reader in mail.recipients]
        assert "Wednesday" in theirs[-1].text, reader
    found = desk.status(alert)
    assert found["sent"] == sum("Wednesday" not in mail.text for mail in relay.messages)
    assert found["retrying"] == 0
