"""A temporary desk on which to measure: its own folder, keys and database, and settings from nowhere else."""

import logging
import os
import secrets
import shutil
import tempfile
import time
from pathlib import Path
from typing import Self

import crowd
import psycopg
import sqlalchemy as sa
from measured import Measured

from alerts.bootstrap import App, build, utc_now
from alerts.domain.alerts import Alert, Kind, State
from alerts.domain.errors import Conflict, Invalid
from alerts.domain.labels import Label
from alerts.domain.staff import Role, Staff
from alerts.services import alerting
from alerts.services.alerting import Text
from alerts.settings import load
from alerts.store.tables import ALERT, BATCH, DELIVERY

LOOK = 0.02
"""Seconds between two looks at how far the worker is: each costs it a fraction of a millisecond."""

PATIENCE = 30

ENGLISH = Text(
    "Bishkek: human rights lawyer taken from her home – call the prosecutor today",
    "Late on Tuesday officers who showed no warrant took her from her home in front of her children, and for nine "
    "hours nobody would say where she was held. Her lawyer was let in to see her once, for ten minutes.",
    asks=(
        "Call the Prosecutor General’s office today and ask where she is held and on what charge.",
        "Ask that she sees a lawyer of her choice and a doctor without delay.",
    ),
)
RUSSIAN = Text(
    "Бишкек: адвоката увели из дома – позвоните прокурору сегодня",
    "Поздно вечером во вторник сотрудники без ордера увели её из дома на глазах у детей, и девять часов никто не "
    "говорил, где её держат. Её адвоката пустили к ней один раз, на десять минут.",
    asks=(
        "Позвоните сегодня в Генеральную прокуратуру и спросите, где её держат и в чём обвиняют.",
        "Попросите, чтобы к ней без промедления пустили адвоката по её выбору и врача.",
    ),
)


class Stand:
    """`database_url` empty: SQLite in the temporary folder. Else a database is made on that server, and dropped."""

    def __init__(self, database_url: str = "") -> None:
        self.given, self.recipients = database_url, 0
        self.worker: Measured | None = None

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="vigil-bench-"))
        self.name, self.app = "", None
        try:
            url = self._create() if self.given else f"sqlite:///{self.folder / 'vigil.db'}"
            self.environment = {
                "VIGIL_DESK__NAME": "Bench desk", "VIGIL_DATABASE__URL": url,
                "VIGIL_SMTP__SENDER": "desk@desk.example.org", "VIGIL_SMTP__CONNECTIONS": "20",
                "VIGIL_DATA__DIR": str(self.folder / "data"),
                "VIGIL_KEYS__FILE": str(self.folder / "keys" / "desk.keys"),
                "VIGIL_WEB__BASE_URL": "https://desk.example.org", "VIGIL_DESK__ZONE": "Asia/Bishkek",
            }  # fmt: skip
            self.app = build(load(None, self.environment), utc_now)
            logging.getLogger().setLevel(logging.ERROR)  # its keys are thrown away: nobody need copy them
            self.app.ready()
            self.author = Staff("ana", "ana@desk.example.org", "Ana", Role.AUTHOR, created_at=utc_now())
            self.approver = Staff("bek", "bek@desk.example.org", "Bek", Role.APPROVER, created_at=utc_now())
            with self.app.store.begin() as tx:
                tx.staff.add(self.author, self.approver)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self.worker:
            self.worker.kill()
        if self.app:
            self.app.close()
        if self.name:
            with psycopg.connect(self._server(), autocommit=True) as admin:
                admin.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def desk(self) -> App:
        assert self.app is not None
        return self.app

    def fill(self, count: int, parts: int = 1, proof: int = 0, few: int = 0) -> None:
        self.recipients = count
        crowd.fill(self.desk.store, count, parts, proof, few, utc_now())

    def approved(self, country: str) -> str:
        """An urgent appeal about that country, in two editions, that may be published. Answers its id."""
        store, author, now = self.desk.store, self.author, utc_now()
        alert = alerting.draft(
            store, None, ENGLISH, language="en", by=author, now=now, label=Label.GREEN,
            topics=(crowd.TOPICS[0], crowd.TOPICS[3]), countries=(country,),
        )  # fmt: skip
        alerting.edition(store, alert.id, "ru", RUSSIAN, by=author, now=now)
        return self._vouched(alert)

    def approved_update(self, alert_id: str) -> str:
        """An update of that alert, for all who got it: nothing that happens today, so it goes last."""
        update = alerting.follow(self.desk.store, alert_id, Kind.UPDATE, ENGLISH.body, by=self.author, now=utc_now())
        return self._vouched(update)

    def _vouched(self, alert: Alert) -> str:
        alerting.submit(self.desk.store, alert.id, by=self.author, now=utc_now())
        alerting.approve(self.desk.store, alert.id, by=self.approver, now=utc_now())
        return alert.id

    def publish(self, alert_id: str) -> tuple[int, float]:
        """How many it goes to, and the seconds that freezing them took."""
        began = time.monotonic()
        alert, _ = alerting.publish(self.desk.store, self.desk.queue, alert_id, by=self.author, now=utc_now())
        return alert.audience, time.monotonic() - began

    def start(self, relay: str) -> Measured:
        """`vigil work`, as a service would start it."""
        own = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        environment = {
            **own, "HOME": str(self.folder), "LANG": "C.UTF-8", **self.environment, "VIGIL_SMTP__URL": relay
        }  # fmt: skip
        self.worker = Measured(["work"], environment, self.folder)
        self.worker.until(self._works, "the worker did not start")
        return self.worker

    def _works(self) -> bool:
        lock = self.folder / "data" / "worker.lock"
        if self.given or not lock.exists():  # workers on PostgreSQL may hold no lock: the first claim will show them
            return True
        assert self.worker is not None
        return lock.read_text().strip() == str(self.worker.process.pid)

    def taken(self, alert_id: str) -> bool:
        """Whether a worker has taken the first batch of this alert."""
        with self.desk.store.read() as tx:
            mine = (BATCH.c.alert_id == alert_id, BATCH.c.token.is_not(None) | BATCH.c.open.in_([False]))
            return tx.conn.execute(sa.select(BATCH.c.no).where(*mine).limit(1)).first() is not None

    def first_sent(self, alert_id: str) -> bool:
        with self.desk.store.read() as tx:
            query = sa.select(DELIVERY.c.n).join(BATCH, DELIVERY.c.batch_no == BATCH.c.no)
            return tx.conn.execute(query.where(BATCH.c.alert_id == alert_id).limit(1)).first() is not None

    def ended(self, alert_id: str) -> float:
        """Wait until it is done, and answer when that was seen. Raises Conflict where half a minute adds no mail."""
        assert self.worker is not None
        while True:
            sent = self.sent(alert_id)
            try:
                return self.worker.until(lambda: self.done(alert_id), "the worker sends no more", PATIENCE, LOOK)
            except Conflict:
                if self.worker.process.poll() is not None or self.sent(alert_id) == sent:
                    raise

    def done(self, alert_id: str) -> bool:
        """Whether the product says that nobody of this alert is to be written to any more."""
        with self.desk.store.read() as tx:
            query = sa.select(ALERT.c.state).where(ALERT.c.id == alert_id)
            return tx.conn.execute(query).scalar_one() is not State.PUBLISHING

    def sent(self, alert_id: str) -> int:
        return alerting.status(self.desk.store, alert_id).tally.sent

    def _create(self) -> str:
        name = f"vigil_bench_{secrets.token_hex(4)}"
        try:
            with psycopg.connect(self._server(), autocommit=True) as admin:
                admin.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        except (psycopg.Error, sa.exc.ArgumentError) as error:
            raise Invalid(f"No database can be made on that server: {str(error).strip().splitlines()[0]}") from None
        self.name = name
        return sa.make_url(self.given).set(drivername="postgresql", database=name).render_as_string(hide_password=False)

    def _server(self) -> str:
        return sa.make_url(self.given).set(drivername="postgresql").render_as_string(hide_password=False)


def described(app: App) -> str:
    """The database by name and version."""
    with app.store.read() as tx:
        if tx.conn.dialect.name == "sqlite":
            return f"SQLite {tx.conn.execute(sa.text('SELECT sqlite_version()')).scalar_one()}"
        return f"PostgreSQL {tx.conn.execute(sa.text('SHOW server_version')).scalar_one()}"
