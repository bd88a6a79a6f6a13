"""The only file that knows every room, and the only clock."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from alerts.channels import Channel
from alerts.channels.email import Channel as Email
from alerts.domain.errors import Conflict, Invalid
from alerts.domain.relays import MAIN, Relay
from alerts.domain.times import Instant
from alerts.egress import Egress
from alerts.queue import Queue
from alerts.queue.table import TableQueue
from alerts.render import Render
from alerts.services import pgpkey, tokens, ways
from alerts.services.checking import keys_fit
from alerts.services.relays import all_relays, main_relay
from alerts.services.tokens import Token
from alerts.settings import Settings
from alerts.store import Store
from alerts.store.vault import Keys, Vault, load, make
from watchers.hosts import Hosts

log = logging.getLogger("vigil")


def utc_now() -> Instant:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class App:
    """One desk, ready to be used by the command line, the pages and the engine.

    `now` is the desk's time, which in a replay jumps; `wall` is the browsers' and theirs alone: sessions end by it.
    """

    settings: Settings
    now: Callable[[], Instant]
    wall: Callable[[], Instant]
    vault: Vault
    store: Store
    queue: Queue
    render: Render
    egress: Egress
    email: Email
    elsewhere: Mapping[str, Channel]
    channels: dict[tuple[str, ...], Email] = field(default_factory=dict, repr=False)
    hosts: Hosts = field(default_factory=Hosts, repr=False)

    @property
    def journals(self) -> Path:
        """Where the workers of this machine keep their crash journals."""
        return Path(self.settings.data.dir) / "journal"

    def channel(self, relay: Relay) -> Email:
        """The way out through this relay: the same one each time, as long as its account is the same."""
        if relay.id == MAIN:
            return self.email
        place = (relay.id, relay.url, relay.sender, relay.oauth)
        if place not in self.channels:
            self.channels[place] = _email(self.settings, relay.url, relay.sender, self.now, self.token(relay))
        return self.channels[place]

    def first_channel(self) -> Email:
        """For one mail by itself, as a test: the relay of the settings, or where there is none the first of the others.

        Raises Unavailable.
        """
        with self.store.read() as tx:
            there = all_relays(tx, self.settings)
        return self.channel(there[0]) if there else self.email

    def token(self, relay: Relay) -> Token | None:
        """What a relay with OAuth is logged in with. None: it has a password, or none."""
        if not relay.oauth:
            return None
        return tokens.token(
            self.egress, relay, self.now, lambda renewed: tokens.renewed(self.store, relay.id, renewed)
        )  # fmt: skip

    def ready(self) -> None:
        """Make the keys and tables of a desk that opens for the first time. Raises Invalid, Conflict, Unavailable."""
        if self.store.empty():
            self.vault.keys  # noqa: B018  a desk without its keys must not get tables
            self.store.migrate()
        elif self.store.behind():
            raise Conflict(
                "The tables are those of an older Vigil: stop it, copy the database, and run “vigil migrate”."
            )
        else:
            keys_fit(self.store, self.settings.keys.file)

    def close(self) -> None:
        self.store.close()


def build(settings: Settings, now: Callable[[], Instant], wall: Callable[[], Instant] | None = None) -> App:
    """Raises Invalid. Opens nothing yet: connections and keys come with their first use."""
    folder = Path(settings.data.dir)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Invalid(f"data.dir {folder} cannot be made: {error.strerror}.") from None
    keys_file = Path(settings.keys.file)
    vault = Vault(lambda: _keys(keys_file, store))
    main = main_relay(settings, None)
    store = Store(settings.database.url, vault, settings.desk.zone, scarce=bool(main.daily or main.per_minute))
    email = _email(settings, settings.smtp.url, settings.smtp.sender, now)
    egress = Egress(settings.egress.allow, settings.web.base_url)
    elsewhere = ways.channels(egress, vault, now, settings.web.base_url)
    return App(settings, now, wall or now, vault, store, _queue(store), Render(settings), egress, email, elsewhere)


def _queue(store: Store) -> Queue:
    if store.on_sqlite:
        return TableQueue()
    from alerts.queue.procrastinate import ProcrastinateQueue

    return ProcrastinateQueue(store.url)


def _email(
    settings: Settings, url: str, sender: str, now: Callable[[], Instant], token: Token | None = None
) -> Email:  # fmt: skip
    """Through one relay; mails to readers who have a key are encrypted, and signed with the desk's own."""
    seal = pgpkey.sealing(pgpkey.file_of(settings.keys.file), settings.desk.name, settings.smtp.sender, now)
    return Email(
        url, sender, _from_name(settings), settings.mail.reply_to or sender, settings.smtp.timeout,
        rotate=settings.delivery.rotate, token=token, seal=seal,
    )  # fmt: skip


def _from_name(settings: Settings) -> str:
    """An exercise says so before the mail is opened."""
    return f"EXERCISE – {settings.desk.name}" if settings.desk.exercise else settings.desk.name


def _keys(file: Path, store: Store) -> Keys:
    """The desk's keys, made on its first start: never for a database that was sealed with others."""
    if not file.exists() and store.empty():
        make(file)
        log.warning("New keys in %s. Copy that file to a safe place: without it no address can be read.", file)
    return load(file)
