"""`vigil way` and `vigil key` as they are typed."""

from __future__ import annotations

import base64

import pysequoia
import pytest
from desk import ADMIN, APPROVER, AUTHOR, DeskHere
from standardwebhooks import Webhook

JAN, URL = "reader0@mission0.example", "https://ngo.example/in/word"
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # a library of Apprise's


@pytest.fixture
def desk(here: DeskHere) -> DeskHere:
    here.has_readers(2)
    return here


def a_cert(address: str = JAN) -> str:
    return str(pysequoia.Tsk.generate(user_id=f"Jan <{address}>").extract_certificate())


def test_a_webhooks_secret_is_printed_once_and_never_again(desk: DeskHere) -> None:
    lines = desk.vigil("way", "webhook", JAN, URL, "--as", APPROVER).splitlines()
    secret, public = lines[1], lines[3]
    Webhook(secret)
    assert len(base64.b64decode(public.removeprefix("whpk_"))) == 32
    listed = desk.vigil("way", "list", "--json")
    assert secret not in listed and URL not in listed
    [row] = desk.json("way", "list")
    assert row | {"changed_at": ""} == {
        "email": JAN, "channel": "webhook", "server": "ngo.example", "public_key": public, "encrypted": False,
        "encrypt_only": False, "waits": "", "changed_at": "",
    }  # fmt: skip
    assert desk.vigil("way", "list") == f"{JAN}  webhook  ngo.example"
    rotated = desk.vigil("way", "rotate", JAN, "--as", APPROVER).splitlines()
    assert rotated[1].startswith("whsec_") and rotated[1] != secret and rotated[3] == public


def test_a_messengers_address_comes_from_a_file_and_is_never_shown(desk: DeskHere) -> None:
    file = desk.write("messenger.url", "ntfys://user:word@ntfy.example/topic\n")
    assert desk.vigil("way", "apprise", JAN, "--url-file", file, "--as", APPROVER).startswith("Set")
    assert "word" not in desk.vigil("way", "list", "--json") and desk.vigil("way", "list") == f"{JAN}  apprise"
    file = desk.write("other.url", "json://127.0.0.1/word\n")
    said = desk.refuses("way", "apprise", JAN, "--url-file", file, "--as", APPROVER)
    assert said.startswith("This is not an address of a messenger") and "word" not in said


def test_a_key_is_set_with_a_warning_where_it_is_not_for_their_address(desk: DeskHere) -> None:
    file = desk.write("jan.asc", a_cert())
    said = desk.vigil("way", "key", JAN, "--file", file, "--only-encrypted", "--as", APPROVER)
    assert said == "Set: their mail is encrypted, or waits."
    assert desk.vigil("way", "list") == f"{JAN}  email  encrypted only"
    done = desk.attempt("way", "key", JAN, "--file", desk.write("x.asc", a_cert("x@y.example")), "--as", APPROVER)
    assert done.returncode == 0 and "make sure by telephone" in done.stderr
    said = desk.refuses("way", "key", JAN, "--file", desk.write("x.txt", "not a key"), "--as", APPROVER)
    assert said == "Their key is not an OpenPGP certificate."
    assert desk.vigil("way", "clear", JAN, "--as", APPROVER).startswith("Cleared")
    assert desk.json("way", "list") == []


def test_what_an_author_or_a_stranger_asks_for_is_refused_in_one_sentence(desk: DeskHere) -> None:
    assert "Only an approver" in desk.refuses("way", "webhook", JAN, URL, "--as", AUTHOR)
    assert desk.refuses("way", "webhook", "nobody@x.example", URL, "--as", APPROVER).startswith(
        "There is no subscriber"
    )
    assert "has no webhook" in desk.refuses("way", "rotate", JAN, "--as", APPROVER)
    assert "https://" in desk.refuses("way", "webhook", JAN, "http://ngo.example/", "--as", APPROVER)


def test_an_admin_makes_the_desks_key_and_everybody_may_print_its_public_half(desk: DeskHere) -> None:
    assert "vigil key make" in desk.refuses("key", "show")
    assert "Only an admin" in desk.refuses("key", "make", "--as", APPROVER)
    made = desk.vigil("key", "make", "--as", ADMIN)
    assert made.startswith("-----BEGIN PGP PUBLIC KEY BLOCK-----")
    assert desk.vigil("key", "show") == made
    cert = pysequoia.Cert.from_bytes(made.encode())
    assert [str(one) for one in cert.user_ids] == ["Vigil desk <desk@desk.example>"]
    assert "already" in desk.refuses("key", "make", "--as", ADMIN)
