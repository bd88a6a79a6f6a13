"""Ways out beside plain mail: who sets them, what is kept, and who is held back rather than written to in plain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pysequoia
import pytest
from builders import ANA, BEK, CLEO, NOON, VAULT, a_subscriber

from alerts.channels import _pgp
from alerts.domain.audience import Subscriber
from alerts.domain.errors import Conflict, Forbidden, Invalid, NotFound
from alerts.domain.ways import Way, rotated, secrets
from alerts.egress import Egress
from alerts.services import pgpkey, reaching, ways
from alerts.store import Store

JAN, URL = "jan@mission.example", "https://ngo.example/in/word"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CHANNELS = ways.channels(Egress((), "https://desk.example"), VAULT, lambda: NOON, "https://desk.example")
HOOK, MESSENGER = CHANNELS["webhook"], CHANNELS["apprise"]

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # a library of Apprise's


@pytest.fixture
def jan(store: Store) -> Subscriber:
    jan = a_subscriber(JAN)
    with store.begin() as tx:
        tx.subscribers.add(jan)
    return jan


def way_of(store: Store, one: Subscriber) -> Way | None:
    with store.read() as tx:
        return reaching.ways_of(tx, [one.id]).get(one.id)


def tasks(store: Store, now: datetime) -> list[tuple[str, str]]:
    with store.read() as tx:
        return [(task.subscriber_id, task.reason) for task in reaching.staff_tasks(tx, now)]


def a_cert(address: str = JAN, lasts: timedelta = 3 * DAY) -> str:
    made = pysequoia.Tsk.generate(user_id=f"Jan <{address}>", validity_seconds=int(lasts.total_seconds()))
    return str(made.extract_certificate())


def audited(store: Store) -> list[tuple[str, str, str | None]]:
    with store.read() as tx:
        return [(entry.verb, entry.detail, entry.staff_id) for entry in tx.audit.entries()]


def test_an_approver_sets_a_webhook_and_its_secret_is_kept_sealed(store: Store, jan: Subscriber) -> None:
    way, secret = ways.set_webhook(store, JAN, URL, HOOK, by=BEK, now=NOON)
    assert way_of(store, jan) == way
    assert (way.channel, way.target, secrets(way.secret, NOON)) == ("webhook", URL, (secret,))
    assert secret.startswith("whsec_") and len(secret) >= 50
    with store.read() as tx:
        [row] = tx.conn.execute(tx.ways.table.select())
    assert not any(word.encode() in bytes(value) for word in (URL, secret) for value in row[2:5])


def test_an_author_sets_no_way(store: Store, jan: Subscriber) -> None:
    for refused in (
        lambda: ways.set_webhook(store, JAN, URL, HOOK, by=ANA, now=NOON),
        lambda: ways.set_apprise(store, JAN, "ntfys://topic", MESSENGER, by=ANA, now=NOON),
        lambda: ways.set_key(store, JAN, a_cert(), True, by=ANA, now=NOON),
        lambda: ways.rotate(store, JAN, by=ANA, now=NOON),
        lambda: ways.clear(store, JAN, by=ANA, now=NOON),
    ):
        with pytest.raises(Forbidden):
            refused()
    assert way_of(store, jan) is None


def test_what_is_no_address_or_nobodys_is_refused(store: Store, jan: Subscriber) -> None:
    with pytest.raises(Invalid, match="https://"):
        ways.set_webhook(store, JAN, "http://ngo.example/in", HOOK, by=BEK, now=NOON)
    with pytest.raises(Invalid, match="desk's own"):
        ways.set_webhook(store, JAN, "https://desk.example/api", HOOK, by=BEK, now=NOON)
    with pytest.raises(Invalid, match="messenger"):
        ways.set_apprise(store, JAN, "json://127.0.0.1/in", MESSENGER, by=BEK, now=NOON)
    with pytest.raises(NotFound):
        ways.set_webhook(store, "nobody@mission.example", URL, HOOK, by=BEK, now=NOON)
    assert way_of(store, jan) is None


def test_after_a_rotation_the_old_secret_signs_for_a_day_beside_the_new_one(store: Store, jan: Subscriber) -> None:
    _, first = ways.set_webhook(store, JAN, URL, HOOK, by=BEK, now=NOON)
    way, second = ways.rotate(store, JAN, by=BEK, now=NOON + HOUR)
    assert secrets(way.secret, NOON + HOUR) == (second, first)
    assert secrets(way.secret, NOON + HOUR + DAY - timedelta(seconds=1)) == (second, first)
    assert secrets(way.secret, NOON + HOUR + DAY) == (second,)
    way, third = ways.rotate(store, JAN, by=BEK, now=NOON + 2 * HOUR)
    assert secrets(way.secret, NOON + 2 * HOUR) == (third, second)
    assert way_of(store, jan) == way


def test_only_a_webhook_has_a_secret_to_change(store: Store, jan: Subscriber) -> None:
    with pytest.raises(Conflict, match="has no webhook"):
        ways.rotate(store, JAN, by=BEK, now=NOON)
    assert secrets("", NOON) == ()
    assert secrets(rotated("", "whsec_x", NOON), NOON) == ("whsec_x",)


def test_gone_disables_a_way_once_and_setting_it_anew_opens_it(store: Store, jan: Subscriber) -> None:
    ways.set_webhook(store, JAN, URL, HOOK, by=BEK, now=NOON)
    for _ in range(2):
        ways.disable(store, jan.id, "gone (410)", NOON + HOUR)
    ways.disable(store, "nobody", "gone (410)", NOON)
    assert tasks(store, NOON + HOUR) == [(jan.id, "gone (410)")]
    assert [entry[0] for entry in audited(store)].count("way disabled") == 1
    ways.set_webhook(store, JAN, URL, HOOK, by=BEK, now=NOON + DAY)
    assert tasks(store, NOON + DAY) == []


def test_a_messenger_replaces_a_webhook_and_clear_brings_plain_mail_back(store: Store, jan: Subscriber) -> None:
    ways.set_webhook(store, JAN, URL, HOOK, by=BEK, now=NOON)
    ways.set_apprise(store, JAN, " ntfys://topic\n", MESSENGER, by=BEK, now=NOON)
    assert way_of(store, jan) == Way(jan.id, "apprise", "ntfys://topic", changed_at=NOON)
    ways.clear(store, JAN, by=BEK, now=NOON)
    assert way_of(store, jan) is None
    with pytest.raises(Conflict, match="plain mail already"):
        ways.clear(store, JAN, by=BEK, now=NOON)
    assert [entry[:2] for entry in audited(store)] == [
        ("way set", "webhook"),
        ("way set", "apprise"),
        ("way cleared", ""),
    ]


def test_a_reader_who_takes_encrypted_mail_only_is_held_once_their_key_has_expired(
    store: Store, jan: Subscriber
) -> None:
    now = datetime.now(UTC) + HOUR
    way, warning = ways.set_key(store, JAN, a_cert(), True, by=BEK, now=now)
    assert (way.encrypt_only, warning) == (True, "")
    assert (reaching.held(way, now), tasks(store, now)) == ("", [])
    later = now + 4 * DAY
    assert reaching.held(way, later).startswith("their key expired on ")
    assert tasks(store, later) == [(jan.id, reaching.held(way, later))]


def test_a_reader_who_takes_plain_mail_too_is_never_held(store: Store, jan: Subscriber) -> None:
    now = datetime.now(UTC) + HOUR
    way, _ = ways.set_key(store, JAN, a_cert(), False, by=BEK, now=now)
    assert (reaching.held(way, now + 9 * DAY), tasks(store, now + 9 * DAY)) == ("", [])
    assert reaching.held(Way(jan.id), now) == ""


def test_a_key_that_cannot_be_used_is_refused_and_a_strange_one_warned_of(store: Store, jan: Subscriber) -> None:
    now = datetime.now(UTC) + HOUR
    with pytest.raises(Invalid, match=r"^Their key expired on "):
        ways.set_key(store, JAN, a_cert(), False, by=BEK, now=now + 4 * DAY)
    with pytest.raises(Invalid, match=r"^Their key is a secret key"):
        ways.set_key(store, JAN, _pgp.make("Jan", JAN), False, by=BEK, now=now)
    assert way_of(store, jan) is None
    _, warning = ways.set_key(store, JAN, a_cert("somebody@else.example"), False, by=BEK, now=now)
    assert "No user id of this key is their address" in warning


def test_one_way_does_not_silently_undo_another(store: Store, jan: Subscriber) -> None:
    now = datetime.now(UTC) + HOUR
    ways.set_key(store, JAN, a_cert(), True, by=BEK, now=now)
    with pytest.raises(Conflict, match="OpenPGP key"):
        ways.set_webhook(store, JAN, URL, HOOK, by=BEK, now=now)
    ways.clear(store, JAN, by=BEK, now=now)
    ways.set_webhook(store, JAN, URL, HOOK, by=BEK, now=now)
    with pytest.raises(Conflict, match="go out by webhook"):
        ways.set_key(store, JAN, a_cert(), True, by=BEK, now=now)


def test_no_entry_of_the_audit_log_holds_an_address(store: Store, jan: Subscriber) -> None:
    ways.set_webhook(store, JAN, URL, HOOK, by=BEK, now=NOON)
    ways.rotate(store, JAN, by=BEK, now=NOON)
    ways.disable(store, jan.id, "gone (410)", NOON)
    assert audited(store) == [
        ("way set", "webhook", "bek"), ("webhook secret changed", "", "bek"), ("way disabled", "gone (410)", None)
    ]  # fmt: skip


def test_the_listing_names_who_does_not_get_plain_mail(store: Store, jan: Subscriber) -> None:
    with store.begin() as tx:
        tx.subscribers.add(a_subscriber("dan@ngo.example"))
    way, _ = ways.set_webhook(store, JAN, URL, HOOK, by=BEK, now=NOON)
    assert ways.listing(store) == [(jan, way)]


def test_the_desks_key_is_made_once_beside_the_keys_file(store: Store, tmp_path: Path) -> None:
    file = pgpkey.file_of(str(tmp_path / "desk.keys"))
    with pytest.raises(NotFound, match="vigil key make"):
        pgpkey.certificate(file)
    with pytest.raises(Forbidden):
        pgpkey.make(store, file, "Desk", "desk@desk.example", by=BEK, now=NOON)
    with pytest.raises(Invalid, match=r"smtp\.sender"):
        pgpkey.make(store, file, "Desk", "", by=CLEO, now=NOON)
    public = pgpkey.make(store, file, "Desk", "desk@desk.example", by=CLEO, now=NOON)
    assert public.startswith("-----BEGIN PGP PUBLIC KEY BLOCK-----") and pgpkey.certificate(file) == public
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".db"].count("desk.keys.pgp") == 1
    assert file.stat().st_mode & 0o777 == 0o400
    with pytest.raises(Conflict, match="already"):
        pgpkey.make(store, file, "Desk", "desk@desk.example", by=CLEO, now=NOON)
    assert audited(store) == [("OpenPGP key made", "", "cleo")]


def test_the_desks_key_is_made_on_its_first_need_and_then_kept(tmp_path: Path) -> None:
    file = pgpkey.file_of(str(tmp_path / "desk.keys"))
    sign = pgpkey.signer(file, "Desk", "desk@desk.example")
    assert not file.exists()
    sign()
    public = pgpkey.certificate(file)
    pgpkey.signer(file, "Desk", "desk@desk.example")()
    assert (pgpkey.certificate(file), [path.name for path in tmp_path.iterdir()]) == (public, ["desk.keys.pgp"])
