"""Sealed columns, blind indexes, and the file that opens them."""

from __future__ import annotations

import base64
import stat
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
import sqlalchemy as sa
from builders import ANA, NOON, VAULT, a_case, a_subscriber
from hypothesis import given
from hypothesis import strategies as st

from alerts.domain.audience import Subscriber
from alerts.domain.errors import Conflict, Invalid
from alerts.store import Store, tables
from alerts.store.vault import Keys, Vault, load, make

PLACE = "subscriber|email|01ABC"


@given(st.text(), st.text(min_size=1))
def test_what_is_sealed_opens_in_its_place_and_nowhere_else(text, elsewhere):
    sealed = VAULT.seal(text, PLACE)
    assert VAULT.open(sealed, PLACE) == text
    if elsewhere != PLACE:
        with pytest.raises(Invalid, match="does not open"):
            VAULT.open(sealed, elsewhere)


def test_every_flipped_bit_and_every_cut_is_refused():
    sealed = VAULT.seal("cleo@mission.example", PLACE)
    for place in range(len(sealed)):
        for bit in range(8):
            changed = bytearray(sealed)
            changed[place] ^= 1 << bit
            with pytest.raises(Invalid, match="sealed value"):
                VAULT.open(bytes(changed), PLACE)
    for length in range(len(sealed)):
        with pytest.raises(Invalid, match="sealed value"):
            VAULT.open(sealed[:length], PLACE)
    with pytest.raises(Invalid, match="sealed value"):
        VAULT.open(sealed + b"\0", PLACE)


def test_the_same_text_never_looks_the_same_twice():
    assert len({VAULT.seal("same", PLACE) for _ in range(1000)}) == 1000


def test_another_desk_opens_nothing_and_finds_nothing():
    other = Vault(lambda: Keys({b"\x00\x01": b"z" * 32}))
    with pytest.raises(Invalid, match="does not open"):
        other.open(VAULT.seal("x", PLACE), PLACE)
    assert other.index("cleo@mission.example") != VAULT.index("cleo@mission.example")
    assert other.sign("links", "x") != VAULT.sign("links", "x")


def test_after_a_new_key_the_old_one_still_opens():
    sealed = VAULT.seal("x", PLACE)
    both = Vault(lambda: Keys({b"\x00\x02": b"n" * 32, b"\x00\x01": b"k" * 32}))
    assert both.open(sealed, PLACE) == "x"
    assert both.seal("y", PLACE)[1:3] == b"\x00\x02"
    with pytest.raises(Invalid, match="a key that this keys file does not hold"):
        VAULT.open(both.seal("y", PLACE), PLACE)


@pytest.mark.parametrize("other", ["Cleo@Mission.Example", " cleo@mission.example ", "CLEO@MISSION.EXAMPLE"])
def test_the_index_is_the_same_for_every_way_of_writing(other):
    assert VAULT.index(other) == VAULT.index("cleo@mission.example")


def test_the_index_tells_two_people_apart_and_folds_what_looks_alike():
    assert VAULT.index("cleo@mission.example") != VAULT.index("cleo.@mission.example")
    assert VAULT.index("e\u0301@x.example") == VAULT.index("\u00e9@x.example")


def test_signatures_for_one_purpose_are_no_good_for_another():
    assert VAULT.sign("links", "x") != VAULT.sign("message-id", "x")


# in the database


def sealed_columns() -> list[tuple[sa.Table, str]]:
    return [(t, c.name) for t in tables.metadata.sorted_tables for c in t.c if c.info.get("sealed")]


def test_addresses_names_notes_and_answers_are_sealed():
    names = {f"{table.name}.{column}" for table, column in sealed_columns()}
    assert names >= {
        "staff.email", "staff.name", "case.notes", "subscriber.email", "subscriber.name", "subscriber.organisation",
        "subscriber.note", "letter.details", "response.text",
    }  # fmt: skip


def test_a_value_swapped_between_rows_or_columns_is_refused(store):
    one, two = a_subscriber("one@mission.example", name="One"), a_subscriber("two@mission.example", name="Two")
    with store.begin() as tx:
        tx.subscribers.add(one, two)
    table = tables.SUBSCRIBER
    with store.begin() as tx:
        email = tx.conn.execute(sa.select(table.c.email).where(table.c.id == two.id)).scalar_one()
        tx.conn.execute(sa.update(table).where(table.c.id == one.id).values(email=email))
        tx.conn.execute(sa.update(table).where(table.c.id == two.id).values(name=email))
    with store.read() as tx:
        for person in (one, two):
            with pytest.raises(Invalid, match="moved or changed"):
                tx.subscribers.get(person.id)


def test_an_address_is_found_however_it_is_written_and_stands_there_once(store):
    person = a_subscriber("Cleo@Mission.example")
    with store.begin() as tx:
        tx.subscribers.add(person)
    with store.read() as tx:
        assert tx.subscribers.find_by("email", " cleo@mission.EXAMPLE") == person
        assert tx.subscribers.find_by("email", "clea@mission.example") is None
    with pytest.raises(Conflict), store.begin() as tx:
        tx.subscribers.add(a_subscriber("CLEO@mission.example"))


def test_no_address_lies_in_the_files_of_the_database(sqlite, tmp_path):
    canary = "canary-7f3a@mission.example"
    person = a_subscriber(canary, name="Canary Name", organisation="Canary Mission", note="canary note")
    with sqlite.begin() as tx:
        tx.subscribers.add(person)
        tx.cases.add(a_case(notes="canary case note"))
        tx.staff.add(ANA)
        tx.audit.add("subscriber added", person.id, by=ANA, at=NOON)
    files = [file for file in tmp_path.iterdir() if file.name.startswith("vigil.db")]
    assert any(file.name.endswith("-wal") and file.stat().st_size for file in files)
    for file in files:
        raw = file.read_bytes().lower()
        assert b"canary" not in raw, file
        assert ANA.email.encode() not in raw, file
    with sqlite.begin() as tx:
        assert tx.subscribers.get(person.id).email == canary
        tx.subscribers.delete(tables.SUBSCRIBER.c.id == person.id)


def test_every_text_of_a_subscriber_that_is_personal_is_sealed():
    plain = {
        "id",
        "language",
        "zone",
        "quiet",
        "consented_how",
        "vetted_by",
        "suppressed_why",
        "kind",
        "reach",
        "rungs",
    }
    texts = {field.name for field in fields(Subscriber) if field.type in (str, "str")}
    assert texts - plain == {"email", "name", "organisation", "note"}


# the keys file


def test_a_new_keys_file_is_readable_by_its_owner_alone_and_never_overwritten(tmp_path):
    file = tmp_path / "config" / "desk.keys"
    make(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o400
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    before = file.read_bytes()
    with pytest.raises(Invalid, match="cannot be made"):
        make(file)
    assert file.read_bytes() == before
    keys = load(file)
    assert [len(key_id) for key_id in keys.secrets] == [2]
    assert [len(secret) for secret in keys.secrets.values()] == [32]


def test_of_many_who_make_it_at_once_one_succeeds(tmp_path):
    file = tmp_path / "desk.keys"
    script = "import sys, pathlib; from alerts.store.vault import make; make(pathlib.Path(sys.argv[1]))"
    makers = [subprocess.Popen([sys.executable, "-c", script, file], stderr=subprocess.DEVNULL) for _ in range(4)]
    assert sorted(maker.wait() for maker in makers) == [0, 1, 1, 1]
    load(file)


@pytest.mark.parametrize("inside", ["", "config", "deep/in/it"])
def test_no_keys_in_a_git_work_tree(tmp_path, inside):
    for name, mark in (("tree", Path.mkdir), ("worktree", Path.touch)):
        (tmp_path / name).mkdir()
        mark(tmp_path / name / ".git")
        with pytest.raises(Invalid, match="git work tree"):
            make(tmp_path / name / inside / "desk.keys")
        assert not (tmp_path / name / inside / "desk.keys").exists()


GOOD = base64.b64encode(b"k" * 32).decode()


@pytest.mark.parametrize(
    "text",
    [
        "", "# only words\n", "hello", f"zz {GOOD}", "0001 not-base64!", f"0001 {GOOD} more", "0001 a2V5",
        f"000102 {GOOD}", f"01 {GOOD}", "\x00\xff",
    ],
)  # fmt: skip
def test_what_is_no_keys_file_is_said_in_one_sentence(tmp_path, text):
    file = tmp_path / "desk.keys"
    file.write_text(text, encoding="latin-1")
    with pytest.raises(Invalid, match="is not a keys file"):
        load(file)


def test_a_missing_file_a_folder_and_blank_lines(tmp_path):
    with pytest.raises(Invalid, match="restore it from your copy"):
        load(tmp_path / "none")
    with pytest.raises(Invalid, match="cannot be read"):
        load(tmp_path)
    (tmp_path / "keys").write_text(f"# words\n\n  \n0001 {GOOD}\n0002 {GOOD}\n")
    assert load(tmp_path / "keys").first == b"\x00\x01"


def test_nothing_sealed_stands_in_an_error(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'vigil.db'}", VAULT)
    store.migrate()
    with store.begin() as tx:
        tx.subscribers.add(a_subscriber("canary@mission.example"))
    with pytest.raises(Conflict) as refusal, store.begin() as tx:
        tx.subscribers.add(a_subscriber("canary@mission.example", name="Canary"))
    said = f"{refusal.value!r} {refusal.value} {refusal.value.__cause__!r}"
    assert "canary" not in said.lower()
    store.close()
