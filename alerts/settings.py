"""A desk's settings: config/default.toml, then a site's TOML, then VIGIL_* from the environment, as one frozen value.

Every key can be set as VIGIL_SECTION__KEY. A key that nobody knows is an error with its name.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from alerts.domain.countries import Country
from alerts.domain.errors import Invalid
from alerts.domain.times import zone_info

LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Desk:
    name: str
    zone: str
    contact: str
    exercise: str


@dataclass(frozen=True, slots=True)
class Database:
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Smtp:
    url: str = field(repr=False)
    sender: str
    connections: int
    timeout: int


@dataclass(frozen=True, slots=True)
class Mail:
    reply_to: str


@dataclass(frozen=True, slots=True)
class Delivery:
    gate: bool
    rotate: int


@dataclass(frozen=True, slots=True)
class Mailbox:
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Web:
    """`links`: what links in mails begin with; empty where no public address was set, and then mails carry none."""

    base_url: str
    host: str
    port: int
    links: str = ""


@dataclass(frozen=True, slots=True)
class Data:
    dir: str


@dataclass(frozen=True, slots=True)
class KeysFile:
    file: str


@dataclass(frozen=True, slots=True)
class Egress:
    allow: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Polling:
    every_minutes: int


@dataclass(frozen=True, slots=True)
class Triage:
    rules: tuple[dict[str, Any], ...]
    page_critical: bool


@dataclass(frozen=True, slots=True)
class LawSettings:
    folder: str
    days_off: tuple[str, ...]
    working_days: tuple[str, ...]
    closing: str


@dataclass(frozen=True, slots=True)
class Settings:
    desk: Desk
    database: Database
    smtp: Smtp
    mail: Mail
    delivery: Delivery
    mailbox: Mailbox
    web: Web
    data: Data
    keys: KeysFile
    egress: Egress
    polling: Polling
    triage: Triage
    law: LawSettings


SECTIONS = {f.name: f.type for f in fields(Settings)}


def load(file: Path | None, environment: Mapping[str, str]) -> Settings:
    """Raises Invalid: one sentence with the file or variable, the key, and what it should be."""
    values = _toml(resource("config/default.toml").read_text(), "config/default.toml")
    if file:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise Invalid(f"The settings file {file} cannot be read: {why}.") from None
        _merge(values, _toml(text, str(file)), str(file))
    _merge(values, _environment(environment), "the environment")
    return _checked(_defaults(Settings(**{name: kind(**values[name]) for name, kind in SECTIONS.items()})))  # type: ignore[operator]


@cache
def resource(path: str) -> Path:
    """A file that ships with Vigil: beside the packages in a checkout, inside them once installed."""
    here = Path(__file__).parent
    return here / "_bundled" / path if (here / "_bundled").exists() else here.parent / path


@cache
def countries() -> Mapping[str, Country]:
    """Every country by its two letters, from config/countries.toml."""
    table = tomllib.loads(resource("config/countries.toml").read_text())
    return {code: Country(code, **values) for code, values in table.items()}


def _toml(text: str, where: str) -> dict[str, dict[str, Any]]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"{where} is not TOML: {error}.") from None


def _environment(environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, value in environment.items():
        section, separator, key = name.removeprefix("VIGIL_").lower().partition("__")
        if name.startswith("VIGIL_") and separator:
            found.setdefault(section, {})[key] = value
    return found


def _merge(values: dict[str, dict[str, Any]], more: dict[str, Any], where: str) -> None:
    for section, keys in more.items():
        if section not in values:
            raise Invalid(f"{where}: there is no section [{section}]; there are {', '.join(values)}.")
        if not isinstance(keys, dict):
            raise Invalid(f"{where}: [{section}] is a section, not a value.")
        for key, value in keys.items():
            if key not in values[section]:
                raise Invalid(f"{where}: there is no setting {section}.{key}; there are {', '.join(values[section])}.")
            values[section][key] = _like(values[section][key], value, f"{where}: {section}.{key}")


def _like(default: Any, value: Any, where: str) -> Any:
    """The value as the kind of thing that its default is."""
    if isinstance(default, list) and isinstance(value, str) and value.lstrip().startswith("["):
        return _toml(f"list = {value}", where)["list"]
    if isinstance(default, list) and isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(default, bool):
        if str(value).lower() in ("true", "false"):
            return str(value).lower() == "true"
        raise Invalid(f"{where} must be true or false, not “{value}”.")
    if isinstance(default, int):
        try:
            return int(str(value))  # of True, 7.5 and “7.5” no whole number is made
        except ValueError:
            raise Invalid(f"{where} must be a whole number, not “{value}”.") from None
    if isinstance(value, str) and not value.isprintable():
        raise Invalid(f"{where} must be one line, without control characters.")
    if not isinstance(value, type(default)):
        raise Invalid(f"{where} must be a {'text' if isinstance(default, str) else 'list'}, not “{value}”.")
    return value


def _defaults(s: Settings) -> Settings:
    """What follows from other settings where it is left empty."""
    data = Data(str(_folder(s.data.dir, "XDG_DATA_HOME", ".local/share", "vigil")))
    keys = KeysFile(str(_folder(s.keys.file, "XDG_CONFIG_HOME", ".config", "vigil/desk.keys")))
    url = s.database.url or f"sqlite:///{data.dir}/vigil.db"
    given = s.web.base_url.rstrip("/")
    base = given or f"http://localhost:{s.web.port}"
    return Settings(
        desk=s.desk, database=Database(url), smtp=s.smtp, mail=Mail(s.mail.reply_to or s.smtp.sender),
        delivery=s.delivery, mailbox=s.mailbox, web=Web(base, s.web.host, s.web.port, given), data=data, keys=keys,
        egress=Egress(tuple(s.egress.allow)),
        polling=s.polling, triage=Triage(tuple(s.triage.rules), s.triage.page_critical),
        law=LawSettings(s.law.folder, tuple(s.law.days_off), tuple(s.law.working_days), s.law.closing),
    )  # fmt: skip


def _folder(given: str, variable: str, usual: str, name: str) -> Path:
    if given:
        return Path(given).expanduser().absolute()
    return Path(os.environ.get(variable) or Path.home() / usual) / name


def _checked(s: Settings) -> Settings:
    try:
        zone_info(s.desk.zone)
    except Invalid as refusal:
        raise Invalid(f"desk.zone: {refusal}") from None
    for name, mail in (("smtp.sender", s.smtp.sender), ("mail.reply_to", s.mail.reply_to)):
        if mail and not re.fullmatch(r"[^@\s<>\"(),:;\\]+@[^@\s<>\"(),:;\\]+", mail):
            raise Invalid(f"{name} is “{mail}”: write a mail address and nothing else, as desk@example.org.")
    if not 0 <= s.web.port <= 65535:
        raise Invalid(f"web.port must be a port, not {s.web.port}.")
    base, relay = _parsed(s.web.base_url, "web.base_url"), _parsed(s.smtp.url, "smtp.url")
    if base.scheme not in ("http", "https") or not base.hostname:
        raise Invalid(
            f"web.base_url is “{s.web.base_url}”: write the address that readers see, as https://desk.example.org."
        )
    if base.scheme == "http" and base.hostname not in LOOPBACK:
        raise Invalid("web.base_url must be https:// unless it names this computer: links in mails carry secrets.")
    if s.smtp.url and (relay.scheme not in ("smtp", "smtps") or not relay.hostname):
        raise Invalid("smtp.url must be smtp://user:password@host:port or smtps://…")
    _check_mailbox(s.mailbox.url)
    counts = {
        "smtp.connections": s.smtp.connections, "smtp.timeout": s.smtp.timeout, "delivery.rotate": s.delivery.rotate,
    }  # fmt: skip
    for name, count in (counts | {"polling.every_minutes": s.polling.every_minutes}).items():
        if count < 1:
            raise Invalid(f"{name} must be 1 or more, not {count}.")
    if not all(isinstance(rule, dict) for rule in s.triage.rules):
        raise Invalid("triage.rules must be a list of tables: write each as [[triage.rules]].")
    if Path(s.keys.file).resolve().is_relative_to(Path(s.data.dir).resolve()):
        raise Invalid("keys.file lies in data.dir: whoever copies the data would have the keys. Put it elsewhere.")
    return s


def _check_mailbox(url: str) -> None:
    box = _parsed(url, "mailbox.url")
    folder = box.scheme == "maildir" and box.path.startswith("/") and not box.netloc
    if url and not folder and not (box.scheme in ("imap", "imaps") and box.hostname and box.username):
        raise Invalid(
            "mailbox.url must be imaps://user:password@host/INBOX or maildir:/path; within the user's name and the "
            "password write @ as %40 and / as %2F."
        )


def _parsed(url: str, name: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  only now is it read
    except ValueError:
        raise Invalid(f"{name} is not an address: its host or port cannot be read.") from None
    return parts
