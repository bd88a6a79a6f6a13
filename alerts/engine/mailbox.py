"""Read the mailbox: one connection a round, a transaction for each mail, and only then is it marked as read."""

import logging
from collections import Counter
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from alerts.bootstrap import App
from alerts.domain.bugs import wordless
from alerts.domain.errors import Invalid
from alerts.domain.returns import Mailbox
from alerts.domain.times import Instant
from alerts.domain.triage import Rule
from alerts.services import returning
from alerts.services.returning import Became
from alerts.services.rules import in_force
from alerts.store import Unavailable
from watchers import mailbox, returned

log = logging.getLogger("vigil.mailbox")

EVERY = {"maildir": 1.0}
A_MINUTE = 60.0
"""Seconds between two rounds over IMAP: providers do not like to be asked more often."""


@dataclass(slots=True)
class Round:
    """What one round brought, and why it ended early, in words."""

    became: Counter[Became] = field(default_factory=Counter)
    failed: str = ""


def read(app: App, now: Instant, *, at_once: bool = False) -> Round | None:
    """One round; None where no mailbox is set, another process reads it, or (unless `at_once`) it was read just now.

    Raises Unavailable, Invalid.
    """
    url = app.settings.mailbox.url
    if not url:
        return None
    every = 0 if at_once else EVERY.get(urlsplit(url).scheme, A_MINUTE)
    before = returning.begin(app.store, mailbox.id_of(url), every, now)
    if before is None:
        return None
    done, position = Round(), before
    try:
        with mailbox.opened(url, before, now) as box:
            try:
                _take_all(app, box, done, now)
            finally:
                position = box.read
    except mailbox.Failed as refusal:
        done.failed = str(refusal)
        if done.failed != before.reason:  # said once, not every minute
            log.warning("The mailbox cannot be read; it is tried again by itself: %s", done.failed)
    returning.went(app.store, _moved(position, before), done.failed, now)
    return done


def _take_all(app: App, box: mailbox.Box, done: Round, now: Instant) -> None:
    ours = (app.settings.smtp.sender, app.settings.mail.reply_to)
    rules = _rules(app)
    for raw in box.mails():
        try:
            became = returning.take(app.store, app.queue, returned.parse(raw.source, raw.data), now, ours, rules)
        except Unavailable:
            raise
        except Exception as bug:  # over one mail it must not end the reading of the others
            log.exception("A bug while a mail was taken; it stays in the mailbox.", exc_info=wordless(bug))
            became = Became.NOT_OURS
        done.became[became] += 1
        box.done(raw, ours=became is not Became.NOT_OURS)


def _rules(app: App) -> tuple[Rule, ...]:
    """A mistake in a rule must not stop the bounces: what a partner writes then waits for a person."""
    try:
        return tuple(in_force(app.store, app.settings))
    except Invalid as refusal:
        log.warning("%s", refusal)
        return ()


def _moved(position: Mailbox, before: Mailbox) -> Mailbox:
    return replace(before, uidvalidity=position.uidvalidity, uid=position.uid)
