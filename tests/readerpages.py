"""Readers and alerts for the tests of the public pages, and a mail scanner's view of a page."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from deliveries import due_letters
from website import NOON, Website

from alerts.domain.alerts import Alert, Edition, Kind, State
from alerts.domain.audience import Subscriber, Subscription
from alerts.domain.labels import Label
from alerts.services import links, subscribing
from alerts.services.links import Purpose
from alerts.store.tables import metadata

CLEO, DAN = "cleo@mission.example", "dan@ngo.example"
FORM = {
    "email": CLEO,
    "countries": ["KG"],
    "much": "urgent",
    "language": "en",
    "organisation": "Embassy N.",
    "kind": "diplomat",
}


class Forms(HTMLParser):
    """The forms of a page with the fields that a browser would send if nobody touched them."""

    @classmethod
    def of(cls, page: str) -> list[tuple[str, str, dict[str, list[str]]]]:
        parser = cls()
        parser.found = []
        parser.links = []
        parser.feed(page)
        return parser.found

    found: list[tuple[str, str, dict[str, list[str]]]]
    links: list[str]
    select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "a" and has.get("href", "").startswith(("/", "?")):
            self.links.append(has["href"])
        if tag == "form":
            self.found.append((has.get("method", "get"), has.get("action", ""), {}))
        if tag == "select":
            self.select = has["name"]
        name = has.get("name") or self.select
        chosen = has.get("type") not in ("checkbox", "radio") or "checked" in has
        sent = (
            "selected" in has
            if tag == "option"
            else tag in ("input", "button", "textarea") and has.get("name") and chosen
        )
        if self.found and sent:
            self.found[-1][2].setdefault(name, []).append(has.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""


def reachable(site: Website, mail: list[str]) -> list[str]:
    """Every page that the links in a mail lead to, and the pages that those lead to."""
    seen: list[str] = []
    waiting = list(mail)
    while waiting:
        link = waiting.pop(0)
        if link not in seen and len(seen) < 60:
            seen.append(link)
            page = Forms()
            page.found, page.links = [], []
            page.feed(site.visitor().get(link).text)
            waiting += [found if found.startswith("/") else urlsplit(link).path + found for found in page.links]
    return seen


def on_the_list(site: Website, email: str = CLEO, **values: Any) -> Subscriber:
    wanted = subscribing.form({"email": email, "countries": ["KG"], "language": "en"} | values)
    subscribing.sign_up(site.app.store, site.app.queue, wanted, NOON - timedelta(days=3))
    who = reader(site, email)
    given = links.token(site.app.vault, Purpose.CONFIRM, f"{who.id}-{int(NOON.timestamp())}", NOON)
    subscribing.confirm(site.app.store, given, NOON - timedelta(days=2))
    due_letters(site.app.store, NOON - timedelta(days=2), 10)
    return reader(site, email)


def reader(site: Website, email: str = CLEO) -> Subscriber:
    with site.app.store.read() as tx:
        found = tx.subscribers.find_by("email", email)
    assert found
    return found


def subscription(site: Website, email: str = CLEO) -> Subscription:
    who = reader(site, email)
    with site.app.store.read() as tx:
        [found] = [each for each in tx.subscriptions.where() if each.subscriber_id == who.id]
    return found


def token(site: Website, purpose: Purpose, subject: str) -> str:
    return links.token(site.app.vault, purpose, subject, site.app.now())


def mailed(site: Website) -> str:
    """The path of the link in the newest letter that waits."""
    letters = due_letters(site.app.store, site.app.now(), 10)
    base = "http://localhost"
    mail = subscribing.letter_mail(site.app.store, site.app.vault, base, letters[-1], site.app.now())
    return mail.link.removeprefix(base)


def published(site: Website, **values: Any) -> Alert:
    id = f"alert-{values.get('reference', '7KQ4')}"
    usual: dict[str, Any] = {
        "kind": Kind.URGENT, "label": Label.GREEN, "thread": id, "number": "UA 014/2026 KGZ", "reference": "7KQ4",
        "countries": ("KG",), "state": State.PUBLISHED, "published_at": NOON - timedelta(hours=1), "created_at": NOON,
    }  # fmt: skip
    alert = Alert(id, **(usual | values))
    with site.app.store.begin() as tx:
        tx.alerts.add(alert)
        tx.editions.add(Edition(f"{id}-en", id, 0, "en", "Aida Sample was taken"))
    return alert


def dump(site: Website) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with site.app.store.read() as tx:
        tables = metadata.sorted_tables
        return {t.name: sorted((tuple(row) for row in tx.conn.execute(sa.select(t))), key=str) for t in tables}
