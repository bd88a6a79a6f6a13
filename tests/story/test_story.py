"""The whole house in one walk: a new contributor reads this first."""

from datetime import timedelta

import pytest
from builders import ANA, BEK, NOON, a_case, a_person, a_source, a_subscriber, a_subscription
from storydesk import StoryDesk

from alerts.domain.errors import Forbidden
from alerts.domain.responses import Answer
from alerts.domain.triage import Handled
from alerts.services import alerting, responding, triage

NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>News</title><item><title>В Бишкеке задержана Аида Сампл</title>
<guid>http://news.example/1</guid><link>http://news.example/1</link>
<pubDate>Tue, 01 Jan 2030 11:40:00 GMT</pubDate></item></channel></rss>"""


def test_from_feed_to_mailbox_and_back(desk: StoryDesk) -> None:
    url = desk.feeds.serve("/news.rss", NEWS)
    case, reader = a_case(), a_subscriber(email="cleo@mission.example")
    with desk.store.begin() as tx:
        tx.staff.add(ANA, BEK)
        tx.cases.add(case)
        person, forms = a_person(case, "Aida Sample", "Аида Сампл")
        tx.people.add(person)
        tx.forms.add(*forms)
        tx.sources.add(a_source(url=url, local=True))
        tx.subscribers.add(reader)
        tx.subscriptions.add(a_subscription(reader, countries=("KG",)))

    desk.tick(NOON)
    [seen] = triage.waiting(desk.store)
    [match] = seen.matches
    assert (match.form, match.words) == ("Аида Сампл", "Аида Сампл")
    desk.tick(NOON + timedelta(hours=1))
    assert len(triage.waiting(desk.store)) == 1, "the same news is one signal"

    text = alerting.Text("Bishkek: Aida Sample taken – call today", "Late in the evening she was taken from her home.")
    alert = alerting.draft(desk.store, case.code, text, language="en", by=ANA, now=desk.now)
    triage.mark(desk.store, seen.signal.id, Handled.USED, by=ANA, now=desk.now, alert_id=alert.id)
    alerting.submit(desk.store, alert.id, by=ANA, now=desk.now)
    with pytest.raises(Forbidden):
        alerting.approve(desk.store, alert.id, by=ANA, now=desk.now)  # never one's own
    alerting.approve(desk.store, alert.id, by=BEK, now=desk.now)
    alerting.publish(desk.store, desk.queue, alert.id, by=ANA, now=desk.now)
    assert desk.status(alert.id) == {"audience": 1, "pending": 1}

    desk.mail.answer("451 4.7.1 greylisted", times=1)
    desk.drain()
    assert desk.status(alert.id) == {"audience": 1, "retrying": 1}
    desk.tick(desk.now + timedelta(minutes=5))
    desk.drain()
    assert desk.status(alert.id) == {"audience": 1, "sent": 1}

    mail = desk.mail.to("cleo@mission.example")
    assert mail["Subject"] == "Bishkek: Aida Sample taken – call today"
    token = mail.get_body(("plain",)).get_content().partition("/answer/")[2].split()[0]
    responding.answer(desk.store, token, Answer.YES, "We call the ministry at nine.", desk.now)
    with desk.store.read() as tx:
        [response] = tx.responses.where()
        assert (response.answer, response.text) == (Answer.YES, "We call the ministry at nine.")
        assert tx.audit.broken_at() is None
