"""What is watched, from the command line; and what the watcher reads in a file, without a desk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from desk import ADMIN, AUTHOR, Desk, DeskHere
from hostile import SHAPES, SLOW

OPML = (
    '<?xml version="1.0" encoding="windows-1251"?><opml version="2.0" xmlns:vigil="urn:vigil:source"><body>'
    '<outline text="Новости" xmlUrl="https://news.example.org/feed" vigil:country="KG" vigil:starred="yes"/>'
    '<outline text="Other" xmlUrl="https://other.example.org/rss"/></body></opml>'
).encode("cp1251")
RSS = "<rss version='2.0'><channel><title>N</title><item><title>Суд</title><link>/1</link></item></channel></rss>"


@pytest.fixture
def watching(here: DeskHere) -> DeskHere:
    (here.folder / "sources.opml").write_bytes(OPML)
    assert here.vigil("import", "sources", "sources.opml", "--as", ADMIN).startswith("2 sources added")
    return here


def test_sources_are_listed_with_how_they_fare(watching: DeskHere) -> None:
    one, two = watching.json("source", "list")
    assert (one["title"], one["country"], one["starred"], one["health"]) == ("Other", "", False, "new")
    assert (two["title"], two["country"], two["starred"], two["reason"]) == ("Новости", "KG", True, "")
    assert watching.vigil("source", "list").splitlines() == ["new        Other", "new      * Новости"]
    assert watching.json("source", "list", "--failing") == []


@pytest.mark.parametrize("form", ["opml", "csv"])
def test_what_is_exported_is_imported_elsewhere(watching: DeskHere, form: str) -> None:
    watching.vigil("source", "export", "--format", form, "-o", "out")
    assert (watching.folder / "out").read_text("utf-8").strip() == watching.vigil("source", "export", "--format", form)
    assert watching.vigil("import", "sources", "out", "--as", ADMIN).startswith("0 sources added, 2 known already")
    assert "cannot be written" in watching.refuses("source", "export", "-o", "no/such/folder")


def test_a_source_is_changed_by_an_admin(watching: DeskHere) -> None:
    change = ("source", "change", "https://news.example.org/feed")
    assert "Only an admin" in watching.refuses(*change, "--starred", "--as", AUTHOR)
    watching.vigil(
        *change, "--url", "https://new.example.org/feed", "--identity", "link", "--not-starred", "--as", ADMIN
    )
    changed = next(one for one in watching.json("source", "list") if one["title"] == "Новости")
    assert (changed["url"], changed["identity"], changed["starred"]) == ("https://new.example.org/feed", "link", False)
    assert "No source has the address" in watching.refuses(*change, "--title", "x", "--as", ADMIN)
    there = ("source", "change", "https://other.example.org/rss", "--as", ADMIN)
    assert "watched already" in watching.refuses(*there, "--url", "https://new.example.org/feed")
    assert "not an address of the web" in watching.refuses(*there, "--url", "javascript:alert(1)")


# vigil feed check


@pytest.fixture
def nobody(tmp_path: Path) -> Desk:
    """Whose settings are broken: no desk is needed."""
    return Desk(tmp_path, "sqlite:////nowhere/at/all.db", "smtp://relay.invalid")


def test_files_are_read_as_the_watcher_would(nobody: Desk) -> None:
    (nobody.folder / "a.xml").write_text(RSS, "utf-8")
    (nobody.folder / "b.html").write_text("<!doctype html><html></html>", "utf-8")
    done = nobody.attempt("feed", "check", "a.xml", "b.html", "none.xml", "--url", "https://n.example.org/x", "--json")
    assert done.returncode == 0
    feed, page, none = json.loads(done.stdout)["files"]
    assert (feed["file"], feed["version"], feed["identity"], feed["found"], feed["error"]) == (
        "a.xml", "rss20", "link", 1, None,
    )  # fmt: skip
    [item] = feed["items"]
    assert (item["title"], item["link"], item["published"]) == ("Суд", "https://n.example.org/1", None)
    assert (page["items"], page["error"]) == ([], "the address answers with a web page, not a feed")
    assert none["error"].startswith("none.xml cannot be read")
    assert nobody.attempt("feed", "check", "b.html").returncode == 1
    assert nobody.vigil("feed", "check", "a.xml") == "a.xml: rss20, 1 items"


@pytest.mark.long
def test_what_is_hostile_ends_and_costs_the_others_nothing(nobody: Desk) -> None:
    files = {f"{n}.xml": body for n, body in enumerate([SLOW, RSS.encode(), SHAPES["a million <"], b""])}
    for name, body in files.items():
        (nobody.folder / name).write_bytes(body)
    found = json.loads(nobody.attempt("feed", "check", *files, "--json").stdout)["files"]
    assert [one["file"] for one in found] == list(files)
    assert [one["error"] for one in found] == ["reading it takes longer than 8 s", None, None, "the answer is empty"]
