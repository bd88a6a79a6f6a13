"""One transaction: every table under its name."""

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from alerts.domain import (
    alerts,
    audience,
    cadence,
    calendarfile,
    calendars,
    calling,
    card,
    cases,
    chains,
    confidants,
    deadlines,
    ladders,
    letters,
    partners,
    phones,
    proposals,
    questions,
    relays,
    responses,
    returns,
    rules,
    silence,
    staff,
    triage,
    watching,
    ways,
)
from alerts.store import dates, tables
from alerts.store.audit import Audit
from alerts.store.ledger import Ledger
from alerts.store.rows import Rows
from alerts.store.vault import Vault

T = TypeVar("T")


class Tx:
    """What a service reads and writes. `after` runs once the transaction has been committed.

    `zone`: the desk's, for readers who gave none. `scarce`: the relay of its settings has a limit.
    """

    def __init__(
        self, conn: sa.Connection, vault: Vault, *, writes: bool, zone: str = "UTC", scarce: bool = False
    ) -> None:
        self.conn, self.vault, self.zone, self.scarce = conn, vault, zone, scarce
        self.after: list[Callable[[], None]] = []

        def rows(table: sa.Table, kind: type[T]) -> Rows[T]:
            return Rows(conn, vault, table, kind, lock=writes)

        self.staff = rows(tables.STAFF, staff.Staff)
        self.sessions = rows(tables.SESSION, staff.Session)
        self.audit = Audit(conn, vault)
        self.cases = rows(tables.CASE, cases.Case)
        self.people = rows(tables.PERSON, cases.Person)
        self.forms = rows(tables.NAME_FORM, cases.NameForm)
        self.events = rows(tables.EVENT, cases.Event)
        self.facts = rows(tables.FACT, cases.Fact)
        self.asks = rows(tables.ASK, cases.Ask)
        self.addressees = rows(tables.ADDRESSEE, cases.Addressee)
        self.sources = rows(tables.SOURCE, watching.Source)
        self.signals = rows(tables.SIGNAL, watching.Signal)
        self.matches = rows(tables.MATCH, watching.Match)
        self.verdicts = rows(tables.VERDICT, triage.Verdict)
        self.rules = rows(tables.RULE, rules.Kept)
        self.proposals = rows(tables.PROPOSAL, proposals.Proposal)
        self.confided = rows(tables.CONFIDED, partners.Confided)
        self.partners = rows(tables.PARTNER, partners.Partner)
        self.deadlines = rows(dates.DEADLINE, deadlines.Deadline)
        self.was = rows(dates.WAS, chains.Was)
        self.reminders = rows(dates.REMINDER, ladders.Reminder)
        self.cards = rows(dates.CARD, card.Written)
        self.silences = rows(dates.SILENCE, silence.Silence)
        self.confidants = rows(dates.CONFIDANT, confidants.Confidant)
        self.questions = rows(dates.QUESTION, questions.Question)
        self.imported = rows(dates.IMPORTED, calendarfile.Imported)
        self.alerts = rows(tables.ALERT, alerts.Alert)
        self.editions = rows(tables.EDITION, alerts.Edition)
        self.subscribers = rows(tables.SUBSCRIBER, audience.Subscriber)
        self.subscriptions = rows(tables.SUBSCRIPTION, audience.Subscription)
        self.letters = rows(tables.LETTER, letters.Letter)
        self.ways = rows(tables.WAY, ways.Way)
        self.calendars = rows(tables.CALENDAR, calendars.Calendar)
        self.phones = rows(tables.PHONE, phones.Phone)
        self.held = rows(tables.HELD, cadence.Held)
        self.relays = rows(tables.RELAY, relays.Relay)
        self.uses = rows(tables.RELAY_USE, relays.Use)
        self.responses = rows(tables.RESPONSE, responses.Response)
        self.bounces = rows(tables.BOUNCE, returns.Bounce)
        self.replies = rows(tables.REPLY, returns.Reply)
        self.calls = rows(dates.CALL, calling.Call)
        self.mailboxes = rows(tables.MAILBOX, returns.Mailbox)
        self.ledger = Ledger(conn)

    def next_number(self, series: str, year: int) -> int:
        """The next number of a series in a year, from 1. Held until the transaction ends: no gaps, no doubles."""
        table = tables.NUMBER
        mine = (table.c.series == series, table.c.year == year)
        first = self.ledger.insert(table).values(series=series, year=year, last=0)
        self.conn.execute(first.on_conflict_do_nothing())  # two processes may both be the first of a year
        counted = sa.update(table).where(*mine).values(last=table.c.last + 1).returning(table.c.last)
        return int(self.conn.execute(counted).scalar_one())
