"""Where the disk, the keys, the database, the relay or a feed fails: one sentence, exit 1, and nothing is lost."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from desk import ADMIN, AUTHOR, DeskHere, eventually
from postgres import Postgres
from servers import FeedServer, MailServer

NEW = ("staff", "add", "dan@desk.example", "--role", "author")


def test_without_its_keys_a_desk_does_nothing_and_makes_no_new_ones(here: DeskHere) -> None:
    keys = Path(here.environment["VIGIL_KEYS__FILE"])
    keys.rename(keys.with_name("elsewhere"))
    assert here.refuses(*NEW).startswith(f"There is no keys file {keys}: restore it from your copy")
    assert not keys.exists()
    keys.write_text("hello\n")
    assert "is not a keys file" in here.refuses(*NEW)


def test_with_the_keys_of_another_desk_nothing_is_written(here: DeskHere, tmp_path: Path) -> None:
    """Seen to fail: what was written with the wrong keys could not be read with the right ones, ever again."""
    other = tmp_path / "other"
    other.mkdir()
    DeskHere(other, f"sqlite:///{other / 'vigil.db'}", "").opens()
    right = here.environment["VIGIL_KEYS__FILE"]
    here.environment["VIGIL_KEYS__FILE"] = str(other / "keys" / "desk.keys")
    for words in (NEW, ("subscriber", "list"), ("import", "cases", "cases.yaml", "--as", AUTHOR), ("run",)):
        assert "are not those of this desk" in here.refuses(*words)
    found = {one["what"]: one["ok"] for one in json.loads(here.attempt("check", "--json").stdout)}
    assert (found["keys"], found["database"], found["settings"]) == (False, False, True)
    here.environment["VIGIL_KEYS__FILE"] = right
    assert len(here.json("staff", "list")) == 3


def test_a_file_that_is_no_database_stays_as_it_is(here: DeskHere) -> None:
    file = here.folder / "letter.db"
    file.write_bytes(b"Dear colleagues, " * 300)
    here.environment["VIGIL_DATABASE__URL"] = f"sqlite:///{file}"
    for words in (NEW, ("migrate",), ("run",)):
        assert here.refuses(*words) == "The file of the database is none, or not of SQLite: check database.url."
    assert file.read_bytes() == b"Dear colleagues, " * 300


def test_a_database_of_another_program_gets_no_tables(here: DeskHere) -> None:
    with contextlib.closing(sqlite3.connect(here.folder / "shop.db")) as db:
        db.execute("CREATE TABLE staff (salary INTEGER)")
    here.environment["VIGIL_DATABASE__URL"] = f"sqlite:///{here.folder / 'shop.db'}"
    assert "holds tables of something else" in here.refuses(*NEW)
    with contextlib.closing(sqlite3.connect(here.folder / "shop.db")) as db:
        assert db.execute("SELECT name FROM sqlite_schema").fetchall() == [("staff",)]


def test_on_postgresql_it_is_the_same(here: DeskHere, postgres: Postgres) -> None:
    url = postgres.create()
    with psycopg.connect(url) as db:
        db.execute("CREATE TABLE staff (salary integer)")
    here.environment["VIGIL_DATABASE__URL"] = url
    assert "holds tables of something else" in here.refuses(*NEW)
    with psycopg.connect(url) as db:
        db.execute("CREATE TABLE alembic_version (version_num text)")
        db.execute("INSERT INTO alembic_version VALUES ('theirs')")
    assert "another program's, or that of a newer Vigil" in here.refuses("migrate")
    postgres.drop(url)
    assert "does not exist" in here.refuses(*NEW)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://nobody@127.0.0.1:9/desk", "The database does not answer"),
        ("mysql://root@localhost/desk", "database.url names mysql"),
        ("vigil.db", "database.url is not a database URL"),
        ("sqlite:////nowhere/at/all/vigil.db", "The database file cannot be opened for writing"),
    ],
)
def test_a_database_that_cannot_be_reached_is_one_sentence(here: DeskHere, url: str, says: str) -> None:
    here.environment["VIGIL_DATABASE__URL"] = url
    assert says in here.refuses(*NEW)


def test_a_database_that_another_program_holds_is_waited_for_and_then_named(here: DeskHere) -> None:
    with contextlib.closing(sqlite3.connect(here.folder / "vigil.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert here.refuses(*NEW).startswith("The database is busy: another program holds it. Nothing was changed")
        other.execute("ROLLBACK")
    here.vigil(*NEW)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this test needs to mount a small disk: run it as root where that is allowed")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_named_and_nothing_is_half_written(tmp_path: Path, small_disk: Path) -> None:
    desk = DeskHere(tmp_path, f"sqlite:///{small_disk / 'vigil.db'}", "").opens()
    with pytest.raises(AssertionError, match=r"The disk of the database is full\. Nothing was changed"):
        desk.has_readers(20_000)
    assert desk.json("subscriber", "list") == []
    desk.vigil(*NEW)
    assert desk.vigil("audit", "verify").endswith("unbroken.")


def test_a_port_that_is_taken_and_a_desk_that_runs_already_are_told_apart(here: DeskHere) -> None:
    with socket.create_server(("127.0.0.1", here.port)):
        for command in ("run", "serve"):
            done = here.attempt_apart(command)
            assert (done.returncode, "Traceback" in done.stderr) == (1, False)
            assert done.stderr.endswith(
                f"Port {here.port} on 127.0.0.1 cannot be used: Address already in use. Set web.port to another.\n"
            )
    first = here.starts()
    lock = Path(here.environment["VIGIL_DATA__DIR"]) / "worker.lock"
    eventually(lambda: lock.exists() and lock.read_text().strip() == str(first.pid))
    for command in ("run", "work"):
        done = here.attempt_apart(command)
        assert done.returncode == 1
        assert done.stderr.startswith(f"vigil: This desk is worked at already, by process {first.pid}")
        assert done.stderr.count("\n") == 1


def test_a_relay_that_is_down_or_refuses_is_named_by_check(here: DeskHere, mail_server: MailServer) -> None:
    here.environment["VIGIL_SMTP__URL"] = "smtp://127.0.0.1:9"
    assert "NO  relay     the relay cannot be reached" in here.attempt("check").stdout
    here.environment["VIGIL_SMTP__URL"] = mail_server.url
    mail_server.answer("550 5.4.5 Daily user sending limit exceeded")
    done = here.attempt("check", "--mail", "you@x.example")
    assert done.returncode == 1
    assert "5.4.5 Daily user sending limit exceeded" in done.stdout
    assert here.attempt("check", "--mail", "you@x.example").returncode == 0
    assert [message.recipients for message in mail_server.messages] == [("you@x.example",)]
    assert "NO  mail" in here.attempt("check", "--mail", "you@x.example\r\nBcc: eve@x.example").stdout


def rss(*titles: str) -> str:
    items = "".join(f"<item><title>{title}</title><guid>{title}</guid></item>" for title in titles)
    return f'<rss version="2.0"><channel><title>News</title>{items}</channel></rss>'


def test_a_feed_that_is_none_harms_no_other(here: DeskHere, feed_server: FeedServer) -> None:
    bad = {
        feed_server.serve("/page", "<html><p>Log in</p></html>", "text/html"): "a web page, not a feed",
        feed_server.serve("/broken", "<rss><channel><item><title>Hal"): "broken XML",
        feed_server.answer("/gone", 404): "(404)",
        feed_server.redirect("/inside", "http://10.0.0.1/secret"): "into a private network",
    }
    atom = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>u:1</id><title>Three</title></entry></feed>'
    good = [feed_server.serve("/rss", rss("One", "Two")), feed_server.serve("/atom", atom, "application/atom+xml")]
    file = here.write("sources.csv", "url\n" + "\n".join([*bad, *good]) + "\n")
    here.vigil("import", "sources", file, "--as", ADMIN)
    found = here.json("poll", "--once")
    assert (found["visited"], found["new"]) == (6, 3)
    reasons = {one["url"]: one["reason"] for one in found["failed"]}
    assert set(reasons) == set(bad)
    assert [url for url, says in bad.items() if says not in reasons[url]] == []


def test_a_round_in_which_no_source_could_be_read_ends_with_1(here: DeskHere, feed_server: FeedServer) -> None:
    file = here.write("sources.csv", f"url\n{feed_server.answer('/away', 500)}\n")
    here.vigil("import", "sources", file, "--as", ADMIN)
    done = here.attempt("poll", "--once")
    assert done.returncode == 1
    assert "the server answers 500" in done.stdout
    assert here.attempt("poll", "--once").returncode == 0, "nothing is due again at once"


def test_what_the_database_loses_for_a_while_is_waited_for(tmp_path: Path, mail_server: MailServer) -> None:
    """The process lives on: a server that is restarted under it costs no mail."""
    with Postgres() as server:
        desk = DeskHere(tmp_path, server.create(), mail_server.url)
        desk.opens().has_a_case().has_readers(3)
        running = desk.starts("work")
        desk.publishes()
        eventually(lambda: len(mail_server.messages) == 3, 20)
        server.restarts()
        desk.publishes()
        eventually(lambda: len(mail_server.messages) == 6, 20)
        assert running.poll() is None
        desk.closes()
