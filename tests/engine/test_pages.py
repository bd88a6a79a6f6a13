"""A court's list of hearings, which has no feed: what is new on it is news, and a rebuilt page is said in words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from servers import FeedServer
from watched import AUTHOR, NOW, add, watching_desk

from alerts.bootstrap import App
from alerts.domain.watching import Health
from alerts.engine import polling
from alerts.services import intake, triage, watching

ROW = "<tr><td>{}</td><td>{}</td><td>дело о беспорядках</td></tr>"


@pytest.fixture
async def desk(tmp_path: Path, database_url: str) -> AsyncIterator[App]:
    app = watching_desk(tmp_path, database_url)
    yield app
    await app.egress.close()
    app.close()


def page(*rows: tuple[str, str]) -> str:
    listed = "".join(ROW.format(*row) for row in rows)
    return f"<html lang='ru'><meta charset='utf-8'><body><table class='hearings'>{listed}</table></body></html>"


async def test_a_new_row_of_a_courts_list_is_news_with_its_date(desk: App, feed_server: FeedServer) -> None:
    first = ("3 декабря 2026 года 10:00", "Somebody Other")
    url = feed_server.serve("/court", page(first))
    add(desk, f"url,title,country,kind,pick\n{url},Court,KG,page,table.hearings tr\n")
    assert (await polling.visit_due(desk, NOW)).new == 1
    feed_server.serve("/court", page(("9 декабря 2026 года 10:00", "Азимжан Аскаров"), first))
    later = NOW + timedelta(hours=1)
    assert (await polling.visit_due(desk, later)).new == 1, "what stood there before is known"
    [seen] = triage.waiting(desk.store)
    assert (seen.source.public, seen.matches[0].words) == (True, "Азимжан Аскаров")
    assert seen.dates[0].when.wall.isoformat() == "2026-12-09T10:00:00"
    feed_server.serve("/court", "<html><body><p>Мы обновили наш сайт, добро пожаловать.</p></body></html>")
    [(source, reason)] = (await polling.visit_due(desk, later + timedelta(hours=1))).failed
    assert "no part “table.hearings tr” any more" in reason
    assert [s.health for s in watching.listing(desk.store)] == [Health.BROKEN] and source.kind == "page"


async def test_a_source_that_only_tells_us_something_is_never_visited(desk: App) -> None:
    intake.paste(desk.store, "Обыск", by=AUTHOR, now=NOW, rules=[])
    assert (await polling.visit_due(desk, NOW + timedelta(days=9))).visited == 0
