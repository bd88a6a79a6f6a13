"""A round of visits to what is due."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from click.testing import CliRunner
from hostile import SLOW
from servers import FeedServer
from watched import NOW, add, watching_desk

from alerts.bootstrap import App
from alerts.cli import vigil
from alerts.domain.watching import Health, Poll, Source
from alerts.egress import Egress
from alerts.engine import polling
from alerts.services import triage, visiting, watching
from alerts.services.visiting import Visit
from alerts.store import Store
from alerts.store.tables import SOURCE


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[App]:
    app = watching_desk(tmp_path, database_url)
    yield app
    app.close()


def feed(*titles: str) -> str:
    items = "".join(f"<item><title>{t}</title><guid isPermaLink='false'>{t}</guid></item>" for t in titles)
    return f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>"


@pytest.fixture
async def closing(desk: App) -> AsyncIterator[None]:
    yield
    await desk.egress.close()


@pytest.mark.usefixtures("closing")
async def test_a_round_visits_what_is_due_and_one_failure_harms_no_other(
    desk: App, feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = feed_server.serve("/good", feed("Azimjan Askarov", "Weather"))
    gone, bug = feed_server.answer("/gone", 410), feed_server.serve("/bug", feed("x"))
    add(desk, f"url,title\n{good},Good\n{gone},Gone\n{bug},Bug\n")

    async def poll(source: Source, *rest: object) -> Poll:
        if source.title == "Bug":
            raise ZeroDivisionError
        return await visit(source, *rest)

    visit = polling.WATCHERS["feed"]
    monkeypatch.setitem(polling.WATCHERS, "feed", poll)
    done = await polling.visit_due(desk, NOW)
    assert (done.visited, done.new, sorted(s.title for s, _ in done.failed)) == (3, 2, ["Bug", "Gone"])
    assert [seen.signal.title for seen in triage.waiting(desk.store)] == ["Azimjan Askarov"]
    health = {s.title: s.health for s in watching.listing(desk.store)}
    assert health == {"Good": Health.OK, "Gone": Health.BROKEN, "Bug": Health.BROKEN}, "gone is believed a day later"
    assert await polling.poll_due(desk, NOW) == 0
    assert await polling.poll_due(desk, NOW + timedelta(minutes=17)) == 0
    assert feed_server.last("/good").status == 304


def test_the_command_line_prints_a_round(desk: App, feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    add(
        desk,
        f"url,title\n{feed_server.serve('/good', feed('Azimjan Askarov'))},Good\n{feed_server.answer('/x', 404)},Bad\n",
    )
    monkeypatch.setenv("VIGIL_DATABASE__URL", desk.store.url)
    monkeypatch.setenv("VIGIL_DATA__DIR", desk.settings.data.dir)
    monkeypatch.setenv("VIGIL_KEYS__FILE", desk.settings.keys.file)
    said = CliRunner().invoke(vigil, ["poll", "--once"], catch_exceptions=False).output
    assert said == "2 sources visited, 1 new signal, 1 failed:\n  Bad: there is nothing at this address (404)\n"
    again = CliRunner().invoke(vigil, ["poll", "--once", "--json"], catch_exceptions=False).output
    assert json.loads(again) == {"visited": 0, "new": 0, "failed": [], "later": 0}


async def test_one_host_is_asked_one_thing_at_a_time(desk: App, monkeypatch: pytest.MonkeyPatch) -> None:
    under_way: dict[str, int] = {}
    most: dict[str, int] = {}

    async def poll(source: Source, *_: object) -> Poll:
        host = source.url.split("/")[2]
        under_way[host] = under_way.get(host, 0) + 1
        under_way["all"] = under_way.get("all", 0) + 1
        most.update({name: max(most.get(name, 0), under_way[name]) for name in (host, "all")})
        await asyncio.sleep(0.01)
        under_way[host] -= 1
        under_way["all"] -= 1
        return Poll()

    monkeypatch.setitem(polling.WATCHERS, "feed", poll)
    monkeypatch.setattr("watchers.hosts.PAUSE", 0.001)
    add(desk, "url\n" + "".join(f"https://{n % 110}.example.org/{n}\n" for n in range(330)))
    assert (await polling.visit_due(desk, NOW)).visited == 330
    assert (most.pop("all"), set(most.values())) == (100, {1})


def other_than_local(desk: App, *urls: str) -> None:
    """As servers somewhere else, which are spared, although these are here."""
    add(desk, "url\n" + "".join(f"{url}\n" for url in urls))
    with desk.store.begin() as tx:
        tx.sources.update(SOURCE.c.id != "", local=False)


@pytest.fixture
def abroad(desk: App, feed_server: FeedServer) -> App:
    """The desk's settings name the server's network, as they would a server of its own."""
    return replace(desk, egress=Egress(("127.0.0.0/8",), "https://desk.example.org"))


async def test_one_host_is_left_in_peace_between_two_visits(
    abroad: App, feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen to fail with a pause of nothing: all six came within 50 ms."""
    monkeypatch.setattr("watchers.hosts.PAUSE", 0.3)
    monkeypatch.setattr("watchers.hosts.PATIENCE", 0.7)
    monkeypatch.setattr(polling, "PAUSE", 0.3)
    monkeypatch.setattr(polling, "PATIENCE", 0.7)
    other_than_local(abroad, *(feed_server.serve(f"/{n}", feed(f"T{n}")) for n in range(6)))
    began = time.monotonic()
    done = await polling.visit_due(abroad, NOW)
    await abroad.egress.close()
    assert (done.visited, done.later, len(feed_server.asked)) == (3, 3, 3)
    assert time.monotonic() - began >= 0.6
    later = sorted(
        s.next_poll_at - NOW for s in watching.listing(abroad.store) if s.polled_at is None and s.next_poll_at
    )
    assert [round(wait.total_seconds(), 1) for wait in later] == pytest.approx([0.9, 1.2, 1.5], abs=0.3)


@pytest.mark.long
async def test_a_hostile_source_keeps_nobody_waiting(desk: App, feed_server: FeedServer) -> None:
    """Seen to fail where a round claims the next sources only when all of the last are back: they came after 8 s."""
    hostile = feed_server.serve("/hostile", SLOW).replace("127.0.0.1", "localhost")  # a host of its own
    urls = [hostile, *(feed_server.serve(f"/{n}", feed(f"T{n}")) for n in range(30))]
    add(desk, "url,title\n" + "".join(f"{url},{url.rpartition('/')[2]}\n" for url in urls))
    began = time.monotonic()
    ended: dict[str, float] = {}
    record = visiting.record_all

    def noted(store: Store, visits: list[Visit], *rest: object) -> list[int]:
        ended.update({visit.source.title: time.monotonic() - began for visit in visits})
        return record(store, visits, *rest)  # type: ignore[arg-type]

    with patch.object(visiting, "record_all", noted):
        done = await polling.visit_due(desk, NOW)
    await desk.egress.close()
    assert [(source.title, why) for source, why in done.failed] == [("hostile", "reading it takes longer than 8 s")]
    good = [at for title, at in ended.items() if title.isdigit()]
    assert (len(good), ended["hostile"] < 10) == (30, True)
    assert max(good) < 6, "while one reader is kept busy, another reads"


async def test_a_bug_over_one_record_costs_the_others_nothing(desk: App, feed_server: FeedServer) -> None:
    add(desk, "url,title\n" + "".join(f"{feed_server.serve(f'/{n}', feed(f'T{n}'))},S{n}\n" for n in range(5)))
    record = visiting.record_all

    def broken(store: Store, visits: list[Visit], *rest: object) -> list[int]:
        if any(visit.source.title == "S3" for visit in visits):
            raise ZeroDivisionError
        return record(store, visits, *rest)  # type: ignore[arg-type]

    with patch.object(visiting, "record_all", broken):
        done = await polling.visit_due(desk, NOW)
    await desk.egress.close()
    assert (done.visited, [source.title for source, _ in done.failed]) == (5, ["S3"])
    assert sum(s.worked_at is not None for s in watching.listing(desk.store)) == 4
