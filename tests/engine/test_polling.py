"""A round of visits to what is due."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from servers import FeedServer
from watched import NOW, add, watching_desk

from alerts.bootstrap import App
from alerts.cli import vigil
from alerts.domain.watching import Health, Poll, Source
from alerts.engine import polling
from alerts.services import triage, watching


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
    assert health == {"Good": Health.OK, "Gone": Health.GONE, "Bug": Health.BROKEN}
    assert await polling.poll_due(desk, NOW) == 0
    assert await polling.poll_due(desk, NOW + timedelta(minutes=16)) == 0
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
    assert json.loads(again) == {"visited": 0, "new": 0, "failed": []}


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
    add(desk, "url\n" + "".join(f"https://{n % 40}.example.org/{n}\n" for n in range(120)))
    assert (await polling.visit_due(desk, NOW)).visited == 120
    assert (most.pop("all"), set(most.values())) == (20, {1})
