"""What the pages say of the relays: who waits until when before anything is sent, and which of them refuses us."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from website import NOON, Visitor, Website, a_desk

from alerts.bootstrap import App
from alerts.domain.delivery import Blocked
from alerts.domain.staff import Role, Staff
from alerts.engine import ticks
from alerts.services import alerting, importing, relays, relaysetup, staffing, ways
from alerts.services.alerting import Text
from alerts.services.relaysetup import Given

READERS = "email,name,organisation,kind,language,countries,cases,topics,kinds,cadence\n" + "".join(
    f"r{n}@embassy.example,,,diplomat,en,KG,,,,immediate\n" for n in range(5)
)
QUOTA = Blocked("550 5.4.5 Daily user sending limit exceeded")


@dataclass
class Desk:
    app: App
    site: Website
    cleo: Staff
    draft: str

    def page(self, place: str) -> str:
        visitor: Visitor = self.site.visitor()
        visitor.cookies["vigil"] = staffing.offer(self.app.store, self.cleo.id, self.app.now())
        answer = visitor.get(place)
        assert answer.status == 200, place
        return " ".join(answer.text.split())

    def adds(self, name: str, **given: object) -> None:
        said = Given(sender="desk@example.org", ramp=False, **given)  # type: ignore[arg-type]
        relaysetup.add(self.app.store, self.app.settings, name, "postfix", said, by=self.cleo, now=NOON)

    def is_refused(self, name: str) -> None:
        with self.app.store.begin() as tx:
            relays.refused(tx, relays.get(tx, self.app.settings, name), QUOTA, NOON)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    app = a_desk(tmp_path, "", VIGIL_DESK__ZONE="Asia/Bishkek", VIGIL_SMTP__URL="")
    cleo, _ = staffing.add(app.store, "cleo@desk.example", Role.ADMIN, now=NOON, name="Cleo")
    importing.subscribers(app.store, app.queue, READERS, by=cleo, now=NOON, vetted=True)
    text = Text("Bishkek: A. Sample taken", "She was taken from her home.")
    draft = alerting.draft(app.store, None, text, language="en", by=cleo, now=NOON, countries=("KG",))
    with Website(app) as site:
        yield Desk(app, site, cleo, draft.id)
    app.close()


def test_compose_and_the_alert_s_page_say_who_waits_until_when(desk: Desk) -> None:
    pages = (f"/alerts/{desk.draft}", f"/alerts/{desk.draft}/edit?language=en")
    desk.adds("second", daily=3)
    for place in pages:
        assert "3 more possible today: 2 of 5 wait until 19:00 tomorrow." in desk.page(place)
    russian = "Сегодня можно отправить ещё 3: 2 из 5 ждут до 19:00 завтра."
    assert russian in desk.page(f"{pages[0]}?lang=ru")
    relaysetup.change(desk.app.store, desk.app.settings, "second", Given(daily=300), by=desk.cleo, now=NOON)
    for place in pages:
        assert "300 more possible today: enough." in desk.page(place)
    relaysetup.change(desk.app.store, desk.app.settings, "second", Given(daily=0), by=desk.cleo, now=NOON)
    for place in pages:
        assert "possible today" not in desk.page(place)


def test_one_relay_that_refuses_us_is_told_of_and_mail_waits_only_without_another(desk: Desk) -> None:
    desk.adds("second", daily=400)
    desk.adds("third")
    desk.is_refused("second")
    page = desk.page("/today")
    assert "clock and mail are well" in page
    assert "The mail server refuses us" in page and "another mail server goes on in its place" in page
    desk.is_refused("third")
    page = desk.page("/today")
    assert "mail waits" in page and "another mail server" not in page


def test_the_settings_name_each_relay_and_what_it_takes_today(desk: Desk) -> None:
    assert "no mail server" in desk.page("/settings")
    desk.adds("second", daily=400)
    desk.adds("spare", weight=0)
    page = desk.page("/settings")
    assert "mail goes through second, from desk@example.org · 400 more possible today" in page
    assert "only while no other takes any" in page
    desk.is_refused("second")
    page = desk.page("/settings")
    assert "<b>second</b> <bdi>550 5.4.5" in page
    assert "mail goes through spare" in page


async def test_mail_that_waits_without_any_relay_is_told_on_the_pages_and_in_the_log(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    app = desk.app
    await ticks.stuck(app, NOON)
    assert "No mail server is set" not in desk.page("/today") and not caplog.messages
    bek, _ = staffing.add(app.store, "bek@desk.example", Role.APPROVER, now=NOON)
    alerting.submit(app.store, desk.draft, by=desk.cleo, now=NOON)
    alerting.approve(app.store, desk.draft, by=bek, now=NOON)
    alerting.publish(app.store, app.queue, desk.draft, by=desk.cleo, now=NOON)
    await ticks.stuck(app, NOON)
    assert caplog.messages == ["Mails wait, but no relay is set: set smtp.url, or vigil relay add."]
    page = desk.page("/today")
    assert "No mail server is set" in page and "clock and mail are well" not in page
    assert "mail waits" in desk.page("/settings")
    desk.adds("second")
    await ticks.stuck(app, NOON)
    assert len(caplog.messages) == 1
    assert "No mail server is set" not in desk.page("/today")


def test_a_reader_who_gets_nothing_is_told_until_staff_set_another_way(desk: Desk) -> None:
    app, jan = desk.app, "r0@embassy.example"
    hook = app.elsewhere["webhook"]
    way, _ = ways.set_webhook(app.store, jan, "https://ngo.example/in", hook, by=desk.cleo, now=NOON)
    assert "gets nothing" not in desk.page("/today")
    ways.disable(app.store, way.id, "gone (410): they want nothing more at this address", NOON)
    for place in ("/today", "/settings"):
        page = desk.page(place)
        assert jan in page and "gone (410)" in page
        assert "they get nothing until you set another way" in page
    ways.clear(app.store, jan, by=desk.cleo, now=NOON)
    assert "gets nothing" not in desk.page("/today")
