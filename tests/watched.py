"""A desk that watches: it follows Azimjan Askarov in a case, and somebody else in one that is closed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from alerts.bootstrap import App, build
from alerts.domain.cases import Case, NameForm, Person
from alerts.domain.staff import Role, Staff
from alerts.services import watching
from alerts.settings import load

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
AUTHOR = Staff("staff-1", "ana@desk.example", "Ana", Role.AUTHOR)
ADMIN = Staff("staff-2", "cleo@desk.example", "Cleo", Role.ADMIN)
CSV = "url,title,country,starred\nhttps://news.example.org/feed,News,KG,yes\nhttps://other.example.org/rss,Other,,\n"


def watching_desk(folder: Path, database_url: str) -> App:
    environment = {
        "VIGIL_DATABASE__URL": database_url, "VIGIL_DATA__DIR": str(folder / "data"),
        "VIGIL_KEYS__FILE": str(folder / "keys" / "desk.keys"),
    }  # fmt: skip
    app = build(load(None, environment), lambda: NOW)
    app.ready()
    with app.store.begin() as tx:
        tx.staff.add(AUTHOR, ADMIN)
        tx.cases.add(Case("c1", "KG-1", "KG"), Case("c2", "KG-2", "KG", closed_at=NOW))
        tx.people.add(Person("p1", "c1", 0, "Azimjan Askarov"), Person("p2", "c2", 0, "Somebody Else"))
        tx.forms.add(NameForm("f1", "p1", "Азимжан Аскаров", "ru"))
    return app


def add(desk: App, text: str = CSV, *, partial: bool = False) -> watching.Imported:
    return watching.import_sources(desk.store, text, by=ADMIN, now=NOW, partial=partial)
