"""A desk's settings: default.toml, a site's file, the environment; and one sentence for whatever is wrong."""

from __future__ import annotations

import tomllib
from dataclasses import MISSING, fields, is_dataclass

import pytest

from alerts.domain.errors import Invalid
from alerts.settings import SECTIONS, load, resource

DEFAULTS = tomllib.loads(resource("config/default.toml").read_text())
KEYS = sorted(f"{section}.{key}" for section, keys in DEFAULTS.items() for key in keys)
OTHER = {
    "desk.zone": "Asia/Bishkek", "web.base_url": "https://desk.example.org", "database.url": "sqlite:////tmp/x.db",
    "smtp.url": "smtps://u:p@relay.example:465", "keys.file": "/srv/keys/desk.keys", "data.dir": "/srv/data",
    "smtp.sender": "desk@desk.example", "mail.reply_to": "answers@desk.example", "mailbox.url": "maildir:/srv/mail",
}  # fmt: skip


def other(key: str) -> str:
    section, _, name = key.partition(".")
    default = DEFAULTS[section][name]
    if isinstance(default, bool):
        return str(not default).lower()
    return OTHER.get(
        key, "7" if isinstance(default, int) else "one, two" if isinstance(default, list) else "something else"
    )


def at(settings: object, key: str) -> object:
    section, _, name = key.partition(".")
    return getattr(getattr(settings, section), name)


def test_the_keys_of_the_program_are_those_of_default_toml():
    """What has a default of its own follows from other keys, and is none."""
    ours = {
        section: {field.name for field in fields(kind) if field.default is MISSING}
        for section, kind in SECTIONS.items()
    }
    assert ours == {section: set(keys) for section, keys in DEFAULTS.items()}
    assert all(is_dataclass(kind) for kind in SECTIONS.values())


def test_every_key_of_default_toml_says_what_it_is():
    lines = [line for line in resource("config/default.toml").read_text().splitlines() if " = " in line]
    without = [line for line in lines if "#" not in line and not line.startswith(("name", "host", "port"))]
    assert without == []


@pytest.mark.parametrize("key", [key for key in KEYS if key != "triage.rules"])
def test_every_key_can_be_set_in_the_environment(key):
    name = "VIGIL_" + key.upper().replace(".", "__")
    before, after = load(None, {}), load(None, {name: other(key)})
    expected = {"7": 7, "true": True, "false": False, "one, two": ("one", "two")}.get(other(key), other(key))
    assert at(after, key) == expected != at(before, key)


def test_rules_can_be_set_in_the_environment_too():
    rules = '[{name = "ours", then = "draft", countries = ["KG", "KZ"]}, {name = "rest", then = "dismiss"}]'
    assert load(None, {"VIGIL_TRIAGE__RULES": rules}).triage.rules == (
        {"name": "ours", "then": "draft", "countries": ["KG", "KZ"]},
        {"name": "rest", "then": "dismiss"},
    )
    for bad in ("ours", "[", "[1, 2]"):
        with pytest.raises(Invalid, match=r"triage\.rules"):
            load(None, {"VIGIL_TRIAGE__RULES": bad})


def test_a_file_names_only_what_differs_and_the_environment_wins(tmp_path):
    file = tmp_path / "desk.toml"
    file.write_text('[desk]\nname = "Бюро"\nzone = "Asia/Bishkek"\n[smtp]\nconnections = 2\n', encoding="utf-8")
    settings = load(file, {"VIGIL_DESK__ZONE": "Asia/Almaty", "VIGIL_CONFIG": "elsewhere", "HOME": "/"})
    assert (settings.desk.name, settings.desk.zone, settings.smtp.connections) == ("Бюро", "Asia/Almaty", 2)
    assert settings.smtp.timeout == DEFAULTS["smtp"]["timeout"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[desk]\nnmae = 'x'", r"there is no setting desk\.nmae; there are name, zone"),
        ("[dekc]\nname = 'x'", r"there is no section \[dekc\]; there are desk"),
        ("desk = 'x'", r"\[desk\] is a section, not a value"),
        ("[desk]\nname = 7", r"desk\.name must be a text"),
        ("[smtp]\nconnections = 'many'", r"smtp\.connections must be a whole number, not “many”"),
        ("[smtp]\nconnections = true", r"smtp\.connections must be"),
        ("[smtp]\nconnections = 0", r"smtp\.connections must be 1 or more"),
        ("[smtp]\ntimeout = -1", r"smtp\.timeout must be 1 or more"),
        ("[smtp]\nconnections = 1.5", r"smtp\.connections must be"),
        ("[triage]\nrules = ['x']", r"triage\.rules must be a list of tables"),
        ("[web]\nport = 70000", r"web\.port must be a port"),
        ("[egress]\nallow = 7", r"egress\.allow must be a list"),
        ("[desk]\nzone = 'Bishkek'", "There is no time zone “Bishkek”"),
        ("[smtp]\nurl = 'http://relay.example'", r"smtp\.url must be smtp://"),
        ("[smtp]\nurl = 'smtp://'", r"smtp\.url must be smtp://"),
        ("[smtp]\nurl = 'smtp://relay.example:port'", r"smtp\.url is not an address"),
        ("[web]\nbase_url = 'https://[::1'", r"web\.base_url is not an address"),
        ("[desk\nname", r"desk\.toml is not TOML: .* line 1"),
        ("[desk]\nname = 'a'\nname = 'b'", "is not TOML"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_its_place(tmp_path, text, sentence):
    file = tmp_path / "desk.toml"
    file.write_text(text)
    with pytest.raises(Invalid, match=sentence) as refusal:
        load(file, {})
    assert "\n" not in str(refusal.value)


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path):
    (tmp_path / "latin.toml").write_bytes("[desk]\nname = 'Büro'".encode("latin-1"))
    for file in (tmp_path / "none.toml", tmp_path, tmp_path / "latin.toml"):
        with pytest.raises(Invalid, match="cannot be read"):
            load(file, {})


@pytest.mark.parametrize("name", ["VIGIL_DESK__NMAE", "VIGIL_DEKS__NAME", "VIGIL_DESK__NAME__X"])
def test_an_unknown_variable_is_an_error_with_its_name(name):
    _, _, key = name.lower().removeprefix("vigil_").partition("__")
    with pytest.raises(Invalid, match=rf"the environment: there is no (setting desk\.{key}|section \[deks\])"):
        load(None, {name: "x"})


@pytest.mark.parametrize(
    "url", ["https://desk.example.org", "http://localhost:8080", "http://127.0.0.1", "http://[::1]:80"]
)
def test_readers_see_https_or_this_computer(url):
    web = load(None, {"VIGIL_WEB__BASE_URL": f"{url}/"}).web
    assert (web.base_url, web.links) == (url, url)


@pytest.mark.parametrize(
    "url", ["http://desk.example.org", "http://localhost.example.org", "ftp://localhost", "desk", "//x", "https://"]
)
def test_any_other_address_is_refused(url):
    with pytest.raises(Invalid, match=r"web\.base_url"):
        load(None, {"VIGIL_WEB__BASE_URL": url})


@pytest.mark.parametrize("file", ["/srv/vigil/desk.keys", "/srv/vigil/deep/desk.keys", "/srv/other/../vigil/desk.keys"])
def test_keys_do_not_lie_with_the_data(file):
    with pytest.raises(Invalid, match=r"keys\.file lies in data\.dir"):
        load(None, {"VIGIL_DATA__DIR": "/srv/vigil", "VIGIL_KEYS__FILE": file})
    assert load(None, {"VIGIL_DATA__DIR": "/srv/vigil", "VIGIL_KEYS__FILE": "/srv/vigil.keys"})


def test_not_even_through_a_link(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "keys").symlink_to(tmp_path / "data")
    with pytest.raises(Invalid, match=r"keys\.file lies in data\.dir"):
        load(
            None, {"VIGIL_DATA__DIR": str(tmp_path / "data"), "VIGIL_KEYS__FILE": str(tmp_path / "keys" / "desk.keys")}
        )


def test_what_is_left_empty_follows_from_the_rest(monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", "/home/bek/data")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/home/bek/config")
    settings = load(None, {"VIGIL_SMTP__SENDER": "desk@desk.example", "VIGIL_WEB__PORT": "81"})
    assert settings.mail.reply_to == "desk@desk.example"
    assert (settings.web.base_url, settings.web.links) == ("http://localhost:81", ""), "mails carry no links"
    assert settings.data.dir == "/home/bek/data/vigil"
    assert settings.database.url == "sqlite:////home/bek/data/vigil/vigil.db"
    assert settings.keys.file == "/home/bek/config/vigil/desk.keys"


@pytest.mark.parametrize(
    "url", ["imaps://desk:secret@mail.example/INBOX", "imap://desk%40x.example:p@localhost:143", "maildir:/srv/mail"]
)
def test_a_mailbox_is_read_by_imap_or_from_a_maildir(url):
    assert load(None, {"VIGIL_MAILBOX__URL": url}).mailbox.url == url


@pytest.mark.parametrize(
    "url", ["imaps://mail.example/INBOX", "pop3://a:b@mail.example", "maildir:mail", "maildir://host/mail", "/srv/mail"]
)
def test_any_other_mailbox_is_refused_without_its_password(url):
    with pytest.raises(Invalid, match=r"mailbox\.url must be imaps://") as refused:
        load(None, {"VIGIL_MAILBOX__URL": url})
    assert "a:b" not in str(refused.value)


def test_a_printed_setting_shows_no_password():
    settings = load(None, {
        "VIGIL_SMTP__URL": "smtp://bek:canary@relay.example", "VIGIL_DATABASE__URL": "postgresql://bek:canary@db/vigil",
    })  # fmt: skip
    assert "canary" not in repr(settings)
