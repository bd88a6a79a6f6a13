"""One-off mails: please confirm, here is your link, we noted your answer, you are signed off."""

import asyncio
import logging
from collections.abc import Callable

from alerts.bootstrap import App
from alerts.channels import Line
from alerts.domain.bugs import wordless
from alerts.domain.delivery import Blocked, Outcome, Rejected, Retry
from alerts.domain.errors import VigilError
from alerts.domain.letters import Letter
from alerts.domain.times import Instant
from alerts.services import letters, relays
from alerts.services.addressing import message_id

log = logging.getLogger("vigil.worker")


AT_ONCE = 50


async def send_letters(app: App, stopped: Callable[[], bool] = lambda: False) -> bool:
    """The letters that wait, on one line, while a relay takes any. Answers whether there were some."""
    now = app.now()
    waiting = await asyncio.to_thread(letters.granted_letters, app.store, app.settings, now, AT_ONCE)
    if waiting is None:
        return False
    relay, found = waiting
    async with app.channel(relay).line() as line:
        while found and not stopped():
            outcome = await _send(app, line, found[0], now)
            await asyncio.to_thread(letters.letter_done, app.store, found.pop(0), outcome, app.now())
            await asyncio.to_thread(relays.heard, app.store, relay, outcome, app.now())
            if isinstance(outcome, Blocked):
                break
    if found:
        await asyncio.to_thread(letters.spare, app.store, found, app.now())
    return True


async def _send(app: App, line: Line, letter: Letter, now: Instant) -> Outcome:
    """One that cannot be written ends or waits by itself: it must not hold up the alerts behind it."""
    base, sender = app.settings.web.links, app.settings.smtp.sender
    try:
        mail = await asyncio.to_thread(letters.letter_mail, app.store, app.vault, base, letter, now)
        id = message_id(app.vault, letter.id, letter.subscriber_id or "", "letter", sender)
        message = app.render.letter(
            letter.kind, mail.language, link=mail.link, details=mail.details, id=id, date=letter.created_at or now
        )
        return await line.send(mail.to, message, mail.way)
    except VigilError as refusal:
        return Rejected(str(refusal))
    except Exception as bug:
        log.exception("The letter %s could not be made; it is tried again.", letter.id, exc_info=wordless(bug))
        return Retry("our own mistake")
