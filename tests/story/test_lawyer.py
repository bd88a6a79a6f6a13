"""A hearing is moved the evening before: the lawyer is asked by mail, answers on the page, and the readers know."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from builders import ANA, BEK, a_case, a_confidant, a_person, a_subscriber, a_subscription
from storydesk import StoryDesk

from alerts.domain.deadlines import Kind
from alerts.domain.questions import Answer, Given, Seen
from alerts.domain.times import at
from alerts.services import answering, confidants, deadlines
from alerts.services.links import Purpose, subject

READER, LAWYER = "cleo@mission.example", "nurlan@law.example"


def test_the_lawyer_moves_a_hearing_and_the_readers_know(desk: StoryDesk) -> None:
    case = a_case()
    ten = at((desk.now + timedelta(days=4)).strftime("%Y-%m-%d 10:00"), "Asia/Bishkek")
    with desk.store.begin() as tx:
        tx.staff.add(ANA, replace(BEK, notices=True))
        tx.cases.add(case)
        tx.people.add(a_person(case)[0])
        tx.confidants.add(a_confidant(case.id))
        tx.subscribers.add(reader := a_subscriber(email=READER))
        tx.subscriptions.add(a_subscription(reader))
    hearing = deadlines.enter(desk.store, case.code, Kind.HEARING, ten, by=BEK, now=desk.now)

    desk.tick(ten.instant - timedelta(days=3))
    desk.drain()
    asked = desk.mail.to(LAWYER)
    assert "10:00" in asked["Subject"] and "Aida" not in str(asked)
    reminded = desk.mail.to(READER)

    token = asked.get_body(("plain",)).get_content().partition("/tell/")[2].split()[0]
    assert subject(desk.store.vault, Purpose.TELL, token, desk.now)
    sooner = at(ten.wall.strftime("%Y-%m-%d 08:30"), "Asia/Bishkek")
    given = Given(Answer.MOVED, Seen.REFUSED, to=sooner)
    answering.answer(desk.store, desk.queue, desk.app.render.languages, token, given, desk.now)
    desk.drain()

    corrected = desk.mail.to(READER)
    assert corrected["Message-ID"] != reminded["Message-ID"] and "08:30" in str(corrected["Subject"])
    assert case.code in desk.mail.to(BEK.email).get_body(("plain",)).get_content(), "staff hear of “not let in”"
    with desk.store.read() as tx:
        assert tx.deadlines.get(hearing.id).when == sooner
        assert confidants.last_seen(tx, case.id) is None
