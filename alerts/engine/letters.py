"""One-off mails: please confirm, here is your link, you are signed off."""

import asyncio

from alerts.bootstrap import App
from alerts.channels import Channel
from alerts.services import delivering, letters


async def send_letters(app: App, channel: Channel) -> bool:
    """The letters that wait, on one line, while the relay takes any. Answers whether there were some."""
    now = app.now()
    relay = await asyncio.to_thread(delivering.relay, app.store)
    if relay.paused_until and relay.paused_until > now:
        return False
    waiting = await asyncio.to_thread(letters.pending_letters, app.store, now, 50)
    async with channel.line() as line:
        for letter in waiting:
            base, sender = app.settings.web.base_url, app.settings.smtp.sender
            mail = await asyncio.to_thread(letters.letter_mail, app.store, app.vault, base, letter, now)
            id = delivering.message_id(app.vault, letter.id, letter.subscriber_id or "", "letter", sender)
            message = app.render.letter(
                letter.kind, mail.language, link=mail.link, details=mail.details, id=id, date=letter.created_at or now
            )
            outcome = await line.send(mail.to, message)
            await asyncio.to_thread(letters.letter_done, app.store, letter, outcome, app.now())
    return bool(waiting)
