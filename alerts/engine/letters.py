"""One-off mails: please confirm, here is your link, we noted your answer, you are signed off."""

import asyncio
import logging

from alerts.bootstrap import App
from alerts.channels import Channel, Line
from alerts.domain.delivery import Outcome, Rejected, Retry
from alerts.domain.errors import VigilError
from alerts.domain.letters import Letter
from alerts.domain.times import Instant
from alerts.services import delivering, letters

log = logging.getLogger("vigil.worker")


async def send_letters(app: App, channel: Channel) -> bool:
    """The letters that wait, on one line, while the relay takes any. Answers whether there were some."""
    now = app.now()
    relay = await asyncio.to_thread(delivering.relay, app.store)
    if relay.paused_until and relay.paused_until > now:
        return False
    waiting = await asyncio.to_thread(letters.pending_letters, app.store, now, 50)
    async with channel.line() as line:
        for letter in waiting:
            outcome = await _send(app, line, letter, now)
            await asyncio.to_thread(letters.letter_done, app.store, letter, outcome, app.now())
    return bool(waiting)


async def _send(app: App, line: Line, letter: Letter, now: Instant) -> Outcome:
    """One that cannot be written ends or waits by itself: it must not hold up the alerts behind it."""
    base, sender = app.settings.web.base_url, app.settings.smtp.sender
    try:
        mail = await asyncio.to_thread(letters.letter_mail, app.store, app.vault, base, letter, now)
        id = delivering.message_id(app.vault, letter.id, letter.subscriber_id or "", "letter", sender)
        message = app.render.letter(
            letter.kind, mail.language, link=mail.link, details=mail.details, id=id, date=letter.created_at or now
        )
        return await line.send(mail.to, message)
    except VigilError as refusal:
        return Rejected(str(refusal))
    except Exception:
        log.exception("The letter %s could not be made; it is tried again.", letter.id)
        return Retry("our own mistake")
