"""What the commands set going, seen from the mailboxes: the real process and a real server."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from desk import APPROVER, AUTHOR, Desk, DeskHere, eventually
from servers import MailServer

HEADER = "email,name,organisation,kind,language,countries,cases,topics,kinds,cadence\n"
PLACE = "Asia/Bishkek"
JAN, OLA, NINA = "jan@mission.example", "ola@ngo.example", "nina@press.example"


def readers(desk: Desk, *rows: str, vetted: bool = True) -> None:
    text = HEADER + "".join(f"{row}\n" for row in rows)
    words = ("import", "subscribers", desk.write("readers.csv", text), "--as", APPROVER)
    desk.vigil(*words, *(["--vetted"] if vetted else []))


def local(hours: float) -> str:
    return (datetime.now(ZoneInfo(PLACE)) + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M")


def hearing(desk: Desk, hours: float, who: str = APPROVER) -> str:
    return desk.id("deadline", "set", "KG-1", "--kind", "hearing", "--at", local(hours), "--zone", PLACE, "--as", who)


def arrived(mail_server: MailServer, count: int) -> list[str]:
    """The subjects of all mail, once there are so many."""
    eventually(lambda: len(mail_server.messages) >= count, 20, f"{count} mails, not {len(mail_server.messages)}")
    return [str(message.message["subject"]) for message in mail_server.messages]


def settled(mail_server: MailServer, count: int) -> list[str]:
    """The same, and no more came while the clock ticked once more."""
    arrived(mail_server, count)
    time.sleep(1.5)
    assert len(arrived(mail_server, count)) == count
    return arrived(mail_server, count)


def test_a_new_address_gets_one_letter_and_a_vetted_one_none(posting: DeskHere, mail_server: MailServer) -> None:
    readers(posting, f"{OLA},,,ngo,ru,KG,,,,", vetted=True)
    readers(posting, f"{JAN},,,ngo,en,KG,,,,", f"{OLA},,,ngo,ru,KG,,,,", vetted=False)
    readers(posting, f"{JAN},,,ngo,en,KG;KZ,,,,", vetted=False)
    posting.starts()
    [subject] = settled(mail_server, 1)
    assert subject.startswith("Please confirm")
    assert mail_server.messages[0].recipients == (JAN,)


def test_one_mail_a_person_however_many_subscriptions_match_in_their_language_or_with_a_line_that_says_why_not(
    mailing: Desk, mail_server: MailServer
) -> None:
    readers(
        mailing,
        f"{JAN},,,ngo,en,KG,KG-1,,urgent;update,",
        f"{JAN},,,ngo,en,KG;KZ,,,,",
        f"{OLA},,,ngo,ru,KG,,,,",
        f"{NINA},,,ngo,kk,,KG-1,,,daily",
    )
    mailing.starts()
    id = mailing.publishes()
    settled(mail_server, 3)
    assert mail_server.counts() == {JAN: 1, OLA: 1, NINA: 1}
    mails = {message.recipients[0]: message.text for message in mail_server.messages}
    assert "You get this because you follow: Kyrgyzstan, KG-1" in mails[JAN]
    assert mails[OLA].startswith("На Вашем языке текста пока нет")
    assert mails[NINA].startswith("Сіздің тіліңізде")
    status = mailing.status(id)
    assert (status["state"], status["audience"], status["sent"]) == ("published", 3, 3)


def test_a_correction_goes_to_exactly_those_who_had_the_old_date(posting: DeskHere, mail_server: MailServer) -> None:
    readers(posting, f"{JAN},,,ngo,en,KG,,,,")
    posting.starts()
    id = hearing(posting, 240)
    assert "CORRECTION" not in arrived(mail_server, 1)[0]
    readers(posting, f"{OLA},,,ngo,en,KG,,,,")
    posting.vigil("deadline", "reschedule", id, "--to", local(200), "--as", APPROVER)
    assert arrived(mail_server, 2)[1].startswith("CORRECTION")
    posting.vigil("deadline", "reschedule", id, "--to", local(300), "--reason", "no interpreter", "--as", AUTHOR)
    settled(mail_server, 2)
    posting.vigil("deadline", "confirm", id, "--as", APPROVER)
    arrived(mail_server, 3)
    posting.vigil("deadline", "adjourn", id, "--as", APPROVER)
    assert settled(mail_server, 4)[3].startswith("CORRECTION")
    assert mail_server.counts() == {JAN: 4}


def test_a_withdrawal_follows_without_the_name(mailing: Desk, mail_server: MailServer) -> None:
    readers(mailing, f"{JAN},,,ngo,en,KG,,,,", f"{OLA},,,ngo,ru,KG,,,,")
    mailing.starts()
    id = mailing.publishes("Bishkek: Aida Sample taken")
    arrived(mail_server, 2)
    withdrawal = mailing.id("alert", "withdraw", id, "--as", APPROVER)
    settled(mail_server, 4)
    assert mail_server.counts() == {JAN: 2, OLA: 2}
    for message in mail_server.messages[2:]:
        said = f"{message.message['subject']} {message.text} {message.message.get_body(('html',))}"
        assert [word for word in ("Aida", "Sample", "KG-1", "Bishkek") if word in said] == []
    assert mailing.status(withdrawal)["sent"] == 2


def test_of_the_rungs_that_are_past_one_fires_and_only_if_the_next_is_far(
    posting: DeskHere, mail_server: MailServer
) -> None:
    readers(posting, f"{JAN},,,ngo,en,KG,,,,")
    expected = {
        hearing(posting, 10): (["T-1d"], ["T-3h", "T+6h"]),
        hearing(posting, 240): (["T-14d"], ["T-7d", "T-3d", "T-1d", "T-3h", "T+6h"]),
        hearing(posting, 0.5): (["T-3h"], ["T+6h"]),
        hearing(posting, 3.5): ([], ["T-3h", "T+6h"]),
        hearing(posting, 10, AUTHOR): ([], []),
    }
    running = posting.starts("work")
    [subject] = settled(mail_server, 1)  # three of them fall together for this reader
    assert "and 2 more dates" in subject
    posting.stops(running)
    with contextlib.closing(sqlite3.connect(posting.folder / "vigil.db")) as db:
        rungs = db.execute("SELECT deadline_id, rung, fate, reason FROM reminder ORDER BY fire_at").fetchall()
    for id, (fired, pending) in expected.items():
        mine = [(rung, fate) for deadline, rung, fate, _ in rungs if deadline == id]
        assert [rung for rung, fate in mine if fate == "fired"] == fired
        assert [rung for rung, fate in mine if fate == "pending"] == pending
    assert [rung for _, rung, fate, reason in rungs if fate == "skipped" and not reason] == []


def test_a_reminder_that_was_due_while_the_desk_was_down_goes_out_once(
    posting: DeskHere, mail_server: MailServer
) -> None:
    readers(posting, f"{JAN},,,ngo,en,KG,,,,")
    hearing(posting, 10)
    for _ in range(2):
        running = posting.starts()
        settled(mail_server, 1)
        posting.kills(running)


def test_a_test_mail_is_the_real_one_marked_and_counts_nowhere(posting: DeskHere, mail_server: MailServer) -> None:
    readers(posting, f"{JAN},,,ngo,en,KG,,,,")
    body = posting.write("body.txt", "She was taken from her home.\n")
    id = posting.id("alert", "draft", "--case", "KG-1", "--title", "Taken", "--body-file", body, "--as", AUTHOR)
    assert posting.id("alert", "test", id, "--to", NINA, "--as", AUTHOR) == id
    [message] = mail_server.messages
    assert message.recipients == (NINA,)
    assert str(message.message["subject"]).startswith("TEST – ")
    assert "She was taken from her home." in message.text
    assert posting.status(id)["audience"] == 0
