"""Transactions: all or nothing, read-only where nothing is to be written, fair to all who write."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest
import sqlalchemy as sa
from builders import ANA, BEK, NOON, VAULT, a_case, a_deadline, a_person, a_subscriber, an_alert

from alerts.domain.cases import Addressee
from alerts.domain.errors import Conflict, Invalid, NotFound
from alerts.store import Store, Unavailable, tables
from alerts.store.engine import PRAGMAS

VALUES = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1, "trusted_schema": 0}


def pragma(tx, name):
    return tx.conn.exec_driver_sql(f"PRAGMA {name}").scalar_one()


def test_every_live_connection_has_the_pragmas(sqlite):
    assert set(VALUES) | {"busy_timeout"} == set(PRAGMAS)
    for transaction in (sqlite.begin, sqlite.read, sqlite.flush):
        with transaction() as tx:
            assert {name: pragma(tx, name) for name in VALUES} == VALUES
            assert pragma(tx, "busy_timeout") == 10_000


def test_every_table_is_strict_and_refuses_another_kind_of_value(sqlite):
    with sqlite.read() as tx:
        strict = {row.name: row.strict for row in tx.conn.exec_driver_sql("SELECT name, strict FROM pragma_table_list")}
    ours = {table.name for table in tables.metadata.sorted_tables}
    assert {name for name in strict if not name.startswith("sqlite_") and name != "alembic_version"} == ours
    assert all(strict[name] for name in ours)
    with pytest.raises(sa.exc.IntegrityError, match="cannot store TEXT"), sqlite.begin() as tx:
        tx.conn.exec_driver_sql("INSERT INTO number (series, year, last) VALUES ('UA', 'this year', 1)")


def test_a_reading_transaction_refuses_to_write(store):
    with pytest.raises((sa.exc.DBAPIError, Unavailable), match=r"read-?only|opened for writing"), store.read() as tx:
        tx.cases.add(a_case())
    with store.read() as tx:
        assert tx.cases.count() == 0
    with store.begin() as tx:  # the next writer is none the worse for it
        tx.cases.add(a_case())


def test_a_failure_undoes_all_of_it(store):
    with pytest.raises(ZeroDivisionError), store.begin() as tx:
        tx.cases.add(a_case("KG-1"))
        tx.next_number("UA", 2030)
        tx.audit.add("case added", "KG-1", by=ANA, at=NOON)
        raise ZeroDivisionError
    with store.begin() as tx:
        assert (tx.cases.count(), list(tx.audit.entries()), tx.next_number("UA", 2030)) == (0, [], 1)


def test_what_is_promised_for_after_the_commit_is_done_only_then(store):
    done = []
    with store.begin() as tx:
        tx.after.append(lambda: done.append("committed"))
        assert done == []
    assert done == ["committed"]
    with pytest.raises(ZeroDivisionError), store.begin() as tx:
        tx.after.append(lambda: done.append("never"))
        raise ZeroDivisionError
    assert done == ["committed"]


def test_a_reader_sees_one_moment(store):
    with store.begin() as tx:
        tx.cases.add(a_case("KG-1"))
    if store.on_sqlite:  # PostgreSQL's default sees what is committed meanwhile; no page of ours relies on more
        with store.read() as reading:
            assert reading.cases.count() == 1
            with store.begin() as tx:
                tx.cases.add(a_case("KG-2"))
            assert reading.cases.count() == 1


def test_a_row_comes_back_as_it_was(store):
    case, office = (
        a_case(topics=("trial", "torture")),
        Addressee("a", "KG", "Prosecutor", salutations={"ru": "Уважаемый"}),
    )
    person, forms = a_person(case, "Аида Сампл")
    deadline, alert, subscriber = (
        a_deadline(case_id=case.id),
        an_alert(case_id=case.id),
        a_subscriber(note="met in Vienna"),
    )
    with store.begin() as tx:
        tx.cases.add(case)
        tx.people.add(person)
        tx.forms.add(*forms)
        tx.addressees.add(office)
        tx.deadlines.add(deadline)
        tx.alerts.add(alert)
        tx.subscribers.add(subscriber)
        tx.staff.add(ANA, BEK)
    with store.read() as tx:
        assert (tx.cases.get(case.id), tx.people.where(), tx.forms.where()) == (case, [person], forms)
        assert (tx.addressees.where(), tx.deadlines.get(deadline.id), tx.alerts.get(alert.id)) == (
            [office],
            deadline,
            alert,
        )
        assert tx.subscribers.get(subscriber.id) == subscriber
        assert {staff.id: staff for staff in tx.staff.where()} == {"ana": ANA, "bek": BEK}


def test_what_is_not_there_is_said_in_words(store):
    with store.read() as tx, pytest.raises(NotFound, match=r"^There is no alert nothing\.$"):
        tx.alerts.get("nothing")


def test_saving_says_whether_the_row_was_still_as_expected(store):
    alert = an_alert()
    with store.begin() as tx:
        tx.alerts.add(alert)
    with store.begin() as tx:
        assert tx.alerts.save(replace(alert, ordinal=2), tables.ALERT.c.ordinal == 1)
        assert not tx.alerts.save(replace(alert, ordinal=3), tables.ALERT.c.ordinal == 1)
        assert not tx.alerts.save(an_alert())
        assert tx.alerts.get(alert.id).ordinal == 2


def test_references_must_exist(store):
    with pytest.raises(sa.exc.IntegrityError), store.begin() as tx:
        tx.deadlines.add(a_deadline(case_id="nowhere"))


def test_numbers_are_counted_from_one_by_series_and_year_without_gaps_or_doubles(store):
    with store.begin() as tx:
        assert [tx.next_number("UA", 2030), tx.next_number("DN", 2030), tx.next_number("UA", 2030)] == [1, 1, 2]
        assert tx.next_number("UA", 2031) == 1
    found = []

    def count() -> None:
        other = Store(store.url, store.vault)  # as another process would
        with other.begin() as tx:
            found.append(tx.next_number("XX", 2030))
        other.close()

    threads = [threading.Thread(target=count) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [1, 2, 3, 4, 5, 6]


def test_a_database_without_tables_says_what_to_do(database_url):
    store = Store(database_url, None)
    assert store.empty()
    with pytest.raises(Unavailable, match=r"holds no desk yet: run “vigil migrate”"), store.read() as tx:
        tx.cases.count()
    store.close()


@pytest.mark.parametrize("url", ["", "vigil.db", "mysql://localhost/vigil"])
def test_a_url_of_nothing_we_know_is_refused(url):
    with pytest.raises(Invalid, match=r"database\.url"):
        Store(url, None)


def test_a_folder_that_is_not_there_and_a_server_that_is_down_are_one_sentence(tmp_path):
    for url in (f"sqlite:///{tmp_path}/no/vigil.db", f"postgresql://nobody@/vigil?host={tmp_path}"):
        store = Store(url, None)
        with pytest.raises(Unavailable) as refusal, store.begin():
            pass
        assert str(refusal.value).startswith("The database")
        assert "\n" not in str(refusal.value)


def test_a_locked_database_is_one_sentence_and_nothing_is_changed(sqlite, monkeypatch):
    monkeypatch.setitem(PRAGMAS, "busy_timeout", "50")
    impatient = Store(sqlite.url, sqlite.vault)
    with sqlite.begin() as holding:
        holding.cases.add(a_case("KG-1"))
        with pytest.raises(Unavailable, match=r"^The database is busy.*try again"), impatient.begin() as tx:
            tx.cases.add(a_case("KG-2"))
    with impatient.begin() as tx:
        assert [case.code for case in tx.cases.where()] == ["KG-1"]
    impatient.close()


def test_a_full_disk_is_one_sentence_and_nothing_half_written(sqlite):
    with sqlite.begin() as tx:
        pages = pragma(tx, "page_count")
    with pytest.raises(Unavailable, match="disk of the database is full"), sqlite.begin() as tx:
        tx.conn.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        tx.cases.add(*(a_case(f"KG-{n}", charge="x" * 4000) for n in range(100)))
    with sqlite.read() as tx:
        assert tx.cases.count() == 0


def test_values_stand_in_no_error(store):
    with pytest.raises(sa.exc.IntegrityError) as refusal, store.begin() as tx:
        tx.deadlines.add(a_deadline(case_id="nowhere", title="canary"))
    assert "canary" not in f"{refusal.value!r} {refusal.value}"


def test_the_same_entered_twice_is_one_sentence_without_a_word_of_it(store):
    with pytest.raises(Conflict) as refusal, store.begin() as tx:
        tx.cases.add(a_case("canary", id="1"), a_case("canary", id="2"))
    assert "canary" not in str(refusal.value)


# fairness

OTHER = """
import sys, time
from alerts.store import Store
from alerts.store.vault import Keys, Vault
store = Store(sys.argv[1], Vault(lambda: Keys({b"\\x00\\x01": b"k" * 32})))
with store.read() as tx:
    tx.cases.count()
print("ready", flush=True)
for line in sys.stdin:
    began = time.monotonic()
    if line.strip() == "read":
        with store.read() as tx:
            tx.cases.count()
    else:
        with store.begin() as tx:
            tx.next_number("CLI", 2030)
    print(time.monotonic() - began, flush=True)
"""


def test_while_a_fan_out_runs_another_process_writes_and_reads_within_a_second(store):
    stop = threading.Event()
    flushes = [0, 0]

    def fan_out(who: int) -> None:
        while not stop.is_set():
            with store.flush() as tx:
                tx.next_number("ledger", who)
            flushes[who] += 1

    flushing = [threading.Thread(target=fan_out, args=(who,)) for who in range(2)]
    command = [sys.executable, "-c", OTHER, store.url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as other:
        assert other.stdout.readline() == "ready\n"
        for thread in flushing:
            thread.start()
        try:
            for verb in ["write", "read"] * 10:
                other.stdin.write(f"{verb}\n")
                assert float(other.stdout.readline()) < 1, verb
            began = time.monotonic()
            with store.begin() as tx:
                tx.next_number("page", 2030)
            with store.read() as tx:
                tx.cases.count()
            assert time.monotonic() - began < 1
        finally:
            stop.set()
            for thread in flushing:
                thread.join()
            other.stdin.close()
    assert min(flushes) > 0


def test_who_watches_sees_what_another_process_commits(sqlite):
    other = Store(sqlite.url, VAULT)
    with sqlite.watched() as changed:
        assert not changed()
        with other.begin() as tx:
            tx.next_number("UA", 2030)
        assert changed()
        assert not changed()
        with other.read() as tx:
            tx.staff.where()
        assert not changed()
    other.close()
