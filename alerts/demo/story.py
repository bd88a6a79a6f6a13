"""The acts of the story. Of real people they say what the statement of 2010 says; the rest is marked fictional.

Where the statement has no day, none is made up: an act that stands for “mid-May 2010” happens when those days are over.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from alerts.bootstrap import App
from alerts.demo.feeds import Feeds
from alerts.demo.replay import Act
from alerts.domain import casefile, times
from alerts.domain.alerts import Alert, Kind
from alerts.domain.casefile import CaseFile, Parsed
from alerts.domain.cases import Fact
from alerts.domain.deadlines import Deadline
from alerts.domain.deadlines import Kind as DeadlineKind
from alerts.domain.silence import Awaited
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.domain.triage import Handled
from alerts.services import alerting, casework, caseyaml, deadlines, importing, listening, staffing, triage, watching
from alerts.services.ids import new_id
from alerts.settings import countries, resource

STARTS = datetime(2010, 2, 1, 4, tzinfo=UTC)
ENDS = datetime(2010, 12, 3, 6, tzinfo=UTC)
ANA, BEK = "ana@desk.example", "bek@desk.example"
DUSHANBE, SAMPLE = "TJ-DZHURAEV", "KG-SAMPLE-1"


def at(month: int, day: int, hour: int, minute: int = 0) -> Instant:
    return datetime(2010, month, day, hour, minute, tzinfo=UTC)


@dataclass(slots=True)
class Story:
    """The desk's people at work: Ana writes, Bek approves and keeps the sources."""

    app: App
    feeds: Feeds
    texts: dict[str, Any]
    suit: Deadline | None = None
    summit: Deadline | None = None
    hearing: Deadline | None = None
    appeal: Alert | None = None
    witness: Alert | None = None

    @property
    def now(self) -> Instant:
        return self.app.now()

    @property
    def ana(self) -> Staff:
        return staffing.find(self.app.store, ANA)

    @property
    def bek(self) -> Staff:
        return staffing.find(self.app.store, BEK)

    def acts(self) -> list[Act]:
        history = [
            Act(STARTS, "The desk opens; a suit in Dushanbe is followed", self.open),
            Act(at(5, 20, 19), "Dushanbe: the trial is postponed without a date", self.adjourn_the_suit),
            Act(
                at(9, 20, 6), "The statement’s other cases are entered; the Summit draws near", self.enter_the_statement
            ),
            Act(at(9, 21, 6), "An appeal for Azimzhan Askarov", self.appeal_for_askarov),
            Act(at(12, 3, 6), "The Summit is over", self.summit_is_over),
        ]
        fiction = [
            Act(at(11, 8, 11, 10), "Two news feeds are watched (fictional)", self.watch),
            Act(at(11, 8, 17, 5), "News of an arrest (fictional)", lambda: self.feeds.show("after")),
            Act(at(11, 8, 17, 20), "An urgent appeal, written and approved (fictional)", self.appeal_for_sample),
            Act(at(11, 9, 5), "A hearing is set (fictional)", self.set_hearing),
            Act(at(11, 18, 11), "The hearing is brought forward (fictional)", self.bring_forward),
            Act(at(11, 19, 8), "She is released (fictional)", self.released),
            Act(at(11, 24, 8), "A name goes out that should not have (fictional)", self.name_a_witness),
            Act(at(11, 24, 9, 30), "… and is withdrawn (fictional)", self.withdraw_the_name),
        ]
        return history + fiction

    # history

    def open(self) -> None:
        for email, name, role in ((ANA, "Ana", Role.AUTHOR), (BEK, "Bek", Role.ADMIN)):
            staffing.add(self.app.store, email, role, name=name, now=self.now)
        importing.subscribers(
            self.app.store, self.app.queue, _example("demo-subscribers.csv"), by=self.bek, now=self.now, vetted=True
        )
        self._take(lambda one: one.case.code == DUSHANBE)
        said = self.texts["dushanbe"]
        when = times.between(said["claim"], said["first"], said["last"], "Asia/Dushanbe")
        self.suit = deadlines.enter(
            self.app.store, DUSHANBE, DeadlineKind.HEARING, when, by=self.bek, now=self.now, title=said["title"],
            court=said["court"],
        )  # fmt: skip

    def adjourn_the_suit(self) -> None:
        assert self.suit
        self._record(next(one for one in self._file("central-asia-2010.yaml").cases if one.case.code == DUSHANBE))
        deadlines.adjourn(
            self.app.store, self.app.queue, self.app.render.languages, self.suit.id,
            reason=self.texts["dushanbe"]["adjourned"], by=self.bek, now=self.now,
        )  # fmt: skip

    def enter_the_statement(self) -> None:
        self._take(lambda one: one.case.code != DUSHANBE)
        said = self.texts["summit"]
        when = times.between(said["claim"], said["first"], said["last"], "Asia/Almaty")
        self.summit = deadlines.enter(
            self.app.store, None, DeadlineKind.SUMMIT, when, by=self.bek, now=self.now, title=said["title"]
        )

    def appeal_for_askarov(self) -> None:
        asks = tuple(ask.text for ask in casework.file(self.app.store, "KG-ASKAROV").asks)
        self._publish("KG-ASKAROV", self.texts["askarov"], asks)

    def summit_is_over(self) -> None:
        assert self.summit
        deadlines.held(self.app.store, self.summit.id, outcome=self.texts["summit"]["held"], by=self.ana, now=self.now)

    # fiction

    def watch(self) -> None:
        casework.import_cases(self.app.store, self._file("fictional-case.yaml"), by=self.ana, now=self.now)
        rows = f"url,title,country\n{self.feeds.url}/news.ru.rss,Exercise news (fictional),KG\n"
        rows += f"{self.feeds.url}/courts.en.atom,Exercise court watch (fictional),KG\n"
        watching.import_sources(self.app.store, rows, by=self.bek, now=self.now)

    def appeal_for_sample(self) -> None:
        self.appeal = self._publish(SAMPLE, self.texts["sample"]["urgent"], ())
        for seen in triage.waiting(self.app.store):
            triage.mark(
                self.app.store, seen.signal.id, Handled.USED, by=self.ana, now=self.now, alert_id=self.appeal.id
            )

    def set_hearing(self) -> None:
        said = self.texts["sample"]["hearing"]
        when = times.at(said["first"], "Asia/Bishkek")
        self.hearing = deadlines.enter(
            self.app.store, SAMPLE, DeadlineKind.HEARING, when, by=self.bek, now=self.now, court=said["court"]
        )

    def bring_forward(self) -> None:
        assert self.hearing
        said = self.texts["sample"]["hearing"]
        deadlines.reschedule(
            self.app.store, self.app.queue, self.app.render.languages, self.hearing.id,
            times.at(said["earlier"], "Asia/Bishkek"), reason=said["reason"], by=self.bek, now=self.now,
        )  # fmt: skip

    def released(self) -> None:
        assert self.hearing
        assert self.appeal
        said = self.texts["sample"]
        deadlines.held(self.app.store, self.hearing.id, outcome=said["hearing"]["outcome"], by=self.ana, now=self.now)
        update = alerting.follow(
            self.app.store, self.appeal.id, Kind.UPDATE, said["update"]["en"]["body"], by=self.ana, now=self.now
        )
        for language, words in said["update"].items():
            text = alerting.Text(words["title"], words["body"])
            alerting.edition(self.app.store, update.id, language, text, by=self.ana, now=self.now)
        self._let_go(update)

    def name_a_witness(self) -> None:
        self.witness = self._publish(SAMPLE, self.texts["sample"]["witness"], ())

    def withdraw_the_name(self) -> None:
        assert self.witness
        alerting.withdraw(
            self.app.store, self.app.queue, self.app.render.languages, self.witness.id, by=self.bek, now=self.now
        )

    # today

    def hands_on(self) -> None:
        """What waits for whoever sits down at the desk once the story is over, on today's clock."""
        said = self.texts["sample"]
        in_three_days = self.now.astimezone(times.zone_info("Asia/Bishkek")) + timedelta(days=3)
        when = times.at(f"{in_three_days:%Y-%m-%d} 10:00", "Asia/Bishkek")
        deadlines.enter(
            self.app.store, SAMPLE, DeadlineKind.APPEAL, when, by=self.bek, now=self.now, court=said["hearing"]["court"]
        )
        text = alerting.Text(said["later"]["en"]["title"], said["later"]["en"]["body"])
        waiting = alerting.draft(self.app.store, SAMPLE, text, language="en", by=self.ana, now=self.now)
        alerting.submit(self.app.store, waiting.id, by=self.ana, now=self.now)
        for case in casework.listing(self.app.store):
            if case.detention:  # what the statement told in 2010: nobody waits to hear of it today
                unheard = [listening.Expected(Awaited.SEEN)]
                listening.expect(self.app.store, case.code, unheard, by=self.ana, now=self.now)
        self.feeds.show("today")

    # how they do it

    def _publish(self, code: str, editions: dict[str, dict[str, Any]], asks: tuple[str, ...]) -> Alert:
        """Ana writes every edition, Bek reads and approves, Ana lets it go."""
        alert: Alert | None = None
        for language, said in editions.items():
            text = alerting.Text(
                said["title"],
                said["body"],
                asks=tuple(said.get("asks", asks)),
                background=said.get("background", "").strip(),
            )
            if alert is None:
                alert = alerting.draft(self.app.store, code, text, language=language, by=self.ana, now=self.now)
            else:
                alert = alerting.edition(self.app.store, alert.id, language, text, by=self.ana, now=self.now)
        assert alert
        return self._let_go(alert)

    def _let_go(self, alert: Alert) -> Alert:
        alerting.submit(self.app.store, alert.id, by=self.ana, now=self.now)
        alerting.approve(self.app.store, alert.id, by=self.bek, now=self.now)
        return alerting.publish(self.app.store, self.app.queue, alert.id, by=self.ana, now=self.now)[0]

    def _file(self, name: str) -> CaseFile:
        return casefile.parse(caseyaml.read(_example(name)), countries(), lambda: new_id(self.now))

    def _take(self, wanted: Any) -> None:
        """Import the wanted cases, without the facts that lie ahead of the story's clock."""
        file = self._file("central-asia-2010.yaml")
        chosen = tuple(replace(one, facts=tuple(self._until_now(one.facts))) for one in file.cases if wanted(one))
        casework.import_cases(self.app.store, replace(file, cases=chosen), by=self.ana, now=self.now)

    def _until_now(self, facts: Iterable[Fact]) -> list[Fact]:
        return [fact for fact in facts if fact.when is None or fact.when.first <= self.now.date()]

    def _record(self, one: Parsed) -> None:
        """The facts of a case that have come to pass since it was imported."""
        known = {fact.text for fact in casework.file(self.app.store, one.case.code).facts}
        kinds = {event.id: event.kind for event in one.events}
        for fact in one.facts:
            if fact.text not in known and fact.when:
                casework.add_fact(
                    self.app.store, one.case.code, fact.text, by=self.ana, now=self.now, source=fact.source,
                    claim=fact.when.claim, first=fact.when.first.isoformat(), last=fact.when.last.isoformat(),
                    kind=kinds.get(fact.event_id or "", ""),
                )  # fmt: skip


def texts() -> dict[str, Any]:
    return tomllib.loads(_example("story.toml"))


def _example(name: str) -> str:
    return resource(f"config/examples/{name}").read_text(encoding="utf-8")
