"""What a partner mails is news; what only looks like it is not; and a partner who reads us answers as anybody."""

from __future__ import annotations

from builders import CLEO, NOON, a_subscriber, a_subscription
from mailsback import DESK, a_reply

from alerts.queue.table import TableQueue
from alerts.services import intake, returning, triage
from alerts.services.returning import Became
from alerts.store import Store
from watchers import returned

PARTNER = "bulletin@partner.example"


def comes(store: Store, queue: TableQueue, mail: bytes) -> Became:
    return returning.take(store, queue, returned.parse(f"mail{hash(mail)}", mail), NOON, (DESK,))


def partner(store: Store, address: str = PARTNER) -> str:
    return intake.add_partner(store, address, "Partner", by=CLEO, now=NOON).id


def bulletin(sender: str = PARTNER, headers: str = "", subject: str = "Bulletin 7") -> bytes:
    head = f"From: {sender}\nTo: {DESK}\nSubject: {subject}\nMessage-ID: <b7@partner.example>\n{headers}"
    return f"{head}Content-Type: text/plain; charset=utf-8\n\nA colleague was taken in Osh.\n".encode()


def test_a_partners_bulletin_is_a_signal_once_even_from_a_mailing_list(store: Store, queue: TableQueue) -> None:
    partner(store)
    mail = bulletin(headers="List-Id: <news.partner.example>\nPrecedence: bulk\n")
    assert (comes(store, queue, mail), comes(store, queue, mail)) == (Became.SIGNAL, Became.AGAIN)
    [seen] = triage.waiting(store)
    assert (seen.signal.title, seen.signal.text) == ("Bulletin 7", "A colleague was taken in Osh.")
    assert (seen.teller, seen.source.kind, seen.source.public) == ("Partner", "mail", False)
    with store.read() as tx:
        assert tx.replies.count() == 0
        assert PARTNER.encode() not in repr(tx.conn.exec_driver_sql("SELECT * FROM partner").all()).encode()


def test_what_only_looks_like_a_partners_is_no_signal(store: Store, queue: TableQueue) -> None:
    partner(store)
    forged = bulletin(headers="Authentication-Results: mx.desk.example; dmarc=fail\n")
    away = bulletin(headers="Auto-Submitted: auto-replied\n", subject="Out of office")
    for mail in (forged, away, bulletin("stranger@partner.example"), bulletin(subject="Re: Bishkek: call today")):
        assert comes(store, queue, mail) is not Became.SIGNAL
    assert triage.waiting(store) == []


def test_a_partner_who_reads_us_still_leaves_by_mail(store: Store, queue: TableQueue) -> None:
    partner(store, "jan@mission.example")
    who = a_subscriber("jan@mission.example")
    with store.begin() as tx:
        tx.subscribers.add(who)
        tx.subscriptions.add(a_subscription(who))
    assert comes(store, queue, a_reply("LEAVE", subject="LEAVE")) is Became.LEAVE


def test_a_partner_who_was_removed_is_anybody_again_and_their_news_stay(store: Store, queue: TableQueue) -> None:
    id = partner(store)
    comes(store, queue, bulletin())
    intake.remove_partner(store, id, by=CLEO, now=NOON)
    assert comes(store, queue, bulletin(subject="Bulletin 8")) is Became.NOT_OURS
    [seen] = triage.waiting(store)
    assert seen.signal.title == "Bulletin 7"
