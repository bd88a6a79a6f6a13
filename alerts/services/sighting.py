"""What is new of what visits brought, as signals: matched, judged, and told apart from what was told before."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from alerts.domain import stories
from alerts.domain.times import Instant
from alerts.domain.triage import BEFORE, Handled, Rule, Then, Verdict
from alerts.domain.watching import Item, Match, Signal, Source
from alerts.services import matching
from alerts.services.ids import new_id
from alerts.services.judging import Judge, settle
from alerts.store import Tx, visits
from watchers.matching import Index, places

FIRST_NEWEST, FIRST_DAYS = 50, timedelta(days=7)
FIRST_WHOLE = 500
"""Of a first visit so many are kept with their text; of what is older than those only that it was there."""

MOST_VERSIONS = 10

RENAMED_SHARE, RENAMED_LEAST = 0.8, 10

SAID_BEFORE = "a later version of what was seen, which names nobody new"


@dataclass(frozen=True, slots=True)
class Fresh:
    """An item that is not known in these words. `revises`: the signal of which it is a later version."""

    item: Item
    content: str
    revises: str = ""


def fresh(tx: Tx, source: Source, items: tuple[Item, ...]) -> tuple[list[Fresh], int]:
    """What is new of these, in their order, and how many only look new: where nearly all of a feed is, the site has
    changed how it names its items, and they are known by their address or title.
    """
    worded = [item for item in items if item.title or item.text]
    unique = {i.fingerprint: Fresh(i, i.content or stories.content(f"{i.title}\n{i.text}")) for i in worded}
    asked = [key for one in unique.values() for key in (one.item.fingerprint, _version(one))]
    known = visits.known(tx, source.id, asked) if source.worked_at else {}
    found, new = [], 0
    for fingerprint, one in unique.items():
        id, content = known.get(fingerprint, ("", ""))
        if not id:
            found.append(one)
            new += 1
        elif content and content != one.content and _version(one) not in known:
            found.append(replace(one, revises=id))
    if source.worked_at and new >= max(RENAMED_LEAST, RENAMED_SHARE * len(unique)):
        links, titles = visits.seen_at(tx, source.id)
        mine = [one for one in found if one.revises or not _seen(one.item, links, titles)]
        return mine, len(found) - len(mine)
    return found, 0


@dataclass(slots=True)
class Sightings:
    """What becomes of new items, gathered for one transaction. `news`: how many of them were not from before."""

    tx: Tx
    rules: list[Rule]
    news: int = 0
    signals: list[Signal] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    _index: Index | None = None
    _told: list[stories.Told] | None = None
    _judging: Judge | None = None

    def add(self, source: Source, found: list[Fresh], now: Instant) -> int:
        """Answers how many of them are news."""
        first, news = source.worked_at is None, 0
        for place, one in enumerate(found):
            left = len(found) - place
            old = first and (left > FIRST_NEWEST or bool(one.item.published and one.item.published < now - FIRST_DAYS))
            signal = _signal(source, one, now, whole=not first or left <= FIRST_WHOLE)
            if old:
                self._keep(signal, [], Verdict(signal.id, Then.DISMISS, BEFORE, Handled.DISMISSED))
                continue
            matches = self._matches(signal, now)
            if one.revises:
                self._revise(signal, matches, now)
            else:
                self._judge(signal, matches, now)
                news += 1
        self.news += news
        return news

    def write(self, now: Instant) -> None:
        self.tx.signals.add(*self.signals)
        self.tx.matches.add(*self.matches)
        settle(self.tx, self.signals, self.matches, self.verdicts, now)

    def _matches(self, signal: Signal, now: Instant) -> list[Match]:
        """The one place that asks the matcher."""
        if self._index is None:
            self._index = matching.index(self.tx)
        return matching.found(self._index, signal, now)

    def _revise(self, signal: Signal, matches: list[Match], now: Instant) -> None:
        """A later version is news where it names somebody whom none before did; else it is kept for what comes."""
        count, named = visits.versions(self.tx, signal.revises)
        new = [match for match in matches if match.person_id not in named]
        if new:
            self._judge(signal, matches, now, new)
        elif count < MOST_VERSIONS:
            self._keep(signal, matches, Verdict(signal.id, Then.DISMISS, SAID_BEFORE, Handled.DISMISSED))

    def _judge(self, signal: Signal, matches: list[Match], now: Instant, new: list[Match] | None = None) -> None:
        verdict = self._worth(signal, matches if new is None else new, now)
        if verdict.then is Then.DISMISS:
            self._keep(signal, matches, verdict)
            return
        alike = stories.likeness(signal.text)  # titles are rewritten, texts reprinted
        story = stories.same(signal, alike, self._stories(now))
        signal = replace(signal, story=story or signal.id, alike=alike)
        if story and not self._names_more(story, matches):
            verdict = Verdict(signal.id, Then.DISMISS, self._again(story), Handled.DISMISSED)
        self._keep(signal, matches, verdict)
        self._stories(now).append(stories.Told(signal.id, signal.story, signal.link, alike))

    def _worth(self, signal: Signal, matches: list[Match], now: Instant) -> Verdict:
        if self._judging is None:
            self._judging = Judge(self.tx, self.rules)
        return self._judging(signal, matches, now)

    def _stories(self, now: Instant) -> list[stories.Told]:
        if self._told is None:
            self._told = visits.told(self.tx, now)
        return self._told

    def _names_more(self, story: str, matches: list[Match]) -> bool:
        ids, _ = visits.tellers(self.tx, story)
        mine = {signal.id for signal in self.signals if signal.story == story}
        named = visits.named(self.tx, list(ids)) | {m.person_id for m in self.matches if m.signal_id in mine}
        return any(match.person_id not in named for match in matches)

    def _again(self, story: str) -> str:
        """How many sources told it before."""
        _, sources = visits.tellers(self.tx, story)
        sources |= {signal.source_id for signal in self.signals if signal.story == story}
        many = "1 source" if len(sources) == 1 else f"{len(sources)} sources"
        return f"the same story as from {many} before"

    def _keep(self, signal: Signal, matches: list[Match], verdict: Verdict) -> None:
        self.signals.append(signal)
        self.matches += matches
        self.verdicts.append(verdict)


def _signal(source: Source, one: Fresh, now: Instant, *, whole: bool) -> Signal:
    item = one.item
    country = source.country or places.country(f"{item.title}\n{item.text}")
    return Signal(
        new_id(now), source.id, _version(one) if one.revises else item.fingerprint, item.title, item.link,
        item.text if whole else "", item.language, country, item.published, now,
        content=one.content, revises=one.revises,
    )  # fmt: skip


def _version(one: Fresh) -> str:
    """The fingerprint of an item in these very words."""
    return f"{one.item.fingerprint}~{one.content}"


def _seen(item: Item, links: set[str], titles: set[str]) -> bool:
    return item.link in links if item.link else bool(item.title) and item.title in titles
